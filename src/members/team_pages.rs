//! The companies that a member belongs to, and for admins their people and details.

use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    company::{Colleague, Company, CompanyRole, Details, Refusal},
    invitation::Invitation,
};
use crate::{
    app::App,
    error::{Error, Result},
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    sessions::current::{Current, Visitor},
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/team", get(index))
        .route("/team/payer", post(choose_payer))
        .route("/team/{slug}", get(show).post(save))
        .route("/team/{slug}/people/{member}/role", post(change_role))
        .route("/team/{slug}/people/{member}/removal", post(remove))
        .route("/team/{slug}/invitations", post(invite))
        .route("/team/{slug}/invitations/{id}/withdrawal", post(withdraw))
}

#[derive(Template)]
#[template(path = "members/team.html")]
struct IndexPage {
    chrome: Chrome,
    companies: Vec<Company>,
    /// The slug of the one that usually pays; nothing for themselves.
    payer: Option<String>,
}

impl IndexPage {
    fn pays(&self, company: &Company) -> bool {
        self.payer.as_ref() == Some(&company.slug)
    }
}

async fn index(chrome: Chrome, State(app): State<App>, me: Current) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    html::page(&IndexPage {
        chrome,
        companies: Company::of(&mut db, me.member).await?,
        payer: Company::paying_for(&mut db, me.member).await?.1,
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PayerForm {
    /// A company's slug, or nothing for oneself.
    payer: String,
}

async fn choose_payer(
    jar: CookieJar,
    State(app): State<App>,
    me: Current,
    Form(form): Form<PayerForm>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let payer = match form.payer.as_str() {
        "" => None,
        slug => Some(
            Company::seen_by(&mut tx, me.member, slug)
                .await?
                .ok_or(Error::NotFound)?,
        ),
    };
    let chosen = Company::choose_payer(&mut tx, me.member, payer.as_ref()).await?;
    let flash = match chosen {
        Ok(()) => {
            tx.commit().await?;
            let who = payer.map_or("you pay yourself".into(), |company| {
                format!("{} pays", company.name)
            });
            Flash::done(format!("From your next booking, {who}."))
        }
        Err(refusal) => Flash::problem(refusal.to_string()),
    };
    Ok((jar.add(flash.cookie()), html::see_other("/team")).into_response())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct DetailsForm {
    name: String,
    registration_no: String,
    vat_no: String,
    billing_address: String,
    billing_email: String,
    po_required: String,
    version: i32,
}

impl From<Details> for DetailsForm {
    fn from(details: Details) -> DetailsForm {
        DetailsForm {
            name: details.name,
            registration_no: details.registration_no,
            vat_no: details.vat_no,
            billing_address: details.billing_address,
            billing_email: details.billing_email,
            po_required: if details.po_required {
                "yes".into()
            } else {
                String::new()
            },
            version: details.version,
        }
    }
}

impl DetailsForm {
    fn parse(&self) -> Result<Details, Errors> {
        let mut errors = Errors::default();
        let name = form::required_line(&self.name, 100, "Enter the company’s name.");
        let name = errors.take("name", name);
        let registration_no = errors.take(
            "registration_no",
            form::optional_line(&self.registration_no, 40),
        );
        let vat_no = errors.take("vat_no", form::vat_number(&self.vat_no));
        let address = errors.take(
            "billing_address",
            form::optional_text(&self.billing_address, 500),
        );
        let email = match self.billing_email.trim() {
            "" => Some(String::new()),
            typed => errors.take("billing_email", form::email(typed)),
        };
        match (name, registration_no, vat_no, address, email) {
            (
                Some(name),
                Some(registration_no),
                Some(vat_no),
                Some(billing_address),
                Some(billing_email),
            ) => Ok(Details {
                name,
                registration_no,
                vat_no,
                billing_address,
                billing_email,
                po_required: !self.po_required.is_empty(),
                version: self.version,
            }),
            _ => Err(errors),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct InvitationForm {
    email: String,
    role: String,
}

#[derive(Template)]
#[template(path = "members/company.html")]
struct ShowPage {
    chrome: Chrome,
    me: Current,
    company: Company,
    people: Vec<Colleague>,
    /// Empty but for admins, like all that follows.
    invitations: Vec<Invitation>,
    invitation: InvitationForm,
    details: DetailsForm,
    /// They were changed elsewhere meanwhile, to these.
    stale: Option<DetailsForm>,
    errors: Errors,
}

impl ShowPage {
    async fn new(app: &App, me: Current, company: Company, chrome: Chrome) -> Result<ShowPage> {
        let mut db = app.db.acquire().await?;
        let people = company.people(&mut db).await?;
        let mut page = ShowPage {
            chrome,
            me,
            people,
            company,
            invitations: Vec::new(),
            invitation: InvitationForm::default(),
            details: DetailsForm::default(),
            stale: None,
            errors: Errors::default(),
        };
        if page.is_admin() {
            page.invitations = Invitation::of(&mut db, page.company.id).await?;
            page.details = page.company.details(&mut db).await?.into();
        } else {
            page.people.retain(|one| one.role == CompanyRole::Admin);
        }
        Ok(page)
    }

    fn is_admin(&self) -> bool {
        self.company.role == CompanyRole::Admin
    }

    fn url(&self) -> String {
        url(&self.company.slug)
    }
}

fn url(slug: &str) -> String {
    format!("/team/{slug}")
}

async fn show(
    chrome: Chrome,
    State(app): State<App>,
    me: Current,
    Path(slug): Path<String>,
) -> Result<Response> {
    let company = {
        let mut db = app.db.acquire().await?;
        Company::seen_by(&mut db, me.member, &slug)
            .await?
            .ok_or(Error::NotFound)?
    };
    html::page(&ShowPage::new(&app, me, company, chrome).await?)
}

/// The company, for its admins alone.
async fn run_by(app: &App, me: &Current, slug: &str) -> Result<Company> {
    let mut db = app.db.acquire().await?;
    Company::run_by(&mut db, me.member, slug)
        .await?
        .ok_or(Error::NotFound)
}

async fn save(
    chrome: Chrome,
    jar: CookieJar,
    State(app): State<App>,
    me: Current,
    Path(slug): Path<String>,
    Form(form): Form<DetailsForm>,
) -> Result<Response> {
    let company = run_by(&app, &me, &slug).await?;
    let wanted = match form.parse() {
        Ok(wanted) => wanted,
        Err(errors) => {
            let page = ShowPage::new(&app, me, company, chrome.refused()).await?;
            return html::refused(&ShowPage {
                details: form,
                errors,
                ..page
            });
        }
    };
    let by = me.member;
    let saved = transaction!(app.db, tx => company.change_details(tx, by, &wanted).await)?;
    let Err(refusal) = saved else {
        let renamed = run_by_id(&app, &me, &company).await?;
        let jar = jar.add(Flash::done("The details are saved.").cookie());
        return Ok((jar, html::see_other(&url(&renamed.slug))).into_response());
    };
    let mut page = ShowPage::new(&app, me, company, chrome.refused()).await?;
    let version = page.details.version;
    let there = std::mem::replace(&mut page.details, DetailsForm { version, ..form });
    page.stale = (refusal == Refusal::Stale).then_some(there);
    page.errors.add("name", refusal.to_string());
    html::refused(&page)
}

/// The same company, whose slug follows its name.
async fn run_by_id(app: &App, me: &Current, company: &Company) -> Result<Company> {
    let mut db = app.db.acquire().await?;
    let all = Company::of(&mut db, me.member).await?;
    all.into_iter()
        .find(|one| one.id == company.id)
        .ok_or(Error::NotFound)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RoleForm {
    role: String,
}

async fn change_role(
    jar: CookieJar,
    State(app): State<App>,
    me: Current,
    Path((slug, member)): Path<(String, Uuid)>,
    Form(form): Form<RoleForm>,
) -> Result<Response> {
    let company = run_by(&app, &me, &slug).await?;
    let role = form
        .role
        .parse()
        .map_err(|()| Error::refused("no-such-role", "Choose a role."))?;
    let by = me.member;
    let changed =
        transaction!(app.db, tx => company.change_role(tx, by, member.into(), role).await)?;
    answer(
        jar,
        &company,
        changed,
        "The role is changed.",
        me.member == member.into(),
    )
}

/// Admins let anybody go; everybody may leave.
async fn remove(
    jar: CookieJar,
    State(app): State<App>,
    me: Current,
    Path((slug, member)): Path<(String, Uuid)>,
) -> Result<Response> {
    let leaves = me.member == member.into();
    let company = {
        let mut db = app.db.acquire().await?;
        let company = if leaves {
            Company::seen_by(&mut db, me.member, &slug).await?
        } else {
            Company::run_by(&mut db, me.member, &slug).await?
        };
        company.ok_or(Error::NotFound)?
    };
    let by = me.member;
    let removed = transaction!(app.db, tx => company.remove(tx, by, member.into()).await)?;
    let words = if leaves {
        format!("You no longer belong to {}.", company.name)
    } else {
        "They no longer belong to the company.".into()
    };
    answer(jar, &company, removed, &words, leaves)
}

/// Says what came of it; who acted on themselves may not see the company's page any more.
fn answer(
    jar: CookieJar,
    company: &Company,
    done: Result<bool, Refusal>,
    words: &str,
    on_oneself: bool,
) -> Result<Response> {
    let (flash, next) = match done {
        Ok(false) => return Err(Error::NotFound),
        Ok(true) if on_oneself => (Flash::done(words), "/team".into()),
        Ok(true) => (Flash::done(words), url(&company.slug)),
        Err(refusal) => (Flash::problem(refusal.to_string()), url(&company.slug)),
    };
    Ok((jar.add(flash.cookie()), html::see_other(&next)).into_response())
}

async fn invite(
    chrome: Chrome,
    visitor: Visitor,
    jar: CookieJar,
    State(app): State<App>,
    me: Current,
    Path(slug): Path<String>,
    Form(invitation): Form<InvitationForm>,
) -> Result<Response> {
    let company = run_by(&app, &me, &slug).await?;
    let mut errors = Errors::default();
    let email = errors.take("email", form::email(&invitation.email));
    let role = invitation.role.parse::<CompanyRole>();
    let role = errors.take("role", role.map_err(|()| "Choose a role.".into()));
    if let (Some(email), Some(role)) = (email, role) {
        let sent = transaction!(app.db, tx => {
            Invitation::send(tx, &company, me.member, &email, role, &visitor.network).await
        })?;
        match sent {
            Ok(()) => {
                let words = format!("An invitation is on its way to {email}.");
                let jar = jar.add(Flash::done(words).cookie());
                return Ok((jar, html::see_other(&url(&company.slug))).into_response());
            }
            Err(refusal) => errors.add("email", refusal.to_string()),
        }
    }
    let page = ShowPage::new(&app, me, company, chrome.refused()).await?;
    html::refused(&ShowPage {
        invitation,
        errors,
        ..page
    })
}

async fn withdraw(
    jar: CookieJar,
    State(app): State<App>,
    me: Current,
    Path((slug, id)): Path<(String, Uuid)>,
) -> Result<Response> {
    let company = run_by(&app, &me, &slug).await?;
    let mut tx = app.db.begin().await?;
    let withdrawn = Invitation::withdraw(&mut tx, &company, me.member, id).await?;
    tx.commit().await?;
    answer(
        jar,
        &company,
        Ok(withdrawn),
        "The invitation is withdrawn.",
        false,
    )
}
