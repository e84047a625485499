//! A member's account: what they change by themselves, and what nobody changes for them.

use reqwest::StatusCode;

use crate::support::House;

#[tokio::test]
async fn a_member_says_who_they_are_as_people_type_it() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let page = thandeka.get("/account").await;
    let form = page.form("/account");
    assert_eq!(
        (form.get("name"), form.get("phone"), form.get("home")),
        ("Thandeka Mkhize", "082 000 0001", "")
    );
    let form = form
        .with("name", "  Thandeka\tMkhize-Zulu ")
        .with("phone", "+27 (0)82-000-0099")
        .with("home", "musgrave");
    let saved = thandeka.submit(&form).await;
    let page = thandeka.follow(&saved).await;
    assert!(page.says("Your profile is saved."));
    let form = page.form("/account");
    assert_eq!(
        (form.get("name"), form.get("phone"), form.get("home")),
        ("Thandeka Mkhize-Zulu", "082 000 0099", "musgrave")
    );
    let kept: String = house
        .one("select phone from members where email = 'thandeka@example.com'")
        .await;
    assert_eq!(kept, "+27820000099");
    let audit: String = house
        .one("select detail::text from audit_events where verb = 'change profile'")
        .await;
    assert!(
        audit.contains("+27820000001") && audit.contains("+27820000099"),
        "{audit}"
    );
    thandeka.submit(&form).await;
    assert_eq!(
        house
            .one::<i64>("select count(*) from audit_events where verb = 'change profile'")
            .await,
        1,
        "saving what is there changes nothing"
    );

    let wrong = form
        .with("name", " ")
        .with("phone", "12")
        .with("home", "moon");
    let refused = thandeka.submit(&wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("Enter your name.") && refused.says("Enter a phone number like"));
    assert_eq!(refused.form("/account").get("phone"), "12");
    let refused = thandeka
        .submit(&wrong.with("name", "T").with("phone", ""))
        .await;
    assert!(
        refused.says("Choose one of our locations."),
        "{}",
        refused.text()
    );
    assert_eq!(
        house.visitor().get("/account").await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn all_that_we_hold_is_theirs_to_take_away() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    thandeka
        .post("/account/marketing", &[("channels", "sms")])
        .await;
    let week = serde_json::json!({"product": "musgrave-week", "first": "2026-11-24"});
    let bought = house.api("thandeka").await.post("/passes", &week).await;
    let pass = bought.json["reference"].as_str().unwrap();
    let desk = thandeka
        .book("desk-1", "2026-11-27", "09:00", "10:00")
        .await;
    for space in ["pier", "desk-2"] {
        let path = format!("/spaces/{space}/favourite");
        thandeka.post(&path, &[("star", "on")]).await;
    }
    house
        .run(
            "insert into questions (id, reference, location_id, name, email, body, answer_by)
             select gen_random_uuid(), 'Q-22222', id, 'T', 'thandeka@example.com', 'May I bring a dog?', now()
             from locations where slug = 'musgrave'",
        )
        .await;
    house.deliver_mail().await;
    house
        .member("sipho")
        .await
        .book("pier", "2026-11-26", "09:00", "10:00")
        .await;
    let answer = thandeka.get("/account/data.json").await;
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"my-data.json\""
    );
    let data: serde_json::Value = serde_json::from_str(&answer.html).unwrap();
    assert_eq!(data["member"]["email"], "thandeka@example.com");
    assert_eq!(data["bookings"][0]["reference"], reference.as_str());
    assert_eq!(data["bookings"].as_array().unwrap().len(), 2);
    assert_eq!(data["favourites"], serde_json::json!(["pier", "desk-2"]));
    assert_eq!(data["passes"][0]["reference"], pass);
    let drawn = serde_json::json!([{"date": "2026-11-27", "booking": desk, "returned": false}]);
    assert_eq!(data["passes"][0]["drawn"], drawn);
    assert_eq!(data["questions"][0]["body"], "May I bring a dog?");
    let about: Vec<&str> = data["mails"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mail| mail["about"].as_str().unwrap())
        .collect();
    let of_bookings = about.iter().filter(|about| **about == "booking_confirmed");
    assert_eq!(of_bookings.count(), 2, "{about:?}");
    assert!(about.contains(&"pass_bought") && data["mails"][0]["written_at"].is_string());
    assert_eq!(data["mails_kept"].as_array().unwrap().len(), about.len());
    assert_eq!(data["account"][0]["cents"], 20_000);
    assert_eq!(
        (
            &data["marketing"][0]["channel"],
            &data["marketing"][0]["given"]
        ),
        (&"sms".into(), &true.into())
    );
    assert_eq!(
        (
            data["sessions"].as_array().unwrap().len(),
            data["api_tokens"].as_array().unwrap().len()
        ),
        (1, 1)
    );
    assert!(
        !answer.html.contains("argon2")
            && !answer.html.contains("hash")
            && !answer.html.contains("Sipho")
    );
    assert_eq!(
        house.visitor().get("/account/data.json").await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_form_left_open_says_what_is_there_now() {
    let house = House::open().await;
    let (desk, phone) = (
        house.member("thandeka").await,
        house.member("thandeka").await,
    );
    let open = desk.get("/account").await.form("/account");
    phone
        .submit(
            &phone
                .get("/account")
                .await
                .form("/account")
                .with("name", "T. Mkhize"),
        )
        .await;
    let stale = desk.submit(&open.with("phone", "082 000 0077")).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        stale.says("changed elsewhere") && stale.says("T. Mkhize"),
        "{}",
        stale.text()
    );
    let form = stale.form("/account");
    assert_eq!(
        (form.get("name"), form.get("phone")),
        ("Thandeka Mkhize", "082 000 0077")
    );
    assert_eq!(
        desk.submit(&form).await.status,
        StatusCode::SEE_OTHER,
        "seen, it can be saved"
    );
    let kept: String = house
        .one("select name || ' ' || phone from members where email = 'thandeka@example.com'")
        .await;
    assert_eq!(kept, "Thandeka Mkhize +27820000077");
}
