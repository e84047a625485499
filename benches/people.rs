//! Members and staff of a house, signed in, and what they carry along.

use std::ops::RangeInclusive;

use anyhow::{Context, Result};
use connect_space::config::Cookies;
use connect_space::sessions::{current, session, token};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::house::House;

/// Somebody with a session, and a program with a token of theirs.
#[derive(Clone, Debug)]
pub struct Person {
    pub cookie: String,
    pub token: String,
}

/// Some of the hundred thousand members.
pub async fn members(
    house: &House,
    database: &str,
    which: RangeInclusive<u32>,
) -> Result<Vec<Person>> {
    let emails = which.map(|n| format!("member-{n}@example.com"));
    sign_in(house, database, emails).await
}

pub async fn owner(house: &House, database: &str) -> Result<Person> {
    let owner = sign_in(house, database, ["nomsa@example.com".to_owned()]).await?;
    owner.into_iter().next().context("the house has an owner")
}

async fn sign_in(
    house: &House,
    database: &str,
    emails: impl IntoIterator<Item = String>,
) -> Result<Vec<Person>> {
    let mut db = PgConnection::connect_with(&house.as_site(database)).await?;
    let mut tx = db.begin().await?;
    let mut people = Vec::new();
    for email in emails {
        let id: Uuid = sqlx::query_scalar("select id from members where email = $1")
            .bind(&email)
            .fetch_one(&mut *tx)
            .await?;
        let broken = |error| anyhow::anyhow!("{error:?}");
        let secret = session::begin(&mut tx, id.into(), "bench", None)
            .await
            .map_err(broken)?;
        let cookie = current::cookie(Cookies::Strict, secret);
        let token = token::make(&mut tx, &email, "bench")
            .await
            .map_err(broken)?;
        people.push(Person {
            cookie: format!("{}={}", cookie.name(), cookie.value()),
            token: token.context("a member has tokens")?,
        });
    }
    tx.commit().await?;
    Ok(people)
}
