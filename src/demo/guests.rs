//! Whom people of the sample have invited to their meetings.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::dice::Dice;

const NAMES: [&str; 6] = [
    "Lerato Moeketsi",
    "Ravi Pather",
    "Anele Dube",
    "Johan Steyn",
    "Zanele Ntuli",
    "Farah Essop",
];

/// Two guests each of the next three meetings of `member@connect.example` or of others, the member's first.
pub async fn insert(
    tx: &mut PgConnection,
    dice: &mut Dice,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let ids = NAMES.map(|_| dice.id(now));
    let names = NAMES.map(str::to_owned);
    sqlx::query!(
        "insert into guests (id, booking_id, name, email, invited_by, invited_at)
         select ($1::uuid[])[2 * meeting.n - 1 + one], meeting.id, ($2::text[])[2 * meeting.n - 1 + one],
                'guest-' || 2 * meeting.n - 1 + one || '@visitor.example', meeting.member_id, $3::timestamptz
         from (select b.id, b.member_id, row_number() over (order by m.email <> 'member@connect.example', lower(b.during), b.reference)::int as n
               from bookings b join spaces s on s.id = b.space_id join members m on m.id = b.member_id
               where s.kind = 'meeting_room' and s.seats >= 3 and b.status = 'confirmed'
                 and lower(b.during) > $3::timestamptz and m.email is not null
               limit 3) meeting
         cross join generate_series(0, 1) one",
        &ids[..],
        &names[..],
        now
    )
    .execute(tx)
    .await?;
    Ok(())
}
