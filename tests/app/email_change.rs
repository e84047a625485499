//! Another email address: both are told, the new one proves itself, and nobody learns whose it was.

use reqwest::StatusCode;

use crate::support::{House, PASSWORD, Page, Person};

const NOTHING: &[(&str, &str)] = &[];

/// Asks on the page, in a session that is not fresh.
async fn ask(house: &House, person: &Person, email: &str, password: &str) -> Page {
    house
        .run("update sessions set created_at = now() - interval '1 hour'")
        .await;
    person
        .post(
            "/account/email",
            &[("email", email), ("password", password)],
        )
        .await
}

/// The path of the link in the newest mail to an address.
async fn link(house: &House, to: &str) -> String {
    house.deliver_mail().await;
    let mails = house.mails(to).await;
    let text = &mails
        .first()
        .unwrap_or_else(|| panic!("no mail to {to}"))
        .text;
    let at = text
        .find("/account/email/")
        .unwrap_or_else(|| panic!("no link in {text}"));
    text[at..].split_whitespace().next().unwrap().to_owned()
}

async fn subjects(house: &House, to: &str) -> Vec<String> {
    house.deliver_mail().await;
    house
        .mails(to)
        .await
        .into_iter()
        .map(|mail| mail.subject)
        .collect()
}

async fn address_of_thandeka(house: &House) -> String {
    house
        .one("select email from members where name = 'Thandeka Mkhize'")
        .await
}

#[tokio::test]
async fn the_old_address_is_told_and_the_new_one_confirms() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let asked = ask(&house, &thandeka, " Thandeka.M@Example.COM ", PASSWORD).await;
    let page = thandeka.follow(&asked).await;
    assert!(
        page.says("on its way to thandeka.m@example.com"),
        "{}",
        page.text()
    );
    house.deliver_mail().await;
    let old = &house.mails("thandeka@example.com").await[0];
    assert_eq!(old.subject, "Another email address for your account");
    assert!(
        old.text.contains("thandeka.m@example.com")
            && old.text.contains("tell us: bookings@connect.example"),
        "{}",
        old.text
    );
    let path = link(&house, "thandeka.m@example.com").await;
    assert!(
        !old.text.contains(&path),
        "the link goes to the new address alone"
    );

    // Opening it changes nothing, and it is of use to nobody else.
    assert!(thandeka.get(&path).await.says("Use this address"));
    assert_eq!(address_of_thandeka(&house).await, "thandeka@example.com");
    assert_eq!(
        house.visitor().post(&path, NOTHING).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        house.member("priya").await.get(&path).await.status,
        StatusCode::GONE
    );
    assert_eq!(
        house
            .member("priya")
            .await
            .post(&path, NOTHING)
            .await
            .status,
        StatusCode::GONE
    );
    assert_eq!(address_of_thandeka(&house).await, "thandeka@example.com");

    let done = thandeka.post(&path, NOTHING).await;
    assert!(
        thandeka
            .follow(&done)
            .await
            .says("Your email address is now thandeka.m@example.com.")
    );
    assert_eq!(
        subjects(&house, "thandeka@example.com").await[0],
        "Your email address was changed"
    );
    assert_eq!(thandeka.post(&path, NOTHING).await.status, StatusCode::GONE);
    let person = house.visitor();
    assert_eq!(
        person
            .sign_in("thandeka.m@example.com", PASSWORD)
            .await
            .status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        person
            .sign_in("thandeka@example.com", PASSWORD)
            .await
            .status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let audit: Vec<String> =
        sqlx::query_scalar("select verb || detail from audit_events order by id")
            .fetch_all(&house.db)
            .await
            .unwrap();
    assert_eq!(audit.len(), 2, "{audit:?}");
    let secret = path.rsplit('/').next().unwrap();
    assert!(audit.iter().all(|line| !line.contains(secret)), "{audit:?}");
}

#[tokio::test]
async fn a_taken_address_answers_like_a_free_one_and_its_owner_is_told() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let mut answers = Vec::new();
    for email in ["free1@example.com", "priya@example.com"] {
        let asked = ask(&house, &thandeka, email, PASSWORD).await;
        let page = thandeka.follow(&asked).await;
        answers.push((
            asked.status,
            asked.location().to_owned(),
            page.html.replace(email, "…"),
        ));
        house.deliver_mail().await;
    }
    assert_eq!(answers[0], answers[1]);
    let mails = house.mails("priya@example.com").await;
    assert_eq!(mails[0].subject, "You have an account with this address");
    assert!(
        !mails[0].text.contains("/account/email/") && !mails[0].text.contains("Thandeka"),
        "{}",
        mails[0].text
    );
    assert_eq!(
        subjects(&house, "thandeka@example.com").await.len(),
        2,
        "the old one is told as ever"
    );

    // Taken only since it was asked for.
    ask(&house, &thandeka, "late@example.com", PASSWORD).await;
    let path = link(&house, "late@example.com").await;
    house
        .run("update members set email = 'late@example.com' where email = 'priya@example.com'")
        .await;
    let refused = thandeka.post(&path, NOTHING).await;
    assert_eq!(refused.status, StatusCode::GONE);
    assert!(
        refused.says("belongs to another account"),
        "{}",
        refused.text()
    );
    assert_eq!(address_of_thandeka(&house).await, "thandeka@example.com");
}

#[tokio::test]
async fn who_asks_shows_first_that_it_is_them() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let refused = ask(&house, &thandeka, "new@example.com", "wrong-password").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("This is not your password."));
    assert_eq!(
        refused.form("/account/email").get("email"),
        "new@example.com"
    );
    assert!(!refused.html.contains("wrong-password"));
    for _ in 0..9 {
        ask(&house, &thandeka, "new@example.com", "wrong-password").await;
    }
    let barred = ask(&house, &thandeka, "new@example.com", PASSWORD).await;
    assert_eq!(barred.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(house.deliver_mail().await, 0);

    // Just signed in, it is enough; without a password the mail shows it.
    let sipho = house.member("sipho").await;
    let fresh = sipho
        .post("/account/email", &[("email", "sipho.d@example.com")])
        .await;
    assert_eq!(fresh.status, StatusCode::SEE_OTHER);
    house
        .run("update members set password_hash = null where email = 'priya@example.com'")
        .await;
    let priya = house.member("priya").await;
    let refused = ask(&house, &priya, "priya.n@example.com", "").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.find_form("/account/email").is_none());
    priya.submit(&refused.form("/account/proof")).await;
    let arrived = priya
        .post(&house.link_mailed_to("priya@example.com").await, NOTHING)
        .await;
    assert_eq!(arrived.location(), "/account/email");
    let form = priya
        .follow(&arrived)
        .await
        .form("/account/email")
        .with("email", "priya.n@example.com");
    assert_eq!(priya.submit(&form).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_newest_link_works_until_it_is_withdrawn_or_old() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    ask(&house, &thandeka, "one@example.com", PASSWORD).await;
    let first = link(&house, "one@example.com").await;
    ask(&house, &thandeka, "two@example.com", PASSWORD).await;
    let second = link(&house, "two@example.com").await;
    assert_eq!(
        thandeka.post(&first, NOTHING).await.status,
        StatusCode::GONE
    );
    let page = thandeka.get("/account/email").await;
    thandeka
        .submit(&page.form("/account/email/withdrawal"))
        .await;
    assert_eq!(
        thandeka.post(&second, NOTHING).await.status,
        StatusCode::GONE
    );
    ask(&house, &thandeka, "two@example.com", PASSWORD).await;
    let third = link(&house, "two@example.com").await;
    house
        .run("update email_changes set expires_at = now()")
        .await;
    assert_eq!(thandeka.get(&third).await.status, StatusCode::GONE);
    assert_eq!(
        thandeka.post(&third, NOTHING).await.status,
        StatusCode::GONE
    );
    assert_eq!(address_of_thandeka(&house).await, "thandeka@example.com");

    for email in ["three@example.com", "four@example.com"] {
        assert_eq!(
            ask(&house, &thandeka, email, PASSWORD).await.status,
            StatusCode::SEE_OTHER
        );
    }
    let sixth = ask(&house, &thandeka, "five@example.com", PASSWORD).await;
    assert_eq!(sixth.status, StatusCode::TOO_MANY_REQUESTS);
    let same = ask(
        &house,
        &house.member("sipho").await,
        "sipho@example.com",
        PASSWORD,
    )
    .await;
    assert!(same.says("This is your address already."));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_uses_of_one_link_one_counts() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    ask(&house, &thandeka, "new@example.com", PASSWORD).await;
    let path = link(&house, "new@example.com").await;
    let uses = (0..50).map(|_| {
        let (thandeka, path) = (thandeka.clone(), path.clone());
        async move { thandeka.post(&path, NOTHING).await.status }
    });
    let statuses = uses.collect::<tokio::task::JoinSet<_>>().join_all().await;
    let won = statuses
        .iter()
        .filter(|status| **status == StatusCode::SEE_OTHER)
        .count();
    let lost = statuses
        .iter()
        .filter(|status| **status == StatusCode::GONE)
        .count();
    assert_eq!((won, lost), (1, 49), "{statuses:?}");
    assert_eq!(subjects(&house, "thandeka@example.com").await.len(), 2);
}

#[tokio::test]
async fn links_in_the_old_mailbox_work_no_more() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    house
        .visitor()
        .post("/reset-password", &[("email", "thandeka@example.com")])
        .await;
    let reset = house.link_mailed_to("thandeka@example.com").await;
    ask(&house, &thandeka, "new@example.com", PASSWORD).await;
    let path = link(&house, "new@example.com").await;
    thandeka.post(&path, NOTHING).await;
    let used = house
        .visitor()
        .post(&reset, &[("password", "musgrave-jacaranda")])
        .await;
    assert_eq!(used.status, StatusCode::GONE);
}
