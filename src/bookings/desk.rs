//! Booking for somebody: the member's limits, passes and price, and what only the front desk may do: set
//! rules aside with a reason, pencil in till a stated time, agree on another price.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    approval,
    availability::Offer,
    booking::{Booking, Status},
    confirmation::{self, Mail},
    draft::Draft,
    leave::Leave,
    order::{self, Booker, Channel, Order},
    refusal::Refusal,
    undo::{self, Kept},
};
use crate::{
    audit,
    billing::{
        payment::{For, Method, Taking, Way},
        quote::Line,
    },
    error::{Error, Result},
    id::Id,
    jobs::Job,
    locations::location::Location,
    members::{find, member::Member, staff::Duties},
    money::Money,
    spaces::space::Space,
};

/// What somebody at the front desk says to an order.
#[derive(Clone, Debug)]
pub struct Desk {
    pub by: Id<Member>,
    pub duties: Duties,
    /// Why rules are set aside; empty sets none aside.
    pub reason: String,
    pub agreed: Option<Agreed>,
    pub outcome: Outcome,
    pub tell: bool,
    /// How all of it is paid at the counter with the booking itself.
    pub paid: Option<Method>,
}

/// Another price than the list's, which only those who manage the location agree on.
#[derive(Clone, Debug, PartialEq)]
pub struct Agreed {
    pub price: Money,
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Confirmed,
    /// Held till then.
    Pencilled(DateTime<Utc>),
}

impl Desk {
    pub fn leave(&self) -> Leave {
        Leave::at_the_desk(!self.reason.is_empty())
    }

    /// The agreed price in place of the list's, and whether a pencil ends in time.
    pub(super) fn look_over(
        &self,
        space: &Space,
        offer: &mut Offer,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        if let Outcome::Pencilled(until) = self.outcome
            && !(now < until && until <= offer.during.from)
        {
            return Err(Refusal::PencilEnds);
        }
        let Some(agreed) = &self.agreed else {
            return Ok(());
        };
        if !self.duties.can_manage(space.location) {
            return Err(Refusal::NotYourPrice);
        }
        let quote = &mut offer.quote;
        quote.lines.push(Line {
            label: format!("Agreed price: {}", agreed.reason),
            cents: agreed.price - quote.total,
        });
        quote.total = agreed.price;
        quote.vat = agreed.price.vat_inside(quote.vat_basis_points);
        quote.reason = None;
        Ok(())
    }

    /// What was set aside, and the price before and after, each with its reason.
    pub(super) async fn record(
        &self,
        tx: &mut PgConnection,
        id: Id<Booking>,
        space: &Space,
        set_aside: &[Refusal],
        (listed, total): (Money, Money),
    ) -> Result<()> {
        let by = Some(self.by.get());
        if !set_aside.is_empty() {
            let rules: Vec<&str> = set_aside.iter().map(Refusal::kind).collect();
            let words: Vec<String> = set_aside.iter().map(Refusal::to_string).collect();
            let detail = json!({"space": space.slug, "rules": rules, "would_have_said": words, "reason": self.reason});
            audit::record(tx, by, "set rules aside", "bookings", id.get(), detail).await?;
        }
        if let Some(agreed) = &self.agreed {
            let detail = json!({
                "space": space.slug,
                "before": {"total_cents": listed},
                "after": {"total_cents": total},
                "reason": agreed.reason,
            });
            audit::record(tx, by, "agree price", "bookings", id.get(), detail).await?;
        }
        Ok(())
    }

    /// Firm, but for a pencil; what is over already is completed. Who pays first has paid, or there is a
    /// reason why not.
    pub(super) async fn settle(
        &self,
        tx: &mut PgConnection,
        id: Id<Booking>,
        now: DateTime<Utc>,
    ) -> Result<Result<(), Refusal>> {
        if self.outcome != Outcome::Confirmed {
            return Ok(Ok(()));
        }
        let by = Some(self.by.get());
        let held = Booking::by_id(tx, id).await?.ok_or(Error::NotFound)?;
        if let Some(refusal) = self.take_money(tx, &held, now).await? {
            return Ok(Err(refusal));
        }
        if let Some(unpaid) = confirmation::unpaid(tx, id, held.total).await? {
            if self.reason.is_empty() {
                return Ok(Err(unpaid));
            }
            let detail = json!({"rules": [unpaid.kind()], "would_have_said": [unpaid.to_string()], "reason": self.reason});
            audit::record(tx, by, "set rules aside", "bookings", id.get(), detail).await?;
        }
        let before = Kept::of(tx, id).await?;
        let firm = approval::firm_or_ask(tx, id, self.by, Mail::Never, now).await?;
        if let Err(refusal) = firm {
            return Ok(Err(refusal));
        }
        let made = Booking::by_id(tx, id).await?.ok_or(Error::NotFound)?;
        if made.status == Status::Pending {
            let asked = Job::ApprovalAsked { booking: id.get() };
            Mail::told(self.tell).enqueue(tx, &asked).await?;
            return Ok(Ok(()));
        }
        // Somebody stands there: what has begun is not released since nobody checked in.
        sqlx::query!(
            "update bookings set kept_until = upper(during) where id = $1 and lower(during) < $2",
            id.get(),
            now
        )
        .execute(&mut *tx)
        .await?;
        let over = sqlx::query_scalar!(
            "update bookings set status = 'completed' where id = $1 and upper(during) <= $2 returning reference",
            id.get(),
            now
        )
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(reference) = over {
            let detail = json!({"reference": reference, "reason": self.reason});
            audit::record(tx, by, "enter late", "bookings", id.get(), detail).await?;
        }
        self.tell(tx, id, before).await?;
        Ok(Ok(()))
    }

    /// The mail waits as long as the booking can be taken back; once money has passed it stands.
    async fn tell(&self, tx: &mut PgConnection, id: Id<Booking>, before: Kept) -> Result<()> {
        let told = Job::BookingConfirmed { booking: id.get() };
        if self.paid.is_some() {
            return Mail::told(self.tell).enqueue(tx, &told).await;
        }
        let made = Booking::by_id(tx, id).await?.ok_or(Error::NotFound)?;
        let kind = undo::Kind::Make;
        let change = undo::keep(tx, before, kind, self.by, &made, made.total).await?;
        match self.tell {
            true => undo::tell(tx, change, &told).await,
            false => Ok(()),
        }
    }

    /// All of it, at the counter of its location.
    async fn take_money(
        &self,
        tx: &mut PgConnection,
        held: &Booking,
        now: DateTime<Utc>,
    ) -> Result<Option<Refusal>> {
        let Some(method) = self.paid.filter(|_| !held.total.is_zero()) else {
            return Ok(None);
        };
        let location = Location::find(&mut *tx, &held.location_slug).await?;
        let taking = Taking {
            what: For::Booking(held.id.get()),
            way: Way::In,
            amount: held.total,
            method,
            location: location.ok_or(Error::NotFound)?.id,
            bank: None,
            mail: self.tell,
            key: None,
        };
        let taken = taking.take(tx, self.by, now).await?;
        Ok(taken.err().map(|refusal| Refusal::Payment {
            sentence: refusal.to_string(),
        }))
    }
}

/// For whom it is.
#[derive(Clone, Debug)]
pub enum Whom {
    Member(Id<Member>),
    /// Somebody new, without credentials until they claim them by mail.
    Guest(Guest),
}

#[derive(Clone, Debug)]
pub struct Guest {
    pub name: String,
    /// E.164.
    pub phone: Option<String>,
    /// In lower case.
    pub email: Option<String>,
    /// They are somebody else than whoever has this number already.
    pub same_phone: bool,
}

/// What the front desk sends.
#[derive(Clone, Debug)]
pub struct Request {
    pub whom: Whom,
    /// Its `desk` says who books.
    pub order: Order,
    pub desk: Desk,
    pub channel: Channel,
    /// The same for a repeated submission of the same person at the desk.
    pub key: Option<String>,
    /// Of what was sent, as it was sent.
    pub fingerprint: Vec<u8>,
    /// The draft that it was, which is done with.
    pub draft: Option<Uuid>,
}

impl Request {
    /// Books, or answers with what the same submission made before.
    pub async fn place(
        &self,
        tx: &mut PgConnection,
        now: DateTime<Utc>,
    ) -> Result<Result<Booking, Refusal>> {
        let by = self.desk.by;
        if let Some(key) = &self.key
            && let Some(answer) = repeated(tx, by, key, &self.fingerprint).await?
        {
            return Ok(answer);
        }
        let member = match &self.whom {
            Whom::Member(member) => *member,
            Whom::Guest(guest) => match guest.join(tx, by).await? {
                Ok(member) => member,
                Err(refusal) => return Ok(Err(refusal)),
            },
        };
        let booker = Booker {
            member,
            proven: true,
            channel: self.channel,
            acting: None,
        };
        let order = Order {
            desk: Some(self.desk.clone()),
            key: None,
            ..self.order.clone()
        };
        let booking = match order.place(tx, booker, now).await? {
            Ok(booking) => booking,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Some(key) = &self.key {
            order::remember(tx, by, key, &self.fingerprint, booking.id).await?;
        }
        if let Some(draft) = self.draft {
            Draft::discard(tx, by, draft).await?;
        }
        Ok(Ok(booking))
    }
}

/// What the same submission made before; `None` the first time.
pub async fn repeated(
    tx: &mut PgConnection,
    by: Id<Member>,
    key: &str,
    fingerprint: &[u8],
) -> Result<Option<Result<Booking, Refusal>>> {
    Ok(match order::submitted(tx, by, key, fingerprint).await? {
        Some(Ok(id)) => {
            let booking = Booking::by_id(tx, id).await?;
            Some(Ok(booking.ok_or(Error::NotFound)?))
        }
        Some(Err(refusal)) => Some(Err(refusal)),
        None => None,
    })
}

impl Guest {
    async fn join(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
    ) -> Result<Result<Id<Member>, Refusal>> {
        if let Some(email) = &self.email
            && let Some(known) = Member::by_email(tx, email).await?
        {
            return Ok(Err(Refusal::EmailKnown { name: known.name }));
        }
        if let (Some(phone), false) = (&self.phone, self.same_phone) {
            // Who writes down the same number at the same time is waited for.
            sqlx::query!(
                "select pg_advisory_xact_lock(hashtextextended('guest ' || $1, 0))",
                phone
            )
            .execute(&mut *tx)
            .await?;
            if let Some(known) = find::at(tx, Some(phone), None).await?.into_iter().next() {
                let (name, reference) = (known.name, known.reference);
                return Ok(Err(Refusal::PhoneKnown { name, reference }));
            }
        }
        let id = Uuid::now_v7();
        sqlx::query!(
            "insert into members (id, name, phone, email) values ($1, $2, $3, $4)",
            id,
            self.name,
            self.phone,
            self.email
        )
        .execute(&mut *tx)
        .await?;
        audit::record(tx, Some(by.get()), "add guest", "members", id, json!({})).await?;
        Ok(Ok(id.into()))
    }
}

impl Refusal {
    /// As the front desk reads it, of somebody else.
    pub fn of_them(&self) -> String {
        match self {
            Refusal::TooManyAtOnce { count } => {
                format!("They have {count} at that time already, the most for one member.")
            }
            Refusal::OverLimit(account) => account.of_them(),
            Refusal::DeskThatDay { desk, date } => format!("They have {desk} on {date} already."),
            Refusal::Barred => "They are barred from booking.".to_owned(),
            Refusal::PayFirst { missing } => {
                format!(
                    "They pay before booking: {missing} is still to pay. Pencil it in meanwhile."
                )
            }
            other => other.to_string(),
        }
    }
}
