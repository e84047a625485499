//! What may be asked of a location's spaces, for programs of those who manage it.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    check_in::{CheckIn, Unused},
    limit::Limit,
    policy::{Cancellation, Policy, Tier},
    rules::{By, Refusal, Rules},
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::{Now, unreadable},
    form,
    locations::facts::Entry,
    sessions::current::ManagerBearer,
    spaces::space::Kind,
    transaction,
    transaction::Db,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(index))
        .routes(routes!(change))
}

#[derive(Serialize, ToSchema)]
struct PoliciesJson {
    policies: Vec<InUseJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PolicyInUse)]
struct InUseJson {
    slug: String,
    kind: Kind,
    /// How many spaces of the location follow it.
    spaces: i64,
    #[serde(flatten)]
    policy: PolicyJson,
    /// Grows with every change.
    version: i32,
}

/// Times are in minutes, but for how far ahead, in days.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = Policy)]
struct PolicyJson {
    name: String,
    by_time: bool,
    by_day: bool,
    by_week: bool,
    by_month: bool,
    #[schema(minimum = 5, maximum = 1440)]
    step_minutes: i64,
    min_minutes: i64,
    max_minutes: i64,
    notice_minutes: i64,
    max_advance_days: i64,
    setup_minutes: i64,
    turnaround_minutes: i64,
    /// The most at once for one member; null for any number.
    max_at_once: Option<usize>,
    /// How much of this kind one member or one company may use in a day, a week or a month; as they were where
    /// nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limits: Option<Vec<Limit>>,
    /// Somebody approves each booking before it stands; as it was where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    approval: Option<bool>,
    /// Several may ask for the same time, and whoever is approved has it; as it was where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    compete: Option<bool>,
    /// How long an offer from the waitlist stands, at the most; as it was where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    offer_minutes: Option<i64>,
    /// Staying longer than this past the end is charged by each step begun; null where it is not.
    #[schema(minimum = 0, maximum = 240)]
    overrun_minutes: Option<i64>,
    /// In working days; 0 for none.
    first_refusal_days: usize,
    /// The longest notice first; the last step has 0 minutes.
    cancellation: Vec<TierJson>,
    /// Before the start, when check-in opens.
    #[schema(minimum = 0, maximum = 1440)]
    check_in_minutes: i64,
    /// What happens to a room that nobody came for: `nothing`, `ask` (the front desk) or `release`.
    #[schema(example = "release")]
    unused: String,
    /// After the start, when it happens.
    #[schema(minimum = 5, maximum = 240)]
    grace_minutes: i64,
}

/// From this many minutes before the start on, up to the step before it.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = CancellationStep)]
struct TierJson {
    minutes_before: i64,
    kept_percent: i64,
}

impl PolicyJson {
    fn of(rules: &Rules) -> PolicyJson {
        let policy = &rules.policy;
        let tiers = policy.cancellation.0.iter().map(|tier| TierJson {
            minutes_before: tier.minutes_before,
            kept_percent: tier.kept_percent,
        });
        PolicyJson {
            name: rules.name.clone(),
            by_time: policy.by_time,
            by_day: policy.by_day,
            by_week: policy.by_week,
            by_month: policy.by_month,
            step_minutes: policy.step_minutes,
            min_minutes: policy.min_minutes,
            max_minutes: policy.max_minutes,
            notice_minutes: policy.notice_minutes,
            max_advance_days: policy.max_advance_days,
            setup_minutes: policy.setup_minutes,
            turnaround_minutes: policy.turnaround_minutes,
            max_at_once: policy.max_at_once,
            limits: Some(policy.limits.clone()),
            approval: Some(policy.approval),
            compete: Some(policy.compete),
            offer_minutes: Some(policy.offer_minutes),
            overrun_minutes: policy.overrun_minutes,
            first_refusal_days: policy.first_refusal_days,
            cancellation: tiers.collect(),
            check_in_minutes: rules.check_in.opens_minutes,
            unused: rules.check_in.unused.key().to_owned(),
            grace_minutes: rules.check_in.grace_minutes,
        }
    }

    fn check_in(&self) -> Result<CheckIn> {
        let unused = Unused::named(&self.unused).ok_or_else(|| {
            Error::refused("bad-policy", "Send nothing, ask or release as unused.")
        })?;
        let check_in = CheckIn {
            opens_minutes: self.check_in_minutes,
            unused,
            grace_minutes: self.grace_minutes,
        };
        match check_in.fault() {
            Some(fault) => Err(Error::refused("bad-policy", fault)),
            None => Ok(check_in),
        }
    }

    fn read(&self, was: &Rules, version: i32) -> Result<Rules> {
        let name = form::required_line(&self.name, 80, "Give the policy a name.");
        let name = name.map_err(|sentence| Error::refused("bad-name", sentence))?;
        let tiers = self.cancellation.iter().map(|tier| Tier {
            minutes_before: tier.minutes_before,
            kept_percent: tier.kept_percent,
        });
        let policy = Policy {
            step_minutes: self.step_minutes,
            min_minutes: self.min_minutes,
            max_minutes: self.max_minutes,
            notice_minutes: self.notice_minutes,
            max_advance_days: self.max_advance_days,
            by_time: self.by_time,
            by_day: self.by_day,
            by_week: self.by_week,
            by_month: self.by_month,
            setup_minutes: self.setup_minutes,
            turnaround_minutes: self.turnaround_minutes,
            max_at_once: self.max_at_once,
            limits: match &self.limits {
                Some(limits) => limits.clone(),
                None => was.policy.limits.clone(),
            },
            approval: self.approval.unwrap_or(was.policy.approval),
            compete: self.compete.unwrap_or(was.policy.compete),
            offer_minutes: self.offer_minutes.unwrap_or(was.policy.offer_minutes),
            overrun_minutes: self.overrun_minutes,
            first_refusal_days: self.first_refusal_days,
            cancellation: Cancellation(tiers.collect()),
        };
        if let Some(fault) = policy.faults().into_iter().next() {
            return Err(Error::refused("bad-policy", fault.to_string()));
        }
        Ok(Rules {
            name,
            policy,
            check_in: self.check_in()?,
            version,
            ..was.clone()
        })
    }
}

async fn managed(db: &mut Db, me: &ManagerBearer, slug: &str) -> Result<Entry> {
    let entry = Entry::find(db, slug).await?;
    me.managing(entry.id)?;
    Ok(entry)
}

async fn list(db: &mut Db, place: &Entry) -> Result<Json<PoliciesJson>> {
    let policies = Rules::in_use(db, place.id).await?.into_iter();
    let policies = policies.map(|used| InUseJson {
        policy: PolicyJson::of(&used.rules),
        slug: used.rules.slug,
        kind: used.kind,
        spaces: used.spaces,
        version: used.rules.version,
    });
    Ok(Json(PoliciesJson {
        policies: policies.collect(),
    }))
}

/// The policies that a location's spaces follow.
///
/// For its managers, and owners.
#[utoipa::path(get, path = "/locations/{slug}/policies", tag = "Setting up", params(("slug" = String, Path)),
    responses((status = 200, body = PoliciesJson)))]
async fn index(
    State(app): State<App>,
    me: ManagerBearer,
    Path(slug): Path<String>,
) -> Result<Json<PoliciesJson>> {
    let mut db = app.db.acquire().await?;
    let place = managed(&mut db, &me, &slug).await?;
    list(&mut db, &place).await
}

#[derive(Deserialize, ToSchema)]
struct ChangedPolicy {
    #[serde(flatten)]
    policy: PolicyJson,
    /// Of the policy that was looked at; one that has changed since is refused.
    version: i32,
    /// The slug of the one space it is meant for; all of the location that follow it without it.
    only: Option<String>,
    /// The bookings that would break it are known.
    #[serde(default)]
    seen: bool,
}

/// Change a policy.
///
/// For the location's managers, and owners. Spaces elsewhere keep theirs. Bookings that would break the new rules are
/// named first, and never touched.
#[utoipa::path(put, path = "/locations/{slug}/policies/{policy}", tag = "Setting up", request_body = ChangedPolicy,
    params(("slug" = String, Path), ("policy" = String, Path)), responses((status = 200, body = PoliciesJson)))]
async fn change(
    State(app): State<App>,
    Now(now): Now,
    me: ManagerBearer,
    Path((slug, policy)): Path<(String, String)>,
    body: Result<Json<ChangedPolicy>, JsonRejection>,
) -> Result<Json<PoliciesJson>> {
    let (place, rules) = {
        let mut db = app.db.acquire().await?;
        let place = managed(&mut db, &me, &slug).await?;
        (place, Rules::find(&mut db, &policy).await?)
    };
    let Json(body) = body.map_err(unreadable)?;
    let wanted = body.policy.read(&rules, body.version)?;
    let by = By {
        member: me.member,
        location: (place.id, &place.slug),
        only: body.only.as_deref().filter(|slug| !slug.is_empty()),
        seen: body.seen,
    };
    write(&app, &wanted, by, now).await?;
    list(&mut *app.db.acquire().await?, &place).await
}

async fn write(app: &App, wanted: &Rules, by: By<'_>, now: DateTime<Utc>) -> Result<()> {
    let done = transaction!(app.db, tx => wanted.change(tx, by, now).await)?;
    done.map(|_| ()).map_err(|refusal| match refusal {
        Refusal::Stale => Error::conflict("stale", "Somebody changed this policy a moment ago. Read it again."),
        Refusal::NameTaken => Error::refused("name-taken", refusal.to_string()),
        Refusal::Outside(bookings) => {
            let references: Vec<String> = bookings.into_iter().map(|one| one.reference).collect();
            let sentence = format!(
                "These bookings would break it: {}. They stay as they are: send seen once you know of them.",
                references.join(", ")
            );
            Error::refused("bookings-outside", sentence)
        }
    })
}
