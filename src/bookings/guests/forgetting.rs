//! Guests are forgotten some time after they came (POPIA s 14): that somebody came stays, who it was goes.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Result;

/// How many are forgotten at once.
const A_TIME: i64 = 200;

/// Forgets those whose booking has been over for as many days as the installation says.
pub async fn forget_old(tx: &mut PgConnection) -> Result<()> {
    let guests = sqlx::query_scalar!(
        "select g.id from guests g join bookings b on b.id = g.booking_id, installation i
         where g.forgotten_at is null and upper(b.during) < now() - make_interval(days => i.keep_guests_days)
         order by g.id limit $1 for no key update of g skip locked",
        A_TIME
    )
    .fetch_all(&mut *tx)
    .await?;
    forget(tx, &guests).await
}

/// Their names, addresses and links go, and what was kept of their mails where none are sent.
async fn forget(tx: &mut PgConnection, guests: &[Uuid]) -> Result<()> {
    if guests.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "delete from mails m using guests g
         where g.id = any($1) and lower(m.to_address) = g.email and not exists (select from members where email = g.email)",
        guests
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("delete from guest_links where guest_id = any($1)", guests)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "update guests set name = '', email = '', forgotten_at = now() where id = any($1)",
        guests
    )
    .execute(tx)
    .await?;
    Ok(())
}
