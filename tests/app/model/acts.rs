//! What can be done, and how sequences of it are made up.

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};
use connect_space::{
    bookings::term::{Let, Term, Unit},
    time::{Span, Zone},
};
use proptest::prelude::*;

/// Durban's, where there is no other time in summer.
pub const HOURS_AHEAD_OF_UTC: i64 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    Rooms,
    Desks,
    Offices,
}

/// When, in small numbers: each theme reads them in its own way.
#[derive(Clone, Copy, Debug)]
pub struct When {
    day: u8,
    quarter: u8,
    length: u8,
}

impl When {
    pub const TOMORROW: When = When {
        day: 1,
        quarter: 0,
        length: 1,
    };
}

/// `who` and `space` are numbers of people and spaces, `which` one of a booking: the last one is 0.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// On the pages: a checkout.
    Hold {
        who: u8,
        space: u8,
        when: When,
    },
    /// By a program, which confirms at once.
    Book {
        who: u8,
        space: u8,
        when: When,
        company: bool,
    },
    /// Any of the kind.
    BookAny {
        who: u8,
        when: When,
    },
    /// At the front desk; with a reason that sets rules aside.
    BookFor {
        who: u8,
        space: u8,
        when: When,
        reason: bool,
    },
    /// The same on some days that follow each other; or none of them, where one cannot be had.
    Repeat {
        who: u8,
        space: u8,
        when: When,
        days: u8,
        skip: bool,
    },
    /// Of the series that a booking is of, from its date on.
    CancelSeries {
        which: u8,
    },
    ChangeSeries {
        which: u8,
        space: u8,
        skip: bool,
    },
    /// The last order that was sent, with the same key.
    SendAgain,
    Confirm {
        which: u8,
    },
    HoldLonger {
        which: u8,
    },
    Cancel {
        which: u8,
    },
    CancelByStaff {
        which: u8,
        our_fault: bool,
    },
    /// By its member.
    Move {
        which: u8,
        space: u8,
        when: When,
    },
    /// By staff.
    Change {
        which: u8,
        space: u8,
        when: When,
        keep_price: bool,
    },
    TakeBack {
        which: u8,
    },
    Arrive {
        which: u8,
    },
    RunLate {
        which: u8,
    },
    Leave {
        which: u8,
    },
    NotHere {
        which: u8,
    },
    /// What the worker does as time passes.
    Sweep,
    /// All holds come to their end.
    HoldsEnd,
    /// The clock comes to where a booking begins, a little before or after.
    ItBegins {
        which: u8,
        tens: u8,
    },
    Later {
        quarters: u8,
    },
    Close {
        space: u8,
        when: When,
    },
    Reopen,
    BuyPass {
        who: u8,
        month: bool,
    },
    GivePassBack {
        who: u8,
    },
}

impl Act {
    pub fn name(&self) -> String {
        let all = format!("{self:?}");
        all.split(' ').next().unwrap_or_default().to_owned()
    }
}

impl Theme {
    pub fn spaces(self) -> &'static [&'static str] {
        match self {
            Theme::Rooms => &["lighthouse", "dune", "pier"],
            Theme::Desks => &["desk-1", "desk-2"],
            Theme::Offices => &["office-1"],
        }
    }

    pub fn sequences(self) -> impl Strategy<Value = Vec<Act>> {
        prop::collection::vec(self.act(), 1..32)
    }

    /// All acts that belong to it.
    pub fn names(self) -> Vec<&'static str> {
        let mut names = vec![
            "Hold",
            "Book",
            "BookFor",
            "SendAgain",
            "Confirm",
            "HoldLonger",
            "Cancel",
            "CancelByStaff",
            "Move",
            "Change",
            "TakeBack",
            "Arrive",
            "Leave",
            "NotHere",
            "Sweep",
            "HoldsEnd",
            "Later",
            "ItBegins",
            "Close",
            "Reopen",
        ];
        match self {
            Theme::Rooms => names.extend([
                "RunLate",
                "BookAny",
                "Repeat",
                "CancelSeries",
                "ChangeSeries",
            ]),
            Theme::Desks => names.extend(["BuyPass", "GivePassBack", "BookAny", "Repeat"]),
            Theme::Offices => {}
        }
        names
    }

    fn act(self) -> impl Strategy<Value = Act> {
        let (who, space, which) = (|| 0u8..4, || 0u8..3, || 0u8..3);
        // Few times, so that they meet.
        let when = || {
            (0u8..4, 0u8..12, 1u8..6).prop_map(|(day, quarter, length)| When {
                day,
                quarter,
                length,
            })
        };
        let passes = if self == Theme::Desks { 3 } else { 1 };
        prop_oneof![
            5 => (who(), space(), when()).prop_map(|(who, space, when)| Act::Hold { who, space, when }),
            8 => (who(), space(), when(), any::<bool>())
                .prop_map(|(who, space, when, company)| Act::Book { who, space, when, company }),
            3 => (who(), when()).prop_map(|(who, when)| Act::BookAny { who, when }),
            2 => (who(), space(), when(), any::<bool>())
                .prop_map(|(who, space, when, reason)| Act::BookFor { who, space, when, reason }),
            2 => (who(), space(), when(), 2u8..5, any::<bool>())
                .prop_map(|(who, space, when, days, skip)| Act::Repeat { who, space, when, days, skip }),
            2 => which().prop_map(|which| Act::CancelSeries { which }),
            2 => (which(), space(), any::<bool>()).prop_map(|(which, space, skip)| Act::ChangeSeries { which, space, skip }),
            1 => Just(Act::SendAgain),
            4 => which().prop_map(|which| Act::Confirm { which }),
            1 => which().prop_map(|which| Act::HoldLonger { which }),
            3 => which().prop_map(|which| Act::Cancel { which }),
            2 => (which(), any::<bool>()).prop_map(|(which, our_fault)| Act::CancelByStaff { which, our_fault }),
            4 => (which(), space(), when()).prop_map(|(which, space, when)| Act::Move { which, space, when }),
            3 => (which(), space(), when(), any::<bool>())
                .prop_map(|(which, space, when, keep_price)| Act::Change { which, space, when, keep_price }),
            3 => which().prop_map(|which| Act::TakeBack { which }),
            4 => which().prop_map(|which| Act::Arrive { which }),
            1 => which().prop_map(|which| Act::RunLate { which }),
            3 => which().prop_map(|which| Act::Leave { which }),
            1 => which().prop_map(|which| Act::NotHere { which }),
            2 => Just(Act::Sweep),
            1 => Just(Act::HoldsEnd),
            2 => (1u8..24).prop_map(|quarters| Act::Later { quarters }),
            6 => (which(), 0u8..4).prop_map(|(which, tens)| Act::ItBegins { which, tens }),
            1 => (space(), when()).prop_map(|(space, when)| Act::Close { space, when }),
            1 => Just(Act::Reopen),
            passes => (who(), any::<bool>()).prop_map(|(who, month)| Act::BuyPass { who, month }),
            2 => who().prop_map(|who| Act::GivePassBack { who }),
        ]
    }

    /// From Tuesday 24 November 2026 on, in the morning.
    pub fn term(self, when: When) -> Term {
        let tuesday = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        let day = tuesday + Days::new(when.day.into());
        let friday = tuesday + Days::new(3);
        match self {
            Theme::Offices if when.length == 5 => Term::Let(Let {
                unit: Unit::Week,
                count: 1,
                first: day,
            }),
            Theme::Offices => Term::Days {
                first: day,
                last: (day + Days::new((when.length / 2).into())).min(friday),
            },
            Theme::Desks if when.length == 5 => Term::Days {
                first: day,
                last: (day + Days::new((when.quarter % 2).into())).min(friday),
            },
            Theme::Rooms | Theme::Desks => {
                let opens = NaiveTime::from_hms_opt(7, 0, 0).unwrap();
                let quarters = |count: u8| TimeDelta::minutes(15 * i64::from(count));
                let midnight = day.and_time(opens).and_utc() - TimeDelta::hours(HOURS_AHEAD_OF_UTC);
                let from = midnight + quarters(when.quarter);
                Term::Time(Span::new(from, from + quarters(when.length * 2)))
            }
        }
    }
}

/// When a term is, from the first opening to the last closing, or from midnight to midnight.
pub fn during(term: Term) -> Span {
    let zone = Zone::named("Africa/Johannesburg").unwrap();
    let clock = |date: NaiveDate, hour| {
        let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        date.and_time(time).and_utc() - TimeDelta::hours(HOURS_AHEAD_OF_UTC)
    };
    match term {
        Term::Time(span) => span,
        Term::Days { first, last } => Span::new(clock(first, 7), clock(last, 19)),
        Term::Let(term) => term.span(zone),
    }
}
