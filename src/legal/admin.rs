//! Where owners say who runs the house.

use std::ops::RangeInclusive;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Form};
use serde::Deserialize;

use super::operator::Operator;
use crate::{
    app::App,
    error::Result,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    sessions::current::Owner,
    time::Zone,
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new().route("/admin/settings/operator", get(show).post(save))
}

/// The most characters that a fact may have.
const LONGEST: usize = 300;
/// For at most ten years what led to nothing is kept.
const MONTHS: RangeInclusive<i32> = 1..=120;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct OperatorForm {
    version: i32,
    name: String,
    legal_form: String,
    registration_number: String,
    office_bearers: String,
    address: String,
    service_address: String,
    phone: String,
    email: String,
    memberships: String,
    disputes: String,
    information_officer: String,
    privacy_email: String,
    paia_manual: String,
    hosting: String,
    vat_registered: String,
    vat_number: String,
    months: String,
    guest_days: String,
    invitations: String,
    zone: String,
}

impl OperatorForm {
    fn of(operator: &Operator) -> OperatorForm {
        let operator = operator.clone();
        OperatorForm {
            version: operator.version,
            name: operator.name,
            legal_form: operator.legal_form,
            registration_number: operator.registration_number,
            office_bearers: operator.office_bearers,
            address: operator.address,
            service_address: operator.service_address,
            phone: operator.phone,
            email: operator.email,
            memberships: operator.memberships,
            disputes: operator.disputes,
            information_officer: operator.information_officer,
            privacy_email: operator.privacy_email,
            paia_manual: operator.paia_manual,
            hosting: operator.hosting,
            vat_registered: if operator.vat_registered {
                "yes".into()
            } else {
                String::new()
            },
            vat_number: operator.vat_number,
            months: operator.keep_prospects_months.to_string(),
            guest_days: operator.keep_guests_days.to_string(),
            invitations: operator.invitations_a_day.to_string(),
            zone: operator.zone.name().into(),
        }
    }

    /// Every fact that can be read, on top of `was`; what cannot is an error and stands as it was.
    fn parse(&self, was: &Operator) -> Result<Operator, Errors> {
        let mut errors = Errors::default();
        let mut operator = Operator {
            version: self.version,
            vat_registered: !self.vat_registered.is_empty(),
            ..was.clone()
        };
        let mut put = |field, parsed: Result<String, String>, fact: &mut String| {
            if let Some(text) = errors.take(field, parsed) {
                *fact = text;
            }
        };
        let line = |text| form::optional_line(text, LONGEST);
        let missing = "Enter the name of the person or company that runs the house.";
        let name = form::required_line(&self.name, LONGEST, missing);
        put("name", name, &mut operator.name);
        put(
            "legal_form",
            line(&self.legal_form),
            &mut operator.legal_form,
        );
        let registration = line(&self.registration_number);
        put(
            "registration_number",
            registration,
            &mut operator.registration_number,
        );
        let bearers = line(&self.office_bearers);
        put("office_bearers", bearers, &mut operator.office_bearers);
        put("vat_number", self.vat_number(), &mut operator.vat_number);
        put("address", line(&self.address), &mut operator.address);
        let service = line(&self.service_address);
        put("service_address", service, &mut operator.service_address);
        put("phone", phone(&self.phone), &mut operator.phone);
        put("email", email(&self.email), &mut operator.email);
        put(
            "memberships",
            line(&self.memberships),
            &mut operator.memberships,
        );
        put("disputes", line(&self.disputes), &mut operator.disputes);
        let officer = line(&self.information_officer);
        put(
            "information_officer",
            officer,
            &mut operator.information_officer,
        );
        let privacy_email = email(&self.privacy_email);
        put("privacy_email", privacy_email, &mut operator.privacy_email);
        put(
            "paia_manual",
            manual(&self.paia_manual),
            &mut operator.paia_manual,
        );
        put("hosting", line(&self.hosting), &mut operator.hosting);
        if let Some(months) = errors.take("months", number(&self.months, MONTHS, "months")) {
            operator.keep_prospects_months = months;
        }
        let days = number(&self.guest_days, 1..=365, "days");
        if let Some(days) = errors.take("guest_days", days) {
            operator.keep_guests_days = days;
        }
        let most = number(&self.invitations, 1..=1000, "invitations");
        if let Some(most) = errors.take("invitations", most) {
            operator.invitations_a_day = most;
        }
        if let Some(zone) = errors.take("zone", zone(&self.zone)) {
            operator.zone = zone;
        }
        if errors.is_empty() {
            Ok(operator)
        } else {
            Err(errors)
        }
    }

    fn vat_number(&self) -> Result<String, String> {
        match form::vat_number(&self.vat_number)? {
            none if none.is_empty() && !self.vat_registered.is_empty() => {
                Err("Enter the VAT number, or take the tick away.".into())
            }
            number => Ok(number),
        }
    }
}

/// As it was typed, if it is a number.
fn phone(text: &str) -> Result<String, String> {
    let typed = form::optional_line(text, 40)?;
    if !typed.is_empty() {
        form::phone(&typed)?;
    }
    Ok(typed)
}

fn email(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    form::email(text)
}

fn manual(text: &str) -> Result<String, String> {
    let address = form::optional_line(text, LONGEST)?;
    let host = address.strip_prefix("https://").unwrap_or_default();
    if address.is_empty() || (host.contains('.') && !address.contains(' ')) {
        Ok(address)
    } else {
        Err("Enter the whole address, like https://www.example.com/paia.pdf.".into())
    }
}

fn number(text: &str, range: RangeInclusive<i32>, of: &str) -> Result<i32, String> {
    let number = text.trim().parse().ok();
    number
        .filter(|number| range.contains(number))
        .ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            format!("Enter a number of {of} from {least} to {most}.")
        })
}

fn zone(text: &str) -> Result<Zone, String> {
    Zone::named(text.trim()).map_err(|_| "Enter a time zone like Africa/Johannesburg.".into())
}

#[derive(Template)]
#[template(path = "legal/admin/operator.html")]
struct OperatorPage {
    chrome: Chrome,
    form: OperatorForm,
    errors: Errors,
    /// As it stands.
    operator: Operator,
}

async fn show(_: Owner, chrome: Chrome, State(app): State<App>) -> Result<Response> {
    let operator = Operator::load(&mut *app.db.acquire().await?).await?;
    html::page(&OperatorPage {
        chrome,
        form: OperatorForm::of(&operator),
        errors: Errors::default(),
        operator,
    })
}

async fn save(
    me: Owner,
    chrome: Chrome,
    jar: CookieJar,
    State(app): State<App>,
    Form(mut form): Form<OperatorForm>,
) -> Result<Response> {
    let operator = Operator::load(&mut *app.db.acquire().await?).await?;
    let errors = match form.parse(&operator) {
        Ok(wanted) => match transaction!(app.db, tx => wanted.change(tx, me.member).await)? {
            Ok(count) => return Ok(saved(jar, count)),
            Err(refusal) => Errors::from(("name", refusal.to_string())),
        },
        Err(errors) => errors,
    };
    // Looked over, it is meant.
    form.version = operator.version;
    html::refused(&OperatorPage {
        chrome: chrome.refused(),
        form,
        errors,
        operator,
    })
}

fn saved(jar: CookieJar, count: usize) -> Response {
    let said = match count {
        0 => "Nothing was changed.".to_owned(),
        1 => "One fact is changed, here and on the public pages.".to_owned(),
        count => format!("{count} facts are changed, here and on the public pages."),
    };
    let back = html::see_other("/admin/settings/operator");
    (jar.add(Flash::done(said).cookie()), back).into_response()
}
