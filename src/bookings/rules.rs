//! Booking policies as those who manage a location set them: each change holds for that location alone.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{PgConnection, types::Json};
use thiserror::Error;
use uuid::Uuid;

use super::{
    booking::Booking,
    check_in::{CheckIn, Unused},
    limit::Limit,
    locks, outside,
    policy::{Cancellation, Policy},
};
use crate::{
    audit::{self, Change},
    error::{Error, Result},
    id::Id,
    locations::location::Location,
    members::member::Member,
    spaces::space::Kind,
};

/// A policy with its name.
#[derive(Clone, Debug, Serialize)]
pub struct Rules {
    #[serde(skip)]
    pub id: Uuid,
    #[serde(skip)]
    pub slug: String,
    pub name: String,
    #[serde(flatten)]
    pub policy: Policy,
    #[serde(flatten)]
    pub check_in: CheckIn,
    #[serde(skip)]
    pub version: i32,
}

/// Where a policy is in use.
#[derive(Clone, Debug)]
pub struct InUse {
    pub rules: Rules,
    /// Kind, and how many spaces of the location follow it.
    pub kind: Kind,
    pub spaces: i64,
}

#[derive(Debug, Error)]
pub enum Refusal {
    #[error(
        "Somebody else has changed this policy since you opened it. What you typed is still below: look it over and save again."
    )]
    Stale,
    #[error("Another policy has this name. Choose another.")]
    NameTaken,
    /// These are booked already; nobody touches them.
    #[error("{}", would_break(.0.len()))]
    Outside(Vec<Booking>),
}

fn would_break(count: usize) -> String {
    match count {
        1 => "One booking ahead would break these rules. Look at it below, then say so.".to_owned(),
        count => format!(
            "{count} bookings ahead would break these rules. Look at them below, then say so."
        ),
    }
}

/// Who changes a policy, and for which spaces.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    pub member: Id<Member>,
    /// With its slug.
    pub location: (Id<Location>, &'a str),
    /// The slug of the one space that is meant.
    pub only: Option<&'a str>,
    /// They have seen which bookings would break it.
    pub seen: bool,
}

impl Rules {
    /// All of them, by name: what a new space may follow.
    pub async fn all(db: &mut PgConnection) -> Result<Vec<Rules>> {
        let rows = sqlx::query_as!(
            Row,
            r#"select id, slug as "slug!", name, step_minutes, min_minutes, max_minutes, notice_minutes, max_advance_days, by_time, by_day,
                      by_week, by_month, setup_minutes, turnaround_minutes, max_at_once, limits as "limits: Json<Vec<Limit>>", approval, compete, offer_minutes, overrun_minutes, first_refusal_days,
                      check_in_minutes, unused, grace_minutes, cancellation as "cancellation: Json<Cancellation>", version
               from booking_policies order by name"#
        )
        .fetch_all(db)
        .await?;
        Ok(rows.into_iter().map(Rules::from).collect())
    }

    pub async fn find(db: &mut PgConnection, slug: &str) -> Result<Rules> {
        let all = Self::all(db).await?.into_iter();
        let mut found = all.filter(|rules| rules.slug == slug);
        found.next().ok_or(Error::NotFound)
    }

    /// Those that a location's spaces follow, by kind.
    pub async fn in_use(db: &mut PgConnection, location: Id<Location>) -> Result<Vec<InUse>> {
        let rows = sqlx::query!(
            r#"select policy_id, kind, count(*) as "spaces!" from spaces
               where location_id = $1 and status <> 'retired' group by policy_id, kind order by kind, policy_id"#,
            location.get()
        )
        .fetch_all(&mut *db)
        .await?;
        let all = Self::all(db).await?;
        let mut found = Vec::new();
        for row in rows {
            let Some(rules) = all.iter().find(|rules| rules.id == row.policy_id) else {
                continue;
            };
            found.push(InUse {
                rules: rules.clone(),
                kind: row.kind.parse().map_err(anyhow::Error::msg)?,
                spaces: row.spaces,
            });
        }
        Ok(found)
    }

    /// What a location's spaces, or `only` one of them, follow from now on in place of the policy with this id.
    /// Where others follow it too, those keep it, and these get their own. Says the slug of the one that was
    /// written. Bookings that exist keep the terms they were made under; those that would break the new rules are
    /// named first, unless `seen`. Under the locks that bookings take, so that none gets in by the old rules
    /// meanwhile.
    pub async fn change(
        &self,
        tx: &mut PgConnection,
        by: By<'_>,
        now: DateTime<Utc>,
    ) -> Result<Result<String, Refusal>> {
        let (location, only) = (by.location, by.only);
        locks::spaces_of(&mut *tx, location.0, None, None, None).await?;
        let version = sqlx::query_scalar!(
            "select version from booking_policies where id = $1 for no key update",
            self.id
        )
        .fetch_one(&mut *tx)
        .await?;
        if version != self.version {
            return Ok(Err(Refusal::Stale));
        }
        let before = Rules::all(&mut *tx).await?;
        let Some(before) = before.into_iter().find(|rules| rules.id == self.id) else {
            return Err(Error::NotFound);
        };
        let spaces = sqlx::query_scalar!(
            "select id from spaces where policy_id = $1 and location_id = $2 and ($3::text is null or slug = $3)",
            self.id,
            location.0.get(),
            only
        )
        .fetch_all(&mut *tx)
        .await?;
        if only.is_some() && spaces.is_empty() {
            return Err(Error::NotFound);
        }
        if !by.seen {
            let both = (&before.policy, &self.policy);
            let outside = outside::outside(&mut *tx, &spaces, both, now).await?;
            if !outside.is_empty() {
                return Ok(Err(Refusal::Outside(outside)));
            }
        }
        let is_shared = sqlx::query_scalar!(
            r#"select exists (select from spaces
                              where policy_id = $1 and not (location_id = $2 and ($3::text is null or slug = $3))) as "is!""#,
            self.id,
            location.0.get(),
            only
        )
        .fetch_one(&mut *tx)
        .await?;
        let mut written = self.clone();
        if is_shared {
            let whose = sqlx::query!(
                "select l.name as place, (select name from spaces s where s.slug = $2 and s.location_id = l.id) as space
                 from locations l where l.id = $1",
                location.0.get(),
                only
            )
            .fetch_one(&mut *tx)
            .await?;
            if written.name == before.name {
                written.name = match whose.space {
                    Some(space) => format!("{space}: {}", before.name),
                    None => format!("{}, {}", before.name, whose.place),
                };
            }
            written.id = Uuid::now_v7();
        }
        let taken = sqlx::query_scalar!(
            r#"select exists (select from booking_policies where name = $1 and id <> $2) as "is!""#,
            written.name,
            written.id
        )
        .fetch_one(&mut *tx)
        .await?;
        if taken {
            return Ok(Err(Refusal::NameTaken));
        }
        written.write(&mut *tx).await?;
        if is_shared {
            sqlx::query!(
                "update spaces set policy_id = $3, version = version + 1
                 where policy_id = $1 and location_id = $2 and ($4::text is null or slug = $4)",
                self.id,
                location.0.get(),
                written.id,
                only
            )
            .execute(&mut *tx)
            .await?;
        }
        let mut detail = Change::between(&before, &written)?.detail();
        detail["location"] = location.1.into();
        detail["only"] = only.into();
        let (by, id) = (Some(by.member.get()), written.id);
        audit::record(tx, by, "change policy", "booking_policies", id, detail).await?;
        let slug = sqlx::query_scalar!(
            r#"select slug as "slug!" from booking_policies where id = $1"#,
            written.id
        )
        .fetch_one(tx)
        .await?;
        Ok(Ok(slug))
    }

    async fn write(&self, tx: &mut PgConnection) -> Result<()> {
        let policy = &self.policy;
        let minutes = |value: i64| i32::try_from(value).unwrap_or(i32::MAX);
        sqlx::query!(
            "insert into booking_policies as p (id, name, step_minutes, min_minutes, max_minutes, notice_minutes, max_advance_days,
                 by_time, by_day, by_week, by_month, setup_minutes, turnaround_minutes, max_at_once, first_refusal_days, cancellation,
                 check_in_minutes, unused, grace_minutes, limits, approval, offer_minutes, compete, overrun_minutes)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
             on conflict (id) do update
             set name = excluded.name, step_minutes = excluded.step_minutes, min_minutes = excluded.min_minutes,
                 max_minutes = excluded.max_minutes, notice_minutes = excluded.notice_minutes,
                 max_advance_days = excluded.max_advance_days, by_time = excluded.by_time, by_day = excluded.by_day,
                 by_week = excluded.by_week, by_month = excluded.by_month, setup_minutes = excluded.setup_minutes,
                 turnaround_minutes = excluded.turnaround_minutes, max_at_once = excluded.max_at_once,
                 first_refusal_days = excluded.first_refusal_days, cancellation = excluded.cancellation,
                 check_in_minutes = excluded.check_in_minutes, unused = excluded.unused, grace_minutes = excluded.grace_minutes,
                 limits = excluded.limits, approval = excluded.approval, offer_minutes = excluded.offer_minutes,
                 compete = excluded.compete, overrun_minutes = excluded.overrun_minutes, version = p.version + 1",
            self.id,
            self.name,
            minutes(policy.step_minutes),
            minutes(policy.min_minutes),
            minutes(policy.max_minutes),
            minutes(policy.notice_minutes),
            minutes(policy.max_advance_days),
            policy.by_time,
            policy.by_day,
            policy.by_week,
            policy.by_month,
            minutes(policy.setup_minutes),
            minutes(policy.turnaround_minutes),
            policy.max_at_once.and_then(|most| i32::try_from(most).ok()),
            i32::try_from(policy.first_refusal_days).unwrap_or(0),
            Json(&policy.cancellation) as _,
            minutes(self.check_in.opens_minutes),
            self.check_in.unused.key(),
            minutes(self.check_in.grace_minutes),
            Json(&policy.limits) as _,
            policy.approval,
            minutes(policy.offer_minutes),
            policy.compete,
            policy.overrun_minutes.map(minutes)
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}

struct Row {
    id: Uuid,
    slug: String,
    name: String,
    step_minutes: i32,
    min_minutes: i32,
    max_minutes: i32,
    notice_minutes: i32,
    max_advance_days: i32,
    by_time: bool,
    by_day: bool,
    by_week: bool,
    by_month: bool,
    setup_minutes: i32,
    turnaround_minutes: i32,
    max_at_once: Option<i32>,
    limits: Json<Vec<Limit>>,
    approval: bool,
    compete: bool,
    offer_minutes: i32,
    overrun_minutes: Option<i32>,
    first_refusal_days: i32,
    check_in_minutes: i32,
    unused: String,
    grace_minutes: i32,
    cancellation: Json<Cancellation>,
    version: i32,
}

impl From<Row> for Rules {
    fn from(row: Row) -> Rules {
        Rules {
            id: row.id,
            slug: row.slug,
            name: row.name,
            version: row.version,
            check_in: CheckIn {
                opens_minutes: row.check_in_minutes.into(),
                unused: Unused::named(&row.unused).unwrap_or(Unused::Nothing),
                grace_minutes: row.grace_minutes.into(),
            },
            policy: Policy {
                step_minutes: row.step_minutes.into(),
                min_minutes: row.min_minutes.into(),
                max_minutes: row.max_minutes.into(),
                notice_minutes: row.notice_minutes.into(),
                max_advance_days: row.max_advance_days.into(),
                by_time: row.by_time,
                by_day: row.by_day,
                by_week: row.by_week,
                by_month: row.by_month,
                setup_minutes: row.setup_minutes.into(),
                turnaround_minutes: row.turnaround_minutes.into(),
                max_at_once: row.max_at_once.map(|most| most.unsigned_abs() as usize),
                limits: row.limits.0,
                approval: row.approval,
                compete: row.compete,
                offer_minutes: row.offer_minutes.into(),
                overrun_minutes: row.overrun_minutes.map(i64::from),
                first_refusal_days: row.first_refusal_days.unsigned_abs() as usize,
                cancellation: row.cancellation.0,
            },
        }
    }
}
