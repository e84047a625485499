//! What a member has told us of themselves, and changes by themselves.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use super::member::Member;
use crate::{audit, error::Result, id::Id, locations::location::Location, time::Zone};

#[derive(Clone, Debug)]
pub struct Profile {
    pub name: String,
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// The slug of their home location.
    pub home: Option<String>,
    pub has_password: bool,
    pub since: DateTime<Utc>,
    /// Of their home location, or else of our first: the calendar that their account is kept by.
    pub zone: Zone,
    /// Grows with every change.
    pub version: i32,
}

/// What a member wants to be known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub name: String,
    /// E.164.
    pub phone: Option<String>,
    /// A slug.
    pub home: Option<String>,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error(
        "This was changed elsewhere while you had it open. Look at what is there now, then save again."
    )]
    Stale,
    #[error("Choose one of our locations.")]
    NoSuchLocation,
}

impl Profile {
    /// `NotFound` if there is no such member.
    pub async fn of(db: &mut PgConnection, member: Id<Member>) -> Result<Profile> {
        let row = sqlx::query!(
            r#"select m.name, m.email, m.phone, l.slug as "home?", m.password_hash is not null as "has_password!",
                      m.created_at, m.version,
                      coalesce(l.time_zone, (select time_zone from locations order by position, name limit 1),
                               'Africa/Johannesburg') as "zone!"
               from members m left join locations l on l.id = m.home_location_id where m.id = $1"#,
            member.get()
        )
        .fetch_one(db)
        .await?;
        Ok(Profile {
            name: row.name,
            email: row.email,
            phone: row.phone,
            home: row.home,
            has_password: row.has_password,
            since: row.created_at,
            zone: Zone::named(&row.zone)?,
            version: row.version,
        })
    }

    /// Writes what changed. `version` is that of the profile which the member was looking at.
    pub async fn change(
        tx: &mut PgConnection,
        member: Id<Member>,
        version: i32,
        wanted: &Wanted,
    ) -> Result<Result<(), Refusal>> {
        sqlx::query!(
            "select from members where id = $1 for no key update",
            member.get()
        )
        .fetch_one(&mut *tx)
        .await?;
        let before = Profile::of(tx, member).await?;
        if before.version != version {
            return Ok(Err(Refusal::Stale));
        }
        let home = match &wanted.home {
            Some(slug) => match Location::find(tx, slug).await? {
                Some(location) => Some(location.id),
                None => return Ok(Err(Refusal::NoSuchLocation)),
            },
            None => None,
        };
        let before = Wanted {
            name: before.name,
            phone: before.phone,
            home: before.home,
        };
        if before == *wanted {
            return Ok(Ok(()));
        }
        sqlx::query!(
            "update members set name = $2, phone = $3, home_location_id = $4, version = version + 1 where id = $1",
            member.get(),
            wanted.name,
            wanted.phone,
            home.map(Id::get)
        )
        .execute(&mut *tx)
        .await?;
        let told = |it: &Wanted| json!({"name": it.name, "phone": it.phone, "home": it.home});
        let detail = json!({"before": told(&before), "after": told(wanted)});
        let id = member.get();
        audit::record(tx, Some(id), "change profile", "members", id, detail).await?;
        Ok(Ok(()))
    }
}
