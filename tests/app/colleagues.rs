//! Colleagues' bookings, by the role that somebody has in the company that pays.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Api, House, Person, key};

const DAY: &str = "2026-11-26";

/// Thandeka runs Umoya Designs, Sipho books for it, Priya comes along as a guest.
async fn house() -> (House, String) {
    let house = House::open().await;
    house
        .run("insert into company_people select c.id, m.id, 'guest' from companies c, members m where m.email = 'priya@example.com'")
        .await;
    let slug = house
        .one("select slug from companies where name = 'Umoya Designs'")
        .await;
    (house, slug)
}

async fn number(house: &House, name: &str) -> String {
    sqlx::query_scalar("select reference from members where email = $1")
        .bind(house.address(name))
        .fetch_one(&house.db)
        .await
        .unwrap()
}

async fn booked(api: &Api, space: &str, said: Value) -> String {
    let mut wish =
        json!({"space": space, "from": format!("{DAY}T09:00"), "until": format!("{DAY}T10:00")});
    wish.as_object_mut()
        .unwrap()
        .extend(said.as_object().unwrap().clone());
    let answer = api.post("/bookings", &wish).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.json["reference"].as_str().unwrap().to_owned()
}

async fn sees(person: &Person, reference: &str) -> StatusCode {
    person.get(&format!("/bookings/{reference}")).await.status
}

#[tokio::test]
async fn an_admin_sees_and_changes_what_the_company_pays_and_others_see_their_own() {
    let (house, umoya) = house().await;
    let sipho = house.api("sipho").await;
    let paid = booked(&sipho, "lighthouse", json!({"company": umoya})).await;
    let own = booked(&sipho, "pier", json!({"company": "me"})).await;
    let by_admin = booked(
        &house.api("thandeka").await,
        "dune",
        json!({"company": umoya}),
    )
    .await;
    let (thandeka, sipho, priya) = (
        house.member("thandeka").await,
        house.member("sipho").await,
        house.member("priya").await,
    );
    assert_eq!(sees(&thandeka, &paid).await, StatusCode::OK);
    assert_eq!(sees(&thandeka, &own).await, StatusCode::NOT_FOUND);
    assert!(
        thandeka
            .get("/bookings")
            .await
            .says("booked by Sipho Dlamini")
    );
    for reference in [&paid, &own, &by_admin] {
        assert_eq!(sees(&priya, reference).await, StatusCode::NOT_FOUND);
        let page = priya.get("/bookings").await;
        assert!(!page.html.contains(reference.as_str()));
    }
    assert_eq!(sees(&sipho, &by_admin).await, StatusCode::NOT_FOUND);
    // The admin moves it and cancels it; whoever is a booker or a guest does not.
    let moved = json!({"space": "lighthouse", "people": 1, "from": format!("{DAY}T11:00"), "until": format!("{DAY}T12:00")});
    for (name, status) in [
        ("priya", StatusCode::NOT_FOUND),
        ("thandeka", StatusCode::OK),
    ] {
        let api = house.api(name).await;
        let answer = api.post(&format!("/bookings/{paid}/change"), &moved).await;
        assert_eq!(answer.status, status, "{name}: {answer:?}");
    }
    for (name, status) in [
        ("sipho", StatusCode::NOT_FOUND),
        ("priya", StatusCode::NOT_FOUND),
        ("thandeka", StatusCode::OK),
    ] {
        let api = house.api(name).await;
        let path = format!("/bookings/{by_admin}/cancellation");
        assert_eq!(api.post(&path, &json!({})).await.status, status, "{name}");
    }
}

#[tokio::test]
async fn a_booker_books_for_a_colleague_at_the_companys_expense() {
    let (house, umoya) = house().await;
    let sipho = house.member("sipho").await;
    let page = sipho
        .get(&format!(
            "/spaces/lighthouse?by=time&date={DAY}&from=09:00&until=10:00"
        ))
        .await;
    assert!(
        page.says("Who it is for") && page.says("Priya Naidoo") && page.says("Thandeka Mkhize"),
        "{}",
        page.text()
    );
    let priya = number(&house, "priya").await;
    let wish = |whom: &str| {
        [
            ("space", "lighthouse"),
            ("by", "time"),
            ("date", DAY),
            ("from", "09:00"),
            ("until", "10:00"),
            ("whom", whom),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let mut form = wish(&priya).to_vec();
    form.push(("key".into(), key()));
    let held = sipho.post("/bookings", &form).await;
    assert_eq!(held.status, StatusCode::SEE_OTHER, "{}", held.text());
    let check = sipho.follow(&held).await;
    assert!(
        check.says("Booked for Priya Naidoo") && check.says("to Umoya Designs"),
        "{}",
        check.text()
    );
    // Gone back, they find the time still theirs to choose.
    let back = sipho
        .get(&format!(
            "/spaces/lighthouse?by=time&date={DAY}&from=09:00&until=10:00"
        ))
        .await;
    assert!(!back.says("is taken at that time"), "{}", back.text());
    let reference = sipho.confirm(&held).await;
    let row: Value = house
        .one("select jsonb_build_object('member', m.name, 'by', c.name, 'paid', k.slug, 'status', b.status)
              from bookings b join members m on m.id = b.member_id join members c on c.id = b.created_by
              join accounts a on a.id = b.account_id join companies k on k.id = a.company_id")
        .await;
    assert_eq!(
        row,
        json!({"member": "Priya Naidoo", "by": "Sipho Dlamini", "paid": umoya, "status": "confirmed"})
    );
    house.deliver_mail().await;
    let mail = &house.mails("priya@example.com").await[0];
    assert!(
        mail.text.contains("Sipho Dlamini booked it for you"),
        "{}",
        mail.text
    );
    let hers = house.member("priya").await;
    let page = hers.get(&format!("/bookings/{reference}")).await;
    assert!(
        page.says("Booked for you by Sipho Dlamini."),
        "{}",
        page.text()
    );
    // Whoever made it sees it and cancels it, while they may book at the company's expense.
    assert!(sipho.get("/bookings").await.says("for Priya Naidoo"));
    assert_eq!(sees(&sipho, &reference).await, StatusCode::OK);
    house
        .run("update company_people set role = 'guest' where role = 'booker'")
        .await;
    assert_eq!(sees(&sipho, &reference).await, StatusCode::NOT_FOUND);
    assert!(!sipho.get("/bookings").await.says("for Priya Naidoo"));
    house
        .run("update company_people set role = 'booker' where member_id = (select id from members where email = 'sipho@example.com')")
        .await;
    let gone = sipho
        .post::<&str, &str>(&format!("/bookings/{reference}/cancellation"), &[])
        .await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
    assert_eq!(
        house.one::<String>("select status from bookings").await,
        "cancelled"
    );
}

#[tokio::test]
async fn nobody_books_for_whom_they_have_no_company_with() {
    let (house, umoya) = house().await;
    house
        .run("delete from company_people where member_id = (select id from members where email = 'priya@example.com')")
        .await;
    let wish = |whom: &str| json!({"space": "pier", "from": format!("{DAY}T09:00"), "until": format!("{DAY}T10:00"), "on_behalf_of": whom});
    let sipho = house.api("sipho").await;
    for whom in ["priya@example.com", "nobody@example.com", "CM-22222"] {
        let answer = sipho.post("/bookings", &wish(whom)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{whom}");
    }
    let answer = house
        .api("priya")
        .await
        .post("/bookings", &wish("sipho@example.com"))
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    // A guest books for nobody.
    house
        .run("update company_people set role = 'guest' where role = 'booker'")
        .await;
    let answer = sipho.post("/bookings", &wish("thandeka@example.com")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let person = house.member("sipho").await;
    let page = person.get("/spaces/lighthouse").await;
    assert!(!page.says("Who it is for"), "{}", page.text());
    let thandeka = number(&house, "thandeka").await;
    let fields = [
        ("space", "lighthouse"),
        ("by", "time"),
        ("date", DAY),
        ("from", "09:00"),
        ("until", "10:00"),
        ("whom", thandeka.as_str()),
        ("key", "colleague-1"),
    ];
    let answer = person.post("/bookings", &fields).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    house
        .run("update company_people set role = 'booker' where role = 'guest'")
        .await;
    // At no other's expense, and by the limits of whose booking it is.
    house
        .run("insert into companies (id, name) values (gen_random_uuid(), 'Half-Disc');
              insert into company_people select c.id, m.id, 'booker' from companies c, members m where c.name = 'Half-Disc' and m.email = 'sipho@example.com';
              update booking_policies set max_at_once = 1 where name = 'rooms'")
        .await;
    let other: String = house
        .one("select slug from companies where name = 'Half-Disc'")
        .await;
    let mut with = wish("thandeka@example.com");
    with["company"] = json!(other);
    let answer = sipho.post("/bookings", &with).await;
    assert_eq!(answer.problem(), "not-their-company", "{answer:?}");
    let reference = booked(
        &sipho,
        "lighthouse",
        json!({"on_behalf_of": "thandeka@example.com"}),
    )
    .await;
    let seen = sipho.get(&format!("/bookings/{reference}")).await;
    assert_eq!(seen.json["company"], json!(umoya));
    let second = sipho.post("/bookings", &wish("thandeka@example.com")).await;
    assert_eq!(second.problem(), "too-many-at-once", "{second:?}");
    booked(&sipho, "pier", json!({})).await;
}
