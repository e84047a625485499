//! How the house says no: each refusal is the sentence that the person reads.

use thiserror::Error;

use super::{
    limit::Account,
    term::{By, Unit},
};

#[derive(Clone, Debug, PartialEq, Error)]
pub enum Refusal {
    #[error("{space} is taken at that time. Choose another time or space.")]
    Taken { space: String },
    #[error("Nothing is free all that time. Choose another time or location.")]
    NoneFree,
    #[error("{space} was just taken. Choose another time or space.")]
    JustTaken { space: String },
    #[error("The last one was just taken. Choose another time or location.")]
    LastJustTaken,
    #[error("{place} is closed on {date}{because}. Choose another day.")]
    ClosedDay {
        place: String,
        date: String,
        because: String,
    },
    #[error("{place} is open {hours} on {date}. Choose a time within that.")]
    OutsideHours {
        place: String,
        date: String,
        hours: String,
    },
    #[error("{wording}")]
    Closure { wording: String },
    #[error("{space} is out of order. Choose another space.")]
    OutOfOrder { space: String },
    #[error("Choose an end after the start.")]
    EndBeforeStart,
    #[error("Start and end go in steps of {step}, such as {such_as}.")]
    OffGrid { step: String, such_as: String },
    #[error("The shortest booking of {space} is {least}.")]
    TooShort { space: String, least: String },
    #[error("The longest booking of {space} is {most}.")]
    TooLong { space: String, most: String },
    #[error("That time has passed. Choose a later one.")]
    Past,
    #[error("{space} is booked at least {notice} ahead. Choose a later time or call us.")]
    TooSoon { space: String, notice: String },
    #[error("{space} can be booked up to {last}. Choose an earlier day.")]
    TooFar { space: String, last: String },
    #[error("{space} seats {seats}. Choose {seats} or fewer.")]
    TooManyPeople { space: String, seats: i32 },
    #[error("Nothing here seats {people}. Choose fewer people, or another kind or location.")]
    NoneSeats { people: i32 },
    #[error("Say how many people are coming: 1 or more.")]
    NoPeople,
    #[error("{space} seats {seats} as {layout}. {instead}")]
    LayoutTooSmall {
        space: String,
        seats: i32,
        layout: String,
        /// Which layout would seat them.
        instead: String,
    },
    #[error("{space} is set up as {offered}. Choose one of these.")]
    NoSuchLayout { space: String, offered: String },
    #[error("{space} is booked by {ways}, not by {asked}.")]
    NotBy {
        by: By,
        space: String,
        asked: &'static str,
        ways: String,
    },
    #[error("Desks are booked by the hour or the day. For {asked} take a pass.")]
    TakeAPass { by: By, asked: String },
    #[error("On {date} the clocks skip {time}, so there is no such time. Choose another.")]
    TimeMissing { date: String, time: String },
    #[error("On {date} the clocks go back and {time} happens twice. Choose another time.")]
    TimeTwice { date: String, time: String },
    #[error(
        "You already have {count} at that time, the most for one member. Cancel one or choose another time."
    )]
    TooManyAtOnce { count: usize },
    #[error(
        "{place} takes {most} people at once, and {left} at that time. Choose another time, or another location."
    )]
    HouseFull {
        place: String,
        most: i32,
        /// `is full`, or how many still fit.
        left: String,
    },
    #[error("You have asked for {space} at that time already. You hear from us by mail.")]
    AskedAlready { space: String },
    #[error("{}", .0.sentence())]
    OverLimit(Box<Account>),
    #[error("You have {desk} on {date} already. Cancel that first, or book another day.")]
    DeskThatDay { desk: String, date: String },
    #[error("Your account cannot make new bookings at the moment. Please call us.")]
    Barred,
    #[error(
        "Your bookings are yours once they are paid: {missing} is missing. Pay at the front desk or by EFT, then confirm."
    )]
    PayFirst { missing: String },
    #[error("{space} has no price for that time. Please call us.")]
    NoPrice { space: String },
    #[error("The price is now {now}. Look it over and book again to accept it.")]
    PriceChanged { now: String },
    #[error("Cancelling now keeps {kept}. Look it over and cancel again to accept it.")]
    ConsequenceChanged { kept: String },
    #[error("This was sent before with other details. Begin anew.")]
    KeyReused,
    #[error("There is no such space. Choose one from the list.")]
    NoSuchSpace,
    #[error("This hold has ended and {space} has been taken since. Choose another time.")]
    HoldLost { space: String },
    #[error(
        "This hold has ended, or somebody else has taken it. Press a length at the door again."
    )]
    HoldEnded,
    #[error(
        "It was held here several times, and nobody took it. Scan the code to book it with your phone."
    )]
    HeldInVain,
    #[error("This hold was made longer once already.")]
    HoldExtended,
    #[error("You have first refusal on {space} already. Confirm it or let it go first.")]
    FirstRefusalElsewhere { space: String },
    #[error(
        "We look at each request for {space} before it stands, so not for a time that has begun. Choose a later start or call us."
    )]
    TooLateToAsk { space: String },
    #[error("{space} gives no first refusal for that time. Book it, or choose a later start.")]
    NoFirstRefusal { space: String },
    #[error("First refusal ends when it says. Confirm it or let it go.")]
    HoldIsFixed,
    #[error("A pencil ends after now and before the booking begins. Choose another time.")]
    PencilEnds,
    #[error("Only a manager of that location or an owner agrees on another price. Leave it empty.")]
    NotYourPrice,
    #[error("{name} has this email address. Choose them from the list instead.")]
    EmailKnown { name: String },
    #[error(
        "{name} ({reference}) has this number already. Book for them, or tick that this is somebody else."
    )]
    PhoneKnown { name: String, reference: String },
    #[error("{sentence}")]
    Payment { sentence: String },
    #[error("That company does not pay for your colleague. Choose one that you both belong to.")]
    NotTheirCompany,
    #[error("{company} asks for a purchase order number. Enter it.")]
    NoPurchaseOrder { company: String },
    #[error("There is no extra called {extra} here. Leave it out, or choose another.")]
    NoSuchExtra { extra: String },
    #[error("{extra} does not go with that. Take it off, or choose another time or space.")]
    ExtraElsewhere { extra: String },
    #[error("Say how many of each extra, as a number up to {most}.")]
    ExtraCount { most: i32 },
    #[error(
        "{extra} is for {people} at most, as that many come. Order fewer, or say that more come."
    )]
    ExtraPeople { extra: String, people: i32 },
    #[error("{}", gone(.extra, *.left))]
    ExtraGone { extra: String, left: i64 },
    #[error("{extra} could be ordered or changed until {until}. Leave it as it is, or {call}.")]
    ExtraTooLate {
        extra: String,
        until: String,
        /// `call us on 031 …`
        call: String,
    },
    #[error(
        "{extra} needs {minutes} before in {space}, and that is taken. Choose a later start, or leave it out."
    )]
    ExtraSetUp {
        extra: String,
        space: String,
        minutes: String,
    },
    #[error("This booking has ended or was cancelled: there is nothing left to confirm.")]
    NotHeld,
    #[error("This booking has begun or ended, so it cannot be cancelled here. Please call us.")]
    Begun,
}

impl Refusal {
    /// The field of the form that it belongs to: by the day there are a first and a last one, by the
    /// week or month a first one and how many.
    pub fn field(&self, by: By) -> &'static str {
        match self {
            Refusal::TooManyPeople { .. }
            | Refusal::LayoutTooSmall { .. }
            | Refusal::NoneSeats { .. }
            | Refusal::NoPeople => "people",
            Refusal::NoSuchLayout { .. } => "layout",
            Refusal::NoSuchExtra { .. }
            | Refusal::ExtraElsewhere { .. }
            | Refusal::ExtraCount { .. }
            | Refusal::ExtraPeople { .. }
            | Refusal::ExtraGone { .. }
            | Refusal::ExtraTooLate { .. }
            | Refusal::ExtraSetUp { .. } => "extras",
            Refusal::NoPurchaseOrder { .. } => "purchase_order",
            Refusal::NotTheirCompany => "company",
            Refusal::PencilEnds => "pencil",
            Refusal::NotYourPrice => "price",
            Refusal::EmailKnown { .. } => "guest_email",
            Refusal::PhoneKnown { .. } => "guest_phone",
            Refusal::Payment { .. } => "paid",
            Refusal::EndBeforeStart | Refusal::TooShort { .. } | Refusal::TooLong { .. } => {
                match by {
                    By::Time => "until",
                    By::Day => "last",
                    By::Let(_) => "count",
                }
            }
            Refusal::ClosedDay { .. }
            | Refusal::TooFar { .. }
            | Refusal::NotBy { .. }
            | Refusal::TakeAPass { .. } => "date",
            _ if by == By::Time => "from",
            _ => "date",
        }
    }

    /// The name that stays the same for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Refusal::Taken { .. }
            | Refusal::NoneFree
            | Refusal::JustTaken { .. }
            | Refusal::LastJustTaken
            | Refusal::HoldLost { .. } => "taken",
            Refusal::ClosedDay { .. } => "closed-day",
            Refusal::OutsideHours { .. } => "outside-hours",
            Refusal::Closure { .. } => "closure",
            Refusal::OutOfOrder { .. } => "out-of-order",
            Refusal::EndBeforeStart => "end-before-start",
            Refusal::OffGrid { .. } => "off-grid",
            Refusal::TooShort { .. } => "too-short",
            Refusal::TooLong { .. } => "too-long",
            Refusal::Past => "past",
            Refusal::TooSoon { .. } => "too-soon",
            Refusal::TooFar { .. } => "too-far",
            Refusal::TooManyPeople { .. }
            | Refusal::LayoutTooSmall { .. }
            | Refusal::NoneSeats { .. } => "too-many-people",
            Refusal::NoSuchLayout { .. } => "no-such-layout",
            Refusal::NoPeople => "no-people",
            Refusal::NotBy { by, .. } | Refusal::TakeAPass { by, .. } => match by {
                By::Time => "not-by-time",
                By::Day => "not-by-day",
                By::Let(Unit::Week) => "not-by-week",
                By::Let(Unit::Month) => "not-by-month",
            },
            Refusal::TimeMissing { .. } => "time-missing",
            Refusal::TimeTwice { .. } => "time-twice",
            Refusal::TooManyAtOnce { .. } => "too-many-at-once",
            Refusal::HouseFull { .. } => "house-full",
            Refusal::AskedAlready { .. } => "asked-already",
            Refusal::OverLimit(_) => "over-limit",
            Refusal::DeskThatDay { .. } => "desk-that-day",
            Refusal::Barred => "barred",
            Refusal::PayFirst { .. } => "pay-first",
            Refusal::NoPrice { .. } => "no-price",
            Refusal::PriceChanged { .. } => "price-changed",
            Refusal::ConsequenceChanged { .. } => "consequence-changed",
            Refusal::KeyReused => "key-reused",
            Refusal::NoSuchSpace => "no-such-space",
            Refusal::HoldEnded => "hold-ended",
            Refusal::HeldInVain => "held-in-vain",
            Refusal::HoldExtended => "hold-extended",
            Refusal::FirstRefusalElsewhere { .. } => "first-refusal-elsewhere",
            Refusal::TooLateToAsk { .. } => "too-late-to-ask",
            Refusal::NoFirstRefusal { .. } => "no-first-refusal",
            Refusal::HoldIsFixed => "hold-is-fixed",
            Refusal::NoPurchaseOrder { .. } => "no-purchase-order",
            Refusal::NotTheirCompany => "not-their-company",
            Refusal::PencilEnds => "bad-pencil",
            Refusal::NotYourPrice => "not-your-price",
            Refusal::EmailKnown { .. } => "email-known",
            Refusal::PhoneKnown { .. } => "phone-known",
            Refusal::Payment { .. } => "payment",
            Refusal::NoSuchExtra { .. } => "no-such-extra",
            Refusal::ExtraElsewhere { .. } => "extra-elsewhere",
            Refusal::ExtraCount { .. } => "extra-count",
            Refusal::ExtraPeople { .. } => "extra-people",
            Refusal::ExtraGone { .. } => "extra-gone",
            Refusal::ExtraTooLate { .. } => "extra-too-late",
            Refusal::ExtraSetUp { .. } => "extra-set-up",
            Refusal::NotHeld => "not-held",
            Refusal::Begun => "begun",
        }
    }

    /// Why, without what to do about it: where many stand in a list.
    pub fn why(&self) -> String {
        let words = self.to_string();
        match words.split_once(". ") {
            Some((why, _)) => format!("{why}."),
            None => words,
        }
    }

    /// To somebody who saw it free and lost the race.
    pub fn just(self) -> Refusal {
        match self {
            Refusal::Taken { space } => Refusal::JustTaken { space },
            Refusal::NoneFree => Refusal::LastJustTaken,
            other => other,
        }
    }

    /// It may be free later: somebody else has the time, or it is closed for a while.
    pub fn is_for_a_while(&self) -> bool {
        self.is_taken() || matches!(self, Refusal::Closure { .. } | Refusal::OutOfOrder { .. })
    }

    /// Somebody else has the time: the same request may succeed at another one.
    pub fn is_taken(&self) -> bool {
        self.kind() == "taken"
    }
}

fn gone(extra: &str, left: i64) -> String {
    match left {
        0 => format!("{extra}: none is left at that time. Leave it out, or choose another time."),
        left => format!("{extra}: only {left} left at that time. Take {left} or fewer."),
    }
}
