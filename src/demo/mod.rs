//! The sample: three locations and an announced one, their spaces and prices, invented people, and months of bookings around today.

mod account;
mod bookings;
mod closures;
mod counter;
mod diary;
mod dice;
mod extras;
mod floors;
mod guests;
mod guides;
mod habits;
mod house;
mod interests;
mod journal;
mod lets;
mod locations;
mod member;
mod names;
mod operator;
mod passes;
mod people;
mod places;
mod plan;
mod policies;
mod prices;
mod rows;
mod series;
mod spaces;
mod viewings;
mod waiting;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};

use self::{diary::Diary, dice::Dice, house::House};
pub use crate::sessions::sample::{PASSWORD, PIN, SIGN_INS};

/// Nothing has been set up yet: there is no location and no member.
pub async fn is_empty(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select not exists (select from locations) and not exists (select from members) as "is_empty!""#
    )
    .fetch_one(db)
    .await
}

/// Fills an empty database with the sample, the same for the same `now`. The hashes are those of [`PASSWORD`], for
/// the sign-ins, and of [`PIN`].
pub async fn fill(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    (password_hash, pin_hash): (&str, &str),
) -> anyhow::Result<()> {
    // Months of bookings are written at once, and a slow machine takes its time over them.
    sqlx::query_scalar!("select set_config('statement_timeout', '0', true)")
        .fetch_one(&mut *tx)
        .await?;
    let mut dice = Dice::new();
    operator::insert(&mut *tx).await?;
    let locations = locations::insert(&mut *tx, &mut dice, now).await?;
    guides::insert(&mut *tx).await?;
    interests::insert(&mut *tx).await?;
    spaces::insert(&mut *tx, &mut dice, &locations, now).await?;
    prices::insert(&mut *tx, &mut dice, &locations, now).await?;
    let people = people::insert(&mut *tx, &mut dice, &locations, password_hash, now).await?;
    let house = House::load(&mut *tx, now)
        .await
        .map_err(|error| anyhow::anyhow!("reading the sample: {error:?}"))?;
    let closures = closures::insert(&mut *tx, &mut dice, &house, now).await?;
    let mut diary = Diary::new(&house, &people.members, &closures);
    member::enter(&house, &mut diary, now);
    lets::enter(&mut diary, &mut dice);
    diary.fill(&mut dice);
    let passes = passes::insert(&mut *tx, &locations, &house, &people, now).await?;
    bookings::insert(&mut *tx, &mut dice, &house, &people, &diary.stays, passes).await?;
    counter::insert(&mut *tx, people.receptionist, pin_hash, now).await?;
    viewings::insert(&mut *tx, &mut dice, &house, people.receptionist, now).await?;
    member::star(&mut *tx).await?;
    journal::insert(&mut *tx, &mut dice, now).await?;
    account::insert(&mut *tx, &mut dice, &people, now).await?;
    waiting::insert(&mut *tx, &mut dice, now).await?;
    guests::insert(tx, &mut dice, now).await?;
    extras::insert(&mut *tx, &mut dice, now).await?;
    series::insert(tx, now)
        .await
        .map_err(|error| anyhow::anyhow!("booking the sample's series: {error:?}"))?;
    Ok(())
}
