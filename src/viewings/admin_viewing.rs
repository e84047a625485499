//! One viewing as staff work on it: move it on, agree on a visit, note what was said, win it.

use askama::Template;
use axum::{
    Router,
    extract::{FromRequestParts, Path},
    http::request::Parts,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    admin, details,
    forms::{NoteForm, PlanForm, StageForm, VisitForm, WinForm},
    history::{self, Happening},
    note,
    stage::{self, LOST_REASONS, Refusal},
    viewing::{Status, Term, Viewing},
    visit::{self, Guide},
    win,
};
use crate::{
    app::App,
    error::{Error, Result},
    flash::Flash,
    form::Errors,
    html::{self, Chrome},
    members::{
        consent::{self, Channel, Who},
        member::Member,
    },
    sessions::current::Staff,
    transaction,
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

/// Somebody at work on a viewing: what every handler here needs to know of the request.
struct Work {
    app: App,
    me: Staff,
    viewing: Viewing,
    chrome: Chrome,
    jar: CookieJar,
    now: DateTime<Utc>,
}

impl FromRequestParts<App> for Work {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Work> {
        let me = Staff::from_request_parts(parts, app).await?;
        let reference = Path::<String>::from_request_parts(parts, app).await;
        let Path(reference) = reference.map_err(|_| Error::NotFound)?;
        let viewing = Viewing::find(&mut *app.db.acquire().await?, &reference).await?;
        let Ok(chrome) = Chrome::from_request_parts(parts, app).await;
        Ok(Work {
            app: app.clone(),
            me,
            viewing,
            chrome,
            jar: CookieJar::from_headers(&parts.headers),
            now: app.clock.now(),
        })
    }
}

impl Work {
    /// The page as the viewing stands.
    async fn page(self) -> Result<ShowPage> {
        let mut db = self.app.db.acquire().await?;
        let viewing = self.viewing;
        let (email, phone) = (viewing.email.as_deref(), viewing.phone.as_deref());
        let address = email.or(phone).unwrap_or_default();
        Ok(ShowPage {
            chrome: self.chrome,
            errors: Errors::default(),
            stage: StageForm::of(&viewing),
            visit: VisitForm::of(&viewing, self.me.member.get(), self.now),
            plan: PlanForm::of(&viewing),
            note: NoteForm::default(),
            win: WinForm::of(&viewing),
            happenings: history::of(&mut db, viewing.id).await?,
            guides: Guide::of(&mut db, viewing.location).await?,
            known: win::known(&mut db, &viewing).await?,
            agreed: consent::given(&mut db, Who::Address(address)).await?,
            viewing,
            now: self.now,
        })
    }

    /// The page again, with what is there now and what was typed, since the house or somebody else said no.
    async fn again(
        mut self,
        errors: Errors,
        typed: impl FnOnce(&mut ShowPage),
    ) -> Result<Response> {
        let reference = self.viewing.reference.clone();
        self.viewing = Viewing::find(&mut *self.app.db.acquire().await?, &reference).await?;
        self.chrome = self.chrome.refused();
        let mut page = self.page().await?;
        page.errors = errors;
        typed(&mut page);
        html::refused(&page)
    }

    /// Back to the viewing, or to where it was asked from.
    fn done(self, said: String, back: &str) -> Result<Response> {
        let next = match back {
            "" => self.viewing.url(),
            back => html::local_address(back).to_owned(),
        };
        let jar = self.jar.add(Flash::done(said).cookie());
        Ok((jar, html::see_other(&next)).into_response())
    }
}

#[derive(Template)]
#[template(path = "viewings/admin/show.html")]
struct ShowPage {
    chrome: Chrome,
    viewing: Viewing,
    errors: Errors,
    stage: StageForm,
    visit: VisitForm,
    plan: PlanForm,
    note: NoteForm,
    win: WinForm,
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

async fn show(work: Work) -> Result<Response> {
    html::page(&work.page().await?)
}

/// A refusal beside the field that it is about.
impl From<Refusal> for Errors {
    fn from(refusal: Refusal) -> Errors {
        let field = match refusal {
            Refusal::Stale => "to",
            Refusal::NoReason => "reason",
            Refusal::NoMember => "company",
            Refusal::NoVisit | Refusal::Past => "date",
            Refusal::WrongEnd => "minutes",
            Refusal::GuideBusy { .. } | Refusal::NoGuide { .. } => "guide",
        };
        (field, refusal.to_string()).into()
    }
}

async fn move_on(work: Work, Form(form): Form<StageForm>) -> Result<Response> {
    let (app, me, id) = (&work.app, work.me.member, work.viewing.id);
    let errors = match form.parse() {
        Ok(wanted) => {
            let moved = transaction!(app.db, tx =>
                stage::move_to(tx, me, id, wanted.clone(), work.now).await)?;
            match moved {
                Ok(()) => {
                    let said = format!("{}: {}.", work.viewing.name, wanted.to.label());
                    return work.done(said, &form.back);
                }
                Err(refusal) => refusal.into(),
            }
        }
        Err(errors) => errors,
    };
    work.again(errors, |page| page.stage = form).await
}

async fn schedule(work: Work, Form(form): Form<VisitForm>) -> Result<Response> {
    let (app, me, viewing) = (&work.app, work.me.member, &work.viewing);
    let errors = match form.parse(viewing.zone) {
        Ok((guide, during)) => {
            let tell = form.tell == "yes";
            let agreed = transaction!(app.db, tx =>
                visit::schedule(tx, me, viewing.id, (guide, during), tell, form.version, work.now).await)?;
            match agreed {
                Ok(()) => {
                    let when = viewing.moment(during.from, work.now);
                    let said = format!("{} comes {when}.", viewing.name);
                    return work.done(said, "");
                }
                Err(refusal) => refusal.into(),
            }
        }
        Err(errors) => errors,
    };
    work.again(errors, |page| page.visit = form).await
}

async fn plan(work: Work, Form(form): Form<PlanForm>) -> Result<Response> {
    let (app, me, id) = (&work.app, work.me.member, work.viewing.id);
    let errors = match form.parse() {
        Ok(wanted) => {
            match transaction!(app.db, tx => details::plan(tx, me, id, &wanted, form.version).await)?
            {
                Ok(()) => return work.done("That is noted.".into(), ""),
                Err(refusal) => ("action", refusal.to_string()).into(),
            }
        }
        Err(errors) => errors,
    };
    work.again(errors, |page| page.plan = form).await
}

async fn add_note(work: Work, Form(form): Form<NoteForm>) -> Result<Response> {
    let body = match form.parse() {
        Ok(body) => body,
        Err(errors) => return work.again(errors, |page| page.note = form).await,
    };
    let (id, me) = (work.viewing.id, work.me.member);
    let mut tx = work.app.db.begin().await?;
    note::add(&mut tx, id, form.kind(), &body, Some(me)).await?;
    tx.commit().await?;
    work.done(format!("{} noted.", form.kind().label()), "")
}

async fn win_it(work: Work, Form(form): Form<WinForm>) -> Result<Response> {
    let (app, me, id) = (&work.app, work.me.member, work.viewing.id);
    let errors = match form.parse() {
        Ok(company) => {
            match transaction!(app.db, tx => win::win(tx, me, id, &company, form.version).await)? {
                Ok(_) => {
                    let name = &work.viewing.name;
                    let said = format!("{name} is a member now. Book the first space for them.");
                    return work.done(said, "");
                }
                Err(refusal) => refusal.into(),
            }
        }
        Err(errors) => errors,
    };
    work.again(errors, |page| page.win = form).await
}
