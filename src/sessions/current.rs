//! Who is asking: the layer that finds out, and what handlers take to know.

use std::{convert::Infallible, ops::Deref};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, Method, Uri, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};

pub use super::visitor::Visitor;
use super::{
    entry::Arrived,
    lock::{self, Locked},
    person::Person,
    session, switch_pages, token,
};
use crate::{
    app::App,
    config::Cookies,
    error::{Error, Result},
    flash::{self, Flash},
    html::{Chrome, Me, local_address},
    id::Id,
    locations::location::Location,
    members::staff::Duties,
};

/// The person who is signed in. Where nobody is, a page answers with the way to sign in;
/// `Option<Current>` takes either.
#[derive(Clone, Debug)]
pub struct Current(pub Person);

/// Somebody who works here. For members nothing is here at all; where nobody is signed in, a page
/// answers with the way to sign in.
#[derive(Clone, Debug)]
pub struct Staff {
    person: Person,
    pub duties: Duties,
    /// The page that they are at, to come back to.
    here: String,
}

/// A manager, of whichever location, or an owner; for everybody else nothing is here.
#[derive(Clone, Debug)]
pub struct Manager(pub Staff);

/// An owner; for everybody else nothing is here.
#[derive(Clone, Debug)]
pub struct Owner(pub Staff);

/// The person for whom a program acts, by the token it sends.
#[derive(Clone, Debug)]
pub struct Bearer(pub Person);

/// The same of somebody who works here; for everybody else nothing is here.
#[derive(Clone, Debug)]
pub struct StaffBearer(pub Person);

/// The same of a manager, of whichever location, or an owner; for everybody else nothing is here.
#[derive(Clone, Debug)]
pub struct ManagerBearer {
    person: Person,
    duties: Duties,
}

/// The same of an owner; for everybody else nothing is here.
#[derive(Clone, Debug)]
pub struct OwnerBearer(pub Person);

/// Finds out who is asking, once for each request, and tells the handler and the page.
pub async fn visit(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let jar = CookieJar::from_headers(request.headers());
    // A page that renews itself leaves the sentence to the page that is about to come.
    let renews = request.headers().contains_key("x-renew");
    let mode = request
        .headers()
        .get("sec-fetch-mode")
        .and_then(|mode| mode.to_str().ok());
    let touch = lock::is_touch(request.method(), mode);
    let seen = match jar.get(&cookie_name(&app)) {
        Some(cookie) => match session::seen(&app.db, cookie.value(), touch).await {
            Ok(seen) => seen,
            Err(error) => return error.into_response(),
        },
        None => None,
    };
    let covered = seen.as_ref().is_some_and(|seen| seen.covered);
    let lock_minutes = seen
        .as_ref()
        .and_then(|seen| seen.lock_minutes)
        .filter(|_| !covered);
    let person = seen.filter(|seen| !seen.covered).map(|seen| seen.person);
    let chrome = Chrome {
        path: request.uri().path().to_owned(),
        me: person.as_ref().map(me),
        flash: Flash::read(&jar).filter(|_| !renews),
        sample: app.sample,
        error: false,
        site: app.config.public_url().to_string(),
        found: None,
        lock_minutes,
        owner: person
            .as_ref()
            .and_then(|person| person.staff)
            .is_some_and(Duties::is_owner),
    };
    let keep = if person.is_some() {
        "no-store"
    } else {
        "private, no-cache"
    };
    request.extensions_mut().insert(chrome.clone());
    if covered {
        request.extensions_mut().insert(Locked);
        if is_form(&request) && !GO_ON.contains(&request.uri().path()) {
            return hold_back(app, request, chrome).await;
        }
    }
    if let Some(person) = person {
        if person.by_pin && !person.proven && request.uri().path().starts_with("/account") {
            let next = come_back_to(request.method(), request.uri(), request.headers());
            return Error::Prove { next }.into_response();
        }
        request.extensions_mut().insert(Current(person));
    }
    let mut answer = next.run(request).await;
    if chrome.flash.is_some() && shows_a_page(&answer) {
        let shown = Cookie::build(flash::COOKIE).path("/").removal().build();
        if let Ok(shown) = shown.to_string().parse() {
            answer.headers_mut().append(header::SET_COOKIE, shown);
        }
    }
    let kept = answer.headers_mut().entry(header::CACHE_CONTROL);
    kept.or_insert(HeaderValue::from_static(keep));
    answer.extensions_mut().insert(chrome);
    answer
}

/// Where a covered computer takes forms: to go on, or to leave it.
const GO_ON: [&str; 4] = ["/admin/switch", "/sign-in", "/sign-in/code", "/sign-out"];

/// The most of a form that is kept while a computer is covered.
const KEPT: usize = 64 * 1024;

fn is_form(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let is_typed = kind.is_some_and(|kind| {
        kind.as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    });
    !request.method().is_safe() && is_typed
}

/// Asks who goes on, and holds what was sent until that is known.
async fn hold_back(app: App, request: Request, chrome: Chrome) -> Response {
    let (mut parts, body) = request.into_parts();
    let visitor = match Visitor::from_request_parts(&mut parts, &app).await {
        Ok(visitor) => visitor,
        Err(never) => match never {},
    };
    let jar = CookieJar::from_headers(&parts.headers);
    let Ok(body) = axum::body::to_bytes(body, KEPT).await else {
        return axum::http::StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let typed = String::from_utf8_lossy(&body).into_owned();
    let address = parts
        .uri
        .path_and_query()
        .map_or("/admin", |path| path.as_str())
        .to_owned();
    let kept = switch_pages::keep(&app, chrome, &visitor, &jar, address, typed).await;
    kept.unwrap_or_else(IntoResponse::into_response)
}

fn me(person: &Person) -> Me {
    Me {
        name: person.name.clone(),
        is_staff: person.staff.is_some(),
        manages: person.staff.is_some_and(Duties::manages),
    }
}

/// A page, or a refusal that is about to be dressed as one.
fn shows_a_page(answer: &Response) -> bool {
    let kind = answer.headers().get(header::CONTENT_TYPE);
    let is_html = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    is_html || answer.status().is_client_error() || answer.status().is_server_error()
}

pub fn cookie_name(app: &App) -> String {
    app.config.cookies().name("session")
}

pub fn browser_cookie_name(app: &App) -> String {
    app.config.cookies().name("browser")
}

/// The cookies of somebody who is signed in: of their session, and of the browser, by which it is known again.
pub fn cookies(cookies: Cookies, arrived: Arrived) -> [Cookie<'static>; 2] {
    let mut browser = cookie(cookies, arrived.browser);
    browser.set_name(cookies.name("browser"));
    [cookie(cookies, arrived.session), browser]
}

/// The cookie of a session, or with an empty secret the one that takes it away.
pub fn cookie(cookies: Cookies, secret: String) -> Cookie<'static> {
    Cookie::build((cookies.name("session"), secret))
        .path("/")
        .http_only(true)
        .secure(cookies.secure())
        .same_site(SameSite::Lax)
        .permanent()
        .build()
}

impl Deref for Current {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.0
    }
}

impl Staff {
    /// Goes on where what follows is theirs to do at this location; for others it is not there.
    pub fn managing(&self, location: Id<Location>) -> Result<()> {
        if self.duties.can_manage(location) {
            self.managing_safely()
        } else {
            Err(Error::NotFound)
        }
    }

    /// Goes on where they have given their password and not only a PIN: what is the managers' and the owners'
    /// alone is not open to whoever looked over their shoulder.
    pub fn proven(&self) -> Result<()> {
        if self.person.proven {
            Ok(())
        } else {
            Err(Error::Prove {
                next: self.here.clone(),
            })
        }
    }

    /// The same, and where they have a second step, if the house asks for one.
    fn managing_safely(&self) -> Result<()> {
        self.proven()?;
        if self.person.owes_second_step {
            return Err(Error::SecondStep {
                next: self.here.clone(),
            });
        }
        Ok(())
    }
}

impl Deref for Staff {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.person
    }
}

impl Deref for Manager {
    type Target = Staff;

    fn deref(&self) -> &Staff {
        &self.0
    }
}

impl Deref for Owner {
    type Target = Staff;

    fn deref(&self) -> &Staff {
        &self.0
    }
}

impl Deref for Bearer {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.0
    }
}

impl Deref for StaffBearer {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.0
    }
}

impl ManagerBearer {
    pub fn duties(&self) -> Duties {
        self.duties
    }

    /// Goes on where what follows is theirs to do at this location; for others it is not there.
    pub fn managing(&self, location: Id<Location>) -> Result<()> {
        match self.duties.can_manage(location) {
            true => Ok(()),
            false => Err(Error::NotFound),
        }
    }
}

impl Deref for ManagerBearer {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.person
    }
}

impl FromRequestParts<App> for ManagerBearer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<ManagerBearer> {
        let Bearer(person) = Bearer::from_request_parts(parts, app).await?;
        let duties = person.staff.filter(|duties| duties.manages());
        Ok(ManagerBearer {
            duties: duties.ok_or(Error::NotFound)?,
            person,
        })
    }
}

impl Deref for OwnerBearer {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.0
    }
}

impl FromRequestParts<App> for OwnerBearer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<OwnerBearer> {
        let Bearer(person) = Bearer::from_request_parts(parts, app).await?;
        let owns = person.staff.is_some_and(Duties::is_owner);
        match owns {
            true => Ok(OwnerBearer(person)),
            false => Err(Error::NotFound),
        }
    }
}

impl FromRequestParts<App> for StaffBearer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<StaffBearer> {
        let Bearer(person) = Bearer::from_request_parts(parts, app).await?;
        person.staff.ok_or(Error::NotFound)?;
        Ok(StaffBearer(person))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Current {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Current> {
        parts.extensions.get().cloned().ok_or_else(|| {
            let next = come_back_to(&parts.method, &parts.uri, &parts.headers);
            if parts.extensions.get::<Locked>().is_some() {
                Error::Covered { next }
            } else {
                Error::SignIn { next }
            }
        })
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Current {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Current>, Infallible> {
        Ok(parts.extensions.get().cloned())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Staff {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Staff> {
        let Current(person) =
            <Current as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        let duties = person.staff.ok_or(Error::NotFound)?;
        Ok(Staff {
            person,
            duties,
            here: come_back_to(&parts.method, &parts.uri, &parts.headers),
        })
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Staff {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Staff>, Infallible> {
        Ok(
            <Staff as FromRequestParts<S>>::from_request_parts(parts, state)
                .await
                .ok(),
        )
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Manager {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Manager> {
        let staff = <Staff as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        if !staff.duties.manages() {
            return Err(Error::NotFound);
        }
        staff.managing_safely()?;
        Ok(Manager(staff))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Owner {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Owner> {
        let staff = <Staff as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        if !staff.duties.is_owner() {
            return Err(Error::NotFound);
        }
        staff.managing_safely()?;
        Ok(Owner(staff))
    }
}

/// The page that was asked for, or the page whose form was sent.
fn come_back_to(method: &Method, uri: &Uri, headers: &HeaderMap) -> String {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let address = |uri: &Uri| {
        uri.path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned()
    };
    if method.is_safe() {
        return local_address(&address(uri)).to_owned();
    }
    text(header::REFERER)
        .and_then(|referer| referer.parse::<Uri>().ok())
        .filter(|referer| referer.authority().map(|host| host.as_str()) == text(header::HOST))
        .map_or("/".to_owned(), |referer| {
            local_address(&address(&referer)).to_owned()
        })
}

impl FromRequestParts<App> for Bearer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Bearer> {
        let sent = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let token = sent.and_then(bearer_token).ok_or(Error::NoToken)?;
        let (id, person) = token::person(&app.db, token).await?.ok_or(Error::NoToken)?;
        app.limits.api_request(&app.db, id).await?;
        Ok(Bearer(person))
    }
}

/// The scheme in any case (RFC 9110, 11.1).
fn bearer_token(sent: &str) -> Option<&str> {
    let (scheme, token) = sent.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_sent_by_nobody_leads_back_to_its_page() {
        let back = |method: Method, referer: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("desks.example"));
            headers.insert(header::REFERER, HeaderValue::from_static(referer));
            come_back_to(&method, &Uri::from_static("/bookings?page=2"), &headers)
        };
        assert_eq!(
            back(Method::GET, "https://desks.example/"),
            "/bookings?page=2"
        );
        assert_eq!(
            back(
                Method::POST,
                "https://desks.example/spaces/pier?date=2026-11-24"
            ),
            "/spaces/pier?date=2026-11-24"
        );
        assert_eq!(back(Method::POST, "https://evil.example/spaces/pier"), "/");
        assert_eq!(
            back(Method::POST, "https://desks.example//evil.example"),
            "/"
        );
        assert_eq!(back(Method::POST, "about:blank"), "/");
    }

    #[test]
    fn the_scheme_of_a_token_is_in_any_case() {
        assert_eq!(bearer_token("Bearer cs_abc"), Some("cs_abc"));
        assert_eq!(bearer_token("bearer  cs_abc "), Some("cs_abc"));
        assert_eq!(bearer_token("Basic cs_abc"), None);
        assert_eq!(bearer_token("cs_abc"), None);
    }

    #[test]
    fn session_cookies_are_kept_from_scripts_and_other_sites() {
        let strict = cookie(Cookies::Strict, "x".into()).to_string();
        assert!(
            strict.starts_with("__Host-session=x; HttpOnly; SameSite=Lax; Secure; Path=/;"),
            "{strict}"
        );
        assert!(
            !cookie(Cookies::Plain, "x".into())
                .to_string()
                .contains("Secure")
        );
    }
}
