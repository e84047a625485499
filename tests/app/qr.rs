//! Codes that phones scan, read as a phone's camera would: from dots, and not from what we know of them.

use rqrr::PreparedImage;

use crate::support::{House, Page};

/// How many dots a module is wide.
const DOTS: usize = 4;

/// What the codes of a page say, each drawn with its quiet zone and found again.
fn scanned(page: &Page) -> Vec<String> {
    let drawings = page.html.split("<svg class=\"code\"").skip(1);
    drawings.map(scan).collect()
}

fn scan(drawing: &str) -> String {
    let drawing = drawing.split("</svg>").next().unwrap();
    let side = drawing.split_once("viewBox=\"0 0 ").unwrap().1;
    let side: usize = side.split(' ').next().unwrap().parse().unwrap();
    let path = drawing.split_once(" d=\"").unwrap().1;
    let path = path.split('"').next().unwrap();
    let mut dark = vec![false; side * side];
    for module in path.split('M').skip(1) {
        let at = module.strip_suffix("h1v1h-1z").expect("each is a square");
        let (x, y) = at.split_once(' ').unwrap();
        let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
        dark[y * side + x] = true;
    }
    let width = side * DOTS;
    let mut seen = PreparedImage::prepare_from_greyscale(width, width, |x, y| {
        match dark[y / DOTS * side + x / DOTS] {
            true => 0,
            false => 255,
        }
    });
    let grids = seen.detect_grids();
    assert_eq!(grids.len(), 1, "one code is found");
    grids[0].decode().expect("it can be read").1
}

/// The site's address, with its slash.
fn url(house: &House) -> String {
    format!("{}/", house.url.trim_end_matches('/'))
}

#[tokio::test]
async fn every_code_leads_to_the_address_that_it_says() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let sign = nomsa.get("/admin/spaces/pier/door").await;
    let code: String = house
        .one("select door_code from spaces where slug = 'pier'")
        .await;
    let door = format!("{}c/{code}", url(&house));
    assert_eq!(scanned(&sign), [door.as_str()]);
    let (_, typed) = door.split_once("://").unwrap();
    assert!(sign.says(typed), "as somebody types it: {}", sign.text());
    // What it says leads there.
    let path = format!("/c/{code}");
    assert!(house.visitor().get(&path).await.says("Pier"));

    house
        .run(
            "insert into displays (id, token_hash, space_id, name, shows_titles, made_by)
             select gen_random_uuid(), sha256('screen'), s.id, 'At the door', false, m.id from spaces s, members m
             where s.slug = 'pier' and m.email = 'nomsa@example.com'",
        )
        .await;
    house.app.clock.shift(chrono::TimeDelta::minutes(64));
    let screen = house.visitor().get("/display/screen").await;
    assert_eq!(scanned(&screen), [door.as_str()]);
    // What the screen holds is somebody's who takes it by phone.
    let held = house
        .visitor()
        .post("/display/screen/booking", &[("minutes", "30")])
        .await;
    let booking = house.visitor().get(held.location()).await;
    let said = scanned(&booking);
    let letters: String = house.one("select substr(reference, 4) from bookings").await;
    let door = format!("{}d/{letters}", url(&house));
    assert_eq!(said, [door.as_str()]);
    let page = house.member("thandeka").await;
    let page = page.get(&format!("/d/{letters}")).await;
    assert!(
        page.says("07:45–08:15") && page.says("R100"),
        "{}",
        page.text()
    );
}
