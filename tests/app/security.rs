//! Password, devices and tokens on the account page.

use reqwest::StatusCode;

use crate::support::{Api, House, PASSWORD, Person};

const NOTHING: &[(&str, &str)] = &[];
const NEW: &str = "musgrave-jacaranda";

async fn is_signed_in(person: &Person) -> bool {
    person.get("/account").await.status == StatusCode::OK
}

async fn change(person: &Person, current: &str, password: &str) -> crate::support::Page {
    person
        .post(
            "/account/password",
            &[("current", current), ("password", password)],
        )
        .await
}

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_ends_the_other_sessions() {
    let house = House::open().await;
    let (thandeka, elsewhere) = (
        house.member("thandeka").await,
        house.member("thandeka").await,
    );
    for (current, password, sentence) in [
        ("wrong-password", NEW, "This is not your password now."),
        (
            PASSWORD,
            "short",
            "Choose a password of at least 10 characters.",
        ),
    ] {
        let refused = change(&thandeka, current, password).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.says(sentence), "{}", refused.text());
        assert!(!refused.html.contains(NEW) && !refused.html.contains("wrong-password"));
    }
    assert!(is_signed_in(&elsewhere).await);
    let done = change(&thandeka, PASSWORD, NEW).await;
    assert!(
        thandeka
            .follow(&done)
            .await
            .says("Your new password is set.")
    );
    assert!(!is_signed_in(&elsewhere).await && is_signed_in(&thandeka).await);
    house.deliver_mail().await;
    let mails = house.mails("thandeka@example.com").await;
    assert_eq!(mails[0].subject, "Your password was changed");
    assert!(!mails[0].text.contains(NEW));
    let someone = house.visitor();
    assert_eq!(
        someone
            .sign_in("thandeka@example.com", PASSWORD)
            .await
            .status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        someone.sign_in("thandeka@example.com", NEW).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn the_password_is_guessed_no_more_than_ten_times() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    for _ in 0..10 {
        change(&thandeka, "wrong-password", NEW).await;
    }
    assert_eq!(
        change(&thandeka, PASSWORD, NEW).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
}

#[tokio::test]
async fn a_first_password_needs_a_fresh_sign_in() {
    let house = House::open().await;
    house
        .run("update members set password_hash = null where email = 'priya@example.com'")
        .await;
    let priya = house.member("priya").await;
    house
        .run("update sessions set created_at = now() - interval '1 hour'")
        .await;
    assert_eq!(
        change(&priya, "", NEW).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let page = priya.get("/account/security").await;
    assert!(page.find_form("/account/password").is_none());
    priya.submit(&page.form("/account/proof")).await;
    let arrived = priya
        .post(&house.link_mailed_to("priya@example.com").await, NOTHING)
        .await;
    let form = priya
        .follow(&arrived)
        .await
        .form("/account/password")
        .with("password", NEW);
    assert_eq!(priya.submit(&form).await.status, StatusCode::SEE_OTHER);
    let someone = house.visitor();
    assert_eq!(
        someone.sign_in("priya@example.com", NEW).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_device_is_signed_out_by_its_owner_alone() {
    let house = House::open().await;
    let (thandeka, phone) = (house.member("thandeka").await, house.visitor());
    let agent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36";
    let request = phone
        .request(reqwest::Method::POST, "/sign-in")
        .header("user-agent", agent)
        .form(&[("email", "thandeka@example.com"), ("password", PASSWORD)]);
    phone.send(request).await;
    let page = thandeka.get("/account/security").await;
    assert!(
        page.says("Chrome on Android") && page.says("This one"),
        "{}",
        page.text()
    );
    let id: uuid::Uuid = house
        .one("select id from sessions where device like '%Android%'")
        .await;
    let path = format!("/account/sessions/{id}/ending");
    assert!(page.html.contains(&path));
    let priya = house.member("priya").await;
    assert_eq!(
        priya.post(&path, NOTHING).await.status,
        StatusCode::NOT_FOUND
    );
    assert!(!priya.get("/account/security").await.says("Android"));
    assert!(is_signed_in(&phone).await);
    assert_eq!(
        thandeka.post(&path, NOTHING).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(!is_signed_in(&phone).await && is_signed_in(&thandeka).await);

    let others = [
        house.member("thandeka").await,
        house.member("thandeka").await,
    ];
    thandeka.post("/account/sessions/ending", NOTHING).await;
    for other in &others {
        assert!(!is_signed_in(other).await);
    }
    assert!(is_signed_in(&thandeka).await && is_signed_in(&priya).await);
    let verbs: Vec<String> = sqlx::query_scalar("select verb from audit_events order by id")
        .fetch_all(&house.db)
        .await
        .unwrap();
    assert_eq!(verbs, ["end session", "end other sessions"]);
}

#[tokio::test]
async fn a_token_is_shown_once_and_works_until_it_is_revoked() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let refused = thandeka
        .post("/account/tokens", &[("token_name", " ")])
        .await;
    assert!(refused.says("Give it a name"), "{}", refused.text());
    let made = thandeka
        .post("/account/tokens", &[("token_name", "Room display")])
        .await;
    let page = thandeka.follow(&made).await;
    assert!(page.says("Room display") && page.says("not used yet"));
    let (_, rest) = page
        .html
        .split_once("id=\"token\" value=\"")
        .expect("the token is shown");
    let token = rest.split('"').next().unwrap();
    assert!(token.starts_with("cs_") && !made.location().contains(token));
    let again = thandeka.get("/account/security").await;
    assert!(!again.html.contains(token), "only once");

    let api = Api::new(&house.url, token);
    let me = api.get("/me").await;
    assert_eq!(
        (me.status, &me.json["email"]),
        (StatusCode::OK, &"thandeka@example.com".into())
    );
    assert!(!thandeka.get("/account/security").await.says("not used yet"));
    house.deliver_mail().await;
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(
        mail.text.contains("Room display") && !mail.text.contains(token),
        "{}",
        mail.text
    );
    let id: uuid::Uuid = house.one("select id from api_tokens").await;
    let path = format!("/account/tokens/{id}/ending");
    assert_eq!(
        house
            .member("priya")
            .await
            .post(&path, NOTHING)
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(api.get("/me").await.status, StatusCode::OK);
    thandeka.post(&path, NOTHING).await;
    assert_eq!(api.get("/me").await.status, StatusCode::UNAUTHORIZED);
    let kept: String = house
        .one("select string_agg(t::text || e.detail::text, '') from api_tokens t, audit_events e")
        .await;
    assert!(!kept.contains(token));
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_tokens_are_the_most() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let made = (0..25).map(|number| {
        let thandeka = thandeka.clone();
        async move {
            thandeka
                .post("/account/tokens", &[("token_name", format!("T{number}"))])
                .await
                .status
        }
    });
    let statuses = made.collect::<tokio::task::JoinSet<_>>().join_all().await;
    let won = statuses
        .iter()
        .filter(|status| **status == StatusCode::SEE_OTHER)
        .count();
    assert_eq!(won, 20, "{statuses:?}");
    assert_eq!(
        house.one::<i64>("select count(*) from api_tokens").await,
        20
    );
}
