//! Signing in and out, links by mail, and what keeps others from doing it.

use connect_space::members::staff::{self, Role, SignsIn};
use reqwest::{Method, StatusCode, header};

use crate::support::{House, PASSWORD, Page, Person};

const NOTHING: &[(&str, &str)] = &[];

/// A page for members is shown to them.
async fn is_signed_in(person: &Person) -> bool {
    person.get("/bookings").await.status == StatusCode::OK
}

async fn ask_for_reset(house: &House, email: &str) -> String {
    house
        .visitor()
        .post("/reset-password", &[("email", email)])
        .await;
    house.link_mailed_to(email).await
}

#[tokio::test]
async fn signing_in_returns_to_the_very_page() {
    let house = House::open().await;
    let person = house.visitor();
    let asked = person.get("/bookings?past=1").await;
    let page = person.follow(&asked).await;
    let form = page
        .form("/sign-in")
        .with("email", " Thandeka@Example.com")
        .with("password", PASSWORD);
    let answer = person.submit(&form).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::SEE_OTHER, "/bookings?past=1")
    );
    let page = person.follow(&answer).await;
    assert_eq!(
        (page.status, page.header("cache-control")),
        (StatusCode::OK, "no-store")
    );
}

#[tokio::test]
async fn signing_in_leads_to_no_other_site() {
    let house = House::open().await;
    for elsewhere in [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/\t/evil.example",
    ] {
        let fields = [
            ("email", "thandeka@example.com"),
            ("password", PASSWORD),
            ("next", elsewhere),
        ];
        assert_eq!(
            house.visitor().post("/sign-in", &fields).await.location(),
            "/",
            "{elsewhere}"
        );
    }
}

#[tokio::test]
async fn a_refused_sign_in_tells_nobody_who_is_a_member() {
    let house = House::open().await;
    let person = house.visitor();
    let known = person
        .sign_in("thandeka@example.com", "not-her-password")
        .await;
    let unknown = person
        .sign_in("nobody-here@example.com", "not-her-password")
        .await;
    assert_eq!(known.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(known.form("/sign-in").get("email"), "thandeka@example.com");
    assert!(!known.html.contains("not-her-password"));
    assert_eq!(
        known.html.replace("thandeka@", "nobody-here@"),
        unknown.html
    );
    assert!(!is_signed_in(&person).await);

    let sent = |page: Page| page.location().to_owned();
    for (form, fields) in [
        ("/reset-password", vec![]),
        ("/sign-in", vec![("how", "link")]),
        ("/sign-up", vec![("name", "A")]),
    ] {
        let ask = async |email| {
            person
                .post(form, &[fields.as_slice(), &[("email", email)]].concat())
                .await
        };
        let (known, unknown) = (
            sent(ask("priya@example.com").await),
            sent(ask("other@example.com").await),
        );
        assert_eq!(known.replace("priya", "other"), unknown, "{form}");
    }
}

#[tokio::test]
async fn a_session_is_new_with_every_sign_in_and_dead_after_signing_out() {
    let house = House::open().await;
    let (person, name) = (house.visitor(), house.app.config.cookies().name("session"));
    person.set_cookie(&name, "planted");
    person.sign_in("thandeka@example.com", PASSWORD).await;
    let first = person.cookie(&name).unwrap();
    person.sign_in("thandeka@example.com", PASSWORD).await;
    let second = person.cookie(&name).unwrap();
    assert!(first != "planted" && first != second);

    let thief = house.visitor();
    thief.set_cookie(&name, &first);
    assert!(
        !is_signed_in(&thief).await,
        "the session before ended with the second sign-in"
    );
    thief.set_cookie(&name, &second);
    assert!(is_signed_in(&thief).await);

    let out = person.post("/sign-out", NOTHING).await;
    assert_eq!(person.cookie(&name), None);
    assert!(person.follow(&out).await.says("You are signed out."));
    assert!(
        !person.get("/sign-in").await.says("You are signed out."),
        "said once"
    );
    assert!(!is_signed_in(&thief).await);
}

#[tokio::test]
async fn a_session_ends_unused_or_old() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    house
        .run("update sessions set seen_at = now() - interval '29 days'")
        .await;
    assert!(is_signed_in(&thandeka).await, "and its use is noted:");
    assert!(
        house
            .one::<bool>("select seen_at > now() - interval '1 minute' from sessions")
            .await
    );
    house
        .run("update sessions set seen_at = now() - interval '31 days'")
        .await;
    assert!(!is_signed_in(&thandeka).await, "a month unused");

    let thandeka = house.member("thandeka").await;
    house
        .run("update sessions set expires_at = expires_at - interval '91 days'")
        .await;
    assert!(!is_signed_in(&thandeka).await, "three months old");
}

#[tokio::test]
async fn a_newcomer_signs_up_by_mail_and_chooses_a_password_or_not() {
    let house = House::open().await;
    let person = house.visitor();
    let form = person
        .get("/sign-up?next=%2Fspaces%2Fpier")
        .await
        .form("/sign-up");
    let refused = person
        .submit(
            &form
                .clone()
                .with("name", "Lindiwe Zulu")
                .with("email", "lindiwe"),
        )
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.form("/sign-up").get("name"), "Lindiwe Zulu");
    person
        .submit(
            &form
                .with("name", "Lindiwe Zulu")
                .with("email", "lindiwe@example.com"),
        )
        .await;

    let link = house.link_mailed_to("lindiwe@example.com").await;
    for _ in 0..3 {
        let page = person.get(&link).await;
        assert_eq!(
            (page.status, page.header("referrer-policy")),
            (StatusCode::OK, "strict-origin"),
            "looking uses nothing up"
        );
    }
    assert!(!is_signed_in(&person).await);
    let weak = person.post(&link, &[("password", "short")]).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = person.post(&link, &[("password", "amanzimtoti-74")]).await;
    assert_eq!(
        (done.status, done.location()),
        (StatusCode::SEE_OTHER, "/spaces/pier")
    );
    assert!(person.follow(&done).await.says("Welcome, Lindiwe Zulu."));
    assert_eq!(
        house
            .visitor()
            .sign_in("lindiwe@example.com", "amanzimtoti-74")
            .await
            .status,
        StatusCode::SEE_OTHER
    );

    let other = house.visitor();
    other
        .post(
            "/sign-up",
            &[("name", "Ayanda"), ("email", "ayanda@example.com")],
        )
        .await;
    let link = house.link_mailed_to("ayanda@example.com").await;
    assert_eq!(
        other.post(&link, &[("password", "")]).await.location(),
        "/today"
    );
    assert!(is_signed_in(&other).await);
}

#[tokio::test]
async fn signing_up_with_a_known_address_changes_nothing_and_mails_a_link_to_sign_in() {
    let house = House::open().await;
    let stranger = house.visitor();
    stranger
        .post(
            "/sign-up",
            &[("name", "Mallory"), ("email", "thandeka@example.com")],
        )
        .await;
    let link = house.link_mailed_to("thandeka@example.com").await;
    let thandeka = house.visitor();
    assert!(!thandeka.get(&link).await.html.contains("new-password"));
    thandeka
        .post(&link, &[("password", "mallorys-choice-1")])
        .await;
    assert!(is_signed_in(&thandeka).await && !is_signed_in(&stranger).await);
    assert_eq!(
        house
            .visitor()
            .sign_in("thandeka@example.com", PASSWORD)
            .await
            .status,
        StatusCode::SEE_OTHER
    );
    assert!(
        house
            .one::<bool>(
                "select name = 'Thandeka Mkhize' from members where email = 'thandeka@example.com'"
            )
            .await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_works_once_however_many_use_it_at_once() {
    let house = House::open().await;
    house
        .visitor()
        .post(
            "/sign-in",
            &[("email", "thandeka@example.com"), ("how", "link")],
        )
        .await;
    let link = house.link_mailed_to("thandeka@example.com").await;
    let uses: Vec<_> = (0..50)
        .map(|_| {
            let (person, link) = (house.visitor(), link.clone());
            tokio::spawn(async move { person.post(&link, NOTHING).await.status })
        })
        .collect();
    let (mut worked, mut spent) = (0, 0);
    for outcome in uses {
        match outcome.await.unwrap() {
            StatusCode::SEE_OTHER => worked += 1,
            StatusCode::GONE => spent += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!((worked, spent), (1, 49));
    assert!(house.visitor().get(&link).await.says("It was used already"));
    assert_eq!(
        house.visitor().get("/links/made-up").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_new_password_ends_all_that_the_old_one_opened() {
    let house = House::open().await;
    let elsewhere = house.member("thandeka").await;
    house
        .visitor()
        .post(
            "/sign-in",
            &[("email", "thandeka@example.com"), ("how", "link")],
        )
        .await;
    let older = house.link_mailed_to("thandeka@example.com").await;
    let link = ask_for_reset(&house, "thandeka@example.com").await;
    let thandeka = house.visitor();
    assert_eq!(
        thandeka.post(&link, &[("password", "")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        thandeka
            .post(&link, &[("password", "umhlanga-pier-9")])
            .await
            .location(),
        "/today"
    );
    assert!(is_signed_in(&thandeka).await && !is_signed_in(&elsewhere).await);
    assert_eq!(house.visitor().get(&older).await.status, StatusCode::GONE);
    assert_eq!(
        house
            .visitor()
            .sign_in("thandeka@example.com", PASSWORD)
            .await
            .status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        house
            .visitor()
            .sign_in("thandeka@example.com", "umhlanga-pier-9")
            .await
            .status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_reset_link_works_for_ten_minutes() {
    let house = House::open().await;
    let link = ask_for_reset(&house, "thandeka@example.com").await;
    house
        .run("update links set expires_at = expires_at - interval '9 minutes'")
        .await;
    assert_eq!(house.visitor().get(&link).await.status, StatusCode::OK);
    house
        .run("update links set expires_at = expires_at - interval '1 minute'")
        .await;
    let page = house.visitor().get(&link).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.says("Its time has run out."));
    let late = house
        .visitor()
        .post(&link, &[("password", "umhlanga-pier-9")])
        .await;
    assert_eq!(late.status, StatusCode::GONE);
}

#[tokio::test]
async fn wrong_passwords_stop_the_one_who_guesses_and_nobody_else() {
    let house = House::open().await;
    let guess = async |password| {
        house
            .visitor()
            .sign_in("thandeka@example.com", password)
            .await
    };
    for _ in 0..10 {
        assert_eq!(
            guess("a-wrong-guess").await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
    let refused = guess(PASSWORD).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.header("retry-after").parse::<u64>().unwrap() <= 900);
    let forged = house.visitor();
    let request = forged
        .request(Method::POST, "/sign-in")
        .header("x-forwarded-for", "203.0.113.9");
    let request = request.form(&[("email", "thandeka@example.com"), ("password", PASSWORD)]);
    assert_eq!(
        forged.send(request).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    assert_eq!(
        house
            .visitor()
            .sign_in("sipho@example.com", PASSWORD)
            .await
            .status,
        StatusCode::SEE_OTHER
    );

    // As if all of them had come from somewhere else.
    house
        .run("update attempts set subject = replace(subject, '127.0.0.1', '203.0.113.9')")
        .await;
    assert_eq!(guess(PASSWORD).await.status, StatusCode::SEE_OTHER);

    house
        .run("update attempts set subject = replace(subject, '203.0.113.9', '127.0.0.1')")
        .await;
    for number in 0..20 {
        house
            .visitor()
            .sign_in(&format!("guess{number}@example.com"), "a-wrong-guess")
            .await;
    }
    assert_eq!(
        house
            .visitor()
            .sign_in("sipho@example.com", PASSWORD)
            .await
            .status,
        StatusCode::TOO_MANY_REQUESTS
    );
    house
        .run("update attempts set at = at - interval '15 minutes'")
        .await;
    assert_eq!(
        house
            .visitor()
            .sign_in("sipho@example.com", PASSWORD)
            .await
            .status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn an_address_gets_five_links_an_hour() {
    let house = House::open().await;
    for _ in 0..7 {
        let answer = house
            .visitor()
            .post("/reset-password", &[("email", "thandeka@example.com")])
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(house.deliver_mail().await, 5);
    house
        .run("update links set created_at = created_at - interval '1 hour'")
        .await;
    ask_for_reset(&house, "thandeka@example.com").await;
    assert_eq!(house.mails("thandeka@example.com").await.len(), 6);
}

#[tokio::test]
async fn the_link_in_the_mail_confirms_a_newcomers_booking_and_signs_them_in() {
    let house = House::open().await;
    house
        .visitor()
        .ask(
            "lindiwe@example.com",
            "lighthouse",
            "2026-11-24",
            "09:00",
            "11:00",
        )
        .await;
    let link = house.link_mailed_to("lindiwe@example.com").await;
    let lindiwe = house.visitor();
    let page = lindiwe.get(&link).await;
    for words in [
        "Lighthouse, Musgrave",
        "Tue 24 November, 09:00–11:00",
        "R400",
    ] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    let done = lindiwe.post(&link, NOTHING).await;
    assert!(
        done.location().starts_with("/bookings/CS-"),
        "{}",
        done.location()
    );
    assert_eq!(lindiwe.follow(&done).await.status, StatusCode::OK);
    assert!(house.one::<bool>("select email_verified_at is not null from members where email = 'lindiwe@example.com'").await);
    assert!(
        house
            .one::<bool>("select status = 'confirmed' and created_by = member_id from bookings")
            .await
    );
}

#[tokio::test]
async fn a_link_whose_booking_is_lost_still_signs_in_and_says_why() {
    let house = House::open().await;
    house
        .visitor()
        .ask(
            "lindiwe@example.com",
            "lighthouse",
            "2026-11-24",
            "09:00",
            "11:00",
        )
        .await;
    let link = house.link_mailed_to("lindiwe@example.com").await;
    house.run("update bookings set hold_expires_at = now(); update occupancies set held_until = now()").await;
    house
        .member("sipho")
        .await
        .book("lighthouse", "2026-11-24", "10:00", "12:00")
        .await;
    let lindiwe = house.visitor();
    let done = lindiwe.post(&link, NOTHING).await;
    assert_eq!(
        (done.status, done.location()),
        (StatusCode::SEE_OTHER, "/bookings")
    );
    let page = lindiwe.follow(&done).await;
    assert!(
        page.says("This hold has ended and Lighthouse has been taken since."),
        "{}",
        page.text()
    );
    assert_eq!(lindiwe.get(&link).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_token_is_one_of_ours_and_not_revoked() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    assert_eq!(api.get("/bookings").await.status, StatusCode::OK);
    for sent in ["", "Bearer", "Bearer cs_made-up", "Basic dGhhbmRla2E6eA=="] {
        let request = house
            .visitor()
            .request(Method::GET, "/api/v1/bookings")
            .header(header::AUTHORIZATION, sent);
        let answer = house.visitor().send(request).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{sent:?}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    house.run("update api_tokens set revoked_at = now()").await;
    let revoked = api.get("/bookings").await;
    assert_eq!(
        (revoked.status, revoked.problem()),
        (StatusCode::UNAUTHORIZED, "no-token")
    );
}

#[tokio::test]
async fn staff_who_are_new_choose_their_password_by_mail() {
    let house = House::open().await;
    let mut tx = house.db.begin().await.unwrap();
    let refused = staff::add(
        &mut tx,
        "owner@example.com",
        "Zanele Cele",
        Role::Manager,
        None,
    )
    .await
    .unwrap();
    assert_eq!(refused, Err(staff::Refusal::WithoutLocation));
    let refused = staff::add(
        &mut tx,
        "owner@example.com",
        "Zanele Cele",
        Role::Manager,
        Some("moon"),
    )
    .await
    .unwrap();
    assert_eq!(
        refused.unwrap_err().to_string(),
        "No location is called moon."
    );
    let known = staff::add(
        &mut tx,
        "sipho@example.com",
        "Sipho",
        Role::Manager,
        Some("musgrave"),
    )
    .await
    .unwrap();
    assert_eq!(known, Ok(SignsIn::AsBefore));
    let new = staff::add(
        &mut tx,
        "Zanele@Example.com",
        "Zanele Cele",
        Role::Owner,
        None,
    )
    .await
    .unwrap();
    assert_eq!(new, Ok(SignsIn::ByMailedLink));
    tx.commit().await.unwrap();

    let zanele = house.visitor();
    let link = house.link_mailed_to("zanele@example.com").await;
    zanele
        .post(&link, &[("password", "musgrave-jacaranda")])
        .await;
    assert!(is_signed_in(&zanele).await);
    assert!(house.one::<bool>("select role = 'owner' from staff join members on id = member_id where email = 'zanele@example.com'").await);
}
