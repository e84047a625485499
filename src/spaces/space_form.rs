//! The form of a space: as it was typed, and what it means.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{amenity::amenity, layout::Layout, setup::Setup, space::Kind};
use crate::{
    form::{self, Errors},
    markdown,
};

/// As typed; amenities repeat, layouts have a field each.
#[derive(Clone, Debug, Default)]
pub(super) struct SpaceForm {
    pub slug: String,
    pub name: String,
    pub kind: String,
    /// A floor's id, and a zone's or nothing, with a blank between them.
    pub place: String,
    pub policy: String,
    pub seats: String,
    pub layouts: BTreeMap<Layout, String>,
    pub amenities: Vec<String>,
    pub summary: String,
    pub status: String,
    pub position: String,
    pub x: String,
    pub y: String,
    pub w: String,
    pub h: String,
    pub version: i32,
    /// Bookings ahead were looked at.
    pub seen: bool,
    /// `preview`: show it and keep nothing.
    pub then: String,
}

impl SpaceForm {
    pub fn of(setup: &Setup) -> SpaceForm {
        let zone = setup.zone.map(|id| id.to_string()).unwrap_or_default();
        let [x, y, w, h] = setup.at.map(|metres| metres.to_string());
        SpaceForm {
            slug: setup.slug.clone(),
            name: setup.name.clone(),
            kind: setup.kind.key().into(),
            place: format!("{} {zone}", setup.floor),
            policy: setup.policy.to_string(),
            seats: setup.seats.to_string(),
            layouts: setup
                .layouts
                .iter()
                .map(|(layout, seats)| (*layout, seats.to_string()))
                .collect(),
            amenities: setup.amenities.clone(),
            summary: setup.summary.clone(),
            status: setup.status.clone(),
            position: setup.position.to_string(),
            x,
            y,
            w,
            h,
            version: setup.version,
            ..SpaceForm::default()
        }
    }

    pub fn read(form: &[u8]) -> SpaceForm {
        let mut typed = SpaceForm::default();
        for (field, value) in form_urlencoded::parse(form) {
            let value = value.into_owned();
            match &*field {
                "slug" => typed.slug = value,
                "name" => typed.name = value,
                "kind" => typed.kind = value,
                "place" => typed.place = value,
                "policy" => typed.policy = value,
                "seats" => typed.seats = value,
                "amenity" => typed.amenities.push(value),
                "summary" => typed.summary = value,
                "status" => typed.status = value,
                "position" => typed.position = value,
                "x" => typed.x = value,
                "y" => typed.y = value,
                "w" => typed.w = value,
                "h" => typed.h = value,
                "version" => typed.version = value.parse().unwrap_or(0),
                "seen" => typed.seen = value == "yes",
                "then" => typed.then = value,
                field => {
                    if let Some(layout) = field
                        .strip_prefix("layout_")
                        .and_then(|key| key.parse().ok())
                    {
                        typed.layouts.insert(layout, value);
                    }
                }
            }
        }
        typed
    }

    pub fn layout(&self, layout: &Layout) -> &str {
        self.layouts.get(layout).map_or("", String::as_str)
    }

    pub fn parse(&self) -> Result<Setup, Errors> {
        let mut errors = Errors::default();
        let name = form::required_line(&self.name, 60, "Give it a name.");
        let name = errors.take("name", name).unwrap_or_default();
        let typed = if self.slug.trim().is_empty() {
            &name
        } else {
            &self.slug
        };
        let slug = markdown::slug(typed);
        if slug.is_empty() && !name.is_empty() {
            errors.add(
                "slug",
                "Write an address of small letters, figures and hyphens.",
            );
        }
        let kind = errors.take("kind", self.kind.parse::<Kind>());
        let (floor, zone) = self.place.split_once(' ').unwrap_or((&self.place, ""));
        let floor = floor
            .parse::<Uuid>()
            .map_err(|_| "Choose a floor.".to_owned());
        let floor = errors.take("place", floor).unwrap_or_default();
        let policy = self
            .policy
            .parse::<Uuid>()
            .map_err(|_| "Choose a policy.".to_owned());
        let policy = errors.take("policy", policy).unwrap_or_default();
        let layouts = self.parse_layouts(&mut errors);
        let seats = match layouts.values().max() {
            Some(most) => *most,
            None => errors.take("seats", seats(&self.seats)).unwrap_or(1),
        };
        let summary = errors
            .take("summary", form::optional_text(&self.summary, 260))
            .unwrap_or_default();
        if !["active", "hidden", "out_of_order", "retired"].contains(&self.status.as_str()) {
            errors.add("status", "Choose whether it can be booked.");
        }
        let at = [
            errors.take("x", metres(&self.x, 0.0)),
            errors.take("y", metres(&self.y, 0.0)),
            errors.take("w", metres(&self.w, 0.2)),
            errors.take("h", metres(&self.h, 0.2)),
        ];
        let position = self.position.trim();
        let position = if position.is_empty() {
            Ok(0)
        } else {
            position.parse().map_err(|_| "Enter a number.".to_owned())
        };
        let position = errors.take("position", position).unwrap_or(0);
        let mut amenities = self.amenities.clone();
        amenities.retain(|key| amenity(key).is_some());
        match kind {
            Some(kind) if errors.is_empty() => Ok(Setup {
                slug,
                name,
                kind,
                floor,
                zone: zone.parse().ok(),
                policy,
                seats,
                layouts: if kind == Kind::MeetingRoom {
                    layouts
                } else {
                    BTreeMap::new()
                },
                amenities,
                summary,
                status: self.status.clone(),
                position,
                at: at.map(Option::unwrap_or_default),
                version: self.version,
            }),
            _ => Err(errors),
        }
    }

    fn parse_layouts(&self, errors: &mut Errors) -> BTreeMap<Layout, i32> {
        let mut layouts = BTreeMap::new();
        for (layout, text) in self
            .layouts
            .iter()
            .filter(|(_, text)| !text.trim().is_empty())
        {
            if let Some(seats) = errors.take("seats", seats(text)) {
                layouts.insert(*layout, seats);
            }
        }
        layouts
    }
}

fn seats(text: &str) -> Result<i32, String> {
    let seats = text
        .trim()
        .parse()
        .ok()
        .filter(|seats| (1..=500).contains(seats));
    seats.ok_or("Enter seats from 1 to 500.".into())
}

fn metres(text: &str, least: f32) -> Result<f32, String> {
    match text.trim().replace(',', ".").parse::<f32>() {
        Ok(metres) if (least..=200.0).contains(&metres) => Ok((metres * 100.0).round() / 100.0),
        _ => Err(format!("Enter metres from {least} to 200.")),
    }
}
