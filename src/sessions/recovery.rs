//! Recovery codes: ten, each good once in place of an authenticator's code, and shown when they are made alone.
//!
//! Sixteen digits, since they are typed where an app's six are, on a keyboard of digits.

use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::{
    audit,
    error::Result,
    id::Id,
    jobs::{self, Job},
    members::member::Member,
};

const HOW_MANY: usize = 10;
pub const DIGITS: usize = 16;

/// Makes them anew, for somebody who has an authenticator: those before are good no more.
pub async fn renew(tx: &mut PgConnection, member: Id<Member>) -> Result<Vec<String>> {
    let codes: Vec<String> = (0..HOW_MANY).map(|_| fresh()).collect();
    let hashes: Vec<Vec<u8>> = codes.iter().map(|code| digest(member, code)).collect();
    // One at a time, or two who ask at once would both leave theirs.
    sqlx::query!(
        "select from authenticators where member_id = $1 for no key update",
        member.get()
    )
    .fetch_optional(&mut *tx)
    .await?;
    sqlx::query!(
        "delete from recovery_codes where member_id = $1",
        member.get()
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into recovery_codes (member_id, code_hash)
         select member_id, unnest($2::bytea[]) from authenticators where member_id = $1",
        member.get(),
        &hashes[..]
    )
    .execute(tx)
    .await?;
    Ok(codes)
}

/// The same when their owner asks for it, who is told by mail.
pub async fn make_anew(tx: &mut PgConnection, member: Id<Member>) -> Result<Vec<String>> {
    let codes = renew(tx, member).await?;
    let id = member.get();
    audit::record(
        tx,
        Some(id),
        "make recovery codes",
        "members",
        id,
        json!({}),
    )
    .await?;
    jobs::enqueue(tx, &Job::RecoveryCodesMade { member: id }).await?;
    Ok(codes)
}

/// Whether it is one of theirs that was not used before. It is good no more afterwards, and its owner is told.
pub async fn spend(tx: &mut PgConnection, member: Id<Member>, code: &str) -> Result<bool> {
    let id = member.get();
    let spent = sqlx::query!(
        "update recovery_codes set used_at = now() where member_id = $1 and code_hash = $2 and used_at is null",
        id,
        digest(member, code)
    )
    .execute(&mut *tx)
    .await?;
    if spent.rows_affected() == 0 {
        return Ok(false);
    }
    audit::record(tx, Some(id), "use recovery code", "members", id, json!({})).await?;
    jobs::enqueue(tx, &Job::RecoveryCodeUsed { member: id }).await?;
    Ok(true)
}

fn fresh() -> String {
    (0..DIGITS)
        .map(|_| char::from(b'0' + rand::random_range(0..10_u8)))
        .collect()
}

/// `4821 3709 5411 8732`, as a bank card has it.
pub fn grouped(code: &str) -> String {
    let groups = code.as_bytes().chunks(4).map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(" ")
}

/// With whose it is in it, so that nobody can try a guess on all members at once.
fn digest(member: Id<Member>, code: &str) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(member.get().as_bytes());
    hash.update(code.as_bytes());
    hash.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_differ_and_belong_to_somebody() {
        let (one, other) = (fresh(), fresh());
        assert_ne!(one, other);
        assert!(one.len() == DIGITS && one.bytes().all(|b| b.is_ascii_digit()));
        assert_eq!(grouped("4821370954118732"), "4821 3709 5411 8732");
        let (me, you) = (Id::fresh(), Id::fresh());
        assert_eq!(digest(me, &one), digest(me, &one));
        assert_ne!(digest(me, &one), digest(you, &one));
    }
}
