//! What the front desk's pages share: which location is looked at, and how a visit is said.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    bookings::{
        booking::Status,
        front_desk::{Stage, Visit},
        waiting::Waiting,
    },
    error::Result,
    html,
    id::Id,
    locations::location::{self, Location},
    time::long_date,
    transaction::Db,
};

/// The locations to choose from, and the one that is looked at.
pub struct Desk {
    /// The page's own address.
    pub path: &'static str,
    pub locations: Vec<Location>,
    /// `None` for all.
    pub here: Option<Location>,
    pub today: NaiveDate,
    pub clock: String,
}

impl Desk {
    pub async fn read(
        db: &mut Db,
        path: &'static str,
        slug: &str,
        now: DateTime<Utc>,
    ) -> Result<Desk> {
        let mut locations = Location::all(db).await?;
        locations.retain(|location| location.status == location::Status::Open);
        let here = locations.iter().find(|location| location.slug == slug);
        let here = here.cloned();
        let zone = here.as_ref().or(locations.first()).map(|place| place.zone);
        Ok(Desk {
            path,
            today: zone.map_or(now.date_naive(), |zone| zone.date(now)),
            clock: zone.map(|zone| zone.clock(now)).unwrap_or_default(),
            locations,
            here,
        })
    }

    pub fn id(&self) -> Option<Id<Location>> {
        self.here.as_ref().map(|here| here.id)
    }

    pub fn slug(&self) -> &str {
        self.here.as_ref().map_or("", |here| &here.slug)
    }

    /// The locations to show.
    pub fn shown(&self) -> impl Iterator<Item = &Location> {
        let shown = |location: &&Location| self.id().is_none_or(|here| here == location.id);
        self.locations.iter().filter(shown)
    }

    pub fn is_here(&self, location: &Location) -> bool {
        self.id() == Some(location.id)
    }

    pub fn name(&self, id: &Id<Location>) -> &str {
        let found = self.locations.iter().find(|location| location.id == *id);
        found.map_or("", |location| &location.name)
    }
}

/// The page with the location that is looked at.
pub fn back_to(path: &str, desk: &Desk) -> String {
    match desk.slug() {
        "" => path.to_owned(),
        slug => format!("{path}?{}", html::query(&[("location", slug)])),
    }
}

impl Visit {
    /// `09:00–11:30` today; `All day` where it began before and ends after it.
    pub fn hours(&self, now: DateTime<Utc>) -> String {
        let today = self.zone.date(now);
        let (first, last) = (
            self.zone.date(self.during.from),
            self.zone.date(self.during.until),
        );
        match (first == today, last == today) {
            (true, true) => self.zone.range(self.during, today),
            (true, false) => format!("From {}", self.zone.clock(self.during.from)),
            (false, true) => format!("Until {}", self.zone.clock(self.during.until)),
            (false, false) => "All day".into(),
        }
    }

    pub fn people_words(&self) -> String {
        match self.people {
            1 => "1 person".into(),
            people => format!("{people} people"),
        }
    }

    /// The tag's tone and words.
    pub fn state(&self) -> Option<(&'static str, String)> {
        let at = |instant: Option<DateTime<Utc>>| instant.map(|at| self.zone.clock(at));
        match (self.stage, self.status) {
            (Stage::Late, _) if self.asks => Some(("now", "Nobody came: release?".into())),
            (Stage::Late, _) => Some(("now", "Late".into())),
            (_, Status::NoShow) => Some(("bad", "Did not come".into())),
            (Stage::Here, _) => Some((
                "ok",
                at(self.arrived_at).map_or("Here".into(), |at| format!("Here {at}")),
            )),
            (_, Status::Completed) => at(self.left_at).map(|at| ("", format!("Left {at}"))),
            _ => None,
        }
    }

    pub fn may_arrive(&self) -> bool {
        matches!(self.status, Status::Confirmed) && self.stage != Stage::Over
    }

    /// On the last day only: leaving frees everything that is left.
    pub fn may_leave(&self, now: &DateTime<Utc>) -> bool {
        self.stage == Stage::Here && self.ends_today && self.during.from < *now
    }

    pub fn may_be_missed(&self) -> bool {
        self.stage == Stage::Late
    }

    pub fn may_be_undone(&self) -> bool {
        self.status == Status::NoShow || self.left_at.is_some()
    }

    pub fn row_class(&self) -> &'static str {
        match self.stage {
            Stage::Late => "visit late",
            Stage::Here => "visit here",
            Stage::Over => "visit over",
            Stage::Due => "visit",
        }
    }
}

impl Waiting {
    /// `09:00–11:30` today, else with the day.
    pub fn when(&self, now: &DateTime<Utc>) -> String {
        let today = self.zone.date(*now);
        let days = [self.during.from, self.during.until].map(|at| self.zone.date(at));
        if days == [today; 2] {
            self.zone.range(self.during, today)
        } else {
            self.zone.dated(self.during, today)
        }
    }

    /// `Ends in 8 minutes`.
    pub fn ends_in(&self, now: &DateTime<Utc>) -> String {
        let left = self.until.map_or(0, |until| (until - *now).num_minutes());
        match left {
            ..=0 => "Ends now".into(),
            1 => "Ends in 1 minute".into(),
            2..=120 => format!("Ends in {left} minutes"),
            _ => self.until.map_or(String::new(), |until| {
                let day = long_date(self.zone.date(until), self.zone.date(*now));
                format!("Till {day} {}", self.zone.clock(until))
            }),
        }
    }
}
