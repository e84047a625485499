//! Companies: who belongs to one, who asks others in, and who pays.

use reqwest::StatusCode;

use crate::support::{House, Page, Person};

const NOTHING: &[(&str, &str)] = &[];

async fn slug(house: &House) -> String {
    house.one("select slug from companies").await
}

async fn id_of(house: &House, name: &str) -> uuid::Uuid {
    sqlx::query_scalar("select id from members where email = $1")
        .bind(house.address(name))
        .fetch_one(&house.db)
        .await
        .unwrap()
}

async fn role(house: &House, name: &str) -> Option<String> {
    sqlx::query_scalar(
        "select role from company_people p join members m on m.id = p.member_id where m.email = $1",
    )
    .bind(house.address(name))
    .fetch_optional(&house.db)
    .await
    .unwrap()
}

async fn link(house: &House, to: &str) -> String {
    house.deliver_mail().await;
    let text = house
        .mails(to)
        .await
        .into_iter()
        .next()
        .expect("a mail")
        .text;
    let at = text
        .find("/invitations/")
        .unwrap_or_else(|| panic!("no link in {text}"));
    text[at..].split_whitespace().next().unwrap().to_owned()
}

async fn set_role(house: &House, by: &Person, name: &str, role: &str) -> Page {
    let path = format!(
        "/team/{}/people/{}/role",
        slug(house).await,
        id_of(house, name).await
    );
    by.post(&path, &[("role", role)]).await
}

async fn let_go(house: &House, by: &Person, name: &str) -> Page {
    let path = format!(
        "/team/{}/people/{}/removal",
        slug(house).await,
        id_of(house, name).await
    );
    by.post(&path, NOTHING).await
}

#[tokio::test]
async fn a_company_is_its_peoples_and_its_details_the_admins() {
    let house = House::open().await;
    let slug = slug(&house).await;
    assert!(slug.starts_with("umoya-designs-"), "{slug}");
    let path = format!("/team/{slug}");
    let (thandeka, sipho, priya) = (
        house.member("thandeka").await,
        house.member("sipho").await,
        house.member("priya").await,
    );
    let page = thandeka.get(&path).await;
    assert!(page.says("sipho@example.com") && page.says("Billing details"));
    let theirs = sipho.get(&path).await;
    assert!(
        theirs.says("Thandeka Mkhize")
            && !theirs.says("Billing details")
            && !theirs.says("sipho@example.com")
    );
    assert!(
        sipho.get("/team").await.says("Umoya Designs") && !priya.get("/team").await.says("Umoya")
    );
    let mut doors = vec![path.clone(), format!("{path}/invitations")];
    doors.push(format!(
        "{path}/people/{}/role",
        id_of(&house, "thandeka").await
    ));
    doors.push(format!(
        "{path}/people/{}/removal",
        id_of(&house, "thandeka").await
    ));
    let fields = [
        ("role", "guest"),
        ("email", "priya@example.com"),
        ("name", "Mine"),
        ("version", "1"),
    ];
    for (who, person) in [("sipho", &sipho), ("priya", &priya)] {
        for door in &doors {
            assert_eq!(
                person.post(door, &fields).await.status,
                StatusCode::NOT_FOUND,
                "{who}: {door}"
            );
        }
    }
    assert_eq!(priya.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        house.visitor().get(&path).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(role(&house, "thandeka").await.as_deref(), Some("admin"));
    assert_eq!(house.deliver_mail().await, 0);
}

#[tokio::test]
async fn an_admin_keeps_the_billing_details() {
    let house = House::open().await;
    let (thandeka, path) = (
        house.member("thandeka").await,
        format!("/team/{}", slug(&house).await),
    );
    let form = thandeka.get(&path).await.form(&path);
    let wrong = form
        .clone()
        .with("name", "")
        .with("vat_no", "123")
        .with("billing_email", "nobody");
    let refused = thandeka.submit(&wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.says("Enter the company’s name.")
            && refused.says("begin with 4")
            && refused.says("name@example.com")
    );
    assert_eq!(refused.form(&path).get("vat_no"), "123");
    let right = form
        .clone()
        .with("name", "Umoya & Sons")
        .with("vat_no", "4000 000 000")
        .with("billing_address", "1 Sample Street\nDurban")
        .with("po_required", "yes");
    let saved = thandeka.submit(&right).await;
    assert!(
        saved.location().starts_with("/team/umoya-sons-"),
        "{}",
        saved.location()
    );
    let there = thandeka.follow(&saved).await.form(saved.location());
    assert_eq!(
        (there.get("vat_no"), there.get("billing_address")),
        ("4000000000", "1 Sample Street\nDurban")
    );
    let mut late = form.with("billing_email", "bills@example.com");
    late.action = saved.location().to_owned();
    let stale = thandeka.submit(&late).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        stale.says("changed elsewhere") && stale.says("Umoya & Sons"),
        "{}",
        stale.text()
    );
    house
        .run("insert into companies (id, name) values (gen_random_uuid(), 'Another Firm')")
        .await;
    let taken = thandeka.submit(&there.with("name", "Another Firm")).await;
    assert!(
        taken.says("Another company has this name."),
        "{}",
        taken.text()
    );
}

#[tokio::test]
async fn somebody_new_is_asked_in_by_mail() {
    let house = House::open().await;
    let (thandeka, path) = (
        house.member("thandeka").await,
        format!("/team/{}", slug(&house).await),
    );
    let invite = async |email: &str, role: &str| {
        thandeka
            .post(
                &format!("{path}/invitations"),
                &[("email", email), ("role", role)],
            )
            .await
    };
    assert!(invite("nobody", "booker").await.says("name@example.com"));
    assert!(
        invite("lindiwe@example.com", "owner")
            .await
            .says("Choose a role.")
    );
    assert!(
        invite("sipho@example.com", "guest")
            .await
            .says("They belong to the company already.")
    );
    let sent = invite(" Lindiwe@example.com", "booker").await;
    assert!(thandeka.follow(&sent).await.says("Invited"));
    assert!(
        invite("lindiwe@example.com", "admin")
            .await
            .says("They are invited already.")
    );

    let link = link(&house, "lindiwe@example.com").await;
    let lindiwe = house.visitor();
    assert!(lindiwe.get(&link).await.says("Join Umoya Designs"));
    assert_eq!(role(&house, "lindiwe").await, None, "looking joins nobody");
    assert!(
        lindiwe
            .post(&link, &[("name", " ")])
            .await
            .says("Enter your name.")
    );
    let joined = lindiwe.post(&link, &[("name", "Lindiwe Zulu")]).await;
    assert!(
        lindiwe
            .follow(&joined)
            .await
            .says("You belong to Umoya Designs now.")
    );
    assert_eq!(role(&house, "lindiwe").await.as_deref(), Some("booker"));
    assert_eq!(
        house.visitor().post(&link, &[("name", "Eve")]).await.status,
        StatusCode::GONE
    );

    // One who has an account signs in with it, and nobody else joins in their place.
    invite("priya@example.com", "guest").await;
    let link = self::link(&house, "priya@example.com").await;
    let somebody = house.visitor();
    assert!(
        somebody
            .get(&link)
            .await
            .says("This address has an account.")
    );
    let refused = somebody.post(&link, &[("name", "Eve")]).await;
    assert!(
        refused.says("Sign in with it to accept."),
        "{}",
        refused.text()
    );
    let lindiwe_tries = lindiwe.post(&link, NOTHING).await;
    assert_eq!(lindiwe_tries.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(role(&house, "priya").await, None);
    let priya = house.member("priya").await;
    assert_eq!(
        priya.post(&link, NOTHING).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(role(&house, "priya").await.as_deref(), Some("guest"));

    invite("late@example.com", "guest").await;
    let link = self::link(&house, "late@example.com").await;
    let page = thandeka.get(&path).await;
    let withdrawal = page
        .html
        .split("action=\"")
        .find(|part| part.contains("/withdrawal\""))
        .unwrap();
    thandeka
        .post(withdrawal.split('"').next().unwrap(), NOTHING)
        .await;
    assert_eq!(house.visitor().get(&link).await.status, StatusCode::GONE);
    assert_eq!(
        house.visitor().post(&link, &[("name", "L")]).await.status,
        StatusCode::GONE
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_uses_of_one_invitation_one_counts() {
    let house = House::open().await;
    let (thandeka, path) = (
        house.member("thandeka").await,
        format!("/team/{}", slug(&house).await),
    );
    thandeka
        .post(
            &format!("{path}/invitations"),
            &[("email", "lindiwe@example.com"), ("role", "guest")],
        )
        .await;
    let link = link(&house, "lindiwe@example.com").await;
    let uses = (0..50).map(|_| {
        let (somebody, link) = (house.visitor(), link.clone());
        async move {
            somebody
                .post(&link, &[("name", "Lindiwe Zulu")])
                .await
                .status
        }
    });
    let statuses = uses.collect::<tokio::task::JoinSet<_>>().join_all().await;
    let won = statuses
        .iter()
        .filter(|status| **status == StatusCode::SEE_OTHER)
        .count();
    assert_eq!(won, 1, "{statuses:?}");
    assert!(
        statuses.iter().all(|status| status.as_u16() < 500),
        "{statuses:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_is_never_without_an_admin() {
    let house = House::open().await;
    let (thandeka, sipho) = (house.member("thandeka").await, house.member("sipho").await);
    let guest = set_role(&house, &thandeka, "thandeka", "guest").await;
    assert!(
        thandeka
            .follow(&guest)
            .await
            .says("A company needs an admin.")
    );
    let gone = let_go(&house, &thandeka, "thandeka").await;
    assert!(
        thandeka
            .follow(&gone)
            .await
            .says("A company needs an admin.")
    );
    set_role(&house, &thandeka, "sipho", "admin").await;
    let (one, other) = tokio::join!(
        let_go(&house, &thandeka, "thandeka"),
        let_go(&house, &sipho, "sipho")
    );
    assert_eq!(
        (one.status, other.status),
        (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER)
    );
    assert_eq!(
        house
            .one::<i64>("select count(*) from company_people where role = 'admin'")
            .await,
        1
    );

    // Whatever path takes the last one away.
    let gone = sqlx::raw_sql("delete from company_people")
        .execute(&house.app.db)
        .await
        .unwrap_err();
    assert_eq!(
        gone.as_database_error().unwrap().constraint(),
        Some("company_keeps_an_admin")
    );
    let mut tx = house.app.db.begin().await.unwrap();
    let hand_over = "update company_people set role = 'guest'; insert into company_people (company_id, member_id, role)
                     select c.id, m.id, 'admin' from companies c, members m where m.email = 'priya@example.com'";
    sqlx::raw_sql(hand_over).execute(&mut *tx).await.unwrap();
    tx.commit()
        .await
        .expect("in one transaction it may be handed over");
}

#[tokio::test]
async fn who_pays_is_chosen_among_ones_own() {
    let house = House::open().await;
    let (sipho, slug) = (house.member("sipho").await, slug(&house).await);
    let payer = async || -> Option<String> {
        house.one("select (select name from companies where id = paying_company_id) from members where email = 'sipho@example.com'").await
    };
    let chosen = sipho.post("/team/payer", &[("payer", &slug)]).await;
    assert!(sipho.follow(&chosen).await.says("Umoya Designs pays."));
    assert_eq!(payer().await.as_deref(), Some("Umoya Designs"));
    assert_eq!(
        house.api("sipho").await.get("/me").await.json["payer"],
        slug.as_str()
    );
    let priya = house.member("priya").await;
    assert_eq!(
        priya.post("/team/payer", &[("payer", &slug)]).await.status,
        StatusCode::NOT_FOUND
    );
    let thandeka = house.member("thandeka").await;
    set_role(&house, &thandeka, "sipho", "guest").await;
    assert_eq!(payer().await, None, "a guest pays for themselves");
    let guest = sipho.post("/team/payer", &[("payer", &slug)]).await;
    assert!(sipho.follow(&guest).await.says("A guest does not book"));
    set_role(&house, &thandeka, "sipho", "booker").await;
    sipho.post("/team/payer", &[("payer", &slug)]).await;
    let_go(&house, &sipho, "sipho").await;
    assert_eq!(
        (payer().await, role(&house, "sipho").await),
        (None, None),
        "who has left as well"
    );
    assert_eq!(
        sipho.get(&format!("/team/{slug}")).await.status,
        StatusCode::NOT_FOUND
    );
}
