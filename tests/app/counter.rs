//! Money at the counter: payments, money given back, receipts, fees waived, and counting the till.

use std::{collections::BTreeSet, time::Duration};

use reqwest::StatusCode;
use sqlx::Executor;
use tokio::task::JoinSet;

use crate::people::{STAFF, reference};
use crate::support::{House, Page, Person, key};

struct Payment<'a> {
    booking: &'a str,
    member: &'a str,
    way: &'a str,
    amount: &'a str,
    method: &'a str,
}

const TAKE: Payment = Payment {
    booking: "",
    member: "",
    way: "in",
    amount: "100",
    method: "card",
};

async fn pay(person: &Person, payment: &Payment<'_>) -> Page {
    pay_with(person, payment, &key(), &[]).await
}

async fn pay_with(
    person: &Person,
    payment: &Payment<'_>,
    key: &str,
    more: &[(&str, &str)],
) -> Page {
    let fields = [
        ("booking", payment.booking),
        ("member", payment.member),
        ("way", payment.way),
        ("amount", payment.amount),
        ("method", payment.method),
        ("location", "musgrave"),
        ("key", key),
    ];
    person
        .post("/admin/payments/new", &[fields.as_slice(), more].concat())
        .await
}

async fn booked(house: &House) -> String {
    house
        .run("update members set paying_company_id = null")
        .await;
    house
        .member("thandeka")
        .await
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await
}

#[tokio::test]
async fn a_part_and_then_the_rest_each_with_its_receipt() {
    let house = House::open().await;
    let booking = booked(&house).await;
    let nomsa = house.member("nomsa").await;
    let form = nomsa
        .get(&format!("/admin/payments/new?booking={booking}"))
        .await;
    assert!(
        form.says("R200.00due on") || form.says("R200.00 due on"),
        "{}",
        form.text()
    );
    assert!(
        form.html.contains("value=\"200.00\""),
        "what is due is filled in"
    );
    let first = pay_with(
        &nomsa,
        &Payment {
            booking: &booking,
            amount: "150,50",
            ..TAKE
        },
        &key(),
        &[("mail", "yes")],
    )
    .await;
    assert_eq!(
        first.location(),
        "/receipts/RC-2026-000001",
        "{}",
        first.text()
    );
    let receipt = nomsa.follow(&first).await;
    for said in [
        "R150.50",
        "Thandeka Mkhize",
        "Card machine",
        "Musgrave",
        "Nomsa Khumalo",
        "R49.50 due",
        "The test house",
    ] {
        assert!(receipt.says(said), "{said}: {}", receipt.text());
    }
    house.deliver_mail().await;
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(
        mail.text.contains("R150.50") && mail.text.contains("/receipts/RC-2026-000001"),
        "{}",
        mail.text
    );
    let too_much = pay(
        &nomsa,
        &Payment {
            booking: &booking,
            amount: "49.60",
            ..TAKE
        },
    )
    .await;
    assert!(too_much.says("R49.50 is due on this booking"));
    let rest = pay(
        &nomsa,
        &Payment {
            booking: &booking,
            amount: "49.50",
            method: "cash",
            ..TAKE
        },
    )
    .await;
    assert_eq!(rest.location(), "/receipts/RC-2026-000002");
    assert_eq!(
        house
            .one::<i64>("select sum(cents)::bigint from ledger_entries")
            .await,
        0
    );
    assert!(
        nomsa
            .get(&format!("/admin/payments/new?booking={booking}"))
            .await
            .says("Nothing is due")
    );
}

#[tokio::test]
async fn a_receipt_is_for_who_paid_and_for_staff() {
    let house = House::open().await;
    let booking = booked(&house).await;
    let nomsa = house.member("nomsa").await;
    let receipt = pay(
        &nomsa,
        &Payment {
            booking: &booking,
            ..TAKE
        },
    )
    .await
    .location()
    .to_owned();
    assert!(
        house
            .member("thandeka")
            .await
            .get(&receipt)
            .await
            .says("R100.00")
    );
    assert_eq!(
        house.member("priya").await.get(&receipt).await.status,
        StatusCode::NOT_FOUND
    );
    assert!(
        house
            .visitor()
            .get(&receipt)
            .await
            .location()
            .starts_with("/sign-in")
    );
    assert_eq!(
        nomsa.get("/receipts/RC-2026-000099").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn what_cannot_be_is_refused_beside_its_field() {
    let house = House::open().await;
    let booking = booked(&house).await;
    let nomsa = house.member("nomsa").await;
    let refused = async |payment: Payment<'_>, more: &[(&str, &str)], sentence: &str| {
        let page = pay_with(&nomsa, &payment, &key(), more).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{sentence}");
        assert!(page.says(sentence), "{sentence}: {}", page.text());
    };
    let booking = booking.as_str();
    refused(
        Payment {
            booking,
            amount: "0",
            ..TAKE
        },
        &[],
        "above zero",
    )
    .await;
    refused(
        Payment {
            booking,
            amount: "-5",
            ..TAKE
        },
        &[],
        "Enter an amount",
    )
    .await;
    refused(
        Payment {
            booking,
            amount: "10.05",
            method: "cash",
            ..TAKE
        },
        &[],
        "no coins below 10c",
    )
    .await;
    refused(
        Payment {
            booking,
            method: "cheque",
            ..TAKE
        },
        &[],
        "Say how it is paid",
    )
    .await;
    refused(
        Payment {
            booking,
            method: "eft",
            ..TAKE
        },
        &[],
        "day on which the bank",
    )
    .await;
    refused(
        Payment {
            booking,
            method: "eft",
            ..TAKE
        },
        &[("bank_date", "2026-11-25")],
        "yet to come",
    )
    .await;
    refused(
        Payment {
            booking,
            way: "back",
            ..TAKE
        },
        &[],
        "R0 was paid",
    )
    .await;
    let eft = [("bank_date", "2026-11-23"), ("bank_reference", "THANDEKA")];
    let taken = pay_with(
        &nomsa,
        &Payment {
            booking,
            method: "eft",
            ..TAKE
        },
        &key(),
        &eft,
    )
    .await;
    assert!(
        nomsa
            .follow(&taken)
            .await
            .says("on the bank’s statement of 23 Nov 2026 as THANDEKA")
    );
    for (member, extra) in [
        ("thandeka", StatusCode::NOT_FOUND),
        ("priya", StatusCode::NOT_FOUND),
    ] {
        let page = pay(&house.member(member).await, &Payment { booking, ..TAKE }).await;
        assert_eq!(page.status, extra, "members take no payments");
    }
}

#[tokio::test]
async fn many_at_once_never_give_back_more_than_was_paid_and_numbers_have_no_gap() {
    let house = House::open().await;
    let booking = booked(&house).await;
    let nomsa = house.member("nomsa").await;
    pay(
        &nomsa,
        &Payment {
            booking: &booking,
            amount: "200",
            ..TAKE
        },
    )
    .await;
    let mut tries = JoinSet::new();
    for _ in 0..8 {
        let (nomsa, booking) = (nomsa.clone(), booking.clone());
        tries.spawn(async move {
            pay(
                &nomsa,
                &Payment {
                    booking: &booking,
                    way: "back",
                    amount: "70",
                    ..TAKE
                },
            )
            .await
        });
    }
    let answers = tries.join_all().await;
    let given = answers
        .iter()
        .filter(|page| page.status == StatusCode::SEE_OTHER)
        .count();
    assert_eq!(given, 2, "twice 70 of 200, and not a third time");
    assert!(
        answers
            .iter()
            .all(|page| page.status != StatusCode::INTERNAL_SERVER_ERROR)
    );
    let thandeka = reference(&house, "thandeka").await;
    let on_account = Payment {
        member: &thandeka,
        way: "back",
        amount: "61",
        ..TAKE
    };
    assert!(pay(&nomsa, &on_account).await.says("R60 was paid"));
    let mut more = JoinSet::new();
    for _ in 0..8 {
        let (nomsa, thandeka) = (nomsa.clone(), thandeka.clone());
        more.spawn(async move {
            pay(
                &nomsa,
                &Payment {
                    member: &thandeka,
                    amount: "1",
                    ..TAKE
                },
            )
            .await
        });
    }
    more.join_all().await;
    let numbers: Vec<String> = sqlx::query_scalar(
        "select receipt from ledger_entries where receipt is not null order by receipt",
    )
    .fetch_all(&house.db)
    .await
    .unwrap();
    let expected: Vec<String> = (1..=11)
        .map(|number| format!("RC-2026-{number:06}"))
        .collect();
    assert_eq!(numbers, expected);
    let different: BTreeSet<&String> = numbers.iter().collect();
    assert_eq!(different.len(), 11);
}

#[tokio::test]
async fn of_two_who_give_the_same_money_back_at_once_one_is_refused() {
    let house = House::open().await;
    let booking = booked(&house).await;
    let nomsa = house.member("nomsa").await;
    let paid = Payment {
        booking: &booking,
        ..TAKE
    };
    pay(&nomsa, &paid).await;
    let back = Payment {
        way: "back",
        ..paid
    };
    // Both are as far as they get before either has its number.
    let mut tx = house.db.begin().await.unwrap();
    tx.execute("update document_numbers set last = last")
        .await
        .unwrap();
    let release = async {
        let waiting = "select count(*) from pg_stat_activity
            where datname = current_database() and application_name = 'connect-space' and wait_event_type = 'Lock'";
        while house.one::<i64>(waiting).await < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tx.commit().await.unwrap();
    };
    let (one, two, ()) = tokio::join!(pay(&nomsa, &back), pay(&nomsa, &back), release);
    let mut answers = [one.status.as_u16(), two.status.as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [303, 422]);
    let kept: i64 = house
        .one("select coalesce(sum(cents), 0)::bigint from ledger_entries where kind in ('payment', 'refund')")
        .await;
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn sent_twice_it_is_taken_once() {
    let house = House::open().await;
    let booking = booked(&house).await;
    let nomsa = house.member("nomsa").await;
    let (payment, one) = (
        Payment {
            booking: &booking,
            ..TAKE
        },
        key(),
    );
    let (a, b) = tokio::join!(
        pay_with(&nomsa, &payment, &one, &[]),
        pay_with(&nomsa, &payment, &one, &[])
    );
    assert_eq!(
        (a.location(), b.location()),
        ("/receipts/RC-2026-000001", "/receipts/RC-2026-000001")
    );
    let other = pay_with(
        &nomsa,
        &Payment {
            amount: "50",
            ..payment
        },
        &one,
        &[],
    )
    .await;
    assert!(other.says("sent before with other details"));
}

#[tokio::test]
async fn a_late_fee_is_waived_in_one_step_and_the_person_is_told_why() {
    let house = House::open_at("2026-11-26T05:30:00Z").await;
    let thandeka = house.member("thandeka").await;
    house
        .run("update members set paying_company_id = null")
        .await;
    let booking = thandeka
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    let nomsa = house.member("nomsa").await;
    let waiver = format!("/admin/bookings/{booking}/waiver");
    let early = nomsa.post(&waiver, &[("reason", "x")]).await;
    assert!(
        nomsa.follow(&early).await.says("No fee is left"),
        "a booking that stands has no fee"
    );
    thandeka
        .post::<&str, &str>(&format!("/bookings/{booking}/cancellation"), &[])
        .await;
    let owed: i64 = house
        .one("select sum(cents)::bigint from ledger_entries")
        .await;
    assert!(owed > 0, "late, so something is kept");
    let bare = nomsa.post(&waiver, &[("reason", " ")]).await;
    assert!(nomsa.follow(&bare).await.says("Say why"));
    let both = [("reason", "The generator failed"), ("tell", "yes")];
    tokio::join!(nomsa.post(&waiver, &both), nomsa.post(&waiver, &both));
    assert_eq!(
        house
            .one::<i64>("select sum(cents)::bigint from ledger_entries")
            .await,
        0,
        "waived once"
    );
    house.run("update jobs set run_at = now()").await;
    house.deliver_mail().await;
    let mails = house.mails("thandeka@example.com").await;
    assert!(
        mails
            .iter()
            .any(|mail| mail.text.contains("The generator failed"))
    );
}

async fn count(person: &Person, cash: &str, card: &str, note: &str) -> Page {
    let page = person.get("/admin/locations/musgrave/cash-up").await;
    let seen = page
        .html
        .split("name=\"seen\" value=\"")
        .nth(1)
        .map_or("nothing", |rest| rest.split('"').next().unwrap());
    let fields = [
        ("cash", cash),
        ("card", card),
        ("eft", "0"),
        ("note", note),
        ("seen", seen),
    ];
    person
        .post("/admin/locations/musgrave/cash-up", &fields)
        .await
}

#[tokio::test]
async fn the_till_is_counted_and_whatever_comes_later_is_in_the_next() {
    let house = House::open().await;
    house.run(STAFF).await;
    let booking = booked(&house).await;
    let (nomsa, here) = (house.member("nomsa").await, house.member("here").await);
    assert!(
        nomsa
            .get("/admin/cash-up")
            .await
            .location()
            .ends_with("/cash-up")
    );
    assert!(
        nomsa
            .get("/admin/locations/musgrave/cash-up")
            .await
            .says("Nothing was taken")
    );
    pay(
        &nomsa,
        &Payment {
            booking: &booking,
            method: "cash",
            ..TAKE
        },
    )
    .await;
    pay(
        &nomsa,
        &Payment {
            booking: &booking,
            amount: "80",
            ..TAKE
        },
    )
    .await;
    pay(
        &nomsa,
        &Payment {
            booking: &booking,
            way: "back",
            amount: "20",
            method: "cash",
            ..TAKE
        },
    )
    .await;
    let page = nomsa.get("/admin/locations/musgrave/cash-up").await;
    assert!(page.says("Expected R80.00"), "{}", page.text());
    assert!(
        nomsa
            .get("/admin/locations/paris/cash-up")
            .await
            .says("Nothing was taken"),
        "each counter its own"
    );
    let short = count(&nomsa, "70", "80", "").await;
    assert!(short.says("Say why, as far as you know"));
    assert!(short.html.contains("value=\"70\""));
    let stale = nomsa
        .post(
            "/admin/locations/musgrave/cash-up",
            &[
                ("cash", "80"),
                ("card", "80"),
                ("eft", "0"),
                ("seen", "1-RC-2026-000001"),
            ],
        )
        .await;
    assert!(stale.says("Money came in while you counted"));
    let closed = count(&nomsa, "70", "80", "Ten rand for milk").await;
    assert!(
        nomsa
            .follow(&closed)
            .await
            .says("Cash-up 1 of Musgrave is closed")
    );
    pay(
        &nomsa,
        &Payment {
            booking: &booking,
            amount: "10",
            ..TAKE
        },
    )
    .await;
    let (a, b) = tokio::join!(count(&nomsa, "0", "10", ""), count(&here, "0", "10", ""));
    let done = [a.status, b.status]
        .iter()
        .filter(|status| **status == StatusCode::SEE_OTHER)
        .count();
    assert_eq!(done, 1, "two who close at once close it once");
    let list = here.get("/admin/locations/musgrave/cash-ups").await;
    assert!(
        list.says("Ten rand for milk") && list.says("-R10.00") || list.says("−R10.00"),
        "{}",
        list.text()
    );
    let table = here.get("/admin/locations/musgrave/cash-ups.csv").await;
    assert_eq!(table.html.lines().count(), 7);
    for (name, path) in [
        ("nomsa", "/admin/locations/musgrave/cash-ups"),
        ("elsewhere", "/admin/locations/musgrave/cash-ups.csv"),
    ] {
        assert_eq!(
            house.member(name).await.get(path).await.status,
            StatusCode::NOT_FOUND
        );
    }
    let in_both: i64 = house.one("select count(*) from cash_up_entries").await;
    assert_eq!(in_both, 4);
}

#[tokio::test]
async fn the_file_of_cash_ups_has_every_one_however_many_there_are() {
    let house = House::open().await;
    house.run(STAFF).await;
    house
        .run("insert into cash_ups (id, location_id, number, on_date, closed_by)
              select gen_random_uuid(), l.id, n, date '2025-01-01' + n, m.id
              from generate_series(1, 1100) n, locations l, members m where l.slug = 'musgrave' and m.name = 'Nomsa Khumalo';
              insert into cash_up_counts (cash_up_id, method, expected_cents, counted_cents)
              select id, method, 100 * number, 100 * number from cash_ups, unnest(array['cash', 'card', 'eft']) method")
        .await;
    let table = house
        .member("here")
        .await
        .get("/admin/locations/musgrave/cash-ups.csv")
        .await;
    let lines: Vec<&str> = table.html.lines().collect();
    assert_eq!(lines.len(), 3301);
    assert!(lines[1].starts_with("1100,") && lines[3300].starts_with("1,"));
}

#[tokio::test]
async fn statements_of_others_are_for_managers() {
    let house = House::open().await;
    house.run(STAFF).await;
    booked(&house).await;
    let person = format!(
        "/admin/members/{}/statement",
        reference(&house, "thandeka").await
    );
    assert!(
        house
            .member("here")
            .await
            .get(&person)
            .await
            .says("R200.00")
    );
    assert_eq!(
        house.member("nomsa").await.get(&person).await.status,
        StatusCode::NOT_FOUND
    );
    assert!(
        house
            .member("owner")
            .await
            .get(&format!("{person}.csv"))
            .await
            .html
            .contains("200.00")
    );
}
