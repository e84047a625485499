//! People whom we do not know yet: a hold, a mail, one press, and they are booked and signed in.

use reqwest::StatusCode;

use crate::support::{House, Page, Person};

const LINDIWE: &str = "lindiwe@example.com";

/// Lindiwe asks for the lighthouse on Tuesday at nine.
async fn asks(person: &Person, email: &str) -> Page {
    let held = person
        .ask(email, "lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    assert_eq!(held.status, StatusCode::SEE_OTHER, "{}", held.text());
    held
}

/// What makes the newest hold one whose half hour is over.
const RUN_OUT: &str =
    "update occupancies set held_until = now() - interval '1 minute' where held_until is not null;
    update bookings set hold_expires_at = now() - interval '1 minute' where status = 'held'";

#[tokio::test]
async fn a_name_an_address_and_a_mobile_number_are_enough() {
    let house = House::open().await;
    let lindiwe = house.visitor();
    let space = lindiwe
        .get("/spaces/lighthouse?by=time&date=2026-11-24&from=09:00&until=10:00")
        .await;
    assert!(
        space.says("R200"),
        "the price before anything is asked: {}",
        space.text()
    );
    let form = space
        .form("/bookings")
        .with("name", "Lindiwe Zulu")
        .with("email", LINDIWE)
        .with("mobile", "082 000 0009");
    let held = lindiwe.submit(&form).await;
    let page = lindiwe.follow(&held).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.says("Look into your mail")
            && page.says("Lighthouse")
            && page.says("Held for you until"),
        "{}",
        page.text()
    );
    assert_eq!(house.one::<i64>("select round(extract(epoch from hold_expires_at - now()) / 60)::bigint from bookings").await, 30);

    let link = house.link_mailed_to(LINDIWE).await;
    for _ in 0..2 {
        let page = lindiwe.get(&link).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.says("Confirm the booking") && page.says("Tue 24 November, 09:00–10:00"),
            "{}",
            page.text()
        );
        assert_eq!(
            house.one::<String>("select status from bookings").await,
            "held",
            "looking changes nothing"
        );
        assert_eq!(house.one::<i64>("select count(*) from sessions").await, 0);
    }
    // Opened in another browser than the one that asked.
    let elsewhere = house.visitor();
    let form = elsewhere.get(&link).await.form("");
    let confirmed = elsewhere.post(&link, &form.fields).await;
    let booking = elsewhere.follow(&confirmed).await;
    assert!(
        booking.says("You are booked, Lindiwe Zulu"),
        "{}",
        booking.text()
    );
    assert_eq!(
        house.one::<String>("select status from bookings").await,
        "confirmed"
    );
    let proven = format!(
        "select count(*) from members where email = '{LINDIWE}' and email_verified_at is not null and phone = '+27820000009'"
    );
    assert_eq!(
        sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(proven))
            .fetch_one(&house.db)
            .await
            .unwrap(),
        1
    );
    house.deliver_mail().await;
    assert!(
        house.mails(LINDIWE).await[0]
            .subject
            .starts_with("Booked: Lighthouse"),
        "the confirmation"
    );

    for again in [
        elsewhere.post::<&str, &str>(&link, &[]).await,
        elsewhere.get(&link).await,
    ] {
        assert_eq!(again.status, StatusCode::GONE);
        assert!(
            again.says("It was used already, and works only once."),
            "{}",
            again.text()
        );
    }
    assert_eq!(
        house
            .one::<i64>("select count(*) from ledger_entries")
            .await,
        1
    );
}

#[tokio::test]
async fn nobody_learns_who_is_a_member() {
    let house = House::open().await;
    house
        .member("priya")
        .await
        .book("lighthouse", "2026-11-25", "09:00", "10:00")
        .await;
    // The end of the hold is the only thing that may differ, by the seconds between them.
    let masked = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "0");
    let mut seen = Vec::new();
    for (email, space) in [
        (LINDIWE, "lighthouse"),
        ("thandeka@example.com", "lighthouse"),
    ] {
        let visitor = house.visitor();
        let answer = visitor
            .ask(email, space, "2026-11-24", "09:00", "10:00")
            .await;
        let page = visitor.follow(&answer).await;
        house.run(RUN_OUT).await;
        let headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        seen.push((
            answer.status,
            masked(answer.location()),
            headers,
            page.status,
            masked(&page.text()),
        ));
    }
    assert_eq!(seen[0], seen[1]);
    house.deliver_mail().await;
    let subjects = async |to| {
        house
            .mails(to)
            .await
            .into_iter()
            .map(|mail| mail.subject)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        subjects(LINDIWE).await,
        subjects("thandeka@example.com").await
    );
    for (path, field) in [
        ("/sign-up", "name"),
        ("/reset-password", "note"),
        ("/sign-in", "how"),
    ] {
        let mut answers = Vec::new();
        for email in ["thandeka@example.com", "unknownn@example.com"] {
            let answer = house
                .visitor()
                .post(path, &[("email", email), (field, "link")])
                .await;
            answers.push((
                answer.status,
                answer.location().replace("unknownn", "thandeka"),
                answer.html.len(),
            ));
        }
        assert_eq!(answers[0], answers[1], "{path}");
        assert_eq!(answers[0].0, StatusCode::SEE_OTHER, "{path}");
    }
}

#[tokio::test]
async fn a_hold_in_a_members_name_is_not_theirs_until_they_have_followed_the_link() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    asks(&house.visitor(), "thandeka@example.com").await;
    assert!(
        !thandeka.get("/bookings").await.says("Lighthouse"),
        "a stranger made it"
    );
    let link = house.link_mailed_to("thandeka@example.com").await;
    let confirmed = thandeka.post::<&str, &str>(&link, &[]).await;
    assert_eq!(confirmed.status, StatusCode::SEE_OTHER);
    assert!(thandeka.get("/bookings").await.says("Lighthouse"));
    let name: String = house
        .one("select name from members where email = 'thandeka@example.com'")
        .await;
    assert_eq!(name, "Thandeka Mkhize", "the stranger named her otherwise");
}

#[tokio::test]
async fn a_corrected_address_takes_the_place_of_the_first() {
    let house = House::open().await;
    let lindiwe = house.visitor();
    asks(&lindiwe, "lindiwee@example.com").await;
    asks(&lindiwe, LINDIWE).await;
    assert_eq!(
        house
            .one::<i64>("select count(*) from bookings where takes_space")
            .await,
        1
    );
    let link = house.link_mailed_to(LINDIWE).await;
    let confirmed = lindiwe.post::<&str, &str>(&link, &[]).await;
    assert!(lindiwe.follow(&confirmed).await.says("You are booked"));
    let stranger = house
        .visitor()
        .ask(
            "other@example.com",
            "lighthouse",
            "2026-11-24",
            "09:00",
            "10:00",
        )
        .await;
    assert_eq!(
        stranger.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "another browser replaces nothing"
    );
}

#[tokio::test]
async fn a_hold_that_has_run_out_is_free_and_can_be_confirmed_while_it_is() {
    // case L6
    let house = House::open().await;
    let lindiwe = house.visitor();
    asks(&lindiwe, LINDIWE).await;
    let link = house.link_mailed_to(LINDIWE).await;
    house.run(RUN_OUT).await;
    let free = house
        .visitor()
        .get("/spaces/lighthouse?by=time&date=2026-11-24&from=09:00&until=10:00")
        .await;
    assert!(free.find_form("/bookings").is_some(), "{}", free.text());
    let confirmed = lindiwe.post::<&str, &str>(&link, &[]).await;
    assert!(lindiwe.follow(&confirmed).await.says("You are booked"));
}

#[tokio::test]
async fn a_hold_that_has_run_out_and_is_taken_says_so() {
    // case L6
    let house = House::open().await;
    let lindiwe = house.visitor();
    asks(&lindiwe, LINDIWE).await;
    let link = house.link_mailed_to(LINDIWE).await;
    house.run(RUN_OUT).await;
    house
        .member("thandeka")
        .await
        .book("lighthouse", "2026-11-24", "09:30", "10:30")
        .await;
    let late = lindiwe.post::<&str, &str>(&link, &[]).await;
    let page = lindiwe.follow(&late).await;
    assert!(
        page.says("This hold has ended and Lighthouse has been taken since. Choose another time."),
        "{}",
        page.text()
    );
    assert_eq!(
        house
            .one::<i64>("select count(*) from ledger_entries")
            .await,
        1,
        "Thandeka's alone"
    );
    assert_eq!(house.one::<i64>("select count(*) from sessions s join members m on m.id = member_id where m.email = 'lindiwe@example.com'").await, 1);
}

#[tokio::test]
async fn a_link_lasts_for_half_an_hour() {
    let house = House::open().await;
    let lindiwe = house.visitor();
    asks(&lindiwe, LINDIWE).await;
    let link = house.link_mailed_to(LINDIWE).await;
    house
        .run("update links set expires_at = now() - interval '1 second'")
        .await;
    for late in [
        lindiwe.get(&link).await,
        lindiwe.post::<&str, &str>(&link, &[]).await,
    ] {
        assert_eq!(late.status, StatusCode::GONE);
        assert!(late.says("Its time has run out."), "{}", late.text());
    }
    assert_eq!(
        house.one::<String>("select status from bookings").await,
        "held"
    );
    assert_eq!(
        lindiwe.get("/links/made-up").await.status,
        StatusCode::NOT_FOUND
    );
}
