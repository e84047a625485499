//! Turns the diary into bookings, the time they take, and what they cost.

use chrono::{DateTime, Datelike, Duration, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    diary::Stay,
    dice::Dice,
    house::House,
    passes::Passes,
    people::{People, Person},
    rows::{BookingRow, LedgerRow, OccupancyRow, PassDayRow, Rows, range},
};
use crate::{
    billing::pass::days::Holdings,
    bookings::{
        booking::{Price, Status},
        policy::Cancellation,
    },
    money::Money,
    spaces::space::{Kind, Space},
    time::Span,
};

pub async fn insert(
    tx: &mut PgConnection,
    dice: &mut Dice,
    house: &House,
    people: &People,
    stays: &[Stay],
    passes: Passes,
) -> sqlx::Result<()> {
    let mut books = Books {
        dice,
        house,
        people,
        now: passes.now,
        passes,
        rows: Rows::default(),
    };
    for stay in stays {
        books.enter(stay);
    }
    books.rows.ledger.append(&mut books.passes.ledger);
    books.rows.write(tx).await
}

struct Books<'a> {
    dice: &'a mut Dice,
    house: &'a House,
    people: &'a People,
    now: DateTime<Utc>,
    passes: Passes,
    rows: Rows<'a>,
}

impl<'a> Books<'a> {
    /// Nothing is written of a stay that has no price.
    fn enter(&mut self, stay: &'a Stay) -> Option<()> {
        let space = &self.house.spaces[stay.space];
        let Person {
            id: member_id,
            account,
            company,
            ..
        } = self.people.members[stay.member];
        // Companies pay for offices and meetings, people for their desks.
        let account_id = company
            .filter(|_| space.kind != Kind::HotDesk && stay.member > 0)
            .unwrap_or(account);
        let at_a_desk = space.kind == Kind::HotDesk && !stay.cancelled;
        let mut none = Holdings::default();
        let passes = self
            .passes
            .holdings
            .get_mut(&stay.member)
            .filter(|_| at_a_desk);
        let passes = passes.unwrap_or(&mut none);
        let quote = self.house.quote(space, &stay.asked(), passes)?;
        for opening in &stay.openings {
            passes.draw(space.location, opening);
        }
        let during = stay.during();
        let created_at = self.asked_at(space.kind, during);
        let status = self.status(stay, during);
        let ending = (status == Status::Cancelled)
            .then(|| self.ending(&space.policy.cancellation, quote.total, during, created_at));
        let channel = if stay.member == 0 {
            "web"
        } else {
            self.channel()
        };
        let receptionist = self.people.receptionist;
        let came = matches!(status, Status::CheckedIn | Status::Completed);
        let missed = status == Status::NoShow;
        let booking = BookingRow {
            id: self.dice.id(created_at),
            reference: self.dice.reference(),
            space_id: space.id.get(),
            member_id,
            account_id,
            created_by: if matches!(channel, "web" | "api") {
                member_id
            } else {
                receptionist
            },
            channel,
            term: match stay.lasting {
                Some(term) => term.unit.name(),
                None if stay.by_day => "day",
                None => "time",
            },
            term_count: stay.lasting.map(|term| term.count),
            last_day: stay.last_day(),
            layout: space.layout_for(stay.people, None),
            during: range(during),
            people: stay.people,
            title: stay.title,
            status,
            price: Price::from(&quote),
            total_cents: quote.total,
            vat_cents: quote.vat,
            cancellation: &space.policy.cancellation,
            sequence: i32::from(status == Status::Cancelled),
            created_at,
            confirmed_at: (!stay.first_refusal).then_some(created_at),
            first_refusal: stay.first_refusal,
            hold_expires_at: stay.first_refusal.then(|| self.second_closing(space)),
            cancelled_at: ending.as_ref().map(|ending| ending.at),
            cancelled_by: ending.as_ref().map(|ending| {
                if ending.reason == "us" {
                    receptionist
                } else {
                    member_id
                }
            }),
            cancellation_reason: ending.as_ref().map(|ending| ending.reason),
            kept_cents: ending.as_ref().map(|ending| ending.kept),
            arrived_at: came.then(|| self.arrival(during)),
            arrived_by: came.then_some(receptionist),
            missed_at: missed.then(|| during.from + Duration::minutes(30)),
            missed_by: missed.then_some(receptionist),
        };
        let drawn = quote.draws.iter().map(|draw| PassDayRow {
            booking_id: booking.id,
            on_date: draw.date,
            pass_id: draw.pass,
            place: draw.place,
            during: range(draw.during),
        });
        self.rows.pass_days.extend(drawn);
        self.rows.occupancies.push(OccupancyRow {
            id: self.dice.id(created_at),
            space_id: booking.space_id,
            booking_id: booking.id,
            active: status != Status::Cancelled,
            held_until: booking.hold_expires_at,
            during: range(during),
            occupies: range(
                during.widened(space.policy.setup_minutes, space.policy.turnaround_minutes),
            ),
        });
        if !stay.first_refusal {
            self.account(&booking, during, ending);
        }
        self.rows.bookings.push(booking);
        Some(())
    }

    /// A few minutes before or after the start.
    fn arrival(&self, during: Span) -> DateTime<Utc> {
        let minutes = (self.rows.bookings.len() % 12) as i64 - 4;
        (during.from + Duration::minutes(minutes)).min(self.now)
    }

    /// Of the second working day from tomorrow on.
    fn second_closing(&self, space: &Space) -> DateTime<Utc> {
        let days = self
            .house
            .openings_from(space, self.house.today + Duration::days(1));
        let mut working = days.filter(|day| day.date.weekday().number_from_monday() <= 5);
        working.nth(1).map_or(self.now, |day| day.span.until)
    }

    /// Some days and some minutes before the start, at the latest in the last days.
    fn asked_at(&mut self, kind: Kind, during: Span) -> DateTime<Utc> {
        let days = match kind {
            Kind::HotDesk => self.dice.between(0..=6),
            Kind::MeetingRoom => self.dice.between(1..=14),
            Kind::Office => self.dice.between(3..=21),
        };
        let asked =
            during.from - Duration::days(days) - Duration::minutes(self.dice.between(10..170));
        if asked < self.now {
            asked
        } else {
            self.now - Duration::minutes(self.dice.between(5..4 * 1440))
        }
    }

    fn status(&mut self, stay: &Stay, during: Span) -> Status {
        if stay.first_refusal {
            Status::Held
        } else if stay.cancelled {
            Status::Cancelled
        } else if during.from > self.now {
            Status::Confirmed
        } else if during.from + Duration::minutes(30) > self.now
            && self.rows.bookings.len().is_multiple_of(3)
        {
            // They are late.
            Status::Confirmed
        } else if during.until > self.now {
            Status::CheckedIn
        } else if stay.member != 0 && self.dice.percent(3) {
            Status::NoShow
        } else {
            Status::Completed
        }
    }

    fn channel(&mut self) -> &'static str {
        match self.dice.between(0..100) {
            0..70 => "web",
            70..85 => "phone",
            85..97 => "desk",
            _ => "api",
        }
    }

    fn ending(
        &mut self,
        terms: &Cancellation,
        total: Money,
        during: Span,
        asked: DateTime<Utc>,
    ) -> Ending {
        let time = (during.from.min(self.now) - asked).num_minutes().max(2);
        let at = asked + Duration::minutes(self.dice.between(1..time));
        let (reason, kept) = match self.dice.between(0..100) {
            0..6 => ("us", Money::ZERO),
            6..9 => ("hospitalisation_or_death", Money::ZERO),
            _ => ("member", terms.kept(total, during.from, at)),
        };
        Ending { at, reason, kept }
    }

    /// The charge, what is credited on cancelling, and the card payment that most make on the day.
    fn account(&mut self, booking: &BookingRow, during: Span, ending: Option<Ending>) {
        let total = booking.total_cents;
        let words = format!("Booking {}", booking.reference);
        self.line(
            booking,
            "charge",
            total,
            words.clone(),
            booking.created_by,
            booking.created_at,
        );
        let (due, day) = match &ending {
            Some(ending) => {
                let by = booking.cancelled_by.unwrap_or(booking.member_id);
                self.line(
                    booking,
                    "credit",
                    ending.kept - total,
                    format!("{words} cancelled"),
                    by,
                    ending.at,
                );
                (ending.kept, ending.at + Duration::hours(2))
            }
            None => (
                total,
                during.from + Duration::minutes(self.dice.between(0..20)),
            ),
        };
        let pays = match booking.status {
            Status::Completed => {
                booking.member_id == self.people.members[0].id || self.dice.percent(93)
            }
            Status::CheckedIn => self.dice.percent(65),
            Status::Cancelled => self.dice.percent(50),
            _ => false,
        };
        if pays && day <= self.now {
            let words = format!("Card at reception, {}", booking.reference);
            self.line(
                booking,
                "payment",
                -due,
                words,
                self.people.receptionist,
                day,
            );
        }
    }

    fn line(
        &mut self,
        booking: &BookingRow,
        kind: &'static str,
        cents: Money,
        description: String,
        created_by: Uuid,
        created_at: DateTime<Utc>,
    ) {
        if !cents.is_zero() {
            let id = self.dice.id(created_at);
            let (account_id, booking_id) = (booking.account_id, Some(booking.id));
            self.rows.ledger.push(LedgerRow {
                id,
                account_id,
                booking_id,
                pass_id: None,
                kind,
                cents,
                description,
                created_by,
                created_at,
            });
        }
    }
}

struct Ending {
    at: DateTime<Utc>,
    reason: &'static str,
    kept: Money,
}
