//! The forms on a viewing's page: how each stands before anybody types, and what it asks for.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    details::Plan,
    note,
    stage::{LOST_REASONS, Move},
    viewing::{Status, Viewing},
};
use crate::{
    form::{self, Errors},
    time::{Span, Zone, parse_clock, parse_date},
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct StageForm {
    version: i32,
    pub to: String,
    pub reason: String,
    pub until: String,
    /// Where to go afterwards, if not back here.
    pub back: String,
}

impl StageForm {
    pub fn of(viewing: &Viewing) -> StageForm {
        StageForm {
            to: viewing.status.key().to_owned(),
            reason: viewing.lost_reason.clone(),
            ..StageForm::default()
        }
    }

    pub fn parse(&self) -> Result<Move<'static>, Errors> {
        let mut errors = Errors::default();
        let to = Status::named(&self.to).ok_or_else(|| "Choose a stage.".to_owned());
        let to = errors.take("to", to);
        let until = errors.take("until", optional_date(&self.until));
        let (Some(to), Some(until)) = (to, until) else {
            return Err(errors);
        };
        let mut known = LOST_REASONS.into_iter();
        Ok(Move {
            to,
            version: self.version,
            reason: known
                .find(|known| *known == self.reason)
                .unwrap_or_default(),
            until,
        })
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct VisitForm {
    pub version: i32,
    pub guide: String,
    pub date: String,
    pub from: String,
    pub minutes: String,
    pub tell: String,
}

impl VisitForm {
    /// The visit that is agreed, or the first of the wished times that is yet to come, with `me` as the guide.
    pub fn of(viewing: &Viewing, me: Uuid, now: DateTime<Utc>) -> VisitForm {
        let zone = viewing.zone;
        let stands = viewing.status == Status::Scheduled;
        let agreed = viewing.during.filter(|_| stands);
        let next_wish = viewing.wished.iter().copied().find(|at| *at > now);
        let from = agreed.map(|span| span.from).or(next_wish);
        VisitForm {
            guide: viewing.guide.unwrap_or(me).to_string(),
            date: from.map(|at| zone.date(at).to_string()).unwrap_or_default(),
            from: from.map(|at| zone.clock(at)).unwrap_or_default(),
            minutes: agreed.map_or(30, Span::minutes).to_string(),
            tell: "yes".into(),
            ..VisitForm::default()
        }
    }

    /// Who shows the place, and when.
    pub fn parse(&self, zone: Zone) -> Result<(Uuid, Span), Errors> {
        let mut errors = Errors::default();
        let guide = self.guide.parse::<Uuid>();
        let guide = guide.map_err(|_| "Choose who shows the place.".to_owned());
        let guide = errors.take("guide", guide);
        let date = parse_date(&self.date).ok_or_else(|| "Enter a date like 2026-11-24.".to_owned());
        let date = errors.take("date", date);
        let from = parse_clock(&self.from).ok_or_else(|| "Enter a time like 10:00.".to_owned());
        let from = errors.take("from", from);
        let minutes = self.minutes.parse::<i64>().ok();
        let minutes = minutes
            .filter(|minutes| (5..=480).contains(minutes))
            .ok_or_else(|| "Choose how long it takes.".to_owned());
        let minutes = errors.take("minutes", minutes);
        let (Some(guide), Some(date), Some(from), Some(minutes)) = (guide, date, from, minutes)
        else {
            return Err(errors);
        };
        let from = zone.instant(date.and_time(from)).map_err(|_| {
            let sentence = "On that day the clocks change at that time. Choose another.";
            Errors::from(("from", sentence.to_owned()))
        })?;
        Ok((guide, Span::new(from, from + TimeDelta::minutes(minutes))))
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PlanForm {
    pub version: i32,
    pub action: String,
    pub on: String,
    pub assignee: String,
}

impl PlanForm {
    pub fn of(viewing: &Viewing) -> PlanForm {
        let date = viewing.next_on.map(|date| date.to_string());
        let assignee = viewing.assignee.map(|id| id.to_string());
        PlanForm {
            version: viewing.version,
            action: viewing.next_action.clone(),
            on: date.unwrap_or_default(),
            assignee: assignee.unwrap_or_default(),
        }
    }

    pub fn parse(&self) -> Result<Plan, Errors> {
        let mut errors = Errors::default();
        let action = errors.take("action", form::optional_line(&self.action, 200));
        let on = errors.take("on", optional_date(&self.on));
        let (Some(action), Some(on)) = (action, on) else {
            return Err(errors);
        };
        let assignee = self.assignee.parse().ok();
        Ok(Plan {
            action,
            on,
            assignee,
        })
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct NoteForm {
    pub kind: String,
    pub body: String,
}

impl Default for NoteForm {
    fn default() -> NoteForm {
        NoteForm {
            kind: note::Kind::Call.key().into(),
            body: String::new(),
        }
    }
}

impl NoteForm {
    pub fn kind(&self) -> note::Kind {
        note::Kind::by_staff(&self.kind).unwrap_or(note::Kind::Note)
    }

    pub fn parse(&self) -> Result<String, Errors> {
        let body = match form::optional_text(&self.body, 2000) {
            Ok(empty) if empty.is_empty() => Err("Write what was said.".to_owned()),
            body => body,
        };
        body.map_err(|sentence| ("body", sentence).into())
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WinForm {
    pub version: i32,
    pub company: String,
}

impl WinForm {
    pub fn of(viewing: &Viewing) -> WinForm {
        WinForm {
            version: viewing.version,
            company: viewing.company.clone(),
        }
    }

    /// The name of a company, or empty.
    pub fn parse(&self) -> Result<String, Errors> {
        form::optional_line(&self.company, 100).map_err(|sentence| ("company", sentence).into())
    }
}

fn optional_date(text: &str) -> Result<Option<NaiveDate>, String> {
    match text.trim() {
        "" => Ok(None),
        text => parse_date(text)
            .map(Some)
            .ok_or_else(|| "Enter a date like 2026-11-24.".into()),
    }
}
