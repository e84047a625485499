//! What `member@connect.example` has decided about their account, and the details of the companies.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{dice::Dice, people::People};
use crate::members::consent::{Channel, WORDING_VERSION};

pub async fn insert(
    tx: &mut PgConnection,
    dice: &mut Dice,
    people: &People,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let member = people.members[0].id;
    companies(tx, member).await?;
    devices(tx, dice, member, now).await?;
    choices(tx, dice, member, now).await?;
    invitation(tx, dice, member, now).await
}

/// Details that belong to nobody, as they say; and a second company, for which the member books.
async fn companies(tx: &mut PgConnection, member: Uuid) -> sqlx::Result<()> {
    sqlx::query!(
        "update companies set registration_no = 'SAMPLE 2019/000000/07', vat_no = 'SAMPLE 4000000000',
             billing_email = 'accounts@sample.example', po_required = name = 'Furrow & Vane Engineers'"
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into company_people (company_id, member_id, role)
         select id, $1, 'booker' from companies where name = 'Porthole Software'",
        member
    )
    .execute(tx)
    .await?;
    Ok(())
}

const PHONE: &str = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36";
const COMPUTER: &str =
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0";

/// Where they are signed in, and a program of theirs. Nobody has the secrets.
async fn devices(
    tx: &mut PgConnection,
    dice: &mut Dice,
    member: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    for (device, days, hours) in [(PHONE, 34, 3), (COMPUTER, 12, 44)] {
        sqlx::query!(
            "insert into sessions (token_hash, id, member_id, device, created_at, seen_at, expires_at)
             values (sha256(uuid_send(gen_random_uuid())), $1, $2, $3, $4, $5, $4::timestamptz + interval '90 days')",
            dice.id(now),
            member,
            device,
            now - Duration::days(days),
            now - Duration::hours(hours)
        )
        .execute(&mut *tx)
        .await?;
    }
    sqlx::query!(
        "insert into api_tokens (id, token_hash, member_id, name, created_at, last_used_at)
         values ($1, sha256(uuid_send(gen_random_uuid())), $2, 'Screen beside our door', $3, $4)",
        dice.id(now),
        member,
        now - Duration::days(60),
        now - Duration::hours(20)
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn choices(
    tx: &mut PgConnection,
    dice: &mut Dice,
    member: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    for (channel, given, days) in [
        (Channel::Email, true, 80),
        (Channel::Whatsapp, true, 80),
        (Channel::Whatsapp, false, 25),
    ] {
        let at = now - Duration::days(days);
        sqlx::query!(
            "insert into consents (id, member_id, channel, given, source, wording_version, wording, network, at)
             values ($1, $2, $3, $4, 'account', $5, $6, '192.0.2.7', $7)",
            dice.id(at),
            member,
            channel.key(),
            given,
            WORDING_VERSION,
            channel.wording(),
            at
        )
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

async fn invitation(
    tx: &mut PgConnection,
    dice: &mut Dice,
    member: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into company_invitations (id, company_id, email, role, invited_by, created_at, expires_at)
         select $1, id, 'new.colleague@sample.example', 'guest', $2, $3, $3::timestamptz + interval '7 days'
         from companies where name = 'Half-Disc Studio'",
        dice.id(now),
        member,
        now - Duration::days(1)
    )
    .execute(tx)
    .await?;
    Ok(())
}
