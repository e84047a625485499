//! A sheet: some spaces with everything that decides whether they are free on some days, read at once.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    booking::Booking,
    closure::Closure,
    payer::Payer,
    term::By,
    usage::{self, Usages},
};
use crate::{
    billing::{pass::days::Holdings, rate::PriceList},
    error::Result,
    id::Id,
    locations::{
        hours::{Calendar, Day},
        location::Location,
    },
    members::member::Member,
    spaces::{
        parts::Parts,
        space::{Kind, Space, Which},
    },
    time::{Span, Zone},
};

/// For whom a sheet is read: their own bookings count against their limit, and a hold that their new
/// order would replace is not in their way.
#[derive(Clone, Debug, Default)]
pub struct Asker {
    pub(super) member: Option<Id<Member>>,
    /// Whose limits count beside the member's own.
    pub(super) payer: Payer,
    at_checkout: bool,
    key: Option<String>,
    changing: Option<Changing>,
}

/// A booking that is to be changed: it stands in its own way nowhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Changing {
    id: Id<Booking>,
    pub(super) location: Id<Location>,
    pub(super) during: Span,
    pub(super) people: i32,
    /// When it begins as it is: what has begun goes on.
    pub(super) from: DateTime<Utc>,
    pub(super) by: By,
}

impl Asker {
    /// On the pages, where a new hold takes the place of the one before.
    pub fn member(member: Id<Member>) -> Asker {
        Asker {
            member: Some(member),
            at_checkout: true,
            ..Asker::default()
        }
    }

    /// Through the API, and when a hold is confirmed: their other hold on the pages stands.
    pub fn program(member: Id<Member>) -> Asker {
        Asker {
            member: Some(member),
            ..Asker::default()
        }
    }

    /// For whoever confirms their hold.
    pub fn confirming(hold: &Booking) -> Asker {
        Asker::program(hold.member).paying(Payer::of(hold))
    }

    /// For a booking's member, whose booking is to become another.
    pub fn changing(booking: &Booking) -> Asker {
        Asker {
            member: Some(booking.member),
            payer: Payer::of(booking),
            changing: Some(Changing {
                id: booking.id,
                location: booking.location_id,
                during: booking.during,
                people: booking.people,
                from: booking.during.from,
                by: booking.term.by(),
            }),
            ..Asker::default()
        }
    }

    /// At whose expense, where that is known.
    pub fn paying(self, payer: Payer) -> Asker {
        Asker { payer, ..self }
    }

    pub(super) fn changed(&self) -> Option<Uuid> {
        self.changing.map(|booking| booking.id.get())
    }

    /// With the key of an unproven hold that their browser made.
    pub fn holding(self, key: Option<String>) -> Asker {
        Asker { key, ..self }
    }
}

/// Spaces with everything that decides whether they are free on some days.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub locations: BTreeMap<Id<Location>, Location>,
    pub spaces: Vec<Space>,
    calendars: BTreeMap<Id<Location>, Calendar>,
    closures: Vec<Closure>,
    prices: PriceList,
    /// Which spaces block each other as wholes and parts.
    pub(super) parts: Parts,
    /// What takes each space, in order, holds past their time left out.
    busy: BTreeMap<Id<Space>, Vec<Span>>,
    /// The bookings of the member it was made for.
    pub(super) own: Vec<(Kind, Span)>,
    /// What they and their company have used, at locations whose spaces have limits.
    pub(super) usages: Usages,
    /// How many people are expected when, at locations that take only so many.
    crowds: BTreeMap<Id<Location>, Vec<(Span, i32)>>,
    /// Their passes.
    pub(super) passes: Holdings,
    pub(super) days: (NaiveDate, NaiveDate),
    pub(super) changing: Option<Changing>,
    now: DateTime<Utc>,
}

impl Sheet {
    /// For all days from `first` to `last`.
    pub async fn load(
        db: &mut PgConnection,
        which: Which<'_>,
        (first, last): (NaiveDate, NaiveDate),
        asker: &Asker,
        now: DateTime<Utc>,
    ) -> Result<Sheet> {
        // An end before the start is for the check to refuse, not for the database.
        let last = last.max(first);
        let locations = Location::all(&mut *db).await?;
        let mut spaces = Space::list(&mut *db, which).await?;
        spaces.retain(|space| {
            locations
                .iter()
                .any(|location| location.id == space.location)
        });
        let (from, until) = (first - Duration::days(1), last + Duration::days(2));
        let counted = usage::dates(&spaces, (first, last));
        let (opens, closes) = counted.unwrap_or((from, until));
        let calendars = Calendar::of_all(&mut *db, &locations, opens, closes).await?;
        let window = Span::new(midnight(from), midnight(until));
        Ok(Sheet {
            closures: Closure::within(&mut *db, window).await?,
            prices: PriceList::load(&mut *db).await?,
            busy: busy(&mut *db, &spaces, window, asker).await?,
            crowds: crowds(&mut *db, &locations, &spaces, window, asker).await?,
            parts: Parts::all(&mut *db).await?,
            own: match asker.member {
                Some(member) => own(&mut *db, member, asker.changed(), window).await?,
                None => Vec::new(),
            },
            usages: match counted {
                Some(dates) => usage::load(&mut *db, &spaces, &calendars, asker, dates).await?,
                None => Usages::default(),
            },
            passes: match asker.member {
                Some(member) => {
                    Holdings::of(
                        &mut *db,
                        member,
                        (first, last),
                        asker.at_checkout,
                        asker.changed(),
                    )
                    .await?
                }
                None => Holdings::default(),
            },
            locations: locations
                .into_iter()
                .map(|location| (location.id, location))
                .collect(),
            spaces,
            calendars,
            days: (first, last),
            changing: asker.changing,
            now,
        })
    }

    pub fn closures(&self, space: &Space, during: Span) -> impl Iterator<Item = &Closure> {
        let closures = self.closures.iter();
        let is_closed = move |closure: &Closure| {
            closure.covers(space) || self.parts.kin(space.id).any(|kin| closure.is_of(kin))
        };
        closures.filter(move |closure| closure.during.overlaps(during) && is_closed(closure))
    }

    /// The most people who are expected at one moment of a time.
    pub(super) fn crowd(&self, location: Id<Location>, during: Span) -> i32 {
        let expected = self.crowds.get(&location).map_or(&[][..], Vec::as_slice);
        let at = |moment: DateTime<Utc>| {
            let there = expected
                .iter()
                .filter(|(span, _)| span.from <= moment && moment < span.until);
            there.map(|(_, people)| people).sum::<i32>()
        };
        let starts = expected.iter().map(|(span, _)| span.from);
        let moments = starts.filter(|start| during.from < *start && *start < during.until);
        moments.chain([during.from]).map(at).max().unwrap_or(0)
    }

    pub fn busy(&self, space: &Space) -> &[Span] {
        self.busy.get(&space.id).map_or(&[], Vec::as_slice)
    }

    pub fn find(&self, slug: &str) -> Option<&Space> {
        self.spaces.iter().find(|space| space.slug == slug)
    }

    /// A space's location is always on its own sheet: only open locations' spaces are listed.
    pub fn location(&self, space: &Space) -> &Location {
        &self.locations[&space.location]
    }

    pub fn calendar(&self, space: &Space) -> &Calendar {
        &self.calendars[&space.location]
    }

    pub fn calendar_at(&self, location: Id<Location>) -> Option<&Calendar> {
        self.calendars.get(&location)
    }

    pub fn prices(&self) -> &PriceList {
        &self.prices
    }

    pub fn day(&self, space: &Space, date: NaiveDate) -> Day {
        self.calendar(space).day(date)
    }

    pub fn zone(&self, space: &Space) -> Zone {
        self.calendar(space).zone
    }

    /// The location's own date.
    pub fn today(&self, space: &Space) -> NaiveDate {
        self.zone(space).date(self.now)
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }
}

fn midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(chrono::NaiveTime::MIN).and_utc()
}

/// Rows of a space never overlap, so what touches the window is the last row that starts before it and
/// those that start inside; with those of its parts, or of the wholes that it is a part of. A hold that the asker's next one would replace is not in their way.
async fn busy(
    db: &mut PgConnection,
    spaces: &[Space],
    window: Span,
    asker: &Asker,
) -> Result<BTreeMap<Id<Space>, Vec<Span>>> {
    let ids: Vec<Uuid> = spaces.iter().map(|space| space.id.get()).collect();
    let rows = sqlx::query!(
        r#"select o.space_id as "space_id!", o.occupies as "occupies!"
           from unnest($1::uuid[]) as s (id)
           cross join lateral (
               (select space_id, occupies, held_until, booking_id from occupancies
                where space_id = s.id and active and lower(occupies) < $2
                order by lower(occupies) desc limit 1)
               union all
               (select space_id, occupies, held_until, booking_id from occupancies
                where space_id = s.id and active and lower(occupies) >= $2 and lower(occupies) < $3
                order by lower(occupies))
               union all
               -- Its parts, or the wholes that it is a part of.
               (select s.id, o.occupies, o.held_until, o.booking_id
                from pieces(s.id) piece
                join part_occupancies p on p.space_id = piece and p.active and p.occupies && tstzrange($2, $3)
                join occupancies o on o.id = p.occupancy_id and o.space_id <> s.id)
           ) o
           where upper(o.occupies) > $2 and ($6::uuid is null or o.booking_id <> $6)
             and (o.held_until is null
                  or o.held_until > now() and not exists (
                      select from bookings b
                      where b.id = o.booking_id and b.status = 'held' and b.channel = 'web' and not b.first_refusal
                        and (b.created_by = $4
                             or b.created_by is null
                                and b.id in (select booking_id from idempotency_keys where key = $5))))"#,
        &ids,
        window.from,
        window.until,
        asker.member.filter(|_| asker.at_checkout).map(Id::get),
        asker.key,
        asker.changed(),
    )
    .fetch_all(db)
    .await?;
    let mut busy: BTreeMap<Id<Space>, Vec<Span>> = BTreeMap::new();
    for row in rows {
        busy.entry(row.space_id.into())
            .or_default()
            .push(row.occupies.into());
    }
    for taken in busy.values_mut() {
        taken.sort_by_key(|span| span.from);
        // Two parts of a whole may be taken at once.
        taken.dedup_by(|later, earlier| {
            let overlap = later.overlaps(*earlier);
            if overlap {
                earlier.until = earlier.until.max(later.until);
            }
            overlap
        });
    }
    Ok(busy)
}

/// Whoever is expected at the locations of some spaces that take only so many people. A hold that the asker's next one
/// would replace is not in their way.
async fn crowds(
    db: &mut PgConnection,
    locations: &[Location],
    spaces: &[Space],
    window: Span,
    asker: &Asker,
) -> Result<BTreeMap<Id<Location>, Vec<(Span, i32)>>> {
    let capped = locations.iter().filter(|location| {
        location.most_at_once.is_some() && spaces.iter().any(|space| space.location == location.id)
    });
    let capped: Vec<Uuid> = capped.map(|location| location.id.get()).collect();
    let mut crowds: BTreeMap<Id<Location>, Vec<(Span, i32)>> = BTreeMap::new();
    if capped.is_empty() {
        return Ok(crowds);
    }
    let rows = sqlx::query!(
        r#"select s.location_id, b.during as "during!", b.people from bookings b join spaces s on s.id = b.space_id
           where s.location_id = any($1) and lower(b.during) < $3 and upper(b.during) > $2
             and b.status in ('held', 'pending', 'confirmed', 'checked_in') and b.takes_space
             and (b.hold_expires_at is null or b.hold_expires_at > now())
             and ($4::uuid is null or b.id <> $4)
             and not (b.status = 'held' and b.channel = 'web' and not b.first_refusal
                      and coalesce(b.created_by = $5
                                   or b.created_by is null
                                      and b.id in (select booking_id from idempotency_keys where key = $6), false))"#,
        &capped,
        window.from,
        window.until,
        asker.changed(),
        asker.member.filter(|_| asker.at_checkout).map(Id::get),
        asker.key,
    )
    .fetch_all(db)
    .await?;
    for row in rows {
        let here = crowds.entry(row.location_id.into()).or_default();
        here.push((row.during.into(), row.people));
    }
    Ok(crowds)
}

/// What a member has already; a hold at the checkout is none yet.
async fn own(
    db: &mut PgConnection,
    member: Id<Member>,
    changed: Option<Uuid>,
    window: Span,
) -> Result<Vec<(Kind, Span)>> {
    let rows = sqlx::query!(
        "select s.kind, b.during from bookings b join spaces s on s.id = b.space_id
         where b.member_id = $1 and b.status in ('pending', 'confirmed', 'checked_in')
           and lower(b.during) < $3 and upper(b.during) > $2 and ($4::uuid is null or b.id <> $4)",
        member.get(),
        window.from,
        window.until,
        changed
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok((
                row.kind.parse().map_err(anyhow::Error::msg)?,
                row.during.into(),
            ))
        })
        .collect()
}
