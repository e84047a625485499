//! A test house whose people are clients: each test opens one of its own, with a database, the real
//! server on a port of this machine, and a clock that stands still.

#![allow(dead_code, unused_imports, reason = "no test binary uses everything")]

mod cluster;
pub mod full_day;
mod page;
mod person;
pub mod program;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use connect_space::{
    app::{self, App},
    clock::Clock,
    config::Config,
    database,
    lifecycle::{Lifecycle, Phase},
    live::Live,
    mail::{Kept, Mailer},
    server,
    sessions::token,
    worker,
};
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::net::TcpListener;

pub use cluster::{PASSWORD, admin, log_of};
pub use page::{Form, Page};
pub use person::{Answer, Api, Person, key};

use cluster::{Database, Filling};

/// When every house opens unless a test says otherwise: Tuesday 24 November 2026, 06:30 in Durban,
/// which is half an hour before the doors open.
pub const MORNING: &str = "2026-11-24T04:30:00Z";

/// As on a small machine, so that requests have to wait for connections.
const POOL: u32 = 4;

pub struct House {
    pub app: App,
    /// For what no page does: looking into tables, making rows old, breaking things. It may do everything.
    pub db: PgPool,
    /// `http://127.0.0.1:…`
    pub url: String,
    pub database: Database,
}

impl House {
    /// The small house: two desks, four rooms and an office in Musgrave, a room and a desk each in
    /// Chicago and Paris, and four people (see `house.sql`).
    pub async fn open() -> House {
        House::open_at(MORNING).await
    }

    /// The small house at another time, as RFC 3339.
    pub async fn open_at(now: &str) -> House {
        let database = Database::new(Filling::Small).await;
        House::with(database, false, instant(now)).await
    }

    /// The small house, whose site reaches PostgreSQL through a socket in another folder.
    pub async fn open_behind(folder: &Path) -> House {
        let database = Database::new(Filling::Small).await.behind(folder);
        House::with(database, false, instant(MORNING)).await
    }

    /// Where PostgreSQL's own socket is.
    pub fn socket_folder() -> PathBuf {
        cluster::socket_folder()
    }

    /// The sample data that `connect-space serve --sample` fills in.
    pub async fn sample() -> House {
        let now = instant(MORNING);
        let database = Database::new(Filling::Sample(now)).await;
        House::with(database, true, now).await
    }

    /// The small house after many years: 110 spaces, 100 000 members, and a million bookings up to yesterday.
    pub async fn of_a_million() -> House {
        let database = Database::new(Filling::Million).await;
        House::with(database, false, instant(MORNING)).await
    }

    async fn with(database: Database, sample: bool, now: DateTime<Utc>) -> House {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = Config {
            port: listener.local_addr().unwrap().port(),
            ..Config::default()
        };
        let db = database::pool(database.as_site(), POOL);
        let app = App {
            mailer: Mailer::new(None, config.mail_from(), true, &db).unwrap(),
            db,
            clock: Clock::fixed(now),
            config: Arc::new(config),
            lifecycle: Lifecycle::starting(),
            limits: Arc::default(),
            live: Live::default(),
            metrics: Arc::default(),
            sample,
        };
        app.lifecycle.enter(Phase::Ready);
        tokio::spawn(app.live.clone().run(database::direct(database.as_site())));
        let (router, lifecycle) = (app::router(app.clone()), app.lifecycle.clone());
        tokio::spawn(async move { server::serve(&listener, router, &lifecycle).await });
        House {
            url: app.config.public_url().to_string(),
            db: PgPoolOptions::new()
                .max_connections(4)
                .connect_lazy_with(database.as_superuser()),
            app,
            database,
        }
    }

    /// Somebody who has never been here.
    pub fn visitor(&self) -> Person {
        Person::new(&self.url)
    }

    /// A member who is signed in: the first part of their address at example.com, or, in the sample,
    /// at connect.example. Staff are members too.
    pub async fn member(&self, name: &str) -> Person {
        let person = self.visitor();
        person.sign_in_as(&self.app, &self.address(name)).await;
        person
    }

    /// A program that acts for a member, by a token.
    pub async fn api(&self, name: &str) -> Api {
        let mut tx = self.db.begin().await.unwrap();
        let token = token::make(&mut tx, &self.address(name), "test")
            .await
            .unwrap();
        tx.commit().await.unwrap();
        Api::new(
            &self.url,
            &token.unwrap_or_else(|| panic!("nobody is called {name}")),
        )
    }

    /// So many more members, and their names.
    pub async fn crowd(&self, count: i32) -> Vec<String> {
        let more = "insert into members (id, name, email) select gen_random_uuid(), 'Member ' || n, 'member-' || n || '@example.com'
                    from generate_series(1, $1) n";
        sqlx::query(more)
            .bind(count)
            .execute(&self.db)
            .await
            .unwrap();
        (1..=count)
            .map(|number| format!("member-{number}"))
            .collect()
    }

    pub fn address(&self, name: &str) -> String {
        format!(
            "{name}@{}",
            if self.app.sample {
                "connect.example"
            } else {
                "example.com"
            }
        )
    }

    /// Does all jobs that are due, and says how many there were.
    pub async fn deliver_mail(&self) -> usize {
        worker::drain(&self.app).await.unwrap()
    }

    /// What an address was sent so far, the newest first.
    pub async fn mails(&self, to: &str) -> Vec<Kept> {
        Kept::newest(&self.db, Some(to), None).await.unwrap()
    }

    /// Delivers what is due, and gives the path of the link in the newest mail to an address.
    pub async fn link_mailed_to(&self, to: &str) -> String {
        self.path_mailed_to(to, "/links/").await
    }

    /// The same of another kind of link, by how its path begins.
    pub async fn path_mailed_to(&self, to: &str, beginning: &str) -> String {
        self.deliver_mail().await;
        let mails = self.mails(to).await;
        let mail = mails.first().unwrap_or_else(|| panic!("no mail to {to}"));
        let at = mail
            .text
            .find(beginning)
            .unwrap_or_else(|| panic!("no link in {}", mail.text));
        mail.text[at..]
            .split_whitespace()
            .next()
            .unwrap()
            .to_owned()
    }

    /// One value from the database.
    pub async fn one<T>(&self, sql: &'static str) -> T
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        sqlx::query_scalar(sql)
            .fetch_one(&self.db)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Changes the database directly.
    pub async fn run(&self, sql: &'static str) {
        sqlx::raw_sql(sql)
            .execute(&self.db)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.app.lifecycle.enter(Phase::Leaving);
    }
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}
