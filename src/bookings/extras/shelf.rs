//! What can be had with a space at a time, how much of it is left, and what it adds to an offer.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveTime, Utc};
use sqlx::{PgConnection, postgres::types::PgRange};
use uuid::Uuid;

use super::{
    Extra, Lead, Unit, moment,
    picks::{MOST, Pick},
};
use crate::{
    billing::quote::Line,
    bookings::{
        availability::Offer,
        booking::Booking,
        leave::Leave,
        refusal::Refusal,
        sheet::Sheet,
        term::{Term, Wish},
    },
    error::Result,
    id::Id,
    locations::{hours::Calendar, location::Location},
    money::Money,
    spaces::space::{Kind, Space},
    time::{Span, length},
};

/// How far back the working days before a start are read, in days.
const BACK: i64 = 45;

/// One that is offered with a space at a time.
#[derive(Clone, Debug)]
pub struct Item {
    pub extra: Extra,
    /// How many more of it can be in use then; `None` for any number.
    pub left: Option<i64>,
    /// The last instant at which it can be ordered.
    pub until: DateTime<Utc>,
    pub until_words: String,
}

/// All of them, in the house's order.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    pub items: Vec<Item>,
    /// The front desk's number, for what comes too late.
    phone: String,
    now: DateTime<Utc>,
}

/// One that is taken, as it will be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    pub quantity: i32,
    /// Of one unit.
    pub price: Money,
}

/// What extras add to an offer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Added {
    pub taken: Vec<Taken>,
    pub lines: Vec<Line>,
    pub total: Money,
    /// The space is taken so much earlier.
    pub setup_minutes: i64,
    /// What takes longest to set up.
    slowest: String,
}

impl Added {
    /// Its lines, its price, and the time that setting up takes.
    pub fn onto(&self, offer: &mut Offer) {
        offer.occupies.from -= Duration::minutes(self.setup_minutes);
        offer.quote.add(&self.lines);
    }
}

impl Shelf {
    /// For a time at a location that a booking may have some of already.
    pub async fn read(
        db: &mut PgConnection,
        place: &Location,
        during: Span,
        booking: Option<Id<Booking>>,
        now: DateTime<Utc>,
    ) -> Result<Shelf> {
        let rows = sqlx::query!(
            r#"select id, slug, name, description, kinds, unit, cents, stock, lead_minutes, lead_days, lead_clock, setup_minutes,
                      offered, extra_in_use(id, $2, $3) as "in_use!"
               from extras
               where location_id = $1 and (offered or id in (select extra_id from booking_extras where booking_id = $3))
               order by position, name"#,
            place.id.get(),
            PgRange::from(during),
            booking.map(Id::get)
        )
        .fetch_all(&mut *db)
        .await?;
        if rows.is_empty() {
            return Ok(Shelf::default());
        }
        let on = place.zone.date(during.from);
        let places = std::slice::from_ref(place);
        let calendars = Calendar::of_all(db, places, on - Duration::days(BACK), on).await?;
        let calendar = &calendars[&place.id];
        let items = rows.into_iter().map(|row| {
            let lead = lead(row.lead_minutes, row.lead_days.zip(row.lead_clock));
            let until = lead.until(during.from, calendar);
            let kinds = row.kinds.iter().filter_map(|kind| kind.parse().ok());
            Item {
                left: row
                    .stock
                    .map(|stock| (i64::from(stock) - row.in_use).max(0)),
                until,
                until_words: moment(until, calendar, now),
                extra: Extra {
                    id: row.id,
                    slug: row.slug,
                    name: row.name,
                    description: row.description,
                    kinds: kinds.collect(),
                    unit: Unit::named(&row.unit).unwrap_or(Unit::Booking),
                    price: Money::cents(row.cents),
                    stock: row.stock,
                    lead,
                    setup_minutes: row.setup_minutes.into(),
                    offered: row.offered,
                },
            }
        });
        Ok(Shelf {
            items: items.collect(),
            phone: place.phone.trim().to_owned(),
            now,
        })
    }

    /// For dates that are not known yet: neither how much is left, nor until when.
    pub async fn of_any_day(
        db: &mut PgConnection,
        place: &Location,
        now: DateTime<Utc>,
    ) -> Result<Shelf> {
        let moment = Span::new(now, now + Duration::minutes(1));
        let mut shelf = Shelf::read(db, place, moment, None, now).await?;
        for item in &mut shelf.items {
            item.left = None;
            item.until = DateTime::<Utc>::MAX_UTC;
            item.until_words.clear();
        }
        Ok(shelf)
    }

    /// What is offered with a kind of space for a term.
    pub fn fitting(&self, kind: Kind, term: &Term) -> Vec<&Item> {
        let items = self.items.iter().filter(|item| item.extra.offered);
        let fits = |item: &&Item| item.extra.kinds.contains(&kind) && goes_with(&item.extra, term);
        items.filter(fits).collect()
    }

    pub fn find(&self, slug: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.extra.slug == slug)
    }

    /// It is too late to order more of it, or less.
    pub fn is_late(&self, slug: &str) -> bool {
        self.find(slug).is_some_and(|item| item.until < self.now)
    }

    /// What picks add to an offer of a space, or which rule is against them.
    pub fn add(
        &self,
        (sheet, space): (&Sheet, &Space),
        wish: &Wish,
        offer: &Offer,
        picks: &[Pick],
        leave: &mut Leave,
    ) -> Result<Added, Refusal> {
        let added = self.fill(space.kind, wish, offer, picks, leave)?;
        let earlier = offer.occupies.from - Duration::minutes(added.setup_minutes);
        let setting_up = Span::new(earlier, offer.occupies.until);
        let mut busy = sheet.busy(space).iter();
        if added.setup_minutes > 0 && busy.any(|taken| taken.overlaps(setting_up)) {
            return Err(Refusal::ExtraSetUp {
                extra: added.slowest,
                space: space.name.clone(),
                minutes: length(added.setup_minutes),
            });
        }
        Ok(added)
    }

    /// The same, but for the time before that setting up takes.
    pub fn fill(
        &self,
        kind: Kind,
        wish: &Wish,
        offer: &Offer,
        picks: &[Pick],
        leave: &mut Leave,
    ) -> Result<Added, Refusal> {
        let mut added = Added::default();
        for pick in picks {
            let item = self.checked(kind, wish, offer, pick, leave)?;
            let extra = &item.extra;
            if extra.setup_minutes > added.setup_minutes {
                added.setup_minutes = extra.setup_minutes;
                added.slowest.clone_from(&extra.name);
            }
            let price = pick.bought.map_or(extra.price, |bought| bought.price);
            let line = line(extra, &wish.term, pick.quantity, price);
            added.total = added.total + line.cents;
            added.lines.push(line);
            added.taken.push(Taken {
                id: extra.id,
                slug: extra.slug.clone(),
                name: extra.name.clone(),
                quantity: pick.quantity,
                price,
            });
        }
        Ok(added)
    }

    fn checked(
        &self,
        kind: Kind,
        wish: &Wish,
        offer: &Offer,
        pick: &Pick,
        leave: &mut Leave,
    ) -> Result<&Item, Refusal> {
        let is_there = |item: &&Item| item.extra.offered || pick.bought.is_some();
        let Some(item) = self.find(&pick.slug).filter(is_there) else {
            return Err(Refusal::NoSuchExtra {
                extra: pick.slug.clone(),
            });
        };
        let extra = &item.extra;
        let name = || extra.name.clone();
        if !extra.kinds.contains(&kind) || !goes_with(extra, &wish.term) {
            return Err(Refusal::ExtraElsewhere { extra: name() });
        }
        let before = pick.bought.map_or(0, |bought| bought.quantity);
        let is_more = pick.quantity > before;
        if !(1..=MOST).contains(&pick.quantity) {
            return Err(Refusal::ExtraCount { most: MOST });
        }
        if extra.unit == Unit::Person && is_more && pick.quantity > wish.people {
            return Err(Refusal::ExtraPeople {
                extra: name(),
                people: wish.people,
            });
        }
        if let Some(left) = item.left
            && i64::from(pick.quantity) > left
        {
            return Err(Refusal::ExtraGone {
                extra: name(),
                left,
            });
        }
        let is_elsewhen = pick
            .bought
            .is_none_or(|bought| bought.from != offer.during.from);
        if (is_more || is_elsewhen) && item.until < self.now {
            leave.rule(self.too_late(item))?;
        }
        Ok(item)
    }

    pub fn too_late(&self, item: &Item) -> Refusal {
        let call = match self.phone.is_empty() {
            true => "call us".to_owned(),
            false => format!("call us on {}", self.phone),
        };
        Refusal::ExtraTooLate {
            extra: item.extra.name.clone(),
            until: item.until_words.clone(),
            call,
        }
    }
}

/// Locks what is picked, in the order of its ids, reads what is left of it, and adds it to an offer.
pub async fn order(
    tx: &mut PgConnection,
    (sheet, space): (&Sheet, &Space),
    wish: &Wish,
    offer: &Offer,
    picks: &[Pick],
    (booking, leave): (Option<Id<Booking>>, &mut Leave),
) -> Result<Result<Added, Refusal>> {
    if picks.is_empty() {
        return Ok(Ok(Added::default()));
    }
    let place = sheet.location(space);
    lock(tx, &place.slug, picks).await?;
    let shelf = Shelf::read(tx, place, offer.during, booking, sheet.now()).await?;
    Ok(shelf.add((sheet, space), wish, offer, picks, leave))
}

/// Last in the order of all locks.
pub async fn lock(tx: &mut PgConnection, location: &str, picks: &[Pick]) -> Result<()> {
    let slugs: Vec<String> = picks.iter().map(|pick| pick.slug.clone()).collect();
    sqlx::query_scalar!(
        "select x.id from extras x join locations l on l.id = x.location_id
         where l.slug = $1 and x.slug = any($2) order by x.id for no key update of x",
        location,
        &slugs
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

pub(super) fn lead(minutes: i32, clock: Option<(i32, NaiveTime)>) -> Lead {
    match clock {
        Some((days, clock)) => Lead::Clock { days, clock },
        None => Lead::Minutes(minutes.into()),
    }
}

/// By the hour goes with hours; by the person with hours and days.
fn goes_with(extra: &Extra, term: &Term) -> bool {
    matches!(
        (extra.unit, term),
        (Unit::Booking, _) | (_, Term::Time(_)) | (Unit::Person, Term::Days { .. })
    )
}

/// `Tea and coffee, 8 people × R35`
fn line(extra: &Extra, term: &Term, quantity: i32, price: Money) -> Line {
    let count = i64::from(quantity);
    let days = match *term {
        Term::Days { first, last } => (last - first).num_days() + 1,
        _ => 1,
    };
    let several = |count: i64, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    };
    let name = &extra.name;
    let (how, cents) = match (extra.unit, term) {
        (Unit::Hour, Term::Time(span)) => {
            let hours = length(span.minutes());
            let of_one = price.share_up(span.minutes(), 60);
            let how = match count {
                1 => format!(", {hours} × {price}"),
                count => format!(", {count} × {hours} × {price}"),
            };
            (how, of_one.times(count))
        }
        (Unit::Person, _) => {
            let people = several(count, "person", "people");
            let how = match days {
                1 => format!(", {people} × {price}"),
                days => format!(", {people} × {} × {price}", several(days, "day", "days")),
            };
            (how, price.times(count * days))
        }
        _ if count == 1 => (String::new(), Some(price)),
        _ => (format!(", {count} × {price}"), price.times(count)),
    };
    Line {
        label: format!("{name}{how}"),
        cents: cents.unwrap_or_default(),
    }
}

/// How many of each are picked, by slug.
pub fn picked(picks: &[Pick]) -> BTreeMap<&str, i32> {
    picks
        .iter()
        .map(|pick| (pick.slug.as_str(), pick.quantity))
        .collect()
}

impl Item {
    pub fn field(&self) -> String {
        super::picks::Typed::field(&self.extra.slug)
    }

    /// The most that its field takes.
    pub fn most(&self) -> i64 {
        self.left.map_or(MOST.into(), |left| left.max(1))
    }

    pub fn can_be_had(&self, now: DateTime<Utc>) -> bool {
        self.extra.offered && now <= self.until && self.left != Some(0)
    }

    /// `R35 a person. Until Thu 26 November 15:00. 2 left.`
    pub fn hint(&self, now: DateTime<Utc>) -> String {
        let extra = &self.extra;
        let price = extra.unit.of(extra.price);
        let mut said = vec![match extra.description.is_empty() {
            true => price,
            false => format!("{price}: {}", extra.description.trim_end_matches('.')),
        }];
        match (now <= self.until, extra.lead) {
            (false, _) => said.push(format!("It could be ordered until {}", self.until_words)),
            (true, Lead::Minutes(0)) => {}
            (true, lead) if self.until_words.is_empty() => {
                said.push(format!("Order {}", lead.words()));
            }
            (true, _) => said.push(format!("Order until {}", self.until_words)),
        }
        match self.left {
            Some(0) => said.push("None left at that time".to_owned()),
            Some(left) => said.push(format!("{left} left at that time")),
            None => {}
        }
        said.join(". ") + "."
    }
}
