//! What has happened to a booking, from the audit trail, the latest first.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

use super::booking::Booking;
use crate::{
    error::Result,
    money::Money,
    time::{Span, Zone},
};

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct Event {
    pub at: DateTime<Utc>,
    /// Who did it; `None` for the house itself.
    pub who: Option<String>,
    /// The guest whom it is about, while we know who that is.
    guest: Option<String>,
    verb: String,
    detail: Value,
}

/// Everything that was written down about a booking, at most 200 lines.
pub async fn of(db: &mut PgConnection, booking: &Booking) -> Result<Vec<Event>> {
    let events = sqlx::query_as!(
        Event,
        r#"select e.at, m.name as "who?", nullif(g.name, '') as guest, e.verb, e.detail from audit_events e
           left join members m on m.id = e.actor_id
           left join guests g on g.id::text = e.detail ->> 'guest'
           where e.subject = 'bookings' and e.subject_id = $1
           order by e.at desc, e.id desc limit 200"#,
        booking.id.get()
    )
    .fetch_all(db)
    .await?;
    Ok(events)
}

impl Event {
    /// `Held`, `Moved`; a verb that has no words of its own stands as it is.
    pub fn what(&self) -> String {
        let known = match self.verb.as_str() {
            "hold" => "Held at the checkout",
            "first refusal" => "Given first refusal",
            "replace hold" => "Replaced by another hold",
            "offer" => "Offered from the waitlist",
            "extend hold" => "Held for longer",
            "expire" => "The hold ran out",
            "let go" => "Let go",
            "confirm" => "Confirmed",
            "ask" => "Asked for, to be approved",
            "expire request" => "Nobody decided in time",
            "decline" => "Declined",
            "change" => "Changed",
            "change extras" => "Extras changed",
            "undo change" => "The change was taken back",
            "cancel" => "Cancelled",
            "undo cancel" => "The cancellation was taken back",
            "undo make" => "Taken back before anybody was told",
            "take payment" => "Paid",
            "give money back" => "Money given back",
            "waive fee" => "Fee waived",
            "agree price" => "Another price agreed on",
            "set rules aside" => "Rules set aside",
            "enter late" => "Entered after it was used",
            "arrive" => "Arrived",
            "undo arrive" => "Not here after all",
            "leave" => "Left early",
            "undo leave" => "Still here after all",
            "miss" => "Did not come",
            "undo miss" => "May come after all",
            "release" => "Nobody came: released",
            "overrun" => "Stayed past the end",
            "run late" => "Is running late",
            "complete" => "Ended",
            "note" => "Notes changed",
            "contact" => "Contact changed",
            "invite guest" => "Guest invited",
            "uninvite guest" => "Guest uninvited",
            "guest declines" => "A guest cannot come",
            "guest comes" => "A guest comes after all",
            "guest arrives" => "A guest is here",
            "undo guest arrives" => "The guest is not here after all",
            other => {
                let mut words = other.to_owned();
                if let Some(first) = words.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                return words;
            }
        };
        known.to_owned()
    }

    /// What was different before and after, and why; a line each.
    pub fn lines(&self, zone: &Zone, now: &DateTime<Utc>) -> Vec<String> {
        let (zone, now) = (*zone, *now);
        let mut lines: Vec<String> = self.guest.iter().cloned().collect();
        let (before, after) = (&self.detail["before"], &self.detail["after"]);
        if before["space"].is_string() && after["space"].is_string() {
            lines.push(format!(
                "{} → {}",
                place(before, zone, now),
                place(after, zone, now)
            ));
            let (was, is) = (cents(&before["total_cents"]), cents(&after["total_cents"]));
            if was != is {
                lines.push(format!(
                    "{} → {}",
                    was.unwrap_or_default(),
                    is.unwrap_or_default()
                ));
            }
        }
        if let (Some(was), Some(is)) = (before["extras"].as_str(), after["extras"].as_str()) {
            let nothing = |text: &str| match text {
                "" => "nothing extra".to_owned(),
                text => text.to_owned(),
            };
            let (was_cents, is_cents) =
                (cents(&before["total_cents"]), cents(&after["total_cents"]));
            lines.push(format!("{} → {}", nothing(was), nothing(is)));
            lines.extend(
                was_cents
                    .zip(is_cents)
                    .map(|(was, is)| format!("{was} → {is}")),
            );
        }
        if let Some(kept) = cents(&self.detail["kept_cents"]) {
            lines.push(format!("{kept} kept"));
        }
        lines.extend(self.money());
        let said = |name: &str| self.detail[name].as_str().filter(|text| !text.is_empty());
        let list = |name: &str| self.detail[name].as_array().into_iter().flatten();
        let over = list("over").chain(list("would_have_said"));
        lines.extend(
            over.filter_map(Value::as_str)
                .map(|rule| format!("Passed over: {rule}")),
        );
        lines.extend(
            ["reason", "note"]
                .into_iter()
                .filter_map(said)
                .map(str::to_owned),
        );
        lines
    }
}

impl Event {
    /// What was paid, given back, waived or agreed on.
    fn money(&self) -> Option<String> {
        if self.verb == "agree price" {
            let side = |name: &str| cents(&self.detail[name]["total_cents"]);
            let (was, is) = side("before").zip(side("after"))?;
            return Some(format!("{was} → {is}"));
        }
        let amount = self.detail["amount"].as_str()?;
        Some(match self.detail["method"].as_str() {
            Some(method) => format!("{amount}, {}", method.to_lowercase()),
            None => amount.to_owned(),
        })
    }

    /// The number of the receipt that was given.
    pub fn receipt(&self) -> Option<&str> {
        self.detail["receipt"].as_str()
    }
}

fn cents(value: &Value) -> Option<Money> {
    value.as_i64().map(Money::cents)
}

/// `Pier, Umhlanga, 09:00–11:30, 8 people`
fn place(side: &Value, zone: Zone, now: DateTime<Utc>) -> String {
    let text = |name: &str| side[name].as_str().unwrap_or_default();
    let at = |name: &str| text(name).parse::<DateTime<Utc>>().ok();
    let when = at("from").zip(at("until")).map(|(from, until)| {
        let (span, today) = (Span::new(from, until), zone.date(now));
        let date = crate::time::long_date(zone.date(from), today);
        match zone.date(from) == zone.date(until) {
            true => format!("{date} {}", zone.range(span, today)),
            false => zone.range(span, today),
        }
    });
    let people = match side["people"].as_i64() {
        Some(1) => "1 person".to_owned(),
        Some(people) => format!("{people} people"),
        None => String::new(),
    };
    let parts = [text("space").to_owned(), when.unwrap_or_default(), people];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}
