//! What a caller wants, as the front desk types it in whatever order it is said: what it may mean, which
//! rooms fit, what each costs, and what to know of the person.

mod choice;
mod person;
mod spoken;

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

pub use self::{choice::Choice, person::Person};
use self::{
    choice::{choices, meant},
    person::chosen,
};
use super::{
    availability::Offer,
    extras::picks,
    leave::Leave,
    order::Wanted,
    refusal::Refusal,
    sheet::{Asker, Sheet},
    term::{Term, Wish},
    when::{self, Around},
    wish,
};
use crate::{
    error::Result,
    form,
    id::Id,
    locations::{hours::Calendar, location::Location},
    members::find::{self, Found},
    money::Money,
    spaces::{
        layout::Layout,
        space::{Audience, Kind, Space, Which},
    },
    time::{Span, Zone, long_date},
};

/// The fields as they were typed; an empty one is not said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Typed {
    /// Letters of a kind, a location or a space.
    pub what: String,
    /// The room that was chosen: a slug, or `any:` and a location's for any desk there.
    pub space: String,
    pub when: String,
    pub people: String,
    pub layout: String,
    #[serde(flatten)]
    pub extras: picks::Typed,
    /// Letters of a name or a company, an email address, or how a phone number ends.
    pub who: String,
    /// The person who was chosen.
    pub member: String,
    pub guest_name: String,
    pub guest_phone: String,
    pub guest_email: String,
    /// `yes`: the guest is somebody else than whoever has the number already.
    pub same_phone: String,
    /// `me`, a company's slug, or nothing for whoever usually pays.
    pub company: String,
    pub purchase_order: String,
    pub title: String,
    pub notes: String,
    /// `phone`, `desk`, or nothing: at the desk is who begins now.
    pub channel: String,
    /// Why a rule is set aside, or something is entered late.
    pub reason: String,
    /// In rands, and why.
    pub price: String,
    pub price_reason: String,
    /// Till when it is only held.
    pub pencil: String,
    /// `cash` or `card`: all of it is paid with the booking.
    pub paid: String,
    pub tell: String,
    /// The prices that were shown: `pier=87500 dune=42000`.
    pub shown: String,
    pub key: String,
    pub draft: String,
}

impl Typed {
    pub fn without_key(&self) -> Typed {
        Typed {
            key: String::new(),
            shown: String::new(),
            draft: String::new(),
            ..self.clone()
        }
    }

    /// Of everything that was sent, but for what only the page keeps.
    pub fn fingerprint(&self) -> Vec<u8> {
        Sha256::digest(format!("{:?}", self.without_key())).to_vec()
    }

    /// The submission's, if it is one that our page made.
    pub fn key(&self) -> Option<String> {
        Some(self.key.clone()).filter(|key| (8..=100).contains(&key.len()))
    }

    /// Nothing was said yet that would be a pity to lose.
    pub fn is_empty(&self) -> bool {
        let said = [
            &self.what,
            &self.when,
            &self.people,
            &self.who,
            &self.guest_name,
            &self.guest_phone,
            &self.title,
            &self.notes,
        ];
        said.into_iter().all(|text| text.trim().is_empty())
    }

    /// `Lighthouse, tue 9-11:30, Thandeka`
    pub fn summary(&self) -> String {
        let who = [&self.who, &self.guest_name];
        let who = who.into_iter().find(|text| !text.trim().is_empty());
        let parts = [Some(&self.what), Some(&self.when), who];
        let parts = parts.into_iter().flatten().map(|text| form::line(text));
        let parts: Vec<String> = parts.filter(|text| !text.is_empty()).collect();
        if parts.is_empty() {
            "Nothing said yet".to_owned()
        } else {
            parts.join(", ")
        }
    }

    fn people(&self) -> std::result::Result<i32, String> {
        let typed = wish::Typed {
            people: self.people.clone(),
            ..wish::Typed::default()
        };
        typed.people()
    }
}

/// A room, or any desk of a location, that could be booked.
#[derive(Clone, Debug)]
pub struct Room {
    /// What the form sends.
    pub value: String,
    pub name: String,
    pub place: String,
    pub location: Id<Location>,
    location_slug: String,
    pub kind: Kind,
    pub seats: i32,
    /// Any of several that are alike.
    any: bool,
    /// Booked by the front desk alone.
    pub is_hidden: bool,
    pub term: Term,
    pub offer: Offer,
    /// The rules that need a reason.
    pub needs: Vec<Refusal>,
    /// `Free to cancel until Mon 30 November 09:00.`
    pub terms: String,
    usual: bool,
    slack: i64,
}

/// Another time at which something that was meant is free.
#[derive(Clone, Debug)]
pub struct Instead {
    pub name: String,
    pub place: String,
    pub words: String,
    pub price: Money,
    /// For the field.
    pub when: String,
    pub what: String,
}

/// The house that the caller has in mind.
#[derive(Clone, Debug)]
pub struct House {
    location: Id<Location>,
    /// `Musgrave is closed on Sun 29 November.`, where nothing can be had there without more ado.
    pub trouble: Option<String>,
    /// What would fit there is taken.
    full: bool,
}

/// All of it.
#[derive(Debug)]
pub struct Enquiry {
    /// Each thing in its field, where a whole sentence was typed into the first.
    pub typed: Typed,
    pub choices: Vec<Choice>,
    /// By the clock of the room that is meant, or of the first location.
    pub term: std::result::Result<Term, String>,
    pub zone: Zone,
    pub today: NaiveDate,
    pub people: std::result::Result<i32, String>,
    pub layout: Option<Layout>,
    pub found: Vec<Found>,
    pub person: Option<Person>,
    /// Who has the new guest's number or address already.
    pub known: Vec<Found>,
    /// Till when it is pencilled in, as it is understood.
    pub pencil: Option<std::result::Result<DateTime<Utc>, String>>,
    /// The house in which a room was chosen before, and what is the matter with it now.
    pub house: Option<House>,
    /// The ones that fit first, best first.
    pub rooms: Vec<Room>,
    pub instead: Vec<Instead>,
    /// Why nothing that is meant can be had.
    pub refusal: Option<Refusal>,
}

/// Hidden spaces with the others.
const AT_THE_DESK: Which<'static> = Which {
    id: None,
    slug: None,
    location: None,
    kind: None,
    people: 0,
    audience: Audience::Desk,
};

/// Rooms that are shown.
const MOST: usize = 8;

impl Enquiry {
    pub async fn read(db: &mut PgConnection, typed: Typed, now: DateTime<Utc>) -> Result<Enquiry> {
        let locations = Location::all(&mut *db).await?;
        let spaces = Space::list(&mut *db, AT_THE_DESK).await?;
        let names = |what: &str| !choices(what, &spaces, &locations).is_empty();
        let today = locations.first().map(|place| place.zone.date(now));
        let sorted = today.filter(|_| !names(&typed.what));
        let sorted = sorted.and_then(|today| typed.in_their_fields(today, names));
        let typed = &sorted.unwrap_or(typed);
        let found = find::people(&mut *db, &typed.who, MOST as i64).await?;
        let member = chosen(&mut *db, typed, &found).await?;
        let (first, last) = when::days_to_read(now);
        let calendars = Calendar::of_all(&mut *db, &locations, first, last).await?;
        let choices = choices(&typed.what, &spaces, &locations);
        let meant = meant(&typed.what, &choices, &spaces);
        let heard = heard(&typed.when, &meant, &calendars, now);
        let first = meant.first().copied().or(spaces.first());
        let zone = first.map_or(locations.first().map(|place| place.zone), |space| {
            calendars.get(&space.location).map(|calendar| calendar.zone)
        });
        let zone = zone.map_or_else(|| Zone::named("Africa/Johannesburg"), Ok)?;
        let mut enquiry = Enquiry {
            typed: typed.clone(),
            term: first
                .and_then(|space| heard.get(&space.location))
                .cloned()
                .unwrap_or_else(|| Err(String::new())),
            choices,
            zone,
            today: zone.date(now),
            people: typed.people(),
            layout: typed.layout.parse().ok(),
            found,
            person: None,
            known: known(&mut *db, typed).await?,
            pencil: first
                .and_then(|space| calendars.get(&space.location))
                .filter(|_| !typed.pencil.trim().is_empty())
                .map(|calendar| when::moment(&typed.pencil, calendar, now)),
            house: house_of(&typed.space, &spaces, &locations, &meant),
            rooms: Vec::new(),
            instead: Vec::new(),
            refusal: None,
        };
        let asker = member
            .as_ref()
            .map_or_else(Asker::default, |found| Asker::program(found.id));
        let usual = match &member {
            Some(found) => Location::usual(&mut *db, found.id).await?,
            None => None,
        };
        let meant: Vec<Id<Space>> = meant.iter().map(|space| space.id).collect();
        enquiry
            .find_rooms(&mut *db, &meant, &heard, &asker, (usual, now))
            .await?;
        if let Some(found) = member {
            let during = enquiry.during(&typed.space);
            enquiry.person = Some(Person::read(db, found, during, zone, now).await?);
        }
        enquiry.choices.truncate(MOST);
        Ok(enquiry)
    }

    /// The room that the form names, or the only one that it can mean.
    pub fn room(&self, chosen: &str) -> Option<&Room> {
        let named = self.rooms.iter().find(|room| room.value == chosen);
        named.or(match self.rooms.as_slice() {
            [only]
                if self
                    .house
                    .as_ref()
                    .is_none_or(|house| house.location == only.location) =>
            {
                Some(only)
            }
            _ => None,
        })
    }

    /// Somebody stands there, as far as the times tell.
    pub fn begins_now(&self, chosen: &str, now: DateTime<Utc>) -> bool {
        let ticked = self.ticked(chosen);
        ticked.is_some_and(|room| room.offer.during.from <= now)
    }

    /// Where a mail could go to, once it is known for whom it is.
    pub fn has_address(&self, typed: &Typed) -> bool {
        if !typed.guest_name.trim().is_empty() {
            return !typed.guest_email.trim().is_empty();
        }
        let person = self.person.as_ref();
        person.is_none_or(|person| person.found.email.is_some())
    }

    /// The room that is ticked: the chosen one, or the best of the house that the caller has in mind, unless that
    /// is full.
    pub fn ticked(&self, chosen: &str) -> Option<&Room> {
        let there = |room: &&Room| {
            let house = self.house.as_ref();
            house.is_none_or(|house| house.location == room.location && !house.full)
        };
        let named = self.rooms.iter().find(|room| room.value == chosen);
        named.or(self.rooms.iter().find(there))
    }

    fn during(&self, chosen: &str) -> Option<Span> {
        let room = self.ticked(chosen).map(|room| room.offer.during);
        room.or(match self.term {
            Ok(Term::Time(span)) => Some(span),
            _ => None,
        })
    }

    async fn find_rooms(
        &mut self,
        db: &mut PgConnection,
        meant: &[Id<Space>],
        heard: &BTreeMap<Id<Location>, std::result::Result<Term, String>>,
        asker: &Asker,
        (usual, now): (Option<Id<Location>>, DateTime<Utc>),
    ) -> Result<()> {
        let Ok(people) = self.people else {
            return Ok(());
        };
        let terms = heard.values().filter_map(|heard| heard.as_ref().ok());
        let days: Vec<_> = terms.map(Term::utc_dates).collect();
        let Some(first) = days.iter().map(|days| days.0).min() else {
            return Ok(());
        };
        let last = days.iter().map(|days| days.1).max().unwrap_or(first);
        let last = last.min(first + Duration::days(366));
        let days = (first - Duration::days(1), last + Duration::days(1));
        let mut sheet = Sheet::load(db, AT_THE_DESK, days, asker, now).await?;
        sheet.spaces.retain(|space| meant.contains(&space.id));
        let mut refusals = Vec::new();
        for space in &sheet.spaces {
            let Some(Ok(term)) = heard.get(&space.location) else {
                continue;
            };
            let wish = Wish {
                term: when::as_booked(*term, &space.policy, sheet.calendar(space)),
                people,
                layout: self.layout,
            };
            match self.offer(&sheet, space, &wish) {
                Ok(room) => self.rooms.push(Room {
                    usual: usual == Some(space.location),
                    ..room
                }),
                Err(refusal) => refusals.push((space, wish, refusal)),
            }
        }
        self.gather_desks();
        self.look_after_house(&sheet, &refusals);
        let house = self.house.as_ref().filter(|house| !house.full);
        let house = house.map(|house| house.location);
        self.rooms.sort_by_key(|room| {
            let spare = room.seats - people;
            let price = room.offer.quote.total;
            (
                room.is_hidden,
                house.is_some_and(|house| house != room.location),
                !room.needs.is_empty(),
                !room.usual,
                spare,
                price,
                room.slack,
            )
        });
        if self.rooms.iter().all(|room| !room.needs.is_empty()) {
            self.offer_instead(&sheet, &refusals);
        }
        if self.rooms.is_empty() {
            let taken = refusals.iter().find(|(.., refusal)| refusal.is_taken());
            let refusal = taken
                .or(refusals.first())
                .map(|(.., refusal)| refusal.clone());
            self.refusal = match refusal {
                Some(refusal) if refusal.is_taken() && refusals.len() > 1 => {
                    Some(Refusal::NoneFree)
                }
                other => other,
            };
        }
        Ok(())
    }

    /// What is the matter with the house where others could be had instead: it is closed, or full.
    fn look_after_house(&mut self, sheet: &Sheet, refusals: &[(&Space, Wish, Refusal)]) {
        let Some(house) = &mut self.house else { return };
        let (here, elsewhere): (Vec<&Room>, Vec<&Room>) = self
            .rooms
            .iter()
            .partition(|room| room.location == house.location);
        if here.iter().any(|room| room.needs.is_empty())
            || elsewhere.iter().all(|room| !room.needs.is_empty())
        {
            return;
        }
        let own = refusals
            .iter()
            .filter(|(space, ..)| space.location == house.location);
        let mut own = own.map(|(.., refusal)| refusal);
        let taken = own.clone().find(|refusal| refusal.is_taken());
        let rule = here.first().and_then(|room| room.needs.first());
        let Some(refusal) = taken.or(rule).or(own.next()) else {
            return;
        };
        house.full = taken.is_some();
        let spaces = sheet.spaces.iter();
        let place = spaces
            .filter(|space| space.location == house.location)
            .map(|space| sheet.location(space).name.clone())
            .next();
        house.trouble = match refusal {
            taken if taken.is_taken() => {
                place.map(|place| format!("Nothing that fits is free in {place} then."))
            }
            rule => Some(rule.of_them()),
        };
    }

    fn offer(
        &self,
        sheet: &Sheet,
        space: &Space,
        wish: &Wish,
    ) -> std::result::Result<Room, Refusal> {
        let mut leave = Leave::at_the_desk(true);
        let offer = sheet.check_with(space, wish, &mut leave)?;
        let zone = sheet.zone(space);
        let free_until = space.policy.cancellation.free_until(offer.during.from);
        let terms = match free_until.filter(|until| *until > sheet.now()) {
            Some(until) => format!(
                "Free to cancel until {} {}.",
                long_date(zone.date(until), sheet.today(space)),
                zone.clock(until)
            ),
            None => space.policy.cancellation.sentence(),
        };
        Ok(Room {
            value: space.slug.clone(),
            name: space.name.clone(),
            place: sheet.location(space).name.clone(),
            location: space.location,
            location_slug: sheet.location(space).slug.clone(),
            kind: space.kind,
            seats: space.seats,
            any: false,
            is_hidden: space.is_hidden(),
            term: wish.term,
            slack: sheet.slack(space, &offer),
            offer,
            needs: leave.set_aside().to_vec(),
            terms,
            usual: false,
        })
    }

    /// Desks are alike: where more than a few are meant, any of them stands for all at its location.
    fn gather_desks(&mut self) {
        let mut count: BTreeMap<Id<Location>, usize> = BTreeMap::new();
        let is_alike = |room: &Room| room.kind == Kind::HotDesk && !room.is_hidden;
        for room in self.rooms.iter().filter(|room| is_alike(room)) {
            *count.entry(room.location).or_default() += 1;
        }
        let mut kept: Vec<Room> = Vec::new();
        for room in std::mem::take(&mut self.rooms) {
            let many = count.get(&room.location).is_some_and(|count| *count > 3);
            if !is_alike(&room) || !many {
                kept.push(room);
                continue;
            }
            let same = |other: &&mut Room| other.any && other.location == room.location;
            match kept.iter_mut().find(same) {
                Some(known) => known.slack = known.slack.min(room.slack),
                None => kept.push(Room {
                    value: format!("any:{}", room.location_slug),
                    name: "Any desk".to_owned(),
                    any: true,
                    ..room
                }),
            }
        }
        self.rooms = kept;
    }

    fn offer_instead(&mut self, sheet: &Sheet, refusals: &[(&Space, Wish, Refusal)]) {
        let nearest = refusals.iter().filter(|(.., refusal)| refusal.is_taken());
        for (space, wish, _) in nearest {
            let Some((term, offer)) = sheet.nearest(space, wish) else {
                continue;
            };
            let zone = sheet.zone(space);
            self.instead.push(Instead {
                name: space.name.clone(),
                place: sheet.location(space).name.clone(),
                words: term.words(zone, sheet.today(space)),
                price: offer.quote.total,
                when: when::say(&term, zone),
                what: format!("{}, {}", space.name, sheet.location(space).name),
            });
            if self.instead.len() == 4 {
                break;
            }
        }
    }
}

impl Room {
    /// `R875`, or what a pass covers.
    pub fn price(&self) -> String {
        match self.offer.quote.total {
            free if free.is_zero() => "Nothing to pay".to_owned(),
            total => total.to_string(),
        }
    }

    pub fn lines(&self) -> String {
        let lines = self.offer.quote.lines.iter();
        lines
            .map(|line| line.label.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// Who has the number or the address of the new guest already.
async fn known(db: &mut PgConnection, typed: &Typed) -> Result<Vec<Found>> {
    let phone = form::phone(&typed.guest_phone).ok();
    let email = form::email(&typed.guest_email).ok();
    if phone.is_none() && email.is_none() {
        return Ok(Vec::new());
    }
    find::at(db, phone.as_deref(), email.as_deref()).await
}

/// The house of the room that was chosen, as long as what is asked for may be there.
fn house_of(
    chosen: &str,
    spaces: &[Space],
    locations: &[Location],
    meant: &[&Space],
) -> Option<House> {
    let location = match chosen.strip_prefix("any:") {
        Some(slug) => locations.iter().find(|place| place.slug == slug)?.id,
        None => spaces.iter().find(|space| space.slug == chosen)?.location,
    };
    let is_meant = meant.iter().any(|space| space.location == location);
    is_meant.then_some(House {
        location,
        trouble: None,
        full: false,
    })
}

/// What the form's `space` names.
pub fn wanted(value: &str) -> Wanted {
    match value.strip_prefix("any:") {
        Some(location) => Wanted::Any {
            location: location.to_owned(),
            kind: Kind::HotDesk,
        },
        None => Wanted::Space(value.to_owned()),
    }
}

/// A location's reading of the words, by the finest step of what is meant there.
fn heard(
    text: &str,
    meant: &[&Space],
    calendars: &BTreeMap<Id<Location>, Calendar>,
    now: DateTime<Utc>,
) -> BTreeMap<Id<Location>, std::result::Result<Term, String>> {
    let mut steps: BTreeMap<Id<Location>, i64> = BTreeMap::new();
    for space in meant {
        let step = steps.entry(space.location).or_insert(i64::MAX);
        *step = (*step).min(space.policy.step_minutes);
    }
    let read = |(location, step): (Id<Location>, i64)| {
        let calendar = calendars.get(&location)?;
        let around = Around {
            calendar,
            now,
            step_minutes: step,
        };
        Some((location, when::read(text, &around)))
    };
    steps.into_iter().filter_map(read).collect()
}
