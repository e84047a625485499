//! Wanting to be told when an announced location opens: consent, an address that is proven, and one mail.

use sqlx::PgConnection;
use uuid::Uuid;

use super::location::Location;
use crate::{
    error::Result,
    id::Id,
    jobs::{self, Job},
    sessions::{attempts, secret},
};

/// What people agree to, in the words that are kept with their address.
pub const CONSENT: &str = "Tell me by email when this location opens. You keep my address for that alone and delete it \
     afterwards; I can take it back at any time.";

#[derive(Clone, Debug)]
pub struct Interest {
    pub id: Id<Interest>,
    pub email: String,
    pub location: String,
    pub location_slug: String,
    pub is_confirmed: bool,
    pub is_withdrawn: bool,
}

impl Interest {
    /// Notes who agreed to what, and mails them a link that proves the address. Whoever asks again within
    /// ten minutes gets no second mail, and whoever has proven theirs none at all.
    pub async fn note(
        tx: &mut PgConnection,
        location: Id<Location>,
        email: &str,
        network: &str,
    ) -> Result<()> {
        attempts::ask_for_mail(tx, network).await?;
        let noted = sqlx::query_scalar!(
            "insert into interests as i (id, location_id, email, consent) values ($1, $2, $3, $4)
             on conflict (location_id, email) do update
                 set consent = excluded.consent, consented_at = now(), confirmed_at = null, withdrawn_at = null
                 where i.withdrawn_at is not null
                    or i.confirmed_at is null and i.consented_at < now() - interval '10 minutes'
             returning id",
            Uuid::now_v7(),
            location.get(),
            email,
            CONSENT
        )
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(interest) = noted {
            jobs::enqueue(tx, &Job::InterestNoted { interest }).await?;
        }
        Ok(())
    }

    /// Makes the secret of the link in a mail that is being written. `None` if it is of no use any more.
    pub async fn mint(tx: &mut PgConnection, id: Uuid) -> Result<Option<(String, Interest)>> {
        let fresh = secret::fresh();
        let interest = sqlx::query_as!(
            Interest,
            r#"update interests i set token_hash = $2 from locations l
               where i.id = $1 and l.id = i.location_id and i.withdrawn_at is null
               returning i.id, i.email, l.name as location, l.slug as location_slug,
                   i.confirmed_at is not null as "is_confirmed!", i.withdrawn_at is not null as "is_withdrawn!""#,
            id,
            secret::digest(&fresh)
        )
        .fetch_optional(tx)
        .await?;
        Ok(interest.map(|interest| (fresh, interest)))
    }

    pub async fn look(db: &mut PgConnection, secret: &str) -> Result<Option<Interest>> {
        let interest = sqlx::query_as!(
            Interest,
            r#"select i.id, i.email, l.name as location, l.slug as location_slug,
                   i.confirmed_at is not null as "is_confirmed!", i.withdrawn_at is not null as "is_withdrawn!"
               from interests i join locations l on l.id = i.location_id where i.token_hash = $1"#,
            secret::digest(secret)
        )
        .fetch_optional(db)
        .await?;
        Ok(interest)
    }

    /// The address is theirs, and they still want it.
    pub async fn confirm(&self, tx: &mut PgConnection) -> Result<()> {
        sqlx::query!(
            "update interests set confirmed_at = coalesce(confirmed_at, now()), withdrawn_at = null where id = $1",
            self.id.get()
        )
        .execute(tx)
        .await?;
        Ok(())
    }

    pub async fn withdraw(&self, tx: &mut PgConnection) -> Result<()> {
        sqlx::query!(
            "update interests set withdrawn_at = coalesce(withdrawn_at, now()) where id = $1",
            self.id.get()
        )
        .execute(tx)
        .await?;
        Ok(())
    }

    /// How many are waiting to hear that a location opens, by its name.
    pub async fn waiting(db: &mut PgConnection) -> Result<Vec<(String, i64)>> {
        let rows = sqlx::query!(
            r#"select l.name, count(*) as "count!" from interests i join locations l on l.id = i.location_id
               where l.status = 'announced' and i.confirmed_at is not null and i.withdrawn_at is null
                 and i.told_at is null
               group by l.id order by l.position"#
        )
        .fetch_all(db)
        .await?;
        Ok(rows.into_iter().map(|row| (row.name, row.count)).collect())
    }

    /// Tells everybody whose location has opened since, once.
    pub async fn tell(tx: &mut PgConnection) -> Result<()> {
        let told = sqlx::query_scalar!(
            "update interests i set told_at = now() from locations l
             where l.id = i.location_id and l.status = 'open'
               and i.confirmed_at is not null and i.withdrawn_at is null and i.told_at is null
             returning i.id"
        )
        .fetch_all(&mut *tx)
        .await?;
        for interest in told {
            jobs::enqueue(&mut *tx, &Job::LocationOpened { interest }).await?;
        }
        Ok(())
    }

    /// Forgets addresses that were told a month ago, taken back, or never proven.
    pub async fn forget(tx: &mut PgConnection) -> Result<()> {
        sqlx::query!(
            "delete from interests
             where greatest(told_at, withdrawn_at) < now() - interval '30 days'
                or confirmed_at is null and consented_at < now() - interval '30 days'"
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}
