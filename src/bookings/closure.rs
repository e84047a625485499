//! Maintenance, a burst pipe, a private event: a time in which a space, zone, floor or location takes no new bookings.

pub mod closing;
pub mod place;
pub mod proposal;
pub mod record;
pub mod worklist;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, postgres::types::PgRange};
use uuid::Uuid;

pub use self::worklist::hit;
use crate::{
    error::Result,
    id::Id,
    locations::location::Location,
    spaces::space::Space,
    time::{Span, Zone, long_date},
};

#[derive(Clone, Debug)]
pub struct Closure {
    location: Uuid,
    floor: Option<Uuid>,
    zone: Option<Uuid>,
    space: Option<Uuid>,
    pub during: Span,
    /// What everybody may read.
    pub wording: String,
}

impl Closure {
    /// Every closure in force that touches the window.
    pub async fn within(db: &mut PgConnection, window: Span) -> Result<Vec<Closure>> {
        let closures = sqlx::query_as!(
            Closure,
            r#"select location_id as location, floor_id as floor, zone_id as zone, space_id as space,
                      in_force as "during!", wording
               from closures where in_force && tstzrange($1, $2) order by in_force"#,
            window.from,
            window.until
        )
        .fetch_all(db)
        .await?;
        Ok(closures)
    }

    /// It closes one space alone: that ends even a let, which a floor's or a location's closure leaves standing.
    pub fn is_of_one_space(&self) -> bool {
        self.space.is_some()
    }

    /// It closes this space alone.
    pub fn is_of(&self, space: Id<Space>) -> bool {
        self.space == Some(space.get())
    }

    pub fn covers(&self, space: &Space) -> bool {
        match (self.space, self.zone, self.floor) {
            (Some(id), ..) => id == space.id.get(),
            (_, Some(id), _) => Some(id) == space.zone,
            (_, _, Some(id)) => id == space.floor,
            _ => self.location == space.location.get(),
        }
    }
}

/// How long before a closure begins people are told of it.
const AHEAD_DAYS: i32 = 14;

/// A closure as people read it on the pages of what it closes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// `Umhlanga` or `Level 2 of Umhlanga`; empty where the page itself is about what is closed.
    pub what: String,
    pub wording: String,
    /// `Closed until Tue 1 December 14:00`, `Closed until further notice`.
    pub when: String,
    pub is_now: bool,
}

impl Notice {
    /// What closes a space, or a whole location (or any) and its parts but for single spaces: running, or to
    /// begin within 14 days.
    pub async fn of(
        db: &mut PgConnection,
        location: Option<Id<Location>>,
        space: Option<Id<Space>>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Notice>> {
        let rows = sqlx::query_as!(
            NoticeRow,
            r#"select l.name as location, l.time_zone, c.in_force as "during!", c.wording,
                      coalesce(f.name || case when z.name is null then '' else ', ' || z.name end, '') as "part!"
               from closures c
               join locations l on l.id = c.location_id
               left join zones z on z.id = c.zone_id
               left join floors f on f.id = coalesce(c.floor_id, z.floor_id)
               where c.in_force && tstzrange($3::timestamptz, $3::timestamptz + make_interval(days => $4)) and ($1::uuid is null or c.location_id = $1)
                 and case when $2::uuid is null then c.space_id is null
                          else exists (select from closed_spaces x where x.closure_id = c.id and x.space_id = $2) end
               order by lower(c.in_force), c.id"#,
            location.map(Id::get),
            space.map(Id::get),
            now,
            AHEAD_DAYS
        )
        .fetch_all(db)
        .await?;
        rows.into_iter()
            .map(|row| row.notice(space.is_some(), now))
            .collect()
    }
}

struct NoticeRow {
    location: String,
    time_zone: String,
    during: PgRange<DateTime<Utc>>,
    wording: String,
    part: String,
}

impl NoticeRow {
    fn notice(self, of_one_space: bool, now: DateTime<Utc>) -> Result<Notice> {
        let zone = Zone::named(&self.time_zone)?;
        let during = Span::from(self.during);
        Ok(Notice {
            what: match (of_one_space, self.part.is_empty()) {
                (true, _) => String::new(),
                (false, true) => self.location,
                (false, false) => format!("{} of {}", self.part, self.location),
            },
            when: words(during, zone, now),
            is_now: during.from <= now,
            wording: self.wording,
        })
    }
}

/// `Closed until Tue 1 December 14:00`, `Closed from Tue 1 December 12:00 to 18:00`.
pub fn words(during: Span, zone: Zone, now: DateTime<Utc>) -> String {
    let today = zone.date(now);
    let moment = |at: DateTime<Utc>, beside| match zone.date(at) {
        date if date == beside => zone.clock(at),
        date => format!("{} {}", long_date(date, today), zone.clock(at)),
    };
    let is_open_ended = during.until == DateTime::<Utc>::MAX_UTC;
    match (during.from <= now, is_open_ended) {
        (true, true) => "Closed until further notice".to_owned(),
        (true, false) => format!("Closed until {}", moment(during.until, today)),
        (false, true) => format!(
            "Closed from {} until further notice",
            moment(during.from, today)
        ),
        (false, false) => format!(
            "Closed from {} to {}",
            moment(during.from, today),
            moment(during.until, zone.date(during.from))
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closure_says_until_when() {
        let zone = Zone::named("Africa/Johannesburg").unwrap();
        let at = |text: &str| zone.instant(text.parse().unwrap()).unwrap();
        let now = at("2026-11-24T09:00:00");
        let said = |from: &str, until: Option<&str>| {
            let until = until.map_or(DateTime::<Utc>::MAX_UTC, at);
            words(Span::new(at(from), until), zone, now)
        };
        assert_eq!(
            said("2026-11-24T08:00:00", None),
            "Closed until further notice"
        );
        assert_eq!(
            said("2026-11-24T08:00:00", Some("2026-11-24T14:00:00")),
            "Closed until 14:00"
        );
        assert_eq!(
            said("2026-11-24T12:00:00", None),
            "Closed from 12:00 until further notice"
        );
        assert_eq!(
            said("2026-12-01T12:00:00", Some("2026-12-01T18:00:00")),
            "Closed from Tue 1 December 12:00 to 18:00"
        );
    }
}
