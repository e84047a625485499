//! The ledger of an account: what is written into it, and that it stays.

use crate::support::House;

/// Kind and cents of every entry, in order.
pub async fn ledger(house: &House) -> Vec<(String, i64)> {
    sqlx::query_as("select kind, cents from ledger_entries order by id")
        .fetch_all(&house.db)
        .await
        .unwrap()
}

pub fn entries(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected
        .iter()
        .map(|(kind, cents)| ((*kind).to_owned(), *cents))
        .collect()
}

#[tokio::test]
async fn a_charge_when_confirmed_and_none_for_a_hold() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let held = thandeka
        .hold("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    assert_eq!(ledger(&house).await, []);
    let reference = thandeka.confirm(&held).await;
    assert_eq!(ledger(&house).await, entries(&[("charge", 20_000)]));
    let who: String = house.one("select m.email || ', ' || description from ledger_entries e join members m on m.id = e.created_by").await;
    assert_eq!(who, format!("thandeka@example.com, Booking {reference}"));
    assert!(thandeka.get("/bookings").await.says("R200"));
    let let_go = thandeka.hold("pier", "2026-11-26", "09:00", "10:00").await;
    let reference = let_go
        .location()
        .trim_start_matches("/bookings/")
        .trim_end_matches("/confirmation");
    thandeka
        .post(
            &format!("/bookings/{reference}/cancellation"),
            &[("note", "")],
        )
        .await;
    assert_eq!(
        ledger(&house).await.len(),
        1,
        "a hold that is let go costs nothing"
    );
    assert_eq!(house.deliver_mail().await, 1, "and says nothing");
}

#[tokio::test]
async fn nobody_changes_what_was_written() {
    let house = House::open().await;
    house
        .member("thandeka")
        .await
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    for table in ["ledger_entries", "audit_events", "consents", "cash_ups"] {
        for change in [
            format!("delete from {table}"),
            format!("update {table} set id = id"),
            format!("truncate {table}"),
        ] {
            let outcome = async |db: &sqlx::PgPool| {
                let error = sqlx::raw_sql(sqlx::AssertSqlSafe(change.clone()))
                    .execute(db)
                    .await
                    .unwrap_err();
                let error = error.as_database_error().unwrap();
                (
                    error.code().unwrap().into_owned(),
                    error.message().to_owned(),
                )
            };
            assert_eq!(
                outcome(&house.app.db).await.0,
                "42501",
                "the site may not: {change}"
            );
            let (code, message) = outcome(&house.db).await;
            // What others point at cannot be emptied at all.
            let pointed_at = code == "0A000" && change.starts_with("truncate");
            assert!(
                pointed_at || (code == "P0001" && message == format!("{table} is append-only")),
                "nor may anybody: {change}: {message}"
            );
        }
    }
}
