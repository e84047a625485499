//! The application: what every handler shares, the router, and the layers around it.

use std::{sync::Arc, time::Duration};

use askama::Template;
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use sqlx::PgPool;
use tower_http::{
    CompressionLevel, catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer,
    set_header::SetResponseHeaderLayer, timeout::TimeoutLayer,
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    api, assets, billing, bookings,
    clock::Clock,
    config::Config,
    error::{Error, Trouble},
    front,
    hosts::{self, Hosts},
    html::{self, Chrome},
    journal, legal,
    lifecycle::Lifecycle,
    live::Live,
    locations,
    mail::Mailer,
    members,
    metrics::Metrics,
    reports,
    requests::{self, RequestId, Requests},
    sessions, spaces, trail, upload, viewings,
};

#[derive(Clone)]
pub struct App {
    pub db: PgPool,
    pub clock: Clock,
    pub config: Arc<Config>,
    pub lifecycle: Lifecycle,
    pub mailer: Mailer,
    pub limits: Arc<sessions::limits::Limits>,
    /// What open pages are told.
    pub live: Live,
    /// What is counted for whoever watches over the program.
    pub metrics: Arc<Metrics>,
    /// This installation holds sample data: sign-ins are printed, mails are kept to be read.
    pub sample: bool,
}

/// The longest a request may take; the database gives up on a statement after half of it.
const REQUEST: Duration = Duration::from_secs(10);
/// The same where a photo is sent, maybe from a phone.
const UPLOAD: Duration = Duration::from_secs(60);
/// The most that a form or an API request may hold, in bytes.
const BODY: usize = 64 * 1024;

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
    connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub fn router(app: App) -> Router {
    let (api, description) = api::describe(
        OpenApiRouter::new()
            .merge(locations::api::routes())
            .merge(spaces::api::routes())
            .merge(bookings::api::routes())
            .merge(bookings::favourite_api::routes())
            .merge(bookings::change_api::routes())
            .merge(bookings::guests_api::routes())
            .merge(bookings::extras_api::routes())
            .merge(bookings::series_api::routes())
            .merge(bookings::waitlist_api::routes())
            .merge(bookings::overrun_api::routes())
            .merge(bookings::staff_api::routes())
            .merge(bookings::listing_api::routes())
            .merge(billing::api::routes())
            .merge(viewings::api::routes())
            .merge(members::api::routes())
            .merge(members::staff_api::routes())
            .merge(billing::payments_api::routes())
            .merge(billing::statement_api::routes())
            .merge(bookings::closures_api::routes())
            .merge(bookings::policies_api::routes())
            .merge(locations::facts_api::routes())
            .merge(locations::floors_api::routes())
            .merge(locations::hours_api::routes())
            .merge(spaces::setup_api::routes())
            .merge(billing::rates_api::routes())
            .merge(billing::products_api::routes())
            .merge(members::colleagues_api::routes())
            .merge(reports::api::routes()),
    );
    let api = api
        .fallback(async || Error::NotFound)
        .method_not_allowed_fallback(async || StatusCode::METHOD_NOT_ALLOWED)
        .layer(DefaultBodyLimit::max(BODY))
        .layer(fixed(header::CACHE_CONTROL, "no-store"))
        .layer(CatchPanicLayer::new())
        .layer(within(REQUEST))
        .layer(middleware::map_response(dress_problem));

    let pages = Router::new()
        .merge(front::pages::routes())
        .merge(front::today::routes())
        .merge(front::mailbox::routes())
        .merge(front::board::routes())
        .merge(front::arrivals::routes())
        .merge(front::day::routes())
        .merge(front::keys::routes())
        .merge(front::stream::routes())
        .merge(front::api_docs::routes(&description))
        .merge(front::findable::routes())
        .merge(front::pictures::routes())
        .merge(journal::pages::routes())
        .merge(journal::admin::routes())
        .merge(journal::cover_pages::routes())
        .merge(legal::pages::routes())
        .merge(legal::admin::routes())
        .merge(front::settings::routes())
        .merge(locations::pages::routes())
        .merge(spaces::pages::routes())
        .merge(spaces::admin::routes())
        .merge(spaces::photo_pages::routes())
        .merge(bookings::pages::routes())
        .merge(bookings::admin_attendance::routes())
        .merge(bookings::admin_overrun::routes())
        .merge(bookings::admin_closures::routes())
        .merge(bookings::admin_policies::routes())
        .merge(billing::rates_admin::routes())
        .merge(locations::admin::routes())
        .merge(spaces::editor::routes())
        .merge(spaces::drawing_admin::routes())
        .merge(spaces::parts_admin::routes())
        .merge(reports::admin::routes())
        .merge(bookings::admin_booking::routes())
        .merge(members::admin::routes())
        .merge(billing::admin_passes::routes())
        .merge(billing::admin_payments::routes())
        .merge(billing::admin_cash_up::routes())
        .merge(billing::admin_statement::routes())
        .merge(billing::receipt_pages::routes())
        .merge(bookings::desk_pages::routes())
        .merge(bookings::listing_pages::routes())
        .merge(bookings::bulk_pages::routes())
        .merge(bookings::heat_pages::routes())
        .merge(billing::pages::routes())
        .merge(billing::pricing::routes())
        .merge(sessions::pages::routes())
        .merge(members::pages::routes())
        .merge(trail::pages::routes())
        .merge(viewings::pages::routes())
        .merge(viewings::admin::routes())
        .merge(billing::statement_pages::routes())
        .fallback(async || Error::NotFound);
    let uploads = Router::new()
        .merge(spaces::photo_pages::uploads())
        .merge(journal::cover_pages::uploads());

    let around = Requests {
        metrics: app.metrics.clone(),
        proxies: app.config.trusted_proxies.as_slice().into(),
    };

    Router::new()
        .merge(as_pages(pages, &app, BODY, REQUEST))
        .merge(as_pages(uploads, &app, upload::BODY, UPLOAD))
        .nest(api::ADDRESS, api)
        .route("/static/{*name}", get(assets::serve))
        .layer(middleware::from_fn_with_state(
            Hosts::of(app.config.public_url()),
            hosts::known,
        ))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(5)))
        .layer(CatchPanicLayer::new())
        .layer(fixed(header::CONTENT_SECURITY_POLICY, CSP))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "same-origin"))
        .layer(fixed(
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ))
        .layer(fixed(
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ))
        .layer(fixed(
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=()",
        ))
        .layer(fixed(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"))
        .layer(middleware::from_fn(sessions::visitor::note_origin))
        .layer(middleware::from_fn_with_state(around, requests::attend))
        .with_state(app)
}

/// Mail programs unsubscribe with one press (RFC 8058), from wherever they are; the address is its own proof.
fn csrf() -> CsrfLayer {
    CsrfLayer::new().with_insecure_bypass(|_, address| address.path().starts_with("/unsubscribe/"))
}

/// What stands around every page: who asks, from where, how much they send, and how long it may take.
fn as_pages(routes: Router<App>, app: &App, body: usize, time: Duration) -> Router<App> {
    routes
        .method_not_allowed_fallback(async || StatusCode::METHOD_NOT_ALLOWED)
        .layer(DefaultBodyLimit::max(body))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            front::moved::lead_on,
        ))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            sessions::current::visit,
        ))
        .layer(csrf())
        .layer(CatchPanicLayer::new())
        .layer(within(time))
        .layer(middleware::from_fn_with_state(app.clone(), dress_page))
}

fn within(time: Duration) -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, time)
}

fn fixed(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

pub async fn readyz(State(app): State<App>) -> Response {
    let answers = async {
        sqlx::query_scalar!("select only_one from installation")
            .fetch_one(&app.db)
            .await
    };
    if app.lifecycle.is_ready() && answers.await.is_ok() {
        "ready\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
    }
}

/// What to tell people of a status that has no sentence of its own.
fn title_and_sentence(status: StatusCode) -> (&'static str, &'static str) {
    match status.as_u16() {
        400 => (
            "That did not arrive whole",
            "Something in the address or the form could not be read. Go back and try once more.",
        ),
        401 => ("Sign in first", "This needs a signed-in person."),
        403 => (
            "That came from another site",
            "For your safety, forms are taken from our own pages only. Open the page here and send it again.",
        ),
        404 => (
            "This page is not here",
            "It may have moved, or it may belong to somebody else.",
        ),
        405 => (
            "That does not work this way",
            "This address does not take what was sent to it.",
        ),
        408 | 504 => (
            "That took too long",
            "Nothing was changed. Try again in a moment.",
        ),
        410 => (
            "This page is gone",
            "It was here and is no more. What it was about may live on elsewhere.",
        ),
        409 => ("Somebody was faster", "Have a look at what is free now."),
        413 | 431 => (
            "That is too much at once",
            "Shorten what you typed and send it again.",
        ),
        415 => (
            "We cannot read that",
            "Send it as a form, or as JSON to the API.",
        ),
        422 => (
            "Something needs a change",
            "Have a look at what was sent and try again.",
        ),
        429 => ("That was too often", "Wait a little and try again."),
        503 => (
            "Back in a moment",
            "Our database is catching its breath. Nothing was changed; try again in a few seconds.",
        ),
        _ => (
            "Something broke on our side",
            "It has been written down, and nothing was changed. Try again, or call us.",
        ),
    }
}

#[derive(Template)]
#[template(path = "front/error.html")]
struct ErrorPage {
    chrome: Chrome,
    status: u16,
    title: &'static str,
    sentence: String,
    /// To tell us, where it is ours to mend.
    number: Option<String>,
}

/// Every refusal that is not a page already becomes one, with a way on.
async fn dress_page(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let number = request.extensions().get::<RequestId>().cloned();
    let answer = next.run(request).await;
    let status = answer.status();
    let is_page = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page || !(status.is_client_error() || status.is_server_error()) {
        return answer;
    }
    let (title, usual) = title_and_sentence(status);
    let own = answer
        .extensions()
        .get::<Trouble>()
        .map(|trouble| trouble.sentence.clone());
    let chrome = answer.extensions().get::<Chrome>().cloned();
    let page = ErrorPage {
        chrome: chrome.unwrap_or_else(|| Chrome {
            path,
            sample: app.sample,
            site: app.config.public_url().to_string(),
            ..Chrome::default()
        }),
        status: status.as_u16(),
        title,
        sentence: own
            .filter(|sentence| !sentence.is_empty())
            .unwrap_or_else(|| usual.to_owned()),
        number: number
            .filter(|_| status == StatusCode::INTERNAL_SERVER_ERROR)
            .map(|number| number.as_str().to_owned()),
    };
    let mut dressed = html::page(&page).unwrap_or_else(|_| (status, usual).into_response());
    *dressed.status_mut() = status;
    keep_headers(&answer, &mut dressed);
    dressed
}

/// RFC 9457 problem details for every refusal of the API.
async fn dress_problem(answer: Response) -> Response {
    let status = answer.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return answer;
    }
    let (title, usual) = title_and_sentence(status);
    let trouble = answer.extensions().get::<Trouble>().cloned();
    let kind = trouble.as_ref().map_or(
        match status.as_u16() {
            405 => "wrong-method",
            413 => "too-large",
            _ => "bad-request",
        },
        |trouble| trouble.kind,
    );
    let detail = trouble
        .map(|trouble| trouble.sentence)
        .filter(|sentence| !sentence.is_empty());
    let problem = serde_json::json!({
        "type": format!("urn:connect-space:problem:{kind}"),
        "title": title,
        "status": status.as_u16(),
        "detail": detail.unwrap_or_else(|| usual.to_owned()),
    });
    let mut dressed = (status, Json(problem)).into_response();
    dressed.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    keep_headers(&answer, &mut dressed);
    dressed
}

/// What a refusal says in its headers stays: when to come back, which methods, which cookies end.
fn keep_headers(from: &Response, to: &mut Response) {
    for name in [
        header::RETRY_AFTER,
        header::ALLOW,
        header::SET_COOKIE,
        header::WWW_AUTHENTICATE,
        header::CACHE_CONTROL,
    ] {
        for value in from.headers().get_all(&name) {
            to.headers_mut().append(name.clone(), value.clone());
        }
    }
}
