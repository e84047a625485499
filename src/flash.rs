//! One sentence carried over a redirect in a cookie, shown once, perhaps with a way to take it back.

use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

pub const COOKIE: &str = "flash";

#[derive(Clone, Debug, PartialEq)]
pub struct Flash {
    /// `done` or `problem`.
    pub kind: &'static str,
    pub text: String,
    pub undo: Option<Undo>,
}

/// A form that takes back what was done: where it is sent, and what it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Undo {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Undo {
    pub fn new(action: impl Into<String>, fields: &[(&str, &str)]) -> Undo {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Undo {
            action: action.into(),
            fields: fields.iter().map(own).collect(),
        }
    }

    fn written(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.fields);
        format!("{}?{}", self.action, query.finish())
    }

    /// Only an address of ours: anybody who can set a cookie could write another.
    fn read(written: &str) -> Option<Undo> {
        let (action, query) = written.split_once('?')?;
        let ours = action.starts_with('/')
            && !action.starts_with("//")
            && action
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"/-_".contains(&b));
        ours.then(|| Undo {
            action: action.to_owned(),
            fields: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        })
    }
}

impl Flash {
    pub fn done(text: impl Into<String>) -> Self {
        Self {
            kind: "done",
            text: text.into(),
            undo: None,
        }
    }

    pub fn problem(text: impl Into<String>) -> Self {
        Self {
            kind: "problem",
            text: text.into(),
            undo: None,
        }
    }

    pub fn with_undo(self, undo: Undo) -> Self {
        Self {
            undo: Some(undo),
            ..self
        }
    }

    pub fn cookie(&self) -> Cookie<'static> {
        let packed = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        let mut value = format!("{}.{}", self.kind, packed(&self.text));
        if let Some(undo) = &self.undo {
            value = format!("{value}.{}", packed(&undo.written()));
        }
        Cookie::build((COOKIE, value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .build()
    }

    pub fn read(jar: &CookieJar) -> Option<Flash> {
        let plain =
            |packed: &str| String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(packed).ok()?).ok();
        let mut parts = jar.get(COOKIE)?.value().split('.');
        let (kind, text) = (parts.next()?, plain(parts.next()?)?);
        let kind = ["done", "problem"]
            .into_iter()
            .find(|known| *known == kind)?;
        let undo = parts.next().and_then(plain);
        Some(Flash {
            kind,
            text,
            undo: undo.and_then(|written| Undo::read(&written)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_the_cookie() {
        let flash = Flash::done("Cancelled: R220 is back on your account – thank you.");
        assert_eq!(
            Flash::read(&CookieJar::new().add(flash.cookie())),
            Some(flash)
        );
        assert_eq!(
            Flash::read(&CookieJar::new().add(Cookie::new(COOKIE, "done.%%%"))),
            None
        );
    }

    #[test]
    fn a_way_back_leads_to_this_site_only() {
        let read = |action: &str| {
            let undo = Undo::new(
                action,
                &[("version", "3"), ("back", "/admin?location=a&b=ü")],
            );
            let flash = Flash::done("Moved.").with_undo(undo);
            let read = Flash::read(&CookieJar::new().add(flash.cookie())).unwrap();
            (read == flash, read.undo.is_some())
        };
        assert_eq!(read("/admin/bookings/CS-7K3M9/undo"), (true, true));
        for bad in [
            "//e.example/",
            "https://e.example/",
            "javascript:x",
            "/a\"b",
        ] {
            assert!(!read(bad).1, "{bad}");
        }
    }
}
