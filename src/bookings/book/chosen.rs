//! A wish that can be booked, as the card beside the times shows it.

use chrono::NaiveDate;

use crate::{
    billing::{pass::product::Product, quote::Quote},
    bookings::{
        availability::Offer,
        first_refusal,
        sheet::Sheet,
        term::{Term, Wish},
    },
    error::Result,
    spaces::space::{Kind, Space},
    time::long_date,
    transaction::Db,
};

/// A wish that can be booked, as the card shows it.
pub struct Chosen {
    pub when: String,
    pub button: String,
    pub quote: Quote,
    pub free_until: String,
    /// What is special about it.
    pub note: Option<&'static str>,
    /// Until when somebody may have first refusal.
    pub first_refusal: Option<String>,
    /// A pass that costs less, for those who are not covered by one.
    pub pass: Option<PassOffer>,
}

pub struct PassOffer {
    /// `A Week pass costs R750 and covers all 4 days`
    pub text: String,
    pub url: String,
}

impl Chosen {
    pub fn new(
        sheet: &Sheet,
        space: &Space,
        wish: &Wish,
        offer: Offer,
        pass: Option<PassOffer>,
    ) -> Chosen {
        let (zone, today) = (sheet.zone(space), sheet.today(space));
        let button = match wish.term {
            Term::Time(span) => format!("Book {}", zone.range(span, today)),
            Term::Days { first, last } if first == last => "Book the day".to_owned(),
            Term::Days { first, last } => format!("Book {} days", (last - first).num_days() + 1),
            Term::Let(term) => format!("Book {}", term.length()),
        };
        let from_now = matches!(wish.term, Term::Let(term) if term.first == today);
        let free_until = match space.policy.cancellation.free_until(offer.during.from) {
            Some(until) if until > sheet.now() => {
                format!(
                    "Free to cancel until {} {}.",
                    long_date(zone.date(until), today),
                    zone.clock(until)
                )
            }
            _ => space.policy.cancellation.sentence(),
        };
        let first_refusal = sheet.first_refusal_until(space, &offer);
        Chosen {
            when: wish.term.words(zone, today),
            button,
            quote: offer.quote,
            free_until,
            pass,
            first_refusal: first_refusal
                .map(|until| first_refusal::words(until, zone, sheet.now())),
            note: from_now.then_some(
                "It begins today: yours from now on, with the same end and price as from midnight.",
            ),
        }
    }
}

/// Offered beside a desk by the day, and never taken by itself.
pub async fn cheaper_pass(
    db: &mut Db,
    sheet: &Sheet,
    space: &Space,
    wish: &Wish,
    offer: &Offer,
) -> Result<Option<PassOffer>> {
    let Term::Days { first, last } = wish.term else {
        return Ok(None);
    };
    if space.kind != Kind::HotDesk || !offer.quote.draws.is_empty() {
        return Ok(None);
    }
    let dates: Vec<NaiveDate> = first.iter_days().take_while(|day| *day <= last).collect();
    let products = Product::on_sale(db, sheet.today(space)).await?;
    let cheaper = Product::cheaper(&products, space.location, &dates, offer.quote.total);
    Ok(cheaper.map(|product| PassOffer {
        text: format!(
            "A {} costs {} and covers {}",
            product.name,
            product.price,
            match dates.len() {
                1 => "the day".to_owned(),
                2 => "both days".to_owned(),
                days => format!("all {days} days"),
            }
        ),
        url: format!("/passes/new?product={}&first={first}", product.slug),
    }))
}
