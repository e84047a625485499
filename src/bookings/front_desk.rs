//! Whom the front desk expects today: who is to come, who is late, who is here.

use chrono::{DateTime, Duration, Utc};
use sqlx::{PgConnection, postgres::types::PgRange};

use super::{booking::Status, guests::Guest};
use crate::{
    error::Result,
    id::Id,
    locations::location::Location,
    members::find::plain,
    spaces::space::Kind,
    time::{Span, Zone},
};

/// After so long past the start somebody who has not come is late.
pub(super) const LATE_AFTER: Duration = Duration::minutes(10);

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
    /// Whom they have invited, and who has not said that they cannot come.
    pub guests: Vec<Guest>,
    pub during: Span,
    pub stage: Stage,
    pub status: Status,
    pub version: i32,
    pub arrived_at: Option<DateTime<Utc>>,
    pub left_at: Option<DateTime<Utc>>,
    /// Its last day is today.
    pub ends_today: bool,
    /// Nobody has come for the room in its time of grace, and the policy asks the front desk about it.
    pub asks: bool,
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
                      m.phone, b.people, b.title, b.during as "during!", b.status, b.version, b.arrived_at, b.left_at,
                      upper(b.during) <= upper(day.span) as "ends_today!",
                      b.status = 'confirmed' and b.term = 'time' and p.unused = 'ask' and upper(b.during) > $2
                      and lower(b.during) + make_interval(mins => p.grace_minutes) <= $2
                      and (b.kept_until is null or b.kept_until <= $2) as "asks!"
               from locations l
               cross join lateral (select date_trunc('day', $2 at time zone l.time_zone) as midnight) today
               cross join lateral (select tstzrange(midnight at time zone l.time_zone,
                                                    (midnight + interval '1 day') at time zone l.time_zone) as span) day
               join spaces s on s.location_id = l.id
               join booking_policies p on p.id = s.policy_id
               cross join lateral (
                   (select booking_id from occupancies
                    where space_id = s.id and active and lower(occupies) < lower(day.span)
                    order by lower(occupies) desc limit 1)
                   union all
                   (select booking_id from occupancies
                    where space_id = s.id and active and lower(occupies) >= lower(day.span)
                      and lower(occupies) < upper(day.span))) o
               join bookings b on b.id = o.booking_id
                              and b.status in ('confirmed', 'checked_in', 'completed', 'no_show') and b.during && day.span
               join members m on m.id = b.member_id
               where ($1::uuid is null or l.id = $1)"#,
            location.map(Id::get),
            now,
        )
        .fetch_all(&mut *db)
        .await?;
        let ids: Vec<uuid::Uuid> = rows.iter().map(|row| row.id).collect();
        let mut guests = Guest::of_all(db, &ids).await?;
        let mut visits = rows
            .into_iter()
            .map(|row| {
                let mut guests = guests.remove(&row.id).unwrap_or_default();
                guests.retain(|guest| guest.declined_at.is_none());
                row.visit(guests, now)
            })
            .collect::<Result<Vec<_>>>()?;
        visits.sort_by_key(|visit| (visit.during.from, visit.kind, visit.position));
        Ok(visits)
    }

    /// Each word that was typed begins a word of the name, the company, a guest's name, the space or the title, or is a piece
    /// of the reference or of the phone number; accents are as good as none.
    pub fn matches(&self, typed: &str) -> bool {
        let words = [&self.member, &self.company, &self.space, &self.title];
        let mut words: Vec<&str> = words.into_iter().map(String::as_str).collect();
        words.extend(self.guests.iter().map(|guest| guest.name.as_str()));
        words.push(&self.reference);
        is_meant(&words, self.phone.as_deref(), typed)
    }
}

/// Whether what was typed means somebody: by words, the last of which is their reference, or by their phone number.
pub fn is_meant(words: &[&str], phone: Option<&str>, typed: &str) -> bool {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let is_number = !digits.is_empty()
        && typed
            .chars()
            .all(|c| c.is_ascii_digit() || " +-()".contains(c));
    if is_number && phone.is_some_and(|phone| has_digits(phone, &digits)) {
        return true;
    }
    let reference = words.last().map(|text| text.to_lowercase());
    let words: Vec<String> = words.iter().map(|text| plain(text)).collect();
    plain(typed).split_whitespace().all(|piece| {
        let mut words = words.iter().flat_map(|text| text.split([' ', '(', ',']));
        words.any(|word| word.starts_with(piece))
            || reference.as_ref().is_some_and(|text| text.contains(piece))
    })
}

/// As dialled at home or from abroad.
fn has_digits(phone: &str, digits: &str) -> bool {
    let abroad = phone.trim_start_matches('+');
    let home = abroad.strip_prefix("27").map(|rest| format!("0{rest}"));
    abroad.contains(digits) || home.is_some_and(|home| home.contains(digits))
}

struct Row {
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
    version: i32,
    arrived_at: Option<DateTime<Utc>>,
    left_at: Option<DateTime<Utc>>,
    ends_today: bool,
    asks: bool,
}

impl Row {
    fn visit(self, guests: Vec<Guest>, now: DateTime<Utc>) -> Result<Visit> {
        let during = Span::from(self.during);
        let status = Status::named(&self.status)?;
        Ok(Visit {
            stage: stage(status, during, now),
            status,
            version: self.version,
            arrived_at: self.arrived_at,
            left_at: self.left_at,
            ends_today: self.ends_today,
            asks: self.asks,
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
            guests,
            during,
        })
    }
}

fn stage(status: Status, during: Span, now: DateTime<Utc>) -> Stage {
    match status {
        _ if during.until <= now => Stage::Over,
        Status::Completed | Status::NoShow => Stage::Over,
        Status::CheckedIn => Stage::Here,
        _ if during.from + LATE_AFTER < now => Stage::Late,
        _ => Stage::Due,
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
        let (confirmed, here) = (Status::Confirmed, Status::CheckedIn);
        assert_eq!(at(confirmed, -5), Stage::Due);
        assert_eq!(at(confirmed, 10), Stage::Due);
        assert_eq!(at(confirmed, 11), Stage::Late);
        assert_eq!(at(here, 11), Stage::Here);
        assert_eq!(at(here, 120), Stage::Over);
        assert_eq!(at(confirmed, 120), Stage::Over);
        assert_eq!(at(Status::NoShow, 30), Stage::Over);
    }

    #[test]
    fn a_visit_is_found_by_letters_or_digits() {
        let visit = Visit {
            reference: "CS-7K3M9".into(),
            location: Id::fresh(),
            zone: Zone::named("Africa/Johannesburg").unwrap(),
            space: "Pier".into(),
            kind: Kind::MeetingRoom,
            position: 1,
            member: "Thandeka Mkhize".into(),
            company: "Umoya Designs".into(),
            phone: Some("+27820000001".into()),
            people: 1,
            title: String::new(),
            guests: vec![Guest {
                id: Id::fresh(),
                booking: uuid::Uuid::nil(),
                name: "Lerato Moeketsi".into(),
                email: "lerato@example.com".into(),
                declined_at: None,
                arrived_at: None,
            }],
            during: Span::new(DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH),
            stage: Stage::Due,
            status: Status::Confirmed,
            version: 1,
            arrived_at: None,
            left_at: None,
            ends_today: true,
            asks: false,
        };
        for typed in [
            "", "tha", "MKH", "mkh tha", "umo", "des", "7k3", "cs-7", "082 000", "0001", "+27 82",
            "pie", "lera", "moe",
        ] {
            assert!(visit.matches(typed), "{typed}");
        }
        for typed in ["hande", "sip", "tha sip", "083", "9999", "cs-8"] {
            assert!(!visit.matches(typed), "{typed}");
        }
    }
}
