//! A shared computer that nobody has touched for a while is covered: only a PIN or a password goes on.

use std::convert::Infallible;

use axum::{
    extract::OptionalFromRequestParts,
    http::{Method, request::Parts},
};

use crate::html::local_address;

/// The session that came with a request is covered.
#[derive(Clone, Copy, Debug)]
pub struct Locked;

impl<S: Send + Sync> OptionalFromRequestParts<S> for Locked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Locked>, Infallible> {
        Ok(parts.extensions.get().copied())
    }
}

/// Somebody did something: they opened a page or sent a form. What a page asks for by itself does not count.
pub fn is_touch(method: &Method, fetch_mode: Option<&str>) -> bool {
    *method != Method::GET && *method != Method::HEAD
        || fetch_mode.is_none_or(|mode| mode == "navigate")
}

/// A form that was sent to a covered computer.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// An address of ours.
    pub address: String,
    pub fields: Vec<(String, String)>,
}

impl Kept {
    /// `body` is the form as it came, URL-encoded.
    pub fn read(address: &str, body: &str) -> Kept {
        Kept {
            address: local_address(address).to_owned(),
            fields: form_urlencoded::parse(body.as_bytes())
                .into_owned()
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_does_by_itself_touches_nothing() {
        assert!(is_touch(&Method::GET, Some("navigate")) && is_touch(&Method::GET, None));
        assert!(is_touch(&Method::POST, Some("cors")));
        for by_itself in ["cors", "no-cors", "same-origin"] {
            assert!(!is_touch(&Method::GET, Some(by_itself)));
        }
    }

    #[test]
    fn what_was_typed_is_kept_and_goes_nowhere_else() {
        let kept = Kept::read(
            "/admin/members/CM-22222/notes",
            "body=Likes+the+window&tick=a&tick=b",
        );
        assert_eq!(kept.fields[0], ("body".into(), "Likes the window".into()));
        assert_eq!(kept.fields.len(), 3);
        assert_eq!(Kept::read("https://e.example/", "").address, "/");
    }
}
