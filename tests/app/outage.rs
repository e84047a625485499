//! The database goes away and comes back.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use tokio::net::{UnixListener, UnixStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::support::{House, Person};

/// Stands between the site and PostgreSQL, and can be cut.
struct Cable {
    folder: PathBuf,
    server: PathBuf,
    plugged: Option<JoinHandle<()>>,
}

impl Cable {
    fn new(name: &str) -> Cable {
        let folder =
            std::env::temp_dir().join(format!("connect-space-cable-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut cable = Cable {
            folder,
            server: House::socket_folder().join(".s.PGSQL.5432"),
            plugged: None,
        };
        cable.plug();
        cable
    }

    fn plug(&mut self) {
        let socket = self.folder.join(".s.PGSQL.5432");
        let _ = std::fs::remove_file(&socket);
        let (listener, server) = (UnixListener::bind(socket).unwrap(), self.server.clone());
        self.plugged = Some(tokio::spawn(async move {
            // Its connections end with it.
            let mut connections = JoinSet::new();
            loop {
                let (mut ours, _) = listener.accept().await.unwrap();
                let mut theirs = UnixStream::connect(&server).await.unwrap();
                connections.spawn(async move {
                    tokio::io::copy_bidirectional(&mut ours, &mut theirs).await
                });
            }
        }));
    }

    /// Nobody answers any more, and what was said breaks off.
    async fn cut(&mut self) {
        if let Some(plugged) = self.plugged.take() {
            plugged.abort();
            let _ = plugged.await;
        }
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn recovers(person: &Person, path: &str) -> Duration {
    let begun = Instant::now();
    while person.get(path).await.status != StatusCode::OK {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "the database has long been back"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_database_there_is_a_page_that_says_so() {
    let mut cable = Cable::new("page");
    let house = House::open_behind(&cable.folder).await;
    let (thandeka, api) = (house.member("thandeka").await, house.api("thandeka").await);
    thandeka
        .book("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    cable.cut().await;
    let begun = Instant::now();
    let (list, space, held, read, booked, ready) = tokio::join!(
        thandeka.get("/bookings"),
        thandeka.get("/spaces/lighthouse"),
        thandeka.hold("pier", "2026-11-24", "09:00", "10:00"),
        api.get("/bookings"),
        api.book("pier", "2026-11-24T09:00", "2026-11-24T10:00"),
        thandeka.get("/readyz"),
    );
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    for page in [list, space, held] {
        assert_eq!(
            page.status,
            StatusCode::SERVICE_UNAVAILABLE,
            "{}",
            page.text()
        );
        assert!(page.says("Back in a moment"), "{}", page.text());
        assert!(!page.header("retry-after").is_empty());
    }
    for answer in [read, booked] {
        let said = (answer.status, answer.problem());
        assert_eq!(
            said,
            (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            "{answer:?}"
        );
        assert!(answer.headers.contains_key("retry-after"));
    }
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(thandeka.get("/healthz").await.status, StatusCode::OK);

    cable.plug();
    recovers(&thandeka, "/bookings").await;
    assert!(thandeka.get("/bookings").await.says("Lighthouse"));
    assert_eq!(thandeka.get("/readyz").await.status, StatusCode::OK);
    thandeka.book("pier", "2026-11-24", "09:00", "10:00").await;
    assert_eq!(house.one::<i64>("select count(*) from bookings").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_postgresql_ends_are_made_anew() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    for _ in 0..3 {
        house
            .run(
                "select pg_terminate_backend(pid) from pg_stat_activity
                 where datname = current_database() and application_name = 'connect-space'",
            )
            .await;
        let page = thandeka.get("/bookings").await;
        assert!(
            [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE].contains(&page.status),
            "{}",
            page.status
        );
        recovers(&thandeka, "/bookings").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_pool_is_busy_and_empties() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(house.app.db.acquire().await.unwrap());
    }
    let begun = Instant::now();
    let page = thandeka.get("/bookings").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        (1..4).contains(&begun.elapsed().as_secs()),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(thandeka.get("/healthz").await.status, StatusCode::OK);
    drop(all);
    recovers(&thandeka, "/bookings").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_people_give_up_leave_nothing_behind() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    for round in 0..30_u64 {
        let (thandeka, at) = (thandeka.clone(), format!("{:02}:00", 9 + round % 8));
        let asking = tokio::spawn(async move {
            thandeka
                .hold("lighthouse", "2026-11-24", &at, "18:00")
                .await
        });
        tokio::time::sleep(Duration::from_millis(round)).await;
        asking.abort();
    }
    recovers(&thandeka, "/bookings").await;
    let open = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'";
    let begun = Instant::now();
    while house.one::<i64>(open).await > 0 {
        assert!(
            begun.elapsed() < Duration::from_secs(3),
            "a transaction was left open"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    thandeka
        .book("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    assert_eq!(
        house
            .one::<i64>("select count(*) from occupancies where active")
            .await,
        1
    );
}
