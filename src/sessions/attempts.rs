//! How often somebody may try, counted in the database so that all servers agree.

use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::error::{Error, Result};

/// Refuses with `TooMany` after ten wrong passwords for an address from one network, or thirty from
/// the network, in 15 minutes. An address is never refused to another network than the one that
/// failed, so nobody can lock its owner out.
pub async fn may_sign_in(db: impl PgExecutor<'_>, email: &str, network: &str) -> Result<()> {
    let wait = sqlx::query_scalar!(
        "select max(wait) from (
             (select ceil(extract(epoch from at + interval '15 minutes' - now()))::bigint as wait
              from attempts
              where what = 'password' and subject = $1 and at > now() - interval '15 minutes'
              order by at desc offset 9 limit 1)
             union all
             (select ceil(extract(epoch from at + interval '15 minutes' - now()))::bigint
              from attempts
              where what = 'password' and subject = $2 and at > now() - interval '15 minutes'
              order by at desc offset 29 limit 1)) as waits",
        at_address(email, network),
        network
    )
    .fetch_one(db)
    .await?;
    refuse(wait)
}

/// Notes a wrong password, whether or not the address is anybody's.
pub async fn failed(db: impl PgExecutor<'_>, email: &str, network: &str) -> Result<()> {
    sqlx::query!(
        "insert into attempts (what, subject) values ('password', $1), ('password', $2)",
        at_address(email, network),
        network
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The right password: what was mistyped at this address before counts no more.
pub async fn succeeded(db: impl PgExecutor<'_>, email: &str, network: &str) -> Result<()> {
    sqlx::query!(
        "delete from attempts where what = 'password' and subject = $1",
        at_address(email, network)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes that somebody asked for a mail, and refuses with `TooMany` after sixty from one network
/// within an hour.
pub async fn ask_for_mail(tx: &mut PgConnection, network: &str) -> Result<()> {
    let wait = sqlx::query_scalar!(
        r#"select ceil(extract(epoch from at + interval '1 hour' - now()))::bigint as "wait!"
           from attempts where what = 'mail' and subject = $1 and at > now() - interval '1 hour'
           order by at desc offset 59 limit 1"#,
        network
    )
    .fetch_optional(&mut *tx)
    .await?;
    refuse(wait)?;
    sqlx::query!(
        "insert into attempts (what, subject) values ('mail', $1)",
        network
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes that somebody wrote to us by the contact form, and says how often they have within an hour.
/// Refuses with `TooMany` after sixty.
pub async fn contact(tx: &mut PgConnection, subject: &str) -> Result<i64> {
    let lately = sqlx::query_scalar!(
        r#"select count(*) as "count!" from attempts
           where what = 'contact' and subject = $1 and at > now() - interval '1 hour'"#,
        subject
    )
    .fetch_one(&mut *tx)
    .await?;
    refuse((lately >= 60).then_some(3600))?;
    sqlx::query!(
        "insert into attempts (what, subject) values ('contact', $1)",
        subject
    )
    .execute(tx)
    .await?;
    Ok(lately + 1)
}

/// Refuses with `TooMany` after five wrong PINs for a person, or ten at a computer, in 15 minutes: a password still
/// goes.
pub async fn may_try_pin(db: impl PgExecutor<'_>, reference: &str, computer: Uuid) -> Result<()> {
    let wait = sqlx::query_scalar!(
        "select max(wait) from (
             (select ceil(extract(epoch from at + interval '15 minutes' - now()))::bigint as wait
              from attempts where what = 'pin' and subject = $1 and at > now() - interval '15 minutes'
              order by at desc offset 4 limit 1)
             union all
             (select ceil(extract(epoch from at + interval '15 minutes' - now()))::bigint
              from attempts where what = 'pin' and subject = $2 and at > now() - interval '15 minutes'
              order by at desc offset 9 limit 1)) as waits",
        reference,
        computer.to_string()
    )
    .fetch_one(db)
    .await?;
    refuse(wait)
}

/// Notes a wrong PIN, whether or not it is anybody's.
pub async fn pin_failed(db: impl PgExecutor<'_>, reference: &str, computer: Uuid) -> Result<()> {
    sqlx::query!(
        "insert into attempts (what, subject) values ('pin', $1), ('pin', $2)",
        reference,
        computer.to_string()
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The right PIN: what was mistyped for this person before counts no more; at the computer it does, or whoever
/// has a PIN of their own could go on guessing those of others.
pub async fn pin_succeeded(db: impl PgExecutor<'_>, reference: &str) -> Result<()> {
    sqlx::query!(
        "delete from attempts where what = 'pin' and subject = $1",
        reference
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Refuses with `TooMany` after ten wrong codes of a second step for a member from one network in 15 minutes; and where
/// `can_be_guessed`, after fifty for them from anywhere within a day.
pub async fn may_try_code(
    tx: &mut PgConnection,
    member: Uuid,
    network: &str,
    can_be_guessed: bool,
) -> Result<()> {
    let wait = sqlx::query_scalar!(
        "select max(wait) from (
             (select ceil(extract(epoch from at + interval '15 minutes' - now()))::bigint as wait
              from attempts where what = 'code' and subject = $1 and at > now() - interval '15 minutes'
              order by at desc offset 9 limit 1)
             union all
             (select ceil(extract(epoch from at + interval '1 day' - now()))::bigint
              from attempts where $3 and what = 'code' and subject = $2 and at > now() - interval '1 day'
              order by at desc offset 49 limit 1)) as waits",
        at_address(&member.to_string(), network),
        member.to_string(),
        can_be_guessed
    )
    .fetch_one(tx)
    .await?;
    refuse(wait)
}

/// Notes a wrong code, and says how many there were for the member within a day.
pub async fn code_failed(tx: &mut PgConnection, member: Uuid, network: &str) -> Result<i64> {
    sqlx::query!(
        "insert into attempts (what, subject) values ('code', $1), ('code', $2)",
        at_address(&member.to_string(), network),
        member.to_string()
    )
    .execute(&mut *tx)
    .await?;
    let today = sqlx::query_scalar!(
        r#"select count(*) as "count!" from attempts
           where what = 'code' and subject = $1 and at > now() - interval '1 day'"#,
        member.to_string()
    )
    .fetch_one(tx)
    .await?;
    Ok(today)
}

/// The right code: what was mistyped there before counts no more.
pub async fn code_fitted(tx: &mut PgConnection, member: Uuid, network: &str) -> Result<()> {
    sqlx::query!(
        "delete from attempts where what = 'code' and subject = $1",
        at_address(&member.to_string(), network)
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets what no window reaches back to.
pub async fn forget_old(tx: &mut PgConnection) -> Result<()> {
    sqlx::query!("delete from attempts where at < now() - interval '1 day'")
        .execute(tx)
        .await?;
    Ok(())
}

fn at_address(email: &str, network: &str) -> String {
    format!("{email} from {network}")
}

fn refuse(wait: Option<i64>) -> Result<()> {
    match wait.and_then(|seconds| u64::try_from(seconds).ok()) {
        Some(seconds) => Err(Error::TooMany { seconds }),
        None => Ok(()),
    }
}
