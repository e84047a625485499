//! A room held at its door for whoever stands there: some minutes in which they make it their own by phone. The
//! screen itself has no account, and spends nothing.

use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Opened;
use crate::{
    audit,
    bookings::{
        booking::Booking,
        confirmation, locks,
        order::{Booker, Channel, Details, Hold, Order, Wanted, sheet_of},
        payer::{self, Payer},
        refusal::Refusal,
        sheet::Asker,
        term::Wish,
    },
    error::{Error, Result},
    id::Id,
    members::member::Member,
    money::Money,
    spaces::space::{Audience, Space},
};

/// How long it is held.
pub const MINUTES: i64 = 5;
/// So often a screen may hold its room within an hour without anybody taking it.
const MOST: i64 = 6;

/// What a screen holds now.
pub async fn held(db: &mut PgConnection, display: Uuid) -> Result<Option<Booking>> {
    let id = sqlx::query_scalar!(
        "select b.id from displays d join bookings b on b.id = d.hold_id
         where d.id = $1 and b.status = 'held' and b.hold_expires_at > now() and b.created_by is null",
        display
    )
    .fetch_optional(&mut *db)
    .await?;
    match id {
        Some(id) => Booking::by_id(db, id.into()).await,
        None => Ok(None),
    }
}

/// Holds a room by the rules of any booking; pressed twice it is held once.
pub async fn hold(
    tx: &mut PgConnection,
    opened: Opened,
    space: &Space,
    wish: Wish,
    now: DateTime<Utc>,
) -> Result<Result<Booking, Refusal>> {
    locks::space(tx, space.id.get()).await?;
    let maker = sqlx::query_scalar!(
        "select made_by from displays where id = $1 and revoked_at is null for no key update",
        opened.id
    )
    .fetch_optional(&mut *tx)
    .await?;
    let maker = maker.ok_or(Error::NotFound)?;
    if let Some(held) = held(tx, opened.id).await? {
        return Ok(Ok(held));
    }
    if in_vain(tx, space.id).await? >= MOST {
        return Ok(Err(Refusal::HeldInVain));
    }
    let order = Order {
        wanted: Wanted::Space(space.slug.clone()),
        wish,
        extras: Vec::new(),
        title: String::new(),
        details: Details::default(),
        payer: Payer::Member,
        hold: Hold::AtTheDoor(now + Duration::minutes(MINUTES)),
        shown: None,
        key: None,
        replaces: None,
        desk: None,
    };
    // Nobody's yet: in the name of whoever put the screen up, who does not see it among their own.
    let booker = Booker {
        member: maker.into(),
        proven: false,
        channel: Channel::Door,
        acting: None,
    };
    let id = match order.take(tx, booker, now).await? {
        Ok(id) => id,
        Err(refusal) => return Ok(Err(refusal.just())),
    };
    sqlx::query!(
        "update displays set hold_id = $2 where id = $1",
        opened.id,
        id.get()
    )
    .execute(&mut *tx)
    .await?;
    let held = Booking::by_id(tx, id).await?;
    Ok(Ok(held.ok_or(Error::NotFound)?))
}

/// How often a room was held at its door within the last hour and taken by nobody.
async fn in_vain(db: &mut PgConnection, space: Id<Space>) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from bookings
           where space_id = $1 and channel = 'door' and created_by is null and created_at > now() - interval '1 hour'"#,
        space.get()
    )
    .fetch_one(db)
    .await?;
    Ok(count)
}

/// Whoever stands there thinks better of it: the time is free at once.
pub async fn let_go(tx: &mut PgConnection, opened: Opened) -> Result<()> {
    locks::space(tx, opened.space.get()).await?;
    let Some(held) = held(tx, opened.id).await? else {
        return Ok(());
    };
    sqlx::query!(
        "update bookings set status = 'expired', hold_expires_at = null, version = version + 1
         where id = $1 and status = 'held' and created_by is null",
        held.id.get()
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({"reference": held.reference});
    audit::record(tx, None, "let go", "bookings", held.id.get(), detail).await?;
    Ok(())
}

/// What the letters under a code stand for: a hold that a screen made, also one that has ended or was taken.
pub async fn behind(db: &mut PgConnection, code: &str) -> Result<Option<Booking>> {
    let reference = format!("CS-{}", code.trim().to_uppercase());
    let id = sqlx::query_scalar!(
        "select id from bookings where reference = $1 and channel = 'door'",
        reference
    )
    .fetch_optional(&mut *db)
    .await?;
    match id {
        Some(id) => Booking::by_id(db, id.into()).await,
        None => Ok(None),
    }
}

/// Who makes it their own, and at whose expense.
#[derive(Clone, Debug)]
pub struct Claim {
    pub member: Id<Member>,
    pub payer: Payer,
    pub purchase_order: String,
    /// The price that they were shown.
    pub shown: Money,
}

impl Claim {
    /// By the rules of a booking that they make themselves, and firm at once. The first who does it has it.
    pub async fn take(
        &self,
        tx: &mut PgConnection,
        id: Id<Booking>,
        now: DateTime<Utc>,
    ) -> Result<Result<Booking, Refusal>> {
        let unlocked = Booking::by_id(tx, id).await?.ok_or(Error::NotFound)?;
        locks::space(tx, unlocked.space_id).await?;
        let company = self.payer.lock(tx, self.member).await?;
        if locks::member(tx, self.member).await? {
            return Ok(Err(Refusal::Barred));
        }
        if let Some(company) = payer::missing_order(company.as_ref(), &self.purchase_order) {
            return Ok(Err(Refusal::NoPurchaseOrder { company }));
        }
        let held = locks::booking(tx, id).await?;
        if held.created_by == Some(self.member) && held.charged {
            return Ok(Ok(held));
        }
        if !held.holds || held.created_by.is_some() {
            return Ok(Err(Refusal::HoldEnded));
        }
        let account = payer::account(tx, company.as_ref(), self.member).await?;
        sqlx::query!(
            "update bookings set member_id = $2, created_by = $2, account_id = $3, purchase_order = $4, version = version + 1
             where id = $1",
            id.get(),
            self.member.get(),
            account.get(),
            self.purchase_order
        )
        .execute(&mut *tx)
        .await?;
        let theirs = locks::booking(tx, id).await?;
        if let Err(refusal) = may_be_theirs(tx, &theirs, now).await? {
            return Ok(Err(refusal));
        }
        confirmation::confirm(tx, self.member, id, Some(self.shown), now).await
    }
}

/// Their limits and the rules, as if they had asked for it themselves.
async fn may_be_theirs(
    tx: &mut PgConnection,
    booking: &Booking,
    now: DateTime<Utc>,
) -> Result<Result<(), Refusal>> {
    let wish = Wish::new(booking.term, booking.people);
    let seen = (booking.space_id.into(), Audience::People);
    let sheet = sheet_of(tx, seen, &wish, &Asker::changing(booking), now).await?;
    let Some(space) = sheet.spaces.first() else {
        return Ok(Err(Refusal::NoSuchSpace));
    };
    Ok(sheet.check(space, &wish).map(|_| ()))
}
