//! PINs of those who work here: four to eight digits, good on shared computers alone.

use serde_json::json;
use sqlx::PgConnection;

use crate::{
    audit,
    error::{Error, Result},
    id::Id,
    members::member::Member,
};

/// Four to eight digits that are not the first that people try.
pub fn fit(text: &str) -> Result<String, String> {
    let pin = text.trim();
    if !(4..=8).contains(&pin.len()) || !pin.bytes().all(|b| b.is_ascii_digit()) {
        return Err("Choose four to eight digits.".into());
    }
    let digits = pin.as_bytes();
    let steps = |by: i16| {
        digits
            .windows(2)
            .all(|pair| i16::from(pair[1]) - i16::from(pair[0]) == by)
    };
    let halves = pin.len().is_multiple_of(2) && pin[..pin.len() / 2] == pin[pin.len() / 2..];
    if steps(0) || steps(1) || steps(-1) || halves {
        return Err("That PIN is among the first that people try. Choose another.".into());
    }
    Ok(pin.to_owned())
}

/// Keeps a PIN as its hash from `credentials::hash`; `None` takes it away. `NotFound` for who does not work here.
pub async fn set(tx: &mut PgConnection, member: Id<Member>, hash: Option<&str>) -> Result<()> {
    let set = sqlx::query!(
        "update staff set pin_hash = $2, pin_set_at = case when $2::text is not null then now() end where member_id = $1",
        member.get(),
        hash
    )
    .execute(&mut *tx)
    .await?;
    if set.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    let verb = if hash.is_some() {
        "set PIN"
    } else {
        "take PIN away"
    };
    audit::record(
        tx,
        Some(member.get()),
        verb,
        "members",
        member.get(),
        json!({}),
    )
    .await?;
    Ok(())
}

/// Whether somebody has one.
pub async fn is_set(db: &mut PgConnection, member: Id<Member>) -> Result<bool> {
    let set = sqlx::query_scalar!(
        r#"select exists (select from staff where member_id = $1 and pin_hash is not null) as "is!""#,
        member.get()
    )
    .fetch_one(db)
    .await?;
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn what_everybody_tries_first_is_none() {
        for weak in [
            "",
            "123",
            "1234",
            "9876",
            "0000",
            "1212",
            "2580a",
            "123456789",
            "55555555",
            "12341234",
        ] {
            assert!(fit(weak).is_err(), "{weak}");
        }
        for good in ["2580", "9031", "48275913"] {
            assert_eq!(fit(good).as_deref(), Ok(good));
        }
    }
}
