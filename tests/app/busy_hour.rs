//! What somebody with one person on the phone and one at the counter stumbled over.

use chrono::TimeDelta;
use reqwest::StatusCode;
use serde_json::json;

use crate::people::reference;
use crate::support::{House, Page, Person, key};

/// Types into the form as it stands and books.
async fn book(person: &Person, fields: &[(&str, &str)]) -> Page {
    let form = person
        .get("/admin/bookings/new")
        .await
        .form("/admin/bookings");
    let form = fields
        .iter()
        .fold(form, |form, (name, value)| form.with(name, value));
    person.submit(&form).await
}

/// Looks without booking, as the page does while somebody types.
async fn look(person: &Person, fields: &[(&str, &str)]) -> Page {
    let key = [("key", "00000000")];
    let pairs = [key.as_slice(), fields].concat();
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    person.get(&format!("/admin/bookings/new?{query}")).await
}

fn is_done(answer: &Page) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

fn is_refused(answer: &Page, words: &str) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.says(words), "no {words:?}: {}", answer.text());
}

const LIGHTHOUSE: [(&str, &str); 3] = [
    ("what", "lighthouse"),
    ("when", "wed 9-11"),
    ("who", "thandeka"),
];

#[tokio::test]
async fn a_closed_day_says_so_and_why_and_is_booked_with_a_reason() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let booked = [
        LIGHTHOUSE.as_slice(),
        &[("reason", "The caretaker is there")],
    ]
    .concat();
    let booked: Vec<_> = booked
        .into_iter()
        .map(|(name, value)| (name, if name == "when" { "sun 9-11" } else { value }))
        .collect();
    is_done(&book(&nomsa, &booked).await);
    let day = nomsa
        .get("/admin/day?location=musgrave&date=2026-11-29")
        .await;
    assert!(
        day.says("Musgrave is closed on Sun 29 November: it is not open on Sundays.")
            && day.says("What is booked stays.")
            && day.says("Thandeka Mkhize"),
        "{}",
        day.text()
    );
    let gap = "/admin/bookings/new?space=pier&date=2026-11-29&from=08%3A00&until=13%3A00";
    assert!(day.links().contains(&gap.to_owned()), "{:?}", day.links());
    let page = nomsa.get(gap).await;
    assert!(
        page.says("Musgrave is closed on Sun 29 November"),
        "{}",
        page.text()
    );
    assert!(
        page.html
            .contains("<details class=\"more\" open><summary>Pencil"),
        "the reason is asked for"
    );
    let lane = nomsa
        .get("/admin/day?location=musgrave&date=2026-11-29&space=pier")
        .await;
    assert!(lane.says("Book all the same"), "{}", lane.text());
    let holiday = nomsa
        .get("/admin/day?location=musgrave&date=2026-12-16")
        .await;
    assert!(
        holiday.says("Musgrave is closed on Wed 16 December: Day of Reconciliation."),
        "{}",
        holiday.text()
    );
    let past = nomsa
        .get("/admin/day?location=musgrave&date=2026-11-22")
        .await;
    assert!(past.says("What was booked is below.") && !past.says("all the same"));
}

#[tokio::test]
async fn a_whole_sentence_in_the_first_field_goes_where_it_belongs() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let page = look(&nomsa, &[("what", "pier wed 9-11 4 people")]).await;
    let form = page.form("/admin/bookings");
    let fields = ["what", "when", "people"].map(|field| form.get(field).to_owned());
    assert_eq!(fields, ["pier", "wed 9-11", "4"]);
    assert!(page.says("Wed 25 November, 09:00–11:00"), "{}", page.text());
    let booked = [("what", "pier wed 9-11 4 people"), ("who", "thandeka")];
    is_done(&book(&nomsa, &booked).await);
    let people: i32 = house.one("select people from bookings").await;
    assert_eq!(people, 4);
    let page = look(&nomsa, &[("what", "nowhere wed 9-11")]).await;
    assert_eq!(page.form("/admin/bookings").get("what"), "nowhere wed 9-11");
}

#[tokio::test]
async fn clearing_and_setting_up_are_drawn_and_said() {
    let house = House::open().await;
    let (thandeka, nomsa) = (house.member("thandeka").await, house.member("nomsa").await);
    let hall = thandeka.book("hall", "2026-11-24", "10:00", "13:00").await;
    let day = nomsa
        .get("/admin/day?location=musgrave&date=2026-11-24")
        .await;
    assert!(
        day.says("Set-up 09:30–10:00") && day.says("Clearing 13:00–13:15"),
        "{}",
        day.text()
    );
    assert_eq!(day.html.matches(&format!("data-of=\"{hall}\"")).count(), 2);
    let lane = nomsa
        .get("/admin/day?location=musgrave&date=2026-11-24&space=hall")
        .await;
    assert!(lane.says("13:00–13:15 Clearing"), "{}", lane.text());
    let pier = thandeka.book("pier", "2026-11-24", "10:00", "13:00").await;
    let day = nomsa
        .get("/admin/day?location=musgrave&date=2026-11-24")
        .await;
    assert!(!day.html.contains(&format!("data-of=\"{pier}\"")));
}

#[tokio::test]
async fn a_number_that_somebody_has_is_theirs_unless_somebody_says_otherwise() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let guest = [
        ("what", "lighthouse"),
        ("when", "wed 9-11"),
        ("guest_name", "Thandi"),
        ("guest_phone", "082 000 0001"),
    ];
    let asked = look(&nomsa, &guest).await;
    assert!(
        asked.says("Thandeka Mkhize , Umoya Designs, has 082 000 0001 already"),
        "{}",
        asked.text()
    );
    is_refused(&book(&nomsa, &guest).await, "Thandeka Mkhize (CM-");
    let people = "select count(*) from members";
    let before: i64 = house.one(people).await;
    // She is meant after all, and nothing that was typed is lost.
    let id: String = house
        .one("select id::text from members where email = 'thandeka@example.com'")
        .await;
    let known = look(
        &nomsa,
        &[guest.as_slice(), &[("title", "Board"), ("known", &id)]].concat(),
    )
    .await;
    let form = known.form("/admin/bookings");
    assert_eq!(
        (
            form.get("who"),
            form.get("guest_name"),
            form.get("title"),
            form.get("when")
        ),
        ("Thandeka Mkhize", "", "Board", "wed 9-11")
    );
    is_done(&nomsa.submit(&form.with("space", "lighthouse")).await);
    assert_eq!(
        house.one::<i64>(people).await,
        before,
        "nobody is written down twice"
    );
    // Somebody else with the same number is.
    let other = [
        guest.as_slice(),
        &[("when", "thu 9-11"), ("same_phone", "yes")],
    ]
    .concat();
    let other: Vec<_> = other
        .into_iter()
        .filter(|(name, value)| *name != "when" || *value == "thu 9-11")
        .collect();
    is_done(&book(&nomsa, &other).await);
    assert_eq!(house.one::<i64>(people).await, before + 1);
    let api = house.api("nomsa").await;
    let wish = json!({"space": "pier", "from": "2026-11-25T09:00", "until": "2026-11-25T11:00",
                      "guest": {"name": "Thandi", "phone": "0820000001"}});
    assert_eq!(api.post("/bookings", &wish).await.problem(), "phone-known");
}

#[tokio::test]
async fn whom_nobody_knows_is_a_new_guest_with_what_was_typed() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let asked = look(&nomsa, &[("who", "Lerato Dube")]).await;
    assert!(asked.says("New guest: Lerato Dube"), "{}", asked.text());
    for (who, field) in [
        ("Lerato Dube", "guest_name"),
        ("083 111 4567", "guest_phone"),
        ("lerato@example.com", "guest_email"),
    ] {
        let taken = look(&nomsa, &[("who", who), ("newcomer", "yes")]).await;
        let form = taken.form("/admin/bookings");
        assert_eq!((form.get(field), form.get("who")), (who, ""));
    }
    // Pressing Book at once takes the name over as well, and asks for the number alone.
    let wish = [
        ("what", "lighthouse"),
        ("when", "wed 9-11"),
        ("who", "Lerato Dube"),
    ];
    let refused = book(&nomsa, &wish).await;
    is_refused(
        &refused,
        "Nobody we know is called so. Add their phone number",
    );
    let form = refused.form("/admin/bookings");
    assert_eq!(
        (form.get("guest_name"), form.get("who")),
        ("Lerato Dube", "")
    );
    is_done(
        &nomsa
            .submit(&form.with("guest_phone", "083 111 4567"))
            .await,
    );
    let made: String = house
        .one("select m.name || ' ' || m.phone from bookings b join members m on m.id = b.member_id")
        .await;
    assert_eq!(made, "Lerato Dube +27831114567");
    // Somebody who is known is not offered as new.
    let known = look(&nomsa, &[("who", "thandeka")]).await;
    assert!(!known.says("New guest: thandeka"), "{}", known.text());
}

#[tokio::test]
async fn what_is_due_is_said_whatever_its_age() {
    let house = House::open().await;
    house
        .run("update members set paying_company_id = null")
        .await;
    let thandeka = house.member("thandeka").await;
    thandeka.book("pier", "2026-11-26", "09:00", "10:00").await;
    let nomsa = house.member("nomsa").await;
    let page = look(&nomsa, &LIGHTHOUSE).await;
    assert!(
        page.says("R200 is due on their account; none of it is overdue."),
        "{}",
        page.text()
    );
    assert!(page.html.contains("<div class=\"banner \">"), "no alarm");
    house
        .run(
            "alter table ledger_entries disable trigger all;
              update ledger_entries set created_at = created_at - interval '40 days';
              alter table ledger_entries enable trigger all",
        )
        .await;
    house.app.clock.shift(TimeDelta::zero());
    let late = look(&nomsa, &LIGHTHOUSE).await;
    assert!(late.says("R200 is overdue"), "{}", late.text());
}

#[tokio::test]
async fn another_day_keeps_the_house_and_says_what_is_the_matter_with_it() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let wish = [
        ("what", "room"),
        ("who", "priya"),
        ("people", "2"),
        ("space", "pier"),
    ];
    let wed = look(&nomsa, &[wish.as_slice(), &[("when", "wed 9-11")]].concat()).await;
    assert_eq!(wed.form("/admin/bookings").get("space"), "pier");
    // Closed: the house is kept, with a reason asked for, and others follow.
    let sunday = look(&nomsa, &[wish.as_slice(), &[("when", "sun 9-11")]].concat()).await;
    assert_eq!(sunday.form("/admin/bookings").get("space"), "pier");
    assert!(
        sunday.says("Musgrave is closed on Sun 29 November") && sunday.says("Seine"),
        "{}",
        sunday.text()
    );
    is_refused(
        &book(&nomsa, &[wish.as_slice(), &[("when", "sun 9-11")]].concat()).await,
        "Say why it is booked all the same",
    );
    // Full: nothing elsewhere is ticked, so that nothing is booked unseen.
    let api = house.api("thandeka").await;
    for space in ["lighthouse", "pier", "dune"] {
        api.book(space, "2026-11-26T09:00", "2026-11-26T11:00")
            .await;
    }
    let wish = [
        ("what", "room"),
        ("who", "priya"),
        ("people", "2"),
        ("space", "pier"),
        ("when", "thu 9-11"),
    ];
    let full = look(&nomsa, &wish).await;
    assert!(
        full.says("Nothing that fits is free in Musgrave then."),
        "{}",
        full.text()
    );
    assert_eq!(
        full.form("/admin/bookings").get("space"),
        "",
        "no other house is chosen"
    );
    is_refused(&book(&nomsa, &wish).await, "Choose one of these");
    assert_eq!(
        house
            .one::<i64>("select count(*) from bookings where channel <> 'api'")
            .await,
        0
    );
}

#[tokio::test]
async fn a_pencil_is_echoed_and_never_slips_into_the_evening() {
    let house = House::open_at("2026-11-24T08:30:00Z").await;
    let nomsa = house.member("nomsa").await;
    let page = look(
        &nomsa,
        &[LIGHTHOUSE.as_slice(), &[("pencil", "12:00")]].concat(),
    )
    .await;
    assert!(page.says("Held till 12:00 today."), "{}", page.text());
    let page = look(
        &nomsa,
        &[LIGHTHOUSE.as_slice(), &[("pencil", "3")]].concat(),
    )
    .await;
    assert!(
        page.says("Held till 15:00 today."),
        "within the hours: {}",
        page.text()
    );
    let page = look(
        &nomsa,
        &[LIGHTHOUSE.as_slice(), &[("pencil", "tomorrow 8")]].concat(),
    )
    .await;
    assert!(
        page.says("Held till Wed 25 November, 08:00."),
        "{}",
        page.text()
    );
    let passed = [LIGHTHOUSE.as_slice(), &[("pencil", "8:00")]].concat();
    is_refused(
        &book(&nomsa, &passed).await,
        "08:00 today has passed. Say tomorrow 8:00, or 20:00.",
    );
    assert_eq!(house.one::<i64>("select count(*) from bookings").await, 0);
}

#[tokio::test]
async fn what_was_just_booked_is_taken_back_and_nobody_hears_of_it() {
    let house = House::open().await;
    house
        .run("update members set paying_company_id = null")
        .await;
    let nomsa = house.member("nomsa").await;
    let booked = book(&nomsa, &LIGHTHOUSE).await;
    is_done(&booked);
    let page = nomsa.follow(&booked).await;
    assert!(page.says("Book for somebody else") && page.says("Another for Thandeka Mkhize"));
    assert_eq!(
        page.html.matches(">Undo</button>").count(),
        1,
        "one way back"
    );
    let booking: String = house.one("select reference from bookings").await;
    let undo = page.form(&format!("/admin/bookings/{booking}/undo"));
    let undone = nomsa.follow(&nomsa.submit(&undo).await).await;
    assert!(
        undone.says(&format!(
            "Taken back: {booking} is cancelled, nothing is charged, and nobody was told."
        )),
        "{}",
        undone.text()
    );
    let left: String = house
        .one("select concat_ws(' ', status, (select sum(cents) from ledger_entries), (select count(*) from occupancies where active),
                               (select count(*) from jobs where payload ->> 'kind' like 'booking%')) from bookings")
        .await;
    assert_eq!(left, "cancelled 0 0 0");
    let again = nomsa.follow(&nomsa.submit(&undo).await).await;
    assert!(
        again.says("There is nothing to take back any more"),
        "{}",
        again.text()
    );
    // After two minutes it stands, and the mail leaves.
    is_done(&book(&nomsa, &LIGHTHOUSE).await);
    house
        .run(
            "update booking_changes set made_at = made_at - interval '3 minutes';
              update jobs set run_at = run_at - interval '3 minutes'",
        )
        .await;
    house.deliver_mail().await;
    assert_eq!(house.mails("thandeka@example.com").await.len(), 1);
    let second: String = house
        .one("select reference from bookings where status = 'confirmed'")
        .await;
    let late = nomsa
        .post(&format!("/admin/bookings/{second}/undo"), &[("back", "")])
        .await;
    assert!(
        nomsa
            .follow(&late)
            .await
            .says("There is nothing to take back any more")
    );
}

#[tokio::test]
async fn after_a_cancellation_there_is_one_way_back() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let thandeka = house.member("thandeka").await;
    let booking = thandeka.book("pier", "2026-11-26", "09:00", "10:00").await;
    let path = format!("/admin/bookings/{booking}/cancellation");
    let form = nomsa
        .get(&format!("/admin/bookings/{booking}"))
        .await
        .form(&path);
    let page = nomsa.follow(&nomsa.submit(&form).await).await;
    assert_eq!(
        page.html.matches(">Undo</button>").count(),
        1,
        "{}",
        page.text()
    );
    let later = nomsa.get(&format!("/admin/bookings/{booking}")).await;
    assert!(
        later.says("The last change can be taken back"),
        "also on the page opened anew"
    );
}

#[tokio::test]
async fn who_pays_first_pays_and_is_booked_in_one() {
    let house = House::open_at("2026-11-24T07:07:00Z").await;
    house
        .run("update members set paying_company_id = null;
              update members set standing = 'pay_first', standing_reason = 'Owed us' where email = 'thandeka@example.com'")
        .await;
    let nomsa = house.member("nomsa").await;
    let wish = [
        ("what", "lighthouse"),
        ("when", "now for 1h"),
        ("who", "thandeka"),
    ];
    is_refused(&book(&nomsa, &wish).await, "They pay before booking");
    assert_eq!(
        house
            .one::<i64>("select count(*) from ledger_entries")
            .await,
        0
    );
    let page = look(&nomsa, &wish).await;
    assert!(
        page.says("R200 in cash") && page.says("By card"),
        "{}",
        page.text()
    );
    let paid = [wish.as_slice(), &[("paid", "card")]].concat();
    let booked = book(&nomsa, &paid).await;
    is_done(&booked);
    let made: String = house
        .one("select concat_ws(' ', b.status, b.channel, due_on(b.id), e.method, -e.cents, l.slug, e.receipt) from bookings b
              join ledger_entries e on e.booking_id = b.id and e.kind = 'payment' join locations l on l.id = e.location_id
              where b.status = 'confirmed'")
        .await;
    assert_eq!(made, "confirmed desk 0 card 20000 musgrave RC-2026-000001");
    // What happened holds the money, its receipt and the words for it.
    let page = nomsa.follow(&booked).await;
    assert!(
        page.says("Paid Nomsa Khumalo")
            && page.says("R200.00, card machine")
            && page.says("Receipt RC-2026-000001"),
        "{}",
        page.text()
    );
    assert!(!page.says("Undo"), "money has passed");
    // The receipt leads staff to their own pages.
    let receipt = nomsa.get("/receipts/RC-2026-000001").await;
    let booking: String = house
        .one("select reference from bookings where status = 'confirmed'")
        .await;
    let person = format!("/admin/members/{}", reference(&house, "thandeka").await);
    let links = receipt.links();
    assert!(
        links.contains(&format!("/admin/bookings/{booking}")) && links.contains(&person),
        "{links:?}"
    );
    let own = house
        .member("thandeka")
        .await
        .get("/receipts/RC-2026-000001")
        .await;
    assert!(own.links().contains(&format!("/bookings/{booking}")));
    assert!(!own.html.contains("/admin/"), "and members to theirs");
    let api = house.api("nomsa").await;
    let wish = json!({"space": "pier", "from": "2026-11-25T09:00", "until": "2026-11-25T10:00",
                      "on_behalf_of": "thandeka@example.com", "paid": "eft"});
    assert_eq!(api.post("/bookings", &wish).await.problem(), "bad-method");
    let mut cash = wish.clone();
    cash["paid"] = json!("cash");
    assert_eq!(
        api.post("/bookings", &cash).await.status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn whoever_has_no_address_is_not_offered_a_mail() {
    let house = House::open().await;
    house
        .run("insert into members (id, name, phone) values (gen_random_uuid(), 'Walter Nolan', '+27820000099')")
        .await;
    let nomsa = house.member("nomsa").await;
    let page = look(
        &nomsa,
        &[("what", "pier"), ("when", "wed 9-11"), ("who", "walter")],
    )
    .await;
    assert!(
        page.says("They have no email address: nothing is mailed.")
            && !page.says("Tell them by mail"),
        "{}",
        page.text()
    );
    let with = look(&nomsa, &LIGHTHOUSE).await;
    assert!(
        with.says("Tell them by mail") && with.says("They ask On the phone At the desk"),
        "{}",
        with.text()
    );
    assert!(!with.says("By itself"));
}

#[tokio::test]
async fn nothing_is_kept_for_a_reason_alone() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let thandeka = house.member("thandeka").await;
    // An hour ahead, when all of it would be kept.
    let booking = thandeka.book("pier", "2026-11-24", "07:00", "08:00").await;
    let path = format!("/admin/bookings/{booking}/cancellation");
    let form = nomsa
        .get(&format!("/admin/bookings/{booking}"))
        .await
        .form(&path)
        .with("in_full", "yes");
    is_refused(
        &nomsa.submit(&form).await,
        "Say in a few words why nothing is kept",
    );
    let api = house.api("nomsa").await;
    let path = format!("/bookings/{booking}/cancellation");
    let body = json!({"because": "member", "in_full": true});
    assert_eq!(api.post(&path, &body).await.problem(), "no-reason");
    is_done(&nomsa.submit(&form.with("note", "Her child is ill")).await);
    let kept: i64 = house.one("select kept_cents from bookings").await;
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn a_closure_is_taken_back_at_once_and_so_is_a_refund() {
    let house = House::open().await;
    let (thandeka, nomsa) = (house.member("thandeka").await, house.member("nomsa").await);
    let early = thandeka.book("pier", "2026-11-25", "09:00", "10:00").await;
    let late = thandeka.book("pier", "2026-11-26", "09:00", "10:00").await;
    let form = nomsa.get("/admin/closures").await.form("/admin/closures");
    let closed = form
        .clone()
        .with("close", "space:pier")
        .with("reason", "A leak");
    let closed = nomsa.submit(&closed).await;
    let address = closed.location().to_owned();
    let page = nomsa.follow(&closed).await;
    assert!(
        page.says("A leak") && page.says("2 can be moved at the same price."),
        "{}",
        page.text()
    );
    let text = page.text();
    let (wed, thu) = (
        text.find("Wed 25 November 1"),
        text.find("Thu 26 November 1"),
    );
    assert!(wed.is_some() && wed < thu, "day by day: {text}");
    assert!(page.links().contains(&format!("/admin/bookings/{early}")));
    // The first one is refunded, and taken back.
    let row = format!("{address}/bookings/{early}/outcome");
    let refund = page
        .form(&row)
        .with("outcome", "refunded")
        .with("tell", "yes");
    let done = nomsa.follow(&nomsa.submit(&refund).await).await;
    assert!(done.says("Refunded in full"), "{}", done.text());
    let back = done.form(&row).with("outcome", "again");
    let undone = nomsa.follow(&nomsa.submit(&back).await).await;
    assert!(
        undone.says(&format!("{early} waits again.")),
        "{}",
        undone.text()
    );
    let state = "select concat_ws(' ', b.status, due_on(b.id), (select count(*) from occupancies o where o.booking_id = b.id and o.active))
                 from bookings b order by lower(during) limit 1";
    assert_eq!(house.one::<String>(state).await, "confirmed 20000 1");
    house
        .run("update jobs set run_at = now() where status = 'waiting'")
        .await;
    house.deliver_mail().await;
    let mails = house.mails("thandeka@example.com").await;
    assert!(
        mails
            .iter()
            .all(|mail| !mail.subject.contains("had to cancel"))
    );
    // After two minutes it stands.
    let again = undone
        .form(&row)
        .with("outcome", "refunded")
        .without("tell");
    nomsa.submit(&again).await;
    house
        .run("update booking_changes set made_at = made_at - interval '3 minutes'")
        .await;
    let stands = nomsa.get(&address).await;
    assert!(stands.find_form(&row).is_none(), "no way back is shown");
    let other = format!("{address}/bookings/{late}/outcome");
    assert!(stands.find_form(&other).is_some());
    // Stopping itself is taken back with one press.
    let dune = nomsa.submit(&form.with("close", "space:dune")).await;
    let opened = nomsa.follow(&dune).await;
    let undo = opened.form(&format!("{}/reopening", dune.location()));
    let open = nomsa.follow(&nomsa.submit(&undo).await).await;
    assert!(open.says("It takes bookings again"), "{}", open.text());
    let wish = house.api("thandeka").await;
    let booked = wish
        .book("dune", "2026-11-27T09:00", "2026-11-27T10:00")
        .await;
    assert_eq!(booked.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_walk_in_who_only_looks_is_a_viewing_and_comes_among_the_arrivals() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let page = nomsa
        .get("/admin/viewings/new?key=00000000&channel=desk&guest_name=Lerato+Dube&guest_phone=083+111+4567&people=4")
        .await;
    let form = page.form("/admin/viewings/new");
    assert_eq!(
        (
            form.get("name"),
            form.get("phone"),
            form.get("people"),
            form.get("source")
        ),
        ("Lerato Dube", "083 111 4567", "4", "walk_in")
    );
    is_done(&nomsa.submit(&form).await);
    let id: String = house
        .one("select id::text from members where email = 'thandeka@example.com'")
        .await;
    let known = nomsa
        .get(&format!(
            "/admin/viewings/new?key=00000000&member={id}&who=Thandeka"
        ))
        .await;
    assert_eq!(
        known.form("/admin/viewings/new").get("email"),
        "thandeka@example.com"
    );
    house
        .run("update viewings set status = 'scheduled', during = '[2026-11-24 08:00Z,2026-11-24 08:30Z)',
                                  guide_id = (select id from members where email = 'nomsa@example.com')")
        .await;
    let arrivals = nomsa.get("/admin/arrivals").await;
    assert!(
        arrivals.says("1 today")
            && arrivals.says("Lerato Dube")
            && arrivals.says("Viewing, Musgrave"),
        "{}",
        arrivals.text()
    );
    for (typed, found) in [("ler", true), ("4567", true), ("zzz", false)] {
        let page = nomsa.get(&format!("/admin/arrivals?q={typed}")).await;
        assert_eq!(page.says("Viewing, Musgrave"), found, "{typed}");
    }
}

#[tokio::test]
async fn what_is_looked_for_leads_straight_there_and_today_comes_first() {
    let house = House::open().await;
    let (thandeka, nomsa) = (house.member("thandeka").await, house.member("nomsa").await);
    let later = thandeka.book("pier", "2026-11-27", "09:00", "10:00").await;
    let today = thandeka.book("pier", "2026-11-24", "09:00", "10:00").await;
    let soon = thandeka
        .book("lighthouse", "2026-11-24", "11:00", "12:00")
        .await;
    let found = nomsa.get("/admin/bookings?q=thandeka").await;
    let text = found.text();
    let at = |reference: &str| text.find(reference).unwrap();
    assert!(at(&today) < at(&soon) && at(&soon) < at(&later), "{text}");
    let person = format!("/admin/members/{}", reference(&house, "thandeka").await);
    let straight = |page: &Page| {
        let links = page.links();
        let first = page
            .html
            .find("Straight to")
            .map(|at| page.html[at..].to_owned());
        (links, first)
    };
    let (links, first) = straight(&found);
    assert!(links.contains(&person), "{links:?}");
    let first = first.unwrap();
    let focus = first.find("autofocus").unwrap();
    assert!(
        first[..focus].ends_with(&format!("href=\"{person}\" ")),
        "the first has the focus"
    );
    let exact = nomsa
        .get(&format!("/admin/bookings?q={}", later.to_lowercase()))
        .await;
    let (_, first) = straight(&exact);
    assert!(
        first
            .unwrap()
            .contains(&format!("href=\"/admin/bookings/{later}\" autofocus"))
    );
    let company = nomsa.get("/admin/bookings?q=umoya").await;
    assert!(
        company
            .links()
            .iter()
            .any(|link| link.starts_with("/admin/companies/umoya")),
        "{:?}",
        company.links()
    );
    let space = nomsa.get("/admin/bookings?q=pier").await;
    assert!(
        space
            .links()
            .contains(&"/admin/day?location=musgrave&space=pier".to_owned()),
        "{:?}",
        space.links()
    );
    let sorted = nomsa.get("/admin/bookings?q=thandeka&sort=start").await;
    assert!(
        !sorted.says("Straight to"),
        "an order that was chosen is kept"
    );
    let nothing = nomsa.get("/admin/bookings?q=%25").await;
    assert!(
        nothing.says("No booking is like that"),
        "{}",
        nothing.text()
    );
}

#[tokio::test]
async fn typing_begins_where_it_is_needed() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    house
        .run("insert into questions (id, reference, location_id, name, email, body, answer_by)
              select gen_random_uuid(), 'Q-22222', id, 'Lindiwe', 'lindiwe@example.com', 'Why?', now() from locations where slug = 'musgrave'")
        .await;
    let taken = [
        ("member", reference(&house, "thandeka").await),
        ("way", "in".to_owned()),
        ("amount", "100".to_owned()),
        ("method", "card".to_owned()),
        ("location", "musgrave".to_owned()),
        ("key", key()),
    ];
    is_done(&nomsa.post("/admin/payments/new", &taken).await);
    for (path, id) in [
        ("/admin/members", "words"),
        ("/admin/bookings", "q"),
        ("/admin/viewings/new", "name"),
        ("/admin/closures", "close"),
        ("/admin/questions/Q-22222", "body"),
        ("/admin/locations/musgrave/cash-up", "cash"),
        ("/admin/bookings/new", "what"),
    ] {
        let page = nomsa.get(path).await;
        let focused: Vec<&str> = page
            .html
            .split('<')
            .filter(|tag| tag.split('>').next().unwrap().contains(" autofocus"))
            .collect();
        assert_eq!(focused.len(), 1, "{path}: {focused:?}");
        assert!(
            focused[0].contains(&format!("id=\"{id}\"")),
            "{path}: {}",
            focused[0]
        );
    }
}

#[tokio::test]
async fn a_hold_in_a_hidden_space_leads_its_member_nowhere_that_is_not_theirs() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    house
        .run("update spaces set status = 'hidden' where slug = 'pier'")
        .await;
    let wish = [
        ("what", "pier"),
        ("when", "wed 9-11"),
        ("who", "thandeka"),
        ("pencil", "12:00"),
    ];
    is_done(&book(&nomsa, &wish).await);
    let booking: String = house.one("select reference from bookings").await;
    let thandeka = house.member("thandeka").await;
    let page = thandeka
        .get(&format!("/bookings/{booking}/confirmation"))
        .await;
    assert!(
        page.says("Pier") && !page.says("Change it"),
        "{}",
        page.text()
    );
    house
        .run("update spaces set status = 'active' where slug = 'pier'")
        .await;
    let page = thandeka
        .get(&format!("/bookings/{booking}/confirmation"))
        .await;
    assert!(page.says("Change it"));
}

#[tokio::test]
async fn a_location_that_closed_for_good_is_open_no_more_in_its_reports() {
    let house = House::open().await;
    house.run(crate::people::STAFF).await;
    house
        .run(
            "update spaces set since = '2020-01-01';
              update locations set status = 'closed' where slug = 'paris';
              update locations set closed_on = '2026-11-11' where slug = 'paris'",
        )
        .await;
    let owner = house.api("owner").await;
    let open = async |days: &str| {
        let path = format!("/reports/kinds?location=paris&{days}");
        let report = owner.get(&path).await;
        let rows = report.json["rows"].as_array().unwrap().clone();
        let row = rows.iter().find(|row| row.to_string().contains("Meeting"));
        row.map(|row| row.to_string()).unwrap_or_default()
    };
    let all = open("first=2026-11-01&last=2026-11-30").await;
    let until = open("first=2026-11-01&last=2026-11-10").await;
    let after = open("first=2026-11-11&last=2026-11-30").await;
    assert_eq!(all, until, "ten days of it");
    assert!(until.contains("240"), "{until}");
    assert!(!after.contains("480"), "{after}");
    house
        .run("update locations set status = 'open' where slug = 'paris'")
        .await;
    let again = open("first=2026-11-11&last=2026-11-30").await;
    assert!(again.contains("480"), "{again}");
}
