//! Photos of locations and spaces.

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use reqwest::{Method, StatusCode, header::CONTENT_TYPE};

use crate::support::{House, Page, Person};

const MANAGER: &str = "update staff set role = 'manager', location_id = (select id from locations where slug = 'musgrave')";
const PAGE: &str = "/admin/spaces/lighthouse/photos";

/// The small house, with Nomsa as Musgrave's manager.
async fn managed() -> (House, Person) {
    let house = House::open().await;
    house.run(MANAGER).await;
    let nomsa = house.member("nomsa").await;
    (house, nomsa)
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let pixels = vec![90; (width * height * 3) as usize];
    PngEncoder::new(&mut bytes)
        .write_image(&pixels, width, height, ExtendedColorType::Rgb8)
        .unwrap();
    bytes
}

/// Sends the form as a browser does.
async fn send(person: &Person, page: &str, alt: &str, name: &str, photo: &[u8]) -> Page {
    let mut body = Vec::new();
    body.extend(
        format!("--x\r\nContent-Disposition: form-data; name=\"alt\"\r\n\r\n{alt}\r\n").bytes(),
    );
    body.extend(
        format!("--x\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"{name}\"\r\nContent-Type: image/jpeg\r\n\r\n")
            .bytes(),
    );
    body.extend(photo);
    body.extend(b"\r\n--x--\r\n");
    let request = person
        .request(Method::POST, page)
        .header(CONTENT_TYPE, "multipart/form-data; boundary=x")
        .body(body);
    person.send(request).await
}

fn photos(page: &Page) -> Vec<String> {
    let alts = page.html.split("<img class=\"photo\"").skip(1);
    alts.filter_map(|tag| Some(tag.split_once("alt=\"")?.1.split('"').next()?.to_owned()))
        .collect()
}

#[tokio::test]
async fn a_photo_takes_the_place_of_the_drawing() {
    let (house, nomsa) = managed().await;
    let visitor = house.visitor();
    let before = visitor.get("/spaces/lighthouse").await;
    assert!(before.html.contains("Plan of Lighthouse") && photos(&before).is_empty());

    let sent = send(
        &nomsa,
        PAGE,
        "A long oak table",
        "table.png",
        &png(2000, 1200),
    )
    .await;
    assert_eq!(sent.location(), PAGE, "{}", sent.text());
    let after = visitor.get("/spaces/lighthouse").await;
    assert_eq!(photos(&after), ["A long oak table"]);
    assert!(!after.html.contains("Plan of Lighthouse"));
    assert!(after.html.contains("width=\"1600\" height=\"960\""));
    let list = visitor
        .get("/spaces?kind=meeting_room&location=musgrave")
        .await;
    assert_eq!(photos(&list), ["A long oak table"]);

    let at = after.html.find("/photos/").unwrap();
    let url = after.html[at..].split('"').next().unwrap();
    let request = visitor.request(Method::GET, url);
    let file = request.send().await.unwrap();
    assert_eq!(file.headers()[CONTENT_TYPE], "image/webp");
    assert_eq!(
        file.headers()["cache-control"],
        "public, max-age=31536000, immutable"
    );
    assert_eq!(file.headers()["x-content-type-options"], "nosniff");
    assert!(file.bytes().await.unwrap().starts_with(b"RIFF"));
    assert!(house.one::<bool>("select detail->>'alt' = 'A long oak table' from audit_events where verb = 'add photo' and subject = 'spaces'").await);
}

/// Security check 42: what is no photo is refused whatever it is called, and nothing typed is lost.
#[tokio::test]
async fn what_is_no_photo_is_refused_beside_its_field() {
    let (house, nomsa) = managed().await;
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let mut bomb = png(700, 10);
    bomb[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    for (name, upload, sentence) in [
        (
            "photo.jpg",
            svg.to_vec(),
            "Choose a photo as JPEG, PNG or WebP.",
        ),
        (
            "../../etc/passwd",
            b"root:x:0:0".to_vec(),
            "Choose a photo as JPEG, PNG or WebP.",
        ),
        ("photo.png", bomb, "could not be read"),
        ("photo.png", png(300, 300), "less than 640 pixels"),
        ("photo.png", vec![0; 11 * 1024 * 1024], "more than 10 MB"),
        ("", Vec::new(), "Choose a photo."),
    ] {
        let refused = send(&nomsa, PAGE, "A <b>table</b>", name, &upload).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{sentence}"
        );
        assert!(refused.says(sentence), "{sentence}: {}", refused.text());
        assert_eq!(refused.form(PAGE).get("alt"), "A <b>table</b>");
    }
    let refused = send(&nomsa, PAGE, " ", "a.png", &png(700, 400)).await;
    assert!(refused.says("Say what the photo shows"));
    assert_eq!(house.one::<i64>("select count(*) from photos").await, 0);
}

#[tokio::test]
async fn photos_are_put_in_order_described_and_removed() {
    let (house, nomsa) = managed().await;
    let page = "/admin/locations/musgrave/photos";
    for alt in ["One", "Two", "Three"] {
        let sent = send(&nomsa, page, alt, "a.png", &png(700, 400)).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
    }
    let address = |alt: &'static str| {
        let house = &house;
        async move {
            let ids: uuid::Uuid = sqlx::query_scalar("select id from photos where alt = $1")
                .bind(alt)
                .fetch_one(&house.db)
                .await
                .unwrap();
            format!("/admin/photos/{ids}")
        }
    };
    let three = address("Three").await;
    nomsa
        .post(&format!("{three}/position"), &[("to", "first")])
        .await;
    assert_eq!(photos(&nomsa.get(page).await), ["Three", "One", "Two"]);
    nomsa
        .post(&format!("{three}/position"), &[("to", "later")])
        .await;
    assert_eq!(
        photos(&nomsa.get("/locations/musgrave").await),
        ["One", "Three", "Two"]
    );
    let empty = nomsa.post(&three, &[("alt", "")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    nomsa.post(&three, &[("alt", "The third")]).await;
    nomsa
        .post(&format!("{}/removal", address("One").await), &[("", "")])
        .await;
    assert_eq!(photos(&nomsa.get(page).await), ["The third", "Two"]);
    assert_eq!(
        house.one::<i64>("select count(*) from photo_files").await,
        4
    );
    let written =
        "select string_agg(verb, ', ' order by id) from audit_events where verb like '%photo%'";
    assert_eq!(
        house.one::<String>(written).await,
        "add photo, add photo, add photo, move photo, move photo, describe photo, remove photo"
    );
}

#[tokio::test]
async fn an_article_has_a_photo_in_place_of_its_drawing() {
    let (house, nomsa) = managed().await;
    house
        .run(
            "insert into articles (id, slug, title, category, author, published_at)
             values (gen_random_uuid(), 'ridge', 'On the ridge', 'advice', 'The test house', '2026-11-01')",
        )
        .await;
    let (cover, visitor) = ("/admin/articles/ridge/cover", house.visitor());
    assert!(photos(&visitor.get("/journal/ridge").await).is_empty());

    let wordless = send(&nomsa, cover, " ", "ridge.png", &png(900, 600)).await;
    assert_eq!(wordless.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wordless.says("Say what the photo shows"),
        "{}",
        wordless.text()
    );
    let pdf = send(&nomsa, cover, "The ridge at six", "ridge.png", b"%PDF-1.7").await;
    assert!(
        pdf.says("Choose a photo as JPEG, PNG or WebP.") && pdf.html.contains("The ridge at six"),
        "{}",
        pdf.text()
    );

    let sent = send(
        &nomsa,
        cover,
        "The ridge at six",
        "ridge.png",
        &png(900, 600),
    )
    .await;
    assert_eq!(sent.location(), cover, "{}", sent.text());
    for page in ["/journal", "/journal/ridge", "/"] {
        assert_eq!(
            photos(&visitor.get(page).await),
            ["The ridge at six"],
            "{page}"
        );
    }
    let html = visitor.get("/journal/ridge").await.html;
    let at = html.find("/photos/").unwrap();
    let url = html[at..].split('"').next().unwrap();
    let file = visitor.get(url).await;
    assert_eq!(file.header("content-type"), "image/webp");

    // Another one takes its place, and its address is a new one.
    send(
        &nomsa,
        cover,
        "The ridge at noon",
        "noon.png",
        &png(900, 600),
    )
    .await;
    let html = visitor.get("/journal/ridge").await.html;
    assert!(html.contains("The ridge at noon") && !html.contains(url));
    assert_eq!(house.one::<i64>("select count(*) from photos").await, 1);

    let remove = nomsa
        .get(cover)
        .await
        .form("/admin/articles/ridge/cover/removal");
    for _ in 0..2 {
        assert_eq!(nomsa.submit(&remove).await.location(), cover);
    }
    assert!(photos(&visitor.get("/journal/ridge").await).is_empty());
    let notes =
        "select string_agg(verb, ', ' order by id) from audit_events where subject = 'articles'";
    assert_eq!(
        house.one::<String>(notes).await,
        "put cover, put cover, remove cover"
    );
}
