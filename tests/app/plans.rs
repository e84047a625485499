//! How PostgreSQL answers what is asked most, after a million bookings: by indexes, and reading about as much as
//! is shown.

use std::time::Instant;

use crate::support::{House, Person, key, log_of};

/// What grows with the years, and is never read as a whole.
const LARGE: [&str; 5] = [
    "members",
    "accounts",
    "bookings",
    "occupancies",
    "ledger_entries",
];

/// Rows that one step of a plan may read for a page. A month of reports reads what it counts.
const MANY: f64 = 5_000.0;

/// One step of a plan that was carried out.
#[derive(Debug)]
struct Step {
    /// `Index Scan using bookings_pkey on bookings b`
    what: String,
    /// How the query begins.
    query: String,
    /// Rows in all its rounds, with those that were read and left out.
    rows: f64,
}

impl Step {
    /// `->  Seq Scan on bookings b  (cost=…) (actual time=0.01..0.02 rows=3 loops=1)`, and below it what it left out.
    fn all(log: &str) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let mut rounds = 1.0;
        let mut query = "";
        for line in log.lines() {
            let number = |after: &str| -> Option<f64> {
                let rest = &line[line.find(after)? + after.len()..];
                let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
                rest[..end.unwrap_or(rest.len())].parse().ok()
            };
            if let Some((_, text)) = line.split_once("Query Text: ") {
                query = text;
            }
            let left_out = number("Rows Removed by Filter: ")
                .or(number("Rows Removed by Index Recheck: "))
                .or(number("Rows Removed by Join Filter: "));
            if let (Some(rows), Some(last)) = (left_out, steps.last_mut()) {
                last.rows += rows * rounds;
            }
            let Some((what, _)) = line.split_once("  (cost=") else {
                continue;
            };
            rounds = number(" loops=").unwrap_or(0.0);
            let actual = line.rfind("(actual").unwrap_or(0);
            let rows = line[actual..].split("rows=").nth(1);
            let rows = rows.and_then(|rows| rows.split(' ').next()?.parse::<f64>().ok());
            steps.push(Step {
                what: what.trim().trim_start_matches("->  ").to_owned(),
                query: query.chars().take(90).collect(),
                rows: rows.unwrap_or(0.0) * rounds,
            });
        }
        steps
    }

    fn reads_all_of_a_large_table(&self) -> bool {
        let table = self.what.split("Seq Scan on ").nth(1);
        let table = table.and_then(|table| table.split(' ').next());
        table.is_some_and(|table| LARGE.contains(&table))
    }
}

/// What is asked of the site, what was slow in it, and what is wrong with that.
struct Trial {
    house: House,
    seen: usize,
    wrong: Vec<String>,
}

impl Trial {
    async fn open() -> Trial {
        let house = House::of_a_million().await;
        let name = house.database.name();
        for setting in [
            "session_preload_libraries = 'auto_explain'",
            "auto_explain.log_min_duration = 0",
            "auto_explain.log_analyze = on",
            "auto_explain.log_timing = off",
            "auto_explain.log_nested_statements = on",
        ] {
            let alter = format!("alter database {name} set {setting}");
            sqlx::raw_sql(sqlx::AssertSqlSafe(alter))
                .execute(&house.db)
                .await
                .unwrap();
        }
        Trial {
            house,
            seen: 0,
            wrong: Vec::new(),
        }
    }

    /// Reads what the server has logged since, on behalf of something that is done often.
    fn look(&mut self, what: &str, most: f64, start: Instant) {
        let took = start.elapsed();
        let log = log_of(self.house.database.name());
        let steps = Step::all(&log[self.seen..]);
        self.seen = log.len();
        assert!(!steps.is_empty(), "no plan was seen for {what}");
        let largest = steps.iter().map(|step| step.rows).fold(0.0, f64::max);
        println!(
            "{what}: {} steps, at most {largest} rows in one, {took:?}",
            steps.len()
        );
        for step in steps {
            if step.reads_all_of_a_large_table() || step.rows > most {
                self.wrong.push(format!(
                    "{what}: {} reads {} rows for {}",
                    step.what, step.rows, step.query
                ));
            }
        }
    }

    async fn page(&mut self, person: &Person, path: &str) {
        self.page_of(person, path, MANY).await;
    }

    async fn page_of(&mut self, person: &Person, path: &str, most: f64) {
        let start = Instant::now();
        let page = person.get(path).await;
        assert!(page.status.is_success(), "{path}: {}", page.status);
        self.look(path, most, start);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_million_bookings_no_page_reads_much_more_than_it_shows() {
    let mut trial = Trial::open().await;
    let visitor = trial.house.visitor();
    let member = trial.house.member("member-4711").await;
    let staff = trial.house.member("nomsa").await;
    trial
        .house
        .run("update staff set role = 'owner', location_id = null")
        .await;

    for path in [
        "/spaces?location=musgrave&date=2026-11-25",
        "/spaces?location=musgrave&date=2026-11-25&view=day",
        "/spaces?date=2026-11-25&from=09:00&until=11:00&people=8",
        "/spaces/pier?date=2026-11-25",
    ] {
        trial.page(&visitor, path).await;
    }

    let start = Instant::now();
    let held = member.hold("pier", "2026-11-25", "09:00", "10:00").await;
    trial.look("a hold", MANY, start);
    let start = Instant::now();
    let reference = member.confirm(&held).await;
    trial.look("a booking", MANY, start);
    let start = Instant::now();
    trial.house.deliver_mail().await;
    trial.look("the jobs after it", MANY, start);
    for path in [
        "/bookings",
        &format!("/bookings/{reference}"),
        "/today",
        "/statement",
    ] {
        trial.page(&member, path).await;
    }

    for path in [
        "/admin",
        "/admin/day?location=musgrave&date=2026-11-20",
        "/admin/arrivals?q=mem",
        "/admin/week?location=musgrave&date=2026-11-20",
        "/admin/bookings",
        "/admin/bookings?sort=latest",
        "/admin/bookings?q=bamo+luda",
        "/admin/bookings?q=b",
        "/admin/bookings?q=pier",
        "/admin/bookings?q=4711",
        &format!("/admin/bookings?q={reference}"),
        "/admin/bookings?status=no_show&sort=latest",
        "/admin/members",
        "/admin/members?q=bamo",
        "/admin/members?q=b",
        &format!("/admin/bookings/new?when=wed+9-11&who=bamo&key={}", key()),
        &format!("/admin/bookings/{reference}"),
    ] {
        trial.page(&staff, path).await;
    }
    // What they count are the bookings of 30 days, about 33 000, and when each member came first and last.
    trial
        .page_of(
            &staff,
            "/admin/reports?first=2026-10-01&last=2026-10-30",
            120_000.0,
        )
        .await;

    assert!(trial.wrong.is_empty(), "{:#?}", trial.wrong);
}

#[test]
fn what_a_step_reads_is_counted_with_what_it_leaves_out() {
    let log = "Limit  (cost=0.42..8.44 rows=1 width=16) (actual rows=1 loops=1)\n\
               \x20 ->  Seq Scan on bookings b  (cost=0.00..99.00 rows=9 width=16) (actual rows=2 loops=3)\n\
               \x20       Filter: (people > 3)\n\
               \x20       Rows Removed by Filter: 7";
    let steps = Step::all(log);
    assert_eq!(steps.len(), 2, "{steps:?}");
    assert!(!steps[0].reads_all_of_a_large_table());
    assert!(steps[1].reads_all_of_a_large_table());
    assert!((steps[1].rows - 27.0).abs() < 0.1, "{steps:?}");
}
