//! All spaces by location, for the front desk and for those who look after them.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};

use super::inventory::{self, Item};
use crate::{
    app::App,
    error::Result,
    html::{self, Chrome},
    id::Id,
    locations::location::Location,
    sessions::current::Staff,
};

pub fn routes() -> Router<App> {
    Router::new().route("/admin/spaces", get(index))
}

#[derive(Template)]
#[template(path = "spaces/admin/index.html")]
struct IndexPage {
    chrome: Chrome,
    places: Vec<Place>,
}

struct Place {
    id: Id<Location>,
    name: String,
    slug: String,
    /// The reader manages it.
    managed: bool,
    spaces: Vec<Item>,
}

async fn index(State(app): State<App>, chrome: Chrome, staff: Staff) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let mut places: Vec<Place> = Vec::new();
    for item in inventory::all(&mut db).await? {
        match places.last_mut().filter(|place| place.id == item.location) {
            Some(place) => place.spaces.push(item),
            None => places.push(Place {
                id: item.location,
                name: item.location_name.clone(),
                slug: item.location_slug.clone(),
                managed: staff.duties.can_manage(item.location),
                spaces: vec![item],
            }),
        }
    }
    html::page(&IndexPage { chrome, places })
}

impl Item {
    /// What people see of it, where that is not everything: the tag's tone and words.
    fn state(&self) -> Option<(&'static str, &'static str)> {
        match self.status.as_str() {
            "active" => None,
            "hidden" => Some(("", "Hidden")),
            "out_of_order" => Some(("warn", "Out of order")),
            _ => Some(("bad", "Retired")),
        }
    }

    fn seats_words(&self) -> String {
        match self.seats {
            1 => "1 seat".into(),
            seats => format!("{seats} seats"),
        }
    }
}
