//! What every page is made with: the chrome around it, rendering, redirects and addresses.

use std::convert::Infallible;

use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Response},
};

use crate::{assets, error::Result, flash::Flash, form::Errors, found::Found};

/// What the frame of a page needs to know about this request; put there by the visit layer.
#[derive(Clone, Debug, Default)]
pub struct Chrome {
    /// The path asked for, without its query.
    pub path: String,
    pub me: Option<Me>,
    pub flash: Option<Flash>,
    /// This installation holds sample data.
    pub sample: bool,
    /// The page answers a form that was refused.
    pub error: bool,
    /// Scheme, host and perhaps port under which people know this site.
    pub site: String,
    /// Only of pages that everybody may find.
    pub found: Option<Box<Found>>,
    /// At a computer that staff share: after how many minutes without a touch it covers itself.
    pub lock_minutes: Option<i32>,
    /// Who asks owns the house.
    pub owner: bool,
}

/// The person who is signed in, as the header shows them.
#[derive(Clone, Debug)]
pub struct Me {
    pub name: String,
    pub is_staff: bool,
    /// They see prices, money, settings and reports, of one location or of all.
    pub manages: bool,
}

impl Me {
    /// First letters of the first and last word.
    pub fn initials(&self) -> String {
        let mut words = self.name.split_whitespace();
        let first = words.next().and_then(|word| word.chars().next());
        let last = words.next_back().and_then(|word| word.chars().next());
        first
            .into_iter()
            .chain(last)
            .flat_map(char::to_uppercase)
            .collect()
    }
}

impl Chrome {
    pub fn refused(mut self) -> Self {
        self.error = true;
        self
    }

    /// What was asked for by its address may have to be mended as well.
    pub fn with(self, errors: &Errors) -> Self {
        if errors.is_empty() {
            self
        } else {
            self.refused()
        }
    }

    /// The page belongs to this place of the front desk. Tills are kept under their locations, and have
    /// a place of their own.
    pub fn is_under(&self, place: &str) -> bool {
        let is_till = self.path.contains("/cash-up");
        match place {
            "/admin" => self.path == place,
            "/admin/cash-up" => is_till,
            _ => !is_till && self.path.starts_with(place),
        }
    }

    /// The page may be found, as this says.
    pub fn found(mut self, found: Found) -> Self {
        self.found = Some(Box::new(found));
        self
    }

    /// The whole address of a path that begins with `/`.
    pub fn whole(&self, path: &str) -> String {
        format!("{}{path}", self.site)
    }

    pub fn css_url(&self) -> &'static str {
        assets::url("app.css")
    }

    /// Any other file under `static/`, or a sheet such as `staff.css`.
    pub fn asset_url(&self, name: &str) -> &'static str {
        assets::url(name)
    }

    pub fn icons_url(&self) -> &'static str {
        assets::url("icons.svg")
    }

    pub fn js_url(&self) -> &'static str {
        assets::url("js/app.js")
    }

    pub fn is_at(&self, path: &str) -> bool {
        self.path == path
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Chrome {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let mut chrome = parts
            .extensions
            .get::<Chrome>()
            .cloned()
            .unwrap_or_default();
        if chrome.path.is_empty() {
            chrome.path = parts.uri.path().to_owned();
        }
        Ok(chrome)
    }
}

pub fn page(template: &impl Template) -> Result<Response> {
    Ok(Html(template.render()?).into_response())
}

/// The same page again with what was refused: 422.
pub fn refused(template: &impl Template) -> Result<Response> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(template.render()?)).into_response())
}

/// 303 to an address of ours.
pub fn see_other(address: &str) -> Response {
    (
        StatusCode::SEE_OTHER,
        [(header::LOCATION, address.to_owned())],
    )
        .into_response()
}

/// `a=1&b=2`, percent-encoded.
pub fn query<K: AsRef<str>, V: AsRef<str>>(pairs: &[(K, V)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(
            pairs
                .iter()
                .map(|(key, value)| (key.as_ref(), value.as_ref())),
        )
        .finish()
}

/// The same for other people's sites, some of which show a plus where a blank is meant.
pub fn query_elsewhere(pairs: &[(&str, &str)]) -> String {
    query(pairs).replace('+', "%20")
}

/// An address inside this site, or `/`: what `next` may hold after signing in.
pub fn local_address(next: &str) -> &str {
    let plain = next
        .bytes()
        .all(|b| (0x21..0x7f).contains(&b) && b != b'\\');
    if plain && next.starts_with('/') && !next.starts_with("//") && next != "/sign-out" {
        next
    } else {
        "/"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_stays_on_this_site() {
        for bad in [
            "//e.example",
            "/\\e.example",
            "/\t/e",
            "https:e",
            "",
            "e",
            "/a b",
            "javascript:alert(1)",
        ] {
            assert_eq!(local_address(bad), "/", "{bad:?}");
        }
        assert_eq!(
            local_address("/spaces/pier?date=2026-11-24"),
            "/spaces/pier?date=2026-11-24"
        );
    }

    #[test]
    fn initials_of_any_name() {
        let initials = |name: &str| {
            Me {
                name: name.into(),
                is_staff: false,
                manages: false,
            }
            .initials()
        };
        assert_eq!(initials("Thandeka Mkhize"), "TM");
        assert_eq!(initials("Sipho"), "S");
        assert_eq!(initials("ñandú van der Berg"), "ÑB");
    }
}
