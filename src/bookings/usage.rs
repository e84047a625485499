//! What a member and their company have used of each kind, by dates of a location's calendar, and whether the
//! limits leave what is asked for.
//!
//! Bookings that stand or have been count, whether or not anybody came; cancelled, declined and expired ones
//! do not, nor does a hold at the checkout. A booking that is to be changed never counts against itself.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use sqlx::{PgConnection, postgres::types::PgRange};
use uuid::Uuid;

use super::{
    leave::Leave,
    limit::{Account, Limit, Period, Unit, Whose},
    payer::Payer,
    policy::Policy,
    refusal::Refusal,
    sheet::{Asker, Sheet},
    term::Term,
};
use crate::{
    error::Result,
    id::Id,
    locations::{hours::Calendar, location::Location},
    spaces::space::{Kind, Space},
    time::{Span, Zone},
};

/// A part of a booking on one local date, in minutes.
pub type Piece = (NaiveDate, i64);

/// What is used at the dates of one location's calendar.
#[derive(Clone, Debug, Default)]
pub(super) struct Usage {
    me: Option<Uuid>,
    mine: Tally,
    company: Option<String>,
    ours: Tally,
    /// By the booking that is to be changed.
    changed: Tally,
}

type Tally = BTreeMap<(Kind, NaiveDate), Used>;

#[derive(Clone, Debug, Default)]
struct Used {
    minutes: i64,
    people: BTreeSet<Uuid>,
}

pub(super) type Usages = BTreeMap<Id<Location>, Usage>;

/// The dates of whole weeks and months around some, where any of the spaces has limits.
pub(super) fn dates(
    spaces: &[Space],
    (first, last): (NaiveDate, NaiveDate),
) -> Option<(NaiveDate, NaiveDate)> {
    let limited = spaces.iter().any(|space| !space.policy.limits.is_empty());
    limited.then(|| (first - Duration::days(38), last + Duration::days(38)))
}

/// For the locations of spaces that have limits; the calendars reach over `dates`.
pub(super) async fn load(
    db: &mut PgConnection,
    spaces: &[Space],
    calendars: &BTreeMap<Id<Location>, Calendar>,
    asker: &Asker,
    dates: (NaiveDate, NaiveDate),
) -> Result<Usages> {
    let limited = spaces
        .iter()
        .filter(|space| !space.policy.limits.is_empty());
    let mut usages: Usages = limited
        .map(|space| (space.location, Usage::default()))
        .collect();
    let Some(member) = asker.member else {
        return Ok(usages);
    };
    let company = asker.company(&mut *db).await?;
    let rows = sqlx::query_as!(
        Row,
        r#"select b.id, s.kind, s.location_id, b.member_id, b.term, b.during as "during!",
                  b.member_id = $1 as "mine!", coalesce(a.company_id = $2, false) as "ours!"
           from bookings b
           join spaces s on s.id = b.space_id
           join accounts a on a.id = b.account_id
           where (b.member_id = $1 or b.account_id in (select id from accounts where company_id = $2))
             and lower(b.during) < $4 and upper(b.during) > $3
             and (b.status in ('pending', 'confirmed', 'checked_in', 'completed', 'no_show')
                  or b.status = 'held' and b.hold_expires_at > now() and b.created_by <> b.member_id)"#,
        member.get(),
        company.as_ref().map(|(id, _)| *id),
        midnight(dates.0),
        midnight(dates.1),
    )
    .fetch_all(db)
    .await?;
    for (location, usage) in &mut usages {
        usage.me = Some(member.get());
        usage.company = company.as_ref().map(|(_, name)| name.clone());
        let Some(calendar) = calendars.get(location) else {
            continue;
        };
        for row in &rows {
            let pieces = row.pieces(calendar.zone, calendars.get(&row.location_id.into()));
            let kind = row.kind.parse().map_err(anyhow::Error::msg)?;
            let is_changed = asker.changed() == Some(row.id);
            if is_changed {
                add(&mut usage.changed, kind, row.member_id, &pieces);
            }
            if row.mine && !is_changed {
                add(&mut usage.mine, kind, row.member_id, &pieces);
            }
            if row.ours && !is_changed {
                add(&mut usage.ours, kind, row.member_id, &pieces);
            }
        }
    }
    Ok(usages)
}

fn add(tally: &mut Tally, kind: Kind, member: Uuid, pieces: &[Piece]) {
    for (date, minutes) in pieces {
        let used = tally.entry((kind, *date)).or_default();
        used.minutes += minutes;
        used.people.insert(member);
    }
}

fn midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(NaiveTime::MIN).and_utc()
}

struct Row {
    id: Uuid,
    kind: String,
    location_id: Uuid,
    member_id: Uuid,
    term: String,
    during: PgRange<DateTime<Utc>>,
    mine: bool,
    ours: bool,
}

impl Row {
    fn pieces(&self, zone: Zone, own: Option<&Calendar>) -> Vec<Piece> {
        let during = Span::from(self.during);
        pieces(zone, own.filter(|_| self.term == "day"), during)
    }
}

/// By the day what is open of it; else all that passes, split at each local midnight.
fn pieces(zone: Zone, by_day: Option<&Calendar>, during: Span) -> Vec<Piece> {
    let Some(calendar) = by_day else {
        return split(zone, during);
    };
    let dates = calendar.zone.date(during.from).iter_days();
    let dates = dates.take_while(|date| midnight_of(calendar.zone, *date) < during.until);
    let openings = dates.filter_map(|date| cut(calendar.day(date).span(), during));
    let pieces: Vec<Piece> = openings.flat_map(|span| split(zone, span)).collect();
    match pieces.is_empty() {
        true => split(zone, during),
        false => pieces,
    }
}

fn cut(opening: Option<Span>, during: Span) -> Option<Span> {
    let opening = opening?;
    let cut = Span::new(
        opening.from.max(during.from),
        opening.until.min(during.until),
    );
    (!cut.is_empty()).then_some(cut)
}

fn midnight_of(zone: Zone, date: NaiveDate) -> DateTime<Utc> {
    zone.first_instant(date.and_time(NaiveTime::MIN))
}

/// At each local midnight; what is elapsed counts, whatever the clocks do.
fn split(zone: Zone, span: Span) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut from = span.from;
    while from < span.until {
        let date = zone.date(from);
        let until = midnight_of(zone, date + Duration::days(1)).min(span.until);
        if until <= from {
            break;
        }
        pieces.push((date, Span::new(from, until).minutes()));
        from = until;
    }
    pieces
}

impl Usage {
    fn tally(&self, whose: Whose) -> Option<&Tally> {
        match whose {
            Whose::Member => Some(&self.mine),
            Whose::Company => self.company.as_ref().map(|_| &self.ours),
        }
    }

    /// What is used within a period, in the limit's unit.
    fn used(&self, kind: Kind, limit: &Limit, period: Period) -> i64 {
        self.tally(limit.whose)
            .map_or(0, |tally| sum(tally, kind, limit.unit, period))
    }

    /// What some pieces add to it: a day that one comes on already adds nothing.
    fn added(&self, kind: Kind, limit: &Limit, period: Period, pieces: &[Piece]) -> i64 {
        let within = pieces
            .iter()
            .filter(|(date, _)| period.first <= *date && *date <= period.last);
        match limit.unit {
            Unit::Hours => within.map(|(_, minutes)| minutes).sum(),
            Unit::Days => {
                let comes = |date: NaiveDate| {
                    let tally = self.tally(limit.whose);
                    let used = tally.and_then(|tally| tally.get(&(kind, date)));
                    used.is_some_and(|used| self.me.is_some_and(|me| used.people.contains(&me)))
                };
                let dates: BTreeSet<NaiveDate> = within.map(|(date, _)| *date).collect();
                dates.into_iter().filter(|date| !comes(*date)).count() as i64
            }
        }
    }
}

fn sum(tally: &Tally, kind: Kind, unit: Unit, period: Period) -> i64 {
    let dates = tally.range((kind, period.first)..=(kind, period.last));
    let used = dates.map(|(_, used)| match unit {
        Unit::Hours => used.minutes,
        Unit::Days => used.people.len() as i64,
    });
    used.sum()
}

impl Sheet {
    /// Refuses what a limit of the space's policy does not leave to who asks.
    pub(super) fn limited(
        &self,
        space: &Space,
        (term, during): (&Term, Span),
        leave: &mut Leave,
    ) -> Result<(), Refusal> {
        if space.policy.limits.is_empty() {
            return Ok(());
        }
        let over = self.over(space, &self.pieces(space, term, during));
        over.into_iter().try_for_each(|over| leave.rule(over))
    }

    /// Whether what is held for somebody is still within their limits, whatever they booked meanwhile.
    pub(super) fn still_within(
        &self,
        space: &Space,
        (term, during): (&Term, Span),
    ) -> Result<(), Refusal> {
        if let Some(most) = space.policy.max_at_once
            && self.own_at_once(space.kind, during) >= most
        {
            return Err(Refusal::TooManyAtOnce { count: most });
        }
        self.limited(space, (term, during), &mut Leave::default())
    }

    fn pieces(&self, space: &Space, term: &Term, during: Span) -> Vec<Piece> {
        let calendar = self.calendar(space);
        let by_day = matches!(term, Term::Days { .. }).then_some(calendar);
        pieces(calendar.zone, by_day, during)
    }

    fn over(&self, space: &Space, pieces: &[Piece]) -> Vec<Refusal> {
        let limits = space.policy.limits.iter();
        let accounts = limits.flat_map(|limit| self.accounts(space, limit, pieces));
        let over = accounts.filter(|account| account.used + account.asked > account.limit.amount());
        over.map(|account| Refusal::OverLimit(Box::new(account)))
            .collect()
    }

    /// What a limit leaves in each of its times that some pieces touch and add to.
    fn accounts(&self, space: &Space, limit: &Limit, pieces: &[Piece]) -> Vec<Account> {
        let none = Usage::default();
        let usage = self.usages.get(&space.location).unwrap_or(&none);
        if limit.whose == Whose::Company && usage.company.is_none() {
            return Vec::new();
        }
        let starts = self.location(space).week_starts;
        let mut accounts: Vec<Account> = Vec::new();
        for (date, _) in pieces {
            let period = limit.per.around(*date, starts);
            let asked = usage.added(space.kind, limit, period, pieces);
            // To give up time is never too much.
            let gives_up = asked <= sum(&usage.changed, space.kind, limit.unit, period);
            if asked == 0 || gives_up || accounts.iter().any(|known| known.period == period) {
                continue;
            }
            accounts.push(Account {
                limit: *limit,
                company: usage
                    .company
                    .clone()
                    .filter(|_| limit.whose == Whose::Company),
                kind: space.kind.plural().to_lowercase(),
                period,
                used: usage.used(space.kind, limit, period),
                asked,
                today: self.today(space),
            });
        }
        accounts
    }

    /// How far who asks has come in each limit of a space, in the time around a date, a sentence each.
    pub fn stand(&self, space: &Space, date: NaiveDate) -> Vec<String> {
        let Some(usage) = self.usages.get(&space.location) else {
            return Vec::new();
        };
        let limits = space.policy.limits.iter().filter(|limit| {
            usage.me.is_some() && (limit.whose == Whose::Member || usage.company.is_some())
        });
        let stand = |limit: &Limit| {
            let period = limit.per.around(date, self.location(space).week_starts);
            let account = Account {
                limit: *limit,
                company: usage
                    .company
                    .clone()
                    .filter(|_| limit.whose == Whose::Company),
                kind: space.kind.plural().to_lowercase(),
                period,
                used: usage.used(space.kind, limit, period),
                asked: 0,
                today: self.today(space),
            };
            account.stand()
        };
        limits.map(stand).collect()
    }

    /// As if a time were booked: what comes after it in one batch is checked with it.
    pub fn suppose(&mut self, space: &Space, term: &Term, during: Span) {
        let pieces = self.pieces(space, term, during);
        self.own.push((space.kind, during));
        for usage in self.usages.values_mut() {
            let Some(me) = usage.me else { continue };
            add(&mut usage.mine, space.kind, me, &pieces);
            if usage.company.is_some() {
                add(&mut usage.ours, space.kind, me, &pieces);
            }
        }
    }

    /// The sheet under another policy, which somebody is trying out.
    pub async fn under(
        mut self,
        db: &mut PgConnection,
        policy: &Policy,
        asker: &Asker,
    ) -> Result<Sheet> {
        for space in &mut self.spaces {
            space.policy = policy.clone();
        }
        if let Some(dates) = dates(&self.spaces, self.days) {
            let locations: Vec<Location> = self.locations.values().cloned().collect();
            let calendars = Calendar::of_all(&mut *db, &locations, dates.0, dates.1).await?;
            self.usages = load(db, &self.spaces, &calendars, asker, dates).await?;
        }
        Ok(self)
    }
}

impl Asker {
    /// The company that pays, by what was said or is usual, with its name.
    async fn company(&self, db: &mut PgConnection) -> Result<Option<(Uuid, String)>> {
        let Some(member) = self.member else {
            return Ok(None);
        };
        let slug = match &self.payer {
            Payer::Member => return Ok(None),
            Payer::Company(slug) => Some(slug.as_str()),
            Payer::Usual => None,
        };
        let company = sqlx::query!(
            "select id, name from companies
             where slug = coalesce($2, (select c.slug from members m
                                        join company_people p on p.member_id = m.id and p.company_id = m.paying_company_id
                                        join companies c on c.id = p.company_id
                                        where m.id = $1 and p.role <> 'guest'))",
            member.get(),
            slug
        )
        .fetch_optional(db)
        .await?;
        Ok(company.map(|company| (company.id, company.name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_midnight_counts_on_both_days_and_by_the_time_that_passes() {
        // cases B8, B14
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let pieces = |zone: &str, from: &str, until: &str| {
            let zone = Zone::named(zone).unwrap();
            let pieces = split(zone, Span::new(at(from), at(until)));
            let words = pieces
                .into_iter()
                .map(|(date, minutes)| format!("{date} {minutes}"));
            words.collect::<Vec<_>>().join(", ")
        };
        assert_eq!(
            pieces(
                "Africa/Johannesburg",
                "2026-11-30T20:00:00Z",
                "2026-11-30T23:30:00Z"
            ),
            "2026-11-30 120, 2026-12-01 90"
        );
        assert_eq!(
            pieces(
                "Pacific/Auckland",
                "2026-11-23T11:30:00Z",
                "2026-11-23T12:30:00Z"
            ),
            "2026-11-24 60"
        );
        // The hour from two to three happens twice in Paris that night.
        assert_eq!(
            pieces(
                "Europe/Paris",
                "2026-10-24T22:00:00Z",
                "2026-10-25T23:00:00Z"
            ),
            "2026-10-25 1500"
        );
    }
}
