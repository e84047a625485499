//! Prospects as staff work on them: the board, visits with a guide, questions, won and counted.

use reqwest::StatusCode;

use crate::support::{House, Page, Person};

const LINDIWE: &str = "lindiwe@example.com";
/// Rows are made by the database's clock, pages speak of the house's.
const EVER: &str = "?first=2020-01-01&last=2100-01-01";

/// A viewing that Nomsa enters from the phone; its reference.
async fn enters(nomsa: &Person, name: &str, email: &str) -> String {
    let sent = nomsa
        .post(
            "/admin/viewings/new",
            &[
                ("source", "phone"),
                ("location", "musgrave"),
                ("name", name),
                ("email", email),
                ("phone", "082 000 0009"),
                ("message", "Wants a quiet corner."),
            ],
        )
        .await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    sent.location()
        .trim_start_matches("/admin/viewings/")
        .to_owned()
}

async fn version(house: &House, reference: &str) -> String {
    let version: i32 = sqlx::query_scalar("select version from viewings where reference = $1")
        .bind(reference)
        .fetch_one(&house.db)
        .await
        .unwrap();
    version.to_string()
}

async fn guide(house: &House) -> String {
    house
        .one("select id::text from members where email = 'nomsa@example.com'")
        .await
}

/// Nomsa agrees on a visit of half an hour.
async fn agrees(house: &House, nomsa: &Person, reference: &str, date: &str, from: &str) -> Page {
    let fields = [
        ("version", version(house, reference).await),
        ("guide", guide(house).await),
        ("date", date.to_owned()),
        ("from", from.to_owned()),
        ("minutes", "30".to_owned()),
        ("tell", "yes".to_owned()),
    ];
    nomsa
        .post(&format!("/admin/viewings/{reference}/visit"), &fields)
        .await
}

async fn moves(nomsa: &Person, reference: &str, to: &str, version: &str, reason: &str) -> Page {
    let fields = [("to", to), ("version", version), ("reason", reason)];
    nomsa
        .post(&format!("/admin/viewings/{reference}/stage"), &fields)
        .await
}

/// Lets every mail that waits for second thoughts go out, reminders left alone.
async fn mails_leave(house: &House) {
    house.run("update jobs set run_at = now() where status = 'waiting' and kind <> 'viewing_reminder'").await;
    house.deliver_mail().await;
}

#[tokio::test]
async fn staff_enter_a_viewing_and_see_it_on_the_board() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let reference = enters(&nomsa, "Lindiwe Zulu", LINDIWE).await;
    let board = nomsa.get("/admin/viewings").await;
    assert!(
        board.says("Lindiwe Zulu") && board.says("Confirm a time"),
        "{}",
        board.text()
    );
    let page = nomsa.get(&format!("/admin/viewings/{reference}")).await;
    assert!(
        page.html.contains("href=\"tel:+27820000009\""),
        "{}",
        page.html
    );
    assert!(page.html.contains("href=\"https://wa.me/27820000009\""));
    assert!(page.says("Wants a quiet corner.") && page.says("082 000 0009"));
    let refused = nomsa
        .post(
            "/admin/viewings/new",
            &[("name", "Nobody"), ("source", "broker")],
        )
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for sentence in [
        "Choose a location.",
        "Enter a phone number or an email address.",
        "Say which broker.",
    ] {
        assert!(refused.says(sentence), "{sentence}: {}", refused.text());
    }
    house.deliver_mail().await;
    assert!(
        house.mails(LINDIWE).await.is_empty(),
        "whoever phoned was not mailed"
    );
}

#[tokio::test]
async fn moving_needs_the_newest_version_and_its_reasons() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let reference = enters(&nomsa, "Lindiwe Zulu", LINDIWE).await;
    assert_eq!(
        moves(&nomsa, &reference, "contacted", "1", "").await.status,
        StatusCode::SEE_OTHER
    );
    let stale = moves(&nomsa, &reference, "later", "1", "").await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        stale.says("Somebody changed this a moment ago")
            && stale.says("Moved from New to Contacted")
    );
    for (to, sentence) in [
        ("lost", "Say why it was lost."),
        ("scheduled", "Choose who shows the place, and when."),
        ("won", "Say who becomes a member."),
        ("somewhere", "Choose a stage."),
    ] {
        let refused = moves(&nomsa, &reference, to, "2", "").await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{to}");
        assert!(refused.says(sentence), "{to}: {}", refused.text());
    }
    assert_eq!(
        moves(&nomsa, &reference, "lost", "2", "Price").await.status,
        StatusCode::SEE_OTHER
    );
    let (one, other) = tokio::join!(
        moves(&nomsa, &reference, "later", "3", ""),
        moves(&nomsa, &reference, "proposal", "3", "")
    );
    let refused = [one.status, other.status]
        .iter()
        .filter(|status| **status == StatusCode::UNPROCESSABLE_ENTITY)
        .count();
    assert_eq!(refused, 1, "of two at once, one moved it");
}

#[tokio::test]
async fn a_guide_is_in_one_place_at_a_time() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let mut references = Vec::new();
    for number in 0..4 {
        let email = format!("prospect-{number}@example.com");
        house.run("update viewings set phone = null").await;
        references.push(enters(&nomsa, "Somebody", &email).await);
    }
    let all = references
        .iter()
        .map(|reference| agrees(&house, &nomsa, reference, "2026-11-26", "10:00"));
    let mut answers = Vec::new();
    for answer in futures(all).await {
        answers.push(answer);
    }
    let agreed = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::SEE_OTHER)
        .count();
    assert_eq!(agreed, 1);
    for answer in answers
        .iter()
        .filter(|answer| answer.status != StatusCode::SEE_OTHER)
    {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            answer.says("Nomsa Khumalo shows somebody round at that time"),
            "{}",
            answer.text()
        );
    }
    assert_eq!(
        house
            .one::<i64>("select count(*) from viewings where status = 'scheduled'")
            .await,
        1
    );
    let free: String = house
        .one("select reference from viewings where status = 'new' limit 1")
        .await;
    let touching = agrees(&house, &nomsa, &free, "2026-11-26", "10:30").await;
    assert_eq!(
        touching.status,
        StatusCode::SEE_OTHER,
        "one after the other touch and both stand"
    );
    house.member("thandeka").await;
    house
        .run(
            "insert into staff (member_id, role, location_id) select m.id, 'manager', l.id
             from members m, locations l where m.email = 'thandeka@example.com' and l.slug = 'paris'",
        )
        .await;
    let elsewhere = house
        .one::<String>("select id::text from members where email = 'thandeka@example.com'")
        .await;
    let fields = [
        ("version", version(&house, &free).await),
        ("guide", elsewhere),
        ("date", "2026-11-26".to_owned()),
        ("from", "15:00".to_owned()),
        ("minutes", "30".to_owned()),
    ];
    let answer = nomsa
        .post(&format!("/admin/viewings/{free}/visit"), &fields)
        .await;
    assert!(answer.says("can show Musgrave"), "{}", answer.text());
    let past = agrees(&house, &nomsa, &free, "2026-11-23", "10:30").await;
    assert!(past.says("That time has passed"), "{}", past.text());
    // And what staff agreed on is not offered on the contact page any more.
    let contact = house.visitor().get("/contact?location=musgrave").await;
    assert!(!contact.html.contains("musgrave 2026-11-26T10:00"));
}

/// All at once.
async fn futures<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut pinned: Vec<_> = all.map(|one| (Box::pin(one), None)).collect();
    std::future::poll_fn(|context| {
        for (future, output) in &mut pinned {
            if output.is_none()
                && let std::task::Poll::Ready(done) = future.as_mut().poll(context)
            {
                *output = Some(done);
            }
        }
        if pinned.iter().all(|(_, output)| output.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    pinned
        .into_iter()
        .filter_map(|(_, output)| output)
        .collect()
}

#[tokio::test]
async fn invitations_follow_the_visit_and_reminders_only_the_one_that_stands() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let reference = enters(&nomsa, "Lindiwe Zulu", LINDIWE).await;
    agrees(&house, &nomsa, &reference, "2026-11-26", "10:00").await;
    assert_eq!(
        house
            .one::<i64>("select count(*) from jobs where run_at <= now()")
            .await,
        0,
        "second thoughts"
    );
    mails_leave(&house).await;
    agrees(&house, &nomsa, &reference, "2026-11-27", "11:00").await;
    mails_leave(&house).await;
    moves(
        &nomsa,
        &reference,
        "contacted",
        &version(&house, &reference).await,
        "",
    )
    .await;
    mails_leave(&house).await;
    for (who, subject) in [(LINDIWE, "Your visit"), ("nomsa@example.com", "You show")] {
        let mails = house.mails(who).await;
        assert_eq!(mails.len(), 3, "{who}: {mails:#?}");
        assert!(
            mails[2].subject.starts_with(subject),
            "{}",
            mails[2].subject
        );
        let read = |mail: usize, start: &str| {
            let calendar: icalendar::Calendar =
                mails[mail].calendar.as_ref().unwrap().parse().unwrap();
            assert_eq!(calendar.events().count(), 1);
            let text = mails[mail].calendar.clone().unwrap();
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix(start).map(str::to_owned));
            line.unwrap_or_default()
        };
        let told: Vec<(String, String, String)> = (0..3)
            .rev()
            .map(|mail| {
                (
                    read(mail, "METHOD:"),
                    read(mail, "SEQUENCE:"),
                    read(mail, "UID:"),
                )
            })
            .collect();
        assert_eq!((told[0].0.as_str(), told[0].1.as_str()), ("REQUEST", "1"));
        assert_eq!((told[1].0.as_str(), told[1].1.as_str()), ("REQUEST", "2"));
        assert_eq!((told[2].0.as_str(), told[2].1.as_str()), ("CANCEL", "3"));
        assert!(told.iter().all(|one| one.2 == told[0].2), "{told:?}");
    }
    // Of two visits that do not stand, nobody is reminded.
    house
        .run("delete from mails; update jobs set run_at = now() where status = 'waiting'")
        .await;
    assert!(house.deliver_mail().await >= 6);
    assert!(house.mails(LINDIWE).await.is_empty());
    agrees(&house, &nomsa, &reference, "2026-11-26", "15:00").await;
    let waits = "select count(*) from jobs where kind = 'viewing_reminder' and status = 'waiting'";
    assert_eq!(
        house.one::<i64>(waits).await,
        4,
        "a day and two hours before, for both sides"
    );
    house
        .run("update jobs set run_at = now() where status = 'waiting'")
        .await;
    house.deliver_mail().await;
    let reminders = house.mails(LINDIWE).await;
    assert_eq!(
        reminders
            .iter()
            .filter(|mail| mail.subject.starts_with("Reminder"))
            .count(),
        2
    );
}

#[tokio::test]
async fn a_visit_that_the_prospect_withdraws_is_off_for_the_guide() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let reference = enters(&nomsa, "Lindiwe Zulu", LINDIWE).await;
    agrees(&house, &nomsa, &reference, "2026-11-26", "10:00").await;
    mails_leave(&house).await;
    let text = house.mails(LINDIWE).await.remove(0).text;
    let link = &text[text.find("/viewings/").unwrap()..];
    let link = link.split_whitespace().next().unwrap();
    let lindiwe = house.visitor();
    let withdrawal = lindiwe.get(link).await.form(&format!("{link}/withdrawal"));
    lindiwe.submit(&withdrawal).await;
    let left = "select concat_ws(' ', status, guide_id is null, during is null) from viewings";
    assert_eq!(house.one::<String>(left).await, "lost t t");
    house.deliver_mail().await;
    for address in [LINDIWE, "nomsa@example.com"] {
        let mail = house.mails(address).await.remove(0);
        let calendar = mail.calendar.unwrap_or_default();
        assert!(calendar.contains("METHOD:CANCEL"), "{address}: {calendar}");
    }
}

#[tokio::test]
async fn a_step_back_within_two_minutes_sends_nothing() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let reference = enters(&nomsa, "Lindiwe Zulu", LINDIWE).await;
    agrees(&house, &nomsa, &reference, "2026-11-26", "10:00").await;
    moves(
        &nomsa,
        &reference,
        "contacted",
        &version(&house, &reference).await,
        "",
    )
    .await;
    mails_leave(&house).await;
    assert!(house.mails(LINDIWE).await.is_empty());
}

#[tokio::test]
async fn won_is_a_member_and_a_company_in_one_step() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let wins = async |reference: &str, company: &str| {
        let fields = [
            ("version", version(&house, reference).await),
            ("company", company.to_owned()),
        ];
        let won = nomsa
            .post(&format!("/admin/viewings/{reference}/win"), &fields)
            .await;
        assert_eq!(won.status, StatusCode::SEE_OTHER, "{}", won.text());
        nomsa.follow(&won).await
    };
    let reference = enters(&nomsa, "Lindiwe Zulu", LINDIWE).await;
    let page = wins(&reference, "Zulu and Daughters").await;
    assert!(page.says("Book for them"), "{}", page.text());
    let made = "select m.name || ', ' || p.role || ' of ' || c.name from members m
                join company_people p on p.member_id = m.id join companies c on c.id = p.company_id
                where m.email = 'lindiwe@example.com'";
    assert_eq!(
        house.one::<String>(made).await,
        "Lindiwe Zulu, admin of Zulu and Daughters"
    );
    // Somebody we know is not made twice.
    house.run("update viewings set phone = null").await;
    let known = enters(&nomsa, "T. Mkhize", "thandeka@example.com").await;
    wins(&known, "").await;
    assert_eq!(
        house
            .one::<i64>("select count(*) from members where name like '%Mkhize'")
            .await,
        1
    );
    let again = moves(&nomsa, &known, "won", &version(&house, &known).await, "").await;
    assert_eq!(
        again.status,
        StatusCode::SEE_OTHER,
        "it stands there already"
    );
}

#[tokio::test]
async fn questions_are_answered_by_mail() {
    let house = House::open().await;
    house
        .run("insert into questions (id, reference, location_id, name, email, body, answer_by)
              select gen_random_uuid(), 'Q-7K3M9', id, 'Lindiwe Zulu', 'lindiwe@example.com', 'Is there a piano?',
                     '2026-11-23T10:00:00Z' from locations where slug = 'musgrave'")
        .await;
    let nomsa = house.member("nomsa").await;
    let list = nomsa.get("/admin/questions").await;
    assert!(
        list.says("Late: by Mon 23 November, 12:00"),
        "{}",
        list.text()
    );
    let address = "/admin/questions/Q-7K3M9/answer";
    let empty = nomsa
        .post(address, &[("version", "1"), ("body", " ")])
        .await;
    assert!(empty.says("Write an answer."), "{}", empty.text());
    let sent = nomsa
        .post(
            address,
            &[("version", "1"), ("body", "There is one.\nCome and play.")],
        )
        .await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    let stale = nomsa
        .post(address, &[("version", "1"), ("body", "Another answer")])
        .await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        stale.html.contains("Another answer"),
        "what was typed is lost"
    );
    house.deliver_mail().await;
    let mail = house.mails(LINDIWE).await.remove(0);
    assert!(
        mail.text.contains("Come and play.") && mail.text.contains("Is there a piano?"),
        "{}",
        mail.text
    );
    nomsa
        .post(
            "/admin/questions/Q-7K3M9/status",
            &[("version", "2"), ("to", "closed")],
        )
        .await;
    assert_eq!(
        house.one::<String>("select status from questions").await,
        "closed"
    );
}

#[tokio::test]
async fn who_may_work_on_viewings_and_who_may_count_them() {
    let house = House::open().await;
    house
        .run(
            "insert into staff (member_id, role, location_id)
              select m.id, 'manager', l.id from members m, locations l
              where m.email = 'priya@example.com' and l.slug = 'musgrave'",
        )
        .await;
    let nomsa = house.member("nomsa").await;
    house
        .run("update members set name = '=cmd()' where email = 'sipho@example.com'")
        .await;
    let reference = enters(&nomsa, "=1+1", LINDIWE).await;
    let work = [
        "/admin/viewings".to_owned(),
        "/admin/viewings/new".into(),
        format!("/admin/viewings/{reference}"),
        format!("/admin/viewings/{reference}/details"),
        "/admin/questions".into(),
    ];
    let count = [
        "/admin/viewings/funnel".to_owned(),
        "/admin/viewings/export.csv".into(),
    ];
    let (member, priya) = (house.member("thandeka").await, house.member("priya").await);
    for page in work.iter().chain(&count) {
        assert_eq!(
            member.get(page).await.status,
            StatusCode::NOT_FOUND,
            "a member at {page}"
        );
        assert_eq!(
            house.visitor().get(page).await.status,
            StatusCode::SEE_OTHER,
            "nobody at {page}"
        );
        assert_eq!(
            priya.get(page).await.status,
            StatusCode::OK,
            "a manager at {page}"
        );
    }
    for form in ["stage", "visit", "plan", "notes", "win", "details"] {
        let path = format!("/admin/viewings/{reference}/{form}");
        let answer = member
            .post(&path, &[("version", "1"), ("to", "spam"), ("body", "x")])
            .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "a member at {path}");
    }
    for page in &work {
        assert_eq!(
            nomsa.get(page).await.status,
            StatusCode::OK,
            "the front desk at {page}"
        );
    }
    for page in &count {
        assert_eq!(
            nomsa.get(page).await.status,
            StatusCode::NOT_FOUND,
            "the front desk at {page}"
        );
    }
    let file = priya
        .get(&format!("/admin/viewings/export.csv{EVER}"))
        .await;
    assert!(
        file.html.contains("'=1+1") && !file.html.contains(",=1+1"),
        "{}",
        file.html
    );
    assert!(
        priya
            .get(&format!("/admin/viewings/funnel{EVER}"))
            .await
            .says("1 asked, 0 won")
    );
    house
        .run("update viewings set location_id = (select id from locations where slug = 'paris')")
        .await;
    assert!(
        priya
            .get(&format!("/admin/viewings/funnel{EVER}"))
            .await
            .says("Nobody asked"),
        "another's location"
    );
    assert!(
        !priya
            .get(&format!("/admin/viewings/export.csv{EVER}"))
            .await
            .html
            .contains("1+1")
    );

    assert_eq!(
        house.api("thandeka").await.get("/viewings").await.status,
        StatusCode::NOT_FOUND
    );
    let listed = house.api("nomsa").await.get("/viewings?status=new").await;
    assert_eq!(listed.json["viewings"][0]["reference"], reference.as_str());
    let one = house
        .api("nomsa")
        .await
        .get(&format!("/viewings/{reference}"))
        .await;
    assert_eq!(one.json["phone"], "+27820000009");
}
