//! The regular: the usual desk in one press, favourites, the day at a glance, and the same once more.

use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{Api, Form, House, Page, Person, key};

/// So that there are more than anybody may star.
const MORE_SPACES: &str =
    "insert into spaces (id, location_id, floor_id, policy_id, slug, name, kind, seats)
     select gen_random_uuid(), location_id, floor_id, policy_id, 'more-' || n, 'More ' || n, kind, 1
     from spaces, generate_series(1, 19) n where slug = 'dune'";

/// Friday 27 November 2026, 06:30 in Durban; Musgrave is open on Saturday.
const FRIDAY: &str = "2026-11-27T04:30:00Z";

/// Four weeks ago instead of now: what somebody has booked becomes their habit.
const LONG_AGO: &str = "
    update occupancies set during = tstzrange(lower(during) - interval '28 days', upper(during) - interval '28 days'),
        occupies = tstzrange(lower(occupies) - interval '28 days', upper(occupies) - interval '28 days');
    update bookings set during = tstzrange(lower(during) - interval '28 days', upper(during) - interval '28 days'),
        last_day = last_day - 28";

async fn star(person: &Person, slug: &str, star: &str) -> Page {
    let fields = [("star", star), ("next", "/today")];
    person
        .post(&format!("/spaces/{slug}/favourite"), &fields)
        .await
}

async fn desk_form(person: &Person) -> Form {
    person.get("/today").await.form("/today/desk")
}

async fn confirmed(house: &House) -> i64 {
    house
        .one("select count(*) from bookings where status = 'confirmed'")
        .await
}

#[tokio::test]
async fn the_desk_they_take_most_is_offered_at_their_usual_hours() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    for (desk, date) in [
        ("desk-2", "2026-12-01"),
        ("desk-2", "2026-12-02"),
        ("desk-1", "2026-12-03"),
    ] {
        thandeka.book(desk, date, "09:00", "15:00").await;
    }
    house.run(LONG_AGO).await;

    for page in ["/", "/today"] {
        let page = thandeka.get(page).await;
        assert!(
            page.says("Your usual desk tomorrow Desk 2"),
            "{}",
            page.text()
        );
        assert!(
            page.says("Wed 25 November , 09:00–15:00"),
            "{}",
            page.text()
        );
        assert!(page.says("Book Desk 2, R220"), "{}", page.text());
        assert!(page.says("VAT included (15 %): R28.70"), "{}", page.text());
        assert!(
            page.says("Free to cancel until Tue 24 November 09:00"),
            "{}",
            page.text()
        );
    }
    let form = desk_form(&thandeka).await;
    let booked = thandeka.submit(&form).await;
    let page = thandeka.follow(&booked).await;
    assert!(
        page.says("You are booked, Thandeka Mkhize"),
        "{}",
        page.text()
    );
    assert!(
        page.says("Desk 2") && page.says("09:00–15:00"),
        "{}",
        page.text()
    );
    assert_eq!(confirmed(&house).await, 4);
    house.deliver_mail().await;
    let mails = house.mails("thandeka@example.com").await;
    assert!(
        mails[0].subject.starts_with("Booked: Desk 2"),
        "{}",
        mails[0].subject
    );

    let reference = booked
        .location()
        .split(['/', '?'])
        .nth(2)
        .unwrap()
        .to_owned();
    let undone = thandeka
        .submit(&page.form(&format!("/bookings/{reference}/cancellation")))
        .await;
    let list = thandeka.follow(&undone).await;
    assert!(list.says("It costs you nothing"), "{}", list.text());
    assert_eq!(desk_form(&thandeka).await.get("date"), "2026-11-25");
}

#[tokio::test]
async fn a_favourite_desk_comes_before_habit() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    thandeka
        .book("desk-2", "2026-12-01", "09:00", "15:00")
        .await;
    house.run(LONG_AGO).await;
    star(&thandeka, "pier", "on").await;
    star(&thandeka, "desk-1", "on").await;
    assert_eq!(desk_form(&thandeka).await.get("space"), "desk-1");
    star(&thandeka, "desk-1", "off").await;
    assert_eq!(desk_form(&thandeka).await.get("space"), "desk-2");
}

#[tokio::test]
async fn closed_days_weekends_and_days_with_a_desk_are_passed_over() {
    let house = House::open_at(FRIDAY).await;
    let thandeka = house.member("thandeka").await;
    star(&thandeka, "desk-1", "on").await;
    let page = thandeka.get("/today").await;
    assert!(
        page.says("Your usual desk on Mon 30 November"),
        "{}",
        page.text()
    );
    assert_eq!(page.form("/today/desk").get("by"), "day");

    thandeka
        .book("desk-2", "2026-11-30", "09:00", "10:00")
        .await;
    assert_eq!(desk_form(&thandeka).await.get("date"), "2026-12-01");
    house
        .run("insert into hours_exceptions select id, '2026-12-01', null, null, 'Staff day' from locations where slug = 'musgrave'")
        .await;
    assert_eq!(desk_form(&thandeka).await.get("date"), "2026-12-02");
}

#[tokio::test]
async fn the_nearest_desk_stands_in_for_one_that_is_taken() {
    let house = House::open().await;
    let (thandeka, sipho) = (house.member("thandeka").await, house.member("sipho").await);
    star(&thandeka, "desk-1", "on").await;
    let stale = desk_form(&thandeka).await;
    sipho.book("desk-1", "2026-11-25", "09:00", "10:00").await;

    let refused = thandeka.submit(&stale).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("Desk 1 was just taken"), "{}", refused.text());
    let instead = "Desk 1 is taken then. Desk 2 is the nearest that is free.";
    assert!(refused.says(instead), "{}", refused.text());
    let form = refused.form("/today/desk");
    assert_eq!(form.get("space"), "desk-2");

    sipho.book("desk-2", "2026-11-25", "12:00", "13:00").await;
    let page = thandeka.get("/today").await;
    let words = "No desk at Musgrave is free on Wed 25 November.";
    assert!(page.says(words), "{}", page.text());
    assert!(page.find_form("/today/desk").is_none());
    let list = "/spaces?kind=hot_desk&by=day&date=2026-11-25&last=2026-11-25";
    assert!(
        page.links().iter().any(|link| link == list),
        "{:?}",
        page.links()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pressing_twice_and_in_two_tabs_books_once() {
    // case G8
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    star(&thandeka, "desk-1", "on").await;
    let form = desk_form(&thandeka).await;
    let presses: JoinSet<Page> = (0..8)
        .map(|_| {
            let (thandeka, form) = (thandeka.clone(), form.clone());
            async move { thandeka.submit(&form).await }
        })
        .collect();
    let answers = presses.join_all().await;
    for answer in &answers {
        assert_eq!(
            answer.location(),
            answers[0].location(),
            "{}",
            answer.text()
        );
    }
    assert!(answers[0].location().starts_with("/bookings/CS-"));

    // Another tab, which was opened before, has a key of its own.
    for desk in ["desk-1", "desk-2"] {
        let tab = form.clone().with("key", &key()).with("space", desk);
        let refused = thandeka.submit(&tab).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            refused.says("You have Desk 1 on Wed 25 November already"),
            "{}",
            refused.text()
        );
    }
    assert_eq!(confirmed(&house).await, 1);
    assert_eq!(
        house
            .one::<i64>("select count(*) from ledger_entries")
            .await,
        1
    );
}

#[tokio::test]
async fn another_price_is_asked_again() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    star(&thandeka, "desk-1", "on").await;
    let form = desk_form(&thandeka).await;
    house
        .run("update rates set cents = 25000 where kind = 'hot_desk' and unit = 'day'")
        .await;
    for stale in [form.clone(), form.clone().without("shown")] {
        let refused = thandeka.submit(&stale.with("key", &key())).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.says("The price is now R250"), "{}", refused.text());
        assert_eq!(confirmed(&house).await, 0);
        assert_eq!(refused.form("/today/desk").get("shown"), "25000");
    }
}

#[tokio::test]
async fn favourites_are_ones_own_and_at_most_twenty() {
    let house = House::open().await;
    let (thandeka, sipho) = (house.member("thandeka").await, house.member("sipho").await);
    let page = thandeka.get("/spaces/pier").await;
    assert!(page.html.contains("aria-pressed=\"false\""));
    let starred = thandeka
        .submit(&page.form("/spaces/pier/favourite").with("star", "on"))
        .await;
    let page = thandeka.follow(&starred).await;
    assert!(page.html.contains("aria-pressed=\"true\""));
    assert!(
        !sipho
            .get("/spaces/pier")
            .await
            .html
            .contains("aria-pressed=\"true\"")
    );
    star(&sipho, "pier", "off").await;
    assert!(thandeka.get("/today").await.says("Pier"));
    assert!(!sipho.get("/today").await.says("Pier"));
    assert_eq!(
        star(&thandeka, "nowhere", "on").await.status,
        StatusCode::NOT_FOUND
    );
    let nobody = star(&house.visitor(), "pier", "on").await;
    assert!(
        nobody.location().starts_with("/sign-in"),
        "{}",
        nobody.location()
    );

    star(&thandeka, "dune", "on").await;
    star(&thandeka, "lighthouse", "on").await;
    star(&thandeka, "lighthouse", "first").await;
    star(&thandeka, "dune", "off").await;
    star(&thandeka, "dune", "on").await;
    star(&thandeka, "dune", "on").await;
    let order = "select string_agg(slug || f.position, ' ' order by f.position) from favourites f join spaces on id = space_id";
    assert_eq!(house.one::<String>(order).await, "lighthouse1 pier2 dune3");

    house.run(MORE_SPACES).await;
    for n in 1..=18 {
        star(&thandeka, &format!("more-{n}"), "on").await;
    }
    assert_eq!(
        house.one::<i64>("select count(*) from favourites").await,
        20
    );
    let page = thandeka.get("/today").await;
    assert!(
        page.says("You have 20 favourites, which is the most"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn a_favourite_says_when_it_is_free() {
    let house = House::open_at("2026-11-24T08:42:00Z").await;
    let (thandeka, sipho) = (house.member("thandeka").await, house.member("sipho").await);
    for space in ["lighthouse", "pier", "dune", "office-1"] {
        star(&thandeka, space, "on").await;
    }
    sipho
        .book("lighthouse", "2026-11-24", "13:00", "14:00")
        .await;
    sipho.book("pier", "2026-11-24", "10:45", "12:00").await;
    house
        .run("update spaces set status = 'hidden' where slug = 'dune'")
        .await;
    let page = thandeka.get("/today").await;
    for words in [
        "As of",
        "Lighthouse Meeting room, Musgrave Free now until 13:00",
        "Pier Meeting room, Musgrave Free from 12:00",
        "Dune Meeting room, Musgrave Not offered at the moment",
        "Office 1 Office, Musgrave Free today",
    ] {
        assert!(
            page.text().to_lowercase().contains(&words.to_lowercase()),
            "{words}: {}",
            page.text()
        );
    }
    let link = "/spaces/pier?by=time&date=2026-11-24&from=12%3A00&until=13%3A00";
    assert!(
        page.links().iter().any(|found| found == link),
        "{:?}",
        page.links()
    );
}

#[tokio::test]
async fn the_day_begins_with_what_is_next() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let empty = thandeka.get("/today").await;
    assert!(
        empty.says("Nothing booked") && empty.says("as of 06:30"),
        "{}",
        empty.text()
    );
    assert!(empty.find_form("/today/desk").is_none());
    let later = thandeka.book("pier", "2026-11-24", "14:00", "15:00").await;
    let next = thandeka
        .book("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    let other_day = thandeka.book("pier", "2026-11-25", "14:00", "15:00").await;
    let page = thandeka.get("/today").await;
    let text = page.text();
    let at = |words: &str| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words}: {text}"))
    };
    assert!(at(&next) < at("Also today"), "{text}");
    assert!(text.contains("You owe R600"), "{text}");
    assert!(page.html.contains(&later) && !page.html.contains(&other_day));
    assert!(page.links().contains(&format!("/bookings/{next}.ics")));
}

#[tokio::test]
async fn past_bookings_with_the_same_end_stand_on_one_page_each() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    thandeka
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    house.run(LONG_AGO).await;
    // A hundred and nineteen more that end at the same moment.
    house
        .run(
            "insert into bookings (id, reference, space_id, member_id, account_id, created_by, channel, term, during, people,
                 status, price, total_cents, vat_cents, cancellation, terms_version, confirmed_at)
             select gen_random_uuid(), 'CS-' || translate(lpad(n::text, 5, '0'), '01', 'AB'), space_id, member_id, account_id, created_by,
                 channel, term, during, people, 'completed', price, total_cents, vat_cents, cancellation, terms_version, now()
             from bookings, generate_series(1, 119) n",
        )
        .await;
    let (mut next, mut seen) = (Some("/bookings?past=1".to_owned()), Vec::new());
    while let Some(path) = next {
        let page = thandeka.get(&path).await;
        let links = page.links();
        let rows = links.iter().filter(|link| link.ends_with("/again"));
        seen.extend(rows.cloned());
        next = links.into_iter().find(|link| link.contains("after="));
    }
    assert_eq!(seen.len(), 120);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 120, "a booking stands on two pages");

    let sipho = house.member("sipho").await;
    let last: String = house.one("select reference from bookings limit 1").await;
    let theirs = sipho.get(&format!("/bookings?past=1&after={last}")).await;
    assert!(theirs.says("Nothing here yet"), "{}", theirs.text());
}

#[tokio::test]
async fn bookings_are_grouped_by_when_they_are() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    for (date, from, until) in [
        ("2026-11-24", "09:00", "10:00"),
        ("2026-11-24", "14:00", "15:00"),
        ("2026-11-27", "09:00", "10:00"),
        ("2026-11-30", "09:00", "10:00"),
    ] {
        thandeka.book("pier", date, from, until).await;
    }
    let text = thandeka.get("/bookings").await.text();
    let at = |words: &str| {
        text.rfind(words)
            .unwrap_or_else(|| panic!("{words}: {text}"))
    };
    let order = [
        at("Next"),
        at("Today Tue 24"),
        at("This week Fri 27"),
        at("Later Mon 30"),
    ];
    assert!(order.is_sorted(), "{text}");
}

#[tokio::test]
async fn the_same_again_is_the_next_such_day_that_is_free() {
    let house = House::open().await;
    let (thandeka, sipho) = (house.member("thandeka").await, house.member("sipho").await);
    let reference = thandeka
        .book("lighthouse", "2026-11-26", "09:00", "11:00")
        .await;
    let again = format!("/bookings/{reference}/again");
    house.run(LONG_AGO).await;
    let lead = async || thandeka.get(&again).await.location().to_owned();
    let on = |date: &str, from: &str, until: &str| {
        format!(
            "/spaces/lighthouse?by=time&date={date}&from={from}%3A00&until={until}%3A00&people=1#book"
        )
    };
    assert_eq!(lead().await, on("2026-11-26", "09", "11"));
    let theirs = sipho
        .book("lighthouse", "2026-11-26", "10:00", "12:00")
        .await;
    assert_eq!(
        lead().await,
        on("2026-11-26", "08", "10"),
        "the nearest time that day"
    );
    sipho
        .post(&format!("/bookings/{theirs}/cancellation"), &[("note", "")])
        .await;
    sipho
        .book("lighthouse", "2026-11-26", "07:00", "18:00")
        .await;
    assert_eq!(lead().await, on("2026-12-03", "09", "11"), "a week later");

    let (_, query) = lead()
        .await
        .split_once("#")
        .map(|(page, book)| (page.to_owned(), book.to_owned()))
        .unwrap();
    assert_eq!(query, "book");
    let page = thandeka.get(lead().await.trim_end_matches("#book")).await;
    assert!(page.says("Book 09:00–11:00"), "{}", page.text());
    assert_eq!(sipho.get(&again).await.status, StatusCode::NOT_FOUND);
    house
        .run("update spaces set status = 'retired' where slug = 'lighthouse'")
        .await;
    assert_eq!(lead().await, "/spaces?kind=meeting_room&location=musgrave");
}

#[tokio::test]
async fn a_pass_pays_for_the_usual_desk() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let week = json!({"product": "musgrave-week", "first": "2026-11-24"});
    let bought = house.api("thandeka").await.post("/passes", &week).await;
    assert_eq!(bought.status, StatusCode::CREATED, "{bought:?}");
    star(&thandeka, "desk-1", "on").await;
    let page = thandeka.get("/today").await;
    for words in [
        "Week pass, Musgrave : 5 of 5 days left",
        "Covered by your Week pass (5 of 5 days left)",
        "Nothing to pay",
    ] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    let owed = "select coalesce(sum(cents), 0)::bigint from ledger_entries";
    let before: i64 = house.one(owed).await;
    let booked = thandeka.submit(&page.form("/today/desk")).await;
    let page = thandeka.follow(&booked).await;
    assert_eq!(house.one::<i64>(owed).await, before);
    assert!(thandeka.get("/today").await.says("4 of 5 days left"));

    let path = booked.location().split('?').next().unwrap().to_owned();
    thandeka
        .submit(&page.form(&format!("{path}/cancellation")))
        .await;
    assert!(thandeka.get("/today").await.says("5 of 5 days left"));
}

#[tokio::test]
async fn programs_star_spaces_too() {
    let house = House::open().await;
    let (thandeka, priya) = (house.api("thandeka").await, house.api("priya").await);
    let set = async |api: &Api, method: Method, space: &str| {
        let path = format!("/favourites/{space}");
        api.send(api.request(method, &path)).await
    };
    let starred = async |api: &Api| {
        let answer = api.get("/favourites").await;
        let all = answer.json["favourites"].as_array().unwrap().clone();
        let slugs = all
            .iter()
            .map(|one| one["space"].as_str().unwrap().to_owned());
        slugs.collect::<Vec<_>>()
    };
    for space in ["pier", "desk-1", "pier"] {
        let answer = set(&thandeka, Method::PUT, space).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    assert_eq!(starred(&thandeka).await, ["pier", "desk-1"]);
    assert_eq!(
        thandeka.get("/favourites").await.json["favourites"][0],
        json!({"space": "pier", "name": "Pier", "kind": "meeting_room", "location": "musgrave"})
    );
    assert!(starred(&priya).await.is_empty(), "one's own");
    set(&priya, Method::DELETE, "pier").await;
    assert_eq!(starred(&thandeka).await, ["pier", "desk-1"]);
    assert_eq!(
        set(&thandeka, Method::PUT, "nowhere").await.status,
        StatusCode::NOT_FOUND
    );
    // What is not offered any more can still be taken off.
    house
        .run("update spaces set status = 'retired' where slug = 'pier'")
        .await;
    for _ in 0..2 {
        let left = set(&thandeka, Method::DELETE, "pier").await;
        assert_eq!(left.json["favourites"][0]["space"], "desk-1", "{left:?}");
    }
    let audited =
        "select string_agg(verb, ' ' order by id) from audit_events where subject = 'spaces'";
    assert_eq!(house.one::<String>(audited).await, "star star unstar");
    house.run(MORE_SPACES).await;
    for n in 1..=19 {
        set(&thandeka, Method::PUT, &format!("more-{n}")).await;
    }
    let full = set(&thandeka, Method::PUT, "dune").await;
    assert_eq!(full.problem(), "too-many-favourites", "{full:?}");
}

#[tokio::test]
async fn a_card_of_the_list_is_starred_where_it_stands() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let list = "/spaces?kind=meeting_room&location=musgrave&by=time&people=2";
    let page = thandeka.get(list).await;
    assert!(!page.html.contains("aria-pressed=\"true\""));
    let form = page.form("/spaces/pier/favourite").with("star", "on");
    let starred = thandeka.submit(&form).await;
    assert_eq!(
        starred.location(),
        format!("{list}#pier"),
        "back where it was"
    );
    let page = thandeka.get(list).await;
    assert_eq!(page.html.matches("aria-pressed=\"true\"").count(), 1);
    let card = page.html.split_once("id=\"pier\"").unwrap().1;
    assert!(
        card.split("</article>")
            .next()
            .unwrap()
            .contains("value=\"off\"")
    );
    assert!(thandeka.get("/today").await.says("Pier"));
    let page = house.visitor().get(list).await;
    assert!(page.find_form("/spaces/pier/favourite").is_none());
}

#[tokio::test]
async fn the_company_that_pays_for_the_usual_desk_is_named_and_asked_for_its_order_number() {
    let house = House::open().await;
    let sipho = house.member("sipho").await;
    star(&sipho, "desk-2", "on").await;
    assert!(sipho.get("/today").await.says("Paid at reception"));
    house
        .run("update members set paying_company_id = (select id from companies) where email = 'sipho@example.com'")
        .await;
    let page = sipho.get("/today").await;
    assert!(
        page.says("Umoya Designs pays") && !page.says("Paid at reception"),
        "{}",
        page.text()
    );
    let booked = sipho.submit(&page.form("/today/desk")).await;
    let booking = booked.location().split('?').next().unwrap();
    let cancelling = sipho.get(&format!("{booking}/cancellation")).await;
    assert!(
        cancelling.says("goes back to the account of Umoya Designs"),
        "{}",
        cancelling.text()
    );
    house.run("update companies set po_required = true").await;
    let page = sipho.get("/today").await;
    assert!(
        page.says("Enter the order number and book")
            && !page.html.contains("action=\"/today/desk\""),
        "{}",
        page.text()
    );
}
