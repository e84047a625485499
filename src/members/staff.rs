//! The people who work here.

use std::str::FromStr;

use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::member::Member;
use crate::{
    audit,
    error::Result,
    form,
    id::Id,
    locations::location::Location,
    sessions::link::{Link, Purpose},
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
    let (email, name) = match (form::email(email), form::name(name)) {
        (Ok(email), Ok(name)) => (email, name),
        (Err(sentence), _) | (_, Err(sentence)) => return Ok(Err(Refusal::Unreadable(sentence))),
    };
    let location = match (role, location) {
        (Role::Manager, None) => return Ok(Err(Refusal::WithoutLocation)),
        (Role::Receptionist | Role::Owner, Some(_)) => return Ok(Err(Refusal::WithLocation)),
        (Role::Manager, Some(slug)) => match Location::find(tx, slug).await? {
            Some(location) => Some(location.id),
            None => return Ok(Err(Refusal::NoSuchLocation(slug.to_owned()))),
        },
        (Role::Receptionist | Role::Owner, None) => None,
    };
    let id = Member::at_address(tx, &name, &email, None).await?;
    sqlx::query!(
        "insert into staff (member_id, role, location_id) values ($1, $2, $3)
         on conflict (member_id) do update set role = excluded.role, location_id = excluded.location_id",
        id.get(),
        role as Role,
        location.map(Id::get)
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({"role": role});
    audit::record(tx, None, "make staff", "members", id.get(), detail).await?;
    if Member::find(tx, id).await?.has_password {
        return Ok(Ok(SignsIn::AsBefore));
    }
    Link::issue(tx, Purpose::VerifyEmail, id, None, "/bookings").await?;
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
