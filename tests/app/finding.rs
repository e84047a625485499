//! Finding a space: the list, the day and the floor plan say the same, and what they offer can be booked.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::{Method, StatusCode};

use crate::support::{Api, House, Page};

/// A Friday that is busy but not full.
const DAY: &str = "2026-11-27";
const AT_NINE: &str = "location=umhlanga&date=2026-11-27&from=09:00&until=10:00";

/// The most that the whole day of a location may weigh, packed.
const WEIGHT: usize = 20 * 1024;

/// Slug and fields of every link that leads to a booking.
fn offers(page: &Page) -> Vec<(String, BTreeMap<String, String>)> {
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let links = page.links().into_iter();
    links
        .filter_map(|link| {
            let (slug, query) = link
                .strip_prefix("/spaces/")?
                .strip_suffix("#book")?
                .split_once('?')?;
            let fields = form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect();
            Some((slug.to_owned(), fields))
        })
        .collect()
}

fn slugs(page: &Page) -> BTreeSet<String> {
    offers(page).into_iter().map(|(slug, _)| slug).collect()
}

/// What the API says is free, offices left out: they are let by the day.
async fn free(api: &Api, query: &str) -> BTreeSet<String> {
    let answer = api.get(&format!("/availability?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let spaces = answer.json["spaces"].as_array().unwrap().clone();
    let free = spaces.iter().filter(|space| space["free"] == true);
    free.map(|space| space["slug"].as_str().unwrap().to_owned())
        .collect()
}

fn no_offices(mut slugs: BTreeSet<String>) -> BTreeSet<String> {
    slugs.retain(|slug| !slug.contains("-office-"));
    slugs
}

#[tokio::test]
async fn every_gap_of_a_day_can_be_booked() {
    let house = House::sample().await;
    let (visitor, api) = (house.visitor(), house.api("member").await);
    let day = visitor
        .get(&format!("/spaces?view=day&location=umhlanga&date={DAY}"))
        .await;
    let offers = offers(&day);
    assert!(offers.len() > 30, "only {} gaps", offers.len());
    assert!(day.says("Taken"), "{}", day.text());
    for (slug, fields) in &offers {
        let until = match fields.get("until") {
            Some(until) => format!("{DAY}T{until}"),
            None => "2026-11-28".to_owned(),
        };
        let from = match fields.get("from") {
            Some(from) => format!("{DAY}T{from}"),
            None => DAY.to_owned(),
        };
        let quote = api
            .get(&format!("/quote?space={slug}&from={from}&until={until}"))
            .await;
        assert_eq!(quote.json["free"], true, "{slug} {fields:?}: {quote:?}");
    }
    let (slug, fields) = &offers[0];
    let member = house.member("member").await;
    member
        .book(slug, DAY, &fields["from"], &fields["until"])
        .await;
}

#[tokio::test]
async fn list_day_and_plan_offer_the_same() {
    let house = House::sample().await;
    let (visitor, api) = (house.visitor(), house.api("member").await);
    let range = format!("location=umhlanga&from={DAY}T09:00&until={DAY}T10:00");
    let expected = free(&api, &range).await;
    assert!(expected.len() > 10, "{expected:?}");

    let mut on_plan = BTreeSet::new();
    for floor in ["1", "2"] {
        let plan = visitor
            .get(&format!("/spaces?{AT_NINE}&view=plan&floor={floor}"))
            .await;
        on_plan.extend(slugs(&plan));
    }
    assert_eq!(no_offices(on_plan), expected, "the plan");

    let day = visitor.get(&format!("/spaces?{AT_NINE}&view=day")).await;
    let at_nine = offers(&day).into_iter().filter(|(_, fields)| {
        fields.get("from").is_some_and(|from| from == "09:00")
            && fields.get("until").is_some_and(|until| until == "10:00")
    });
    assert_eq!(
        at_nine.map(|(slug, _)| slug).collect::<BTreeSet<_>>(),
        expected,
        "the day"
    );

    let mut on_list = BTreeSet::new();
    for kind in ["hot_desk", "meeting_room"] {
        let list = visitor
            .get(&format!("/spaces?{AT_NINE}&kind={kind}&all=1"))
            .await;
        let fitting = list.html.split("others-title").next().unwrap().to_owned();
        on_list.extend(slugs(&Page {
            html: fitting,
            ..list
        }));
    }
    assert_eq!(on_list, expected, "the list");
}

#[tokio::test]
async fn the_views_keep_the_query() {
    let house = House::sample().await;
    let list = house
        .visitor()
        .get(&format!(
            "/spaces?{AT_NINE}&kind=meeting_room&people=4&with=screen"
        ))
        .await;
    for view in ["day", "plan"] {
        let link = list
            .links()
            .into_iter()
            .find(|link| link.ends_with(&format!("view={view}")))
            .unwrap_or_else(|| panic!("no way to {view}"));
        for part in [
            "kind=meeting_room",
            "people=4",
            "with=screen",
            "from=09%3A00",
        ] {
            assert!(link.contains(part), "{link} lost {part}");
        }
        let page = house.visitor().get(&link).await;
        assert!(
            page.says("Whalebone") && !page.says("Cowrie"),
            "{}",
            page.text()
        );
    }
}

#[tokio::test]
async fn filters_narrow_and_are_taken_away_one_by_one() {
    let house = House::sample().await;
    let visitor = house.visitor();
    let theatre = visitor
        .get("/spaces?kind=meeting_room&people=20&layout=theatre&with=screen&with=parking")
        .await;
    assert!(theatre.says("1 meeting room"), "{}", theatre.text());
    assert!(theatre.says("Mill") && !theatre.says("Lighthouse"));
    let away: Vec<String> = theatre
        .links()
        .into_iter()
        .filter(|link| link.starts_with("/spaces?") && !link.contains("layout=theatre"))
        .collect();
    assert_eq!(away.len(), 1, "{away:?}");
    assert!(
        away[0].contains("with=screen") && away[0].contains("people=20"),
        "{away:?}"
    );

    // What people type, whatever the case.
    for typed in ["Umhlanga pier", "uMhlanga PIER"] {
        let words: String = form_urlencoded::byte_serialize(typed.as_bytes()).collect();
        let found = visitor.get(&format!("/spaces?words={words}")).await;
        assert!(found.says("1 meeting room."), "{typed}: {}", found.text());
    }

    // A generator is the house's: Musgrave has none.
    let none = visitor
        .get("/spaces?location=musgrave&kind=meeting_room&with=generator&with=video")
        .await;
    assert!(none.says("Nothing has all of that"), "{}", none.text());
    assert!(none.says("4 without Generator"), "{}", none.text());

    let api = house.api("member").await;
    let range = format!("from={DAY}T06:00&until={DAY}T20:00");
    let query = format!("/availability?{range}&with=generator,window&kind=hot_desk");
    let answer = api.get(&query).await;
    let spaces = answer.json["spaces"].as_array().unwrap();
    assert!(!spaces.is_empty());
    assert!(
        spaces.iter().all(|space| space["location"] != "musgrave"),
        "{spaces:?}"
    );
    let unknown = api.get(&format!("/availability?{range}&with=gold")).await;
    assert_eq!(unknown.problem(), "no-such-filter");
}

#[tokio::test]
async fn ones_own_desk_can_be_cancelled_from_the_plan() {
    // cases M6, O1, O6
    let house = House::sample().await;
    let member = house.member("member").await;
    let list = format!("/spaces?{AT_NINE}&view=plan&floor=1&kind=hot_desk");
    let free = offers(&house.visitor().get(&list).await);
    let (slug, _) = &free[0];
    let reference = member.book(slug, DAY, "09:00", "12:00").await;
    let own = member.get(&list).await;
    assert!(own.says("Yours 09:00–12:00"), "{}", own.text());
    let links = own.links();
    assert!(
        links.contains(&format!("#at-{slug}")),
        "the desk leads to what is said of it"
    );
    assert!(own.html.contains(&format!("id=\"at-{slug}\"")));
    assert!(
        links.contains(&format!("/bookings/{reference}/cancellation")),
        "{links:?}"
    );

    let other = house.member("colleague").await.get(&list).await;
    assert!(other.says("Taken 09:00–12:00"), "{}", other.text());
    assert!(!other.html.contains(&reference));
}

#[tokio::test]
async fn the_next_hour_is_one_tap_away() {
    let house = House::sample().await;
    let anywhere = house.visitor().get("/spaces?now=1&kind=hot_desk").await;
    assert_eq!(
        anywhere.location(),
        "/spaces?kind=hot_desk&by=time&date=2026-11-24&from=07%3A00&until=08%3A00",
        "the doors open at seven"
    );
    let page = house.visitor().follow(&anywhere).await;
    for place in ["Musgrave", "Umhlanga", "Mount Edgecombe"] {
        assert!(
            page.says(&format!("Any desk at {place}")),
            "{}",
            page.text()
        );
    }
    // Where somebody calls home.
    house
        .run("update members set home_location_id = (select id from locations where slug = 'umhlanga')")
        .await;
    let member = house.member("member").await;
    let home = member.get("/spaces?now=1").await;
    assert!(
        home.location().contains("location=umhlanga"),
        "{}",
        home.location()
    );
    // Else where they booked last.
    house
        .run("update members set home_location_id = null")
        .await;
    member
        .book("mount-edgecombe-desk-1", "2026-12-02", "09:00", "10:00")
        .await;
    let last = member.get("/spaces?now=1").await;
    assert!(
        last.location().contains("location=mount-edgecombe"),
        "{}",
        last.location()
    );
}

#[tokio::test]
async fn a_whole_day_of_a_location_is_light() {
    let house = House::sample().await;
    let path = format!("/spaces?view=day&location=umhlanga&date={DAY}");
    let request = house.visitor().request(Method::GET, &path);
    let answer = request
        .header("accept-encoding", "gzip")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    let weight = answer.bytes().await.unwrap().len();
    println!("{weight} bytes");
    assert!(weight <= WEIGHT, "{weight} bytes");
}

#[tokio::test]
async fn the_page_of_a_location_shows_its_plan() {
    let house = House::sample().await;
    let page = house.visitor().get("/locations/musgrave?floor=1").await;
    assert!(
        page.says("Floor plan") && page.says("Jacaranda"),
        "{}",
        page.text()
    );
    assert!(page.html.contains("aria-label=\"Plan of First floor"));
    assert!(!slugs(&page).is_empty());
    // A house that is not drawn has no plan, and says so where one asks for it.
    let bare = House::open().await;
    assert!(
        !bare
            .visitor()
            .get("/locations/musgrave")
            .await
            .says("Floor plan")
    );
    let asked = bare
        .visitor()
        .get("/spaces?view=plan&location=musgrave")
        .await;
    assert!(
        asked.says("There is no plan of this location yet"),
        "{}",
        asked.text()
    );
}
