//! One viewing as staff work on it: move it on, agree on a visit, note what was said, win it.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    admin,
    details::{self, Plan},
    history::{self, Happening},
    note,
    stage::{self, LOST_REASONS, Move, Refusal},
    viewing::{Status, Term, Viewing},
    visit::{self, Guide},
    win,
};
use crate::{
    app::App,
    error::Result,
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    members::{
        consent::{self, Channel, Who},
        member::Member,
    },
    sessions::current::Staff,
    time::{Span, parse_clock, parse_date},
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/viewings/{reference}", get(show))
        .route("/admin/viewings/{reference}/stage", post(move_on))
        .route("/admin/viewings/{reference}/visit", post(schedule))
        .route("/admin/viewings/{reference}/plan", post(plan))
        .route("/admin/viewings/{reference}/notes", post(add_note))
        .route("/admin/viewings/{reference}/win", post(win_it))
}

/// What any of the page's forms sent, as typed; the others stand as the viewing is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    version: i32,
    /// Where to go afterwards, if not back here.
    back: String,
    to: String,
    reason: String,
    until: String,
    guide: String,
    date: String,
    from: String,
    minutes: String,
    tell: String,
    action: String,
    on: String,
    assignee: String,
    kind: String,
    body: String,
    company: String,
}

impl Typed {
    /// As the forms stand before anybody types.
    fn of(viewing: &Viewing, me: Uuid, now: DateTime<Utc>) -> Typed {
        let zone = viewing.zone;
        let scheduled = viewing
            .during
            .filter(|_| viewing.status == Status::Scheduled);
        let next_wish = viewing.wished.iter().copied().find(|at| *at > now);
        let from = scheduled.map(|span| span.from).or(next_wish);
        Typed {
            version: viewing.version,
            to: viewing.status.key().to_owned(),
            reason: viewing.lost_reason.clone(),
            guide: viewing.guide.unwrap_or(me).to_string(),
            date: from.map(|at| zone.date(at).to_string()).unwrap_or_default(),
            from: from.map(|at| zone.clock(at)).unwrap_or_default(),
            minutes: scheduled.map_or(30, Span::minutes).to_string(),
            tell: "yes".into(),
            action: viewing.next_action.clone(),
            on: viewing
                .next_on
                .map(|date| date.to_string())
                .unwrap_or_default(),
            assignee: viewing
                .assignee
                .map(|id| id.to_string())
                .unwrap_or_default(),
            company: viewing.company.clone(),
            kind: "call".into(),
            ..Typed::default()
        }
    }
}

#[derive(Template)]
#[template(path = "viewings/admin/show.html")]
struct ShowPage {
    chrome: Chrome,
    viewing: Viewing,
    typed: Typed,
    errors: Errors,
    happenings: Vec<Happening>,
    guides: Vec<Guide>,
    /// A member with the same email address or phone number.
    known: Option<Member>,
    agreed: Vec<Channel>,
    now: DateTime<Utc>,
}

impl ShowPage {
    fn when(&self, at: &DateTime<Utc>) -> String {
        self.viewing.moment(*at, self.now)
    }

    fn is_chosen(&self, id: &Uuid, typed: &str) -> bool {
        id.to_string() == typed
    }

    fn phone(&self, e164: &str) -> String {
        admin::phone(e164)
    }

    fn whatsapp(&self, e164: &str) -> String {
        admin::whatsapp(e164)
    }

    fn minutes(&self) -> [(&'static str, &'static str); 4] {
        [
            ("15", "15 minutes"),
            ("30", "30 minutes"),
            ("45", "45 minutes"),
            ("60", "1 hour"),
        ]
    }

    /// To the booking of a space for the member that came of it.
    fn book_for(&self) -> Option<String> {
        let member = self
            .viewing
            .member
            .filter(|_| self.viewing.status == Status::Won)?;
        Some(format!(
            "/admin/bookings/new?{}",
            html::query(&[("member", member.get().to_string())])
        ))
    }
}

async fn page(
    db: &mut Db,
    chrome: Chrome,
    me: &Staff,
    viewing: Viewing,
    now: DateTime<Utc>,
) -> Result<ShowPage> {
    let address = viewing
        .email
        .as_deref()
        .or(viewing.phone.as_deref())
        .unwrap_or_default();
    Ok(ShowPage {
        chrome,
        typed: Typed::of(&viewing, me.member.get(), now),
        errors: Errors::default(),
        happenings: history::of(db, viewing.id).await?,
        guides: Guide::of(db, viewing.location).await?,
        known: win::known(db, &viewing).await?,
        agreed: consent::given(db, Who::Address(address)).await?,
        viewing,
        now,
    })
}

async fn show(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    Path(reference): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let viewing = Viewing::find(&mut db, &reference).await?;
    html::page(&page(&mut db, chrome, &me, viewing, now).await?)
}

/// The page again, with what is there now and what was typed, since the house or somebody else said no.
async fn again(
    app: &App,
    (chrome, me, now): (Chrome, &Staff, DateTime<Utc>),
    reference: &str,
    errors: Errors,
    typed: impl FnOnce(&mut Typed),
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let viewing = Viewing::find(&mut db, reference).await?;
    let mut page = page(&mut db, chrome.refused(), me, viewing, now).await?;
    page.errors = errors;
    typed(&mut page.typed);
    html::refused(&page)
}

/// The field that a refusal is about.
fn field(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Stale => "to",
        Refusal::NoReason => "reason",
        Refusal::NoMember => "company",
        Refusal::NoVisit | Refusal::Past => "date",
        Refusal::WrongEnd => "minutes",
        Refusal::GuideBusy { .. } | Refusal::NoGuide { .. } => "guide",
    }
}

async fn move_on(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(form): Form<Typed>,
) -> Result<Response> {
    let viewing = Viewing::find(&mut *app.db.acquire().await?, &reference).await?;
    let mut errors = Errors::default();
    let to = Status::named(&form.to).ok_or_else(|| "Choose a stage.".to_owned());
    let to = errors.take("to", to);
    let until = match form.until.trim() {
        "" => Ok(None),
        text => parse_date(text)
            .map(Some)
            .ok_or_else(|| "Enter a date like 2026-11-24.".to_owned()),
    };
    let until = errors.take("until", until);
    let reason = LOST_REASONS
        .into_iter()
        .find(|known| *known == form.reason)
        .unwrap_or_default();
    if let (Some(to), Some(until)) = (to, until) {
        let wanted = || Move {
            to,
            version: form.version,
            reason,
            until,
        };
        match transaction!(app.db, tx => stage::move_to(tx, me.member, viewing.id, wanted(), now).await)?
        {
            Ok(()) => {
                let said = format!("{}: {}.", viewing.name, to.label());
                return Ok(done(jar, said, &form.back, &viewing));
            }
            Err(refusal) => errors.add(field(&refusal), refusal.to_string()),
        }
    }
    again(&app, (chrome, &me, now), &reference, errors, |typed| {
        typed.to = form.to;
        typed.reason = form.reason;
        typed.until = form.until;
    })
    .await
}

async fn schedule(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(form): Form<Typed>,
) -> Result<Response> {
    let viewing = Viewing::find(&mut *app.db.acquire().await?, &reference).await?;
    let mut errors = Errors::default();
    let guide = form
        .guide
        .parse::<Uuid>()
        .map_err(|_| "Choose who shows the place.".to_owned());
    let guide = errors.take("guide", guide);
    let date = parse_date(&form.date).ok_or_else(|| "Enter a date like 2026-11-24.".to_owned());
    let date = errors.take("date", date);
    let from = parse_clock(&form.from).ok_or_else(|| "Enter a time like 10:00.".to_owned());
    let from = errors.take("from", from);
    let minutes = form
        .minutes
        .parse::<i64>()
        .ok()
        .filter(|minutes| (5..=480).contains(minutes));
    let minutes = errors.take(
        "minutes",
        minutes.ok_or_else(|| "Choose how long it takes.".to_owned()),
    );
    if let (Some(guide), Some(date), Some(from), Some(minutes)) = (guide, date, from, minutes) {
        match viewing.zone.instant(date.and_time(from)) {
            Err(_) => errors.add(
                "from",
                "On that day the clocks change at that time. Choose another.",
            ),
            Ok(from) => {
                let visit = (guide, Span::new(from, from + TimeDelta::minutes(minutes)));
                let tell = form.tell == "yes";
                match transaction!(app.db, tx =>
                    visit::schedule(tx, me.member, viewing.id, visit, tell, form.version, now).await)?
                {
                    Ok(()) => {
                        let said = format!("{} comes {}.", viewing.name, viewing.moment(from, now));
                        return Ok(done(jar, said, &form.back, &viewing));
                    }
                    Err(refusal) => errors.add(field(&refusal), refusal.to_string()),
                }
            }
        }
    }
    again(&app, (chrome, &me, now), &reference, errors, |typed| {
        typed.guide = form.guide;
        typed.date = form.date;
        typed.from = form.from;
        typed.minutes = form.minutes;
        typed.tell = form.tell;
    })
    .await
}

async fn plan(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(form): Form<Typed>,
) -> Result<Response> {
    let viewing = Viewing::find(&mut *app.db.acquire().await?, &reference).await?;
    let mut errors = Errors::default();
    let action = errors.take("action", form::optional_line(&form.action, 200));
    let on = match form.on.trim() {
        "" => Ok(None),
        text => parse_date(text)
            .map(Some)
            .ok_or_else(|| "Enter a date like 2026-11-24.".to_owned()),
    };
    let on = errors.take("on", on);
    if let (Some(action), Some(on)) = (action, on) {
        let assignee = form.assignee.parse().ok();
        let wanted = Plan {
            action,
            on,
            assignee,
        };
        match transaction!(app.db, tx =>
            details::plan(tx, me.member, viewing.id, &wanted, form.version).await)?
        {
            Ok(()) => return Ok(done(jar, "That is noted.".into(), &form.back, &viewing)),
            Err(refusal) => errors.add("action", refusal.to_string()),
        }
    }
    again(&app, (chrome, &me, now), &reference, errors, |typed| {
        typed.action = form.action;
        typed.on = form.on;
        typed.assignee = form.assignee;
    })
    .await
}

async fn add_note(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(form): Form<Typed>,
) -> Result<Response> {
    let viewing = Viewing::find(&mut *app.db.acquire().await?, &reference).await?;
    let mut errors = Errors::default();
    let body = match form::optional_text(&form.body, 2000) {
        Ok(empty) if empty.is_empty() => Err("Write what was said.".to_owned()),
        body => body,
    };
    let body = errors.take("body", body);
    let kind = note::Kind::by_staff(&form.kind).unwrap_or(note::Kind::Note);
    let Some(body) = body else {
        return again(&app, (chrome, &me, now), &reference, errors, |typed| {
            typed.kind = form.kind
        })
        .await;
    };
    let mut tx = app.db.begin().await?;
    note::add(&mut tx, viewing.id, kind, &body, Some(me.member)).await?;
    tx.commit().await?;
    Ok(done(
        jar,
        format!("{} noted.", kind.label()),
        &form.back,
        &viewing,
    ))
}

async fn win_it(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(form): Form<Typed>,
) -> Result<Response> {
    let viewing = Viewing::find(&mut *app.db.acquire().await?, &reference).await?;
    let mut errors = Errors::default();
    if let Some(company) = errors.take("company", form::optional_line(&form.company, 100)) {
        match transaction!(app.db, tx =>
            win::win(tx, me.member, viewing.id, &company, form.version).await)?
        {
            Ok(_) => {
                let said = format!(
                    "{} is a member now. Book the first space for them.",
                    viewing.name
                );
                return Ok(done(jar, said, "", &viewing));
            }
            Err(refusal) => errors.add(field(&refusal), refusal.to_string()),
        }
    }
    again(&app, (chrome, &me, now), &reference, errors, |typed| {
        typed.company = form.company
    })
    .await
}

fn done(jar: CookieJar, said: String, back: &str, viewing: &Viewing) -> Response {
    let next = match back {
        "" => viewing.url(),
        back => html::local_address(back).to_owned(),
    };
    (jar.add(Flash::done(said).cookie()), html::see_other(&next)).into_response()
}
