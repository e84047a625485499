//! A manager writes an article: previewed, scheduled, published, with a photo, moved, and taken back.

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use reqwest::StatusCode;

use crate::browser::{Browser, ways};
use crate::support::House;

/// A photo on this computer, for as long as this lives.
pub struct File(std::path::PathBuf);

impl File {
    pub fn photo() -> File {
        let mut bytes = Vec::new();
        PngEncoder::new(&mut bytes)
            .write_image(&vec![120; 900 * 600 * 3], 900, 600, ExtendedColorType::Rgb8)
            .unwrap();
        let name = format!("connect-space-photo-{}.png", uuid::Uuid::new_v4());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).unwrap();
        File(path)
    }

    pub fn path(&self) -> String {
        self.0.to_string_lossy().into_owned()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn keep(browser: &Browser, stage: &str) {
    browser
        .tap_css(&format!("label:has([name=stage][value={stage}])"))
        .await;
    browser.tap("Keep").await;
    browser.see("is kept.").await;
}

ways!(an_article_from_the_first_word_to_the_last: by_mouse, by_keys, on_a_phone_without_scripts);

async fn an_article_from_the_first_word_to_the_last(house: &House, browser: &Browser) {
    let visitor = house.visitor();
    browser.sign_in("manager").await;
    browser.goto("/admin/articles").await;
    browser.tap("New article").await;
    browser.fill("title", "Where to park").await;
    browser
        .fill("summary", "Three places, and what each costs.")
        .await;
    browser
        .fill("body", "## On the deck\n\nTwo hours are **free**.")
        .await;
    browser.tap("Preview").await;
    browser.see("PREVIEW, NOT KEPT YET").await;
    assert!(browser.is_there("#preview strong").await);
    assert_eq!(browser.value("title").await, "Where to park");

    let tomorrow = house.one::<String>("select (current_date + 1)::text").await;
    browser.fill("date", &tomorrow).await;
    browser.fill("clock", "08:00").await;
    keep(browser, "scheduled").await;
    browser.see("Scheduled").await;
    let there = "/journal/where-to-park";
    assert_eq!(visitor.get(there).await.status, StatusCode::NOT_FOUND);

    keep(browser, "published").await;
    assert!(visitor.get(there).await.says("Two hours are free"));

    browser.tap("Use a photo instead").await;
    browser.tap("Use this photo").await;
    browser.see("Say what the photo shows").await;
    browser.fill("alt", "Cars under a roof").await;
    let file = File::photo();
    browser.attach("photo", &file.path()).await;
    browser.tap("Use this photo").await;
    browser.see("The photo stands for the article now").await;
    assert!(
        visitor
            .get(there)
            .await
            .html
            .contains("alt=\"Cars under a roof\"")
    );

    browser.goto("/admin/articles/where-to-park").await;
    browser.fill("slug", "parking").await;
    browser.tap("Keep").await;
    browser.see("is kept.").await;
    let moved = visitor.get(there).await;
    assert_eq!(
        (moved.status, moved.location()),
        (StatusCode::MOVED_PERMANENTLY, "/journal/parking")
    );
    keep(browser, "withdrawn").await;
    let gone = visitor.get("/journal/parking").await;
    assert_eq!(gone.status, StatusCode::GONE);
}
