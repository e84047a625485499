//! A person as staff write them down: somebody new, or what has changed of somebody known.

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{dossier::Dossier, member::Member};
use crate::{
    audit,
    error::{Error, Result},
    id::Id,
    locations::location::Location,
    sessions::link::{Link, Purpose},
};

/// What staff write down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    /// In lower case.
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// A location's slug.
    pub home: Option<String>,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("{name} has this address already: {reference}.")]
    EmailTaken { name: String, reference: String },
    #[error(
        "{name} ({reference}) has this number already. Open them, or tick that this is somebody else."
    )]
    PhoneKnown { name: String, reference: String },
    #[error("Choose one of our locations.")]
    NoSuchLocation,
    #[error(
        "This was changed elsewhere while you had it open. Look at what is there now, then save again."
    )]
    Stale,
    #[error("They sign in with this address: only they can change it, on their account page.")]
    SignsIn,
    #[error("They have no email address to send it to.")]
    NoEmail,
    #[error("They have a password already. They can have a new one mailed where they sign in.")]
    HasPassword,
}

impl Refusal {
    /// The field of the form that it belongs to.
    pub fn field(&self) -> &'static str {
        match self {
            Refusal::PhoneKnown { .. } => "phone",
            Refusal::NoSuchLocation => "home",
            Refusal::Stale => "name",
            _ => "email",
        }
    }

    /// The name that stays the same for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Refusal::EmailTaken { .. } => "email-taken",
            Refusal::PhoneKnown { .. } => "phone-known",
            Refusal::NoSuchLocation => "no-such-location",
            Refusal::Stale => "stale",
            Refusal::SignsIn => "signs-in",
            Refusal::NoEmail => "no-email",
            Refusal::HasPassword => "has-password",
        }
    }
}

/// Writes somebody new down, and says their reference. `anyway` takes a number that somebody has.
pub async fn create(
    tx: &mut PgConnection,
    by: Id<Member>,
    person: &Person,
    anyway: bool,
) -> Result<Result<String, Refusal>> {
    if let Some(refusal) = known(tx, person, None, anyway).await? {
        return Ok(Err(refusal));
    }
    let home = match home(tx, person).await? {
        Ok(home) => home,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let id = Uuid::now_v7();
    let made = sqlx::query_scalar!(
        "insert into members (id, name, email, phone, home_location_id) values ($1, $2, $3, $4, $5)
         on conflict (email) do nothing returning reference",
        id,
        person.name,
        person.email,
        person.phone,
        home
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(reference) = made else {
        // Somebody else wrote them down at the same moment.
        let refusal = known(tx, person, None, true).await?;
        return Ok(Err(refusal.ok_or(Error::Contended)?));
    };
    let detail = json!({"after": told(person)});
    audit::record(tx, Some(by.get()), "create", "members", id, detail).await?;
    Ok(Ok(reference))
}

/// Writes what changed. `version` is that of what was looked at. Whoever has a password keeps their address.
pub async fn change(
    tx: &mut PgConnection,
    by: Id<Member>,
    reference: &str,
    version: i32,
    person: &Person,
    anyway: bool,
) -> Result<Result<(), Refusal>> {
    sqlx::query!(
        "select from members where reference = $1 for no key update",
        reference
    )
    .fetch_one(&mut *tx)
    .await?;
    let before = Dossier::find(tx, reference).await?.ok_or(Error::NotFound)?;
    if before.version != version {
        return Ok(Err(Refusal::Stale));
    }
    if before.has_password && before.email != person.email {
        return Ok(Err(Refusal::SignsIn));
    }
    let anyway = anyway || before.phone == person.phone;
    if let Some(refusal) = known(tx, person, Some(before.id), anyway).await? {
        return Ok(Err(refusal));
    }
    let home = match home(tx, person).await? {
        Ok(home) => home,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let was = Person {
        name: before.name,
        email: before.email,
        phone: before.phone,
        home: before.home,
    };
    if was == *person {
        return Ok(Ok(()));
    }
    sqlx::query!(
        "update members set name = $2, email = $3, phone = $4, home_location_id = $5, version = version + 1,
             email_verified_at = case when email is not distinct from $3 then email_verified_at end
         where id = $1",
        before.id.get(),
        person.name,
        person.email,
        person.phone,
        home
    )
    .execute(&mut *tx)
    .await?;
    if was.email != person.email {
        Link::end_all(tx, before.id).await?;
    }
    let detail = json!({"before": told(&was), "after": told(person)});
    audit::record(
        tx,
        Some(by.get()),
        "change",
        "members",
        before.id.get(),
        detail,
    )
    .await?;
    Ok(Ok(()))
}

/// Mails somebody who has no password yet a link to choose one.
pub async fn invite(
    tx: &mut PgConnection,
    by: Id<Member>,
    member: Id<Member>,
) -> Result<Result<String, Refusal>> {
    let person = Member::find(tx, member).await?;
    let Some(email) = person.email else {
        return Ok(Err(Refusal::NoEmail));
    };
    if person.has_password {
        return Ok(Err(Refusal::HasPassword));
    }
    Link::issue(tx, Purpose::Invitation, member, None, "/today").await?;
    let detail = json!({"email": email});
    audit::record(
        tx,
        Some(by.get()),
        "invite",
        "members",
        member.get(),
        detail,
    )
    .await?;
    Ok(Ok(email))
}

/// Somebody else with the same address, or, unless that is known, with the same number.
async fn known(
    db: &mut PgConnection,
    person: &Person,
    except: Option<Id<Member>>,
    anyway: bool,
) -> Result<Option<Refusal>> {
    let found = sqlx::query!(
        r#"select name, reference, email is not distinct from $1 and email is not null as "by_email!" from members
           where (email = $1 or (phone = $2 and not $4)) and ($3::uuid is null or id <> $3)
           order by 3 desc, id limit 1"#,
        person.email,
        person.phone,
        except.map(Id::get),
        anyway
    )
    .fetch_optional(db)
    .await?;
    Ok(found.map(|row| {
        let (name, reference) = (row.name, row.reference);
        if row.by_email {
            Refusal::EmailTaken { name, reference }
        } else {
            Refusal::PhoneKnown { name, reference }
        }
    }))
}

async fn home(db: &mut PgConnection, person: &Person) -> Result<Result<Option<Uuid>, Refusal>> {
    let Some(slug) = &person.home else {
        return Ok(Ok(None));
    };
    let location = Location::find(db, slug).await?;
    Ok(location
        .map(|location| Some(location.id.get()))
        .ok_or(Refusal::NoSuchLocation))
}

fn told(person: &Person) -> serde_json::Value {
    json!({"name": person.name, "email": person.email, "phone": person.phone, "home": person.home})
}
