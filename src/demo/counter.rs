//! What was paid at the counters and counted at the end of each day, and the PINs of those who stand there.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// `pin_hash` is that of [`super::PIN`], for all who work here.
pub async fn insert(
    tx: &mut PgConnection,
    receptionist: Uuid,
    pin_hash: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update staff set pin_hash = $1, pin_set_at = $2",
        pin_hash,
        now
    )
    .execute(&mut *tx)
    .await?;
    payments(&mut *tx, receptionist, now).await?;
    cash_ups(tx, receptionist, now).await
}

/// Most stays of some hours or days were paid for as they began: by card, in cash, or by EFT; some are still due.
async fn payments(
    tx: &mut PgConnection,
    receptionist: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with stays as (
             select b.id, b.reference, b.account_id, s.location_id, l.time_zone, due_on(b.id) as due,
                    lower(b.during) + make_interval(mins => 1 + ('x' || substr(md5(b.reference), 7, 6))::bit(24)::int % 9) as at,
                    ('x' || substr(md5(b.reference), 1, 6))::bit(24)::int % 20 as chance
             from bookings b join spaces s on s.id = b.space_id join locations l on l.id = s.location_id
             where b.status in ('completed', 'checked_in') and b.term in ('time', 'day')
               and lower(b.during) < $2::timestamptz - interval '10 minutes'
         ), paid as (
             select *, extract(year from at at time zone time_zone)::int as year,
                    case when chance < 5 and due % 10 = 0 then 'cash' when chance < 15 then 'card' else 'eft' end as method
             from stays where due > 0 and chance < 18
         ), numbered as (
             select *, 'RC-' || year || '-' || lpad((row_number() over (partition by year order by at, reference))::text, 6, '0')
                       as receipt
             from paid
         )
         insert into ledger_entries (id, account_id, booking_id, kind, cents, description, created_by, created_at, method,
                                     location_id, bank_date, bank_reference, receipt)
         select md5('payment ' || reference)::uuid, account_id, id, 'payment', -due,
                'Payment, ' || case method when 'card' then 'card machine' when 'eft' then 'eft' else method end
                    || ', receipt ' || receipt,
                $1, at, method, location_id, case when method = 'eft' then (at at time zone time_zone)::date end,
                case when method = 'eft' then reference else '' end, receipt
         from numbered",
        receptionist,
        now
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into document_numbers (kind, year, last)
         select 'receipt', substr(receipt, 4, 4)::int, max(substr(receipt, 9)::int) from ledger_entries
         where receipt is not null group by 2"
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Each day's till up to yesterday; now and then a few rands are missing.
async fn cash_ups(
    tx: &mut PgConnection,
    receptionist: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with tills as (
             select e.location_id, l.time_zone, (e.created_at at time zone l.time_zone)::date as on_date, sum(-e.cents) filter (where e.method = 'cash') as cash
             from ledger_entries e join locations l on l.id = e.location_id
             where e.method is not null and (e.created_at at time zone l.time_zone)::date < ($2::timestamptz at time zone l.time_zone)::date
             group by 1, 2, 3
         ), numbered as (
             select *, row_number() over (partition by location_id order by on_date) as number from tills
         )
         insert into cash_ups (id, location_id, number, on_date, closed_at, closed_by, note)
         select md5('till ' || location_id || on_date)::uuid, location_id, number, on_date,
                (on_date + time '18:40') at time zone time_zone, $1,
                case when number % 13 = 0 and cash > 0 then 'R10 short: change was given twice' else '' end
         from numbered",
        receptionist,
        now
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into cash_up_entries (entry_id, cash_up_id)
         select e.id, c.id from ledger_entries e
         join locations l on l.id = e.location_id
         join cash_ups c on c.location_id = e.location_id and c.on_date = (e.created_at at time zone l.time_zone)::date
         where e.method is not null"
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into cash_up_counts (cash_up_id, method, expected_cents, counted_cents)
         select c.id, m.method, coalesce(sum(-e.cents), 0),
                coalesce(sum(-e.cents), 0) - case when c.note <> '' and m.method = 'cash' then 1000 else 0 end
         from cash_ups c cross join unnest(array['cash', 'card', 'eft']) as m (method)
         left join cash_up_entries k on k.cash_up_id = c.id
         left join ledger_entries e on e.id = k.entry_id and e.method = m.method
         group by c.id, m.method, c.note"
    )
    .execute(tx)
    .await?;
    Ok(())
}
