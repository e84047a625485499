//! News to prospects: only to those who ticked the box for it, until they press once to end it.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{request::Prospect, seal, viewing::Viewing};
use crate::{
    error::Result,
    id::Id,
    members::consent::{self, Channel, Source, Who},
};

const PURPOSE: &str = "unsubscribe";

/// Keeps what was ticked; a box that is left empty takes nothing back, and whoever has unsubscribed
/// stays so, since anybody may have typed their address.
pub async fn agree(
    tx: &mut PgConnection,
    prospect: &Prospect,
    ticked: &[Channel],
    network: &str,
) -> Result<()> {
    let who = Who::Address(prospect.address());
    let history = consent::history(tx, who).await?;
    let mut wanted = consent::given(tx, who).await?;
    for channel in ticked {
        let newest = history.iter().find(|change| change.channel == *channel);
        let has_ended = newest.is_some_and(|change| change.source == Source::Unsubscribe);
        if !has_ended && !wanted.contains(channel) {
            wanted.push(*channel);
        }
    }
    consent::choose(tx, who, &wanted, Source::Viewing, network).await?;
    Ok(())
}

/// Whether news may be mailed to whoever made the request.
pub async fn may_be_mailed(db: &mut PgConnection, viewing: &Viewing) -> Result<bool> {
    let Some(email) = &viewing.email else {
        return Ok(false);
    };
    let given = consent::given(db, Who::Address(email)).await?;
    Ok(given.contains(&Channel::Email))
}

/// What goes into the address that unsubscribes.
pub async fn token(db: &mut PgConnection, viewing: Id<Viewing>) -> Result<String> {
    seal::seal(db, PURPOSE, &viewing.get().simple().to_string()).await
}

/// Whose token it is; `None` if it is not one of ours.
pub async fn reader(db: &mut PgConnection, token: &str) -> Result<Option<Id<Viewing>>> {
    let id = seal::open(db, PURPOSE, token).await?;
    Ok(id.and_then(|id| Uuid::try_parse(id).ok()).map(Id::from))
}

/// No more news by mail to the address; the record of that outlives what we know of the person.
pub async fn end(tx: &mut PgConnection, viewing: Id<Viewing>, network: &str) -> Result<()> {
    let viewing = Viewing::by_id(&mut *tx, viewing).await?;
    let Some(email) = viewing.and_then(|viewing| viewing.email) else {
        return Ok(());
    };
    let who = Who::Address(&email);
    let mut left = consent::given(tx, who).await?;
    left.retain(|channel| *channel != Channel::Email);
    consent::choose(tx, who, &left, Source::Unsubscribe, network).await?;
    Ok(())
}
