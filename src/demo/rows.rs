//! Bookings, the time they take and what they cost, as the database keeps them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use crate::{
    bookings::{
        booking::{Price, Status},
        policy::Cancellation,
    },
    money::Money,
    spaces::layout::Layout,
    time::Span,
};

#[derive(Default)]
pub struct Rows<'a> {
    pub bookings: Vec<BookingRow<'a>>,
    pub occupancies: Vec<OccupancyRow>,
    pub ledger: Vec<LedgerRow>,
    pub pass_days: Vec<PassDayRow>,
}

impl Rows<'_> {
    pub async fn write(&self, tx: &mut PgConnection) -> sqlx::Result<()> {
        sqlx::query!(
            "insert into bookings (id, reference, space_id, member_id, account_id, created_by, channel, term, term_count, last_day, during,
                 people, layout, title, status, first_refusal, hold_expires_at, price, total_cents, vat_cents, cancellation, overrun, terms_version, sequence,
                 created_at, confirmed_at, cancelled_at, cancelled_by, cancellation_reason, kept_cents,
                 arrived_at, arrived_by, missed_at, missed_by)
             select id, reference, space_id, member_id, account_id, created_by, channel, term, term_count, last_day, during,
                 people, layout, title, status, first_refusal, hold_expires_at, price, total_cents, vat_cents, cancellation,
                 (select jsonb_build_object('grace_minutes', p.overrun_minutes, 'step_minutes', p.step_minutes)
                  from spaces s join booking_policies p on p.id = s.policy_id
                  where s.id = space_id and term = 'time' and p.overrun_minutes is not null),
                 (select terms_version from installation), sequence,
                 created_at, confirmed_at, cancelled_at, cancelled_by, cancellation_reason, kept_cents,
                 arrived_at, arrived_by, missed_at, missed_by
             from jsonb_populate_recordset(null::bookings, $1)",
            Json(&self.bookings) as _
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "insert into occupancies (id, space_id, booking_id, active, during, occupies, held_until)
             select id, space_id, booking_id, active, during, occupies, held_until
             from jsonb_populate_recordset(null::occupancies, $1)",
            Json(&self.occupancies) as _
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "insert into ledger_entries (id, account_id, booking_id, pass_id, kind, cents, description, created_by, created_at)
             select id, account_id, booking_id, pass_id, kind, cents, description, created_by, created_at
             from jsonb_populate_recordset(null::ledger_entries, $1)",
            Json(&self.ledger) as _
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "insert into pass_days (booking_id, on_date, pass_id, places, valid, place, during)
             select d.booking_id, d.on_date, p.id, p.places, p.valid, d.place, d.during
             from jsonb_populate_recordset(null::pass_days, $1) d join passes p on p.id = d.pass_id",
            Json(&self.pass_days) as _
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// As PostgreSQL reads it.
pub fn range(span: Span) -> String {
    format!("[{},{})", span.from.to_rfc3339(), span.until.to_rfc3339())
}

#[derive(Serialize)]
pub struct BookingRow<'a> {
    pub id: Uuid,
    pub reference: String,
    pub space_id: Uuid,
    pub member_id: Uuid,
    pub account_id: Uuid,
    pub created_by: Uuid,
    pub channel: &'static str,
    pub term: &'static str,
    pub term_count: Option<u32>,
    pub last_day: Option<NaiveDate>,
    pub layout: Option<Layout>,
    pub first_refusal: bool,
    pub hold_expires_at: Option<DateTime<Utc>>,
    pub during: String,
    pub people: i32,
    pub title: &'static str,
    pub status: Status,
    pub price: Price,
    pub total_cents: Money,
    pub vat_cents: Money,
    pub cancellation: &'a Cancellation,
    pub sequence: i32,
    pub created_at: DateTime<Utc>,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub cancelled_at: Option<DateTime<Utc>>,
    pub cancelled_by: Option<Uuid>,
    pub cancellation_reason: Option<&'static str>,
    pub kept_cents: Option<Money>,
    pub arrived_at: Option<DateTime<Utc>>,
    pub arrived_by: Option<Uuid>,
    pub missed_at: Option<DateTime<Utc>>,
    pub missed_by: Option<Uuid>,
}

#[derive(Serialize)]
pub struct OccupancyRow {
    pub id: Uuid,
    pub space_id: Uuid,
    pub booking_id: Uuid,
    pub active: bool,
    pub during: String,
    pub occupies: String,
    pub held_until: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
pub struct LedgerRow {
    pub id: Uuid,
    pub account_id: Uuid,
    pub booking_id: Option<Uuid>,
    pub pass_id: Option<Uuid>,
    pub kind: &'static str,
    pub cents: Money,
    pub description: String,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
}

#[derive(Serialize)]
pub struct PassDayRow {
    pub booking_id: Uuid,
    pub on_date: NaiveDate,
    pub pass_id: Uuid,
    pub place: i32,
    pub during: String,
}
