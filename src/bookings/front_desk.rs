//! What the front desk sees of today: who is expected, who is late, and which holds are about to end.

use chrono::{DateTime, Duration, Utc};
use sqlx::{PgConnection, postgres::types::PgRange};

use crate::{
    error::Result,
    id::Id,
    locations::location::Location,
    spaces::space::Kind,
    time::{Span, Zone},
};

/// After so long past the start somebody who has not come is late.
const LATE_AFTER: Duration = Duration::minutes(10);

/// A booking that takes a part of today, by its location's calendar.
#[derive(Clone, Debug)]
pub struct Visit {
    pub reference: String,
    pub location: Id<Location>,
    pub zone: Zone,
    pub space: String,
    pub kind: Kind,
    /// The space's among its kind.
    position: i32,
    pub member: String,
    /// The companies they belong to.
    pub company: String,
    /// E.164.
    pub phone: Option<String>,
    pub people: i32,
    pub title: String,
    pub during: Span,
    pub stage: Stage,
}

/// How far a visit is, in the order in which it asks for the front desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Late,
    Due,
    Here,
    Over,
}

impl Visit {
    /// Today's visits, at one location or all, the earliest first.
    pub async fn today(
        db: &mut PgConnection,
        location: Option<Id<Location>>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Visit>> {
        let rows = sqlx::query_as!(
            Row,
            r#"select distinct b.id, b.reference, l.id as location_id, l.time_zone, s.name as space, s.kind, s.position, m.name as member,
                      coalesce((select string_agg(c.name, ', ' order by c.name) from company_people p
                                join companies c on c.id = p.company_id where p.member_id = m.id), '') as "company!",
                      m.phone, b.people, b.title, b.during as "during!", b.status
               from locations l
               cross join lateral (select date_trunc('day', $2 at time zone l.time_zone) as midnight) today
               cross join lateral (select tstzrange(midnight at time zone l.time_zone,
                                                    (midnight + interval '1 day') at time zone l.time_zone) as span) day
               join spaces s on s.location_id = l.id
               join occupancies o on o.space_id = s.id and o.active and o.occupies && day.span
               join bookings b on b.id = o.booking_id
                              and b.status in ('confirmed', 'checked_in', 'completed') and b.during && day.span
               join members m on m.id = b.member_id
               where ($1::uuid is null or l.id = $1)"#,
            location.map(Id::get),
            now,
        )
        .fetch_all(db)
        .await?;
        let mut visits = rows
            .into_iter()
            .map(|row| row.visit(now))
            .collect::<Result<Vec<_>>>()?;
        visits.sort_by_key(|visit| (visit.during.from, visit.kind, visit.position));
        Ok(visits)
    }
}

struct Row {
    #[expect(dead_code, reason = "keeps apart what is else alike")]
    id: uuid::Uuid,
    reference: String,
    location_id: uuid::Uuid,
    time_zone: String,
    space: String,
    kind: String,
    position: i32,
    member: String,
    company: String,
    phone: Option<String>,
    people: i32,
    title: String,
    during: PgRange<DateTime<Utc>>,
    status: String,
}

impl Row {
    fn visit(self, now: DateTime<Utc>) -> Result<Visit> {
        let during = Span::from(self.during);
        Ok(Visit {
            stage: stage(&self.status, during, now),
            location: self.location_id.into(),
            zone: Zone::named(&self.time_zone)?,
            kind: self.kind.parse().map_err(anyhow::Error::msg)?,
            reference: self.reference,
            space: self.space,
            position: self.position,
            member: self.member,
            company: self.company,
            phone: self.phone,
            people: self.people,
            title: self.title,
            during,
        })
    }
}

fn stage(status: &str, during: Span, now: DateTime<Utc>) -> Stage {
    match status {
        _ if during.until <= now => Stage::Over,
        "completed" => Stage::Over,
        "checked_in" => Stage::Here,
        _ if during.from + LATE_AFTER < now => Stage::Late,
        _ => Stage::Due,
    }
}

/// A time that is held for somebody who has not confirmed it.
#[derive(Clone, Debug)]
pub struct Hold {
    pub reference: String,
    pub zone: Zone,
    pub location: String,
    pub space: String,
    pub member: String,
    /// E.164.
    pub phone: Option<String>,
    pub during: Span,
    pub until: DateTime<Utc>,
}

impl Hold {
    /// Those that end soonest first, by the database's clock.
    pub async fn running(
        db: &mut PgConnection,
        location: Option<Id<Location>>,
    ) -> Result<Vec<Hold>> {
        let rows = sqlx::query!(
            r#"select b.reference, l.time_zone, l.name as location, s.name as space, m.name as member, m.phone,
                      b.during as "during!", b.hold_expires_at as "until!"
               from bookings b
               join spaces s on s.id = b.space_id
               join locations l on l.id = s.location_id
               join members m on m.id = b.member_id
               where b.status = 'held' and b.hold_expires_at > now() and ($1::uuid is null or l.id = $1)
               order by b.hold_expires_at limit 50"#,
            location.map(Id::get),
        )
        .fetch_all(db)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Hold {
                    reference: row.reference,
                    zone: Zone::named(&row.time_zone)?,
                    location: row.location,
                    space: row.space,
                    member: row.member,
                    phone: row.phone,
                    during: row.during.into(),
                    until: row.until,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_is_ten_minutes_after_the_start() {
        let from: DateTime<Utc> = "2026-11-24T07:00:00Z".parse().unwrap();
        let during = Span::new(from, from + Duration::hours(2));
        let at = |status, minutes| stage(status, during, from + Duration::minutes(minutes));
        assert_eq!(at("confirmed", -5), Stage::Due);
        assert_eq!(at("confirmed", 10), Stage::Due);
        assert_eq!(at("confirmed", 11), Stage::Late);
        assert_eq!(at("checked_in", 11), Stage::Here);
        assert_eq!(at("checked_in", 120), Stage::Over);
        assert_eq!(at("confirmed", 120), Stage::Over);
    }
}
