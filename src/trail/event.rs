//! Lines of the audit trail, for the managers of the location that they touch, and owners.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    audit::Channel,
    error::Result,
    members::staff::{Duties, Role},
    money::Money,
    time::{Span, Zone, short_date},
};

#[derive(Clone, Debug)]
pub struct Event {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub verb: String,
    /// The table of what was changed.
    pub subject: String,
    /// What it is called: a reference, a slug or a name.
    pub called: Option<String>,
    pub actor: Option<String>,
    pub actor_reference: Option<String>,
    pub channel: Channel,
    pub network: String,
    pub location: Option<String>,
    pub detail: Value,
}

/// What is asked of the trail; nothing said is everything.
#[derive(Clone, Debug, Default)]
pub struct Which {
    /// Letters of the name of whoever acted, or of their address.
    pub person: String,
    pub verb: Option<String>,
    pub subject: Option<String>,
    pub subject_id: Option<Uuid>,
    pub during: Option<Span>,
    /// Somewhere in what was before and after.
    pub words: String,
    /// Older than this one.
    pub before: Option<Uuid>,
    pub most: i64,
}

/// Where a line leads, and one change in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub field: String,
    pub before: String,
    pub after: String,
}

impl Event {
    /// The newest first: those that touch a manager's location, all for owners, none for others.
    pub async fn list(db: &mut PgConnection, duties: Duties, which: &Which) -> Result<Vec<Event>> {
        if duties.role == Role::Receptionist {
            return Ok(Vec::new());
        }
        let like = |text: &str| {
            let plain = text
                .replace('\\', "\\\\")
                .replace('%', "\\%")
                .replace('_', "\\_");
            (!plain.trim().is_empty()).then(|| plain.trim().to_owned())
        };
        let mut events = sqlx::query_as!(
            Event,
            r#"select e.id, e.at, e.verb, e.subject, e.detail, e.network, e.channel as "channel: Channel",
                      a.name as "actor?", a.reference as "actor_reference?", l.name as "location?",
                      coalesce(m.reference, c.slug, b.reference, p.reference, s.slug, h.slug, v.reference, q.reference,
                               j.slug, r.reference) as called
               from audit_events e
               left join members a on a.id = e.actor_id
               left join locations l on l.id = e.location_id
               left join members m on e.subject = 'members' and m.id = e.subject_id
               left join companies c on e.subject = 'companies' and c.id = e.subject_id
               left join bookings b on e.subject = 'bookings' and b.id = e.subject_id
               left join passes p on e.subject = 'passes' and p.id = e.subject_id
               left join spaces s on e.subject = 'spaces' and s.id = e.subject_id
               left join locations h on e.subject = 'locations' and h.id = e.subject_id
               left join viewings v on e.subject = 'viewings' and v.id = e.subject_id
               left join questions q on e.subject = 'questions' and q.id = e.subject_id
               left join articles j on e.subject = 'articles' and j.id = e.subject_id
               left join series r on e.subject = 'series' and r.id = e.subject_id
               where ($1::uuid is null or e.location_id = $1)
                 and ($2::text is null or e.actor_id in
                      (select id from members where sought like '% ' || plain($2) || '%'))
                 and ($3::text is null or e.verb = $3)
                 and ($4::text is null or e.subject = $4)
                 and ($5::uuid is null or e.subject_id = $5)
                 and ($6::timestamptz is null or e.at >= $6 and e.at < $7)
                 and ($8::text is null or e.detail::text ilike '%' || $8 || '%')
                 and ($9::uuid is null or e.id < $9)
               order by e.id desc limit $10"#,
            duties.managed(),
            like(&which.person),
            which.verb,
            which.subject,
            which.subject_id,
            which.during.map(|span| span.from),
            which.during.map(|span| span.until),
            like(&which.words),
            which.before,
            which.most
        )
        .fetch_all(&mut *db)
        .await?;
        name_all(db, &mut events).await?;
        Ok(events)
    }

    /// What was done to one thing, the newest first, as far as it is for this person.
    pub async fn history(
        db: &mut PgConnection,
        duties: Duties,
        subject: &str,
        id: Uuid,
    ) -> Result<Vec<Event>> {
        let which = Which {
            subject: Some(subject.to_owned()),
            subject_id: Some(id),
            most: 50,
            ..Which::default()
        };
        Event::list(db, duties, &which).await
    }

    /// What was ever done, and to what, to choose from.
    pub async fn choices(db: &mut PgConnection) -> Result<(Vec<String>, Vec<String>)> {
        let verbs = sqlx::query_scalar!(
            r#"with recursive known as (
                   (select verb from audit_events order by verb limit 1)
                   union all
                   select (select e.verb from audit_events e where e.verb > known.verb order by e.verb limit 1)
                   from known where known.verb is not null)
               select verb as "verb!" from known where verb is not null"#
        )
        .fetch_all(&mut *db)
        .await?;
        let subjects = SUBJECTS.iter().map(|(table, _)| (*table).to_owned());
        Ok((verbs, subjects.collect()))
    }

    /// The page of what was changed.
    pub fn url(&self) -> Option<String> {
        let called = self.called.as_deref()?;
        let list = match self.subject.as_str() {
            "members" => "/admin/members",
            "companies" => "/admin/companies",
            "bookings" => "/admin/bookings",
            "passes" => "/passes",
            "series" => "/series",
            "spaces" => "/spaces",
            "locations" => "/locations",
            "viewings" => "/admin/viewings",
            "questions" => "/admin/questions",
            "articles" => "/admin/articles",
            _ => return None,
        };
        Some(format!("{list}/{called}"))
    }

    /// `Booking`
    pub fn thing(&self) -> &str {
        subject_words(&self.subject)
    }

    /// `Cancel`
    pub fn deed(&self) -> String {
        capital(&self.verb)
    }

    /// Field by field: what has changed, or what else the line says.
    /// Instants are told in the time of `zone`.
    pub fn changes(&self, zone: Zone) -> Vec<Change> {
        let nothing = Map::new();
        let object = |value: &'_ Value| value.as_object().cloned();
        let detail = self.detail.as_object().unwrap_or(&nothing);
        let (before, after) = (detail.get("before"), detail.get("after"));
        let mut changes = match (before.and_then(object), after.and_then(object)) {
            (Some(before), Some(after)) => compared(&before, &after, zone),
            _ => compared(&one("value", before), &one("value", after), zone),
        };
        let others = detail
            .iter()
            .filter(|(key, _)| !["before", "after"].contains(&key.as_str()));
        let others = others.map(|(key, value)| Change {
            field: words(key),
            before: String::new(),
            after: said(key, value, zone),
        });
        changes.extend(others.filter(|change| !change.after.is_empty()));
        changes
    }
}

const SUBJECTS: [(&str, &str); 21] = [
    ("api_tokens", "API token"),
    ("articles", "Article"),
    ("bookings", "Booking"),
    ("cash_ups", "Cash-up"),
    ("closures", "Closure"),
    ("companies", "Company"),
    ("computers", "Shared computer"),
    ("jobs", "Mail or job"),
    ("ledger_entries", "Payment"),
    ("locations", "Location"),
    ("members", "Person"),
    ("passes", "Pass"),
    ("policies", "Policy"),
    ("questions", "Question"),
    ("rates", "Price"),
    ("series", "Series"),
    ("sessions", "Session"),
    ("spaces", "Space"),
    ("staff", "Staff"),
    ("viewings", "Viewing"),
    ("installation", "Settings"),
];

pub fn subject_words(table: &str) -> &str {
    let known = SUBJECTS.iter().find(|(name, _)| *name == table);
    known.map_or(table, |(_, words)| words)
}

fn one(key: &str, value: Option<&Value>) -> Map<String, Value> {
    value
        .map(|value| (key.to_owned(), value.clone()))
        .into_iter()
        .collect()
}

fn compared(before: &Map<String, Value>, after: &Map<String, Value>, zone: Zone) -> Vec<Change> {
    let mut fields: Vec<&String> = before.keys().chain(after.keys()).collect();
    fields.sort();
    fields.dedup();
    let at = |map: &Map<String, Value>, field: &str| {
        map.get(field)
            .map(|value| said(field, value, zone))
            .unwrap_or_default()
    };
    let changes = fields.into_iter().map(|field| Change {
        field: words(field),
        before: at(before, field),
        after: at(after, field),
    });
    changes
        .filter(|change| change.before != change.after)
        .collect()
}

/// The value of a field as people read it.
fn said(field: &str, value: &Value, zone: Zone) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::Number(number) => match number.as_i64().filter(|_| field.ends_with(CENTS)) {
            Some(cents) => Money::cents(cents).to_string(),
            None => number.to_string(),
        },
        Value::String(text) => match DateTime::parse_from_rfc3339(text) {
            Ok(at) => {
                let at = at.to_utc();
                format!("{}, {}", short_date(zone.date(at)), zone.clock(at))
            }
            Err(_) => text.clone(),
        },
        Value::Array(all) => {
            let all: Vec<String> = all.iter().map(|one| said(field, one, zone)).collect();
            all.join(", ")
        }
        Value::Object(map) => {
            let parts: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{} {}", words(key), said(key, value, zone)))
                .collect();
            parts.join(", ")
        }
    }
}

const CENTS: &str = "_cents";

/// `moved_from` → `Moved from`, `kept_cents` → `Kept`
fn words(key: &str) -> String {
    capital(&key.trim_end_matches(CENTS).replace('_', " "))
}

/// Puts names in place of the ids of people, companies, spaces and locations.
async fn name_all(db: &mut PgConnection, events: &mut [Event]) -> Result<()> {
    let mut ids = Vec::new();
    for event in events.iter_mut() {
        each_id(&mut event.detail, &mut |text, id| {
            ids.push(id);
            text.clone()
        });
    }
    let names = sqlx::query!(
        r#"select id as "id!", name as "name!" from members where id = any($1)
           union all select id, name from companies where id = any($1)
           union all select id, name from spaces where id = any($1)
           union all select id, name from locations where id = any($1)"#,
        &ids
    )
    .fetch_all(db)
    .await?;
    let names: HashMap<Uuid, String> = names.into_iter().map(|row| (row.id, row.name)).collect();
    for event in events {
        each_id(&mut event.detail, &mut |text, id| {
            names.get(&id).unwrap_or(text).clone()
        });
    }
    Ok(())
}

/// Replaces every id in `value`.
fn each_id(value: &mut Value, replace: &mut impl FnMut(&String, Uuid) -> String) {
    match value {
        Value::String(text) => {
            if let Ok(id) = Uuid::try_parse(text) {
                *text = replace(text, id);
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| each_id(one, replace)),
        Value::Object(map) => map.values_mut().for_each(|one| each_id(one, replace)),
        _ => {}
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn durban() -> Zone {
        Zone::named("Africa/Johannesburg").unwrap()
    }

    fn event(detail: Value) -> Event {
        Event {
            id: Uuid::nil(),
            at: DateTime::UNIX_EPOCH,
            verb: "change".into(),
            subject: "companies".into(),
            called: Some("umoya-0001".into()),
            actor: None,
            actor_reference: None,
            channel: Channel::Page,
            network: String::new(),
            location: None,
            detail,
        }
    }

    #[test]
    fn only_what_changed_is_told() {
        let detail = json!({"before": {"name": "A", "po_required": false, "vat_no": null},
                            "after": {"name": "A", "po_required": true, "vat_no": ""}, "reason": "They asked"});
        let told = |field: &str, before: &str, after: &str| Change {
            field: field.into(),
            before: before.into(),
            after: after.into(),
        };
        let event = event(detail);
        assert_eq!(
            event.changes(durban()),
            [
                told("Po required", "no", "yes"),
                told("Reason", "", "They asked")
            ]
        );
        assert_eq!(event.url().as_deref(), Some("/admin/companies/umoya-0001"));
    }

    #[test]
    fn money_and_instants_are_told_as_people_say_them() {
        let detail = json!({"kept_cents": 28_750, "starts": "2026-11-30T09:00:00Z"});
        let told: Vec<String> = event(detail)
            .changes(durban())
            .into_iter()
            .map(|change| format!("{}: {}", change.field, change.after))
            .collect();
        assert_eq!(told, ["Kept: R287.50", "Starts: 30 Nov 2026, 11:00"]);
    }

    #[test]
    fn a_value_alone_has_a_before_and_an_after_too() {
        let changes = event(json!({"before": "booker", "after": "admin"})).changes(durban());
        assert_eq!(
            (changes[0].before.as_str(), changes[0].after.as_str()),
            ("booker", "admin")
        );
        assert!(event(json!({})).changes(durban()).is_empty());
    }
}
