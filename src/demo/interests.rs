//! People who want to be told when the sample's announced location opens.

use sqlx::PgConnection;

use super::places::HILLCREST;
use crate::locations::interest::CONSENT;

/// So many, each at an address that is nobody's.
const COUNT: i32 = 7;

pub async fn insert(tx: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into interests (id, location_id, email, consent, confirmed_at)
         select gen_random_uuid(), l.id, 'reader.' || number || '@sample.example', $2, now()
         from locations l cross join generate_series(1, $3) number
         where l.slug = $1",
        HILLCREST.slug,
        CONSENT,
        COUNT
    )
    .execute(tx)
    .await?;
    Ok(())
}
