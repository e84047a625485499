//! Who pays for a booking, what is said to the team with it, and who may see and change it.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Answer, Api, House, key};

/// The slug of the company that Thandeka runs and Sipho books for.
async fn umoya(house: &House) -> String {
    house
        .one("select slug from companies where name = 'Umoya Designs'")
        .await
}

async fn book(api: &Api, hour: u32, said: Value) -> Answer {
    let mut wish = json!({
        "space": "lighthouse", "people": 2,
        "from": format!("2026-11-25T{hour:02}:00"), "until": format!("2026-11-25T{:02}:00", hour + 1),
    });
    wish.as_object_mut()
        .unwrap()
        .extend(said.as_object().unwrap().clone());
    api.post("/bookings", &wish).await
}

/// What accounts owe: the company's, and those of its people.
const OWED: &str = "select coalesce(sum(cents), 0)::bigint from ledger_entries e join accounts a on a.id = e.account_id
                    where a.company_id is not null";

#[tokio::test]
async fn a_company_pays_when_it_is_chosen() {
    let house = House::open().await;
    let company = umoya(&house).await;
    let api = house.api("sipho").await;
    let booked = book(&api, 9, json!({"company": company})).await;
    assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
    assert_eq!(booked.json["company"], json!(company));
    assert_eq!(house.one::<i64>(OWED).await, 20_000);
    let own = book(&api, 10, json!({"company": "me"})).await;
    assert_eq!(own.json["company"], Value::Null);
    assert_eq!(book(&api, 11, json!({})).await.json["company"], Value::Null);
    assert_eq!(house.one::<i64>(OWED).await, 20_000);
    // Unless something else is said, the company that they have named pays.
    house
        .run(
            "update members set paying_company_id = (select id from companies) where email = 'sipho@example.com'",
        )
        .await;
    assert_eq!(
        book(&api, 12, json!({})).await.json["company"],
        json!(company)
    );
    let own = book(&api, 13, json!({"company": "me"})).await;
    assert_eq!(own.json["company"], Value::Null);
}

#[tokio::test]
async fn nobody_books_at_the_expense_of_a_company_that_is_not_theirs() {
    let house = House::open().await;
    let company = umoya(&house).await;
    let priya = house.api("priya").await;
    let refused = book(&priya, 9, json!({"company": company})).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let unknown = book(&priya, 9, json!({"company": "no-such-company"})).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    house
        .run("update company_people set role = 'guest' where role = 'booker'")
        .await;
    let guest = book(&house.api("sipho").await, 9, json!({"company": company})).await;
    assert_eq!(guest.status, StatusCode::NOT_FOUND);
    let page = house.member("sipho").await.get("/spaces/lighthouse").await;
    assert!(!page.says("Who pays"));
    let member = house.member("priya").await;
    let fields = [
        ("space", "lighthouse"),
        ("by", "time"),
        ("date", "2026-11-25"),
        ("from", "09:00"),
        ("until", "10:00"),
        ("company", &company),
        ("key", &key()),
    ];
    let hand_made = member.post("/bookings", &fields).await;
    assert_eq!(hand_made.status, StatusCode::NOT_FOUND);
    assert_eq!(house.one::<i64>("select count(*) from bookings").await, 0);
}

#[tokio::test]
async fn the_form_asks_who_pays_and_for_the_order_number() {
    let house = House::open().await;
    house.run("update companies set po_required = true").await;
    let company = umoya(&house).await;
    let member = house.member("sipho").await;
    let page = member
        .get("/spaces/lighthouse?date=2026-11-25&from=09:00&until=10:00")
        .await;
    assert!(page.says("Who pays"), "{}", page.text());
    let form = page.form("/bookings");
    assert_eq!(form.get("company"), "me");
    let form = form
        .with("company", &company)
        .with("contact_name", "Nomvula Zulu");
    let refused = member.submit(&form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("Umoya Designs asks for a purchase order number. Enter it."));
    let form = refused.form("/bookings");
    assert_eq!(form.get("company"), company, "what was chosen stays");
    assert_eq!(form.get("contact_name"), "Nomvula Zulu");
    let refused = member
        .submit(
            &form
                .with("purchase_order", "PO-1234")
                .with("contact_phone", "12"),
        )
        .await;
    assert!(refused.says("Enter a phone number like 082 123 4567"));
    let form = refused.form("/bookings");
    let form = form
        .with("contact_phone", "082 000 0008")
        .with("notes", "Two extra chairs,\nplease.");
    let held = member.submit(&form).await;
    let checked = member.follow(&held).await;
    for words in [
        "Nomvula Zulu, 082 000 0008",
        "Umoya Designs",
        "PO-1234",
        "Two extra chairs, please.",
    ] {
        assert!(checked.says(words), "{words}: {}", checked.text());
    }
    let reference = member.confirm(&held).await;
    let api = house.api("sipho").await;
    let booking = api.get(&format!("/bookings/{reference}")).await.json;
    assert_eq!(booking["purchase_order"], "PO-1234");
    assert_eq!(booking["contact_phone"], "+27820000008");
    assert_eq!(booking["notes"], "Two extra chairs,\nplease.");
    house.deliver_mail().await;
    let mails = house.mails("sipho@example.com").await;
    let (_, finding) = mails[0].text.split_once("FINDING US").unwrap();
    for (part, words) in [
        (mails[0].text.as_str(), "Paid by: Umoya Designs"),
        (
            &mails[0].text,
            "Total, on the account of Umoya Designs: R200",
        ),
        (finding, "On the day: Nomvula Zulu, 082 000 0008"),
        (
            &mails[0].html,
            "<strong>On the day</strong><br>Nomvula Zulu, 082 000 0008",
        ),
    ] {
        assert!(part.contains(words), "{words}: {part}");
    }
    let (booking, guest) = (
        member.get(&format!("/bookings/{reference}")).await,
        member
            .get(&format!("/bookings/{reference}/directions"))
            .await,
    );
    for page in [&booking, &guest] {
        let way = page.text().split_once("At the gate").unwrap().1.to_owned();
        assert!(
            way.contains("On the day Nomvula Zulu, 082 000 0008"),
            "{way}"
        );
    }
    assert!(!guest.says("Two extra chairs") && !guest.says("Umoya"));
    let file = member.get(&format!("/bookings/{reference}.ics")).await.html;
    let file = file.replace("\r\n ", "");
    assert!(file.contains("On the day: Nomvula Zulu"), "{file}");
    assert!(
        file.contains("R200\\, on the account of Umoya Designs"),
        "{file}"
    );
}

#[tokio::test]
async fn an_admin_sees_and_cancels_what_the_company_pays_for() {
    let house = House::open().await;
    let company = umoya(&house).await;
    let api = house.api("sipho").await;
    let paid = book(&api, 9, json!({"company": company})).await;
    let paid = paid.json["reference"].as_str().unwrap().to_owned();
    let own = book(&api, 10, json!({"company": "me"})).await;
    let own = own.json["reference"].as_str().unwrap().to_owned();

    let admin = house.member("thandeka").await;
    let list = admin.get("/bookings").await;
    assert!(list.says("Booked for your company"), "{}", list.text());
    assert!(list.says("booked by Sipho Dlamini"));
    assert!(list.html.contains(&paid) && !list.html.contains(&own));
    let page = admin.get(&format!("/bookings/{paid}")).await;
    assert!(page.says("Booked by Sipho Dlamini.") && page.says("Cancel this booking"));
    for path in ["", "/cancellation", "/confirmation", ".ics"] {
        let page = admin.get(&format!("/bookings/{own}{path}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        let page = house
            .member("priya")
            .await
            .get(&format!("/bookings/{paid}{path}"))
            .await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
    }
    let cancel = format!("/bookings/{paid}/cancellation");
    let priya = house.api("priya").await.post(&cancel, &json!({})).await;
    assert_eq!(priya.status, StatusCode::NOT_FOUND);
    let done = admin.post(&cancel, &[("kept", "0")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert_eq!(house.one::<i64>(OWED).await, 0);
    let by = "select m.name from bookings b join members m on m.id = b.cancelled_by";
    assert_eq!(house.one::<String>(by).await, "Thandeka Mkhize");
    // Somebody who only books for the company sees none of the others'.
    let others = book(
        &house.api("thandeka").await,
        12,
        json!({"company": company}),
    )
    .await;
    let others = others.json["reference"].as_str().unwrap();
    let page = house
        .member("sipho")
        .await
        .get(&format!("/bookings/{others}"))
        .await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_price_that_cannot_be_read_is_shown_again() {
    let house = House::open().await;
    let member = house.member("thandeka").await;
    let page = member
        .get("/spaces/lighthouse?date=2026-11-25&from=09:00&until=10:00")
        .await;
    for shown in ["R200", "2e4", "-"] {
        let refused = member
            .submit(&page.form("/bookings").with("shown", shown))
            .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{shown}");
        assert!(refused.says("Look the price over and book again to accept it."));
        assert_eq!(refused.form("/bookings").get("shown"), "20000");
    }
}

#[tokio::test]
async fn an_admin_sees_what_the_company_paid_for_in_the_past() {
    let house = House::open().await;
    let company = umoya(&house).await;
    let (sipho, thandeka) = (house.api("sipho").await, house.api("thandeka").await);
    let paid = book(&sipho, 9, json!({"company": company})).await;
    let admins = book(&thandeka, 10, json!({"company": company})).await;
    let own = book(&sipho, 11, json!({"company": "me"})).await;
    let [paid, admins, own] =
        [paid, admins, own].map(|made| made.json["reference"].as_str().unwrap().to_owned());
    let (admin, booker) = (house.member("thandeka").await, house.member("sipho").await);
    let page = admin.get("/bookings?past=company").await;
    assert!(page.says("Nothing here yet"), "{}", page.text());
    house.app.clock.shift(chrono::TimeDelta::days(3));

    let page = admin.get("/bookings?past=company").await;
    assert!(
        page.says("booked by Sipho Dlamini") && page.says("booked by Thandeka Mkhize"),
        "{}",
        page.text()
    );
    assert!(page.html.contains(&paid) && page.html.contains(&admins) && !page.html.contains(&own));
    assert!(page.links().contains(&"/bookings?past=company".to_owned()));
    let mine = admin.get("/bookings?past=1").await;
    assert!(mine.html.contains(&admins) && !mine.html.contains(&paid));
    // Others see only theirs, and are not shown the way.
    let page = booker.get("/bookings?past=company").await;
    assert!(page.says("Nothing here yet"), "{}", page.text());
    let page = booker.get("/bookings?past=1").await;
    assert!(page.html.contains(&paid) && page.html.contains(&own) && !page.html.contains(&admins));
    assert!(!page.links().contains(&"/bookings?past=company".to_owned()));

    // Page by page, whoever made the last one on a page.
    house
        .run(
            "insert into bookings (id, reference, space_id, member_id, account_id, created_by, channel, term, during, people,
                 status, price, total_cents, vat_cents, cancellation, terms_version, confirmed_at)
             select gen_random_uuid(), 'CS-' || translate(lpad(n::text, 5, '0'), '01', 'AB'), space_id, member_id, account_id, created_by,
                 channel, term, during, people, 'completed', price, total_cents, vat_cents, cancellation, terms_version, now()
             from bookings b, generate_series(1, 70) n
             where b.account_id in (select id from accounts where company_id is not null) and (b.member_id = b.created_by)
               and b.id = (select min(id::text)::uuid from bookings where account_id = b.account_id)",
        )
        .await;
    let (mut next, mut seen) = (Some("/bookings?past=company".to_owned()), Vec::new());
    while let Some(path) = next {
        let page = admin.get(&path).await;
        let links = page.links();
        let rows = links.iter().filter(|link| link.ends_with("/again"));
        seen.extend(rows.cloned());
        next = links.into_iter().find(|link| link.contains("after="));
    }
    seen.sort();
    assert_eq!(seen.len(), 72);
    seen.dedup();
    assert_eq!(seen.len(), 72, "a booking stands on two pages");
}
