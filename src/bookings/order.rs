//! Placing an order: from a wish to a hold or a booking, in one transaction.

use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection, error::ErrorKind, types::Json};
use uuid::Uuid;

use super::{
    approval,
    availability::Offer,
    booking::{Booking, Price},
    confirmation::{self, Mail},
    desk::{Desk, Outcome},
    extras::{ordered, picks::Pick, shelf},
    first_refusal,
    leave::Leave,
    locks,
    payer::{self, Payer},
    refusal::Refusal,
    sheet::{Asker, Sheet},
    term::{By, Wish},
};
use crate::{
    audit,
    billing::{account::Account, pass::days},
    error::{Error, Result},
    id::{self, Id},
    jobs::{self, Job},
    locations::location::Location,
    members::member::Member,
    money::Money,
    sessions::link::{Link, Purpose},
    spaces::{
        layout::Layout,
        space::{Audience, Kind, Space, Which},
    },
};

/// How long a checkout has, in minutes; it can be made longer once by as much.
pub const CHECKOUT_MINUTES: i64 = 10;
/// How long a newcomer has to open the link in the mail, in minutes.
pub const NEWCOMER_MINUTES: i64 = 30;

/// What is wanted: one space, or any of a kind at a location.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    Space(String),
    Any { location: String, kind: Kind },
}

impl Wanted {
    /// The space, or the first that would do, and its location.
    pub async fn first_space(&self, db: &mut PgConnection) -> Result<Option<(Space, Location)>> {
        self.first_space_for(db, Audience::People).await
    }

    /// The same for who may book hidden ones by name; any of a kind is one that people see.
    pub async fn first_space_for(
        &self,
        db: &mut PgConnection,
        audience: Audience,
    ) -> Result<Option<(Space, Location)>> {
        let space = match self {
            Wanted::Space(slug) => Space::find_for(db, slug, audience).await?,
            Wanted::Any { location, kind } => match Location::find(db, location).await? {
                Some(location) => {
                    let which = Which {
                        location: Some(location.id),
                        kind: Some(*kind),
                        ..Which::default()
                    };
                    Space::list(db, which).await?.into_iter().next()
                }
                None => None,
            },
        };
        let Some(space) = space else { return Ok(None) };
        let location = Location::by_id(db, space.location).await?;
        Ok(location.map(|location| (space, location)))
    }

    /// All that would do, `space` being one of them.
    pub fn which(&self, space: &Space) -> Which<'static> {
        match self {
            Wanted::Space(_) => Which {
                id: Some(space.id),
                ..Which::default()
            },
            Wanted::Any { kind, .. } => Which {
                location: Some(space.location),
                kind: Some(*kind),
                ..Which::default()
            },
        }
    }
}

/// Who books, and how far we know it.
#[derive(Clone, Copy, Debug)]
pub struct Booker {
    pub member: Id<Member>,
    /// False for a newcomer, or whoever typed somebody's address: the link in the mail proves it.
    pub proven: bool,
    pub channel: Channel,
    /// A colleague who books for them, at the expense of a company that both belong to.
    pub acting: Option<Id<Member>>,
}

impl Booker {
    /// A member whom we know, for themselves.
    pub fn themselves(member: Id<Member>, channel: Channel) -> Booker {
        Booker {
            member,
            proven: true,
            channel,
            acting: None,
        }
    }

    /// Whoever acts, if that is not the front desk.
    pub fn acts(self) -> Id<Member> {
        self.acting.unwrap_or(self.member)
    }

    fn hold_minutes(self) -> i64 {
        if self.proven {
            CHECKOUT_MINUTES
        } else {
            NEWCOMER_MINUTES
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Web,
    /// Made by staff for somebody on the phone.
    Phone,
    /// Made by staff for somebody at the counter.
    Desk,
    Api,
    /// Offered to somebody who waited for it.
    Waitlist,
    /// Held on the screen at its door.
    Door,
}

impl Channel {
    pub fn key(self) -> &'static str {
        match self {
            Channel::Web => "web",
            Channel::Phone => "phone",
            Channel::Desk => "desk",
            Channel::Api => "api",
            Channel::Waitlist => "waitlist",
            Channel::Door => "door",
        }
    }
}

/// What the team should know, where somebody says it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    /// Whom to call on the day.
    pub contact_name: String,
    /// E.164.
    pub contact_phone: Option<String>,
    pub notes: String,
    pub purchase_order: String,
}

/// What a hold of a member is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hold {
    /// To look it over: some minutes.
    #[default]
    Checkout,
    /// To decide: till a day's closing.
    FirstRefusal,
    /// To take what they waited for: till then.
    Offer(DateTime<Utc>),
    /// To take it by phone, for whoever stands at its door: till then.
    AtTheDoor(DateTime<Utc>),
}

/// A booking as it was asked for.
#[derive(Clone, Debug)]
pub struct Order {
    pub wanted: Wanted,
    pub wish: Wish,
    /// What goes with it.
    pub extras: Vec<Pick>,
    pub title: String,
    pub details: Details,
    pub payer: Payer,
    pub hold: Hold,
    /// The price that the person was shown; another one is not booked unseen.
    pub shown: Option<Money>,
    /// The same for a repeated submission: it makes one booking.
    pub key: Option<String>,
    /// The key of an unproven hold of the same browser, which this one replaces.
    pub replaces: Option<String>,
    /// What the front desk says to it when it books for the member.
    pub desk: Option<Desk>,
}

impl Order {
    /// The API confirms at once, or asks where that is needed; the pages hold until the person has looked it over, or opened the
    /// link in their mail. A repeated order answers with what it made the first time.
    pub async fn place(
        &self,
        tx: &mut PgConnection,
        booker: Booker,
        now: DateTime<Utc>,
    ) -> Result<Result<Booking, Refusal>> {
        if let Some(key) = &self.key
            && let Some(answer) = self.repeated(tx, booker, key).await?
        {
            return Ok(answer);
        }
        let id = match self.take(tx, booker, now).await? {
            Ok(id) => id,
            Err(refusal) => return Ok(Err(refusal.just())),
        };
        if let Some(key) = &self.key {
            remember(tx, booker.acts(), key, &self.fingerprint_for(booker), id).await?;
        }
        if let Some(desk) = &self.desk {
            if let Err(refusal) = desk.settle(tx, id, now).await? {
                return Ok(Err(refusal));
            }
        } else if booker.channel == Channel::Api {
            let held = Booking::by_id(tx, id).await?.ok_or(Error::NotFound)?;
            if let Some(refusal) = confirmation::unpaid(tx, id, held.total).await? {
                return Ok(Err(refusal));
            }
            let by = booker.acts();
            if let Err(refusal) = approval::firm_or_ask(tx, id, by, Mail::AtOnce, now).await? {
                return Ok(Err(refusal));
            }
        } else if !booker.proven {
            Link::issue(
                tx,
                Purpose::ConfirmBooking,
                booker.member,
                Some(id.get()),
                "/bookings",
            )
            .await?;
        }
        let booking = Booking::by_id(tx, id).await?;
        Ok(Ok(booking.ok_or(Error::NotFound)?))
    }

    /// One date of many: firm at once, and told of with the others.
    pub(super) async fn place_one_of_many(
        &self,
        tx: &mut PgConnection,
        booker: Booker,
        now: DateTime<Utc>,
    ) -> Result<Result<Id<Booking>, Refusal>> {
        let id = match self.take(tx, booker, now).await? {
            Ok(id) => id,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Some(desk) = &self.desk {
            let untold = Desk {
                tell: false,
                ..desk.clone()
            };
            if let Err(refusal) = untold.settle(tx, id, now).await? {
                return Ok(Err(refusal));
            }
            return Ok(Ok(id));
        }
        let held = Booking::by_id(tx, id).await?.ok_or(Error::NotFound)?;
        if let Some(refusal) = confirmation::unpaid(tx, id, held.total).await? {
            return Ok(Err(refusal));
        }
        let by = booker.acts();
        let firm = approval::firm_or_ask(tx, id, by, Mail::Together, now).await?;
        Ok(firm.map(|()| id))
    }

    /// Locks a space that the wish fits, whatever else was asked at the same moment, and writes it down.
    pub(super) async fn take(
        &self,
        tx: &mut PgConnection,
        booker: Booker,
        now: DateTime<Utc>,
    ) -> Result<Result<Id<Booking>, Refusal>> {
        match &self.wanted {
            Wanted::Space(slug) => match Space::find_for(tx, slug, self.audience()).await? {
                Some(space) => {
                    locks::space(tx, space.id.get()).await?;
                    self.take_locked(tx, booker, space.id, now).await
                }
                None => Ok(Err(Refusal::NoSuchSpace)),
            },
            Wanted::Any { .. } => self.take_any(tx, booker, now).await,
        }
    }

    /// First the spaces that nobody else has locked, best fit first; then each in turn, waiting.
    async fn take_any(
        &self,
        tx: &mut PgConnection,
        booker: Booker,
        now: DateTime<Utc>,
    ) -> Result<Result<Id<Booking>, Refusal>> {
        let Some((space, location)) = self.wanted.first_space(tx).await? else {
            return Ok(Err(Refusal::NoSuchSpace));
        };
        let which = Which {
            people: self.wish.people,
            ..self.wanted.which(&space)
        };
        let days = self.wish.term.dates(location.zone);
        let sheet = Sheet::load(tx, which, days, &self.asker(booker), now).await?;
        if sheet.spaces.is_empty() {
            return Ok(Err(Refusal::NoneSeats {
                people: self.wish.people,
            }));
        }
        let free = sheet.free_with(&self.wish, &self.leave());
        let candidates: Vec<Id<Space>> = free.into_iter().map(|(space, _)| space.id).collect();
        for wait in [false, true] {
            for &space in &candidates {
                let mut attempt = tx.begin().await?;
                let locked = if wait {
                    locks::space(&mut attempt, space.get()).await?;
                    true
                } else {
                    locks::space_if_idle(&mut attempt, space.get()).await?
                };
                if locked {
                    match self.take_locked(&mut attempt, booker, space, now).await? {
                        Ok(taken) => {
                            attempt.commit().await?;
                            return Ok(Ok(taken));
                        }
                        Err(refusal) if !refusal.is_taken() => return Ok(Err(refusal)),
                        Err(_) => {}
                    }
                }
                attempt.rollback().await?;
            }
        }
        let refusal = sheet.best(&self.wish).err();
        Ok(Err(refusal.unwrap_or(Refusal::NoneFree)))
    }

    /// The check that counts: the space is locked, and what was read before may be stale.
    async fn take_locked(
        &self,
        tx: &mut PgConnection,
        booker: Booker,
        space: Id<Space>,
        now: DateTime<Utc>,
    ) -> Result<Result<Id<Booking>, Refusal>> {
        let payer = match booker.acting {
            None => self.payer.lock(tx, booker.member).await?,
            Some(acting) => match self.payer.lock_for(tx, acting, booker.member).await? {
                Some(company) => Some(company),
                None => return Ok(Err(Refusal::NotTheirCompany)),
            },
        };
        let barred = locks::member(tx, booker.member).await?;
        let mut leave = self.leave();
        if barred
            && booker.proven
            && let Err(refusal) = leave.rule(Refusal::Barred)
        {
            return Ok(Err(refusal));
        }
        if !matches!(self.hold, Hold::Offer(_))
            && let Some(company) =
                payer::missing_order(payer.as_ref(), &self.details.purchase_order)
        {
            return Ok(Err(Refusal::NoPurchaseOrder { company }));
        }
        if self.hold == Hold::FirstRefusal
            && let Some(refusal) = first_refusal::other(tx, booker.member).await?
        {
            return Ok(Err(refusal));
        }
        locks::expire_holds(tx, &[space.get()]).await?;
        if booker.channel == Channel::Web {
            self.release_earlier_hold(tx, booker).await?;
        }
        let seen = (space, self.audience());
        let paying = match &payer {
            Some(company) => Payer::Company(company.slug.clone()),
            None => Payer::Member,
        };
        let asker = self.asker(booker).paying(paying);
        let sheet = sheet_of(tx, seen, &self.wish, &asker, now).await?;
        let Some(space) = sheet.spaces.first() else {
            return Ok(Err(Refusal::NoSuchSpace));
        };
        let mut offer = match sheet.check_with(space, &self.wish, &mut leave) {
            Ok(offer) => offer,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let (here, having) = ((&sheet, space), (None, &mut leave));
        let added = match shelf::order(tx, here, &self.wish, &offer, &self.extras, having).await? {
            Ok(added) => added,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let listed = offer.quote.total + added.total;
        if self.shown.is_some_and(|shown| shown != listed) {
            let now = listed.to_string();
            return Ok(Err(Refusal::PriceChanged { now }));
        }
        if let Some(desk) = &self.desk
            && let Err(refusal) = desk.look_over(space, &mut offer, now)
        {
            return Ok(Err(refusal));
        }
        added.onto(&mut offer);
        let outcome = self.desk.as_ref().map(|desk| desk.outcome);
        let until = match (outcome, self.hold) {
            (Some(Outcome::Pencilled(until)), _) => until,
            (_, Hold::Checkout) => now + Duration::minutes(booker.hold_minutes()),
            (_, Hold::Offer(until) | Hold::AtTheDoor(until)) => until,
            (_, Hold::FirstRefusal) => match sheet.first_refusal_until(space, &offer) {
                Some(until) => until,
                None => {
                    return Ok(Err(Refusal::NoFirstRefusal {
                        space: space.name.clone(),
                    }));
                }
            },
        };
        let account = payer::account(tx, payer.as_ref(), booker.member).await?;
        let written = self
            .write(tx, booker, space, &offer, account, until - now)
            .await?;
        if let Some(id) = written {
            ordered::write(tx, id, &added.taken, offer.during).await?;
        }
        if let (Some(desk), Some(id)) = (&self.desk, written) {
            desk.record(
                tx,
                id,
                space,
                leave.set_aside(),
                (listed, offer.quote.total),
            )
            .await?;
        }
        Ok(written.ok_or_else(|| Refusal::Taken {
            space: space.name.clone(),
        }))
    }

    fn audience(&self) -> Audience {
        Audience::of(self.desk.is_some())
    }

    fn leave(&self) -> Leave {
        self.desk.as_ref().map_or_else(Leave::default, Desk::leave)
    }

    /// Who acts: the front desk, or the member as far as we know them.
    fn actor(&self, booker: Booker) -> Option<Uuid> {
        let desk = self.desk.as_ref().map(|desk| desk.by);
        desk.or(booker.proven.then_some(booker.acts())).map(Id::get)
    }

    fn asker(&self, booker: Booker) -> Asker {
        let asker = match (booker.proven, booker.channel) {
            (true, Channel::Web) => Asker::member(booker.member),
            (true, _) => Asker::program(booker.member),
            (false, _) => Asker::default(),
        };
        asker
            .holding(self.replaces.clone())
            .paying(self.payer.clone())
    }

    /// A member has one hold at the checkout, a browser one unproven hold: the new one takes its place.
    /// Freeing time needs no lock on its space; one that has run out is left to whoever locks that.
    async fn release_earlier_hold(&self, tx: &mut PgConnection, booker: Booker) -> Result<()> {
        let released = sqlx::query!(
            "update bookings set status = 'expired', hold_expires_at = null, version = version + 1
             where status = 'held' and channel = 'web' and not first_refusal and hold_expires_at > now()
               and ($2 and created_by = $1
                    or created_by is null and id in (select booking_id from idempotency_keys where key = $3))
             returning id, reference",
            booker.acts().get(),
            booker.proven,
            self.replaces
        )
        .fetch_all(&mut *tx)
        .await?;
        let actor = booker.proven.then_some(booker.acts().get());
        for hold in released {
            let detail = json!({"reference": hold.reference});
            audit::record(tx, actor, "replace hold", "bookings", hold.id, detail).await?;
        }
        Ok(())
    }

    /// `None` when the database itself says that the time is taken.
    async fn write(
        &self,
        tx: &mut PgConnection,
        booker: Booker,
        space: &Space,
        offer: &Offer,
        account: Id<Account>,
        hold: Duration,
    ) -> Result<Option<Id<Booking>>> {
        let id = Id::<Booking>::fresh();
        let reference = free_reference(tx).await?;
        let held_until = sqlx::query_scalar!(
            r#"insert into bookings (id, reference, space_id, member_id, account_id, created_by, channel, term, during, people,
                                     last_day, term_count, layout, first_refusal, hold_extended,
                                     notes, contact_name, contact_phone, purchase_order, title, status, hold_expires_at, price, total_cents, vat_cents, cancellation, overrun, terms_version)
               select $1, $2, $3, $4, $5, $6, $7, $8, tstzrange($9, $10), $11, $18, $19, $20, $21, $26, $22, $23, $24, $25, $12, 'held',
                      now() + make_interval(secs => $13), $14, $15, $16, $17, $27, terms_version from installation
               returning hold_expires_at as "held_until!""#,
            id.get(),
            reference,
            space.id.get(),
            booker.member.get(),
            account.get(),
            self.actor(booker),
            booker.channel.key(),
            self.wish.term.key(),
            offer.during.from,
            offer.during.until,
            self.wish.people,
            self.title,
            hold.num_milliseconds() as f64 / 1000.0,
            Json(Price::from(&offer.quote)) as _,
            offer.quote.total.in_cents(),
            offer.quote.vat.in_cents(),
            Json(&space.policy.cancellation) as _,
            self.wish.term.last_day(),
            self.wish.term.count().map(|count| count as i32),
            offer.layout.map(Layout::key),
            self.hold == Hold::FirstRefusal,
            self.details.notes,
            self.details.contact_name,
            self.details.contact_phone,
            self.details.purchase_order,
            // What staff pencil in, or the waitlist offers, ends when it says, and is not made longer.
            self.desk.is_some() || matches!(self.hold, Hold::Offer(_) | Hold::AtTheDoor(_)),
            space.policy.overrun().filter(|_| self.wish.term.by() == By::Time).map(Json) as _,
        )
        .fetch_one(&mut *tx)
        .await?;
        let taken = sqlx::query!(
            "insert into occupancies (id, space_id, booking_id, active, during, occupies, held_until)
             values ($1, $2, $3, true, tstzrange($4, $5), tstzrange($6, $7), $8)",
            Uuid::now_v7(),
            space.id.get(),
            id.get(),
            offer.during.from,
            offer.during.until,
            offer.occupies.from,
            offer.occupies.until,
            held_until,
        )
        .execute(&mut *tx)
        .await;
        if is_overlap(&taken) {
            return Ok(None);
        }
        taken?;
        if !offer.quote.draws.is_empty() {
            locks::expire_holds_of(tx, booker.member).await?;
            days::draw(tx, id.get(), &offer.quote.draws).await?;
        }
        let actor = self.actor(booker);
        let detail =
            json!({"reference": reference, "space": space.slug, "channel": booker.channel.key()});
        if self.hold == Hold::FirstRefusal {
            let detail = json!({"reference": reference, "space": space.slug, "until": held_until});
            audit::record(tx, actor, "first refusal", "bookings", id.get(), detail).await?;
            jobs::enqueue(tx, &Job::FirstRefusal { booking: id.get() }).await?;
        } else if matches!(self.hold, Hold::Offer(_)) {
            audit::record(tx, None, "offer", "bookings", id.get(), detail).await?;
        } else {
            audit::record(tx, actor, "hold", "bookings", id.get(), detail).await?;
        }
        Ok(Some(id))
    }

    /// What the same key made before; `None` the first time. Submissions of one key wait for each other.
    async fn repeated(
        &self,
        tx: &mut PgConnection,
        booker: Booker,
        key: &str,
    ) -> Result<Option<Result<Booking, Refusal>>> {
        let booking = match submitted(tx, booker.acts(), key, &self.fingerprint_for(booker)).await?
        {
            None => return Ok(None),
            Some(Err(refusal)) => return Ok(Some(Err(refusal))),
            Some(Ok(id)) => Booking::by_id(tx, id).await?,
        };
        match booking.filter(|booking| booker.proven || !booking.has_run_out()) {
            Some(booking) => Ok(Some(Ok(booking))),
            // A newcomer's hold that has ended made nothing that could be answered with.
            None => forget(tx, booker.acts(), key).await.map(|()| None),
        }
    }

    /// Of the same for another colleague it is another.
    fn fingerprint_for(&self, booker: Booker) -> Vec<u8> {
        match booker.acting {
            None => self.fingerprint(),
            Some(_) => {
                Sha256::digest(format!("{:?} {:?}", self.fingerprint(), booker.member)).to_vec()
            }
        }
    }

    pub(super) fn fingerprint(&self) -> Vec<u8> {
        Sha256::digest(format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            self.wanted, self.wish, self.extras, self.title, self.details, self.payer, self.hold
        ))
        .to_vec()
    }
}

/// Everything that decides about one space on the days of a wish; no space when it is not offered to the
/// audience.
pub async fn sheet_of(
    tx: &mut PgConnection,
    (space, audience): (Id<Space>, Audience),
    wish: &Wish,
    asker: &Asker,
    now: DateTime<Utc>,
) -> Result<Sheet> {
    let (first, last) = wish.term.utc_dates();
    let days = (
        first - Duration::days(1),
        last.min(first + Duration::days(366)) + Duration::days(1),
    );
    let which = Which {
        id: Some(space),
        audience,
        ..Which::default()
    };
    Sheet::load(tx, which, days, asker, now).await
}

async fn forget(tx: &mut PgConnection, member: Id<Member>, key: &str) -> Result<()> {
    sqlx::query!(
        "delete from idempotency_keys where member_id = $1 and key = $2",
        member.get(),
        key
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What somebody's key made before, after waiting for whoever else sends the same; `None` the first time.
pub(super) async fn submitted(
    tx: &mut PgConnection,
    owner: Id<Member>,
    key: &str,
    fingerprint: &[u8],
) -> Result<Option<Result<Id<Booking>, Refusal>>> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended($1, 0))",
        format!("{owner:?} {key}")
    )
    .execute(&mut *tx)
    .await?;
    let known = sqlx::query!(
        "select request_hash, booking_id from idempotency_keys where member_id = $1 and key = $2",
        owner.get(),
        key
    )
    .fetch_optional(&mut *tx)
    .await?;
    Ok(known.map(|known| {
        if known.request_hash == fingerprint {
            Ok(known.booking_id.into())
        } else {
            Err(Refusal::KeyReused)
        }
    }))
}

pub(super) async fn remember(
    tx: &mut PgConnection,
    member: Id<Member>,
    key: &str,
    fingerprint: &[u8],
    booking: Id<Booking>,
) -> Result<()> {
    sqlx::query!(
        "insert into idempotency_keys (member_id, key, request_hash, booking_id) values ($1, $2, $3, $4)",
        member.get(),
        key,
        fingerprint,
        booking.get()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A reference that nobody has: short, without letters that sound or look alike.
async fn free_reference(tx: &mut PgConnection) -> Result<String> {
    loop {
        let reference = id::reference("CS-");
        let known = sqlx::query_scalar!("select 1 from bookings where reference = $1", reference)
            .fetch_optional(&mut *tx)
            .await?;
        if known.is_none() {
            return Ok(reference);
        }
    }
}

/// The exclusion constraint spoke: the time is taken.
pub fn is_overlap<T>(outcome: &sqlx::Result<T>) -> bool {
    matches!(outcome, Err(sqlx::Error::Database(error)) if error.kind() == ErrorKind::ExclusionViolation)
}
