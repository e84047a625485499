//! The spaces that a member has starred, in their own order.

use chrono::Duration;
use serde_json::json;
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;

use super::{
    locks,
    sheet::Sheet,
    term::{Term, Wish},
};
use crate::{
    audit,
    error::Result,
    id::Id,
    members::member::Member,
    spaces::space::{Kind, Space},
    time::Span,
};

/// The most that one member may have; a check of the table says the same.
const MOST: i32 = 20;

#[derive(Clone, Debug)]
pub struct Favourite {
    pub space: Id<Space>,
    pub slug: String,
    pub name: String,
    pub kind: Kind,
    pub location: String,
    pub location_slug: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error("You have {MOST} favourites, which is the most. Take one off first.")]
pub struct Full;

impl Favourite {
    /// All of a member's, also those that are not offered at the moment.
    pub async fn of(db: &mut PgConnection, member: Id<Member>) -> Result<Vec<Favourite>> {
        let rows = sqlx::query!(
            "select s.id, s.slug, s.name, s.kind, l.name as location, l.slug as location_slug
             from favourites f join spaces s on s.id = f.space_id join locations l on l.id = s.location_id
             where f.member_id = $1 order by f.position",
            member.get()
        )
        .fetch_all(db)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Favourite {
                    space: row.id.into(),
                    slug: row.slug,
                    name: row.name,
                    kind: row.kind.parse().map_err(anyhow::Error::msg)?,
                    location: row.location,
                    location_slug: row.location_slug,
                })
            })
            .collect()
    }

    /// Stars a space, as the last one; doing it twice is once.
    pub async fn add(
        tx: &mut PgConnection,
        member: Id<Member>,
        space: Id<Space>,
    ) -> Result<Result<(), Full>> {
        locks::member(tx, member).await?;
        let others = sqlx::query_scalar!(
            "select space_id from favourites where member_id = $1",
            member.get()
        )
        .fetch_all(&mut *tx)
        .await?;
        if others.contains(&space.get()) {
            return Ok(Ok(()));
        }
        let position = others.len() as i32 + 1;
        if position > MOST {
            return Ok(Err(Full));
        }
        sqlx::query!(
            "insert into favourites (member_id, space_id, position) values ($1, $2, $3)",
            member.get(),
            space.get(),
            position
        )
        .execute(&mut *tx)
        .await?;
        noted(tx, "star", member, space.get()).await?;
        Ok(Ok(()))
    }

    /// Takes the star off, whatever became of the space, and lets those behind move up.
    pub async fn remove(tx: &mut PgConnection, member: Id<Member>, slug: &str) -> Result<()> {
        locks::member(tx, member).await?;
        let gone = sqlx::query!(
            "delete from favourites where member_id = $1 and space_id = (select id from spaces where slug = $2)
             returning space_id, position",
            member.get(),
            slug
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(gone) = gone else { return Ok(()) };
        sqlx::query!(
            "update favourites set position = position - 1 where member_id = $1 and position > $2",
            member.get(),
            gone.position
        )
        .execute(&mut *tx)
        .await?;
        noted(tx, "unstar", member, gone.space_id).await
    }

    /// Puts one in front of all others.
    pub async fn put_first(tx: &mut PgConnection, member: Id<Member>, slug: &str) -> Result<()> {
        locks::member(tx, member).await?;
        let moved = sqlx::query!(
            "with chosen as (select f.space_id, f.position from favourites f join spaces s on s.id = f.space_id
                             where f.member_id = $1 and s.slug = $2)
             update favourites f set position = case when f.space_id = c.space_id then 1 else f.position + 1 end
             from chosen c where f.member_id = $1 and f.position <= c.position
             returning f.space_id, f.position",
            member.get(),
            slug
        )
        .fetch_all(&mut *tx)
        .await?;
        match moved.into_iter().find(|star| star.position == 1) {
            Some(first) => noted(tx, "star first", member, first.space_id).await,
            None => Ok(()),
        }
    }

    pub async fn is(db: &mut PgConnection, member: Id<Member>, space: Id<Space>) -> Result<bool> {
        let is = sqlx::query_scalar!(
            r#"select exists (select from favourites where member_id = $1 and space_id = $2) as "is!""#,
            member.get(),
            space.get()
        )
        .fetch_one(db)
        .await?;
        Ok(is)
    }
}

async fn noted(tx: &mut PgConnection, verb: &str, member: Id<Member>, space: Uuid) -> Result<()> {
    audit::record(tx, Some(member.get()), verb, "spaces", space, json!({})).await?;
    Ok(())
}

impl Sheet {
    /// The shortest booking of a space that can begin soonest, within the days of this sheet.
    pub fn soonest(&self, space: &Space) -> Option<Term> {
        let (first, last) = self.days;
        let days = first.iter_days().take_while(|date| *date <= last);
        let fits = |term: &Term| self.check(space, &Wish::new(*term, 1)).is_ok();
        if !space.policy.by_time {
            let whole = |date| Term::Days {
                first: date,
                last: date,
            };
            return days.map(whole).find(fits);
        }
        let length = Duration::minutes(space.policy.min_minutes.max(60));
        let starts = days
            .flat_map(|date| self.day(space, date).openings)
            .flat_map(|opening| self.steps(space, opening.span));
        let term = |start| Term::Time(Span::new(start, start + length));
        starts.map(term).find(fits)
    }
}
