//! One sentence carried over a redirect in a cookie, shown once.

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
}

impl Flash {
    pub fn done(text: impl Into<String>) -> Self {
        Self {
            kind: "done",
            text: text.into(),
        }
    }

    pub fn problem(text: impl Into<String>) -> Self {
        Self {
            kind: "problem",
            text: text.into(),
        }
    }

    pub fn cookie(&self) -> Cookie<'static> {
        let value = format!(
            "{}.{}",
            self.kind,
            BASE64_URL_SAFE_NO_PAD.encode(&self.text)
        );
        Cookie::build((COOKIE, value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .build()
    }

    pub fn read(jar: &CookieJar) -> Option<Flash> {
        let (kind, text) = jar.get(COOKIE)?.value().split_once('.')?;
        let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let kind = ["done", "problem"]
            .into_iter()
            .find(|known| *known == kind)?;
        Some(Flash { kind, text })
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
}
