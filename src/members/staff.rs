//! The people who work here.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::member::Member;
use crate::{
    audit,
    error::{Error, Result},
    form,
    id::Id,
    locations::location::Location,
    sessions::{
        link::{Link, Purpose},
        session,
    },
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Role {
    Receptionist,
    Manager,
    Owner,
}

/// What is whose to do: the front desk serves every location, with its day, its bookings and its people;
/// settings, prices, money, exports, reports and audit are for the managers of a location and for owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duties {
    pub role: Role,
    /// The location of a manager.
    location: Option<Id<Location>>,
}

impl Duties {
    /// `location` is a manager's own.
    pub fn new(role: Role, location: Option<Uuid>) -> Duties {
        Duties {
            role,
            location: location.map(Id::from),
        }
    }

    pub fn is_owner(self) -> bool {
        self.role == Role::Owner
    }

    /// Some location's, whichever it is.
    pub fn manages(self) -> bool {
        matches!(self.role, Role::Manager | Role::Owner)
    }

    /// The location whose matters are theirs alone; `None` for an owner, whose all are.
    pub fn managed(self) -> Option<Uuid> {
        self.location.map(Id::get)
    }

    pub fn can_manage(self, location: Id<Location>) -> bool {
        match self.role {
            Role::Owner => true,
            Role::Manager => self.location == Some(location),
            Role::Receptionist => false,
        }
    }
}

impl Role {
    pub const ALL: [Role; 3] = [Role::Receptionist, Role::Manager, Role::Owner];

    /// As forms and tables name it.
    pub fn key(self) -> &'static str {
        match self {
            Role::Receptionist => "receptionist",
            Role::Manager => "manager",
            Role::Owner => "owner",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Role::Receptionist => "Receptionist",
            Role::Manager => "Manager",
            Role::Owner => "Owner",
        }
    }
}

impl FromStr for Role {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Role, Self::Err> {
        match text {
            "receptionist" => Ok(Role::Receptionist),
            "manager" => Ok(Role::Manager),
            "owner" => Ok(Role::Owner),
            _ => Err("choose receptionist, manager or owner"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Unreadable(String),
    #[error("A manager manages one location: say which.")]
    WithoutLocation,
    #[error("Only a manager belongs to one location: leave it out.")]
    WithLocation,
    #[error("No location is called {0}.")]
    NoSuchLocation(String),
    #[error("The house needs an owner. Make somebody else one first.")]
    LastOwner,
}

impl Refusal {
    /// The field of the form that it belongs to.
    pub fn field(&self) -> &'static str {
        match self {
            Refusal::Unreadable(sentence)
                if sentence.contains("name") && !sentence.contains('@') =>
            {
                "name"
            }
            Refusal::Unreadable(_) => "email",
            Refusal::LastOwner => "role",
            _ => "location",
        }
    }
}

impl Refusal {
    /// The name that stays the same for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Refusal::Unreadable(_) => "bad-person",
            Refusal::WithoutLocation => "without-location",
            Refusal::WithLocation => "with-location",
            Refusal::NoSuchLocation(_) => "no-such-location",
            Refusal::LastOwner => "last-owner",
        }
    }
}

/// How somebody who was made staff signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignsIn {
    /// With the password they have.
    AsBefore,
    /// A link to choose a password is on its way by mail.
    ByMailedLink,
}

/// Makes the member with this email address staff, or a new one; whoever is staff gets the new role.
/// `location` is a slug.
pub async fn add(
    tx: &mut PgConnection,
    email: &str,
    name: &str,
    role: Role,
    location: Option<&str>,
) -> Result<Result<SignsIn, Refusal>> {
    take_on(tx, None, email, name, role, location).await
}

/// The same by an owner.
pub async fn take_on(
    tx: &mut PgConnection,
    by: Option<Id<Member>>,
    email: &str,
    name: &str,
    role: Role,
    location: Option<&str>,
) -> Result<Result<SignsIn, Refusal>> {
    let (email, name) = match (form::email(email), form::name(name)) {
        (Ok(email), Ok(name)) => (email, name),
        (Err(sentence), _) | (_, Err(sentence)) => return Ok(Err(Refusal::Unreadable(sentence))),
    };
    let place = match place(tx, role, location).await? {
        Ok(place) => place,
        Err(refusal) => return Ok(Err(refusal)),
    };
    lock(tx).await?;
    let id = Member::at_address(tx, &name, &email, None).await?;
    if role != Role::Owner && is_last_owner(tx, id).await? {
        return Ok(Err(Refusal::LastOwner));
    }
    sqlx::query!(
        "insert into staff (member_id, role, location_id) values ($1, $2, $3)
         on conflict (member_id) do update set role = excluded.role, location_id = excluded.location_id",
        id.get(),
        role as Role,
        place.map(Id::get)
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({"role": role, "manages": location});
    audit::record(
        tx,
        by.map(Id::get),
        "make staff",
        "members",
        id.get(),
        detail,
    )
    .await?;
    if Member::find(tx, id).await?.has_password {
        return Ok(Ok(SignsIn::AsBefore));
    }
    Link::issue(tx, Purpose::Invitation, id, None, "/admin").await?;
    Ok(Ok(SignsIn::ByMailedLink))
}

/// Whether a letter alone is a command on their pages; nobody who does not work here has any.
pub async fn uses_letters(db: &mut PgConnection, member: Id<Member>) -> Result<bool> {
    let letters = sqlx::query_scalar!(
        "select letters from staff where member_id = $1",
        member.get()
    )
    .fetch_optional(db)
    .await?;
    Ok(letters.unwrap_or(false))
}

pub async fn use_letters(tx: &mut PgConnection, member: Id<Member>, letters: bool) -> Result<()> {
    sqlx::query!(
        "update staff set letters = $2 where member_id = $1",
        member.get(),
        letters
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Somebody who works here.
#[derive(Clone, Debug)]
pub struct Colleague {
    pub member: Id<Member>,
    /// `CM-7K3M9`
    pub reference: String,
    pub name: String,
    pub email: Option<String>,
    pub role: Role,
    /// A manager's own, by slug and by name.
    pub location: Option<String>,
    pub location_name: Option<String>,
    pub has_pin: bool,
    pub has_password: bool,
    /// When they were last signed in, to five minutes.
    pub seen_at: Option<DateTime<Utc>>,
}

impl Colleague {
    /// Owners first, then managers, then the front desk, by name.
    pub async fn list(db: &mut PgConnection) -> Result<Vec<Colleague>> {
        let all = sqlx::query_as!(
            Colleague,
            r#"select m.id as member, m.reference, m.name, m.email, s.role as "role: Role", l.slug as "location?",
                      l.name as "location_name?", s.pin_hash is not null as "has_pin!",
                      m.password_hash is not null as "has_password!",
                      (select max(x.seen_at) from sessions x where x.member_id = m.id) as seen_at
               from staff s join members m on m.id = s.member_id left join locations l on l.id = s.location_id
               order by array_position(array['owner', 'manager', 'receptionist'], s.role), m.name, m.id"#
        )
        .fetch_all(db)
        .await?;
        Ok(all)
    }

    pub async fn find(db: &mut PgConnection, reference: &str) -> Result<Option<Colleague>> {
        let all = Colleague::list(db).await?;
        Ok(all.into_iter().find(|one| one.reference == reference))
    }
}

/// Where somebody of this role belongs, by a slug or nothing.
async fn place(
    db: &mut PgConnection,
    role: Role,
    location: Option<&str>,
) -> Result<Result<Option<Id<Location>>, Refusal>> {
    Ok(match (role, location) {
        (Role::Manager, None) => Err(Refusal::WithoutLocation),
        (Role::Receptionist | Role::Owner, Some(_)) => Err(Refusal::WithLocation),
        (Role::Manager, Some(slug)) => match Location::find(db, slug).await? {
            Some(location) => Ok(Some(location.id)),
            None => Err(Refusal::NoSuchLocation(slug.to_owned())),
        },
        (Role::Receptionist | Role::Owner, None) => Ok(None),
    })
}

/// Gives somebody who works here another role, or another location; it counts from their next request.
pub async fn change(
    tx: &mut PgConnection,
    by: Id<Member>,
    reference: &str,
    role: Role,
    location: Option<&str>,
) -> Result<Result<(), Refusal>> {
    lock(tx).await?;
    let before = Colleague::find(tx, reference)
        .await?
        .ok_or(Error::NotFound)?;
    let place = match place(tx, role, location).await? {
        Ok(place) => place,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if role != Role::Owner && is_last_owner(tx, before.member).await? {
        return Ok(Err(Refusal::LastOwner));
    }
    sqlx::query!(
        "update staff set role = $2, location_id = $3 where member_id = $1",
        before.member.get(),
        role as Role,
        place.map(Id::get)
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({"before": {"role": before.role, "location": before.location},
                        "after": {"role": role, "location": location}});
    audit::record(
        tx,
        Some(by.get()),
        "change staff",
        "members",
        before.member.get(),
        detail,
    )
    .await?;
    Ok(Ok(()))
}

/// Somebody works here no more: their sessions and tokens end at once, and their PIN is gone. They stay a member.
pub async fn dismiss(
    tx: &mut PgConnection,
    by: Id<Member>,
    reference: &str,
) -> Result<Result<(), Refusal>> {
    lock(tx).await?;
    let before = Colleague::find(tx, reference)
        .await?
        .ok_or(Error::NotFound)?;
    if is_last_owner(tx, before.member).await? {
        return Ok(Err(Refusal::LastOwner));
    }
    sqlx::query!(
        "delete from staff where member_id = $1",
        before.member.get()
    )
    .execute(&mut *tx)
    .await?;
    session::end_all(tx, before.member).await?;
    Link::end_all(tx, before.member).await?;
    sqlx::query!(
        "update api_tokens set revoked_at = now() where member_id = $1 and revoked_at is null",
        before.member.get()
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({"before": {"role": before.role, "location": before.location}, "after": {}});
    audit::record(
        tx,
        Some(by.get()),
        "dismiss",
        "members",
        before.member.get(),
        detail,
    )
    .await?;
    Ok(Ok(()))
}

/// Whoever changes who works here, one at a time.
async fn lock(tx: &mut PgConnection) -> Result<()> {
    sqlx::query!("select from installation for no key update")
        .fetch_one(tx)
        .await?;
    Ok(())
}

async fn is_last_owner(db: &mut PgConnection, one: Id<Member>) -> Result<bool> {
    let owners = sqlx::query_scalar!("select member_id from staff where role = 'owner'")
        .fetch_all(db)
        .await?;
    Ok(owners == [one.get()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manager_manages_one_location_and_an_owner_all() {
        let (here, elsewhere) = (Id::fresh(), Id::fresh());
        let manager = Duties::new(Role::Manager, Some(here.get()));
        assert!(manager.manages() && manager.can_manage(here) && !manager.can_manage(elsewhere));
        let owner = Duties::new(Role::Owner, None);
        assert!(owner.is_owner() && owner.can_manage(here) && owner.can_manage(elsewhere));
        let receptionist = Duties::new(Role::Receptionist, None);
        assert!(!receptionist.manages() && !receptionist.can_manage(here));
    }
}
