//! Prospects: asking to see the place, changing one's mind, and what is not to be believed.

use chrono::TimeDelta;
use reqwest::StatusCode;

use crate::support::{Form, House, Page, Person};

const LINDIWE: &str = "lindiwe@example.com";

/// The contact form as Lindiwe fills it in, ten seconds after it was shown.
async fn filled(house: &House, person: &Person) -> Form {
    let page = person.get("/contact?location=musgrave").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    house.app.clock.shift(TimeDelta::seconds(10));
    page.form("/contact")
        .with("name", "Lindiwe Zulu")
        .with("reach", LINDIWE)
}

async fn asks(house: &House, wish: &str) -> Page {
    let person = house.visitor();
    let form = filled(house, &person).await.with("wish", wish);
    let sent = person.submit(&form).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    person.follow(&sent).await
}

/// The path of the private link in the newest mail to an address.
async fn private_link(house: &House, to: &str) -> String {
    house.deliver_mail().await;
    let mails = house.mails(to).await;
    let text = &mails[0].text;
    let at = text
        .find("/viewings/")
        .unwrap_or_else(|| panic!("no link in {text}"));
    text[at..].split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn a_name_and_an_address_are_enough() {
    // case Q1
    let house = House::open().await;
    house
        .run("update locations set email = 'musgrave@example.com'")
        .await;
    let thanks = asks(&house, "musgrave 2026-11-25T11:00").await;
    assert!(
        thanks.says("We confirm a time by Tue 24 November, 12:00"),
        "{}",
        thanks.text()
    );
    assert_eq!(
        house.one::<String>("select status from viewings").await,
        "new",
        "before any mail"
    );
    let board = house.member("nomsa").await.get("/admin/viewings").await;
    assert!(board.says("Lindiwe Zulu"), "staff see it at once");
    assert_eq!(house.mails(LINDIWE).await.len(), 0);

    house.deliver_mail().await;
    let mail = house.mails(LINDIWE).await.remove(0);
    assert!(
        mail.text.contains("Wed 25 November, 11:00"),
        "{}",
        mail.text
    );
    let calendar = mail.calendar.unwrap();
    for line in [
        "METHOD:REQUEST",
        "STATUS:TENTATIVE",
        "DTSTART:20261125T090000Z",
        "SEQUENCE:0",
    ] {
        assert!(
            calendar.contains(&format!("\r\n{line}\r\n")),
            "{line}: {calendar}"
        );
    }
    let to_staff = house.mails("musgrave@example.com").await.remove(0);
    assert!(to_staff.text.contains("Lindiwe Zulu") && to_staff.text.contains("/admin/viewings/V-"));
}

#[tokio::test]
async fn wishes_are_only_those_on_offer() {
    let house = House::open().await;
    let person = house.visitor();
    for wrong in [
        "musgrave 2026-11-25T03:00",
        "musgrave 2026-11-29T11:00",
        "musgrave 2026-11-25T11:01",
        "musgrave 2026-11-23T11:00",
        "musgrave soon",
    ] {
        let form = filled(&house, &person).await.with("wish", wrong);
        let page = person.submit(&form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(page.says("not free any more"), "{wrong}: {}", page.text());
        assert_eq!(
            page.form("/contact").get("name"),
            "Lindiwe Zulu",
            "what was typed is lost"
        );
    }
    assert_eq!(house.one::<i64>("select count(*) from viewings").await, 0);
    let nothing = person
        .submit(&filled(&house, &person).await.with("reach", " "))
        .await;
    assert!(
        nothing.says("Enter your email address or mobile number."),
        "{}",
        nothing.text()
    );
}

#[tokio::test]
async fn what_a_robot_sends_is_kept_aside_and_answered_like_any_other() {
    // case Q2
    let house = House::open().await;
    let person = house.visitor();
    let human = person.submit(&filled(&house, &person).await).await;
    let reason = "select spam_reason from viewings order by created_at desc, id desc limit 1";
    let sends = async |form: Form| {
        let answer = person.submit(&form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        assert_eq!(answer.location(), human.location());
        let reason: String = house.one(reason).await;
        reason
    };
    let of = async |email: &str| filled(&house, &person).await.with("reach", email);
    let robot = of("a@example.com")
        .await
        .with("website", "https://spam.example");
    assert_eq!(
        sends(robot).await,
        "A field was filled in that people do not see."
    );
    let forged = of("b@example.com").await.with("shown", "1764000000.AAAA");
    assert_eq!(sends(forged).await, "It did not come from our form.");
    let quick = of("c@example.com").await;
    house.app.clock.shift(TimeDelta::seconds(-9));
    assert_eq!(
        sends(quick).await,
        "It was sent 1 s after the form was shown."
    );
    house.app.clock.shift(TimeDelta::seconds(9));
    let headers = of("d@example.com")
        .await
        .with("name", "Eve\r\nBcc: all@example.com");
    assert!(sends(headers).await.contains("mail headers"));
    let links = of("e@example.com")
        .await
        .with("message", "http://a.example and http://b.example");
    assert!(sends(links).await.contains("links"));
    assert_eq!(
        house
            .one::<i64>("select count(*) from viewings where status = 'spam'")
            .await,
        5
    );
    house.deliver_mail().await;
    for nobody in ["a", "b", "c", "d", "e"] {
        assert!(
            house
                .mails(&format!("{nobody}@example.com"))
                .await
                .is_empty(),
            "{nobody} was mailed"
        );
    }
    // A sixth and later ones from the network are still people's; the ninth is too many.
    for number in 0..4 {
        sends(of(&format!("many-{number}@example.com")).await).await;
    }
    assert!(house.one::<String>(reason).await.contains("one network"));
}

#[tokio::test]
async fn the_same_person_again_is_one_viewing_with_two_notes() {
    let house = House::open().await;
    asks(&house, "musgrave 2026-11-25T11:00").await;
    asks(&house, "musgrave 2026-11-25T11:00").await;
    let notes = "select count(*) from viewing_notes";
    assert_eq!(
        house.one::<i64>(notes).await,
        1,
        "the form sent twice is once"
    );
    house
        .run(
            "delete from viewing_notes; delete from viewing_stages; delete from viewings;
             delete from attempts",
        )
        .await;
    let sends = async |number: i32| {
        let person = house.visitor();
        let form = filled(&house, &person)
            .await
            .with("message", &format!("Number {number}"));
        person.submit(&form).await.status
    };
    let both = tokio::join!(sends(1), sends(2));
    assert_eq!(both, (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
    assert_eq!(
        house.one::<i64>("select count(*) from viewings").await,
        1,
        "two at once are one"
    );
    assert_eq!(house.one::<i64>(notes).await, 2);
    house
        .run("update viewings set created_at = now() - interval '15 days'")
        .await;
    asks(&house, "musgrave 2026-11-26T11:00").await;
    assert_eq!(
        house.one::<i64>("select count(*) from viewings").await,
        2,
        "two weeks later"
    );
}

#[tokio::test]
async fn a_private_link_changes_and_withdraws() {
    let house = House::open().await;
    asks(&house, "musgrave 2026-11-25T11:00").await;
    let link = private_link(&house, LINDIWE).await;
    let stranger = house.visitor();
    assert_eq!(
        stranger.get("/viewings/nothing").await.status,
        StatusCode::NOT_FOUND
    );
    let page = stranger.get(&link).await;
    assert!(page.says("Wed 25 November, 11:00"), "{}", page.text());
    assert_eq!(page.header("referrer-policy"), "strict-origin");
    let change = page.form(&link).with("wish", "musgrave 2026-11-26T14:00");
    stranger.follow(&stranger.submit(&change).await).await;
    assert!(stranger.get(&link).await.says("Thu 26 November, 14:00"));
    let wrong = page.form(&link).with("wish", "musgrave 2026-11-26T03:00");
    assert_eq!(
        stranger.submit(&wrong).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );

    let withdrawal = page.form(&format!("{link}/withdrawal"));
    stranger.submit(&withdrawal).await;
    let gone = stranger.get(&link).await;
    assert_eq!(gone.status, StatusCode::GONE);
    assert!(gone.says("withdrawn"), "{}", gone.text());
    assert_eq!(stranger.submit(&change).await.status, StatusCode::GONE);
    assert_eq!(
        house
            .one::<String>("select lost_reason from viewings")
            .await,
        "Withdrawn by the prospect"
    );
    house.run("update viewings set status = 'new', lost_reason = ''; update viewing_links set expires_at = now()").await;
    assert_eq!(
        stranger.get(&link).await.status,
        StatusCode::NOT_FOUND,
        "its time is over"
    );
}

#[tokio::test]
async fn a_question_is_promised_an_answer() {
    let house = House::open().await;
    let person = house.visitor();
    let page = person
        .get("/contact?about=question&location=musgrave")
        .await;
    assert!(
        page.says("We answer by Tue 24 November, 12:00"),
        "{}",
        page.text()
    );
    house.app.clock.shift(TimeDelta::hours(1));
    let form = page
        .form("/contact")
        .with("name", "Lindiwe Zulu")
        .with("reach", LINDIWE);
    let empty = person.submit(&form).await;
    assert!(empty.says("Write your question."), "{}", empty.text());
    let thanks = person
        .submit(&form.with("message", "Is there a piano?"))
        .await;
    let thanks = person.follow(&thanks).await;
    assert!(
        thanks.says("We answer by Wed 25 November, 12:00"),
        "asked after the doors opened: {}",
        thanks.text()
    );
    house.deliver_mail().await;
    let mail = house.mails(LINDIWE).await.remove(0);
    assert!(
        mail.text.contains("We answer by Wed 25 November, 12:00"),
        "{}",
        mail.text
    );
    assert!(
        !mail.text.contains("piano"),
        "a stranger's words to a stranger"
    );
}

#[tokio::test]
async fn consent_is_asked_for_and_ends_with_one_press() {
    let house = House::open().await;
    let person = house.visitor();
    let page = person.get("/contact?location=musgrave").await;
    assert!(
        page.says("You may object at any time")
            && !page.html.contains("name=\"news\" value=\"email\" checked")
    );
    let form = filled(&house, &person).await.with("news", "email");
    person.submit(&form).await;
    let kept = "select concat_ws(' ', address, channel, given, source) from consents order by id desc limit 1";
    assert_eq!(
        house.one::<String>(kept).await,
        "lindiwe@example.com email t viewing"
    );
    // Put off until next week by staff; then the mail goes out, with one press to end it.
    house
        .run("update viewings set status = 'later', version = 7")
        .await;
    house
        .run("insert into jobs (id, payload) select gen_random_uuid(),
                  jsonb_build_object('kind', 'viewing_news', 'viewing', id, 'version', 7) from viewings")
        .await;
    house.deliver_mail().await;
    let mail = house.mails(LINDIWE).await.remove(0);
    assert!(
        mail.subject.starts_with("Still looking"),
        "{}",
        mail.subject
    );
    let at = mail.text.find("/unsubscribe/").unwrap();
    let address = mail.text[at..].split_whitespace().next().unwrap();
    assert!(person.get(address).await.says("Stop the news"));
    assert_eq!(
        person.get("/unsubscribe/x.y").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        house.one::<i64>("select count(*) from consents").await,
        1,
        "looking changes nothing"
    );
    // As a mail program does it: from elsewhere, without cookies.
    let elsewhere = house.visitor();
    let press = elsewhere
        .request(reqwest::Method::POST, address)
        .header("origin", "https://mail.example")
        .header("sec-fetch-site", "cross-site")
        .form(&[("List-Unsubscribe", "One-Click")]);
    assert_eq!(elsewhere.send(press).await.status, StatusCode::OK);
    assert_eq!(
        house.one::<String>(kept).await,
        "lindiwe@example.com email f unsubscribe"
    );
    house.run("update jobs set done_at = null, run_at = now() where kind = 'viewing_news'; delete from mails").await;
    house.deliver_mail().await;
    assert!(house.mails(LINDIWE).await.is_empty());
    // Who has ended them stays so, since anybody may type the address and tick the box.
    let form = filled(&house, &person).await.with("news", "email");
    person.submit(&form.with("message", "Me again")).await;
    assert_eq!(
        house.one::<String>(kept).await,
        "lindiwe@example.com email f unsubscribe"
    );
}

#[tokio::test]
async fn another_location_is_another_viewing() {
    let house = House::open().await;
    let visitor = house.visitor();
    for location in ["musgrave", "paris"] {
        let form = filled(&house, &visitor).await;
        visitor.submit(&form.with("location", location)).await;
    }
    assert_eq!(house.one::<i64>("select count(*) from viewings").await, 2);
}

#[tokio::test]
async fn no_time_is_offered_before_we_have_answered() {
    let house = House::open().await;
    // Friday morning: the answer is promised for Monday noon.
    house.app.clock.shift(TimeDelta::hours(74));
    let page = house.visitor().get("/contact?location=musgrave").await;
    assert!(
        !page.html.contains("musgrave 2026-11-27T"),
        "{}",
        page.text()
    );
    assert!(
        page.html.contains("musgrave 2026-11-30T1"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn the_fourth_with_one_address_in_an_hour_is_kept_aside() {
    let house = House::open().await;
    let person = house.visitor();
    for message in ["One", "Two", "Three", "Four"] {
        let form = filled(&house, &person).await.with("message", message);
        person.submit(&form).await;
    }
    let seen = "select string_agg(n.body || ': ' || v.spam_reason, ', ' order by n.body)
                from viewing_notes n join viewings v on v.id = n.viewing_id where v.status = 'spam'";
    assert_eq!(
        house.one::<String>(seen).await,
        "Four: Many came with one address within an hour."
    );
}

#[tokio::test]
async fn what_led_to_nothing_is_forgotten_and_still_counted() {
    // case Q5
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    thandeka
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    asks(&house, "musgrave 2026-11-25T11:00").await;
    house.deliver_mail().await;
    let tidy = async || connect_space::worker::tidy_once(&house.app).await.unwrap();
    house
        .run("update viewings set changed_at = now() - interval '11 months'")
        .await;
    tidy().await;
    assert_eq!(
        house.one::<String>("select name from viewings").await,
        "Lindiwe Zulu",
        "not yet"
    );
    house
        .run("update viewings set changed_at = now() - interval '13 months'")
        .await;
    tidy().await;
    let left = "select concat_ws('|', name, email, phone, company, location_id is not null, forgotten_at is not null) from viewings";
    assert_eq!(house.one::<String>(left).await, "||t|t");
    for table in ["viewing_notes", "viewing_links"] {
        let count: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}")))
                .fetch_one(&house.db)
                .await
                .unwrap();
        assert_eq!(count, 0, "{table}");
    }
    assert_eq!(
        house
            .one::<i64>("select count(*) from viewing_stages")
            .await,
        1,
        "the count stays"
    );
    assert_eq!(house.one::<i64>("select count(*) from bookings").await, 1);
    assert_eq!(
        house
            .one::<i64>("select count(*) from ledger_entries")
            .await,
        1
    );
}

#[tokio::test]
async fn who_became_a_member_is_not_forgotten() {
    let house = House::open().await;
    house.member("thandeka").await;
    asks(&house, "musgrave 2026-11-25T11:00").await;
    house
        .run(
            "update viewings set status = 'won', changed_at = now() - interval '13 months',
                 member_id = (select id from members where email like 'thandeka%')",
        )
        .await;
    connect_space::worker::tidy_once(&house.app).await.unwrap();
    assert_eq!(
        house.one::<String>("select name from viewings").await,
        "Lindiwe Zulu"
    );
}
