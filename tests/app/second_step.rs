//! Signing in that stands up to a stolen password: codes of an authenticator app, recovery codes, and what is
//! half-way in between.

use chrono::TimeDelta;
use connect_space::clock::Clock;
use reqwest::StatusCode;
use totp_rs::{Builder, Secret, Totp};

use crate::machines::another;
use crate::people::{STAFF, reference};
use crate::support::{House, PASSWORD, Page, Person, program};

const NOTHING: &[(&str, &str)] = &[];
const PAGE: &str = "/account/security/second-step";
const CODES: &str = "/account/security/second-step/codes";
const THANDEKA: &str = "thandeka@example.com";

/// What an authenticator app has learnt from us, with a clock of its own.
struct Phone {
    app: Totp,
    clock: Clock,
    /// Seconds by which its clock is fast.
    fast: i64,
}

impl Phone {
    /// Types the key that a page shows into the app.
    fn learns(house: &House, page: &Page) -> Phone {
        let (_, rest) = page.html.split_once("class=\"key num\">").expect("a key");
        let key = rest.split('<').next().unwrap().replace(' ', "");
        let secret = Secret::try_from_base32(key).unwrap();
        Phone {
            app: Builder::new().with_secret(secret).build().unwrap(),
            clock: house.app.clock.clone(),
            fast: 0,
        }
    }

    fn code(&self) -> String {
        let seconds = self.clock.now().timestamp() + self.fast;
        self.app
            .generate(u64::try_from(seconds).unwrap())
            .to_string()
    }
}

fn later(house: &House, seconds: i64) {
    house.app.clock.shift(TimeDelta::seconds(seconds));
}

fn shown(page: &Page) -> Vec<String> {
    let (_, list) = page.html.split_once("class=\"codes").expect("codes");
    let items = list.split("</ol>").next().unwrap().split("<li>").skip(1);
    items
        .map(|item| item.split('<').next().unwrap().to_owned())
        .collect()
}

/// Sets a second step up, as whoever has just signed in does, and says the recovery codes; half a minute later.
async fn set_up(house: &House, person: &Person) -> (Phone, Vec<String>) {
    let begun = person.submit(&person.get(PAGE).await.form(PAGE)).await;
    let page = person.follow(&begun).await;
    let phone = Phone::learns(house, &page);
    let form = page.form(&format!("{PAGE}/confirmation"));
    let on = person.submit(&form.with("code", &phone.code())).await;
    assert_eq!(on.status, StatusCode::SEE_OTHER, "{}", on.text());
    let codes = shown(&person.follow(&on).await);
    later(house, 30);
    (phone, codes)
}

/// Somebody has typed their address and password, and is asked for a code.
async fn halfway(house: &House, email: &str) -> Person {
    let person = house.visitor();
    let asked = person.sign_in(email, PASSWORD).await;
    assert!(
        asked.location().starts_with("/sign-in/code?"),
        "{}",
        asked.location()
    );
    person
}

async fn types(person: &Person, code: &str) -> Page {
    person
        .post("/sign-in/code", &[("code", code), ("next", "/account")])
        .await
}

async fn is_in(person: &Person) -> bool {
    person.get("/account").await.status == StatusCode::OK
}

async fn subjects(house: &House, to: &str) -> Vec<String> {
    house.deliver_mail().await;
    let mails = house.mails(to).await;
    mails.into_iter().map(|mail| mail.subject).collect()
}

#[tokio::test]
async fn after_the_password_a_code_is_asked_for_and_nobody_is_signed_in_until_then() {
    let house = House::open().await;
    let (thandeka, elsewhere) = (
        house.member("thandeka").await,
        house.member("thandeka").await,
    );
    let begun = thandeka.submit(&thandeka.get(PAGE).await.form(PAGE)).await;
    let page = thandeka.follow(&begun).await;
    let phone = Phone::learns(&house, &page);
    let form = page.form(&format!("{PAGE}/confirmation"));
    let wrong = thandeka.submit(&form.clone().with("code", "12345")).await;
    assert!(
        wrong.says("That is not what the app shows now."),
        "{}",
        wrong.text()
    );
    assert!(
        wrong.html.contains("class=\"key num\">"),
        "the key is still there"
    );
    assert!(is_in(&elsewhere).await);
    let on = thandeka.submit(&form.with("code", &phone.code())).await;
    let page = thandeka.follow(&on).await;
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(shown(&page).len(), 10, "{}", page.text());
    let again = thandeka.get(CODES).await;
    assert!(
        again.says("Codes are shown only when they are made."),
        "shown once"
    );
    assert!(is_in(&thandeka).await && !is_in(&elsewhere).await);
    let stored: String = house
        .one("select encode(code_hash, 'escape') from recovery_codes limit 1")
        .await;
    assert!(!page.html.contains(&stored));
    assert!(
        subjects(&house, THANDEKA)
            .await
            .contains(&"Signing in asks for a code from now on".into())
    );

    let person = house.visitor();
    let form = person
        .get("/sign-in?next=%2Fbookings%3Fpast%3D1")
        .await
        .form("/sign-in");
    let form = form.with("email", THANDEKA).with("password", PASSWORD);
    let asked = person.submit(&form).await;
    let page = person.follow(&asked).await;
    assert!(page.says("Your code, please"), "{}", page.text());
    assert!(!is_in(&person).await, "half-way is not in");
    let form = page.form("/sign-in/code");
    let used = person
        .submit(&form.clone().with("code", &phone.code()))
        .await;
    assert_eq!(
        used.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the code that set it up is spent"
    );
    later(&house, 30);
    let answer = person.submit(&form.with("code", &phone.code())).await;
    assert_eq!(answer.location(), "/bookings?past=1");
    assert!(is_in(&person).await);
    let verbs: Vec<String> =
        sqlx::query_scalar("select verb from audit_events where verb like '%second step%'")
            .fetch_all(&house.db)
            .await
            .unwrap();
    assert_eq!(verbs, ["turn on second step"]);
}

#[tokio::test]
async fn a_code_is_good_once_also_for_two_at_once() {
    let house = House::open().await;
    let (phone, _) = set_up(&house, &house.member("thandeka").await).await;
    let code = phone.code();
    let first = halfway(&house, THANDEKA).await;
    assert_eq!(types(&first, &code).await.location(), "/account");
    let second = halfway(&house, THANDEKA).await;
    assert_eq!(
        types(&second, &code).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert!(!is_in(&second).await);

    later(&house, 30);
    let code = phone.code();
    let mut all = Vec::new();
    for _ in 0..6 {
        all.push(halfway(&house, THANDEKA).await);
    }
    let mut tries = tokio::task::JoinSet::new();
    for person in all {
        let code = code.clone();
        tries.spawn(async move { types(&person, &code).await.status });
    }
    let answers = tries.join_all().await;
    let let_in = answers
        .iter()
        .filter(|status| **status == StatusCode::SEE_OTHER);
    assert_eq!(let_in.count(), 1, "{answers:?}");

    // And a half-way state lets one in, with however many good codes at once.
    later(&house, 60);
    let person = halfway(&house, THANDEKA).await;
    types(&person, &phone.code()).await;
    later(&house, 30);
    let again = types(&person, &phone.code()).await;
    assert!(
        again.location().starts_with("/sign-in?"),
        "{}",
        again.location()
    );
}

#[tokio::test]
async fn clocks_may_differ_by_half_a_minute_and_not_by_more() {
    let house = House::open().await;
    let (mut phone, _) = set_up(&house, &house.member("thandeka").await).await;
    later(&house, 300);
    for (fast, good) in [
        (-90, false),
        (90, false),
        (-30, true),
        (0, true),
        (30, true),
    ] {
        phone.fast = fast;
        let person = halfway(&house, THANDEKA).await;
        let answer = types(&person, &phone.code()).await;
        assert_eq!(
            answer.status == StatusCode::SEE_OTHER,
            good,
            "{fast} s: {}",
            answer.text()
        );
    }
    phone.fast = 0;
    let person = halfway(&house, THANDEKA).await;
    let before = types(&person, &phone.code()).await;
    assert_eq!(
        before.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "none before the one that was used last is good"
    );
}

#[tokio::test]
async fn guessing_ends_for_who_guesses_at_all_servers_and_for_nobody_else() {
    let house = House::open().await;
    let (phone, codes) = set_up(&house, &house.member("thandeka").await).await;
    let proxied = another(&house, &["127.0.0.1"]).await;
    let sign_in = async |from: &str| {
        let request = proxied.request(reqwest::Method::POST, "/sign-in");
        let fields = [("email", THANDEKA), ("password", PASSWORD)];
        proxied
            .send(request.header("x-forwarded-for", from).form(&fields))
            .await
    };
    let guess = async |from: &str, code: &str| {
        let request = proxied.request(reqwest::Method::POST, "/sign-in/code");
        proxied
            .send(
                request
                    .header("x-forwarded-for", from)
                    .form(&[("code", code)]),
            )
            .await
    };
    sign_in("192.0.2.1").await;
    for round in 0..10 {
        let answer = guess("192.0.2.1", "000000").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{round}");
    }
    for right in [phone.code(), codes[0].clone()] {
        let answer = guess("192.0.2.1", &right).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    }
    // Signing in anew there does not help.
    sign_in("192.0.2.1").await;
    assert_eq!(
        guess("192.0.2.1", &phone.code()).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    // Their owner, at another server and elsewhere, is not held up; nor would anybody be who lacks the password.
    let owner = halfway(&house, THANDEKA).await;
    assert_eq!(types(&owner, &phone.code()).await.location(), "/account");

    // Many at once are let in no more often.
    house.run("delete from attempts").await;
    let person = halfway(&house, THANDEKA).await;
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..30 {
        let person = person.clone();
        tries.spawn(async move { types(&person, "000000").await.status });
    }
    let answers = tries.join_all().await;
    let tried = answers
        .iter()
        .filter(|status| **status == StatusCode::UNPROCESSABLE_ENTITY);
    assert!(tried.count() <= 10, "{answers:?}");
}

#[tokio::test]
async fn a_recovery_code_is_good_once_and_new_ones_end_the_old() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let (_, codes) = set_up(&house, &thandeka).await;
    let person = halfway(&house, THANDEKA).await;
    let page = person.get("/sign-in/code").await;
    assert!(
        page.html.contains("autocomplete=\"one-time-code\"")
            && page.html.contains("inputmode=\"numeric\"")
    );
    assert_eq!(types(&person, &codes[3]).await.location(), "/account");
    let twice = halfway(&house, THANDEKA).await;
    assert_eq!(
        types(&twice, &codes[3]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    // With hyphens, or as one word, it is the same.
    assert_eq!(
        types(&twice, &codes[4].replace(' ', "-")).await.location(),
        "/account"
    );
    house.deliver_mail().await;
    let mails = house.mails(THANDEKA).await;
    let mail = mails
        .iter()
        .find(|mail| mail.subject == "A recovery code of your account was used")
        .expect("a mail about it");
    assert!(mail.text.contains("8 are left."), "{}", mail.text);
    assert!(
        thandeka
            .get("/account/security")
            .await
            .says("8 recovery codes are left.")
    );

    let form = thandeka.get(PAGE).await.form(CODES);
    let wrong = thandeka
        .submit(&form.clone().with("codes_password", "not-it"))
        .await;
    assert!(
        wrong.says("This is not your password."),
        "also for who signed in just now"
    );
    let made = thandeka
        .submit(&form.with("codes_password", PASSWORD))
        .await;
    let fresh = shown(&thandeka.follow(&made).await);
    assert!(fresh.len() == 10 && !fresh.contains(&codes[5]));
    let old = halfway(&house, THANDEKA).await;
    assert_eq!(
        types(&old, &codes[5]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(types(&old, &fresh[0]).await.location(), "/account");
}

#[tokio::test]
async fn half_way_belongs_to_one_browser_for_ten_minutes_and_ends_with_another_password() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let (phone, _) = set_up(&house, &thandeka).await;
    let first = halfway(&house, THANDEKA).await;
    let other = house.visitor();
    let begin = types(&other, &phone.code()).await;
    assert_eq!(
        begin.location(),
        "/sign-in?next=%2Faccount",
        "another browser is not half-way"
    );
    assert!(!is_in(&other).await);
    let name = house.app.config.cookies().name("halfway");
    for planted in ["", "nothing"] {
        other.set_cookie(&name, planted);
        assert!(
            types(&other, &phone.code())
                .await
                .location()
                .starts_with("/sign-in?")
        );
    }
    house
        .run("update halfway set expires_at = now() - interval '1 second'")
        .await;
    assert!(
        types(&first, &phone.code())
            .await
            .location()
            .starts_with("/sign-in?")
    );

    let late = halfway(&house, THANDEKA).await;
    let minutes: f64 = house
        .one("select extract(epoch from max(expires_at) - now())::float8 / 60 from halfway")
        .await;
    assert!((9.0..=10.0).contains(&minutes), "{minutes}");
    let fields = [("current", PASSWORD), ("password", "musgrave-jacaranda")];
    assert_eq!(
        thandeka.post("/account/password", &fields).await.status,
        StatusCode::SEE_OTHER
    );
    let ended = types(&late, &phone.code()).await;
    assert!(
        ended.location().starts_with("/sign-in?"),
        "{}",
        ended.text()
    );
    assert!(!is_in(&late).await && is_in(&thandeka).await);

    let given_up = house.visitor();
    given_up.sign_in(THANDEKA, "musgrave-jacaranda").await;
    given_up.post("/sign-in/code/ending", NOTHING).await;
    assert_eq!(
        house
            .one::<i64>("select count(*) from halfway where expires_at > now()")
            .await,
        0
    );
}

#[tokio::test]
async fn a_link_in_a_mail_is_one_step_of_two() {
    let house = House::open().await;
    let (phone, _) = set_up(&house, &house.member("thandeka").await).await;
    let person = house.visitor();
    person
        .post(
            "/sign-in",
            &[("email", THANDEKA), ("how", "link"), ("next", "/passes")],
        )
        .await;
    let link = house.link_mailed_to(THANDEKA).await;
    let asked = person.post(&link, NOTHING).await;
    assert_eq!(asked.location(), "/sign-in/code?next=%2Fpasses");
    assert!(!is_in(&person).await);
    let page = person.follow(&asked).await;
    let answer = person
        .submit(&page.form("/sign-in/code").with("code", &phone.code()))
        .await;
    assert_eq!(answer.location(), "/passes");
    assert!(is_in(&person).await);

    // Nor is whoever reads the mail in with a new password.
    let thief = house.visitor();
    thief.post("/reset-password", &[("email", THANDEKA)]).await;
    let link = house.link_mailed_to(THANDEKA).await;
    let asked = thief
        .post(&link, &[("password", "musgrave-jacaranda")])
        .await;
    assert!(
        asked.location().starts_with("/sign-in/code?"),
        "{}",
        asked.location()
    );
    assert!(!is_in(&thief).await);
}

#[tokio::test]
async fn it_is_turned_off_by_its_owner_with_their_password() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let priya = house.member("priya").await;
    let (phone, _) = set_up(&house, &thandeka).await;
    let late = halfway(&house, THANDEKA).await;
    let end = format!("{PAGE}/ending");
    for (person, password) in [(&thandeka, ""), (&thandeka, "not-it"), (&priya, PASSWORD)] {
        person.post(&end, &[("ending_password", password)]).await;
        assert!(
            thandeka
                .get("/account/security")
                .await
                .says("10 recovery codes are left.")
        );
    }
    let refused = thandeka.post(&end, &[("ending_password", "not-it")]).await;
    assert!(refused.says("This is not your password."));
    // Begun anew, it is not replaced.
    let before: Vec<u8> = house.one("select secret from authenticators").await;
    thandeka.post(PAGE, NOTHING).await;
    assert_eq!(
        before,
        house
            .one::<Vec<u8>>("select secret from authenticators")
            .await
    );

    let off = thandeka.post(&end, &[("ending_password", PASSWORD)]).await;
    assert!(
        thandeka
            .follow(&off)
            .await
            .says("Signing in asks for no code any more.")
    );
    assert!(
        types(&late, &phone.code())
            .await
            .location()
            .starts_with("/sign-in?")
    );
    assert_eq!(
        house.visitor().sign_in(THANDEKA, PASSWORD).await.location(),
        "/today"
    );
    assert!(
        subjects(&house, THANDEKA)
            .await
            .contains(&"Signing in asks for no code any more".into())
    );
    let left: i64 = house
        .one("select (select count(*) from authenticators) + (select count(*) from recovery_codes)")
        .await;
    assert_eq!(left, 0);
    assert_eq!(
        house
            .one::<i64>("select count(*) from audit_events where verb = 'turn off second step'")
            .await,
        1
    );
}

#[tokio::test]
async fn setting_it_up_asks_who_it_is_unless_they_came_just_now() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    house
        .run("update sessions set created_at = now() - interval '1 hour'")
        .await;
    let form = thandeka.get(PAGE).await.form(PAGE);
    let refused = thandeka.submit(&form).await;
    assert!(
        refused.says("This is not your password."),
        "{}",
        refused.text()
    );
    let begun = thandeka.submit(&form.with("password", PASSWORD)).await;
    assert!(thandeka.follow(&begun).await.says("Type what it shows"));
    house
        .run("update authenticators set begun_at = now() - interval '31 minutes'")
        .await;
    assert!(
        !thandeka.get(PAGE).await.says("Type what it shows"),
        "begun too long ago"
    );
    // Who has no password shows it by a link.
    house
        .run("update members set password_hash = null where email = 'priya@example.com'")
        .await;
    let priya = house.member("priya").await;
    house
        .run("update sessions set created_at = now() - interval '1 hour'")
        .await;
    let page = priya.get(PAGE).await;
    assert!(
        page.find_form("/account/proof").is_some(),
        "{}",
        page.text()
    );
    assert_eq!(
        priya.post(PAGE, NOTHING).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn at_a_shared_computer_pins_go_on_and_what_is_the_managers_asks_for_both() {
    let house = House::open().await;
    house.run(STAFF).await;
    house.run("update members set password_hash = (select password_hash from members where email = 'thandeka@example.com')
               where id in (select member_id from staff)").await;
    let manager = house.member("here").await;
    manager
        .post(
            "/account/pin",
            &[("pin_password", PASSWORD), ("pin", "9031")],
        )
        .await;
    let (phone, _) = set_up(&house, &manager).await;
    let computer = halfway(&house, "here@example.com").await;
    assert_eq!(types(&computer, &phone.code()).await.location(), "/account");
    computer
        .post(
            "/admin/computer",
            &[("name", "Front desk"), ("lock_minutes", "5")],
        )
        .await;
    // The day after, the password alone opens nothing, and with the code it opens the computer.
    house
        .run("update computers set password_at = now() - interval '17 hours'")
        .await;
    let opened = "select password_at > now() - interval '1 minute' from computers";
    let again = computer.sign_in("here@example.com", PASSWORD).await;
    assert!(again.location().starts_with("/sign-in/code?"));
    assert!(!house.one::<bool>(opened).await);
    later(&house, 30);
    types(&computer, &phone.code()).await;
    assert!(house.one::<bool>(opened).await);

    let who = reference(&house, "here").await;
    let switch = [
        ("person", who.as_str()),
        ("pin", "9031"),
        ("next", "/admin/members"),
    ];
    assert_eq!(
        computer.post("/admin/switch", &switch).await.location(),
        "/admin/members"
    );
    let asked = computer.get("/admin/audit").await;
    let page = computer.follow(&asked).await;
    let form = page.form("/admin/proof").with("password", PASSWORD);
    let refused = computer.submit(&form.clone().with("code", "000000")).await;
    assert!(
        refused.says("That is not a code that is good now."),
        "{}",
        refused.text()
    );
    assert!(
        computer
            .get("/admin/audit")
            .await
            .location()
            .starts_with("/admin/proof")
    );
    later(&house, 30);
    let proven = computer.submit(&form.with("code", &phone.code())).await;
    assert_eq!(proven.location(), "/admin/audit");
    assert_eq!(computer.get("/admin/audit").await.status, StatusCode::OK);

    // Covered, it takes a password and a code as well.
    computer.post("/admin/lock", NOTHING).await;
    computer.sign_in("here@example.com", PASSWORD).await;
    later(&house, 30);
    assert_eq!(types(&computer, &phone.code()).await.location(), "/account");
}

#[tokio::test]
async fn nothing_of_it_is_given_away_and_it_goes_with_its_member() {
    let house = House::open().await;
    house.run(STAFF).await;
    let thandeka = house.member("thandeka").await;
    let (phone, codes) = set_up(&house, &thandeka).await;
    let data = thandeka.get("/account/data.json").await;
    assert_eq!(data.status, StatusCode::OK);
    let secret: String = house
        .one("select encode(secret, 'hex') from authenticators")
        .await;
    for kept in [
        secret.as_str(),
        &phone.app.secret().to_base32(),
        &codes[0].replace(' ', ""),
    ] {
        assert!(!data.html.contains(kept));
    }

    let here = house.member("here").await;
    let (keep, gone) = (
        reference(&house, "priya").await,
        reference(&house, "thandeka").await,
    );
    let (keeper, _) = set_up(&house, &house.member("priya").await).await;
    let merged = here
        .post(
            &format!("/admin/members/{keep}/merge"),
            &[("duplicate", gone.as_str()), ("other", gone.as_str())],
        )
        .await;
    assert_eq!(merged.status, StatusCode::SEE_OTHER, "{}", merged.text());
    assert_eq!(
        house
            .one::<i64>("select count(*) from authenticators")
            .await,
        1,
        "the one who stays has theirs"
    );
    let priya = halfway(&house, "priya@example.com").await;
    assert_eq!(types(&priya, &keeper.code()).await.location(), "/account");

    house.run("update company_people set role = 'admin'").await;
    let forgotten = here
        .post(
            &format!("/admin/members/{keep}/erasure"),
            &[("reference", keep.as_str())],
        )
        .await;
    assert_eq!(
        forgotten.status,
        StatusCode::SEE_OTHER,
        "{}",
        forgotten.text()
    );
    let left: i64 = house
        .one("select (select count(*) from authenticators) + (select count(*) from recovery_codes) + (select count(*) from halfway)
                  + (select count(*) from browsers)")
        .await;
    assert_eq!(left, 0);
}

#[tokio::test]
async fn whoever_manages_is_led_to_setting_it_up_and_back() {
    let house = House::open().await;
    house.run(STAFF).await;
    let default: String = house
        .one("select column_default from information_schema.columns where column_name = 'managers_need_second_step'")
        .await;
    assert_eq!(default, "true", "for a new house");
    house
        .run("update installation set managers_need_second_step = true")
        .await;
    let (here, nomsa) = (house.member("here").await, house.member("nomsa").await);
    for open in ["/admin", "/admin/members", "/account", "/bookings"] {
        assert_eq!(here.get(open).await.status, StatusCode::OK, "{open}");
        assert_eq!(nomsa.get(open).await.status, StatusCode::OK, "{open}");
    }
    let led = |next: &str| format!("{PAGE}?{}", connect_space::html::query(&[("next", next)]));
    for path in [
        "/admin/audit?verb=cancel",
        "/admin/audit.csv",
        "/admin/locations/musgrave/hours",
        "/admin/rates",
    ] {
        assert_eq!(here.get(path).await.location(), led(path), "{path}");
    }
    assert_eq!(
        house
            .member("elsewhere")
            .await
            .get("/admin/locations/musgrave/hours")
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        house
            .member("owner")
            .await
            .get("/admin/staff")
            .await
            .location(),
        led("/admin/staff")
    );
    let sent = here.post("/admin/rates", NOTHING).await;
    assert!(sent.location().starts_with(PAGE), "{}", sent.location());
    let api = house.api("here").await;
    assert_eq!(
        api.get("/setup/extras").await.status,
        StatusCode::OK,
        "programs go on"
    );

    let page = here.get(&led("/admin/audit?verb=cancel")).await;
    assert!(
        page.says("Who manages here signs in with a second step."),
        "{}",
        page.text()
    );
    let begun = here.submit(&page.form(PAGE)).await;
    let page = here.follow(&begun).await;
    let phone = Phone::learns(&house, &page);
    let form = page
        .form(&format!("{PAGE}/confirmation"))
        .with("code", &phone.code());
    let codes = here.submit(&form).await;
    let page = here.follow(&codes).await;
    assert!(
        page.links().contains(&"/admin/audit?verb=cancel".into()),
        "{:?}",
        page.links()
    );
    assert_eq!(
        here.get("/admin/audit?verb=cancel").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn owners_say_whether_whoever_manages_needs_one() {
    let house = House::open().await;
    house.run(STAFF).await;
    let (here, owner) = (house.member("here").await, house.member("owner").await);
    assert_eq!(here.get("/admin/audit").await.status, StatusCode::OK);
    set_up(&house, &owner).await;
    let page = owner.get("/admin/settings/sign-in").await;
    assert!(
        page.says("Here") && page.says("None yet"),
        "{}",
        page.text()
    );
    let saved = owner
        .post("/admin/settings/sign-in", &[("managers", "yes")])
        .await;
    assert!(owner.follow(&saved).await.html.contains(" checked"));
    assert!(here.get("/admin/audit").await.location().starts_with(PAGE));
    owner.post("/admin/settings/sign-in", NOTHING).await;
    assert_eq!(here.get("/admin/audit").await.status, StatusCode::OK);
    let lines: i64 = house
        .one("select count(*) from audit_events where verb = 'change sign-in rule'")
        .await;
    assert_eq!(lines, 2);
}

#[tokio::test]
async fn whoever_runs_the_server_takes_it_off() {
    let house = House::open().await;
    let (phone, _) = set_up(&house, &house.member("thandeka").await).await;
    let late = halfway(&house, THANDEKA).await;
    let end =
        |email: &str| program::run(&house, &["staff", "end-second-step", "--email", email], &[]);
    for (email, good) in [
        ("nobody@example.com", false),
        ("priya@example.com", false),
        ("Thandeka@Example.com", true),
        (THANDEKA, false),
    ] {
        let ended = end(email);
        assert_eq!(
            ended.status.success(),
            good,
            "{email}: {}",
            String::from_utf8_lossy(&ended.stderr)
        );
    }
    assert!(
        types(&late, &phone.code())
            .await
            .location()
            .starts_with("/sign-in?")
    );
    assert_eq!(
        house.visitor().sign_in(THANDEKA, PASSWORD).await.location(),
        "/today"
    );
    assert!(
        subjects(&house, THANDEKA)
            .await
            .contains(&"We took the second step off your account".into())
    );
    let channel: String = house
        .one("select channel from audit_events where verb = 'turn off second step'")
        .await;
    assert_eq!(channel, "command");
}

/// Signs in with this browser, which calls itself so.
async fn with(person: &Person, agent: &str) -> Page {
    let request = person
        .request(reqwest::Method::POST, "/sign-in")
        .header("user-agent", agent);
    person
        .send(request.form(&[("email", THANDEKA), ("password", PASSWORD)]))
        .await
}

#[tokio::test]
async fn another_browser_is_told_of_by_mail() {
    const PHONE: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36";
    const OFFICE: &str = "Mozilla/5.0 (Windows NT 10.0; rv:133.0) Gecko/20100101 Firefox/133.0";
    let house = House::open().await;
    let told = "Signed in with another browser";
    let count = async || {
        let subjects = subjects(&house, THANDEKA).await;
        subjects.iter().filter(|subject| *subject == told).count()
    };
    let (phone, office) = (house.visitor(), house.visitor());
    with(&phone, PHONE).await;
    assert_eq!(count().await, 0, "the first of all is no news");
    phone.post("/sign-out", NOTHING).await;
    with(&phone, PHONE).await;
    assert_eq!(count().await, 0, "it is known, also signed out");
    with(&office, "").await;
    assert_eq!(count().await, 1);
    let wiped = house.visitor();
    let request = with(&wiped, OFFICE).await;
    assert_eq!(request.location(), "/today");
    house
        .run(
            "update browsers set created_at = '2026-11-24T12:05:00Z' where device like '%Firefox%'",
        )
        .await;
    assert_eq!(count().await, 2);
    let mail = &house.mails(THANDEKA).await[0];
    assert!(
        mail.text.contains("Firefox on Windows")
            && mail.text.contains("14:05")
            && mail.text.contains("/account/security#sessions"),
        "{}",
        mail.text
    );

    // A browser is known to each member by itself, and a shorter secret than ours to none.
    office.sign_in("priya@example.com", PASSWORD).await;
    office.sign_in("sipho@example.com", PASSWORD).await;
    assert_eq!(house.one::<i64>("select count(*) from browsers where member_id in (select id from members where email in ('priya@example.com', 'sipho@example.com'))").await, 2);
    let planted = house.visitor();
    planted.set_cookie(&house.app.config.cookies().name("browser"), "x");
    with(&planted, OFFICE).await;
    assert_ne!(
        planted
            .cookie(&house.app.config.cookies().name("browser"))
            .as_deref(),
        Some("x")
    );
    assert_eq!(count().await, 3);
    let data = house
        .member("thandeka")
        .await
        .get("/account/data.json")
        .await;
    assert!(data.html.contains("Firefox") && !data.html.contains("token_hash"));
}

#[tokio::test]
async fn many_networks_help_nobody_to_guess() {
    let house = House::open().await;
    let owner = house.visitor();
    owner.sign_in(THANDEKA, PASSWORD).await;
    let (phone, codes) = set_up(&house, &owner).await;
    let proxied = another(&house, &["127.0.0.1"]).await;
    let from = async |path: &str, network: usize, fields: &[(&str, &str)]| {
        let request = proxied.request(reqwest::Method::POST, path);
        let request = request.header("x-forwarded-for", format!("192.0.2.{network}"));
        proxied.send(request.form(fields)).await
    };
    from(
        "/sign-in",
        1,
        &[("email", THANDEKA), ("password", PASSWORD)],
    )
    .await;
    let guess = async |network, code: &str| {
        from("/sign-in/code", network, &[("code", code)])
            .await
            .status
    };
    for round in 0..50 {
        assert_eq!(
            guess(round % 25, "000000").await,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{round}"
        );
    }
    assert_eq!(
        guess(99, &phone.code()).await,
        StatusCode::TOO_MANY_REQUESTS
    );
    let told = subjects(&house, THANDEKA).await;
    let alarms = told
        .iter()
        .filter(|subject| *subject == "Wrong codes are typed for your account");
    assert_eq!(alarms.count(), 1, "{told:?}");
    // In their own browser they come in as ever, and with a recovery code anywhere.
    owner.sign_in(THANDEKA, PASSWORD).await;
    assert_eq!(types(&owner, &phone.code()).await.location(), "/account");
    let elsewhere = halfway(&house, THANDEKA).await;
    assert_eq!(types(&elsewhere, &codes[0]).await.location(), "/account");
}
