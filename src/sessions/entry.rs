//! Coming in: whoever has shown who they are is signed in, or, where a second step is asked for, half-way.
//!
//! Half-way nobody is signed in. It lasts for ten minutes by the database's clock, in the browser that has its
//! secret, and ends with the second step, with another password and with the second step being turned off.

use sqlx::PgConnection;

use super::{authenticator, browser, computer::Computer, secret, session};
use crate::{error::Result, id::Id, members::member::Member};

/// The browser in which somebody comes in.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// What it calls itself.
    pub device: &'a str,
    /// The secret of the session that it had, which ends.
    pub before: Option<&'a str>,
    /// The secret of its own cookie, if it has one.
    pub known_by: Option<&'a str>,
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// The secret for the cookie of the session.
    pub session: String,
    /// The same of the browser's own.
    pub browser: String,
}

/// How far somebody has come, with the secret for the cookie of it.
#[derive(Clone, Debug)]
pub enum Entry {
    In(Arrived),
    Halfway(String),
}

/// Lets a member in who has followed a link.
pub async fn by_link(tx: &mut PgConnection, member: Id<Member>, place: Place<'_>) -> Result<Entry> {
    match authenticator::is_on(tx, member).await? {
        true => begin_halfway(tx, member, false).await,
        false => Ok(Entry::In(open(tx, member, place, None).await?)),
    }
}

/// The same of one who typed their password, which opens a computer that staff share.
pub async fn by_password(
    tx: &mut PgConnection,
    member: Id<Member>,
    place: Place<'_>,
    computer: Option<&Computer>,
) -> Result<Entry> {
    match authenticator::is_on(tx, member).await? {
        true => begin_halfway(tx, member, true).await,
        false => Ok(Entry::In(open(tx, member, place, computer).await?)),
    }
}

/// The rest of the way, once the second step is done. Of many at once one comes in.
pub async fn finish(
    tx: &mut PgConnection,
    secret: &str,
    place: Place<'_>,
    computer: Option<&Computer>,
) -> Result<Option<Arrived>> {
    let ended = sqlx::query!(
        r#"delete from halfway where token_hash = $1 and expires_at > now()
           returning member_id, by_password"#,
        secret::digest(secret)
    )
    .fetch_optional(&mut *tx)
    .await?;
    match ended {
        Some(row) => {
            let computer = computer.filter(|_| row.by_password);
            Ok(Some(open(tx, row.member_id.into(), place, computer).await?))
        }
        None => Ok(None),
    }
}

/// Who is half-way with this secret, if its time is not over.
pub async fn look(db: &mut PgConnection, secret: &str) -> Result<Option<Id<Member>>> {
    let member = sqlx::query_scalar!(
        "select member_id from halfway where token_hash = $1 and expires_at > now()",
        secret::digest(secret)
    )
    .fetch_optional(db)
    .await?;
    Ok(member.map(Id::from))
}

/// They go back to where signing in begins.
pub async fn give_up(tx: &mut PgConnection, secret: &str) -> Result<()> {
    sqlx::query!(
        "delete from halfway where token_hash = $1",
        secret::digest(secret)
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn begin_halfway(
    tx: &mut PgConnection,
    member: Id<Member>,
    by_password: bool,
) -> Result<Entry> {
    let fresh = secret::fresh();
    sqlx::query!(
        "insert into halfway (token_hash, member_id, by_password) values ($1, $2, $3)",
        secret::digest(&fresh),
        member.get(),
        by_password
    )
    .execute(tx)
    .await?;
    Ok(Entry::Halfway(fresh))
}

async fn open(
    tx: &mut PgConnection,
    member: Id<Member>,
    place: Place<'_>,
    computer: Option<&Computer>,
) -> Result<Arrived> {
    let session = session::begin(tx, member, place.device, place.before).await?;
    if let Some(computer) = computer {
        computer.opened(tx, &session).await?;
    }
    let browser = browser::arrive(tx, member, place.device, place.known_by).await?;
    Ok(Arrived { session, browser })
}
