//! What the form of a booking for somebody means, with every mistake beside its field.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    desk::{Agreed, Desk, Guest, Outcome, Request, Whom},
    enquiry::{self, Enquiry, Room, Typed},
    order::{Channel, Details, Hold, Order},
    payer::Payer,
    refusal::Refusal,
    term::Wish,
};
use crate::{
    billing::payment::Method,
    form::{self, Errors},
    id::Id,
    members::{member::Member, staff::Duties},
    money::Money,
    spaces::layout::Layout,
};

/// Every mistake at once, each with its field.
pub(super) fn request(
    (typed, enquiry): (&Typed, &Enquiry),
    (by, duties): (Id<Member>, Duties),
    errors: &mut Errors,
    now: DateTime<Utc>,
) -> Option<Request> {
    let room = chosen_room(typed, enquiry, errors);
    let people = errors.take("people", enquiry.people.clone());
    let whom = whom(typed, enquiry, errors);
    let extras = errors.take("extras", typed.extras.picks());
    let title = errors.take("title", form::optional_line(&typed.title, 100));
    let notes = errors.take("notes", form::optional_text(&typed.notes, 1000));
    let order_number = form::optional_line(&typed.purchase_order, 60);
    let purchase_order = errors.take("purchase_order", order_number);
    let reason = errors.take("reason", form::optional_line(&typed.reason, 300));
    let agreed = agreed(typed, errors);
    let outcome = outcome(enquiry, errors);
    let room = room?;
    if !room.needs.is_empty() && reason.as_ref().is_some_and(String::is_empty) {
        let rules: Vec<String> = room.needs.iter().map(Refusal::of_them).collect();
        errors.add(
            "reason",
            format!("{} Say why it is booked all the same.", rules.join(" ")),
        );
    }
    let channel = match typed.channel.as_str() {
        "phone" => Channel::Phone,
        "desk" => Channel::Desk,
        _ if enquiry.begins_now(&typed.space, now) => Channel::Desk,
        _ => Channel::Phone,
    };
    Some(Request {
        whom: whom?,
        order: Order {
            wanted: enquiry::wanted(&room.value),
            wish: Wish {
                term: room.term,
                people: people?,
                layout: typed
                    .layout
                    .parse()
                    .ok()
                    .filter(|_: &Layout| !typed.layout.is_empty()),
            },
            extras: extras?,
            title: title?,
            details: Details {
                notes: notes?,
                purchase_order: purchase_order?,
                ..Details::default()
            },
            payer: Payer::said(&typed.company),
            hold: Hold::Checkout,
            shown: shown(typed, &room.value),
            key: None,
            replaces: None,
            desk: None,
        },
        desk: Desk {
            by,
            duties,
            reason: reason?,
            agreed: agreed?,
            outcome: outcome?,
            tell: typed.tell == "yes" && enquiry.has_address(typed),
            paid: paid(typed, enquiry),
        },
        channel,
        key: typed.key(),
        fingerprint: typed.fingerprint(),
        draft: typed.draft.parse().ok(),
    })
}

fn chosen_room<'a>(typed: &Typed, enquiry: &'a Enquiry, errors: &mut Errors) -> Option<&'a Room> {
    if let Err(unclear) = &enquiry.term {
        match (typed.when.trim(), unclear.as_str()) {
            ("", _) => errors.add("when", "Say when, such as tue 9-11:30."),
            (_, "") => errors.add(
                "what",
                format!(
                    "Nothing is called {}. Say a room, a kind or a location.",
                    typed.what.trim()
                ),
            ),
            _ => errors.add("when", unclear),
        }
        return None;
    }
    let room = enquiry.room(&typed.space);
    if room.is_none() {
        match &enquiry.refusal {
            Some(refusal) => errors.add("when", refusal.of_them()),
            None => errors.add("space", "Choose one of these."),
        }
    }
    room
}

fn whom(typed: &Typed, enquiry: &Enquiry, errors: &mut Errors) -> Option<Whom> {
    if typed.guest_name.trim().is_empty() {
        if let Some(person) = &enquiry.person {
            return Some(Whom::Member(person.found.id));
        }
        match enquiry.found.as_slice() {
            [] if typed.who.trim().is_empty() => errors.add("who", "Say for whom."),
            [] => errors.add(
                "guest_phone",
                "Nobody we know is called so. Add their phone number as a new guest, or look again.",
            ),
            _ => errors.add("who", "Choose which of these it is."),
        }
        return None;
    }
    let name = errors.take("guest_name", form::name(&typed.guest_name));
    let phone = errors.take("guest_phone", form::phone(&typed.guest_phone));
    let email = match typed.guest_email.trim() {
        "" => Some(None),
        email => errors.take("guest_email", form::email(email).map(Some)),
    };
    Some(Whom::Guest(Guest {
        name: name?,
        phone: Some(phone?),
        email: email?,
        same_phone: typed.same_phone == "yes",
    }))
}

/// `None` where it cannot be read.
fn agreed(typed: &Typed, errors: &mut Errors) -> Option<Option<Agreed>> {
    if typed.price.trim().is_empty() {
        return Some(None);
    }
    let price = errors.take("price", form::rands(&typed.price));
    let missing = "Say why this price was agreed on.";
    let reason = form::required_line(&typed.price_reason, 200, missing);
    let reason = errors.take("price_reason", reason);
    Some(Some(Agreed {
        price: price?,
        reason: reason?,
    }))
}

fn outcome(enquiry: &Enquiry, errors: &mut Errors) -> Option<Outcome> {
    match enquiry.pencil.clone() {
        None => Some(Outcome::Confirmed),
        Some(until) => errors.take("pencil", until).map(Outcome::Pencilled),
    }
}

/// How it is paid with the booking; never by EFT, which is seen on the bank's statement later.
fn paid(typed: &Typed, enquiry: &Enquiry) -> Option<Method> {
    let method = typed.paid.parse().ok()?;
    let at_once = enquiry.pencil.is_none() && method != Method::Eft;
    at_once.then_some(method)
}

fn shown(typed: &Typed, room: &str) -> Option<Money> {
    let prices: BTreeMap<&str, &str> = typed
        .shown
        .split_whitespace()
        .filter_map(|pair| pair.rsplit_once('='))
        .collect();
    prices.get(room)?.parse().ok().map(Money::cents)
}
