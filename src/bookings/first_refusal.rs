//! First refusal: a space held till a day's closing for somebody who has yet to decide.

use chrono::{DateTime, Datelike, Utc};
use sqlx::PgConnection;

use super::{availability::Offer, refusal::Refusal, sheet::Sheet};
use crate::{
    error::Result,
    id::Id,
    members::member::Member,
    spaces::space::Space,
    time::{Zone, long_date},
};

impl Sheet {
    /// The closing of the last working day that first refusal may run to, today not counted; `None`
    /// where it is not offered, or where what is asked for would begin before it ends.
    pub fn first_refusal_until(&self, space: &Space, offer: &Offer) -> Option<DateTime<Utc>> {
        let days = space.policy.first_refusal_days.checked_sub(1)?;
        let calendar = self.calendar(space);
        let tomorrow = self.today(space).succ_opt()?;
        let working = tomorrow
            .iter_days()
            .take(90)
            .filter(|date| date.weekday().number_from_monday() <= 5)
            .filter_map(|date| calendar.day(date).span());
        let until = working.map(|open| open.until).nth(days)?;
        (until <= offer.during.from).then_some(until)
    }
}

/// `Fri 27 November, 17:00`.
pub fn words(until: DateTime<Utc>, zone: Zone, now: DateTime<Utc>) -> String {
    let date = long_date(zone.date(until), zone.date(now));
    format!("{date}, {}", zone.clock(until))
}

/// One at a time: the one that a member has already. They are locked.
pub async fn other(tx: &mut PgConnection, member: Id<Member>) -> Result<Option<Refusal>> {
    let space = sqlx::query_scalar!(
        "select s.name from bookings b join spaces s on s.id = b.space_id
         where b.member_id = $1 and b.status = 'held' and b.first_refusal and b.hold_expires_at > now()",
        member.get()
    )
    .fetch_optional(tx)
    .await?;
    Ok(space.map(|space| Refusal::FirstRefusalElsewhere { space }))
}
