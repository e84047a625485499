//! Members and companies at the front desk.

use reqwest::StatusCode;

use crate::support::{House, Page, Person, key};

pub const STAFF: &str = "
    insert into members (id, name, email) select gen_random_uuid(), initcap(name), name || '@example.com'
    from unnest(array['here', 'elsewhere', 'owner']) name;
    insert into staff (member_id, role, location_id)
    select m.id, s.role, l.id from (values ('here', 'manager', 'musgrave'), ('elsewhere', 'manager', 'paris'), ('owner', 'owner', null))
    as s (name, role, slug) join members m on m.email = s.name || '@example.com' left join locations l on l.slug = s.slug";

/// Somebody's reference, by their address.
pub async fn reference(house: &House, name: &str) -> String {
    sqlx::query_scalar("select reference from members where email = $1")
        .bind(house.address(name))
        .fetch_one(&house.db)
        .await
        .unwrap()
}

async fn create(person: &Person, fields: &[(&str, &str)]) -> Page {
    person.post("/admin/members/new", fields).await
}

#[tokio::test]
async fn somebody_is_written_down_with_a_name_alone_and_invited_once_they_have_an_address() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let made = create(&nomsa, &[("name", "Ayanda Cele")]).await;
    let page = nomsa.follow(&made).await;
    assert!(page.says("Ayanda Cele") && page.says("Has not been here yet"));
    let url = made.location().to_owned();
    let none = nomsa
        .post::<&str, &str>(&format!("{url}/invitation"), &[])
        .await;
    assert!(nomsa.follow(&none).await.says("They have no email address"));
    let saved = nomsa
        .post(
            &format!("{url}/details"),
            &[
                ("version", "1"),
                ("name", "Ayanda Cele"),
                ("email", "AYANDA@example.com"),
            ],
        )
        .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
    nomsa
        .post::<&str, &str>(&format!("{url}/invitation"), &[])
        .await;
    let link = house.link_mailed_to("ayanda@example.com").await;
    let ayanda = house.visitor();
    assert!(ayanda.get(&link).await.says("Welcome to Connect Space"));
    let followed = ayanda
        .post(&link, &[("password", "durban-sunrise-2026")])
        .await;
    assert_eq!(followed.location(), "/today");
    let again = nomsa
        .post::<&str, &str>(&format!("{url}/invitation"), &[])
        .await;
    assert!(
        nomsa
            .follow(&again)
            .await
            .says("They have a password already")
    );
    let stolen = nomsa
        .post(
            &format!("{url}/details"),
            &[
                ("version", "2"),
                ("name", "Ayanda Cele"),
                ("email", "mine@example.com"),
            ],
        )
        .await;
    assert_eq!(
        stolen.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "who signs in keeps their address"
    );
}

#[tokio::test]
async fn who_is_known_already_is_shown_instead() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let by_mail = create(
        &nomsa,
        &[("name", "Thandi"), ("email", "thandeka@example.com")],
    )
    .await;
    assert_eq!(by_mail.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(by_mail.says(&format!(
        "Thandeka Mkhize has this address already: {}",
        reference(&house, "thandeka").await
    )));
    assert!(
        by_mail.html.contains("value=\"Thandi\""),
        "what was typed stays"
    );
    let phone = [("name", "A flatmate"), ("phone", "082 000 0001")];
    assert!(create(&nomsa, &phone).await.says("has this number already"));
    let anyway = create(&nomsa, &[phone.as_slice(), &[("anyway", "yes")]].concat()).await;
    assert_eq!(anyway.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn two_at_once_with_one_address_are_one() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let fields = [("name", "Ayanda Cele"), ("email", "ayanda@example.com")];
    let both = tokio::join!(create(&nomsa, &fields), create(&nomsa, &fields));
    let mut statuses = [both.0.status, both.1.status];
    statuses.sort();
    assert_eq!(
        statuses,
        [StatusCode::SEE_OTHER, StatusCode::UNPROCESSABLE_ENTITY]
    );
}

#[tokio::test]
async fn barred_with_a_reason_told_and_lifted_in_one_step() {
    let house = House::open().await;
    let (nomsa, thandeka) = (house.member("nomsa").await, house.member("thandeka").await);
    let url = format!("/admin/members/{}", reference(&house, "thandeka").await);
    let bare = nomsa
        .post(&format!("{url}/standing"), &[("standing", "barred")])
        .await;
    assert_eq!(
        bare.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a reason is needed"
    );
    nomsa
        .post(
            &format!("{url}/standing"),
            &[
                ("standing", "barred"),
                ("reason", "Three parties in Lighthouse"),
                ("tell", "yes"),
            ],
        )
        .await;
    assert!(
        thandeka
            .hold("pier", "2026-11-26", "09:00", "10:00")
            .await
            .says("cannot make new bookings")
    );
    assert_eq!(
        house.deliver_mail().await,
        0,
        "there are two minutes to take it back"
    );
    house.run("update jobs set run_at = now()").await;
    house.deliver_mail().await;
    assert!(
        house.mails("thandeka@example.com").await[0]
            .text
            .contains("Three parties in Lighthouse")
    );
    let page = nomsa.get(&url).await;
    assert!(page.says("Books nothing: Three parties in Lighthouse"));
    nomsa
        .post(
            &format!("{url}/standing"),
            &[("standing", "good"), ("tell", "yes")],
        )
        .await;
    assert_eq!(
        thandeka
            .hold("pier", "2026-11-26", "09:00", "10:00")
            .await
            .status,
        StatusCode::SEE_OTHER
    );
    let lines: i64 = house
        .one("select count(*) from audit_events where verb = 'change standing'")
        .await;
    assert_eq!(lines, 2);
    let nomsa_url = format!("/admin/members/{}", reference(&house, "nomsa").await);
    let staff = nomsa
        .post(
            &format!("{nomsa_url}/standing"),
            &[("standing", "barred"), ("reason", "x")],
        )
        .await;
    assert!(staff.says("works here"));
}

#[tokio::test]
async fn who_pays_first_confirms_what_is_paid_and_nothing_else() {
    let house = House::open().await;
    let (nomsa, priya) = (house.member("nomsa").await, house.member("priya").await);
    house.run("update members set standing = 'pay_first', standing_reason = 'Late twice' where name = 'Priya Naidoo'").await;
    let held = priya
        .hold("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    let refused = priya.post::<&str, &str>(held.location(), &[]).await;
    assert!(
        refused.says("R200 is missing") || priya.follow(&refused).await.says("R200 is missing"),
        "{}",
        refused.text()
    );
    let booking = held.location().split('/').nth(2).unwrap().to_owned();
    let pay = async |amount: &str| {
        let fields = [
            ("booking", booking.as_str()),
            ("way", "in"),
            ("amount", amount),
            ("method", "card"),
            ("location", "musgrave"),
            ("key", &key()),
        ];
        nomsa.post("/admin/payments/new", &fields).await.status
    };
    assert_eq!(pay("150").await, StatusCode::SEE_OTHER);
    let short = priya.post::<&str, &str>(held.location(), &[]).await;
    assert!(short.says("R50 is missing") || priya.follow(&short).await.says("R50 is missing"));
    assert_eq!(pay("50").await, StatusCode::SEE_OTHER);
    assert_eq!(priya.confirm(&held).await, booking);
    let api = house
        .api("priya")
        .await
        .book("pier", "2026-11-26T09:00", "2026-11-26T10:00")
        .await;
    assert_eq!(api.problem(), "pay-first");
    let pass = priya
        .post(
            "/passes",
            &[
                ("product", "musgrave-week"),
                ("first", "2026-11-30"),
                ("key", &key()),
            ],
        )
        .await;
    assert_eq!(pass.status, StatusCode::UNPROCESSABLE_ENTITY);
    // What the account has in credit pays as well.
    let credit = [
        ("member", reference(&house, "priya").await),
        ("way", "in".into()),
        ("amount", "200".into()),
        ("method", "cash".into()),
        ("location", "musgrave".into()),
        ("key", key()),
    ];
    assert_eq!(
        nomsa.post("/admin/payments/new", &credit).await.status,
        StatusCode::SEE_OTHER
    );
    let api = house
        .api("priya")
        .await
        .book("pier", "2026-11-26T09:00", "2026-11-26T10:00")
        .await;
    assert_eq!(api.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_company_without_days_to_pay_pays_first_and_one_with_them_does_not() {
    let house = House::open().await;
    house.run("update members set standing = 'pay_first', paying_company_id = (select id from companies) where name = 'Thandeka Mkhize'").await;
    let thandeka = house.member("thandeka").await;
    thandeka
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    house.run("update companies set payment_days = 0").await;
    let held = thandeka.hold("pier", "2026-11-26", "09:00", "10:00").await;
    let refused = thandeka.post::<&str, &str>(held.location(), &[]).await;
    assert!(refused.says("is missing") || thandeka.follow(&refused).await.says("is missing"));
}

#[tokio::test]
async fn notes_are_dated_signed_and_told_to_who_asks() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let url = format!("/admin/members/{}", reference(&house, "sipho").await);
    let empty = nomsa.post(&format!("{url}/notes"), &[("body", "  ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    nomsa
        .post(
            &format!("{url}/notes"),
            &[("body", "Likes the window.\nComes by bike.")],
        )
        .await;
    let page = nomsa.get(&url).await;
    assert!(page.says("Likes the window.") && page.says("Nomsa Khumalo,"));
    let data = house.member("sipho").await.get("/account/data.json").await;
    assert!(data.html.contains("Comes by bike."));
}

#[tokio::test]
async fn the_list_is_sifted_and_goes_on_page_by_page() {
    let house = House::open().await;
    house.crowd(120).await;
    house.run("update members set standing = 'barred', standing_reason = 'x' where name in ('Member 3', 'Member 40')").await;
    house.run("update members set home_location_id = (select id from locations where slug = 'paris') where name = 'Member 7'").await;
    let nomsa = house.member("nomsa").await;
    let names = async |query: &str| {
        let page = nomsa.get(&format!("/admin/members?{query}")).await;
        page.html
            .matches("<th scope=\"row\"><a href=\"/admin/members/")
            .count()
    };
    assert_eq!(names("").await, 50);
    assert_eq!(names("standing=barred").await, 2);
    assert_eq!(names("location=paris").await, 1);
    assert_eq!(names("words=umoya").await, 2);
    assert_eq!(names("words=member+11").await, 11, "11 and 110 to 119");
    let company: String = house.one("select slug from companies").await;
    assert_eq!(names(&format!("company={company}")).await, 2);
    let (mut path, mut seen) = ("/admin/members".to_owned(), 0);
    loop {
        let page = nomsa.get(&path).await;
        seen += page
            .html
            .matches("<th scope=\"row\"><a href=\"/admin/members/")
            .count();
        let Some(more) = page
            .html
            .split("href=\"/admin/members?")
            .find(|part| part.contains("after="))
        else {
            break;
        };
        path = format!(
            "/admin/members?{}",
            more.split('"').next().unwrap().replace("&#38;", "&")
        );
    }
    assert_eq!(seen, 124);
}

#[tokio::test]
async fn duplicates_become_one_and_nothing_is_lost() {
    let house = House::open().await;
    house.run(STAFF).await;
    let (here, nomsa) = (house.member("here").await, house.member("nomsa").await);
    let thandeka = house.member("thandeka").await;
    let first = thandeka
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    let api = house.api("thandeka").await;
    let (keep, gone) = (
        reference(&house, "priya").await,
        reference(&house, "thandeka").await,
    );
    thandeka
        .post("/account/marketing", &[("channels", "email")])
        .await;
    nomsa
        .post(
            &format!("/admin/members/{gone}/notes"),
            &[("body", "Bring the key")],
        )
        .await;
    let pay = [
        ("booking", first.as_str()),
        ("way", "in"),
        ("amount", "150"),
        ("method", "card"),
        ("location", "musgrave"),
        ("key", &key()),
    ];
    nomsa.post("/admin/payments/new", &pay).await;
    assert_eq!(
        nomsa
            .get(&format!("/admin/members/{keep}/merge"))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    let preview = here
        .get(&format!("/admin/members/{keep}/merge?duplicate={gone}"))
        .await;
    assert!(
        preview.says("1 booking") && preview.says("R50.00 due") && preview.says("1 company"),
        "{}",
        preview.text()
    );
    assert_eq!(
        house
            .one::<i64>("select count(*) from members where merged_into is not null")
            .await,
        0
    );
    let merged = here
        .post(
            &format!("/admin/members/{keep}/merge"),
            &[("duplicate", gone.as_str())],
        )
        .await;
    let page = here.follow(&merged).await;
    assert!(
        page.says("R50.00due") || page.says("R50.00 due"),
        "{}",
        page.text()
    );
    assert!(
        page.says("Umoya Designs")
            && page.says("Bring the key")
            && page.says("thandeka@example.com")
    );
    assert!(
        here.get(&format!("/admin/members/{keep}?tab=bookings"))
            .await
            .says(&first)
    );
    assert!(
        here.get(&format!("/admin/members/{keep}?tab=money"))
            .await
            .says("Card machine")
            || here
                .get(&format!("/admin/members/{keep}?tab=money"))
                .await
                .says("card machine")
    );
    assert_eq!(
        here.get(&format!("/admin/members/{gone}")).await.location(),
        format!("/admin/members/{keep}")
    );
    assert!(
        thandeka
            .get("/account")
            .await
            .location()
            .starts_with("/sign-in"),
        "their session ended"
    );
    assert_eq!(api.get("/me").await.status, StatusCode::UNAUTHORIZED);
    let priya = house.member("priya").await;
    let statement = priya.get("/statement").await;
    assert!(
        statement.says("R200.00") && statement.says("R50.00"),
        "{}",
        statement.text()
    );
    priya
        .post::<&str, &str>(&format!("/bookings/{first}/cancellation"), &[])
        .await;
    assert_eq!(
        house
            .one::<i64>("select sum(cents)::bigint from ledger_entries")
            .await,
        -15_000
    );
    let data = priya.get("/account/data.json").await;
    assert!(data.html.contains(&first) && data.html.contains("\"given\": true"));
    let given: i64 = house
        .one("select count(*) from consents c join members m on m.id = c.member_id where m.email = 'priya@example.com' and c.given")
        .await;
    assert_eq!(given, 1, "what they agreed to is theirs");
}

#[tokio::test]
async fn two_desks_at_one_time_are_not_merged_and_neither_is_staff() {
    let house = House::open().await;
    house.run(STAFF).await;
    let here = house.member("here").await;
    house
        .member("thandeka")
        .await
        .book("desk-1", "2026-11-26", "09:00", "12:00")
        .await;
    house
        .member("priya")
        .await
        .book("desk-2", "2026-11-26", "11:00", "13:00")
        .await;
    let (keep, other) = (
        reference(&house, "priya").await,
        reference(&house, "thandeka").await,
    );
    let refused = here
        .post(
            &format!("/admin/members/{keep}/merge"),
            &[("duplicate", other.as_str())],
        )
        .await;
    assert!(
        here.follow(&refused)
            .await
            .says("Both have a hot desk at the same time")
    );
    let staff = reference(&house, "nomsa").await;
    let refused = here
        .post(
            &format!("/admin/members/{keep}/merge"),
            &[("duplicate", staff.as_str())],
        )
        .await;
    assert!(here.follow(&refused).await.says("works here"));
    let same = here
        .post(
            &format!("/admin/members/{keep}/merge"),
            &[("duplicate", keep.as_str())],
        )
        .await;
    assert!(here.follow(&same).await.says("Choose two"));
    assert_eq!(
        house
            .one::<i64>("select count(*) from members where merged_into is not null")
            .await,
        0
    );
}

#[tokio::test]
async fn merged_both_ways_at_once_one_of_them_wins() {
    let house = House::open().await;
    house.run(STAFF).await;
    let (here, owner) = (house.member("here").await, house.member("owner").await);
    let (one, other) = (
        reference(&house, "priya").await,
        reference(&house, "sipho").await,
    );
    let (to_one, to_other) = (
        format!("/admin/members/{one}/merge"),
        format!("/admin/members/{other}/merge"),
    );
    let (a, b) = (
        [("duplicate", other.as_str())],
        [("duplicate", one.as_str())],
    );
    tokio::join!(here.post(&to_one, &a), owner.post(&to_other, &b));
    assert_eq!(
        house
            .one::<i64>("select count(*) from members where merged_into is not null")
            .await,
        1
    );
}

#[tokio::test]
async fn who_asks_is_forgotten_once_nothing_stands_in_the_way() {
    let house = House::open().await;
    house.run(STAFF).await;
    let (here, nomsa) = (house.member("here").await, house.member("nomsa").await);
    let priya = house.member("priya").await;
    let booking = priya
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    let url = format!("/admin/members/{}", reference(&house, "priya").await);
    nomsa
        .post::<&str, &str>(&format!("{url}/erasure-request"), &[])
        .await;
    assert!(
        nomsa
            .get("/admin/members?erasure=yes")
            .await
            .says("Priya Naidoo")
    );
    assert_eq!(
        nomsa.get(&format!("{url}/erasure")).await.status,
        StatusCode::NOT_FOUND,
        "managers do that"
    );
    assert_eq!(
        nomsa.get(&format!("{url}/data.json")).await.status,
        StatusCode::NOT_FOUND
    );
    assert!(
        here.get(&format!("{url}/data.json"))
            .await
            .html
            .contains(&booking)
    );
    let refused = here
        .post::<&str, &str>(&format!("{url}/erasure"), &[])
        .await;
    assert!(refused.says("bookings ahead") && refused.says("R200.00 is due"));
    priya
        .post::<&str, &str>(&format!("/bookings/{booking}/cancellation"), &[])
        .await;
    let done = here
        .post::<&str, &str>(&format!("{url}/erasure"), &[])
        .await;
    assert_eq!(done.location(), "/admin/members");
    assert!(
        priya
            .get("/account")
            .await
            .location()
            .starts_with("/sign-in")
    );
    let left: String = house.one("select name || coalesce(email, '') || coalesce(phone, '') from members where erased_at is not null").await;
    assert!(left.starts_with("Forgotten CM-"), "{left}");
    assert_eq!(house.one::<i64>("select count(*) from bookings b join members m on m.id = b.member_id where m.erased_at is not null").await, 1);
    assert!(
        !nomsa
            .get("/admin/members?words=priya")
            .await
            .says("Priya Naidoo")
    );
}

#[tokio::test]
async fn a_member_asks_to_be_forgotten_and_takes_it_back() {
    let house = House::open().await;
    house.run(STAFF).await;
    let (nomsa, here) = (house.member("nomsa").await, house.member("here").await);
    let priya = house.member("priya").await;
    let booking = priya
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    house.deliver_mail().await;
    let page = priya.get("/account/privacy").await;
    assert!(
        page.says("You have bookings ahead") && page.says("R200.00 is due"),
        "{}",
        page.text()
    );
    let form = page.form("/account/erasure-request");
    assert!(!nomsa.get("/admin").await.says("Ask to be forgotten"));
    for _ in 0..2 {
        let asked = priya.submit(&form).await;
        assert_eq!(asked.location(), "/account/privacy#forgotten");
    }
    assert!(
        priya
            .get("/account/privacy")
            .await
            .says("We do it within 30 days")
    );
    assert_eq!(house.deliver_mail().await, 1, "asking twice is once");
    let mails = house.mails("priya@example.com").await;
    assert_eq!(mails[0].subject, "You asked to be forgotten");
    let reference = reference(&house, "priya").await;
    let erasure = format!("/admin/members/{reference}/erasure");
    let board = nomsa.get("/admin").await;
    assert!(
        board.says("Ask to be forgotten") && board.says("Priya Naidoo"),
        "{}",
        board.text()
    );
    assert!(!board.links().contains(&erasure), "managers do that");
    assert!(here.get("/admin").await.links().contains(&erasure));
    assert!(
        nomsa
            .get(&format!("/admin/members/{reference}"))
            .await
            .says("Asked to be forgotten on")
    );
    let back = priya
        .get("/account/privacy")
        .await
        .form("/account/erasure-request/withdrawal");
    priya.submit(&back).await;
    assert!(!here.get("/admin").await.says("Ask to be forgotten"));
    let said: String = house
        .one("select string_agg(verb, ', ' order by at) from audit_events where verb like 'ask to be%' and actor_id = subject_id")
        .await;
    assert_eq!(said, "ask to be forgotten, ask to be kept");
    // Again, and this time for good.
    priya.submit(&form).await;
    priya
        .post::<&str, &str>(&format!("/bookings/{booking}/cancellation"), &[])
        .await;
    here.post::<&str, &str>(&erasure, &[]).await;
    assert!(!here.get("/admin").await.says("Ask to be forgotten"));
    house.deliver_mail().await;
    let sent = house.mails("priya@example.com").await;
    assert!(sent.is_empty(), "nothing is sent to who is forgotten");
}

#[tokio::test]
async fn consent_said_at_the_front_desk_is_written_down() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let url = format!("/admin/members/{}", reference(&house, "sipho").await);
    nomsa
        .post(&format!("{url}/marketing"), &[("channels", "whatsapp")])
        .await;
    let said: String = house
        .one("select channel || ' ' || source || ' ' || given from consents")
        .await;
    assert_eq!(said, "whatsapp front_desk true");
    assert!(nomsa.get(&url).await.says("At the front desk"));
}

#[tokio::test]
async fn a_company_is_written_down_changed_and_takes_people_in() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let fields = [
        ("name", "Cane & Co"),
        ("payment_days", "30"),
        ("vat_no", "4123456789"),
    ];
    let made = nomsa.post("/admin/companies/new", &fields).await;
    let url = made.location().to_owned();
    assert!(
        url.starts_with("/admin/companies/cane-co-"),
        "{url} {}",
        made.text()
    );
    let twice = nomsa.post("/admin/companies/new", &fields).await;
    assert!(twice.says("There is a company of this name already"));
    let sipho = reference(&house, "sipho").await;
    let taken = nomsa
        .post(
            &format!("{url}/people"),
            &[("member", sipho.as_str()), ("role", "admin")],
        )
        .await;
    assert!(nomsa.follow(&taken).await.says("Sipho Dlamini"));
    assert!(
        nomsa
            .get(&format!("/admin/members/{sipho}"))
            .await
            .says("Umoya Designs (booker)"),
        "people in several companies"
    );
    let last = nomsa
        .post(&format!("{url}/people/{sipho}/role"), &[("role", "guest")])
        .await;
    assert!(nomsa.follow(&last).await.says("A company needs an admin"));
    let saved = nomsa
        .post(
            &url,
            &[
                ("version", "1"),
                ("name", "Cane and Company"),
                ("payment_days", "0"),
                ("po_required", "yes"),
            ],
        )
        .await;
    let url = saved.location().to_owned();
    assert!(
        url.starts_with("/admin/companies/cane-and-company-"),
        "{}",
        saved.text()
    );
    let stale = nomsa
        .post(
            &url,
            &[("version", "1"), ("name", "Mine"), ("payment_days", "0")],
        )
        .await;
    assert!(stale.says("What is there now") && stale.html.contains("value=\"Mine\""));
    assert!(
        nomsa
            .get("/admin/companies?words=company")
            .await
            .says("Cane and Company")
    );
    let days: i32 = house
        .one("select payment_days from companies where name = 'Cane and Company'")
        .await;
    assert_eq!(days, 0);
    let own = house.member("sipho").await;
    let slug = url.rsplit('/').next().unwrap();
    own.post(
        &format!("/team/{slug}"),
        &[
            ("version", "2"),
            ("name", "Cane and Company"),
            ("payment_days", "90"),
        ],
    )
    .await;
    let days: i32 = house
        .one("select payment_days from companies where name = 'Cane and Company'")
        .await;
    assert_eq!(days, 0, "terms are not for its admins to change");
}
