//! What a door answers when it cannot do what was asked: a bare status that carries itself. A layer on
//! each router dresses it, as a page or as problem+json.

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug)]
pub enum Error {
    /// Not there, or not for this person: they answer alike.
    NotFound,
    /// Nobody is signed in; where to go afterwards.
    SignIn { next: String },
    /// The shared computer is covered; where to go on afterwards.
    Covered { next: String },
    /// They came by PIN, and this asks for their password; where to go on afterwards.
    Prove { next: String },
    /// They manage and have no second step, which this asks them to set up; where to go on afterwards.
    SecondStep { next: String },
    /// No token, or one that is not good, on the API.
    NoToken,
    /// The house says no, in a sentence, with the name that stays the same for programs.
    Refused {
        status: StatusCode,
        kind: &'static str,
        sentence: String,
    },
    /// Too often; come back after so many seconds.
    TooMany { seconds: u64 },
    /// Two transactions were in each other's way: run this one again.
    Contended,
    /// The database is away or too busy.
    Unavailable,
    /// Ours to mend.
    Broken(anyhow::Error),
}

/// What the dressing layers read from a bare answer.
#[derive(Clone, Debug)]
pub struct Trouble {
    pub kind: &'static str,
    pub sentence: String,
}

impl Error {
    pub fn refused(kind: &'static str, sentence: impl Into<String>) -> Self {
        Error::Refused {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            kind,
            sentence: sentence.into(),
        }
    }

    pub fn conflict(kind: &'static str, sentence: impl Into<String>) -> Self {
        Error::Refused {
            status: StatusCode::CONFLICT,
            kind,
            sentence: sentence.into(),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, kind, sentence) = match self {
            Error::NotFound => (StatusCode::NOT_FOUND, "not-found", String::new()),
            Error::SignIn { next } => return crate::html::see_other(&sign_in_address(&next)),
            Error::Covered { next } => return go_on("/admin/switch", &next),
            Error::Prove { next } => return go_on("/admin/proof", &next),
            Error::SecondStep { next } => return go_on("/account/security/second-step", &next),
            Error::NoToken => {
                let sentence = "Send a bearer token: Authorization: Bearer <token>.".into();
                let mut answer = trouble(StatusCode::UNAUTHORIZED, "no-token", sentence);
                let scheme = HeaderValue::from_static("Bearer");
                answer.headers_mut().insert(WWW_AUTHENTICATE, scheme);
                return answer;
            }
            Error::Refused {
                status,
                kind,
                sentence,
            } => (status, kind, sentence),
            Error::TooMany { seconds } => {
                let sentence = format!("That was too often. Try again in {}.", wait(seconds));
                let mut answer = trouble(StatusCode::TOO_MANY_REQUESTS, "too-many", sentence);
                answer.headers_mut().insert(RETRY_AFTER, seconds.into());
                return answer;
            }
            Error::Contended | Error::Unavailable => {
                let sentence =
                    "We are busy right now. Nothing was changed; try again in a moment.".into();
                let mut answer = trouble(StatusCode::SERVICE_UNAVAILABLE, "busy", sentence);
                answer.headers_mut().insert(RETRY_AFTER, 2.into());
                return answer;
            }
            Error::Broken(error) => {
                tracing::error!(error = format!("{error:#}"), "request failed");
                (StatusCode::INTERNAL_SERVER_ERROR, "broken", String::new())
            }
        };
        trouble(status, kind, sentence)
    }
}

fn trouble(status: StatusCode, kind: &'static str, sentence: String) -> Response {
    let mut answer = status.into_response();
    answer.extensions_mut().insert(Trouble { kind, sentence });
    answer
}

fn wait(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".into(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

fn go_on(page: &str, next: &str) -> Response {
    crate::html::see_other(&format!("{page}?{}", crate::html::query(&[("next", next)])))
}

fn sign_in_address(next: &str) -> String {
    format!("/sign-in?{}", crate::html::query(&[("next", next)]))
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<sqlx::Error>() {
            Ok(error) => error.into(),
            Err(error) => Error::Broken(error),
        }
    }
}

/// A missing row is a 404 by itself; a database that is away, slow or locked is "busy"; the rest is ours.
impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let away = match &error {
            sqlx::Error::RowNotFound => return Error::NotFound,
            sqlx::Error::Database(e)
                if e.code()
                    .is_some_and(|code| matches!(&*code, "40001" | "40P01")) =>
            {
                return Error::Contended;
            }
            // A text that no row can hold, such as one with a NUL, is in none.
            sqlx::Error::Database(e) if e.code().is_some_and(|code| code == "22021") => {
                return Error::NotFound;
            }
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_) => true,
            sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
            // Connection failures, out of resources, cancelled by timeout or an operator, lock not to be had, read-only.
            sqlx::Error::Database(e) => e.code().is_some_and(|code| {
                matches!(&code[..2], "08" | "53" | "57") || matches!(&*code, "55P03" | "25006")
            }),
            _ => false,
        };
        if away {
            tracing::warn!(%error, "database unavailable");
            Error::Unavailable
        } else {
            Error::Broken(error.into())
        }
    }
}

impl From<askama::Error> for Error {
    fn from(error: askama::Error) -> Self {
        Error::Broken(error.into())
    }
}
