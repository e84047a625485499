//! Changing when a location is open: its week from a date on, single dates, and public holidays. Bookings that
//! would lie outside are named first, and never touched.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, Duration, NaiveDate, NaiveTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    facts,
    holidays::public_holiday,
    hours::{Calendar, Hours, OnHolidays, Week},
    location::Location,
};
use crate::{
    audit,
    bookings::{booking::Booking, locks, term::Term},
    error::Result,
    id::Id,
    members::member::Member,
};

/// What somebody wants of a location's hours.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// From a date on.
    Week {
        from: NaiveDate,
        access: Week,
        staffed: Week,
    },
    /// On one date; no hours means closed.
    Date {
        on: NaiveDate,
        hours: Option<Hours>,
        reason: String,
    },
    /// A date is again as its weekday.
    Usual {
        on: NaiveDate,
    },
    Holidays(OnHolidays),
}

#[derive(Debug)]
pub enum Refusal {
    Stale,
    /// These would lie outside the opening hours.
    Outside(Vec<Booking>),
}

/// Who changes the hours of which location, as they saw it.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    pub member: Id<Member>,
    pub location: &'a Location,
    pub version: i32,
    /// They have seen which bookings lie outside.
    pub seen: bool,
}

impl By<'_> {
    /// Under the locks that bookings take, so that none gets in by the old hours meanwhile.
    pub async fn change(
        self,
        tx: &mut PgConnection,
        wanted: &Wanted,
        now: DateTime<Utc>,
    ) -> Result<Result<(), Refusal>> {
        let id = self.location.id;
        locks::spaces_of(tx, id, None, None, None).await?;
        if facts::lock(tx, id).await? != self.version {
            return Ok(Err(Refusal::Stale));
        }
        if !self.seen {
            let outside = outside(tx, self.location, wanted, now).await?;
            if !outside.is_empty() {
                return Ok(Err(Refusal::Outside(outside)));
            }
        }
        let before = told(tx, self.location, wanted).await?;
        self.write(tx, wanted, now).await?;
        sqlx::query!(
            "update locations set version = version + 1 where id = $1",
            id.get()
        )
        .execute(&mut *tx)
        .await?;
        let detail = json!({"before": before, "after": told(tx, self.location, wanted).await?});
        let by = Some(self.member.get());
        audit::record(tx, by, "change hours", "locations", id.get(), detail).await?;
        Ok(Ok(()))
    }

    async fn write(
        &self,
        tx: &mut PgConnection,
        wanted: &Wanted,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let id = self.location.id.get();
        match wanted {
            Wanted::Week {
                from,
                access,
                staffed,
            } => {
                write_week(&mut *tx, id, "access", *from, access).await?;
                write_week(tx, id, "staffed", *from, staffed).await?;
            }
            Wanted::Date { on, hours, reason } => {
                except(tx, id, *on, *hours, reason).await?;
            }
            Wanted::Usual { on } => {
                sqlx::query!(
                    "delete from hours_exceptions where location_id = $1 and on_date = $2",
                    id,
                    on
                )
                .execute(tx)
                .await?;
            }
            Wanted::Holidays(holidays) => {
                keep_past_holidays(&mut *tx, self.location, now).await?;
                let (rule, hours) = match holidays {
                    OnHolidays::Closed => ("closed", None),
                    OnHolidays::Reduced(hours) => ("reduced", Some(*hours)),
                    OnHolidays::Normal => ("normal", None),
                };
                sqlx::query!(
                    "update locations set holidays = $2, holiday_opens = $3, holiday_closes = $4 where id = $1",
                    id,
                    rule,
                    hours.map(|hours| hours.opens),
                    hours.map(|hours| hours.closes)
                )
                .execute(tx)
                .await?;
            }
        }
        Ok(())
    }
}

async fn write_week(
    tx: &mut PgConnection,
    location: Uuid,
    kind: &str,
    from: NaiveDate,
    week: &Week,
) -> Result<()> {
    sqlx::query!(
        "delete from opening_hours where location_id = $1 and kind = $2 and valid_from = $3",
        location,
        kind,
        from
    )
    .execute(&mut *tx)
    .await?;
    let rows = || {
        week.iter()
            .flat_map(|(day, all)| all.iter().map(move |hours| (*day, *hours)))
    };
    let days: Vec<i16> = rows().map(|(day, _)| day as i16).collect();
    let opens: Vec<NaiveTime> = rows().map(|(_, hours)| hours.opens).collect();
    let closes: Vec<NaiveTime> = rows().map(|(_, hours)| hours.closes).collect();
    sqlx::query!(
        "insert into opening_hours (location_id, kind, valid_from, weekday, opens, closes)
         select $1, $2, $3, day, opens, closes from unnest($4::smallint[], $5::time[], $6::time[]) as w (day, opens, closes)",
        location,
        kind,
        from,
        &days,
        &opens,
        &closes
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn except(
    tx: &mut PgConnection,
    location: Uuid,
    on: NaiveDate,
    hours: Option<Hours>,
    reason: &str,
) -> Result<()> {
    sqlx::query!(
        "insert into hours_exceptions (location_id, on_date, opens, closes, reason) values ($1, $2, $3, $4, $5)
         on conflict (location_id, on_date) do update
         set opens = excluded.opens, closes = excluded.closes, reason = excluded.reason",
        location,
        on,
        hours.map(|hours| hours.opens),
        hours.map(|hours| hours.closes),
        reason
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What the holidays of the last two years were stays as it was, written down date by date.
async fn keep_past_holidays(
    tx: &mut PgConnection,
    location: &Location,
    now: DateTime<Utc>,
) -> Result<()> {
    let today = location.zone.date(now);
    let first = today - Days::new(730);
    let only = std::slice::from_ref(location);
    let calendars = Calendar::of_all(&mut *tx, only, first, today).await?;
    let Some(calendar) = calendars.get(&location.id) else {
        return Ok(());
    };
    for date in first.iter_days().take_while(|date| *date < today) {
        let Some(name) = public_holiday(date).filter(|_| !calendar.exceptions.contains_key(&date))
        else {
            continue;
        };
        let was = match calendar.holidays {
            OnHolidays::Closed => None,
            OnHolidays::Reduced(hours) => Some(hours),
            OnHolidays::Normal => continue,
        };
        let is_usually_open =
            |week: &Week| week.contains_key(&chrono::Datelike::weekday(&date).number_from_monday());
        if is_usually_open(calendar.week_on(date)) {
            except(&mut *tx, location.id.get(), date, was, name).await?;
        }
    }
    Ok(())
}

/// The hours that a change is about, as they stand.
async fn told(tx: &mut PgConnection, location: &Location, wanted: &Wanted) -> Result<Value> {
    let id = location.id.get();
    Ok(match wanted {
        Wanted::Week { from, .. } => {
            let only = std::slice::from_ref(location);
            let calendars = Calendar::of_all(tx, only, *from, *from + Days::new(1)).await?;
            let week = calendars.get(&location.id).map(|calendar| {
                let days = calendar.week_on(*from).iter();
                days.map(|(day, hours)| (day.to_string(), clocks(hours)))
                    .collect::<BTreeMap<String, String>>()
            });
            json!({"from": from, "week": week})
        }
        Wanted::Date { on, .. } | Wanted::Usual { on } => {
            let row = sqlx::query!(
                "select opens, closes, reason from hours_exceptions where location_id = $1 and on_date = $2",
                id,
                on
            )
            .fetch_optional(tx)
            .await?;
            row.map_or(json!({"date": on, "hours": "as usual"}), |row| {
                let hours = row.opens.zip(row.closes);
                let hours = hours.map(|(opens, closes)| clocks(&[Hours { opens, closes }]));
                json!({"date": on, "hours": hours.unwrap_or("closed".into()), "reason": row.reason})
            })
        }
        Wanted::Holidays(_) => {
            let rule = sqlx::query_scalar!("select holidays from locations where id = $1", id)
                .fetch_one(tx)
                .await?;
            json!({"holidays": rule})
        }
    })
}

/// `07:00-12:00, 13:00-18:00`, as forms take it.
pub fn clocks(hours: &[Hours]) -> String {
    let one = |hours: &Hours| {
        format!(
            "{}-{}",
            hours.opens.format("%H:%M"),
            hours.closes.format("%H:%M")
        )
    };
    hours.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The bookings ahead that lie within the hours as they stand, and would not within those that are wanted.
async fn outside(
    tx: &mut PgConnection,
    location: &Location,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<Vec<Booking>> {
    let bookings = ahead(&mut *tx, location.id, now).await?;
    let today = location.zone.date(now);
    let last = bookings
        .iter()
        .map(|booking| location.zone.date(booking.during.until))
        .max();
    let Some(last) = last else {
        return Ok(Vec::new());
    };
    let only = std::slice::from_ref(location);
    let calendars = Calendar::of_all(tx, only, today, last.max(today) + Duration::days(1)).await?;
    let Some(is) = calendars.get(&location.id) else {
        return Ok(Vec::new());
    };
    let mut new = is.clone();
    match wanted {
        Wanted::Week { from, access, .. } => {
            new.later.retain(|(date, _)| date != from);
            let at = new.later.partition_point(|(date, _)| date < from);
            new.later.insert(at, (*from, access.clone()));
        }
        Wanted::Date { on, hours, reason } => {
            new.exceptions.insert(*on, (*hours, reason.clone()));
        }
        Wanted::Usual { on } => {
            new.exceptions.remove(on);
        }
        Wanted::Holidays(holidays) => new.holidays = *holidays,
    }
    let hit = bookings
        .into_iter()
        .filter(|booking| lies_within(is, booking) && !lies_within(&new, booking));
    Ok(hit.collect())
}

/// Weeks and months run over nights and closed days.
fn lies_within(calendar: &Calendar, booking: &Booking) -> bool {
    match booking.term {
        Term::Time(span) => calendar
            .opening_at(span.from)
            .is_some_and(|opening| opening.span.contains(span)),
        Term::Days { first, last } => {
            let mut days = first.iter_days().take_while(|date| *date <= last);
            days.all(|date| !calendar.day(date).is_closed())
        }
        Term::Let(_) => true,
    }
}

async fn ahead(
    db: &mut PgConnection,
    location: Id<Location>,
    now: DateTime<Utc>,
) -> Result<Vec<Booking>> {
    let ids = sqlx::query_scalar!(
        "select b.id from spaces s join bookings b on b.space_id = s.id
         where s.location_id = $1 and upper(b.during) > $2
           and (b.status in ('pending', 'confirmed', 'checked_in') or b.status = 'held' and b.hold_expires_at > now())",
        location.get(),
        now
    )
    .fetch_all(&mut *db)
    .await?;
    let mut bookings: Vec<Booking> = Booking::by_ids(db, &ids).await?.into_values().collect();
    bookings.sort_by_key(|booking| booking.during.from);
    Ok(bookings)
}

/// The dates to come on which hours differ, and why.
#[derive(Clone, Debug)]
pub struct Exception {
    pub on: NaiveDate,
    pub hours: Option<Hours>,
    pub reason: String,
}

impl Exception {
    pub async fn of(
        db: &mut PgConnection,
        location: Id<Location>,
        since: NaiveDate,
    ) -> Result<Vec<Exception>> {
        let rows = sqlx::query!(
            "select on_date, opens, closes, reason from hours_exceptions
             where location_id = $1 and on_date >= $2 order by on_date limit 400",
            location.get(),
            since
        )
        .fetch_all(db)
        .await?;
        let exceptions = rows.into_iter().map(|row| Exception {
            on: row.on_date,
            hours: row
                .opens
                .zip(row.closes)
                .map(|(opens, closes)| Hours { opens, closes }),
            reason: row.reason,
        });
        Ok(exceptions.collect())
    }
}
