//! What is booked on a day, each on its space.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, postgres::types::PgRange};
use uuid::Uuid;

use crate::{
    bookings::{booking::Status, front_desk::LATE_AFTER},
    error::Result,
    id::Id,
    locations::location::Location,
    time::Span,
};

/// A booking on its space.
#[derive(Clone, Debug)]
pub struct Entry {
    pub(super) space: Uuid,
    pub reference: String,
    pub member: String,
    /// Who pays, where that is a company.
    pub company: String,
    pub title: String,
    pub people: i32,
    pub status: Status,
    pub version: i32,
    /// How many wait for a time that it takes.
    pub waiting: i64,
    /// The time that it takes of the space without set-up and turnaround: less than was booked, where
    /// they left early.
    pub during: Span,
    pub(super) occupies: Span,
    pub is_late: bool,
    /// By time alone it can be drawn elsewhere and made longer.
    pub by_time: bool,
    /// By the week or the month.
    pub(super) is_let: bool,
}

impl Entry {
    /// Everything that takes a space of a location in a window, in one query: of each space the last row
    /// that starts before it and those that start in it, as rows never overlap.
    pub(super) async fn within(
        db: &mut PgConnection,
        location: Id<Location>,
        window: Span,
        now: DateTime<Utc>,
    ) -> Result<Vec<Entry>> {
        let rows = sqlx::query_as!(
            Row,
            r#"select o.space_id as "space!", b.reference, case when b.channel = 'door' and b.created_by is null then 'At the door' else m.name end as "member!", coalesce(c.name, '') as "company!", b.title,
                      b.people, b.status, b.version, b.term, o.during as "during!", o.occupies as "occupies!",
                      (select count(*) from waiting x join waitlist_entries w on w.id = x.entry_id
                       where x.space_id = s.id
                         and (w.during && o.during
                              or w.during is null
                                 and w.first_day <= (upper(o.during) at time zone l.time_zone)::date
                                 and w.last_day >= (lower(o.during) at time zone l.time_zone)::date)) as "waiting!"
               from spaces s
               join locations l on l.id = s.location_id
               cross join lateral (
                   (select space_id, booking_id, during, occupies, held_until from occupancies
                    where space_id = s.id and active and lower(occupies) < $2
                    order by lower(occupies) desc limit 1)
                   union all
                   (select space_id, booking_id, during, occupies, held_until from occupancies
                    where space_id = s.id and active and lower(occupies) >= $2 and lower(occupies) < $3)
               ) o
               join bookings b on b.id = o.booking_id
               join members m on m.id = b.member_id
               join accounts a on a.id = b.account_id
               left join companies c on c.id = a.company_id
               where s.location_id = $1 and upper(o.during) > $2 and lower(o.during) < $3
                 and (o.held_until is null or o.held_until > now())
               order by lower(o.during)"#,
            location.get(),
            window.from,
            window.until
        )
        .fetch_all(db)
        .await?;
        rows.into_iter().map(|row| row.entry(now)).collect()
    }

    /// How it is drawn.
    pub fn class(&self) -> &'static str {
        match self.status {
            _ if self.is_late => "bk late",
            // Whoever rents for weeks need not stand out every day.
            Status::CheckedIn if self.is_let => "bk",
            Status::CheckedIn => "bk here",
            Status::Held => "bk hold",
            Status::Pending => "bk ask",
            Status::Completed | Status::NoShow => "bk past",
            _ => "bk",
        }
    }

    /// `late`, `here`; empty for what goes as usual.
    pub fn state(&self) -> &'static str {
        match self.status {
            _ if self.is_late => "late",
            Status::CheckedIn => "here",
            Status::Held => "held",
            Status::Pending => "to be decided",
            Status::Completed => "over",
            Status::NoShow => "did not come",
            _ => "",
        }
    }

    /// What stands for the name where there is no room for it.
    pub fn initials(&self) -> String {
        let mut words = self
            .member
            .split_whitespace()
            .filter_map(|word| word.chars().next());
        let first = words.next();
        first
            .into_iter()
            .chain(words.next_back())
            .flat_map(char::to_uppercase)
            .collect()
    }

    /// It can be moved: it is neither over nor bound to whole days.
    pub fn is_movable(&self) -> bool {
        self.by_time
            && matches!(
                self.status,
                Status::Held | Status::Pending | Status::Confirmed | Status::CheckedIn
            )
    }
}

struct Row {
    space: Uuid,
    reference: String,
    member: String,
    company: String,
    title: String,
    people: i32,
    status: String,
    version: i32,
    term: String,
    during: PgRange<DateTime<Utc>>,
    occupies: PgRange<DateTime<Utc>>,
    waiting: i64,
}

impl Row {
    fn entry(self, now: DateTime<Utc>) -> Result<Entry> {
        let status = Status::named(&self.status)?;
        let during = Span::from(self.during);
        let is_late =
            status == Status::Confirmed && during.from + LATE_AFTER < now && now < during.until;
        Ok(Entry {
            space: self.space,
            reference: self.reference,
            member: self.member,
            company: self.company,
            title: self.title,
            people: self.people,
            status,
            version: self.version,
            during,
            occupies: self.occupies.into(),
            waiting: self.waiting,
            is_late,
            by_time: self.term == "time",
            is_let: matches!(self.term.as_str(), "week" | "month"),
        })
    }
}
