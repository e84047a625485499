//! Taking turns by PIN at a shared computer, and its cover.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};

use crate::people::{STAFF, reference};
use crate::support::{House, Page, Person};

const PASSWORD: &str = "durban-sunrise-2026";

/// A shared computer at which Nomsa has signed in with her password; she and the manager have PINs.
async fn shared(house: &House) -> Person {
    house.run(STAFF).await;
    let hash = connect_space::sessions::credentials::hash(&house.app.limits, PASSWORD.into())
        .await
        .unwrap();
    sqlx::query("update members set password_hash = $1 where id in (select member_id from staff)")
        .bind(hash)
        .execute(&house.db)
        .await
        .unwrap();
    for (name, pin) in [("nomsa", "2580"), ("here", "9031")] {
        let person = house.member(name).await;
        let fields = [("pin_password", PASSWORD), ("pin", pin)];
        assert_eq!(
            person.post("/account/pin", &fields).await.status,
            StatusCode::SEE_OTHER
        );
    }
    let computer = house.visitor();
    computer.sign_in("nomsa@example.com", PASSWORD).await;
    let fields = [("name", "Musgrave front desk"), ("lock_minutes", "5")];
    assert_eq!(
        computer.post("/admin/computer", &fields).await.location(),
        "/admin/computer"
    );
    computer
}

async fn switch(house: &House, computer: &Person, name: &str, pin: &str) -> Page {
    let who = reference(house, name).await;
    computer
        .post(
            "/admin/switch",
            &[
                ("person", who.as_str()),
                ("pin", pin),
                ("next", "/admin/members"),
            ],
        )
        .await
}

async fn rest(house: &House, minutes: i32) {
    sqlx::query("update sessions set active_at = active_at - make_interval(mins => $1) where computer_id is not null")
        .bind(minutes)
        .execute(&house.db)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_pin_goes_on_as_that_person_within_two_seconds_and_the_audit_names_them() {
    let house = House::open().await;
    let computer = shared(&house).await;
    let page = computer.get("/admin/switch").await;
    assert!(
        page.says("Nomsa Khumalo") && page.says("Here"),
        "{}",
        page.text()
    );
    let before = computer
        .cookie("session")
        .or(computer.cookie("__Host-session"));
    let begun = Instant::now();
    let switched = switch(&house, &computer, "here", "9031").await;
    let took = begun.elapsed();
    assert_eq!(switched.location(), "/admin/members");
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert_ne!(
        before,
        computer
            .cookie("session")
            .or(computer.cookie("__Host-session")),
        "another secret"
    );
    let sipho = reference(&house, "sipho").await;
    computer
        .post(
            &format!("/admin/members/{sipho}/notes"),
            &[("body", "Came by")],
        )
        .await;
    let who: String = house
        .one("select m.name from audit_events e join members m on m.id = e.actor_id where verb = 'note'")
        .await;
    assert_eq!(who, "Here");
    let line: String = house
        .one("select detail->>'computer' from audit_events where verb = 'switch by PIN'")
        .await;
    assert_eq!(line, "Musgrave front desk");
    assert_eq!(
        switch(&house, &computer, "nomsa", "2580").await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_pin_is_good_at_a_shared_computer_alone_and_only_on_a_day_with_a_password() {
    let house = House::open().await;
    let computer = shared(&house).await;
    let elsewhere = house.visitor();
    assert!(
        switch(&house, &elsewhere, "nomsa", "2580")
            .await
            .location()
            .starts_with("/sign-in")
    );
    let at_home = house.member("nomsa").await;
    assert_eq!(
        switch(&house, &at_home, "here", "9031").await.location(),
        "/admin/switch"
    );
    assert!(
        at_home
            .get("/admin/switch")
            .await
            .says("not one that staff share")
    );
    house
        .run("update computers set password_at = now() - interval '17 hours'")
        .await;
    assert!(
        switch(&house, &computer, "here", "9031")
            .await
            .says("needs a password first")
    );
    computer.sign_in("nomsa@example.com", PASSWORD).await;
    assert_eq!(
        switch(&house, &computer, "here", "9031").await.status,
        StatusCode::SEE_OTHER
    );
    computer.post::<&str, &str>("/sign-out", &[]).await;
    assert!(
        switch(&house, &computer, "here", "9031")
            .await
            .location()
            .starts_with("/sign-in"),
        "signed out is signed out"
    );
    computer.sign_in("thandeka@example.com", PASSWORD).await;
    assert!(
        switch(&house, &computer, "here", "9031")
            .await
            .location()
            .starts_with("/sign-in"),
        "a member opens nothing"
    );
}

#[tokio::test]
async fn wrong_pins_are_counted_for_each_person_and_at_the_computer() {
    let house = House::open().await;
    let computer = shared(&house).await;
    for _ in 0..5 {
        let wrong = switch(&house, &computer, "here", "1111").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!wrong.html.contains("value=\"1111\""));
    }
    assert_eq!(
        switch(&house, &computer, "here", "9031").await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    assert_eq!(
        switch(&house, &computer, "nomsa", "2580").await.status,
        StatusCode::SEE_OTHER,
        "others can go on"
    );
    for _ in 0..5 {
        switch(&house, &computer, "nomsa", "1111").await;
        switch(&house, &computer, "nomsa", "2580").await;
    }
    assert_eq!(
        switch(&house, &computer, "nomsa", "2580").await.status,
        StatusCode::TOO_MANY_REQUESTS,
        "ten at the computer"
    );
    assert_eq!(
        computer.sign_in("here@example.com", PASSWORD).await.status,
        StatusCode::SEE_OTHER,
        "a password still goes"
    );
}

#[tokio::test]
async fn a_computer_that_nobody_touches_is_covered_at_the_next_request() {
    let house = House::open().await;
    let computer = shared(&house).await;
    rest(&house, 4).await;
    assert_eq!(computer.get("/admin/members").await.status, StatusCode::OK);
    rest(&house, 6).await;
    let covered = computer.get("/admin/members?words=sipho").await;
    assert_eq!(
        covered.location(),
        "/admin/switch?next=%2Fadmin%2Fmembers%3Fwords%3Dsipho"
    );
    assert!(
        !computer.get("/").await.says("Front desk"),
        "for the site they are nobody in particular"
    );
    assert!(computer.get("/admin/switch").await.says("Who goes on?"));
    assert_eq!(
        switch(&house, &computer, "nomsa", "2580").await.location(),
        "/admin/members"
    );
    assert_eq!(computer.get("/admin/members").await.status, StatusCode::OK);
    computer.post::<&str, &str>("/admin/lock", &[]).await;
    assert!(
        computer
            .get("/admin/members")
            .await
            .location()
            .starts_with("/admin/switch"),
        "covered at once when asked"
    );
    let at_home = house.member("nomsa").await;
    house
        .run("update sessions set active_at = active_at - interval '1 day'")
        .await;
    assert_eq!(
        at_home.get("/admin/members").await.status,
        StatusCode::OK,
        "one’s own computer is not covered"
    );
}

#[tokio::test]
async fn what_a_page_asks_for_by_itself_keeps_no_computer_open() {
    let house = House::open().await;
    let computer = shared(&house).await;
    rest(&house, 4).await;
    let by_itself = computer
        .request(Method::GET, "/admin/members")
        .header("sec-fetch-mode", "cors");
    assert_eq!(computer.send(by_itself).await.status, StatusCode::OK);
    rest(&house, 2).await;
    assert!(
        computer
            .get("/admin/members")
            .await
            .location()
            .starts_with("/admin/switch")
    );
    switch(&house, &computer, "nomsa", "2580").await;
    rest(&house, 4).await;
    assert_eq!(
        computer
            .post::<&str, &str>("/admin/activity", &[])
            .await
            .status,
        StatusCode::NO_CONTENT
    );
    rest(&house, 4).await;
    assert_eq!(
        computer.get("/admin/members").await.status,
        StatusCode::OK,
        "who types is there"
    );
}

#[tokio::test]
async fn what_was_typed_before_the_cover_came_is_kept_and_sent_afterwards() {
    let house = House::open().await;
    let computer = shared(&house).await;
    let notes = format!("/admin/members/{}/notes", reference(&house, "sipho").await);
    rest(&house, 6).await;
    let asked = computer
        .post(&notes, &[("body", "Left a “blue” bag & hat")])
        .await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.says("nothing is lost"), "{}", asked.text());
    assert_eq!(
        house.one::<i64>("select count(*) from member_notes").await,
        0
    );
    let nomsa = reference(&house, "nomsa").await;
    let form = asked
        .form("/admin/switch")
        .with("person", &nomsa)
        .with("pin", "2580");
    let kept = computer.submit(&form).await;
    assert!(kept.says("Send what you typed?"), "{}", kept.text());
    let sent = computer.submit(&kept.form(&notes)).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert_eq!(
        house.one::<String>("select body from member_notes").await,
        "Left a “blue” bag & hat"
    );
}

#[tokio::test]
async fn what_is_the_managers_asks_for_their_password_when_they_came_by_pin() {
    let house = House::open().await;
    let computer = shared(&house).await;
    switch(&house, &computer, "here", "9031").await;
    assert_eq!(
        computer.get("/admin/members").await.status,
        StatusCode::OK,
        "the front desk is open"
    );
    for path in [
        "/admin/audit",
        "/admin/audit.csv",
        "/admin/locations/musgrave/cash-ups",
        "/account/security",
        "/account",
    ] {
        let asked = computer.get(path).await;
        let proof = format!(
            "/admin/proof?{}",
            connect_space::html::query(&[("next", path)])
        );
        assert_eq!(asked.location(), proof, "{path}");
    }
    assert_eq!(
        computer
            .post("/account/tokens", &[("token_name", "x")])
            .await
            .location()
            .split('?')
            .next(),
        Some("/admin/proof")
    );
    let wrong = computer
        .post(
            "/admin/proof",
            &[("password", "x"), ("next", "/admin/audit")],
        )
        .await;
    assert!(wrong.says("This is not your password."));
    let proven = computer
        .post(
            "/admin/proof",
            &[("password", PASSWORD), ("next", "/admin/audit")],
        )
        .await;
    assert_eq!(proven.location(), "/admin/audit");
    assert_eq!(computer.get("/admin/audit").await.status, StatusCode::OK);
    house
        .run("update sessions set proven_at = now() - interval '16 minutes'")
        .await;
    assert!(
        computer
            .get("/admin/audit")
            .await
            .location()
            .starts_with("/admin/proof")
    );
    let nomsa = switch(&house, &computer, "nomsa", "2580").await;
    assert_eq!(nomsa.status, StatusCode::SEE_OTHER);
    assert_eq!(
        computer.get("/admin/audit").await.status,
        StatusCode::NOT_FOUND,
        "and for the front desk it is not there"
    );
    let again = [("name", "Mine"), ("lock_minutes", "60")];
    assert!(
        computer
            .post("/admin/computer", &again)
            .await
            .location()
            .starts_with("/admin/proof"),
        "a PIN shares nothing"
    );
}

#[tokio::test]
async fn pins_are_kept_as_hashes_and_easy_ones_are_refused() {
    let house = House::open().await;
    shared(&house).await;
    let hash: String = house.one("select pin_hash from staff s join members m on m.id = s.member_id where m.name = 'Here'").await;
    assert!(hash.starts_with("$argon2id$") && !hash.contains("9031"));
    let nomsa = house.member("nomsa").await;
    for (pin, password, sentence) in [
        ("1234", PASSWORD, "first that people try"),
        ("12", PASSWORD, "four to eight digits"),
        ("7294", "no", "This is not your password"),
    ] {
        let refused = nomsa
            .post("/account/pin", &[("pin_password", password), ("pin", pin)])
            .await;
        assert!(refused.says(sentence), "{sentence}: {}", refused.text());
    }
    let member = house.member("thandeka").await;
    assert_eq!(
        member
            .post(
                "/account/pin",
                &[("pin_password", PASSWORD), ("pin", "7294")]
            )
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    assert!(!member.get("/account/security").await.says("New PIN"));
    nomsa.post::<&str, &str>("/account/pin/ending", &[]).await;
    assert!(house.one::<bool>("select pin_hash is null from staff s join members m on m.id = s.member_id where m.name like 'Nomsa%'").await);
}
