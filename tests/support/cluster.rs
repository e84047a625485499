//! One PostgreSQL for all tests of this working copy, and in it a database for each test.
//!
//! The server is left running when the tests end, so that the next run joins it at once; one that was
//! killed meanwhile is started again. Its folder under the system's temporary one may be deleted.

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use connect_space::embedded::{APP, Embedded, OWNER};
use connect_space::sessions::{credentials, limits::Limits};
use connect_space::{database, demo};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::runtime::Builder;
use uuid::Uuid;

/// The tests may lose everything; they may not wait.
const SETTINGS: [&str; 5] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
    "log_line_prefix=%d ",
];

const SUPERUSER: &str = "postgres";

/// Everybody's, in the small house.
pub const PASSWORD: &str = "durban-sunrise-2026";

/// What a test's database holds at first.
#[derive(Clone, Copy, Debug)]
pub enum Filling {
    /// The few rows of `house.sql`.
    Small,
    /// The sample data, as made at an instant.
    Sample(DateTime<Utc>),
    /// The small house after many years, with the million bookings of `million.sql`.
    Million,
}

/// The database of one test, dropped with this.
pub struct Database {
    name: String,
    /// Where the site looks for the server's socket, if not where it is.
    socket_folder: Option<PathBuf>,
}

impl Database {
    pub async fn new(filling: Filling) -> Database {
        let template = template(filling).await;
        let name = format!("house_{}", Uuid::now_v7().simple());
        let mut admin = admin().await;
        run(
            &mut admin,
            format!("create database {name} template {template} owner {OWNER} strategy file_copy"),
        )
        .await;
        run(&mut admin, format!("revoke all on database {name} from public; grant connect on database {name} to {APP}")).await;
        Database {
            name,
            socket_folder: None,
        }
    }

    pub fn behind(mut self, socket_folder: &Path) -> Database {
        self.socket_folder = Some(socket_folder.to_owned());
        self
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// As the site connects.
    pub fn as_site(&self) -> PgConnectOptions {
        let options = server().options(APP, &self.name);
        match &self.socket_folder {
            Some(folder) => options.socket(folder),
            None => options,
        }
    }

    /// As one who may do what the site may not: change tables, and what is append-only.
    pub fn as_superuser(&self) -> PgConnectOptions {
        server().options(SUPERUSER, &self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let sql = AssertSqlSafe(format!(
            "drop database if exists {} with (force)",
            self.name
        ));
        // With a runtime of its own, since the test's may be ending.
        let dropping = std::thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { admin().await.execute(sqlx::raw_sql(sql)).await.is_ok() })
        });
        let _ = dropping.join();
    }
}

/// A connection that is in no test's database.
pub async fn admin() -> PgConnection {
    PgConnection::connect_with(&server().options(SUPERUSER, "postgres"))
        .await
        .expect("the tests' PostgreSQL answers")
}

async fn run(connection: &mut PgConnection, sql: String) {
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(sql.clone())))
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Never dropped, so it never stops.
fn server() -> &'static Embedded {
    static SERVER: OnceLock<Embedded> = OnceLock::new();
    SERVER.get_or_init(|| {
        Embedded::start(&folder(), &SETTINGS).expect("PostgreSQL for the tests starts")
    })
}

pub fn socket_folder() -> PathBuf {
    server()
        .options(SUPERUSER, "postgres")
        .get_socket()
        .expect("a private server has a socket")
        .clone()
}

/// What the server wrote of one database, each line without its name.
pub fn log_of(database: &str) -> String {
    let log = std::fs::read(folder().join("postgres/log")).unwrap();
    let prefix = format!("{database} ");
    let mut ours = false;
    let lines = String::from_utf8_lossy(&log);
    let lines = lines.lines().filter_map(|line| {
        // What belongs to a line above it begins with a tab.
        if let (Some(more), true) = (line.strip_prefix('\t'), ours) {
            return Some(more);
        }
        let own = line.strip_prefix(&prefix);
        ours = own.is_some();
        own
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn folder() -> PathBuf {
    let key = hash(env!("CARGO_MANIFEST_DIR"));
    std::env::temp_dir().join(format!("connect-space-tests-{key}"))
}

/// The name of the database to copy, made by the first test that needs it after each build.
async fn template(filling: Filling) -> String {
    let name = match filling {
        Filling::Small => format!("template_{}_small", build()),
        Filling::Million => format!("template_{}_million", build()),
        Filling::Sample(now) => format!("template_{}_sample_{}", build(), now.timestamp()),
    };
    server();
    let lock = File::create(folder().join("templates.lock")).unwrap();
    lock.lock().unwrap();
    let mut admin = admin().await;
    let known = sqlx::query("select from pg_database where datname = $1")
        .bind(&name)
        .fetch_optional(&mut admin)
        .await;
    if known.unwrap().is_none() {
        forget_old(&mut admin).await;
        let new = format!("{name}_new");
        run(&mut admin, format!("create database {new} owner {OWNER}")).await;
        fill(&new, filling).await;
        run(&mut admin, format!("alter database {new} rename to {name}")).await;
    }
    name
}

async fn fill(name: &str, filling: Filling) {
    let owner = server().options(OWNER, name);
    database::migrate(&owner, APP)
        .await
        .expect("the migrations run");
    let hash = credentials::hash(&Limits::default(), PASSWORD.to_owned())
        .await
        .unwrap();
    match filling {
        Filling::Small | Filling::Million => {
            let mut owner = PgConnection::connect_with(&owner).await.unwrap();
            owner
                .execute(sqlx::raw_sql(include_str!("house.sql")))
                .await
                .expect("house.sql fits the schema");
            let everybody = sqlx::query("update members set password_hash = $1").bind(hash);
            everybody.execute(&mut owner).await.unwrap();
            owner.close().await.unwrap();
            if let Filling::Million = filling {
                let admin = server().options(SUPERUSER, name);
                let mut admin = PgConnection::connect_with(&admin).await.unwrap();
                admin
                    .execute(sqlx::raw_sql(include_str!("million.sql")))
                    .await
                    .expect("million.sql fits the schema");
                admin.close().await.unwrap();
            }
        }
        Filling::Sample(now) => {
            let mut site = PgConnection::connect_with(&server().options(APP, name))
                .await
                .unwrap();
            let mut tx = site.begin().await.unwrap();
            demo::fill(&mut tx, now, (&hash, &hash))
                .await
                .expect("the sample data fits the schema");
            tx.commit().await.unwrap();
            site.close().await.unwrap();
        }
    }
}

/// What earlier builds and killed tests have left: databases older than two hours.
async fn forget_old(admin: &mut PgConnection) {
    let old: Vec<String> = sqlx::query_scalar(
        "select datname from pg_database where datname ~ '^(house|template)_'
         and (pg_stat_file('base/' || oid || '/PG_VERSION')).modification < now() - interval '2 hours'",
    )
    .fetch_all(&mut *admin)
    .await
    .unwrap();
    for name in old {
        let drop = AssertSqlSafe(format!("drop database if exists {name} with (force)"));
        let _ = admin.execute(sqlx::raw_sql(drop)).await;
    }
}

/// Changes with every build, and so with the migrations and the sample data.
fn build() -> String {
    let program = std::env::current_exe().unwrap();
    let built = program.metadata().and_then(|file| file.modified()).unwrap();
    hash((program, built))
}

fn hash(what: impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
