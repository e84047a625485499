//! Setting the house up from its pages alone: locations, hours, floors, spaces, policies, prices and passes.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::{Form, House, Page, Person};

const STAFF: &str = "
    insert into members (id, name, email, email_verified_at)
    select gen_random_uuid(), name, name || '@example.com', now() from unnest(array['musgrave', 'paris', 'owner']) name;
    insert into staff (member_id, role, location_id)
    select m.id, case when l.id is null then 'owner' else 'manager' end, l.id
    from members m left join locations l on l.slug = m.name where m.name in ('musgrave', 'paris', 'owner')";

async fn house() -> House {
    let house = House::open().await;
    house.run(STAFF).await;
    house
}

/// Sends a form and follows where it leads.
async fn sends(person: &Person, form: &Form) -> Page {
    let sent = person.submit(form).await;
    assert_eq!(
        sent.status,
        StatusCode::SEE_OTHER,
        "{}: {}",
        form.action,
        sent.text()
    );
    person.follow(&sent).await
}

/// The form of the hours page that sets the week, a date or the holidays.
fn hours(page: &Page, what: &str) -> Form {
    let html = page
        .html
        .split(&format!("name=\"what\" value=\"{what}\""))
        .next()
        .unwrap();
    let start = html.rfind("<form").unwrap();
    let whole = Page {
        status: page.status,
        headers: page.headers.clone(),
        html: page.html[start..].to_owned(),
    };
    whole.form("/admin/locations/musgrave/hours")
}

#[tokio::test]
async fn a_fourth_location_is_a_row_that_the_pages_write() {
    let house = house().await;
    let owner = house.member("owner").await;
    let form = owner
        .get("/admin/locations/new")
        .await
        .form("/admin/locations/new");
    let place = sends(
        &owner,
        &form
            .with("name", "Ballito")
            .with("status", "open")
            .with("gate", "Ring twice."),
    )
    .await;
    for step in [
        "Say when it is open",
        "Add a floor and its spaces",
        "Say what its spaces cost",
    ] {
        assert!(place.says(step), "{step}: {}", place.text());
    }
    let page = owner.get("/admin/locations/ballito/hours").await;
    let mut week = page.form("/admin/locations/ballito/hours");
    for day in 1..=5 {
        week = week.with(&format!("access_{day}"), "08:00-17:00");
    }
    sends(&owner, &week).await;
    let floor = owner
        .get("/admin/locations/ballito/floors")
        .await
        .form("/admin/locations/ballito/floors");
    let floor = floor
        .with("name", "Ground floor")
        .with("level", "0")
        .with("width", "20")
        .with("height", "12");
    sends(&owner, &floor).await;
    let address = "/admin/locations/ballito/spaces/new";
    let space = owner.get(address).await.form(address);
    let policy: String = house
        .one("select id::text from booking_policies where name = 'rooms'")
        .await;
    let space = space
        .with("name", "Dolphin")
        .with("policy", &policy)
        .with("layout_boardroom", "8")
        .with("layout_theatre", "16")
        .with("x", "2")
        .with("y", "3");
    let editor = sends(&owner, &space).await;
    assert!(
        editor.html.contains("class=\"here\" x=\"64\" y=\"96\""),
        "it stands on the drawn floor"
    );
    let rates = owner
        .get("/admin/rates?location=ballito")
        .await
        .form("/admin/rates");
    let rates = rates
        .with("what", "meeting_room")
        .with("unit", "hour")
        .with("price", "250")
        .with("from", "2026-11-24");
    let list = sends(&owner, &rates).await;
    assert!(
        list.says("R250") && list.says("In force"),
        "{}",
        list.text()
    );
    assert!(
        !owner
            .get("/admin/locations/ballito")
            .await
            .says("Before anybody can book here")
    );

    let public = house.visitor().get("/locations/ballito").await;
    assert!(
        public.says("Monday to Friday 08:00–17:00") && public.says("Ring twice."),
        "{}",
        public.text()
    );
    let thandeka = house.member("thandeka").await;
    let reference = thandeka
        .book("dolphin", "2026-11-25", "09:00", "11:00")
        .await;
    let booking = thandeka.get(&format!("/bookings/{reference}")).await;
    assert!(
        booking.says("Ballito") && booking.says("R500"),
        "{}",
        booking.text()
    );
    let audited: i64 = house
        .one("select count(*) from audit_events where verb in ('add location', 'change hours', 'add floor', 'add space', 'set rate')")
        .await;
    assert_eq!(audited, 5);
}

#[tokio::test]
async fn managers_set_up_their_own_location_only() {
    let house = house().await;
    let (here, elsewhere) = (house.member("musgrave").await, house.member("paris").await);
    let own = here.get("/admin/locations").await;
    assert!(own.says("Musgrave") && !own.says("Paris"), "{}", own.text());
    assert_eq!(
        here.get("/admin/locations/new").await.status,
        StatusCode::NOT_FOUND
    );
    let form = here
        .get("/admin/locations/musgrave")
        .await
        .form("/admin/locations/musgrave");
    assert_eq!(elsewhere.submit(&form).await.status, StatusCode::NOT_FOUND);
    let stale = form.clone();
    sends(&here, &form.with("wifi", "On the card.")).await;
    let late = here.submit(&stale.with("parking", "None.")).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        late.says("Somebody else has changed this location"),
        "{}",
        late.text()
    );
    assert_eq!(
        late.form("/admin/locations/musgrave").get("parking"),
        "None."
    );
    let change: String = house
        .one("select detail -> 'after' ->> 'wifi' from audit_events where verb = 'change location'")
        .await;
    assert_eq!(change, "On the card.");
    for (path, fields) in [
        (
            "/admin/rates",
            vec![
                ("location", "musgrave"),
                ("what", "office"),
                ("unit", "day"),
                ("price", "1"),
                ("from", "2026-12-01"),
            ],
        ),
        ("/admin/spaces/lighthouse", vec![("name", "Mine")]),
        ("/admin/pass-products/musgrave-week", vec![("name", "Mine")]),
        (
            "/admin/pass-products/everywhere-month",
            vec![("name", "Mine")],
        ),
        ("/admin/locations/musgrave/hours", vec![("what", "date")]),
    ] {
        assert_eq!(
            elsewhere.post(path, &fields).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn shrinking_hours_lists_the_bookings_outside_and_touches_none() {
    let house = house().await;
    let manager = house.member("musgrave").await;
    let thandeka = house.member("thandeka").await;
    let late = thandeka
        .book("lighthouse", "2026-12-08", "17:00", "19:00")
        .await;
    let fine = thandeka
        .book("lighthouse", "2026-12-08", "09:00", "10:00")
        .await;
    let before = thandeka.book("pier", "2026-11-30", "17:00", "19:00").await;
    let page = manager.get("/admin/locations/musgrave/hours").await;
    let mut week = hours(&page, "week").with("from", "2026-12-01");
    for day in 1..=5 {
        week = week.with(&format!("access_{day}"), "07:00-17:30");
    }
    let asked = manager.submit(&week).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        asked.says("One booking would lie outside these hours."),
        "{}",
        asked.text()
    );
    assert!(
        asked.says(&late) && !asked.says(&fine) && !asked.says(&before),
        "{}",
        asked.text()
    );
    let weeks: i64 = house
        .one("select count(distinct valid_from) from opening_hours")
        .await;
    assert_eq!(weeks, 1, "nothing is saved yet");
    let page = sends(&manager, &hours(&asked, "week").with("seen", "yes")).await;
    assert!(page.says("From Tue 1 December"), "{}", page.text());
    let kept: i64 = house
        .one("select count(*) from bookings where status = 'confirmed'")
        .await;
    assert_eq!(kept, 3);
    // What was and what is until then stays as it was.
    let api = house.api("sipho").await;
    let refused = api
        .book("dune", "2026-12-01T17:00", "2026-12-01T18:00")
        .await;
    assert_eq!(refused.problem(), "outside-hours");
    let taken = api
        .book("dune", "2026-11-30T17:00", "2026-11-30T18:00")
        .await;
    assert_eq!(taken.status, StatusCode::CREATED, "{taken:?}");
}

#[tokio::test]
async fn single_dates_and_holidays_follow_what_is_set() {
    let house = house().await;
    let manager = house.member("musgrave").await;
    let page = manager.get("/admin/locations/musgrave/hours").await;
    let market = hours(&page, "date")
        .with("on", "2026-12-16")
        .with("hours", "10:00-14:00")
        .with("reason", "Open for the market");
    let page = sends(&manager, &market).await;
    assert!(page.says("Open for the market"), "{}", page.text());
    let api = house.api("thandeka").await;
    let booked = api
        .book("pier", "2026-12-16T10:00", "2026-12-16T11:00")
        .await;
    assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
    let usual = page.form("/admin/locations/musgrave/hours/2026-12-16/usual");
    let asked = manager.submit(&usual).await;
    assert_eq!(
        asked.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a booking would lie outside: {}",
        asked.text()
    );
    let reduced = hours(&page, "holidays")
        .with("holidays", "reduced")
        .with("reduced", "09:00-13:00");
    sends(&manager, &reduced).await;
    let boxing = api
        .book("pier", "2026-12-25T09:00", "2026-12-25T10:00")
        .await;
    assert_eq!(boxing.status, StatusCode::CREATED, "{boxing:?}");
    let past: i64 = house
        .one("select count(*) from hours_exceptions where on_date = '2026-09-24' and opens is null")
        .await;
    assert_eq!(
        past, 1,
        "Heritage Day was closed and stays so in the reports"
    );
    let wrong = hours(&page, "date")
        .with("on", "2020-01-01")
        .with("hours", "x")
        .with("reason", "");
    let refused = manager.submit(&wrong).await;
    for sentence in [
        "Choose today or a day to come.",
        "Enter hours like 07:00-19:00",
        "Say why: people read it.",
    ] {
        assert!(refused.says(sentence), "{sentence}: {}", refused.text());
    }
}

#[tokio::test]
async fn retiring_a_space_lists_its_bookings_and_touches_none() {
    // case C13
    let house = house().await;
    let manager = house.member("musgrave").await;
    let thandeka = house.member("thandeka").await;
    let booking = thandeka
        .book("lighthouse", "2026-12-08", "09:00", "10:00")
        .await;
    let address = "/admin/spaces/lighthouse";
    let form = manager
        .get(address)
        .await
        .form(address)
        .with("status", "retired");
    let asked = manager.submit(&form).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        asked.says("It has bookings ahead.") && asked.says(&booking),
        "{}",
        asked.text()
    );
    let status: String = house
        .one("select status from spaces where slug = 'lighthouse'")
        .await;
    assert_eq!(status, "active");
    sends(&manager, &asked.form(address).with("seen", "yes")).await;
    let there = thandeka.get(&format!("/bookings/{booking}")).await;
    assert!(there.says("Confirmed"), "{}", there.text());
    let refused = thandeka
        .hold("lighthouse", "2026-12-09", "09:00", "10:00")
        .await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND, "{}", refused.text());
    let taken: i64 = house.one("select count(*) from bookings").await;
    assert_eq!(taken, 1);
    let since: String = house
        .one("select retired_on::text from spaces where slug = 'lighthouse'")
        .await;
    assert_eq!(since, "2026-11-24");
}

#[tokio::test]
async fn a_preview_shows_what_is_typed_and_keeps_nothing() {
    let house = house().await;
    let manager = house.member("musgrave").await;
    let address = "/admin/spaces/pier";
    let form = manager
        .get(address)
        .await
        .form(address)
        .with("name", "Jetty")
        .with("then", "preview");
    let page = manager.submit(&form).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.html.contains("Plan of Jetty"), "{}", page.text());
    let name: String = house
        .one("select name from spaces where slug = 'pier'")
        .await;
    assert_eq!(name, "Pier");
    let wrong = manager
        .get(address)
        .await
        .form(address)
        .with("name", "")
        .with("seats", "many")
        .with("x", "-1");
    let refused = manager.submit(&wrong).await;
    for sentence in [
        "Give it a name.",
        "Enter seats from 1 to 500.",
        "Enter metres from 0 to 200.",
    ] {
        assert!(refused.says(sentence), "{sentence}: {}", refused.text());
    }
}

#[tokio::test]
async fn a_policy_is_tried_before_it_is_kept_and_holds_for_one_location() {
    let house = house().await;
    let manager = house.member("musgrave").await;
    let address = "/admin/locations/musgrave/policies/rooms";
    let page = manager.get(address).await;
    assert!(
        page.says("Spaces of other locations follow this policy too."),
        "{}",
        page.text()
    );
    let form = page
        .form(address)
        .with("least", "60")
        .with("space", "lighthouse")
        .with("date", "2026-11-25");
    let long = form
        .clone()
        .with("from", "09:00")
        .with("until", "11:00")
        .with("then", "test");
    let tried = manager.submit(&long).await;
    assert!(
        tried.says("Allowed") && tried.says("R400"),
        "{}",
        tried.text()
    );
    let short = form
        .clone()
        .with("from", "09:00")
        .with("until", "09:30")
        .with("then", "test");
    let tried = manager.submit(&short).await;
    assert!(
        tried.says("Refused") && tried.says("1 hour"),
        "{}",
        tried.text()
    );
    let kept: i32 = house
        .one("select min_minutes from booking_policies where name = 'rooms'")
        .await;
    assert_eq!(kept, 15, "trying keeps nothing");
    let saved = sends(&manager, &form.with("most", "7.5").without("then")).await;
    assert!(saved.says("rooms, Musgrave"), "{}", saved.text());
    let api = house.api("thandeka").await;
    let here = api
        .book("lighthouse", "2026-11-25T09:00", "2026-11-25T09:30")
        .await;
    assert_eq!(here.problem(), "too-short");
    let there = api
        .book("prairie", "2026-11-25T09:00", "2026-11-25T09:30")
        .await;
    assert_eq!(
        there.status,
        StatusCode::CREATED,
        "Chicago keeps its rules: {there:?}"
    );
    let own = "/admin/locations/musgrave/policies/rooms-musgrave";
    let pier = manager
        .get(own)
        .await
        .form(own)
        .with("least", "120")
        .with("only", "pier");
    assert!(sends(&manager, &pier).await.says("Pier: rooms, Musgrave"));
    let most = "select string_agg(max_minutes::text, ' ') from booking_policies where name like '%Musgrave'";
    assert_eq!(
        house.one::<String>(most).await,
        "450 450",
        "seven hours and a half stay so"
    );
    let alone = api
        .book("pier", "2026-11-25T09:00", "2026-11-25T10:00")
        .await;
    assert_eq!(alone.problem(), "too-short", "a space overrides its kind");
    let lighthouse = api
        .book("lighthouse", "2026-11-25T09:00", "2026-11-25T10:00")
        .await;
    assert_eq!(
        lighthouse.status,
        StatusCode::CREATED,
        "the others keep theirs: {lighthouse:?}"
    );
    let nothing = manager
        .get("/admin/locations/musgrave/policies/rooms-musgrave")
        .await
        .form("/admin/locations/musgrave/policies/rooms-musgrave")
        .without("by_time")
        .with("step", "0");
    let refused = manager.submit(&nothing).await;
    assert!(
        refused.says("Choose at least one way of booking.")
            && refused.says("Enter a number from 5 to 1440."),
        "{}",
        refused.text()
    );
}

#[tokio::test]
async fn a_new_price_holds_from_its_day_and_says_what_it_changes() {
    let house = house().await;
    let manager = house.member("musgrave").await;
    let api = house.api("thandeka").await;
    let booked = api
        .book("lighthouse", "2026-12-03T09:00", "2026-12-03T10:00")
        .await;
    assert_eq!(booked.json["total_cents"], 20_000);
    let form = manager.get("/admin/rates").await.form("/admin/rates");
    let form = form
        .with("what", "meeting_room")
        .with("unit", "hour")
        .with("price", "300")
        .with("from", "2026-12-01");
    let preview = manager.submit(&form.clone().with("then", "preview")).await;
    assert_eq!(preview.status, StatusCode::OK);
    let row = preview.text();
    assert!(
        row.contains("Lighthouse R200 R300 1"),
        "one is booked already: {row}"
    );
    let none: i64 = house
        .one("select count(*) from rates where cents = 30000")
        .await;
    assert_eq!(none, 0);
    let list = sends(&manager, &form.clone().without("then")).await;
    assert!(list.says("To come"), "{}", list.text());
    for (day, cents) in [("2026-11-30", 20_000), ("2026-12-03", 30_000)] {
        let made = api
            .book("pier", &format!("{day}T09:00"), &format!("{day}T10:00"))
            .await;
        assert_eq!(made.json["total_cents"], cents, "{day}");
    }
    let kept = api
        .get(&format!(
            "/bookings/{}",
            booked.json["reference"].as_str().unwrap()
        ))
        .await;
    assert_eq!(kept.json["total_cents"], 20_000);
    let past = manager
        .submit(&form.clone().with("from", "2026-11-20"))
        .await;
    assert_eq!(past.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        past.says("what has been stays as it was"),
        "{}",
        past.text()
    );
    let withdrawal = list
        .html
        .split("/admin/rates/")
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    sends(
        &manager,
        &list.form(&format!("/admin/rates/{withdrawal}/withdrawal")),
    )
    .await;
    let left: i64 = house
        .one("select count(*) from rates where cents = 30000")
        .await;
    assert_eq!(left, 0);
    let old: String = house
        .one(
            "select id::text from rates r where kind = 'office' and unit = 'day' and exists
        (select from locations l where l.id = r.location_id and l.slug = 'musgrave')",
        )
        .await;
    let stays = manager
        .post(
            &format!("/admin/rates/{old}/withdrawal"),
            &[("location", "musgrave")],
        )
        .await;
    assert!(
        manager
            .follow(&stays)
            .await
            .says("This price is in force already")
    );
}

#[tokio::test]
async fn passes_are_set_by_those_they_belong_to() {
    let house = house().await;
    let (manager, owner) = (house.member("musgrave").await, house.member("owner").await);
    let list = manager.get("/admin/pass-products").await;
    assert!(
        list.says("Week pass") && !list.says("Every location"),
        "{}",
        list.text()
    );
    assert!(
        owner
            .get("/admin/pass-products")
            .await
            .says("Every location")
    );
    let form = list
        .form("/admin/pass-products")
        .with("name", "Early bird")
        .with("price", "999.50")
        .with("days", "5")
        .with("cap", "2");
    let page = sends(&manager, &form.with("sold_from", "2026-11-24")).await;
    assert!(
        page.says("Early bird") && page.says("R999.50"),
        "{}",
        page.text()
    );
    let address = "/admin/pass-products/musgrave-early-bird";
    let edit = manager.get(address).await.form(address);
    sends(&manager, &edit.clone().with("price", "800")).await;
    let stale = manager.submit(&edit.with("price", "1")).await;
    assert!(
        stale.says("Somebody else has changed this pass"),
        "{}",
        stale.text()
    );
    let cents: i64 = house
        .one("select cents from pass_products where slug = 'musgrave-early-bird'")
        .await;
    assert_eq!(cents, 80_000);
    let api = house.api("thandeka").await;
    let bought = api
        .post(
            "/passes",
            &json!({"product": "musgrave-early-bird", "first": "2026-11-25"}),
        )
        .await;
    assert_eq!(bought.json["total_cents"], 80_000, "{bought:?}");
}

/// Tomorrow week's rooms, by Thandeka; the reference.
async fn booked(house: &House, space: &str, from: &str, until: &str) -> String {
    let thandeka = house.member("thandeka").await;
    thandeka.book(space, "2026-12-08", from, until).await
}

#[tokio::test]
async fn a_policy_names_the_bookings_that_would_break_it_and_touches_none() {
    let house = house().await;
    let manager = house.member("musgrave").await;
    let short = booked(&house, "lighthouse", "09:00", "09:30").await;
    let long = booked(&house, "lighthouse", "10:00", "12:00").await;
    let elsewhere = booked(&house, "dune", "09:00", "09:30").await;
    let address = "/admin/locations/musgrave/policies/rooms";
    let form = manager.get(address).await.form(address);
    for (field, value, least) in [
        ("least", "60", "60"),
        ("step", "60", "60"),
        ("ahead", "10", "15"),
    ] {
        let asked = form.clone().with("least", least).with(field, value);
        let asked = manager.submit(&asked).await;
        assert_eq!(
            asked.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{field}: {}",
            asked.text()
        );
        assert!(asked.says(&short), "{field}: {}", asked.text());
        assert_eq!(
            asked.says(&long),
            field == "ahead",
            "{field}: {}",
            asked.text()
        );
        assert!(!asked.says(&elsewhere), "{field}: another policy's");
    }
    let asked = manager.submit(&form.clone().with("least", "60")).await;
    assert!(
        asked.says("One booking ahead would break these rules."),
        "{}",
        asked.text()
    );
    assert_eq!(
        asked.form(address).get("least"),
        "60",
        "what was typed stays"
    );
    let kept: i32 = house
        .one("select min_minutes from booking_policies where name = 'rooms'")
        .await;
    assert_eq!(kept, 15, "nothing is saved yet");
    let saved = sends(&manager, &asked.form(address).with("seen", "yes")).await;
    assert!(saved.says("rooms, Musgrave"), "{}", saved.text());
    let kept: i64 = house
        .one("select count(*) from bookings where status = 'confirmed'")
        .await;
    assert_eq!(kept, 3);
    // What broke the rules before is nobody's news.
    let own = "/admin/locations/musgrave/policies/rooms-musgrave";
    let form = manager.get(own).await.form(own).with("turnaround", "30");
    sends(&manager, &form).await;
}

#[tokio::test]
async fn fewer_at_once_and_other_ways_name_whose_they_would_be() {
    let house = house().await;
    let manager = house.member("musgrave").await;
    let first = booked(&house, "lighthouse", "09:00", "11:00").await;
    let second = booked(&house, "pier", "10:00", "11:00").await;
    let alone = booked(&house, "pier", "12:00", "13:00").await;
    let address = "/admin/locations/musgrave/policies/rooms";
    let form = manager.get(address).await.form(address);
    let asked = manager.submit(&form.clone().with("at_once", "1")).await;
    assert!(asked.says(&second), "{}", asked.text());
    assert!(
        !asked.says(&first) && !asked.says(&alone),
        "{}",
        asked.text()
    );
    sends(&manager, &form.clone().with("at_once", "2")).await;
    let own = "/admin/locations/musgrave/policies/rooms-musgrave";
    let form = manager.get(own).await.form(own);
    let only = form
        .clone()
        .without("by_time")
        .with("by_day", "yes")
        .with("only", "pier");
    let asked = manager.submit(&only).await;
    assert!(
        asked.says(&second) && asked.says(&alone),
        "{}",
        asked.text()
    );
    assert!(!asked.says(&first), "another space's: {}", asked.text());
    let nowhere = manager.submit(&form.with("only", "prairie")).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_smaller_room_names_those_it_would_not_seat() {
    let house = house().await;
    let manager = house.member("musgrave").await;
    let api = house.api("thandeka").await;
    let wish = json!({"space": "lighthouse", "from": "2026-12-08T09:00", "until": "2026-12-08T10:00", "people": 6});
    let made = api.post("/bookings", &wish).await;
    let six = made.json["reference"].as_str().unwrap();
    let two = booked(&house, "lighthouse", "11:00", "12:00").await;
    let address = "/admin/spaces/lighthouse";
    let form = manager.get(address).await.form(address).with("seats", "4");
    let asked = manager.submit(&form).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.says(six) && !asked.says(&two), "{}", asked.text());
    let policy: String = house
        .one("select id::text from booking_policies where name = 'halls: 3 to 4 hours'")
        .await;
    let form = manager
        .get(address)
        .await
        .form(address)
        .with("policy", &policy);
    let asked = manager.submit(&form).await;
    assert!(asked.says(six) && asked.says(&two), "{}", asked.text());
    sends(&manager, &asked.form(address).with("seen", "yes")).await;
}

#[tokio::test]
async fn the_walls_and_labels_of_a_floor_are_lines_to_write() {
    let house = house().await;
    house
        .run("update floors set plan = '{\"width\": 20, \"height\": 12, \"walls\": [[0, 0, 20, 0]]}'")
        .await;
    let (manager, elsewhere) = (house.member("musgrave").await, house.member("paris").await);
    let address = "/admin/locations/musgrave/floors/0/plan";
    let list = manager.get("/admin/locations/musgrave/floors").await;
    assert!(list.links().iter().any(|link| link == address));
    let page = manager.get(address).await;
    let form = page.form(address);
    assert_eq!(form.get("lines"), "wall 0 0 20 0");
    let lines = "wall 0 0 20 0\ndoor 9 12 10 12\nlabel 4 3 Kitchen";
    let preview = form.clone().with("lines", lines).with("then", "preview");
    let preview = manager.submit(&preview).await;
    assert!(
        preview.status == StatusCode::OK && preview.says("Save Preview Kitchen"),
        "{}",
        preview.text()
    );
    let kept: String = house
        .one("select plan ->> 'labels' is null || '' from floors limit 1")
        .await;
    assert_eq!(kept, "true", "a preview keeps nothing");
    let wrong = form.clone().with("lines", "wall 0 0 20 0\nwall 0 0 50 0");
    let wrong = manager.submit(&wrong).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.says("Line 2: the floor is 20 by 12 m."),
        "{}",
        wrong.text()
    );
    assert!(wrong.form(address).get("lines").contains("50"));
    let drawn = sends(&manager, &form.clone().with("lines", lines)).await;
    assert!(drawn.says("Save Preview Kitchen"), "{}", drawn.text());
    let stale = manager.submit(&form.with("lines", "")).await;
    assert!(
        stale.says("Somebody else has drawn on this floor"),
        "{}",
        stale.text()
    );
    let said: String = house
        .one("select detail -> 'after' ->> 'labels' from audit_events where verb = 'draw floor'")
        .await;
    assert_eq!(said, "1");
    let public = house
        .visitor()
        .get("/spaces?view=plan&location=musgrave")
        .await;
    assert!(
        public.html.contains("Kitchen"),
        "on the plan that people see"
    );
    assert_eq!(elsewhere.get(address).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        manager
            .get("/admin/locations/musgrave/floors/7/plan")
            .await
            .status,
        StatusCode::NOT_FOUND
    );
}
