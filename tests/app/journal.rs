//! The journal: who sees what when, what a text may hold, looking for words, and old addresses.

use reqwest::StatusCode;

use crate::readers::python;
use crate::support::House;

/// Published an hour ago, to be published tomorrow, being written, and taken back.
const ARTICLES: &str = "insert into articles (id, slug, title, summary, body, category, author, published_at, withdrawn_at)
    select gen_random_uuid(), slug, title, 'What it is about', body, category, 'The test house', at::timestamptz, gone::timestamptz
    from (values
        ('ridge', 'Working on the ridge', 'Desks under the trees in uMhlanga and Musgrave.', 'locations', '2026-11-24T03:30Z', null),
        ('sums', 'An example of sums', 'What a <script>alert(1)</script> costs. [Press](javascript:alert(1))', 'case_studies', '2026-11-20T03:30Z', null),
        ('soon', 'Coming tomorrow', 'Not yet.', 'advice', '2026-11-25T04:30Z', null),
        ('draft', 'Half a thought', 'Not at all.', 'advice', null, null),
        ('gone', 'Taken back', 'No more.', 'advice', '2026-11-01T04:30Z', '2026-11-02T04:30Z')
    ) as article (slug, title, body, category, at, gone)";

async fn house() -> House {
    let house = House::open().await;
    house.run(ARTICLES).await;
    house
}

#[tokio::test]
async fn only_what_is_published_is_seen() {
    let house = house().await;
    let visitor = house.visitor();
    for path in ["/journal", "/journal/feed.xml", "/sitemap.xml", "/"] {
        let page = visitor.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.html.contains("/journal/ridge"), "{path}");
        for hidden in [
            "/journal/soon",
            "/journal/draft",
            "/journal/gone",
            "Half a thought",
        ] {
            assert!(!page.html.contains(hidden), "{path} tells of {hidden}");
        }
    }
    for (slug, status) in [
        ("ridge", StatusCode::OK),
        ("soon", StatusCode::NOT_FOUND),
        ("draft", StatusCode::NOT_FOUND),
        ("gone", StatusCode::GONE),
        ("never", StatusCode::NOT_FOUND),
    ] {
        let page = visitor.get(&format!("/journal/{slug}")).await;
        assert_eq!(page.status, status, "{slug}");
        let picture = visitor.get(&format!("/pictures/article/{slug}.png")).await;
        assert_eq!(
            picture.status == StatusCode::OK,
            status == StatusCode::OK,
            "{slug}"
        );
    }
    let gone = visitor.get("/journal/gone").await;
    assert!(gone.says("This page is gone"), "{}", gone.text());
    assert!(gone.links().contains(&"/journal".to_owned()), "a way on");

    let tomorrow = House::open_at("2026-11-25T04:31:00Z").await;
    tomorrow.run(ARTICLES).await;
    let visitor = tomorrow.visitor();
    assert_eq!(
        visitor.get("/journal/soon").await.status,
        StatusCode::OK,
        "it appears by itself"
    );
    assert!(
        visitor
            .get("/journal/feed.xml")
            .await
            .html
            .contains("/journal/soon")
    );
}

#[tokio::test]
async fn a_text_can_do_no_harm() {
    let house = house().await;
    for path in ["/journal/sums", "/journal/feed.xml"] {
        let page = house.visitor().get(path).await;
        assert!(
            page.html.contains("alert(1)"),
            "it is shown as it was typed"
        );
        for tag in [
            "<script>alert",
            "href=\"javascript",
            "href=&#34;javascript",
            "&#60;script",
        ] {
            assert!(!page.html.contains(tag), "{path}: {tag}");
        }
    }
}

#[tokio::test]
async fn words_are_found_however_they_are_written() {
    let house = house().await;
    let visitor = house.visitor();
    for words in [
        "Umhlanga",
        "uMhlanga",
        "UMHLANGA",
        "tree",
        "musg",
        "musgrave -sums",
    ] {
        let path = format!("/journal?q={}", words.replace(' ', "+"));
        let page = visitor.get(&path).await;
        assert!(
            page.says("Working on the ridge"),
            "{words}: {}",
            page.text()
        );
        assert!(!page.says("An example of sums"), "{words}: {}", page.text());
    }
    let none = visitor.get("/journal?q=%22%27%3A%26%21%00+zebra").await;
    assert_eq!(none.status, StatusCode::OK);
    assert!(none.says("Nothing about"), "{}", none.text());
    let cases = visitor.get("/journal?category=case_studies").await;
    assert!(cases.says("An example of sums") && !cases.says("Working on the ridge"));
}

#[tokio::test]
async fn old_addresses_lead_on() {
    let house = house().await;
    let visitor = house.visitor();
    house
        .run("update articles set slug = 'berea' where slug = 'ridge'")
        .await;
    house
        .run("update articles set slug = 'berea-ridge' where slug = 'berea'")
        .await;
    house
        .run("update locations set slug = 'berea' where slug = 'musgrave'")
        .await;
    house
        .run("update spaces set slug = 'berea-pier' where slug = 'pier'")
        .await;
    for (old, new) in [
        ("/journal/ridge", "/journal/berea-ridge"),
        ("/journal/berea", "/journal/berea-ridge"),
        ("/locations/musgrave", "/locations/berea"),
        (
            "/locations/musgrave/any-desk?by=day",
            "/locations/berea/any-desk?by=day",
        ),
        (
            "/spaces/pier?date=2026-11-25",
            "/spaces/berea-pier?date=2026-11-25",
        ),
    ] {
        let answer = visitor.get(old).await;
        assert_eq!(answer.status, StatusCode::MOVED_PERMANENTLY, "{old}");
        assert_eq!(answer.location(), new);
        assert_eq!(visitor.get(new).await.status, StatusCode::OK, "{new}");
    }
    // Another thing that takes an old name has it.
    house
        .run("update articles set slug = 'ridge' where slug = 'sums'")
        .await;
    assert!(
        visitor
            .get("/journal/ridge")
            .await
            .says("An example of sums")
    );

    house
        .run("update locations set status = 'closed' where slug = 'berea'")
        .await;
    for path in ["/locations/berea", "/locations/musgrave"] {
        assert_eq!(visitor.get(path).await.status, StatusCode::GONE, "{path}");
    }
    house
        .run("update spaces set status = 'retired' where slug = 'seine'")
        .await;
    assert_eq!(visitor.get("/spaces/seine").await.status, StatusCode::GONE);
}

#[tokio::test]
async fn the_feed_names_each_article_once_and_for_good() {
    let house = house().await;
    let feed = house.visitor().get("/journal/feed.xml").await;
    assert_eq!(
        feed.header("content-type"),
        "application/atom+xml; charset=utf-8"
    );
    let id: uuid::Uuid = house
        .one("select id from articles where slug = 'ridge'")
        .await;
    assert_eq!(
        feed.html
            .matches(&format!("<id>urn:uuid:{id}</id>"))
            .count(),
        1
    );
    assert!(
        feed.html
            .contains("<published>2026-11-24T03:30:00Z</published>")
    );
}

#[tokio::test]
async fn managers_write_the_journal_and_nobody_else() {
    let house = house().await;
    house.run("insert into members (id, name, email, email_verified_at) values (gen_random_uuid(), 'Manager', 'manager@example.com', now());
               insert into staff (member_id, role, location_id)
               select m.id, 'manager', l.id from members m, locations l where m.email = 'manager@example.com' and l.slug = 'musgrave'").await;
    let receptionist = house.member("nomsa").await;
    for path in [
        "/admin/articles",
        "/admin/articles/new",
        "/admin/articles/draft",
    ] {
        assert_eq!(
            receptionist.get(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let written = receptionist
        .post("/admin/articles", &[("title", "Mine")])
        .await;
    assert_eq!(written.status, StatusCode::NOT_FOUND);

    let manager = house.member("manager").await;
    let form = manager
        .get("/admin/articles/new")
        .await
        .form("/admin/articles");
    let empty = manager.submit(&form).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.says("Give it a title."), "{}", empty.text());

    let form = form
        .with("title", "Parking in uMhlanga")
        .with("summary", "Where, and for how much.")
        .with(
            "body",
            "## Where\n\nOn the **deck**. <script>alert(1)</script>",
        )
        .with("category", "advice");
    let preview = manager.submit(&form.clone().with("then", "preview")).await;
    assert!(
        preview.html.contains("<strong>deck</strong>"),
        "{}",
        preview.text()
    );
    assert!(!preview.html.contains("<script>alert"));
    assert_eq!(
        house
            .one::<i64>("select count(*) from articles where slug = 'parking-in-umhlanga'")
            .await,
        0
    );

    let draft = form.clone().with("stage", "draft").without("then");
    let kept = manager.submit(&draft).await;
    assert_eq!(kept.location(), "/admin/articles/parking-in-umhlanga");
    let visitor = house.visitor();
    assert_eq!(
        visitor.get("/journal/parking-in-umhlanga").await.status,
        StatusCode::NOT_FOUND
    );
    let twice = manager.submit(&draft).await;
    assert!(
        twice.says("Another article has this address"),
        "{}",
        twice.text()
    );

    let page = manager.get(kept.location()).await;
    let edit = page.form(kept.location());
    let late = edit
        .clone()
        .with("stage", "scheduled")
        .with("date", "2026-11-23")
        .with("clock", "08:00");
    assert!(
        manager
            .submit(&late.without("then"))
            .await
            .says("That is over")
    );
    let soon = edit
        .clone()
        .with("stage", "scheduled")
        .with("date", "2026-11-25")
        .with("clock", "08:00")
        .without("then");
    manager.submit(&soon).await;
    let at: chrono::DateTime<chrono::Utc> = house
        .one("select published_at from articles where slug = 'parking-in-umhlanga'")
        .await;
    assert_eq!(
        at.to_rfc3339(),
        "2026-11-25T06:00:00+00:00",
        "08:00 by the house's clock"
    );
    assert_eq!(
        visitor.get("/journal/parking-in-umhlanga").await.status,
        StatusCode::NOT_FOUND
    );

    // The page that was opened before that change overwrites nothing.
    let stale = manager
        .submit(
            &edit
                .with("title", "Overwritten")
                .with("stage", "published")
                .without("then"),
        )
        .await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        stale.says("Somebody else has changed this article") && stale.html.contains("Overwritten")
    );

    let now = manager.get(kept.location()).await.form(kept.location());
    manager
        .submit(
            &now.with("stage", "published")
                .with("slug", "parking")
                .without("then"),
        )
        .await;
    assert!(visitor.get("/journal/parking").await.says("On the deck"));
    assert_eq!(
        visitor.get("/journal/parking-in-umhlanga").await.location(),
        "/journal/parking"
    );
    let public = manager
        .get("/admin/articles/parking")
        .await
        .form("/admin/articles/parking");
    let back = manager
        .submit(&public.clone().with("stage", "draft").without("then"))
        .await;
    assert!(back.says("take it back instead"), "{}", back.text());
    manager
        .submit(&public.with("stage", "withdrawn").without("then"))
        .await;
    assert_eq!(
        visitor.get("/journal/parking").await.status,
        StatusCode::GONE
    );
    let written: i64 = house
        .one("select count(*) from audit_events where subject = 'articles'")
        .await;
    assert_eq!(written, 4);
}

/// What a feed reader of others makes of the feed.
const READ: &str = "import feedparser
feed = feedparser.parse(sys.stdin.buffer.read())
answer = {'wrong': bool(feed.bozo), 'version': feed.version, 'title': feed.feed.title, 'entries': [
    {'id': entry.id, 'title': entry.title, 'link': entry.link, 'author': entry.author, 'content': entry.content[0].value}
    for entry in feed.entries]}";

#[tokio::test]
async fn feed_readers_understand_the_feed() {
    let house = house().await;
    house
        .run("update articles set title = 'Sums & <b>more</b>' where slug = 'sums'")
        .await;
    let feed = house.visitor().get("/journal/feed.xml").await.html;
    let read = python(READ, &feed);
    assert_eq!(
        (&read["wrong"], &read["version"]),
        (&false.into(), &"atom10".into())
    );
    let entries = read["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(
        entries[0]["title"], "Working on the ridge",
        "the newest first"
    );
    assert_eq!(entries[1]["link"], format!("{}/journal/sums", house.url));
    assert_eq!(entries[1]["title"], "Sums & <b>more</b>");
    assert!(!entries[1]["content"].as_str().unwrap().contains("<script"));
}
