//! First refusal: an office kept till a day's closing for somebody who has yet to decide.

use reqwest::StatusCode;

use crate::support::{House, Page, Person};

async fn house() -> House {
    let house = House::open().await;
    house
        .run(
            "update booking_policies set first_refusal_days = 3 where name = 'offices';
             insert into spaces (id, location_id, floor_id, policy_id, slug, name, kind, seats, position)
             select gen_random_uuid(), location_id, floor_id, policy_id, 'office-2', 'Office 2', kind, seats, 12
             from spaces where slug = 'office-1'",
        )
        .await;
    house
}

/// Takes first refusal on an office for December.
async fn decide_later(person: &Person, office: &str) -> Page {
    let page = person
        .get(&format!("/spaces/{office}?by=month&date=2026-12-01"))
        .await;
    let form = page.form("/bookings").with("hold", "first_refusal");
    person.submit(&form).await
}

#[tokio::test]
async fn an_office_is_kept_till_the_closing_of_the_third_working_day() {
    let house = house().await;
    let member = house.member("thandeka").await;
    let page = member
        .get("/spaces/office-1?by=month&date=2026-12-01")
        .await;
    assert!(
        page.says("First refusal till Fri 27 November, 19:00"),
        "{}",
        page.text()
    );
    let visitor = house
        .visitor()
        .get("/spaces/office-1?by=month&date=2026-12-01")
        .await;
    assert!(
        !visitor.says("First refusal"),
        "a visitor has to be known first"
    );
    let soon = member.get("/spaces/office-1?by=week&date=2026-11-26").await;
    assert!(
        !soon.says("First refusal"),
        "it would begin before the time to decide is over"
    );

    let kept = decide_later(&member, "office-1").await;
    let page = member.follow(&kept).await;
    assert!(page.says("You have first refusal till"), "{}", page.text());
    assert!(!page.says("ten minutes more"));
    // 86 and a half hours from Tuesday 06:30, by the database's clock.
    let left = "select extract(epoch from hold_expires_at - created_at)::bigint / 60 from bookings";
    assert_eq!(house.one::<i64>(left).await, (3 * 24 * 60) + 12 * 60 + 30);
    assert_eq!(
        house
            .one::<i64>("select count(*) from audit_events where verb = 'first refusal' and detail ? 'until'")
            .await,
        1
    );
    house.deliver_mail().await;
    let mails = house.mails("thandeka@example.com").await;
    assert!(
        mails[0].subject.starts_with("First refusal till "),
        "{}",
        mails[0].subject
    );
    assert!(mails[0].text.contains("/confirmation"));
    assert!(member.get("/bookings").await.says("First refusal till"));
    // Nobody else gets it, and there is no charge.
    let others = house.member("priya").await;
    let taken = others
        .get("/spaces/office-1?by=month&date=2026-12-10")
        .await;
    assert!(
        taken.says("Office 1 is taken at that time."),
        "{}",
        taken.text()
    );
    assert_eq!(
        house
            .one::<i64>("select count(*) from ledger_entries")
            .await,
        0
    );
    // Staff see it.
    let reference: String = house.one("select reference from bookings").await;
    let staff = house
        .member("nomsa")
        .await
        .get(&format!("/bookings/{reference}"))
        .await;
    assert!(staff.says("First refusal till"), "{}", staff.text());
    member.confirm(&kept).await;
    assert_eq!(
        house.one::<String>("select status from bookings").await,
        "confirmed"
    );
}

#[tokio::test]
async fn it_is_beside_the_checkout_and_one_at_a_time() {
    let house = house().await;
    let member = house.member("thandeka").await;
    let kept = decide_later(&member, "office-1").await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.text());
    let second = decide_later(&member, "office-2").await;
    assert_eq!(second.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        second.says("You have first refusal on Office 1 already. Confirm it or let it go first."),
        "{}",
        second.text()
    );
    // A checkout leaves it alone, and it leaves a checkout alone.
    let held = member
        .hold("lighthouse", "2026-11-25", "09:00", "10:00")
        .await;
    assert_eq!(held.status, StatusCode::SEE_OTHER);
    member.hold("pier", "2026-11-25", "09:00", "10:00").await;
    let live = "select count(*) from bookings where status = 'held'";
    assert_eq!(house.one::<i64>(live).await, 2);
    let longer = kept.location().replace("/confirmation", "/hold");
    member.post::<&str, &str>(&longer, &[]).await;
    let left = "select extract(epoch from hold_expires_at - created_at)::bigint / 3600 from bookings where first_refusal";
    assert_eq!(house.one::<i64>(left).await, 84, "no shorter than before");
    // Let go, the next one may be had.
    let cancel = kept.location().replace("/confirmation", "/cancellation");
    member.post::<&str, &str>(&cancel, &[]).await;
    let second = decide_later(&member, "office-2").await;
    assert_eq!(second.status, StatusCode::SEE_OTHER, "{}", second.text());
}

#[tokio::test]
async fn it_runs_out_and_the_member_is_told() {
    let house = house().await;
    let member = house.member("thandeka").await;
    let kept = decide_later(&member, "office-1").await;
    house.deliver_mail().await;
    house
        .run(
            "update bookings set hold_expires_at = now() - interval '1 second';
             update occupancies set held_until = now() - interval '1 second'",
        )
        .await;
    // Free for others at once.
    let priya = house.member("priya").await;
    let page = priya.get("/spaces/office-1?by=month&date=2026-12-01").await;
    let held = priya.submit(&page.form("/bookings")).await;
    assert_eq!(held.status, StatusCode::SEE_OTHER, "{}", held.text());
    priya.confirm(&held).await;
    house.deliver_mail().await;
    let mails = house.mails("thandeka@example.com").await;
    assert!(
        mails[0].subject.starts_with("First refusal has ended"),
        "{}",
        mails[0].subject
    );
    let late = member.post::<&str, &str>(kept.location(), &[]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.says("This hold has ended and Office 1 has been taken since."));
}

#[tokio::test]
async fn where_it_is_not_offered_it_cannot_be_had() {
    let house = House::open().await;
    let member = house.member("thandeka").await;
    let refused = decide_later(&member, "office-1").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.says("Office 1 gives no first refusal for that time."),
        "{}",
        refused.text()
    );
}
