//! The statement of account: sums of the ledger, by the account's calendar, for its holder alone.

use reqwest::StatusCode;
use sqlx::AssertSqlSafe;

use crate::support::House;

/// An entry in Thandeka's ledger, or her company's, at an instant.
async fn enter(house: &House, whose: &str, at: &str, kind: &str, cents: i64, description: &str) {
    sqlx::query(
        "with account as (
             insert into accounts (id, member_id, company_id)
             select gen_random_uuid(), case when $1 = 'own' then m.id end, case when $1 <> 'own' then c.id end
             from members m, companies c where m.email = 'thandeka@example.com'
             on conflict do nothing returning id),
         found as (
             select id from account union all
             select a.id from accounts a left join members m on m.id = a.member_id
             where case when $1 = 'own' then m.email = 'thandeka@example.com' else a.company_id is not null end)
         insert into ledger_entries (id, account_id, kind, cents, description, created_at)
         select gen_random_uuid(), id, $3, $4, $5, $2::timestamptz from found limit 1",
    )
    .bind(whose)
    .bind(at)
    .bind(kind)
    .bind(cents)
    .bind(description)
    .execute(&house.db)
    .await
    .unwrap();
}

async fn slug(house: &House) -> String {
    house.one("select slug from companies").await
}

#[tokio::test]
async fn a_month_begins_and_ends_at_the_accounts_midnight() {
    let house = House::open().await;
    // In Durban, two hours ahead of UTC: 31 October 23:59, 1 November 00:00, 30 November 23:59, 1 December 00:00.
    for (at, cents) in [
        ("2026-10-31T21:59:59Z", 10_000),
        ("2026-10-31T22:00:00Z", 1_000),
        ("2026-11-30T21:59:59Z", 100),
        ("2026-11-30T22:00:00Z", 10),
    ] {
        enter(&house, "own", at, "charge", cents, "Desk").await;
    }
    let thandeka = house.member("thandeka").await;
    let page = thandeka.get("/statement?month=2026-11").await;
    let text = page.text().replace('\u{a0}', " ");
    assert!(text.contains("1 Nov 2026 to 30 Nov 2026"), "{text}");
    assert!(text.contains("Opening balance R100.00"), "{text}");
    assert!(
        text.contains("Closing balance R11.00 R0.00 R111.00"),
        "{text}"
    );
    assert!(text.contains("Due now, at reception R111.10"), "{text}");
    assert!(!text.to_lowercase().contains("tax invoice,") && text.contains("no tax invoice"));
    let api = house.api("thandeka").await;
    let october = api
        .get("/statement?from=2026-10-01&until=2026-11-01")
        .await
        .json;
    assert_eq!(
        (&october["opening_cents"], &october["closing_cents"]),
        (&0.into(), &10_000.into())
    );
    let one_day = api
        .get("/statement?from=2026-11-30&until=2026-12-01")
        .await
        .json;
    assert_eq!(one_day["entries"].as_array().unwrap().len(), 1, "{one_day}");
    assert_eq!(one_day["entries"][0]["date"], "2026-11-30");
    let this_month = api.get("/statement").await.json;
    assert_eq!(
        (&this_month["from"], &this_month["until"]),
        (&"2026-11-01".into(), &"2026-12-01".into())
    );
    for wrong in ["from=2026-11-02&until=2026-11-02", "from=moon"] {
        let refused = api.get(&format!("/statement?{wrong}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }

    // Her home is Chicago now, seven hours behind: October ends later.
    house.run("update members set home_location_id = (select id from locations where slug = 'chicago') where email = 'thandeka@example.com'").await;
    let there = api
        .get("/statement?from=2026-10-01&until=2026-11-01")
        .await
        .json;
    assert_eq!(there["entries"].as_array().unwrap().len(), 2, "{there}");
}

#[tokio::test]
async fn every_entry_with_the_balance_after_it() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka
        .book("lighthouse", "2026-11-26", "09:00", "10:30")
        .await;
    let month: String = house.one("select to_char(created_at at time zone 'Africa/Johannesburg', 'YYYY-MM') from ledger_entries").await;
    thandeka
        .post(
            &format!("/bookings/{reference}/cancellation"),
            &[("note", "")],
        )
        .await;
    let text = thandeka
        .get(&format!("/statement?month={month}"))
        .await
        .text()
        .replace('\u{a0}', " ");
    let charge = format!(
        "Charge: Booking {reference} Lighthouse, Musgrave, 26 Nov 2026, 09:00–10:30 {reference} R300.00 R300.00"
    );
    assert!(text.contains(&charge), "{text}");
    assert!(
        text.contains("Nothing is due") || text.contains("Due now R0.00"),
        "{text}"
    );
    let page = thandeka.get(&format!("/statement?month={month}")).await;
    assert!(page.links().contains(&format!("/bookings/{reference}")));
    let empty = house.member("sipho").await.get("/statement").await;
    assert!(
        empty.says("Nothing was charged or paid"),
        "{}",
        empty.text()
    );
}

#[tokio::test]
async fn a_company_s_is_for_its_admins() {
    let house = House::open().await;
    enter(
        &house,
        "company",
        "2026-11-03T08:00:00Z",
        "charge",
        46_000,
        "Boardroom",
    )
    .await;
    enter(
        &house,
        "company",
        "2026-11-05T08:00:00Z",
        "payment",
        -46_050,
        "EFT",
    )
    .await;
    let slug = slug(&house).await;
    let thandeka = house.member("thandeka").await;
    let page = thandeka
        .get(&format!("/statement?month=2026-11&company={slug}"))
        .await;
    assert!(
        page.says("Boardroom") && page.says("In credit R0.50") && page.says("Umoya Designs"),
        "{}",
        page.text()
    );
    assert!(
        !thandeka
            .get("/statement?month=2026-11")
            .await
            .says("Boardroom")
    );
    for name in ["sipho", "priya", "nomsa"] {
        let person = house.member(name).await;
        for path in ["/statement", "/statement.csv"] {
            let answer = person.get(&format!("{path}?company={slug}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}: {path}");
        }
        let api = house
            .api(name)
            .await
            .get(&format!("/statement?company={slug}"))
            .await;
        assert_eq!(api.status, StatusCode::NOT_FOUND, "{name}");
    }
    assert_eq!(
        house.visitor().get("/statement.csv").await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_table_for_accountants_holds_no_formula() {
    let house = House::open().await;
    enter(
        &house,
        "own",
        "2026-11-03T08:00:00Z",
        "charge",
        124_050,
        "=HYPERLINK(\"https://evil.example\")",
    )
    .await;
    enter(
        &house,
        "own",
        "2026-11-04T08:00:00Z",
        "payment",
        -200_000,
        "@SUM(A1), \"EFT\"",
    )
    .await;
    let answer = house
        .member("thandeka")
        .await
        .get("/statement.csv?month=2026-11")
        .await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"statement-2026-11.csv\""
    );
    let lines: Vec<&str> = answer.html.split("\r\n").collect();
    assert_eq!(
        lines,
        [
            "\u{feff}Date,Kind,Description,For,Booked for,Reference,Charge,Payment or credit,Balance",
            "2026-11-01,Opening balance,,,,,,,0.00",
            "2026-11-03,Charge,\"'=HYPERLINK(\"\"https://evil.example\"\")\",,,,1240.50,,1240.50",
            "2026-11-04,Payment,\"'@SUM(A1), \"\"EFT\"\"\",,,,,2000.00,-759.50",
            "2026-11-30,Closing balance,,,,,,,-759.50",
            "",
        ]
    );
}

#[tokio::test]
async fn every_statement_of_the_sample_adds_up_to_the_ledger() {
    use chrono::{Months, NaiveDate};
    use connect_space::{
        billing::statement::{Holder, Period, Statement},
        money::Money,
        time::Zone,
    };

    let house = House::sample().await;
    let zone = Zone::named("Africa/Johannesburg").unwrap();
    let holders: Vec<(Option<uuid::Uuid>, Option<uuid::Uuid>, i64, i64)> =
        sqlx::query_as(AssertSqlSafe(
            "select a.member_id, a.company_id, coalesce(sum(e.cents), 0)::bigint, count(e.id)
         from accounts a left join ledger_entries e on e.account_id = a.id group by a.id",
        ))
        .fetch_all(&house.db)
        .await
        .unwrap();
    assert!(
        holders.len() > 60
            && holders
                .iter()
                .any(|(_, company, _, entries)| company.is_some() && *entries > 0)
    );
    let mut db = house.app.db.acquire().await.unwrap();
    let first = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap();
    for (member, company, sum, entries) in holders {
        let holder = match (member, company) {
            (Some(member), _) => Holder::Member(member.into()),
            (_, company) => Holder::Company(company.unwrap().into()),
        };
        let (mut balance, mut count) = (Money::ZERO, 0);
        for month in 0..9 {
            let period = Period::month_of(first.checked_add_months(Months::new(month)).unwrap());
            let statement = Statement::of(&mut db, holder, period, zone).await.unwrap();
            assert_eq!(statement.opening, balance, "{holder:?} {period:?}");
            for line in &statement.lines {
                balance = balance + line.amount;
                assert_eq!(line.balance, balance);
                assert!(period.from <= line.date && line.date < period.until);
            }
            assert_eq!(statement.closing, balance);
            assert_eq!(
                statement.opening + statement.charged() - statement.credited(),
                balance
            );
            assert_eq!(statement.due, Money::cents(sum));
            count += statement.lines.len() as i64;
        }
        assert_eq!((balance, count), (Money::cents(sum), entries), "{holder:?}");
    }
}
