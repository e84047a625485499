//! What a caller wants, as the front desk types it in whatever order it is said: what it may mean, which
//! rooms fit, what each costs, and what to know of the person.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    availability::Offer,
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
    members::{
        find::{self, Found},
        member::{Member, Standing},
    },
    money::Money,
    spaces::{
        layout::Layout,
        space::{Kind, Space, Which},
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
    /// Letters of a name or a company, an email address, or how a phone number ends.
    pub who: String,
    /// The person who was chosen.
    pub member: String,
    pub guest_name: String,
    pub guest_phone: String,
    pub guest_email: String,
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

/// Something that the letters may stand for.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// `Lighthouse, Umhlanga`
    pub label: String,
    kind: Option<Kind>,
    location: Option<Id<Location>>,
    space: Option<Id<Space>>,
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

/// Somebody, and what to know before booking for them.
#[derive(Clone, Debug)]
pub struct Person {
    pub found: Found,
    pub owed: Money,
    /// The part of it that was charged more than a month ago.
    pub overdue: Money,
    /// What they have at that time already: `Pier, 09:00–10:00 (CS-7K3M9)`.
    pub booked: Vec<String>,
}

/// All of it.
#[derive(Debug)]
pub struct Enquiry {
    pub choices: Vec<Choice>,
    /// By the clock of the room that is meant, or of the first location.
    pub term: std::result::Result<Term, String>,
    pub zone: Zone,
    pub today: NaiveDate,
    pub people: std::result::Result<i32, String>,
    pub layout: Option<Layout>,
    pub found: Vec<Found>,
    pub person: Option<Person>,
    /// The ones that fit first, best first.
    pub rooms: Vec<Room>,
    pub instead: Vec<Instead>,
    /// Why nothing that is meant can be had.
    pub refusal: Option<Refusal>,
}

/// Rooms that are shown.
const MOST: usize = 8;

impl Enquiry {
    pub async fn read(db: &mut PgConnection, typed: &Typed, now: DateTime<Utc>) -> Result<Enquiry> {
        let found = find::people(&mut *db, &typed.who, MOST as i64).await?;
        let member = chosen(&mut *db, typed, &found).await?;
        let locations = Location::all(&mut *db).await?;
        let (first, last) = when::days_to_read(now);
        let calendars = Calendar::of_all(&mut *db, &locations, first, last).await?;
        let spaces = Space::list(&mut *db, Which::default()).await?;
        let choices = choices(&typed.what, &spaces, &locations);
        let meant = meant(&typed.what, &choices, &spaces);
        let heard = heard(&typed.when, &meant, &calendars, now);
        let first = meant.first().copied().or(spaces.first());
        let zone = first.map_or(locations.first().map(|place| place.zone), |space| {
            calendars.get(&space.location).map(|calendar| calendar.zone)
        });
        let zone = zone.map_or_else(|| Zone::named("Africa/Johannesburg"), Ok)?;
        let mut enquiry = Enquiry {
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
            [only] => Some(only),
            _ => None,
        })
    }

    /// The room that is ticked: the chosen one, or the best.
    pub fn ticked(&self, chosen: &str) -> Option<&Room> {
        self.room(chosen).or(self.rooms.first())
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
        let mut sheet = Sheet::load(db, Which::default(), days, asker, now).await?;
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
        self.rooms.sort_by_key(|room| {
            let spare = room.seats - people;
            let price = room.offer.quote.total;
            (
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
        for room in self.rooms.iter().filter(|room| room.kind == Kind::HotDesk) {
            *count.entry(room.location).or_default() += 1;
        }
        let mut kept: Vec<Room> = Vec::new();
        for room in std::mem::take(&mut self.rooms) {
            let many = count.get(&room.location).is_some_and(|count| *count > 3);
            if room.kind != Kind::HotDesk || !many {
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

/// The person that the form names, as far as the letters still mean them; or the only one they can mean.
async fn chosen(db: &mut PgConnection, typed: &Typed, found: &[Found]) -> Result<Option<Found>> {
    let id: Option<Id<Member>> = typed.member.parse::<Uuid>().ok().map(Id::from);
    if let Some(known) = found.iter().find(|one| Some(one.id) == id) {
        return Ok(Some(known.clone()));
    }
    if typed.who.trim().is_empty() || found.len() != 1 {
        let Some(id) = id else { return Ok(None) };
        let Ok(member) = Member::find(&mut *db, id).await else {
            return Ok(None);
        };
        if !typed.who.trim().is_empty() && form::line(&typed.who) != member.name {
            return Ok(None);
        }
        let same = find::people(db, &member.name, 100).await?;
        return Ok(same.into_iter().find(|one| one.id == id));
    }
    Ok(found.first().cloned())
}

impl Person {
    async fn read(
        db: &mut PgConnection,
        found: Found,
        during: Option<Span>,
        zone: Zone,
        now: DateTime<Utc>,
    ) -> Result<Person> {
        let account = sqlx::query!(
            r#"select coalesce(sum(e.cents), 0)::bigint as "owed!",
                      coalesce(sum(e.cents) filter (where e.cents < 0 or e.created_at < $2), 0)::bigint as "overdue!"
               from accounts a join ledger_entries e on e.account_id = a.id
               where a.member_id = $1
                  or a.company_id = (select paying_company_id from members where id = $1)"#,
            found.id.get(),
            now - Duration::days(30)
        )
        .fetch_one(&mut *db)
        .await?;
        let mut booked = Vec::new();
        if let Some(during) = during {
            let rows = sqlx::query!(
                r#"select b.reference, s.name, b.during as "during!" from bookings b join spaces s on s.id = b.space_id
                   where b.member_id = $1 and b.status in ('held', 'pending', 'confirmed', 'checked_in')
                     and (b.hold_expires_at is null or b.hold_expires_at > now())
                     and lower(b.during) < $3 and upper(b.during) > $2
                   order by lower(b.during) limit 5"#,
                found.id.get(),
                during.from,
                during.until
            )
            .fetch_all(&mut *db)
            .await?;
            booked = rows
                .into_iter()
                .map(|row| {
                    let range = zone.range(row.during.into(), zone.date(now));
                    format!("{}, {range} ({})", row.name, row.reference)
                })
                .collect();
        }
        Ok(Person {
            found,
            owed: Money::cents(account.owed),
            overdue: Money::cents(account.overdue.max(0)),
            booked,
        })
    }

    /// What to say before booking, the gravest first: `bad` or `warn`, and the sentence.
    pub fn warnings(&self) -> Vec<(&'static str, String)> {
        let mut warnings = Vec::new();
        let name = &self.found.name;
        let because = match self.found.standing_reason.as_str() {
            "" => String::new(),
            reason => format!(": {reason}"),
        };
        match self.found.standing {
            Standing::Good => {}
            Standing::Barred => warnings.push((
                "bad",
                format!(
                    "{name} is barred from booking{because}. Give a reason to book all the same."
                ),
            )),
            Standing::PayFirst => {
                warnings.push(("warn", format!("{name} pays before booking{because}.")));
            }
        }
        if self.overdue > Money::ZERO {
            warnings.push((
                "warn",
                format!(
                    "{} is overdue: charged more than 30 days ago. {} is owed in all.",
                    self.overdue, self.owed
                ),
            ));
        }
        if !self.booked.is_empty() {
            let booked = self.booked.join("; ");
            warnings.push(("warn", format!("{name} is booked then: {booked}.")));
        }
        warnings
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

/// Kinds, kinds of a location and spaces that the letters may stand for, those that begin so first.
fn choices(typed: &str, spaces: &[Space], locations: &[Location]) -> Vec<Choice> {
    let place = |id: Id<Location>| {
        let place = locations.iter().find(|place| place.id == id);
        place.map_or("", |place| place.name.as_str())
    };
    let named = spaces.iter().map(|space| Choice {
        label: format!("{}, {}", space.name, place(space.location)),
        kind: Some(space.kind),
        location: Some(space.location),
        space: Some(space.id),
    });
    let has = |kind: Kind, location: Option<Id<Location>>| {
        spaces.iter().any(|space| {
            space.kind == kind && location.is_none_or(|location| location == space.location)
        })
    };
    let kinds = Kind::ALL.into_iter().filter(|kind| has(*kind, None));
    let anywhere = kinds.map(|kind| Choice {
        label: kind.label().to_owned(),
        kind: Some(kind),
        location: None,
        space: None,
    });
    let at_places = locations.iter().flat_map(|place| {
        let kinds = Kind::ALL
            .into_iter()
            .filter(|kind| has(*kind, Some(place.id)));
        kinds.map(|kind| Choice {
            label: format!("{}, {}", kind.label(), place.name),
            kind: Some(kind),
            location: Some(place.id),
            space: None,
        })
    });
    let all: Vec<Choice> = anywhere.chain(at_places).chain(named).collect();
    let mut fitting: Vec<(usize, Choice)> = all
        .into_iter()
        .filter_map(|choice| Some((rank(typed, &choice.label)?, choice)))
        .collect();
    fitting.sort_by_key(|(rank, _)| *rank);
    fitting.into_iter().map(|(_, choice)| choice).collect()
}

/// Lower is better; `None` where a word begins none of the label's.
fn rank(typed: &str, label: &str) -> Option<usize> {
    let (typed, label) = (plain(typed), plain(label));
    let words: Vec<&str> = label.split_whitespace().collect();
    let begins = |word: &str| words.iter().any(|other| other.starts_with(word));
    let synonym = |word: &str| {
        match word {
            "room" | "rooms" | "boardroom" => "meeting",
            "desks" => "desk",
            "offices" => "office",
            other => other,
        }
        .to_owned()
    };
    let asked: Vec<String> = typed.split_whitespace().map(synonym).collect();
    if !asked.iter().all(|word| begins(word)) {
        return None;
    }
    Some(match asked.first() {
        _ if typed.trim() == label.trim() => 0,
        Some(first)
            if words
                .first()
                .is_some_and(|word| word.starts_with(first.as_str())) =>
        {
            1
        }
        _ => 2,
    })
}

fn plain(text: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c } else { ' ' };
    text.to_lowercase().chars().map(plain).collect()
}

/// The spaces that the letters mean: of the choice that they name, or of all that they may stand for.
fn meant<'a>(typed: &str, choices: &[Choice], spaces: &'a [Space]) -> Vec<&'a Space> {
    let exact = choices
        .iter()
        .filter(|choice| plain(&choice.label) == plain(typed.trim()));
    let exact: Vec<&Choice> = exact.collect();
    let narrow: Vec<&Choice> = if exact.is_empty() {
        choices.iter().collect()
    } else {
        exact
    };
    let belongs = |space: &&Space| {
        typed.trim().is_empty()
            || narrow.iter().any(|choice| {
                choice.space.is_none_or(|id| id == space.id)
                    && choice.kind.is_none_or(|kind| kind == space.kind)
                    && choice
                        .location
                        .is_none_or(|location| location == space.location)
            })
    };
    spaces.iter().filter(belongs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_stand_for_what_begins_so() {
        assert_eq!(rank("li", "Lighthouse, Umhlanga"), Some(1));
        assert_eq!(rank("umh", "Lighthouse, Umhlanga"), Some(2));
        assert_eq!(
            rank("Lighthouse, Umhlanga", "Lighthouse, Umhlanga"),
            Some(0)
        );
        assert_eq!(rank("room musg", "Meeting room, Musgrave"), Some(1));
        assert_eq!(rank("lo", "Lighthouse, Umhlanga"), None);
        assert_eq!(rank("", "Anything"), Some(2));
    }
}
