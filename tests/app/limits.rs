//! How much of a kind one member or one company may use in a day, a week or a month.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{Answer, Api, Form, House};

/// A house whose rooms and desks have limits; it is Tuesday 24 November, 06:30.
async fn house(rooms: &Value) -> House {
    let house = House::open().await;
    limit(&house, rooms).await;
    house
}

async fn limit(house: &House, rooms: &Value) {
    sqlx::query("update booking_policies set limits = $1 where name like '%rooms%'")
        .bind(rooms)
        .execute(&house.db)
        .await
        .unwrap();
}

fn hours(most: i64, per: &str, whose: &str) -> Value {
    json!([{"most": most, "unit": "hours", "per": per, "whose": whose}])
}

/// On a date of November or December, from one time to another: `24 09:00 10:30`.
async fn book(api: &Api, space: &str, when: &str) -> Answer {
    paid_by(api, space, when, "me").await
}

async fn paid_by(api: &Api, space: &str, when: &str, company: &str) -> Answer {
    let [from, until] = times(when);
    let wish =
        json!({"space": space, "from": from, "until": until, "people": 1, "company": company});
    api.post("/bookings", &wish).await
}

fn times(when: &str) -> [String; 2] {
    let parts: Vec<&str> = when.split(' ').collect();
    [1, 2].map(|n| format!("2026-{}T{}", parts[0], parts[n]))
}

fn taken(answer: Answer) -> String {
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.json["reference"].as_str().unwrap().to_owned()
}

fn refused(answer: &Answer, words: &str) {
    assert_eq!(answer.problem(), "over-limit", "{answer:?}");
    let sentence = answer.json["detail"].as_str().unwrap();
    assert!(sentence.contains(words), "no {words:?}: {sentence}");
}

#[tokio::test]
async fn a_limit_is_reached_exactly_and_no_further() {
    // cases K2, K7, K8
    let house = house(&hours(3, "week", "member")).await;
    let api = house.api("thandeka").await;
    let first = taken(book(&api, "lighthouse", "11-24 09:00 11:00").await);
    refused(
        &book(&api, "pier", "11-25 09:00 10:15").await,
        "You have used 2 of 3 hours of meeting rooms this week, and this is 1¼ hours. The count begins anew on Mon 30 November.",
    );
    taken(book(&api, "pier", "11-25 09:00 10:00").await);
    let more = book(&api, "pier", "11-25 12:00 12:15").await;
    refused(&more, "You have used 3 of 3 hours");
    // Others, another kind and another week have their own.
    taken(book(&house.api("sipho").await, "pier", "11-25 12:00 12:15").await);
    taken(book(&api, "desk-1", "11-25 09:00 15:00").await);
    taken(book(&api, "pier", "11-30 09:00 12:00").await);
    // What is over counts as well as what is to come, whether or not they came.
    for status in ["completed", "no_show"] {
        let over = "update bookings set status = $2, missed_at = case when $2 = 'no_show' then now() end where reference = $1";
        sqlx::query(over)
            .bind(&first)
            .bind(status)
            .execute(&house.db)
            .await
            .unwrap();
        let more = book(&api, "pier", "11-27 12:00 12:15").await;
        refused(&more, "You have used 3 of 3 hours");
    }
    // What is cancelled does not.
    house
        .run(
            "update bookings set status = 'cancelled', cancelled_at = now(), cancellation_reason = 'member', missed_at = null
             where status = 'no_show'",
        )
        .await;
    taken(book(&api, "pier", "11-27 12:00 14:00").await);
}

#[tokio::test]
async fn weeks_run_across_months_from_the_day_that_the_location_says() {
    // case K5
    let house = house(&hours(3, "week", "member")).await;
    let api = house.api("thandeka").await;
    taken(book(&api, "pier", "11-30 09:00 11:00").await);
    taken(book(&api, "pier", "12-01 09:00 10:00").await);
    let in_december = book(&api, "pier", "12-05 09:00 09:15").await;
    refused(&in_december, "in the week from Mon 30 November");
    house.run("update locations set week_starts = 2").await;
    taken(book(&api, "pier", "12-05 09:00 11:00").await);
    let whole = book(&api, "pier", "12-05 12:00 12:15").await;
    refused(&whole, "in the week from Tue 1 December");
    // By the month each stands on its own.
    limit(&house, &hours(3, "month", "member")).await;
    taken(book(&api, "pier", "11-27 09:00 10:00").await);
    let november = book(&api, "pier", "11-27 11:00 11:15").await;
    refused(&november, "3 of 3 hours of meeting rooms this month");
    let december = book(&api, "pier", "12-07 11:00 11:15").await;
    refused(
        &december,
        "in December, and this is 15 minutes. The count begins anew on Fri 1 January 2027.",
    );
}

#[tokio::test]
async fn days_are_those_of_the_location_and_end_at_its_midnight() {
    // case B14
    let house = house(&hours(2, "day", "member")).await;
    let api = house.api("thandeka").await;
    house
        .run("update opening_hours set opens = '10:00', closes = '04:00' where location_id in (select id from locations where slug = 'paris')")
        .await;
    // An hour of it is on each day.
    let night = json!({"space": "seine", "from": "2026-11-26T23:00", "until": "2026-11-27T01:00", "people": 1});
    taken(api.post("/bookings", &night).await);
    for date in ["11-26", "11-27"] {
        let over = book(&api, "seine", &format!("{date} 12:00 13:15")).await;
        refused(&over, "1 of 2 hours");
        taken(book(&api, "seine", &format!("{date} 12:00 13:00")).await);
    }
    // Half past midnight in Paris is still yesterday in Greenwich.
    taken(book(&api, "seine", "11-29 00:00 02:00").await);
    taken(book(&api, "seine", "11-28 12:00 14:00").await);
    refused(&book(&api, "seine", "11-29 12:00 12:15").await, "2 of 2");
}

#[tokio::test]
async fn a_day_counts_once_however_often_somebody_comes() {
    let house = House::open().await;
    house
        .run(
            r#"update booking_policies set limits = '[{"most": 2, "unit": "days", "per": "week", "whose": "member"}]'
               where name = 'desks'"#,
        )
        .await;
    let api = house.api("thandeka").await;
    taken(book(&api, "desk-1", "11-24 09:00 10:00").await);
    taken(book(&api, "desk-2", "11-24 14:00 15:00").await);
    let days = |first: &str, until: &str| json!({"space": "desk-1", "from": format!("2026-{first}"), "until": format!("2026-{until}"), "people": 1});
    let two = api.post("/bookings", &days("11-25", "11-27")).await;
    refused(
        &two,
        "You have used 1 of 2 days of hot desks this week, and this is 2 days.",
    );
    taken(api.post("/bookings", &days("11-25", "11-26")).await);
    taken(book(&api, "desk-2", "11-25 09:00 10:00").await);
    refused(
        &book(&api, "desk-2", "11-26 09:00 10:00").await,
        "2 of 2 days",
    );
    // Hours of a booking by the day are those that it is open.
    house
        .run(
            r#"update booking_policies set limits = '[{"most": 36, "unit": "hours", "per": "week", "whose": "member"}]'
               where name = 'desks'"#,
        )
        .await;
    let three = api.post("/bookings", &days("11-30", "12-03")).await;
    taken(three);
    refused(
        &book(&api, "desk-2", "12-04 09:00 09:15").await,
        "You have used 36 of 36 hours",
    );
}

#[tokio::test]
async fn a_company_has_its_own_and_what_its_people_pay_themselves_is_not_in_it() {
    let house = house(&hours(3, "week", "company")).await;
    let umoya: String = house.one("select slug from companies").await;
    let (thandeka, sipho) = (house.api("thandeka").await, house.api("sipho").await);
    taken(paid_by(&thandeka, "pier", "11-24 09:00 11:00", &umoya).await);
    let over = paid_by(&sipho, "pier", "11-25 09:00 11:00", &umoya).await;
    refused(
        &over,
        "Umoya Designs has used 2 of 3 hours of meeting rooms this week, and this is 2 hours.",
    );
    taken(paid_by(&sipho, "pier", "11-25 09:00 10:00", &umoya).await);
    taken(paid_by(&sipho, "pier", "11-25 12:00 15:00", "me").await);
}

#[tokio::test]
async fn a_change_never_counts_against_itself() {
    // case H10
    let house = house(&hours(2, "day", "member")).await;
    let api = house.api("thandeka").await;
    let reference = taken(book(&api, "pier", "11-26 09:00 11:00").await);
    let path = format!("/bookings/{reference}/change");
    let to = async |when: &str| {
        let [from, until] = times(when);
        let shown = api.get(&format!("{path}?from={from}&until={until}")).await;
        let total = shown.json["total_cents"].clone();
        let wish = json!({"from": from, "until": until, "total_cents": total});
        api.post(&path, &wish).await
    };
    let moved = to("11-26 10:00 12:00").await;
    assert!(moved.status.is_success(), "{moved:?}");
    refused(&to("11-26 10:00 12:15").await, "0 of 2 hours");
    // Somebody who is over it by now may still give up a part.
    limit(&house, &hours(1, "day", "member")).await;
    let shorter = to("11-26 10:00 11:30").await;
    assert!(shorter.status.is_success(), "{shorter:?}");
}

#[tokio::test]
async fn limits_are_the_members_whoever_books_and_give_way_to_a_reason() {
    // case O4
    let house = house(&hours(1, "day", "member")).await;
    let nomsa = house.member("nomsa").await;
    let book = async |reason: &str| {
        let form = nomsa
            .get("/admin/bookings/new")
            .await
            .form("/admin/bookings");
        let wish = [
            ("what", "lighthouse"),
            ("when", "wed 9-11"),
            ("who", "thandeka"),
            ("reason", reason),
        ];
        let form = wish
            .iter()
            .fold(form, |form, (name, value)| form.with(name, value));
        nomsa.submit(&form).await
    };
    let without = book("").await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        without.says(
            "They have used 0 of 1 hour of meeting rooms on Wed 25 November, and this is 2 hours."
        ),
        "{}",
        without.text()
    );
    let with = book("A visit of the board").await;
    assert_eq!(with.status, StatusCode::SEE_OTHER, "{}", with.text());
    let rules: Value = house
        .one("select detail from audit_events where verb = 'set rules aside'")
        .await;
    assert_eq!(
        (&rules["rules"][0], &rules["reason"]),
        (&json!("over-limit"), &json!("A visit of the board"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_bookings_at_one_instant_do_not_go_over_it() {
    let house = house(&hours(1, "day", "member")).await;
    let api = house.api("thandeka").await;
    let umoya: String = house.one("select slug from companies").await;
    let (one, other) = (house.api("thandeka").await, house.api("sipho").await);
    for day in 1..=12 {
        let mut race = JoinSet::new();
        for space in ["lighthouse", "pier", "dune"] {
            let api = api.clone();
            race.spawn(async move { book(&api, space, &format!("12-{day:02} 09:00 10:00")).await });
        }
        let won = race.join_all().await;
        let won = won
            .iter()
            .filter(|answer| answer.status == StatusCode::CREATED);
        let open = !["12-06"].contains(&format!("12-{day:02}").as_str());
        assert_eq!(won.count(), usize::from(open), "on day {day}");
    }
    limit(&house, &hours(1, "day", "company")).await;
    for day in 14..=24 {
        let mut race = JoinSet::new();
        for (api, space) in [(&one, "lighthouse"), (&other, "pier")] {
            let (api, umoya) = (api.clone(), umoya.clone());
            let when = format!("12-{day:02} 09:00 10:00");
            race.spawn(async move { paid_by(&api, space, &when, &umoya).await });
        }
        let won = race.join_all().await;
        let won = won
            .iter()
            .filter(|answer| answer.status == StatusCode::CREATED);
        let open = ![16, 20].contains(&day);
        assert_eq!(won.count(), usize::from(open), "on day {day}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn holds_of_two_colleagues_do_not_both_become_bookings_over_it() {
    let house = house(&hours(1, "day", "company")).await;
    let umoya: String = house.one("select slug from companies").await;
    let mut both = Vec::new();
    for (name, space) in [("thandeka", "lighthouse"), ("sipho", "pier")] {
        let person = house.member(name).await;
        let wish = [
            ("space", space),
            ("by", "time"),
            ("date", "2026-11-25"),
            ("from", "09:00"),
            ("until", "10:00"),
            ("company", umoya.as_str()),
            ("key", "one"),
        ];
        let held = person.post("/bookings", &wish).await;
        assert_eq!(held.status, StatusCode::SEE_OTHER, "{}", held.text());
        both.push((person, held.location().to_owned()));
    }
    let mut race = JoinSet::new();
    for (person, confirmation) in both {
        race.spawn(async move { person.post::<&str, &str>(&confirmation, &[]).await });
    }
    let answers = race.join_all().await;
    let (won, lost): (Vec<_>, Vec<_>) = answers
        .iter()
        .partition(|page| page.status == StatusCode::SEE_OTHER);
    assert_eq!((won.len(), lost.len()), (1, 1));
    assert!(
        lost[0].says("Umoya Designs has used 1 of 1 hour of meeting rooms"),
        "{}",
        lost[0].text()
    );
}

#[tokio::test]
async fn the_page_says_how_far_one_has_come_and_slots_say_why() {
    let house = house(&hours(3, "week", "member")).await;
    let api = house.api("thandeka").await;
    taken(book(&api, "pier", "11-24 09:00 12:00").await);
    let thandeka = house.member("thandeka").await;
    let page = thandeka.get("/spaces/lighthouse?date=2026-11-25").await;
    assert!(
        page.says("You have used 3 of 3 hours of meeting rooms this week.")
            && page.says("09:00 , more than your limit")
            && page.says("At most 3 hours a week for one member."),
        "{}",
        page.text()
    );
    let later = thandeka.get("/spaces/lighthouse?date=2026-11-30").await;
    assert!(
        later.says("You have used 0 of 3 hours of meeting rooms in the week from Mon 30 November.")
            && !later.says("more than your limit"),
        "{}",
        later.text()
    );
    let visitor = house
        .visitor()
        .get("/spaces/lighthouse?date=2026-11-25")
        .await;
    assert!(!visitor.says("You have used"), "{}", visitor.text());
}

fn limits(form: &Form, rows: &[[&str; 4]]) -> Form {
    let names = ["limit_most", "limit_unit", "limit_per", "limit_whose"];
    let mut form = names
        .into_iter()
        .fold(form.clone(), |form, name| form.without(name));
    for row in rows {
        let fields = names.iter().zip(row);
        form.fields
            .extend(fields.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    }
    form
}

#[tokio::test]
async fn those_who_manage_a_location_set_limits_and_try_them_first() {
    let house = house(&json!([])).await;
    house
        .run("update staff set role = 'owner'; delete from staff where false")
        .await;
    let api = house.api("thandeka").await;
    taken(book(&api, "lighthouse", "11-25 12:00 14:00").await);
    let owner = house.member("nomsa").await;
    let address = "/admin/locations/musgrave/policies/rooms";
    let form = owner.get(address).await.form(address);
    let wanted = limits(
        &form,
        &[
            ["3", "hours", "day", "member"],
            ["", "hours", "week", "member"],
        ],
    );
    let tried = wanted
        .clone()
        .with("then", "test")
        .with("space", "lighthouse")
        .with("date", "2026-11-25")
        .with("from", "09:00")
        .with("until", "11:00");
    assert!(owner.submit(&tried).await.says("Allowed"));
    let of_hers = owner
        .submit(&tried.with("whose", "thandeka@example.com"))
        .await;
    assert!(
        of_hers.says("They have used 2 of 3 hours of meeting rooms on Wed 25 November"),
        "{}",
        of_hers.text()
    );
    let twice = limits(
        &form,
        &[
            ["3", "hours", "day", "member"],
            ["4", "hours", "day", "member"],
        ],
    );
    let refused_form = owner.submit(&twice).await;
    assert_eq!(refused_form.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused_form.says("Each stands once.") && refused_form.html.contains("value=\"4\""),
        "{}",
        refused_form.text()
    );
    let saved = owner.submit(&wanted).await;
    let page = owner.follow(&saved).await;
    assert!(
        page.says("At most 3 hours a day for one member."),
        "{}",
        page.text()
    );
    refused(
        &book(&api, "lighthouse", "11-25 09:00 11:00").await,
        "2 of 3 hours",
    );
    // Programs read and write the same; a body without them leaves them.
    let program = house.api("nomsa").await;
    let listed = program.get("/locations/musgrave/policies").await;
    let policies = listed.json["policies"].as_array().unwrap();
    let of_rooms = |policy: &&Value| {
        policy["limits"]
            .as_array()
            .is_some_and(|all| !all.is_empty())
    };
    let mut policy = policies.iter().find(of_rooms).unwrap().clone();
    assert_eq!(policy["limits"], hours(3, "day", "member"));
    let slug = policy["slug"].as_str().unwrap().to_owned();
    policy.as_object_mut().unwrap().remove("limits");
    policy["seen"] = json!(true);
    let path = format!("/locations/musgrave/policies/{slug}");
    let request = program.request(reqwest::Method::PUT, &path).json(&policy);
    let kept = program.send(request).await;
    assert_eq!(kept.status, StatusCode::OK, "{kept:?}");
    policy["version"] = json!(policy["version"].as_i64().unwrap() + 1);
    policy["limits"] = hours(25, "day", "member");
    let request = program.request(reqwest::Method::PUT, &path).json(&policy);
    assert_eq!(program.send(request).await.problem(), "bad-policy");
    let changed: Value = house
        .one("select detail from audit_events where verb = 'change policy' order by at limit 1")
        .await;
    assert_eq!(changed["after"]["limits"], hours(3, "day", "member"));
}

/// So many connections of the site wait for a lock.
async fn until_waiting(house: &House, count: i64) {
    let waiting = "select count(*) from pg_stat_activity
        where datname = current_database() and application_name = 'connect-space' and wait_event_type = 'Lock'";
    while house.one::<i64>(waiting).await < count {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_confirms_waits_for_a_colleague_who_does_at_that_moment() {
    let house = house(&hours(1, "day", "company")).await;
    let umoya: String = house.one("select slug from companies").await;
    let mut both = Vec::new();
    for (name, space) in [("thandeka", "lighthouse"), ("sipho", "pier")] {
        let person = house.member(name).await;
        let wish = [
            ("space", space),
            ("by", "time"),
            ("date", "2026-11-25"),
            ("from", "09:00"),
            ("until", "10:00"),
            ("company", umoya.as_str()),
            ("key", "one"),
        ];
        let held = person.post("/bookings", &wish).await;
        both.push((person, held.location().to_owned()));
    }
    // Whoever is past the check waits before they commit, and the other comes to the check meanwhile.
    let mut gate = house.db.begin().await.unwrap();
    sqlx::query("lock table audit_events in exclusive mode")
        .execute(&mut *gate)
        .await
        .unwrap();
    let mut race = JoinSet::new();
    for (person, confirmation) in both {
        race.spawn(async move { person.post::<&str, &str>(&confirmation, &[]).await });
    }
    until_waiting(&house, 2).await;
    gate.commit().await.unwrap();
    let answers = race.join_all().await;
    let won = answers
        .iter()
        .filter(|page| page.status == StatusCode::SEE_OTHER);
    assert_eq!(won.count(), 1, "one of them goes over the limit");
    let firm = "select count(*) from bookings where status = 'confirmed'";
    assert_eq!(house.one::<i64>(firm).await, 1);
}

#[tokio::test]
async fn the_preview_of_a_series_says_which_dates_go_over_a_limit() {
    // case I14
    let house = house(&hours(10, "month", "member")).await;
    let thandeka = house.member("thandeka").await;
    let page = thandeka
        .get("/series/new?space=pier&by=time&date=2026-12-01&from=09%3A00&until=10%3A00&people=1&repeat=day&every=1&times=14")
        .await;
    // Sundays and the Day of Reconciliation are closed in any case.
    let text = page.text();
    assert!(page.says("10 of 14 dates are free"), "{text}");
    for (date, fate) in [
        ("Fri 11 December", "Free"),
        ("Sat 12 December", "Not possible"),
        ("Mon 14 December", "Not possible"),
    ] {
        let at = text
            .find(date)
            .unwrap_or_else(|| panic!("no {date}: {text}"));
        let row: String = text[at..].chars().take(90).collect();
        assert!(row.contains(fate), "{row}");
    }
    assert!(
        page.says("You have used 10 of 10 hours of meeting rooms in December"),
        "{text}"
    );
}

#[tokio::test]
async fn what_is_over_is_not_among_what_somebody_has_at_once() {
    // case K7
    let house = House::open().await;
    house
        .run("update booking_policies set max_at_once = 1 where name = 'rooms'")
        .await;
    let api = house.api("thandeka").await;
    let first = taken(book(&api, "lighthouse", "11-25 09:00 10:00").await);
    let second = book(&api, "pier", "11-25 09:30 10:30").await;
    assert_eq!(second.problem(), "too-many-at-once", "{second:?}");
    for status in ["completed", "no_show"] {
        sqlx::query("update bookings set status = $2, missed_at = case when $2 = 'no_show' then now() end where reference = $1")
            .bind(&first)
            .bind(status)
            .execute(&house.db)
            .await
            .unwrap();
        let other = taken(book(&api, "pier", "11-25 09:30 10:30").await);
        api.post(&format!("/bookings/{other}/cancellation"), &json!({}))
            .await;
    }
}
