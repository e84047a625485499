//! What everybody may see: how pages present themselves, the map of the site, the small print, and cookies.

use std::collections::BTreeSet;

use reqwest::StatusCode;
use serde_json::Value;

use crate::support::{House, Page};

/// The first thing between two texts.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}

fn all_between<'a>(text: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    let pieces = text.split(before).skip(1);
    pieces
        .filter_map(|piece| Some(piece.split_once(after)?.0))
        .collect()
}

fn data(page: &Page) -> Vec<Value> {
    let scripts = all_between(
        &page.html,
        "<script type=\"application/ld+json\">",
        "</script>",
    );
    let read =
        |text: &&str| serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    scripts.iter().map(read).collect()
}

/// Every page that links lead to from home, without signing in and without a question in its address.
async fn crawl(house: &House) -> Vec<(String, Page)> {
    let visitor = house.visitor();
    let (mut waiting, mut seen, mut pages) = (vec!["/".to_owned()], BTreeSet::new(), Vec::new());
    while let Some(path) = waiting.pop() {
        let path = path.split(['#', '?']).next().unwrap().to_owned();
        if !path.starts_with('/') || !seen.insert(path.clone()) {
            continue;
        }
        let page = visitor.get(&path).await;
        waiting.extend(page.links());
        pages.push((path, page));
    }
    pages
}

#[tokio::test]
async fn the_map_lists_every_public_page_and_no_other() {
    let house = House::sample().await;
    let map = house.visitor().get("/sitemap.xml").await.html;
    let listed: BTreeSet<String> = all_between(&map, "<loc>", "</loc>")
        .into_iter()
        .map(|address| {
            address
                .strip_prefix(&house.url)
                .expect("on this site")
                .to_owned()
        })
        .collect();
    assert!(listed.len() > 100, "{listed:#?}");
    let pages = crawl(&house).await;
    for (path, page) in &pages {
        assert!(
            page.status.is_success() || page.status == StatusCode::SEE_OTHER,
            "{path}: {}",
            page.status
        );
        let is_page =
            page.header("content-type").starts_with("text/html") && page.status == StatusCode::OK;
        let may_be_found = is_page && !page.html.contains("name=\"robots\" content=\"noindex\"");
        assert_eq!(may_be_found, listed.contains(path), "{path}");
    }
    // Desks fold away in a list of links that the crawl reads like any other.
    let crawled: BTreeSet<String> = pages.iter().map(|(path, _)| path.clone()).collect();
    let unlinked: Vec<_> = listed.difference(&crawled).collect();
    assert!(unlinked.is_empty(), "nothing leads to {unlinked:#?}");
}

#[tokio::test]
async fn each_page_says_what_it_is() {
    let house = House::sample().await;
    let map = house.visitor().get("/sitemap.xml").await.html;
    let (mut titles, mut descriptions) = (BTreeSet::new(), BTreeSet::new());
    let addresses = all_between(&map, "<loc>", "</loc>");
    for address in addresses
        .iter()
        .filter(|address| !address.contains("-desk-"))
    {
        let page = house.visitor().get(&address[house.url.len()..]).await;
        let head = page.html.split("</head>").next().unwrap();
        let title = between(head, "<title>", "</title>").unwrap().to_owned();
        let description = between(head, "name=\"description\" content=\"", "\"")
            .unwrap()
            .to_owned();
        assert!(
            (15..=100).contains(&title.chars().count()),
            "{address}: {title}"
        );
        assert!(
            (40..=260).contains(&description.chars().count()),
            "{address}: {description}"
        );
        assert!(titles.insert(title.clone()), "{title} twice");
        assert!(
            descriptions.insert(description.clone()),
            "{description} twice: {address}"
        );
        assert_eq!(
            between(head, "rel=\"canonical\" href=\"", "\""),
            Some(*address)
        );
        assert_eq!(between(head, "og:url\" content=\"", "\""), Some(*address));
        assert_eq!(
            between(head, "og:title\" content=\"", "\""),
            Some(title.as_str())
        );
        let picture = between(head, "og:image\" content=\"", "\"").unwrap();
        assert!(picture.starts_with(&house.url), "{picture}");
        if picture.contains("/pictures/page/") {
            let drawn = house.visitor().get(&picture[house.url.len()..]).await;
            assert_eq!(drawn.status, StatusCode::OK, "{picture}");
        }
    }
}

#[tokio::test]
async fn pictures_are_drawn_for_chats() {
    let house = House::sample().await;
    let visitor = house.visitor();
    for path in [
        "/pictures/page/home.png",
        "/pictures/location/umhlanga.png",
        "/pictures/space/umhlanga-lighthouse.png",
        "/pictures/article/working-asynchronously.png",
        "/pictures/icon-192.png",
    ] {
        let page = visitor.get(path).await;
        assert_eq!(
            (page.status, page.header("content-type")),
            (StatusCode::OK, "image/png"),
            "{path}"
        );
        let tag = page.header("etag").to_owned();
        let again = visitor
            .request(reqwest::Method::GET, path)
            .header("if-none-match", &tag);
        assert_eq!(
            visitor.send(again).await.status,
            StatusCode::NOT_MODIFIED,
            "{path}"
        );
    }
    for path in [
        "/pictures/page/nothing.png",
        "/pictures/space/nothing.png",
        "/pictures/page/home",
        "/pictures/icon-9000.png",
    ] {
        assert_eq!(
            visitor.get(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_programs_read_is_what_people_read() {
    let house = House::sample().await;
    let page = house.visitor().get("/journal/working-asynchronously").await;
    let read = data(&page);
    let article = read.iter().find(|one| one["@type"] == "Article").unwrap();
    let title = article["headline"].as_str().unwrap();
    assert!(page.html.contains(&format!("<h1>{title}</h1>")), "{title}");
    assert!(page.says(article["author"]["name"].as_str().unwrap()));
    let way = read
        .iter()
        .find(|one| one["@type"] == "BreadcrumbList")
        .unwrap();
    assert_eq!(
        way["itemListElement"][0]["item"],
        format!("{}/journal", house.url)
    );
    house.run("update articles set title = '</script><script>alert(1)</script>' where slug = 'working-asynchronously'").await;
    let page = house.visitor().get("/journal/working-asynchronously").await;
    assert!(!page.html.contains("<script>alert"));
    assert_eq!(
        data(&page)[0]["headline"],
        "</script><script>alert(1)</script>"
    );
}

#[tokio::test]
async fn a_location_and_a_space_are_described_as_their_pages_show_them() {
    let house = House::sample().await;
    let visitor = house.visitor();
    let page = visitor.get("/locations/umhlanga").await;
    let place = &data(&page)[0];
    assert_eq!(place["@type"], "LocalBusiness");
    let hours = place["openingHoursSpecification"].as_array().unwrap();
    assert_eq!(hours.len(), 6, "five weekdays and Saturday");
    let monday = &hours[0];
    let range = format!(
        "{}–{}",
        monday["opens"].as_str().unwrap(),
        monday["closes"].as_str().unwrap()
    );
    assert!(
        page.says(&format!("Monday to Friday {range}")),
        "{range}: {}",
        page.text()
    );
    assert!(
        place.get("address").is_none() && place.get("telephone").is_none(),
        "a sample has none: {place}"
    );

    let page = visitor.get("/spaces/umhlanga-lighthouse").await;
    let space = &data(&page)[0];
    let hour = &space["offers"][0];
    assert_eq!(
        (
            &hour["priceCurrency"],
            &hour["priceSpecification"]["unitCode"]
        ),
        (&"ZAR".into(), &"HUR".into())
    );
    let rands = hour["price"].as_str().unwrap().strip_suffix(".00").unwrap();
    assert!(page.says(&format!("R{rands}")), "{rands}: {}", page.text());
}

#[tokio::test]
async fn the_views_of_one_search_are_one_page_to_be_found() {
    let house = House::sample().await;
    let canonical = async |path: &str| {
        let page = house.visitor().get(path).await;
        let found = between(&page.html, "rel=\"canonical\" href=\"", "\"");
        found.map(|address| address[house.url.len()..].to_owned())
    };
    for view in ["list", "day", "plan"] {
        let path = format!("/spaces?view={view}&location=umhlanga");
        assert_eq!(canonical(&path).await.as_deref(), Some("/spaces"), "{path}");
    }
    let searched = "/spaces?kind=hot_desk&date=2026-11-25&from=09:00&until=10:00";
    assert_eq!(canonical(searched).await, None);
    for path in [
        "/contact?about=question",
        "/contact/thanks?location=umhlanga",
    ] {
        assert_eq!(canonical(path).await.as_deref(), Some("/contact"), "{path}");
    }
}

#[tokio::test]
async fn robots_are_told_where_the_map_is() {
    let house = House::open().await;
    let robots = house.visitor().get("/robots.txt").await.html;
    assert!(
        robots.contains(&format!("Sitemap: {}/sitemap.xml", house.url)),
        "{robots}"
    );
    for path in ["/admin", "/api/", "/links/"] {
        assert!(robots.contains(&format!("Disallow: {path}\n")), "{robots}");
    }
    let manifest = house.visitor().get("/manifest.webmanifest").await;
    let manifest: Value = serde_json::from_str(&manifest.html).unwrap();
    for icon in manifest["icons"].as_array().unwrap() {
        let icon = house.visitor().get(icon["src"].as_str().unwrap()).await;
        assert_eq!(icon.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn reading_sets_no_cookie() {
    let house = House::sample().await;
    let pages = crawl(&house).await;
    assert!(pages.len() > 100, "{}", pages.len());
    for (path, page) in pages {
        assert!(
            !page.headers.contains_key("set-cookie"),
            "{path} sets a cookie"
        );
    }
}

#[tokio::test]
async fn a_booking_keeps_the_terms_it_was_made_under() {
    let house = House::open().await;
    let thandeka = house.api("thandeka").await;
    let booked = thandeka
        .book("lighthouse", "2026-11-25T09:00", "2026-11-25T10:00")
        .await;
    assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
    house.run("insert into terms (version, in_force_from, body) values ('2026-12', '2026-12-01', '## All new');
               update installation set terms_version = '2026-12'").await;
    let visitor = house.visitor();
    let now = visitor.get("/terms").await;
    assert!(
        now.says("All new") && now.says("Version 2026-12"),
        "{}",
        now.text()
    );
    let before = visitor.get("/terms/2026-11").await;
    assert!(
        before.says("Seven days to think again") && before.says("was booked under it"),
        "{}",
        before.text()
    );
    assert!(before.html.contains("noindex"));
    let kept: String = house.one("select terms_version from bookings").await;
    assert_eq!(kept, "2026-11");
    assert_eq!(
        visitor.get("/terms/1999-01").await.status,
        StatusCode::NOT_FOUND
    );

    // case: nobody can change what was accepted, and no booking can accept what is not there
    let mut db = house.app.db.acquire().await.unwrap();
    for forbidden in [
        "update terms set body = 'Other' where version = '2026-11'",
        "delete from terms where version = '2026-11'",
        "update bookings set terms_version = '1999-01'",
    ] {
        assert!(
            sqlx::raw_sql(forbidden).execute(&mut *db).await.is_err(),
            "{forbidden}"
        );
    }
}

#[tokio::test]
async fn the_operator_is_named_as_far_as_it_is_known() {
    let house = House::open().await;
    house.run("update installation set legal_form = 'Private company', registration_number = '2020/000000/07'").await;
    let terms = house.visitor().get("/terms").await;
    for fact in [
        "The test house",
        "Private company",
        "2020/000000/07",
        "to be filled in by the operator",
    ] {
        assert!(terms.says(fact), "{fact}: {}", terms.text());
    }
    for path in ["/terms", "/privacy"] {
        assert!(
            House::sample()
                .await
                .visitor()
                .get(path)
                .await
                .html
                .contains(">Sample<"),
            "{path}"
        );
    }
}

const ANNOUNCED: &str = "insert into locations (id, slug, name, position, status, time_zone, summary)
    values (gen_random_uuid(), 'ballito', 'Ballito', 9, 'announced', 'Africa/Johannesburg', 'From next year.')";

#[tokio::test]
async fn whoever_wants_to_know_is_told_once_when_a_location_opens() {
    let house = House::open().await;
    house.run(ANNOUNCED).await;
    let visitor = house.visitor();
    let form = visitor
        .get("/locations/ballito")
        .await
        .form("/locations/ballito/interest");

    let unticked = visitor
        .submit(
            &form
                .clone()
                .with("email", "lindiwe@example.com")
                .without("consent"),
        )
        .await;
    assert_eq!(unticked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        unticked.says("Tick the box") && unticked.html.contains("lindiwe@example.com"),
        "{}",
        unticked.text()
    );
    assert_eq!(house.one::<i64>("select count(*) from interests").await, 0);

    let form = form
        .with("email", "Lindiwe@example.com")
        .with("consent", "yes");
    for _ in 0..2 {
        let joined = visitor.submit(&form).await;
        assert!(
            visitor
                .follow(&joined)
                .await
                .says("Look into the mailbox of lindiwe@example.com")
        );
    }
    assert_eq!(
        house.deliver_mail().await,
        1,
        "twice in ten minutes is one mail"
    );
    let kept: String = house
        .one("select consent from interests where consented_at <= now()")
        .await;
    assert!(kept.starts_with("Tell me by email"), "{kept}");

    let mail = house.mails("lindiwe@example.com").await.remove(0);
    let at = mail.text.find("/interest/").unwrap();
    let link = mail.text[at..]
        .split_whitespace()
        .next()
        .unwrap()
        .to_owned();
    // Opened by a program that looks into mails: nothing has changed.
    assert!(visitor.get(&link).await.says("Shall we tell you?"));
    house
        .run("update locations set status = 'open' where slug = 'ballito'")
        .await;
    connect_space::worker::tidy_once(&house.app).await.unwrap();
    assert_eq!(
        house.deliver_mail().await,
        0,
        "an address that is not proven is told nothing"
    );

    let page = visitor.get(&link).await;
    let confirmed = visitor.submit(&page.form(&link)).await;
    assert!(visitor.follow(&confirmed).await.says("You are on the list"));
    for _ in 0..2 {
        connect_space::worker::tidy_once(&house.app).await.unwrap();
    }
    assert_eq!(house.deliver_mail().await, 1);
    let mail = house.mails("lindiwe@example.com").await.remove(0);
    assert_eq!(mail.subject, "Ballito is open");
    assert!(mail.text.contains("/locations/ballito"), "{}", mail.text);
}

#[tokio::test]
async fn consent_is_taken_back_in_one_press() {
    let house = House::open().await;
    house.run(ANNOUNCED).await;
    let visitor = house.visitor();
    let fields = [("email", "lindiwe@example.com"), ("consent", "yes")];
    visitor.post("/locations/ballito/interest", &fields).await;
    house.deliver_mail().await;
    let mail = house.mails("lindiwe@example.com").await.remove(0);
    let at = mail.text.find("/interest/").unwrap();
    let link = mail.text[at..]
        .split_whitespace()
        .next()
        .unwrap()
        .to_owned();
    visitor.post::<&str, &str>(&link, &[]).await;
    let left = visitor
        .post::<&str, &str>(&format!("{link}/withdrawal"), &[])
        .await;
    assert!(visitor.follow(&left).await.says("You are off the list"));
    house
        .run("update locations set status = 'open' where slug = 'ballito'")
        .await;
    connect_space::worker::tidy_once(&house.app).await.unwrap();
    assert_eq!(house.deliver_mail().await, 0);
    house
        .run("update interests set withdrawn_at = now() - interval '31 days'")
        .await;
    connect_space::worker::tidy_once(&house.app).await.unwrap();
    assert_eq!(
        house.one::<i64>("select count(*) from interests").await,
        0,
        "and the address is forgotten"
    );
    // Only an announced location has a list.
    let answer = visitor.post("/locations/musgrave/interest", &fields).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_office_says_from_when_it_is_free() {
    let house = House::open().await;
    let page = house.visitor().get("/offices").await;
    assert!(
        page.says("1 of 1 free for a month from today") && page.says("R7 800"),
        "{}",
        page.text()
    );
    let member = house.member("thandeka").await;
    let held = member
        .hold_days("office-1", "2026-11-25", "2026-11-27")
        .await;
    assert_eq!(held.status, StatusCode::SEE_OTHER, "{}", held.text());
    let page = house.visitor().get("/offices").await;
    assert!(
        page.says("0 of 1 free") && page.says("Sat 28 November"),
        "{}",
        page.text()
    );
}
