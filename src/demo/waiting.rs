//! Who waits in the sample for rooms that others have.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::dice::Dice;
use crate::sessions::sample::SIGN_INS;

/// `member@connect.example` waits for the first room of others from tomorrow on, and two more people for the two after it.
pub async fn insert(
    tx: &mut PgConnection,
    dice: &mut Dice,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let (ids, references) = (
        [(); 3].map(|()| dice.id(now)),
        ["WL-22222", "WL-33333", "WL-44444"].map(str::to_owned),
    );
    let sign_ins: Vec<String> = SIGN_INS
        .iter()
        .map(|(email, ..)| (*email).to_owned())
        .collect();
    sqlx::query!(
        "insert into waitlist_entries (id, reference, member_id, location_id, kind, space_id, people, term, during,
                                       first_day, last_day, created_at)
         select ($1::uuid[])[taken.n], ($2::text[])[taken.n], waits.id, taken.location_id, taken.kind, taken.space_id, 4, 'time',
                taken.during, taken.day, taken.day, $3::timestamptz
         from (select b.during, b.space_id, s.location_id, s.kind, (lower(b.during) at time zone l.time_zone)::date as day,
                      row_number() over (order by lower(b.during), b.reference) as n
               from bookings b join spaces s on s.id = b.space_id join locations l on l.id = s.location_id
               where s.kind = 'meeting_room' and s.seats >= 4 and b.status = 'confirmed'
                 and lower(b.during) > $3::timestamptz + interval '1 day'
                 and b.member_id not in (select id from members where email = any($4))) taken
         join (select id, row_number() over (order by email <> 'member@connect.example', reference) as n
               from members where email = 'member@connect.example' or email is not null and not email = any($4)) waits
           on waits.n = taken.n
         where taken.n <= 3",
        &ids[..],
        &references[..],
        now,
        &sign_ins
    )
    .execute(tx)
    .await?;
    Ok(())
}
