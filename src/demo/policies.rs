//! What may be asked of each kind of sample space.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::dice::Dice;
use crate::{
    bookings::{
        limit::{self, Limit},
        policy::{Cancellation, Tier},
    },
    spaces::space::Kind,
};

const DESKS: &str = "Hot desks";
const ROOMS: &str = "Meeting rooms";
const BOARDROOMS: &str = "Boardrooms";
const OFFICES: &str = "Offices";

/// The name of the policy that a space follows; rooms of ten seats or more take longer to clear.
pub fn of(kind: Kind, seats: i32) -> &'static str {
    match kind {
        Kind::HotDesk => DESKS,
        Kind::MeetingRoom if seats >= 10 => BOARDROOMS,
        Kind::MeetingRoom => ROOMS,
        Kind::Office => OFFICES,
    }
}

/// Writes the policies and returns their ids by name.
pub async fn insert(
    tx: &mut PgConnection,
    dice: &mut Dice,
    now: DateTime<Utc>,
) -> sqlx::Result<BTreeMap<&'static str, Uuid>> {
    let policies = policies(dice, now);
    sqlx::query!(
        "insert into booking_policies (id, name, step_minutes, min_minutes, max_minutes, max_advance_days, by_time,
             by_day, by_week, by_month, turnaround_minutes, max_at_once, limits, unused,
             overrun_minutes, first_refusal_days, cancellation)
         select id, name, step_minutes, min_minutes, max_minutes, max_advance_days, by_time,
             by_day, by_week, by_month, turnaround_minutes, max_at_once, limits, unused,
             overrun_minutes, first_refusal_days, cancellation
         from jsonb_populate_recordset(null::booking_policies, $1)",
        Json(&policies) as _
    )
    .execute(tx)
    .await?;
    Ok(policies
        .iter()
        .map(|policy| (policy.name, policy.id))
        .collect())
}

#[derive(Clone, Serialize)]
struct Row {
    id: Uuid,
    name: &'static str,
    step_minutes: i32,
    min_minutes: i32,
    max_minutes: i32,
    max_advance_days: i32,
    by_time: bool,
    by_day: bool,
    by_week: bool,
    by_month: bool,
    turnaround_minutes: i32,
    max_at_once: Option<i32>,
    limits: Vec<Limit>,
    /// What becomes of a room that nobody comes for.
    unused: &'static str,
    overrun_minutes: Option<i32>,
    first_refusal_days: i32,
    cancellation: Cancellation,
}

fn policies(dice: &mut Dice, now: DateTime<Utc>) -> [Row; 4] {
    let rooms = Row {
        id: dice.id(now),
        name: ROOMS,
        step_minutes: 15,
        min_minutes: 30,
        max_minutes: 600,
        max_advance_days: 180,
        by_time: true,
        by_day: false,
        by_week: false,
        by_month: false,
        turnaround_minutes: 15,
        max_at_once: None,
        limits: vec![Limit {
            most: 20,
            unit: limit::Unit::Hours,
            per: limit::Per::Week,
            whose: limit::Whose::Member,
        }],
        unused: "ask",
        overrun_minutes: Some(10),
        first_refusal_days: 0,
        cancellation: kept(&[(1440, 0), (120, 50), (0, 100)]),
    };
    let boardrooms = Row {
        id: dice.id(now),
        name: BOARDROOMS,
        turnaround_minutes: 30,
        unused: "release",
        ..rooms.clone()
    };
    let desks = Row {
        id: dice.id(now),
        name: DESKS,
        step_minutes: 30,
        min_minutes: 60,
        max_minutes: 720,
        max_advance_days: 90,
        by_time: true,
        by_day: true,
        by_week: false,
        by_month: false,
        turnaround_minutes: 0,
        max_at_once: Some(2),
        limits: Vec::new(),
        unused: "nothing",
        overrun_minutes: None,
        first_refusal_days: 0,
        cancellation: kept(&[(120, 0), (0, 100)]),
    };
    let offices = Row {
        id: dice.id(now),
        name: OFFICES,
        step_minutes: 60,
        min_minutes: 60,
        max_minutes: 365 * 1440,
        max_advance_days: 365,
        by_time: false,
        by_day: true,
        by_week: true,
        by_month: true,
        turnaround_minutes: 0,
        max_at_once: None,
        limits: Vec::new(),
        unused: "nothing",
        overrun_minutes: None,
        first_refusal_days: 3,
        cancellation: kept(&[(7 * 1440, 0), (0, 50)]),
    };
    [desks, rooms, boardrooms, offices]
}

/// Tiers of minutes before the start and per cent kept.
fn kept(tiers: &[(i64, i64)]) -> Cancellation {
    Cancellation(
        tiers
            .iter()
            .map(|&(minutes_before, kept_percent)| Tier {
                minutes_before,
                kept_percent,
            })
            .collect(),
    )
}
