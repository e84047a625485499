//! What owners set about who runs the house, and that everybody sees it at once.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Form, House, Person};

const OPERATOR: &str = "/admin/settings/operator";

async fn owner(house: &House) -> Person {
    house
        .run("update staff set role = 'owner', location_id = null")
        .await;
    house.member("nomsa").await
}

async fn form(owner: &Person) -> Form {
    owner.get(OPERATOR).await.form(OPERATOR)
}

#[tokio::test]
async fn the_public_pages_say_at_once_what_an_owner_sets() {
    let house = House::open().await;
    let nomsa = owner(&house).await;
    let visitor = house.visitor();
    let missing = nomsa.get(OPERATOR).await;
    assert!(
        missing.says("The law asks you to publish these too") && missing.says("Physical address"),
        "{}",
        missing.text()
    );
    let filled = form(&nomsa)
        .await
        .with("name", "Umoya Desks (Pty) Ltd")
        .with(
            "registration_number",
            "2020/000000/07, Republic of South Africa",
        )
        .with("address", "1 Sample Street, Durban")
        .with("phone", "031 000 0000")
        .with("vat_number", "4000000000")
        .with("information_officer", "Nomsa Khumalo")
        .with("paia_manual", "https://desks.example/paia.pdf")
        .with("months", "6");
    let saved = nomsa.submit(&filled).await;
    assert_eq!(saved.location(), OPERATOR, "{}", saved.text());
    let page = nomsa.follow(&saved).await;
    assert!(page.says("8 facts are changed"), "{}", page.text());

    let terms = visitor.get("/terms").await;
    for fact in [
        "Umoya Desks (Pty) Ltd",
        "2020/000000/07",
        "1 Sample Street",
        "031 000 0000",
    ] {
        assert!(terms.says(fact), "{fact}: {}", terms.text());
    }
    let privacy = visitor.get("/privacy").await;
    assert!(
        privacy.says("Nomsa Khumalo") && privacy.says("6 months after the last word"),
        "{}",
        privacy.text()
    );
    let paia = visitor.get("/paia").await;
    assert!(paia.html.contains("https://desks.example/paia.pdf") && paia.says("within 30 days"));
    assert!(
        visitor
            .get("/contact")
            .await
            .says("we forget it after 6 months")
    );
    let statement = house.member("thandeka").await.get("/statement").await;
    assert!(statement.says("Umoya Desks"), "{}", statement.text());

    // Written down from what to what, and nothing else of it.
    let noted: Value = house
        .one("select detail from audit_events where verb = 'change operator'")
        .await;
    assert_eq!(noted["before"]["name"], "The test house");
    assert_eq!(noted["after"]["name"], "Umoya Desks (Pty) Ltd");
    assert_eq!(
        (
            &noted["before"]["keep_prospects_months"],
            &noted["after"]["keep_prospects_months"]
        ),
        (&json!(12), &json!(6))
    );
    assert_eq!(noted["after"].as_object().unwrap().len(), 8, "{noted}");

    let same = nomsa.submit(&form(&nomsa).await).await;
    assert!(nomsa.follow(&same).await.says("Nothing was changed."));
    let notes = "select count(*) from audit_events where verb = 'change operator'";
    assert_eq!(house.one::<i64>(notes).await, 1);
}

#[tokio::test]
async fn what_cannot_be_is_refused_beside_its_field() {
    let house = House::open().await;
    let nomsa = owner(&house).await;
    let wrong = form(&nomsa)
        .await
        .with("name", " ")
        .with("phone", "call me")
        .with("email", "nobody")
        .with("vat_registered", "yes")
        .with("vat_number", "123")
        .with("paia_manual", "javascript:alert(1)")
        .with("months", "0")
        .with("zone", "Durban")
        .with("hosting", "On our own computer");
    let refused = nomsa.submit(&wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for sentence in [
        "Enter the name of the person or company",
        "Enter a phone number like",
        "Enter an email address like",
        "Enter the ten digits",
        "Enter the whole address, like https://",
        "Enter a number of months from 1 to 120.",
        "Enter a time zone like Africa/Johannesburg.",
    ] {
        assert!(refused.says(sentence), "{sentence}: {}", refused.text());
    }
    assert_eq!(refused.form(OPERATOR).get("hosting"), "On our own computer");
    let kept = form(&nomsa).await;
    assert_eq!(kept.get("name"), "The test house");
    assert_eq!(kept.get("hosting"), "");
    let without = form(&nomsa)
        .await
        .with("vat_registered", "yes")
        .with("vat_number", "");
    assert!(
        nomsa
            .submit(&without)
            .await
            .says("Enter the VAT number, or take the tick away.")
    );
}

#[tokio::test]
async fn two_owners_do_not_undo_each_other_unseen() {
    let house = House::open().await;
    let nomsa = owner(&house).await;
    let early = form(&nomsa).await.with("vat_number", "4000000000");
    let opened_before = early.clone().with("disputes", "The ombud");
    let first = early.with("memberships", "None");
    assert_eq!(nomsa.submit(&first).await.status, StatusCode::SEE_OTHER);
    let stale = nomsa.submit(&opened_before).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(stale.says("Somebody else has changed these settings"));
    // Looked over and sent again, it is meant.
    let again = nomsa.submit(&stale.form(OPERATOR)).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.text());
    assert_eq!(form(&nomsa).await.get("disputes"), "The ombud");
}

#[tokio::test]
async fn who_is_not_registered_for_vat_shows_none() {
    let house = House::open().await;
    let nomsa = owner(&house).await;
    let visitor = house.visitor();
    let space = "/spaces/lighthouse?date=2026-11-25&from=09:00&until=10:00";
    assert!(visitor.get(space).await.says("VAT"));
    let off = form(&nomsa).await.without("vat_registered");
    assert_eq!(nomsa.submit(&off).await.status, StatusCode::SEE_OTHER);
    let page = visitor.get(space).await;
    assert!(
        !page.says("15% VAT") && !page.says("VAT 15"),
        "{}",
        page.text()
    );
    assert!(!visitor.get("/terms").await.says("VAT number"));
}

/// A fact of the sample has its mark until it is another one.
#[tokio::test]
async fn what_is_sample_says_so_until_it_is_written_over() {
    let house = House::sample().await;
    let owner = house.member("owner").await;
    let page = owner.get(OPERATOR).await;
    let marks = |html: &str| html.matches(">Sample<").count();
    let before = marks(&page.html);
    assert!(before > 10, "{before}");
    let own = page.form(OPERATOR).with("legal_form", "Private company");
    owner.submit(&own).await;
    assert_eq!(marks(&owner.get(OPERATOR).await.html), before - 1);
    assert!(
        house
            .visitor()
            .get("/terms")
            .await
            .html
            .contains(">Sample<")
    );
    let mut all = owner.get(OPERATOR).await.form(OPERATOR);
    for field in [
        "name",
        "registration_number",
        "office_bearers",
        "address",
        "service_address",
        "memberships",
        "disputes",
        "information_officer",
        "hosting",
    ] {
        all = all.with(field, "Ours");
    }
    let all = all
        .with("phone", "031 123 4567")
        .with("email", "us@desks.example")
        .with("privacy_email", "data@desks.example")
        .with("vat_number", "4123456789");
    let saved = owner.submit(&all).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
    for path in ["/terms", "/privacy", "/paia"] {
        let page = house.visitor().get(path).await;
        assert_eq!(marks(&page.html), 0, "{path}");
    }
}

#[tokio::test]
async fn settings_are_listed_for_those_who_may_change_them() {
    let house = House::sample().await;
    let owner = house.member("owner").await.get("/admin/settings").await;
    assert!(
        owner.links().contains(&OPERATOR.to_owned()),
        "{}",
        owner.text()
    );
    let manager = house.member("manager").await;
    let page = manager.get("/admin/settings").await;
    assert!(
        !page.links().contains(&OPERATOR.to_owned()),
        "{}",
        page.text()
    );
    assert_eq!(manager.get(OPERATOR).await.status, StatusCode::NOT_FOUND);
    let receptionist = house.member("receptionist").await;
    let hidden = receptionist.get("/admin/settings").await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
}
