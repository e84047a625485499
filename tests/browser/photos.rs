//! A photo of a space comes with its description, which is mended, and goes.

use crate::browser::{Browser, ways};
use crate::journal::File;
use crate::support::House;

ways!(a_photo_of_a_space: by_mouse, by_keys, on_a_phone_without_scripts);

async fn a_photo_of_a_space(house: &House, browser: &Browser) {
    let (file, visitor) = (File::photo(), house.visitor());
    let shown = async || visitor.get("/spaces/umhlanga-lighthouse").await.html;
    browser.sign_in("manager").await;
    browser
        .goto("/admin/spaces/umhlanga-lighthouse/photos")
        .await;
    browser
        .see("Until there is one, people see the drawing.")
        .await;
    browser.fill("alt", "A table for twelve").await;
    browser.attach("photo", &file.path()).await;
    browser.tap("Add the photo").await;
    browser.see("Cover").await;
    assert!(shown().await.contains("alt=\"A table for twelve\""));
    browser
        .fill_css("[id^='alt-']", "An oak table for twelve")
        .await;
    browser.tap("Save the description of photo 1").await;
    browser.see("Its description is saved.").await;
    assert!(shown().await.contains("alt=\"An oak table for twelve\""));
    browser.tap("Remove photo 1").await;
    browser.see("The photo is gone.").await;
    assert!(!shown().await.contains("oak table"));
    assert_eq!(house.one::<i64>("select count(*) from photos").await, 0);
}
