//! `connect-space doctor` sees what is wrong with an installation and says what to do.

use std::process::Output;

use crate::support::{House, program};

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_what_is_well_and_what_to_do() {
    let house = House::open().await;
    let port = program::free_port().await.to_string();
    let settings = [
        ("PORT", port.as_str()),
        ("PUBLIC_URL", "https://desks.example"),
    ];
    let looked = program::run(&house, &["doctor"], &settings);
    let text = said(&looked);
    for well in [
        "is new enough, in UTF-8, with btree_gist",
        "its clock and ours are 0.0 s apart",
        "the site's role changes rows only",
        "changes can be heard",
        "the tables are up to date",
        "nothing is booked twice, and the constraints that see to it are there",
    ] {
        assert!(
            text.contains(&format!("  {well}")) || text.contains(well),
            "{well}: {text}"
        );
    }
    for wrong in [
        "WRONG   no mail leaves: no mail server is configured: set SMTP_URL",
        "notice  the proxy in front is not named",
        "→ set TRUSTED_PROXIES",
        "WRONG   fsync, full_page_writes or synchronous_commit is off",
        &format!("notice  nobody serves at 127.0.0.1:{port}"),
    ] {
        assert!(text.contains(wrong), "{wrong}: {text}");
    }
    assert!(!looked.status.success(), "it cannot serve like this");

    house
        .run(
            "alter table occupancies drop constraint occupancies_never_overlap;
             insert into jobs (id, payload, run_at) values (gen_random_uuid(), '{\"kind\": \"link\"}', now() - interval '1 hour');
             delete from staff where role = 'owner'",
        )
        .await;
    let text = said(&program::run(&house, &["doctor"], &settings));
    for wrong in [
        "WRONG   0 overlaps, and 1 of 2 constraints against them",
        "nobody does them",
        "→ start connect-space work",
        "nobody owns this house yet",
    ] {
        assert!(text.contains(wrong), "{wrong}: {text}");
    }
    house
        .run("insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (9999, 'later', true, '', 0)")
        .await;
    let text = said(&program::run(&house, &["doctor"], &settings));
    assert!(
        text.contains("newer than this program: it has migration 9999"),
        "{text}"
    );
}

#[test]
fn it_makes_nothing() {
    let folder = std::env::temp_dir().join(format!("connect-space-none-{}", std::process::id()));
    let looked = program::command(&["doctor"])
        .env("DATA_DIR", &folder)
        .output()
        .unwrap();
    assert!(
        said(&looked).contains("there is no data yet"),
        "{}",
        said(&looked)
    );
    assert!(!looked.status.success() && !folder.exists());
}
