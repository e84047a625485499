//! A PostgreSQL of our own with its default durability, and in it two houses: one of many years, one that is new.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use connect_space::clock::Clock;
use connect_space::database;
use connect_space::embedded::{APP, Embedded, OWNER};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

const SUPERUSER: &str = "postgres";
/// Booked hours of a day and space, so that a month has as many bookings in both houses.
const HOURS: u32 = 3;
/// A month of them.
pub const FEW: u32 = 10_000;

pub struct House {
    server: Embedded,
    folder: Folder,
    /// The process that all of the server's are children of.
    pub postmaster: u32,
    /// `15.14`
    pub version: String,
    /// With three hundred bookings at one location.
    pub day: NaiveDate,
    /// Until the day before.
    pub today: NaiveDate,
}

impl House {
    pub async fn open() -> Result<House> {
        let below = std::env::var_os("TMPDIR").map_or_else(|| "/var/tmp".into(), PathBuf::from);
        let folder = Folder(below.join(format!("connect-space-bench-{}", std::process::id())));
        let server = Embedded::start(&folder.0, &[])?;
        let mut admin = PgConnection::connect_with(&server.options(SUPERUSER, "postgres")).await?;
        let (pid, version): (String, String) = sqlx::query_as(
            "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1), split_part(current_setting('server_version'), ' ', 1)",
        )
        .fetch_one(&mut admin)
        .await?;
        let today = Clock::system().now().date_naive();
        Ok(House {
            postmaster: pid.trim().parse()?,
            version,
            day: wednesday_after(today + Days::new(2)),
            today,
            server,
            folder,
        })
    }

    pub fn folder(&self) -> &Path {
        &self.folder.0
    }

    /// Makes a database with so many past bookings.
    pub async fn fill(&self, name: &'static str, past: u32) -> Result<()> {
        let mut admin = self.admin("postgres").await?;
        for sql in [
            format!("create database {name} owner {OWNER}"),
            format!("revoke all on database {name} from public"),
            format!("grant connect on database {name} to {APP}"),
        ] {
            admin.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
        }
        let owner = self.server.options(OWNER, name);
        database::migrate(&owner, APP).await?;
        let mut owner = PgConnection::connect_with(&owner).await?;
        let house = include_str!("../tests/support/house.sql");
        owner.execute(sqlx::raw_sql(house)).await?;
        owner.close().await?;

        let mut admin = self.admin(name).await?;
        let wanted = "select set_config('house.past', $1, false), set_config('house.hours', $2, false),
                             set_config('house.last', $3, false), set_config('house.day', $4, false)";
        sqlx::query(wanted)
            .bind(past.to_string())
            .bind(HOURS.to_string())
            .bind((self.today - Days::new(1)).to_string())
            .bind(self.day.to_string())
            .execute(&mut admin)
            .await?;
        let million = include_str!("../tests/support/million.sql");
        admin.execute(sqlx::raw_sql(million)).await?;
        let day = include_str!("day.sql");
        admin.execute(sqlx::raw_sql(day)).await?;
        admin.execute("vacuum analyze").await?;
        admin.execute("checkpoint").await?;
        admin.close().await?;
        Ok(())
    }

    /// A connection that may do everything.
    pub async fn admin(&self, database: &str) -> Result<PgConnection> {
        let options = self.server.options(SUPERUSER, database);
        Ok(PgConnection::connect_with(&options).await?)
    }

    pub fn as_site(&self, database: &str) -> PgConnectOptions {
        self.server.options(APP, database)
    }

    pub fn socket_folder(&self) -> Result<PathBuf> {
        let options = self.server.options(SUPERUSER, "postgres");
        options
            .get_socket()
            .cloned()
            .context("a private server has a socket")
    }

    /// As `DATABASE_URL` has it.
    pub fn url(&self, role: &str, database: &str) -> Result<String> {
        let socket = self.socket_folder()?;
        Ok(format!(
            "postgres://{role}@localhost/{database}?host={}",
            socket.display()
        ))
    }
}

/// Taken away when this is dropped, after the server in it has stopped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn wednesday_after(date: NaiveDate) -> NaiveDate {
    let dates = date.iter_days();
    let mut wednesdays = dates.skip(1).filter(|date| date.weekday() == Weekday::Wed);
    wednesdays.next().unwrap_or(date)
}
