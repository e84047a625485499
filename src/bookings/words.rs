//! A booking in the words of its pages.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    booking::{Booking, Status},
    extras::ordered,
    first_refusal,
    term::Term,
};
use crate::{
    form::{line, phone_words},
    spaces::space::Kind,
    time::long_date,
};

impl Booking {
    /// Where money goes back to: `your account`, `the account of Half-Disc Studio`.
    pub fn whose_account(&self) -> String {
        match &self.company {
            Some(company) => format!("the account of {company}"),
            None => "your account".into(),
        }
    }

    /// Ahead or running, with the time still taken.
    pub fn is_live(&self) -> bool {
        matches!(
            self.status,
            Status::Held | Status::Pending | Status::Confirmed | Status::CheckedIn
        )
    }

    /// Nothing of it is left ahead.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        !self.is_live() || self.during.until <= now
    }

    /// The location's date that it begins on.
    pub fn date(&self) -> NaiveDate {
        self.zone.date(self.during.from)
    }

    /// The tone of its tag.
    pub fn tone(&self) -> &'static str {
        match self.status {
            Status::Confirmed | Status::CheckedIn => "ok",
            Status::Held | Status::Pending => "warn",
            Status::NoShow => "bad",
            _ => "",
        }
    }

    /// `Held until 10:52`, or the status.
    pub fn state_words(&self) -> String {
        let until = (self.hold_expires_at).filter(|_| self.holds && self.status == Status::Held);
        match until {
            Some(until) if self.first_refusal => format!(
                "First refusal till {}",
                first_refusal::words(until, self.zone, self.created_at)
            ),
            Some(until) if self.zone.date(until) != self.zone.date(self.created_at) => format!(
                "Held until {}",
                first_refusal::words(until, self.zone, self.created_at)
            ),
            Some(until) => format!("Held until {}", self.zone.clock(until)),
            None if self.status == Status::Pending && !self.holds => {
                Status::Expired.label().to_owned()
            }
            None => self.status.label().to_owned(),
        }
    }

    /// `12 people, theatre`.
    pub fn people_words(&self) -> String {
        let people = match self.people {
            1 => "1 person".to_owned(),
            people => format!("{people} people"),
        };
        match self.layout {
            Some(layout) => format!("{people}, {}", layout.label().to_lowercase()),
            None => people,
        }
    }

    /// `Today, Tue 24 November`, or the days of a longer booking.
    pub fn long_day(&self, now: DateTime<Utc>) -> String {
        let today = self.zone.date(now);
        let (first, last) = self.term.dates(self.zone);
        if let Term::Let(_) = self.term {
            return format!("{} – {}", long_date(first, today), long_date(last, today));
        }
        match (last - first).num_days() {
            0 if first == today => format!("Today, {}", long_date(first, today)),
            0 => long_date(first, today),
            days => format!(
                "{} – {}, {} days",
                long_date(first, today),
                long_date(last, today),
                days + 1
            ),
        }
    }

    /// `09:00–11:30`; for several days from the first opening to the last closing; `1 month`.
    pub fn hours(&self) -> String {
        if let Term::Let(term) = self.term {
            return term.length();
        }
        format!(
            "{}–{}",
            self.zone.clock(self.during.from),
            self.zone.clock(self.during.until)
        )
    }

    /// `Tea and coffee for 8, Screen`
    pub fn with_words(&self) -> String {
        ordered::words(&self.extras)
    }

    /// What the team should know and who pays, each with its heading.
    pub fn particulars(&self) -> Vec<(&'static str, String)> {
        let said = [
            ("With", self.with_words()),
            ("On the day", self.contact()),
            ("Note to the team", line(&self.notes)),
            ("Paid by", self.company.clone().unwrap_or_default()),
            ("Purchase order", self.purchase_order.clone()),
        ];
        said.into_iter()
            .filter(|(_, text)| !text.is_empty())
            .collect()
    }

    /// How it is paid, as it follows the total: `paid at reception`.
    pub fn payment(&self) -> String {
        let pass = self.drawn.iter().find(|day| day.spent);
        match (self.total.is_zero(), pass, &self.company) {
            (true, Some(day), _) => format!("covered by your {} {}", day.name, day.reference),
            (true, None, _) => "nothing to pay".to_owned(),
            (false, _, Some(company)) => format!("on the account of {}", line(company)),
            (false, _, None) => "paid at reception".to_owned(),
        }
    }

    /// An office's price without its VAT; empty where that is nothing to be told.
    pub fn net(&self) -> String {
        match self.kind {
            Kind::Office if !self.vat.is_zero() => (self.total - self.vat).to_string(),
            _ => String::new(),
        }
    }

    /// Whom to call on the day, where that is not the member: `Nomvula Zulu, 082 000 0008`.
    pub fn contact(&self) -> String {
        let phone = self.contact_phone.as_deref().map(phone_words);
        let contact = [line(&self.contact_name), phone.unwrap_or_default()];
        let said: Vec<String> = contact
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        said.join(", ")
    }

    /// The local hours within a day, the days, or the weeks or months.
    pub fn times(&self, now: DateTime<Utc>) -> String {
        if let Term::Let(_) = self.term {
            return self.when(now);
        }
        self.zone.range(self.during, self.zone.date(now))
    }
}
