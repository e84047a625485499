//! What may be asked of a location's spaces, as sentences whose parts can be changed, and a box to try them in.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;

use super::{
    booking::Booking,
    check_in::{CheckIn, Unused},
    limit::{self, Limit, Per, Unit, Whose},
    order::sheet_of,
    policy::{Cancellation, Fault, Overrun, Policy, Tier, notice},
    rules::{By, InUse, Refusal, Rules},
    sheet::Asker,
    wish::Typed,
};
use crate::{
    app::App,
    billing::quote::Quote,
    error::Result,
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    locations::{facts::Entry, location::Location},
    members::member::Member,
    sessions::current::Staff,
    spaces::space::{Audience, Space, Which},
    time::length,
    transaction,
    transaction::Db,
};

/// In minutes; the form says some times in hours, if need be in parts of them.
const HOUR: i64 = 60;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/locations/{slug}/policies", get(index))
        .route(
            "/admin/locations/{slug}/policies/{policy}",
            get(show).post(change),
        )
}

#[derive(Template)]
#[template(path = "bookings/admin/policies.html")]
struct PoliciesPage {
    chrome: Chrome,
    entry: Entry,
    policies: Vec<InUse>,
}

impl PoliciesPage {
    fn sentences(&self, rules: &Rules) -> Vec<String> {
        sentences(rules)
    }
}

/// A policy as people read it.
fn sentences(rules: &Rules) -> Vec<String> {
    let policy = &rules.policy;
    let mut said = vec![format!("Booked by {}.", policy.ways_in_words())];
    if policy.by_time {
        said.push(format!(
            "From {} to {}, in steps of {}.",
            length(policy.min_minutes),
            notice(policy.max_minutes),
            length(policy.step_minutes)
        ));
    }
    let ahead = format!("At most {} days ahead", policy.max_advance_days);
    said.push(match policy.notice_minutes {
        0 => format!("{ahead}."),
        minutes => format!(
            "{ahead}, and at least {} before it begins.",
            notice(minutes)
        ),
    });
    let around = (
        length(policy.setup_minutes),
        length(policy.turnaround_minutes),
    );
    match (policy.setup_minutes, policy.turnaround_minutes) {
        (0, 0) => {}
        (0, _) => said.push(format!("{} to clear after, not paid for.", around.1)),
        (_, 0) => said.push(format!("{} to set up before, not paid for.", around.0)),
        _ => said.push(format!(
            "{} to set up before, {} to clear after; neither is paid for.",
            around.0, around.1
        )),
    }
    if let Some(most) = policy.max_at_once {
        said.push(format!("At most {most} at once for one member."));
    }
    said.extend(policy.limits.iter().map(Limit::sentence));
    if policy.approval {
        said.push("The front desk or a manager approves each booking.".to_owned());
        if policy.compete {
            said.push("Several may ask for the same time; whoever is approved has it.".to_owned());
        }
    }
    if policy.first_refusal_days > 0 {
        said.push(format!(
            "First refusal for {} working days.",
            policy.first_refusal_days
        ));
    }
    said.push(format!(
        "What frees up is offered to whoever waits for at most {}.",
        length(policy.offer_minutes)
    ));
    said.push(check_in_words(&rules.check_in));
    said.extend(policy.overrun().map(Overrun::sentence));
    said.push(policy.cancellation.sentence());
    said
}

fn check_in_words(rules: &CheckIn) -> String {
    let opens = match rules.opens_minutes {
        0 => "Check-in opens at the start".to_owned(),
        minutes => format!("Check-in opens {} before", length(minutes)),
    };
    let grace = length(rules.grace_minutes);
    match rules.unused {
        Unused::Nothing => format!("{opens}."),
        Unused::Ask => format!(
            "{opens}; {grace} after the start the front desk is asked about a room that nobody came for."
        ),
        Unused::Release => {
            format!("{opens}; {grace} after the start a room that nobody came for goes to others.")
        }
    }
}

async fn managed(app: &App, me: &Staff, slug: &str) -> Result<Entry> {
    let entry = Entry::find(&mut *app.db.acquire().await?, slug).await?;
    me.managing(entry.id)?;
    Ok(entry)
}

async fn index(
    State(app): State<App>,
    chrome: Chrome,
    me: Staff,
    Path(slug): Path<String>,
) -> Result<Response> {
    let entry = managed(&app, &me, &slug).await?;
    let policies = Rules::in_use(&mut *app.db.acquire().await?, entry.id).await?;
    html::page(&PoliciesPage {
        chrome,
        entry,
        policies,
    })
}

/// The parts of the sentences, and what is tried, as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct PolicyForm {
    version: i32,
    name: String,
    step: String,
    least: String,
    most: String,
    notice: String,
    ahead: String,
    by_time: String,
    by_day: String,
    by_week: String,
    by_month: String,
    approval: String,
    compete: String,
    /// Minutes.
    offer: String,
    setup: String,
    turnaround: String,
    at_once: String,
    /// One of each for each limit; one without a number is none.
    limit_most: Vec<String>,
    limit_unit: Vec<String>,
    limit_per: Vec<String>,
    limit_whose: Vec<String>,
    first_refusal: String,
    /// Minutes.
    check_in: String,
    unused: String,
    grace: String,
    /// Minutes; empty where it is not charged.
    overrun: String,
    /// Hours.
    free_before: String,
    /// Hours, and per cent kept up to then; may be left out.
    part_before: String,
    part_kept: String,
    late_kept: String,
    /// `yes`: bookings that would break it were looked at.
    seen: String,
    /// `test`: try it and keep nothing.
    then: String,
    /// The slug of the one space that it is meant for; empty for all that follow it here.
    only: String,
    space: String,
    by: String,
    date: String,
    last: String,
    count: String,
    from: String,
    until: String,
    people: String,
    /// The address of the member for whom it is tried; empty for nobody in particular.
    whose: String,
}

impl PolicyForm {
    fn of(rules: &Rules) -> PolicyForm {
        let policy = &rules.policy;
        let tick = |on: bool| if on { "yes".to_owned() } else { String::new() };
        let (tiers, limits) = (&policy.cancellation.0, &policy.limits);
        let free = policy.cancellation.free_minutes();
        let last = tiers.iter().find(|tier| tier.minutes_before == 0);
        let part = tiers
            .iter()
            .find(|tier| tier.minutes_before > 0 && tier.kept_percent > 0);
        let hours = |minutes: i64| (minutes as f64 / 60.0).to_string();
        PolicyForm {
            version: rules.version,
            name: rules.name.clone(),
            step: policy.step_minutes.to_string(),
            least: policy.min_minutes.to_string(),
            most: hours(policy.max_minutes),
            notice: hours(policy.notice_minutes),
            ahead: policy.max_advance_days.to_string(),
            by_time: tick(policy.by_time),
            by_day: tick(policy.by_day),
            by_week: tick(policy.by_week),
            by_month: tick(policy.by_month),
            approval: tick(policy.approval),
            compete: tick(policy.compete),
            offer: policy.offer_minutes.to_string(),
            setup: policy.setup_minutes.to_string(),
            turnaround: policy.turnaround_minutes.to_string(),
            at_once: policy
                .max_at_once
                .map(|most| most.to_string())
                .unwrap_or_default(),
            limit_most: limits.iter().map(|one| one.most.to_string()).collect(),
            limit_unit: limits.iter().map(|one| one.unit.key().to_owned()).collect(),
            limit_per: limits.iter().map(|one| one.per.key().to_owned()).collect(),
            limit_whose: (limits.iter().map(|one| one.whose.key().to_owned())).collect(),
            first_refusal: policy.first_refusal_days.to_string(),
            check_in: rules.check_in.opens_minutes.to_string(),
            unused: rules.check_in.unused.key().to_owned(),
            grace: rules.check_in.grace_minutes.to_string(),
            overrun: policy
                .overrun_minutes
                .map(|minutes| minutes.to_string())
                .unwrap_or_default(),
            free_before: free.map(hours).unwrap_or_default(),
            part_before: part
                .map(|tier| hours(tier.minutes_before))
                .unwrap_or_default(),
            part_kept: part
                .map(|tier| tier.kept_percent.to_string())
                .unwrap_or_default(),
            late_kept: last.map_or(100, |tier| tier.kept_percent).to_string(),
            people: "1".into(),
            by: policy
                .ways()
                .first()
                .map(|by| by.key().to_owned())
                .unwrap_or_default(),
            ..PolicyForm::default()
        }
    }

    fn parse(&self, rules: &Rules) -> Result<Rules, Errors> {
        let mut errors = Errors::default();
        let mut count = |field: &'static str, text: &str, (least, most): (i64, i64), unit: i64| {
            let read = (text.trim().replace(',', ".").parse::<f64>().ok())
                .filter(|n| (least as f64..=most as f64).contains(n))
                .map(|n| (n * unit as f64).round() as i64);
            let read = read.ok_or(format!("Enter a number from {least} to {most}."));
            errors.take(field, read).unwrap_or(least * unit)
        };
        let policy = Policy {
            step_minutes: count("step", &self.step, (5, 1440), 1),
            min_minutes: count("least", &self.least, (5, 1440), 1),
            max_minutes: count("most", &self.most, (1, 8784), HOUR),
            notice_minutes: count("notice", &self.notice, (0, 720), HOUR),
            max_advance_days: count("ahead", &self.ahead, (1, 1095), 1),
            by_time: self.by_time == "yes",
            by_day: self.by_day == "yes",
            by_week: self.by_week == "yes",
            by_month: self.by_month == "yes",
            setup_minutes: count("setup", &self.setup, (0, 1440), 1),
            turnaround_minutes: count("turnaround", &self.turnaround, (0, 1440), 1),
            max_at_once: match self.at_once.trim() {
                "" => None,
                most => usize::try_from(count("at_once", most, (1, 100), 1)).ok(),
            },
            limits: self.limits(&mut count),
            approval: self.approval == "yes",
            compete: self.compete == "yes",
            offer_minutes: count("offer", &self.offer, (10, 2880), 1),
            overrun_minutes: match self.overrun.trim() {
                "" => None,
                minutes => Some(count("overrun", minutes, (0, 240), 1)),
            },
            first_refusal_days: usize::try_from(count(
                "first_refusal",
                &self.first_refusal,
                (0, 30),
                1,
            ))
            .unwrap_or(0),
            cancellation: self.cancellation(&mut count),
        };
        let check_in = CheckIn {
            opens_minutes: count("check_in", &self.check_in, CheckIn::OPENS, 1),
            unused: Unused::named(&self.unused).unwrap_or(Unused::Nothing),
            grace_minutes: count("grace", &self.grace, CheckIn::GRACE, 1),
        };
        let name = form::required_line(&self.name, 80, "Give the policy a name.");
        let name = errors.take("name", name).unwrap_or_default();
        for fault in policy.faults() {
            if errors.get(field(fault)).is_none() {
                errors.add(field(fault), fault.to_string());
            }
        }
        if errors.is_empty() {
            Ok(Rules {
                name,
                policy,
                check_in,
                version: self.version,
                ..rules.clone()
            })
        } else {
            Err(errors)
        }
    }

    /// As they are typed, and an empty one below while there is room.
    fn rows(&self) -> Vec<(String, String, String, String)> {
        let text = |all: &[String], n: usize| all.get(n).cloned().unwrap_or_default();
        let typed = (0..self.limit_most.len()).map(|n| {
            (
                text(&self.limit_most, n),
                text(&self.limit_unit, n),
                text(&self.limit_per, n),
                text(&self.limit_whose, n),
            )
        });
        let mut rows: Vec<_> = typed.filter(|row| !row.0.trim().is_empty()).collect();
        if rows.len() < limit::MOST {
            let key = str::to_owned;
            rows.push((String::new(), key("hours"), key("week"), key("member")));
        }
        rows
    }

    fn limits(
        &self,
        count: &mut impl FnMut(&'static str, &str, (i64, i64), i64) -> i64,
    ) -> Vec<Limit> {
        let said = self.rows().into_iter().filter(|row| !row.0.is_empty());
        said.map(|(most, unit, per, whose)| Limit {
            most: count("limits", &most, (1, 10_000), 1),
            unit: Unit::named(&unit).unwrap_or(Unit::Hours),
            per: Per::named(&per).unwrap_or(Per::Week),
            whose: Whose::named(&whose).unwrap_or(Whose::Member),
        })
        .collect()
    }

    fn cancellation(
        &self,
        count: &mut impl FnMut(&'static str, &str, (i64, i64), i64) -> i64,
    ) -> Cancellation {
        let mut tiers = Vec::new();
        if !self.free_before.trim().is_empty() {
            tiers.push(Tier {
                minutes_before: count("free_before", &self.free_before, (0, 8784), HOUR),
                kept_percent: 0,
            });
        }
        if !self.part_before.trim().is_empty() {
            tiers.push(Tier {
                minutes_before: count("part_before", &self.part_before, (1, 8784), HOUR),
                kept_percent: count("part_kept", &self.part_kept, (1, 100), 1),
            });
        }
        if tiers.last().is_none_or(|tier| tier.minutes_before > 0) {
            tiers.push(Tier {
                minutes_before: 0,
                kept_percent: count("late_kept", &self.late_kept, (0, 100), 1),
            });
        }
        Cancellation(tiers)
    }

    /// The wish that is tried.
    fn wish(&self, nights: bool) -> Typed {
        Typed {
            by: self.by.clone(),
            date: self.date.clone(),
            last: self.last.clone(),
            count: self.count.clone(),
            from: self.from.clone(),
            until: self.until.clone(),
            people: self.people.clone(),
            nights,
            ..Typed::default()
        }
    }
}

/// The part of the form that a fault belongs to.
fn field(fault: Fault) -> &'static str {
    match fault {
        Fault::NoWay => "by_time",
        Fault::Step => "step",
        Fault::Shortest => "least",
        Fault::Longest => "most",
        Fault::Ahead => "ahead",
        Fault::Around => "turnaround",
        Fault::AtOnce => "at_once",
        Fault::Limits => "limits",
        Fault::Offers => "offer",
        Fault::Overrun => "overrun",
        Fault::FirstRefusal => "first_refusal",
        Fault::Cancelling => "part_before",
    }
}

/// What came of trying.
enum Tried {
    Allowed { at: String, quote: Box<Quote> },
    Refused(String),
}

#[derive(Template)]
#[template(path = "bookings/admin/policy.html")]
struct PolicyPage {
    chrome: Chrome,
    errors: Errors,
    entry: Entry,
    rules: Rules,
    /// The spaces here that follow it.
    spaces: Vec<Space>,
    /// Spaces elsewhere follow it too.
    is_shared: bool,
    typed: PolicyForm,
    tried: Option<Tried>,
    /// Bookings that would break what was just asked for.
    outside: Vec<Booking>,
    now: DateTime<Utc>,
}

impl PolicyPage {
    fn url(&self) -> String {
        format!(
            "/admin/locations/{}/policies/{}",
            self.entry.slug, self.rules.slug
        )
    }

    fn sentences(&self) -> Vec<String> {
        sentences(&self.rules)
    }
}

async fn page(
    db: &mut Db,
    chrome: Chrome,
    entry: Entry,
    rules: Rules,
    typed: PolicyForm,
    errors: Errors,
    now: DateTime<Utc>,
) -> Result<PolicyPage> {
    let all = Space::list(
        db,
        Which {
            audience: Audience::Keepers,
            ..Which::default()
        },
    )
    .await?;
    let following = all.into_iter().filter(|space| space.policy_id == rules.id);
    let (spaces, elsewhere): (Vec<Space>, Vec<Space>) =
        following.partition(|space| space.location == entry.id);
    Ok(PolicyPage {
        chrome,
        errors,
        entry,
        rules,
        spaces,
        is_shared: !elsewhere.is_empty(),
        typed,
        tried: None,
        outside: Vec::new(),
        now,
    })
}

async fn show(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    Path((slug, policy)): Path<(String, String)>,
) -> Result<Response> {
    let entry = managed(&app, &me, &slug).await?;
    let mut db = app.db.acquire().await?;
    let rules = Rules::find(&mut db, &policy).await?;
    let zone = Location::by_id(&mut db, entry.id)
        .await?
        .map(|place| place.zone);
    let tomorrow = zone.map_or(now.date_naive(), |zone| zone.date(now)) + Duration::days(1);
    let typed = PolicyForm {
        date: tomorrow.to_string(),
        last: tomorrow.to_string(),
        count: "1".into(),
        from: "09:00".into(),
        until: "11:00".into(),
        ..PolicyForm::of(&rules)
    };
    html::page(&page(&mut db, chrome, entry, rules, typed, Errors::default(), now).await?)
}

async fn change(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path((slug, policy)): Path<(String, String)>,
    Form(mut typed): Form<PolicyForm>,
) -> Result<Response> {
    let entry = managed(&app, &me, &slug).await?;
    let rules = Rules::find(&mut *app.db.acquire().await?, &policy).await?;
    let mut outside = Vec::new();
    let errors = match typed.parse(&rules) {
        Err(errors) => errors,
        Ok(wanted) if typed.then == "test" => {
            let mut db = app.db.acquire().await?;
            let tried = try_out(&mut db, &wanted.policy, &typed, now).await?;
            let none = Errors::default();
            let mut page = page(&mut db, chrome, entry, rules, typed, none, now).await?;
            page.tried = Some(tried);
            return html::page(&page);
        }
        Ok(wanted) => {
            let by = By {
                member: me.member,
                location: (entry.id, &entry.slug),
                only: Some(typed.only.as_str()).filter(|slug| !slug.is_empty()),
                seen: typed.seen == "yes",
            };
            match transaction!(app.db, tx => wanted.change(tx, by, now).await)? {
                Ok(written) => {
                    let flash =
                        Flash::done("The policy is saved. Bookings that exist keep their terms.");
                    let back = format!("/admin/locations/{slug}/policies/{written}");
                    return Ok((jar.add(flash.cookie()), html::see_other(&back)).into_response());
                }
                Err(refusal) => {
                    typed.version = rules.version;
                    let errors = ("name", refusal.to_string()).into();
                    if let Refusal::Outside(bookings) = refusal {
                        outside = bookings;
                    }
                    errors
                }
            }
        }
    };
    let mut db = app.db.acquire().await?;
    let mut page = page(&mut db, chrome.refused(), entry, rules, typed, errors, now).await?;
    page.outside = outside;
    html::refused(&page)
}

/// The check and the price that a member would meet, by the policy as it stands in the form.
async fn try_out(
    db: &mut Db,
    policy: &Policy,
    typed: &PolicyForm,
    now: DateTime<Utc>,
) -> Result<Tried> {
    let Some(space) = Space::find(&mut *db, &typed.space).await? else {
        return Ok(Tried::Refused(
            "Choose a space that people can book.".into(),
        ));
    };
    let place = Location::by_id(&mut *db, space.location).await?;
    let place = place.ok_or(crate::error::Error::NotFound)?;
    let wish = match typed.wish(place.nights).wish(place.zone) {
        Ok(wish) => wish,
        Err(errors) => {
            let first = errors
                .iter()
                .next()
                .map(|(_, sentence)| sentence.to_owned());
            return Ok(Tried::Refused(first.unwrap_or_default()));
        }
    };
    let asker = match typed.whose.trim() {
        "" => Asker::default(),
        address => match Member::by_email(&mut *db, &address.to_lowercase()).await? {
            Some(member) => Asker::program(member.id),
            None => return Ok(Tried::Refused(format!("No member has {address}."))),
        },
    };
    let seen = (space.id, Audience::People);
    let sheet = sheet_of(db, seen, &wish, &asker, now).await?;
    let sheet = sheet.under(db, policy, &asker).await?;
    let Some(space) = sheet.spaces.first() else {
        return Ok(Tried::Refused(
            "Choose a space that people can book.".into(),
        ));
    };
    Ok(match sheet.check(space, &wish) {
        Ok(offer) => Tried::Allowed {
            at: wish.term.words(place.zone, place.zone.date(now)),
            quote: Box::new(offer.quote),
        },
        Err(refusal) if typed.whose.trim().is_empty() => Tried::Refused(refusal.to_string()),
        Err(refusal) => Tried::Refused(refusal.of_them()),
    })
}
