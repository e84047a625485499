//! The card that books the usual desk: all that is agreed to by booking stands beside its button.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::{
    billing::quote::Quote,
    bookings::{availability, usual::Usual, wish::Typed},
    members::company::Company,
    spaces::space::{Kind, Space},
    time::{Zone, long_date},
};

pub struct UsualCard {
    /// `Your usual desk tomorrow`
    pub heading: String,
    /// `Fri 27 November`
    pub day: String,
    pub desk: String,
    pub location: String,
    pub offer: Option<Offer>,
    /// The company that will pay; `None` when the member does.
    pub payer: Option<Company>,
    /// The list of what is free then.
    pub others: String,
}

/// A desk that is booked with one press.
pub struct Offer {
    pub desk: String,
    pub floor: String,
    /// Its page, with the same chosen.
    pub url: String,
    /// `09:00–17:00`
    pub hours: String,
    pub quote: Quote,
    /// Until when cancelling is free, or what it keeps.
    pub cancelling: String,
    typed: Typed,
    slug: String,
    key: String,
}

impl UsualCard {
    pub fn new(usual: Usual, now: DateTime<Utc>) -> UsualCard {
        let zone = usual.location.zone;
        let day = long_date(usual.date, usual.today);
        let typed = Typed::default().with_term(usual.term, zone);
        let others = Typed {
            kind: Kind::HotDesk.to_string(),
            ..typed.clone()
        };
        let offer = usual
            .offer
            .map(|(space, offer)| Offer::new(space, offer, typed, (zone, usual.today), now));
        UsualCard {
            heading: match (usual.date - usual.today).num_days() {
                1 => "Your usual desk tomorrow".to_owned(),
                _ => format!("Your usual desk on {day}"),
            },
            day,
            desk: usual.desk,
            location: usual.location.name,
            payer: usual.payer,
            offer,
            others: format!("/spaces?{}", others.query()),
        }
    }
}

impl UsualCard {
    /// One press is not enough then.
    pub fn asks_for_an_order(&self) -> bool {
        self.payer
            .as_ref()
            .is_some_and(|company| company.po_required)
    }
}

impl Offer {
    fn new(
        space: Space,
        offer: availability::Offer,
        typed: Typed,
        (zone, today): (Zone, NaiveDate),
        now: DateTime<Utc>,
    ) -> Offer {
        let terms = &space.policy.cancellation;
        let free_until = terms.free_until(offer.during.from);
        Offer {
            cancelling: match free_until.filter(|until| now <= *until) {
                Some(until) => {
                    let day = long_date(zone.date(until), today);
                    format!("Free to cancel until {day} {}.", zone.clock(until))
                }
                None => terms.sentence(),
            },
            hours: zone.range(offer.during, today),
            url: format!("/spaces/{}?{}", space.slug, typed.query()),
            desk: space.name,
            floor: space.floor_name,
            slug: space.slug,
            quote: offer.quote,
            key: Uuid::new_v4().to_string(),
            typed,
        }
    }

    /// What its form carries: the desk, the wish, the price that is shown, and the key of this submission.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let typed = &self.typed;
        vec![
            ("space", self.slug.clone()),
            ("by", typed.by.clone()),
            ("date", typed.date.clone()),
            ("last", typed.last.clone()),
            ("from", typed.from.clone()),
            ("until", typed.until.clone()),
            ("shown", self.quote.total.in_cents().to_string()),
            ("key", self.key.clone()),
        ]
    }
}
