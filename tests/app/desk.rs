//! Booking for somebody at the front desk.
use reqwest::StatusCode;
use serde_json::Value;

use crate::support::{House, Page, Person, key};

/// Types into the form as it stands and books.
async fn book(person: &Person, fields: &[(&str, &str)]) -> Page {
    let page = person.get("/admin/bookings/new").await;
    let form = page.form("/admin/bookings");
    let form = fields
        .iter()
        .fold(form, |form, (name, value)| form.with(name, value));
    person.submit(&form).await
}

const LIGHTHOUSE: [(&str, &str); 3] = [
    ("what", "lighthouse"),
    ("when", "wed 9-11"),
    ("who", "thandeka"),
];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let named = |name: &str| more.iter().any(|(other, _)| *other == name);
    let usual = LIGHTHOUSE.iter().filter(|(name, _)| !named(name));
    usual.chain(more).copied().collect()
}

fn is_done(answer: &Page) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

fn is_refused(answer: &Page, words: &str) {
    assert_eq!(
        answer.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        answer.text()
    );
    assert!(answer.says(words), "no {words:?}: {}", answer.text());
}

/// A manager of Musgrave, one of Paris, and an owner.
const MANAGERS: &str = "
    insert into members (id, name, email, email_verified_at)
    select gen_random_uuid(), name, name || '@example.com', now()
    from unnest(array['manager-here', 'manager-elsewhere', 'owner']) name;
    insert into staff (member_id, role, location_id)
    select m.id, role, l.id from (values
        ('manager-here', 'manager', 'musgrave'), ('manager-elsewhere', 'manager', 'paris'), ('owner', 'owner', null)
    ) as s (name, role, slug) join members m on m.name = s.name left join locations l on l.slug = s.slug";

async fn audited(house: &House, verb: &str) -> Vec<Value> {
    let sql = "select detail || jsonb_build_object('actor', m.name) from audit_events a left join members m on m.id = a.actor_id where verb = $1 order by a.at";
    sqlx::query_scalar(sql)
        .bind(verb)
        .fetch_all(&house.db)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_booking_by_phone_is_the_members_and_says_who_made_it() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    is_done(&book(&nomsa, &LIGHTHOUSE).await);
    let made: String = house
        .one(
            "select b.channel || ' ' || b.status || ' ' || c.name || ' for ' || m.name || ' ' || b.total_cents
             from bookings b join members c on c.id = b.created_by join members m on m.id = b.member_id",
        )
        .await;
    assert_eq!(
        made,
        "phone confirmed Nomsa Khumalo for Thandeka Mkhize 40000"
    );
    let owed: i64 = house
        .one("select sum(e.cents)::bigint from ledger_entries e join accounts a on a.id = e.account_id join members m on m.id = a.member_id where m.name = 'Thandeka Mkhize'")
        .await;
    assert_eq!(owed, 40_000);
    let thandeka = house.member("thandeka").await;
    assert!(thandeka.get("/bookings").await.says("Lighthouse"));
}

#[tokio::test]
async fn the_mail_waits_two_minutes_and_only_goes_where_it_was_asked_for() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    is_done(&book(&nomsa, &LIGHTHOUSE).await);
    assert_eq!(house.deliver_mail().await, 0);
    house
        .run("update jobs set run_at = run_at - interval '2 minutes'")
        .await;
    assert_eq!(house.deliver_mail().await, 1);
    assert_eq!(house.mails("thandeka@example.com").await.len(), 1);
    is_done(&book(&nomsa, &with(&[("when", "thu 9-11"), ("tell", "no")])).await);
    let jobs: i64 = house
        .one("select count(*) from jobs where status = 'waiting'")
        .await;
    assert_eq!(jobs, 0);
}

#[tokio::test]
async fn rules_are_set_aside_with_a_reason_that_is_kept_and_overlap_never() {
    // cases O4, G12
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let sunday = with(&[("when", "sun 9-11")]);
    is_refused(&book(&nomsa, &sunday).await, "closed on Sun 29 November");
    let reason = ("reason", "The caretaker lets them in");
    is_done(&book(&nomsa, &[sunday.as_slice(), &[reason]].concat()).await);
    let kept = audited(&house, "set rules aside").await;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0]["rules"], serde_json::json!(["closed-day"]));
    assert_eq!(kept[0]["reason"], "The caretaker lets them in");
    assert_eq!(kept[0]["actor"], "Nomsa Khumalo");
    let again = with(&[("when", "sun 10-12"), ("who", "sipho"), reason]);
    is_refused(&book(&nomsa, &again).await, "taken");
    let bookings: i64 = house.one("select count(*) from bookings").await;
    assert_eq!(bookings, 1);
}

#[tokio::test]
async fn staff_may_book_at_shorter_notice_than_members() {
    // case D4
    let house = House::open().await;
    house
        .run("update booking_policies set notice_minutes = 120 where name = 'rooms'")
        .await;
    let thandeka = house.member("thandeka").await;
    let refused = thandeka
        .hold("lighthouse", "2026-11-24", "07:30", "08:30")
        .await;
    is_refused(&refused, "is booked at least 2 hours ahead");
    let nomsa = house.member("nomsa").await;
    let soon = with(&[("when", "today 7:30-8:30")]);
    is_refused(
        &book(&nomsa, &soon).await,
        "Say why it is booked all the same",
    );
    is_done(
        &book(
            &nomsa,
            &[soon.as_slice(), &[("reason", "On their way")]].concat(),
        )
        .await,
    );
    assert_eq!(
        audited(&house, "set rules aside").await[0]["rules"][0],
        "too-soon"
    );
}

#[tokio::test]
async fn of_staff_and_a_member_at_once_one_gets_the_room() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let sipho = house.member("sipho").await;
    let form = nomsa
        .get("/admin/bookings/new")
        .await
        .form("/admin/bookings");
    let form = LIGHTHOUSE
        .iter()
        .fold(form, |form, (name, value)| form.with(name, value));
    let (by_staff, by_member) = tokio::join!(
        nomsa.submit(&form),
        sipho.hold("lighthouse", "2026-11-25", "10:00", "12:00")
    );
    let statuses = [by_staff.status, by_member.status];
    let won = statuses
        .iter()
        .filter(|status| **status == StatusCode::SEE_OTHER)
        .count();
    let lost = statuses
        .iter()
        .filter(|status| **status == StatusCode::UNPROCESSABLE_ENTITY)
        .count();
    assert_eq!((won, lost), (1, 1), "{statuses:?}");
    let active: i64 = house
        .one("select count(*) from occupancies where active")
        .await;
    assert_eq!(active, 1);
}

#[tokio::test]
async fn only_who_manages_the_location_agrees_on_another_price() {
    let house = House::open().await;
    house.run(MANAGERS).await;
    let agreed = with(&[
        ("price", "R300"),
        ("price_reason", "A third visit this week"),
    ]);
    for name in ["nomsa", "manager-elsewhere"] {
        let person = house.member(name).await;
        is_refused(
            &book(&person, &agreed).await,
            "Only a manager of that location",
        );
    }
    let manager = house.member("manager-here").await;
    is_refused(
        &book(&manager, &with(&[("price", "300")])).await,
        "Say why this price was agreed on",
    );
    is_done(&book(&manager, &agreed).await);
    let kept = audited(&house, "agree price").await;
    assert_eq!(kept[0]["before"]["total_cents"], 40_000);
    assert_eq!(kept[0]["after"]["total_cents"], 30_000);
    assert_eq!(kept[0]["reason"], "A third visit this week");
    let lines: Value = house.one("select price -> 'lines' from bookings").await;
    assert_eq!(lines[1]["label"], "Agreed price: A third visit this week");
    assert_eq!(lines[1]["cents"], -10_000);
    let (total, vat): (i64, i64) = (
        house.one("select total_cents from bookings").await,
        house.one("select vat_cents from bookings").await,
    );
    assert_eq!((total, vat), (30_000, 3_913));
}

#[tokio::test]
async fn use_that_was_not_written_down_is_entered_late() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let late = with(&[("when", "yesterday 9-11")]);
    is_refused(&book(&nomsa, &late).await, "That time has passed");
    let reason = ("reason", "The slip lay under the keyboard");
    is_done(&book(&nomsa, &[late.as_slice(), &[reason]].concat()).await);
    let status: String = house.one("select status from bookings").await;
    assert_eq!(status, "completed");
    assert_eq!(audited(&house, "enter late").await.len(), 1);
    let owed: i64 = house
        .one("select sum(cents)::bigint from ledger_entries")
        .await;
    assert_eq!(owed, 40_000);
    let overlapping = with(&[("when", "yesterday 10-12"), ("who", "sipho"), reason]);
    is_refused(&book(&nomsa, &overlapping).await, "taken");
}

#[tokio::test]
async fn somebody_at_the_counter_begins_with_the_step_that_has_begun() {
    let house = House::open_at("2026-11-24T07:07:00Z").await;
    let nomsa = house.member("nomsa").await;
    is_done(&book(&nomsa, &with(&[("when", "now for 1h")])).await);
    let made: String = house
        .one("select channel || ' ' || (lower(during) at time zone 'Africa/Johannesburg')::time from bookings")
        .await;
    assert_eq!(made, "desk 09:00:00");
    let sipho = house.member("sipho").await;
    let refused = sipho.hold("pier", "2026-11-24", "09:00", "10:00").await;
    is_refused(&refused, "That time has passed");
}

#[tokio::test]
async fn a_pencil_stands_on_today_and_ends_by_itself() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let pencil = with(&[("pencil", "12:00")]);
    is_refused(
        &book(&nomsa, &with(&[("pencil", "thu 12")])).await,
        "A pencil ends after now and before the booking begins",
    );
    is_done(&book(&nomsa, &pencil).await);
    let held: String = house
        .one("select status || ' ' || (hold_expires_at > now()) || ' ' || (select count(*) from ledger_entries) from bookings")
        .await;
    assert_eq!(held, "held true 0");
    assert!(nomsa.get("/admin").await.says("Thandeka Mkhize"));
    let sipho = house.member("sipho").await;
    is_refused(
        &sipho
            .hold("lighthouse", "2026-11-25", "10:00", "11:00")
            .await,
        "taken",
    );
    house
        .run("update bookings set hold_expires_at = now() - interval '1 minute'; update occupancies set held_until = now() - interval '1 minute'")
        .await;
    sipho
        .book("lighthouse", "2026-11-25", "10:00", "11:00")
        .await;
    let ended: i64 = house
        .one("select count(*) from bookings where status = 'expired'")
        .await;
    assert_eq!(ended, 1);
}

#[tokio::test]
async fn a_pencil_is_confirmed_while_it_holds() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    is_done(&book(&nomsa, &with(&[("pencil", "12:00")])).await);
    let reference: String = house.one("select reference from bookings").await;
    let address = format!("/admin/bookings/{reference}/decision");
    let accept = [("decision", "accept"), ("tell", "yes")];
    let thandeka = house.member("thandeka").await;
    assert_eq!(
        thandeka.post(&address, &accept).await.status,
        StatusCode::NOT_FOUND
    );
    is_done(&nomsa.post(&address, &accept).await);
    let firm: String = house
        .one("select status || ' ' || (select sum(cents) from ledger_entries) || ' ' || (select count(*) from jobs) from bookings")
        .await;
    assert_eq!(firm, "confirmed 40000 1");
    is_done(&nomsa.post(&address, &accept).await);
    let charged: i64 = house.one("select count(*) from ledger_entries").await;
    assert_eq!(charged, 1, "confirming twice is once");
}

#[tokio::test]
async fn a_draft_survives_and_is_nobody_elses() {
    let house = House::open().await;
    house.run(MANAGERS).await;
    let nomsa = house.member("nomsa").await;
    let form = nomsa
        .get("/admin/bookings/new")
        .await
        .form("/admin/bookings");
    let mut form = form
        .with("what", "pier")
        .with("when", "fri 9-11")
        .with("who", "sip");
    form.action = "/admin/bookings/drafts".into();
    is_done(&nomsa.submit(&form).await);
    let page = nomsa.get("/admin/bookings/new").await;
    assert!(page.says("pier, fri 9-11, sip"), "{}", page.text());
    let links = page.links();
    let link = links.iter().find(|link| link.contains("draft=")).unwrap();
    let opened = nomsa.get(link).await.form("/admin/bookings");
    assert_eq!(opened.get("when"), "fri 9-11");
    let other = house.member("manager-here").await;
    assert_eq!(other.get(link).await.status, StatusCode::NOT_FOUND);
    let id = link.split("draft=").nth(1).unwrap();
    let discard = format!("/admin/bookings/drafts/{id}/discard");
    is_done(&other.post::<&str, &str>(&discard, &[]).await);
    assert!(
        nomsa
            .get("/admin/bookings/new")
            .await
            .says("pier, fri 9-11"),
        "another's discard"
    );
    // Booking it does away with it.
    is_done(&nomsa.submit(&opened).await);
    assert!(
        !nomsa
            .get("/admin/bookings/new")
            .await
            .says("pier, fri 9-11")
    );
}

#[tokio::test]
async fn a_guest_is_somebody_new_without_credentials_and_a_repeat_makes_one() {
    // case G8
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let form = nomsa
        .get("/admin/bookings/new")
        .await
        .form("/admin/bookings");
    let form = form
        .with("what", "lighthouse")
        .with("when", "wed 9-11")
        .with("guest_name", "Lindiwe Zulu")
        .with("guest_phone", "082 000 0009");
    let first = nomsa.submit(&form).await;
    let second = nomsa.submit(&form).await;
    is_done(&first);
    assert_eq!(first.location(), second.location());
    let guests: String = house
        .one("select count(*) || ' ' || max(phone) || ' ' || bool_or(email is not null or password_hash is not null) from members where name = 'Lindiwe Zulu'")
        .await;
    assert_eq!(guests, "1 +27820000009 false");
    let other = form.with("when", "thu 9-11");
    is_refused(
        &nomsa.submit(&other).await,
        "This was sent before with other details",
    );
    let known = [
        ("what", "lighthouse"),
        ("when", "fri 9-11"),
        ("who", ""),
        ("guest_name", "Sipho"),
        ("guest_phone", "082 000 0002"),
        ("guest_email", "sipho@example.com"),
    ];
    is_refused(
        &book(&nomsa, &known).await,
        "Sipho Dlamini has this email address",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_write_down_one_number_at_once_are_told_of_each_other() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    for round in 0..5 {
        let phone = format!("082 000 01{round}0");
        let forms = ["lighthouse", "pier"].map(|what| {
            let when = format!("wed {}:00 for 1h", 9 + round);
            let (nomsa, phone) = (&nomsa, &phone);
            async move {
                let known = [
                    ("what", what),
                    ("when", &when),
                    ("who", ""),
                    ("guest_name", "Lindiwe Zulu"),
                    ("guest_phone", phone),
                ];
                book(nomsa, &known).await.status
            }
        });
        let [one, other] = forms;
        let (one, other) = tokio::join!(one, other);
        let mut both = [one, other];
        both.sort();
        assert_eq!(
            both,
            [StatusCode::SEE_OTHER, StatusCode::UNPROCESSABLE_ENTITY],
            "round {round}"
        );
    }
}

#[tokio::test]
async fn the_limits_that_count_are_the_members() {
    let house = House::open().await;
    house
        .run("update booking_policies set max_at_once = 1 where name = 'rooms'")
        .await;
    let nomsa = house.member("nomsa").await;
    is_done(&book(&nomsa, &LIGHTHOUSE).await);
    let second = with(&[("what", "pier")]);
    is_refused(
        &book(&nomsa, &second).await,
        "They have 1 at that time already",
    );
    is_done(&book(&nomsa, &with(&[("what", "pier"), ("who", "sipho")])).await);
    house
        .run("update members set standing = 'barred', standing_reason = 'Left the tap running' where name = 'Priya Naidoo'")
        .await;
    let barred = with(&[("when", "thu 9-11"), ("who", "priya")]);
    is_refused(&book(&nomsa, &barred).await, "They are barred from booking");
    is_done(
        &book(
            &nomsa,
            &[barred.as_slice(), &[("reason", "She has apologised")]].concat(),
        )
        .await,
    );
    assert_eq!(
        audited(&house, "set rules aside").await[0]["rules"][0],
        "barred"
    );
}

#[tokio::test]
async fn what_fits_is_ranked_with_its_price_and_warnings_come_while_typing() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    thandeka.book("pier", "2026-11-25", "09:00", "10:00").await;
    house
        .run("insert into ledger_entries (id, account_id, kind, cents, description, created_at)
              select gen_random_uuid(), id, 'charge', 12000, 'Long ago', now() - interval '40 days' from accounts")
        .await;
    house
        .run("update members set standing = 'pay_first', standing_reason = 'Two cheques came back' where name = 'Thandeka Mkhize'")
        .await;
    let nomsa = house.member("nomsa").await;
    let page = nomsa
        .get("/admin/bookings/new?what=meeting+room+musgrave&when=wed+9-11&people=7&who=thand&key=12345678")
        .await;
    assert!(page.says("Wed 25 November, 09:00–11:00"), "{}", page.text());
    assert!(
        page.says("Dune in Musgrave, Wed 25 November, 09:00–11:00: R400 in all, VAT included.")
    );
    assert!(!page.says("Lighthouse"), "seats six");
    let (dune, hall) = (
        page.html.find("value=\"dune\""),
        page.html.find("value=\"hall\""),
    );
    assert!(
        dune.is_some() && hall.is_some() && dune < hall,
        "the smaller first"
    );
    assert!(
        page.says("The shortest booking of Hall is 3 hours"),
        "{}",
        page.text()
    );
    assert!(page.says("Thandeka Mkhize pays before booking: Two cheques came back"));
    assert!(page.says("R120 is overdue"), "{}", page.text());
    assert!(page.says("Thandeka Mkhize is booked then: Pier, 09:00–10:00"));
    let unclear = nomsa
        .get("/admin/bookings/new?when=wed+9&key=12345678")
        .await;
    assert!(unclear.says("Wed 25 November from 09:00: until when?"));
    let taken = nomsa
        .get("/admin/bookings/new?what=pier&when=wed+9-10&key=12345678")
        .await;
    assert!(taken.says("Pier is taken at that time"), "{}", taken.text());
    assert!(
        taken.says("Wed 25 November, 08:00–09:00"),
        "the nearest time: {}",
        taken.text()
    );
}

#[tokio::test]
async fn links_fill_the_form_in() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let sipho: String = house
        .one("select id::text from members where name = 'Sipho Dlamini'")
        .await;
    let address = format!(
        "/admin/bookings/new?space=pier&from=2026-11-25T09:00&until=2026-11-25T10:30&member={sipho}"
    );
    let form = nomsa.get(&address).await.form("/admin/bookings");
    assert_eq!(form.get("what"), "Pier, Musgrave");
    assert_eq!(form.get("when"), "Wed 25 Nov 2026 09:00-10:30");
    assert_eq!(form.get("who"), "Sipho Dlamini");
    is_done(&nomsa.submit(&form).await);
    house
        .run("insert into viewings (id, reference, location_id, name, email, phone, people)
              select gen_random_uuid(), 'V-22222', id, 'Lindiwe Zulu', 'lindiwe@example.com', '+27820000009', 4 from locations where slug = 'musgrave'")
        .await;
    let form = nomsa
        .get("/admin/bookings/new?viewing=V-22222")
        .await
        .form("/admin/bookings");
    assert_eq!(form.get("guest_name"), "Lindiwe Zulu");
    assert_eq!(form.get("people"), "4");
}

#[tokio::test]
async fn a_company_pays_and_a_pass_covers_as_for_the_member() {
    let house = House::open().await;
    house
        .run("update members set paying_company_id = (select id from companies) where name = 'Sipho Dlamini'")
        .await;
    let nomsa = house.member("nomsa").await;
    is_done(&book(&nomsa, &with(&[("who", "sipho")])).await);
    let payer: String = house
        .one("select c.name from bookings b join accounts a on a.id = b.account_id join companies c on c.id = a.company_id")
        .await;
    assert_eq!(payer, "Umoya Designs");
    let priya = house.member("priya").await;
    let pass = priya
        .get("/passes/new?product=musgrave-week&first=2026-11-24")
        .await;
    let bought = priya.submit(&pass.form("/passes")).await;
    is_done(&bought);
    let desk = with(&[
        ("what", "desk 1"),
        ("when", "wed all day"),
        ("who", "priya"),
    ]);
    is_done(&book(&nomsa, &desk).await);
    let drawn: i64 = house
        .one("select count(*) from pass_days where active")
        .await;
    assert_eq!(drawn, 1);
    let total: i64 = house
        .one("select total_cents from bookings b join members m on m.id = b.member_id where m.name = 'Priya Naidoo'")
        .await;
    assert_eq!(total, 0);
}

#[tokio::test]
async fn another_price_than_was_shown_is_not_booked_unseen() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let page = nomsa
        .get("/admin/bookings/new?what=lighthouse&when=wed+9-11&who=thand&key=12345678")
        .await;
    let form = page.form("/admin/bookings");
    assert_eq!(form.get("shown"), "lighthouse=40000");
    house
        .run("insert into rates (id, location_id, kind, unit, cents, valid_from)
              select gen_random_uuid(), id, 'meeting_room', 'hour', 30000, '2026-01-01' from locations where slug = 'musgrave'")
        .await;
    is_refused(&nomsa.submit(&form).await, "The price is now R600");
    let again = nomsa.submit(&form).await.form("/admin/bookings");
    is_done(&nomsa.submit(&again.with("key", &key())).await);
}

#[tokio::test]
async fn without_knowing_when_who_or_which_nothing_is_booked() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    is_refused(
        &book(&nomsa, &[("who", "thandeka")]).await,
        "Say when, such as tue 9-11:30",
    );
    is_refused(
        &book(&nomsa, &with(&[("who", "zzz")])).await,
        "Nobody we know is called so",
    );
    is_refused(
        &book(&nomsa, &with(&[("what", "room musgrave")])).await,
        "Choose one of these",
    );
    let kept = book(&nomsa, &with(&[("when", "wed 9"), ("title", "Board")])).await;
    is_refused(&kept, "until when?");
    assert_eq!(kept.form("/admin/bookings").get("title"), "Board");
    let none: i64 = house.one("select count(*) from bookings").await;
    assert_eq!(none, 0);
}

#[tokio::test]
async fn programs_of_the_front_desk_book_for_members_and_find_bookings() {
    let house = House::open().await;
    let wish = |more: Value| {
        let mut all = serde_json::json!({"space": "lighthouse", "from": "2026-11-25T09:00", "until": "2026-11-25T11:00", "people": 4});
        all.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        all
    };
    let member = house.api("priya").await;
    let asked = wish(serde_json::json!({"on_behalf_of": "thandeka@example.com"}));
    assert_eq!(
        member.post("/bookings", &asked).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        member.get("/desk/bookings").await.status,
        StatusCode::NOT_FOUND
    );
    let nomsa = house.api("nomsa").await;
    let made = nomsa.post("/bookings", &asked).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let whose: String = house
        .one("select m.name || ' by ' || c.name || ' ' || b.channel from bookings b join members m on m.id = b.member_id join members c on c.id = b.created_by")
        .await;
    assert_eq!(whose, "Thandeka Mkhize by Nomsa Khumalo api");
    let taken = nomsa
        .post(
            "/bookings",
            &wish(serde_json::json!({"on_behalf_of": "082 000 0002", "reason": "Please"})),
        )
        .await;
    assert_eq!(
        (taken.status, taken.problem()),
        (StatusCode::CONFLICT, "taken")
    );
    let price = wish(
        serde_json::json!({"space": "pier", "on_behalf_of": "sipho@example.com", "price_cents": 100, "price_reason": "Kind"}),
    );
    assert_eq!(
        nomsa.post("/bookings", &price).await.problem(),
        "not-your-price"
    );
    let guest = wish(
        serde_json::json!({"space": "pier", "guest": {"name": "Lindiwe Zulu", "phone": "082 000 0009"}, "channel": "desk"}),
    );
    assert_eq!(
        nomsa.post("/bookings", &guest).await.status,
        StatusCode::CREATED
    );
    let nobody = wish(serde_json::json!({"on_behalf_of": "zebra"}));
    assert_eq!(
        nomsa.post("/bookings", &nobody).await.problem(),
        "no-such-member"
    );
    let found = nomsa.get("/desk/bookings?words=lindiwe").await;
    assert_eq!(
        found.json["bookings"].as_array().unwrap().len(),
        1,
        "{found:?}"
    );
    assert_eq!(found.json["bookings"][0]["channel"], "desk");
    let all = nomsa
        .get("/desk/bookings?first=2026-11-25&last=2026-11-25&status=confirmed")
        .await;
    assert_eq!(all.json["bookings"].as_array().unwrap().len(), 2);
    assert_eq!(
        nomsa.get("/desk/bookings?status=gone").await.problem(),
        "no-such-status"
    );
}

#[tokio::test]
async fn hidden_spaces_are_the_front_desks_alone() {
    let house = House::open().await;
    house
        .run("update spaces set status = 'hidden' where slug in ('pier', 'desk-2')")
        .await;
    let nomsa = house.member("nomsa").await;
    let thandeka = house.member("thandeka").await;
    for page in [
        "/spaces/pier",
        "/spaces?kind=meeting_room&location=musgrave",
    ] {
        let seen = thandeka.get(page).await;
        assert!(!seen.says("Pier"), "{page}: {}", seen.text());
        assert!(
            !nomsa.get(page).await.says("Pier"),
            "to staff on the members' pages"
        );
    }
    let api = house.api("thandeka").await;
    let refused = api
        .book("pier", "2026-11-25T09:00", "2026-11-25T10:00")
        .await;
    assert_eq!(refused.problem(), "no-such-space");
    assert!(!api.get("/spaces").await.json.to_string().contains("pier"));
    let day = nomsa
        .get("/admin/day?location=musgrave&date=2026-11-25")
        .await;
    assert!(day.says("6 seats, hidden"), "{}", day.text());
    let links = day.links();
    let gap = links
        .iter()
        .find(|link| link.starts_with("/admin/bookings/new?space=pier"))
        .expect("its free time is a link");
    let form = nomsa.get(gap).await.form("/admin/bookings");
    let form = form
        .with("when", "wed 9-11")
        .with("who", "thandeka")
        .with("space", "pier")
        .without("shown");
    let booked = nomsa.submit(&form).await;
    is_done(&booked);
    let day = nomsa
        .get("/admin/day?location=musgrave&date=2026-11-25")
        .await;
    assert!(day.says("Thandeka Mkhize"), "{}", day.text());
    let reference = booked.location().trim_start_matches("/admin");
    let reference = reference.split('?').next().unwrap();
    assert!(thandeka.get(reference).await.says("Pier"), "it is theirs");
    // It moves like any other, and what is meant by a kind alone is what everybody sees.
    let back = [
        ("space", "lighthouse"),
        ("price", "keep"),
        ("date", "2026-11-25"),
        ("from", "09:00"),
        ("until", "11:00"),
        ("people", "1"),
    ];
    let moved = nomsa
        .post(&format!("/admin{reference}/change"), &back)
        .await;
    is_done(&moved);
    let any = book(
        &nomsa,
        &[
            ("what", "any desk musgrave"),
            ("when", "wed 9-11"),
            ("who", "sipho"),
            ("space", "any:musgrave"),
        ],
    )
    .await;
    assert!(!any.says("Desk 2"), "{}", any.text());
}

#[tokio::test]
async fn programs_of_the_front_desk_book_hidden_spaces() {
    let house = House::open().await;
    house
        .run("update spaces set status = 'hidden' where slug = 'pier'")
        .await;
    let api = house.api("nomsa").await;
    let spaces = api.get("/spaces?location=musgrave&kind=meeting_room").await;
    let pier = spaces.json["spaces"].as_array().unwrap().iter();
    let pier = pier.clone().find(|space| space["slug"] == "pier");
    assert_eq!(pier.unwrap()["hidden"], true);
    let free = api
        .get("/availability?location=musgrave&kind=meeting_room&from=2026-11-25T09:00&until=2026-11-25T10:00")
        .await;
    assert!(free.json.to_string().contains("pier"), "{free:?}");
    let quote = api
        .get("/quote?space=pier&from=2026-11-25T09:00&until=2026-11-25T10:00")
        .await;
    assert_eq!(quote.json["total_cents"], 20_000, "{quote:?}");
    let wish = serde_json::json!({"space": "pier", "from": "2026-11-25T09:00", "until": "2026-11-25T10:00",
                                  "on_behalf_of": "thandeka@example.com"});
    let made = api.post("/bookings", &wish).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let own = api
        .book("pier", "2026-11-25T10:00", "2026-11-25T11:00")
        .await;
    assert_eq!(own.status, StatusCode::CREATED, "{own:?}");
    let taken = api
        .book("pier", "2026-11-25T10:00", "2026-11-25T11:00")
        .await;
    assert_eq!(taken.problem(), "taken");
}

#[tokio::test]
async fn closed_days_by_the_day_open_with_a_reason_and_overlap_never() {
    // cases C3, O4
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let sunday = |who: &'static str| {
        [
            ("what", "office 1"),
            ("when", "sun 29 nov all day"),
            ("who", who),
        ]
    };
    is_refused(
        &book(&nomsa, &sunday("thandeka")).await,
        "closed on Sun 29 November",
    );
    let reason = ("reason", "They move in over the weekend");
    is_done(&book(&nomsa, &[sunday("thandeka").as_slice(), &[reason]].concat()).await);
    let made: String = house
        .one(
            "select b.term || ' ' || (lower(b.during) at time zone 'Africa/Johannesburg') || ' '
                    || (upper(b.during) at time zone 'Africa/Johannesburg') || ' ' || total_cents from bookings b",
        )
        .await;
    assert_eq!(
        made, "day 2026-11-29 08:00:00 2026-11-29 13:00:00 65000",
        "at Saturday's hours, as one day"
    );
    let kept = audited(&house, "set rules aside").await;
    assert_eq!(kept[0]["rules"], serde_json::json!(["closed-day"]));
    is_refused(
        &book(&nomsa, &[sunday("sipho").as_slice(), &[reason]].concat()).await,
        "taken",
    );
    // A date that an exception closes, and a weekend in between.
    house
        .run("insert into hours_exceptions (location_id, on_date, reason) select id, '2026-12-01', 'Carpets' from locations where slug = 'musgrave'")
        .await;
    let api = house.api("nomsa").await;
    let wish = |reason: &str| {
        serde_json::json!({"space": "office-1", "from": "2026-12-01", "until": "2026-12-02", "reason": reason,
                                   "on_behalf_of": "thandeka@example.com"})
    };
    assert_eq!(
        api.post("/bookings", &wish("")).await.problem(),
        "closed-day"
    );
    let made = api
        .post("/bookings", &wish("The caretaker lets them in"))
        .await;
    assert_eq!(made.json["from"], "2026-12-01T07:00:00+02:00", "{made:?}");
    let member = house.api("thandeka").await;
    let refused = member
        .post(
            "/bookings",
            &serde_json::json!({"space": "office-1", "from": "2026-12-06", "until": "2026-12-07"}),
        )
        .await;
    assert_eq!(refused.problem(), "closed-day");
    let room = [
        ("what", "lighthouse"),
        ("when", "sun 29 nov all day"),
        ("who", "sipho"),
        reason,
    ];
    is_done(&book(&nomsa, &room).await);
}

/// Follows "Book for them" on a page and books; who the booking is for.
async fn books_for_them(house: &House, nomsa: &Person, page: &Page) -> String {
    let links = page.links();
    let link = links
        .iter()
        .find(|link| link.starts_with("/admin/bookings/new?member="))
        .unwrap_or_else(|| panic!("no link: {}", page.text()));
    let form = nomsa.get(link).await.form("/admin/bookings");
    let form = form.with("what", "lighthouse").with("when", "thu 9-11");
    let booked = nomsa.submit(&form).await;
    is_done(&booked);
    house
        .one("select m.name from bookings b join members m on m.id = b.member_id order by b.created_at desc limit 1")
        .await
}

#[tokio::test]
async fn book_for_them_books_for_the_person_of_the_page() {
    let house = House::open().await;
    // Somebody of the same name, so that the name alone would not do.
    house
        .run("insert into members (id, name) values (gen_random_uuid(), 'Thandeka Mkhize')")
        .await;
    let nomsa = house.member("nomsa").await;
    let reference = crate::people::reference(&house, "thandeka").await;
    let page = nomsa.get(&format!("/admin/members/{reference}")).await;
    books_for_them(&house, &nomsa, &page).await;
    let whose: String = house
        .one("select m.email from bookings b join members m on m.id = b.member_id")
        .await;
    assert_eq!(whose, "thandeka@example.com");
}

#[tokio::test]
async fn book_for_them_on_a_won_viewing_books_for_the_member_it_became() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let fields = [
        ("source", "phone"),
        ("location", "musgrave"),
        ("name", "Lindiwe Zulu"),
        ("email", "lindiwe@example.com"),
        ("phone", "082 000 0009"),
        ("message", "A quiet corner."),
    ];
    let viewing = nomsa.post("/admin/viewings/new", &fields).await;
    let address = viewing.location().to_owned();
    assert!(!nomsa.get(&address).await.says("Book for them"));
    let win = nomsa.get(&address).await.form(&format!("{address}/win"));
    let won = nomsa
        .submit(&win.with("company", "Zulu and Daughters"))
        .await;
    let page = nomsa.follow(&won).await;
    assert_eq!(books_for_them(&house, &nomsa, &page).await, "Lindiwe Zulu");
}
