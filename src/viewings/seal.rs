//! Words of ours that come back from outside: sealed with the installation's key, so that nothing
//! need be kept to know them again.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sqlx::PgConnection;

use crate::error::Result;

/// `text` with its seal. What is sealed for one purpose is good for no other.
pub async fn seal(db: &mut PgConnection, purpose: &str, text: &str) -> Result<String> {
    let seal = mac(&key(db).await?, purpose, text).finalize().into_bytes();
    Ok(format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(seal)))
}

/// The text, if the seal is ours.
pub async fn open<'a>(
    db: &mut PgConnection,
    purpose: &str,
    sealed: &'a str,
) -> Result<Option<&'a str>> {
    let Some((text, seal)) = sealed.rsplit_once('.') else {
        return Ok(None);
    };
    let Ok(seal) = BASE64_URL_SAFE_NO_PAD.decode(seal) else {
        return Ok(None);
    };
    let is_ours = mac(&key(db).await?, purpose, text).verify_slice(&seal);
    Ok(is_ours.ok().map(|()| text))
}

async fn key(db: &mut PgConnection) -> Result<Vec<u8>> {
    Ok(sqlx::query_scalar!("select signing_key from installation")
        .fetch_one(db)
        .await?)
}

fn mac(key: &[u8], purpose: &str, text: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
    mac.update(purpose.as_bytes());
    mac.update(b"\0");
    mac.update(text.as_bytes());
    mac
}
