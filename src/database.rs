//! Connecting to the database, bringing it up to date, and keeping its pool healthy.

use std::future::Future;
use std::io;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, Executor, PgConnection, PgPool};
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use crate::config::{DatabaseConfig, Secret};
use crate::embedded::{self, Embedded};

static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// Limits of every connection of the site, each below the request's own limit. No query here is worth compiling.
const SESSION: [(&str, &str); 5] = [
    ("statement_timeout", "5s"),
    ("lock_timeout", "3s"),
    ("idle_in_transaction_session_timeout", "10s"),
    ("client_min_messages", "error"),
    ("jit", "off"),
];

const ACQUIRE: Duration = Duration::from_secs(2);
const CONNECT: Duration = Duration::from_secs(10);
/// How long a connection may take to prove that it is alive and clean.
const PROOF: Duration = Duration::from_secs(2);

/// What the site's role may do: rows only, and nothing is taken back from ledger, audit trail and consents.
const GRANTS: &str = "do $$
declare
    app text := current_setting('connect_space.app_role');
    tables text := (
        select string_agg(oid::regclass::text, ', ') from pg_class
        where relnamespace = 'public'::regnamespace
          and relkind in ('r', 'p', 'v')
          and relowner = current_user::regrole
    );
begin
    execute format('grant connect on database %I to %I', current_database(), app);
    execute format('grant usage on schema public to %I', app);
    execute format('grant select, insert, update, delete on %s to %I', tables, app);
    execute format('grant usage, select on all sequences in schema public to %I', app);
    execute format('revoke update, delete, truncate on ledger_entries, audit_events, consents, cash_ups, cash_up_counts, cash_up_entries from %I', app);
    execute format('revoke insert, update, delete on _sqlx_migrations from %I', app);
end
$$";

/// The pool that the site runs on, and the means to migrate.
pub struct Database {
    pub pool: PgPool,
    /// Connections without the limits of the others, for LISTEN.
    pub direct: PgPool,
    owner: PgConnectOptions,
    app_role: String,
    /// How the site's role connects without the pooler, if there is one.
    behind_pooler: Option<PgConnectOptions>,
    embedded: Option<Arc<Embedded>>,
}

impl Database {
    /// Starts or joins the private server, or takes the one that is configured. Connects lazily: a
    /// server that is away shows at [`Database::migrate`].
    pub async fn open(config: &DatabaseConfig) -> Result<Database> {
        let (owner, app, direct_to, embedded) = match &config.database_url {
            Some(url) => {
                let app = parse("DATABASE_URL", url)?;
                let owner = config
                    .database_owner_url
                    .as_ref()
                    .map(|url| parse("DATABASE_OWNER_URL", url))
                    .transpose()?;
                let direct = config
                    .database_direct_url
                    .as_ref()
                    .map(|url| parse("DATABASE_DIRECT_URL", url))
                    .transpose()?;
                let usual = direct.as_ref().unwrap_or(&app).clone();
                (owner.unwrap_or(usual), app, direct, None)
            }
            None => {
                let folder = config.data_dir.clone();
                let server = spawn_blocking(move || Embedded::start(&folder, &[])).await??;
                let owner = server.options(embedded::OWNER, embedded::DATABASE);
                let app = server.options(embedded::APP, embedded::DATABASE);
                (owner, app, None, Some(Arc::new(server)))
            }
        };
        let size = config.database_pool.unwrap_or_else(usual_size);
        Ok(Database {
            app_role: app.get_username().to_owned(),
            direct: direct(direct_to.as_ref().unwrap_or(&app).clone()),
            pool: match direct_to {
                Some(_) => pooled(app, size),
                None => pool(app, size),
            },
            behind_pooler: direct_to,
            owner,
            embedded,
        })
    }

    pub async fn migrate(&self) -> Result<()> {
        migrate(&self.owner, &self.app_role).await?;
        if let Some(direct) = &self.behind_pooler {
            limit_for_good(direct)
                .await
                .context("the role of the site could not be given its limits")?;
        }
        Ok(())
    }

    /// Migrates as soon as the server answers, however long that takes.
    pub async fn migrate_when_there(&self) -> Result<()> {
        loop {
            match self.migrate().await {
                Err(error) if is_away(&error) => {
                    tracing::warn!("waiting for the database: {}", error.root_cause());
                    sleep(Duration::from_secs(2)).await;
                }
                done => return done,
            }
        }
    }

    /// Whether this installation was filled with sample data.
    pub async fn holds_sample(&self) -> sqlx::Result<bool> {
        sqlx::query_scalar!("select sample from installation")
            .fetch_one(&self.pool)
            .await
    }

    /// How the owner of the tables connects.
    pub fn owner(&self) -> &PgConnectOptions {
        &self.owner
    }

    /// Whether it is a private server of ours.
    pub fn is_private(&self) -> bool {
        self.embedded.is_some()
    }

    /// Whether there is a transaction pooler in between.
    pub fn is_pooled(&self) -> bool {
        self.behind_pooler.is_some()
    }

    /// Starts the private server again whenever it dies. Never returns.
    pub fn keep_alive(&self) -> impl Future<Output = ()> + Send + use<> {
        let embedded = self.embedded.clone();
        async move {
            let Some(server) = embedded else {
                return std::future::pending().await;
            };
            loop {
                sleep(Duration::from_millis(500)).await;
                let server = server.clone();
                match spawn_blocking(move || server.revive()).await {
                    Ok(Ok(false)) => {}
                    Ok(Ok(true)) => tracing::warn!("PostgreSQL had stopped and was started again"),
                    Ok(Err(error)) => tracing::error!("{error:#}"),
                    Err(error) => tracing::error!("{error}"),
                }
            }
        }
    }

    /// Ends the connections; the private server stops with the last program that uses it.
    pub async fn close(self) {
        let _ = timeout(PROOF, async {
            tokio::join!(self.pool.close(), self.direct.close())
        })
        .await;
    }
}

/// The number of the newest migration that this program knows.
pub fn newest_migration() -> i64 {
    MIGRATOR
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0)
}

/// A pool whose connections come back clean.
///
/// A request that is dropped may leave a transaction open or its connection cut without a word, and
/// sqlx would hand out the first and wait for ever on the second. So each connection is rolled back
/// on return, within a time limit, and is given up if that fails. `begin; rollback` ends any
/// transaction without a warning in the server's log when there is none.
pub fn pool(app: PgConnectOptions, size: u32) -> PgPool {
    clean(app.options(SESSION), size)
}

/// The same behind a transaction pooler, which lets no connection have limits of its own: there they are the role's.
fn pooled(app: PgConnectOptions, size: u32) -> PgPool {
    clean(app, size)
}

fn clean(app: PgConnectOptions, size: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > Duration::from_secs(1) {
                    proven(connection.ping()).await?;
                }
                Ok(true)
            })
        })
        .after_release(|connection, _meta| {
            Box::pin(async move {
                proven(connection.execute("begin; rollback")).await?;
                Ok(true)
            })
        })
        .connect_lazy_with(app.application_name("connect-space"))
}

/// A pool of connections that may stay open and idle for as long as they like: one listens for jobs, one
/// for changes.
pub fn direct(app: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(2)
        .acquire_timeout(ACQUIRE)
        .connect_lazy_with(app.application_name("connect-space listener"))
}

/// Brings the schema up to date as `owner` and lets `app_role` work with it.
///
/// Fails when the server is older than PostgreSQL 15, or when the schema is newer than this program.
pub async fn migrate(owner: &PgConnectOptions, app_role: &str) -> Result<()> {
    let owner = owner
        .clone()
        .application_name("connect-space migrate")
        .options([
            ("client_min_messages", "warning"),
            // The role's own limits, if it serves as well, are no limits for what may take long.
            ("statement_timeout", "0"),
            ("idle_in_transaction_session_timeout", "0"),
        ]);
    let mut connection = timeout(CONNECT, PgConnection::connect_with(&owner))
        .await
        .map_err(|_| sqlx::Error::Io(io::ErrorKind::TimedOut.into()))
        .flatten()
        .context("the database cannot be reached")?;
    let version: i32 = sqlx::query_scalar("select current_setting('server_version_num')::int")
        .fetch_one(&mut connection)
        .await?;
    let major = version / 10_000;
    ensure!(
        major >= embedded::OLDEST as i32,
        "the database server is PostgreSQL {major}: version {} or newer is needed",
        embedded::OLDEST
    );
    MIGRATOR
        .run(&mut connection)
        .await
        .map_err(|error| match error {
            MigrateError::VersionMissing(number) => {
                anyhow!("the database is newer than this program: it has migration {number}")
            }
            error => anyhow!(error).context("the database could not be brought up to date"),
        })?;
    if owner.get_username() != app_role {
        grant(&mut connection, app_role)
            .await
            .context("the role of the site could not be given its rights")?;
    }
    connection.close().await?;
    Ok(())
}

/// Makes the limits of the site's connections the defaults of its role in this database, so that they hold whichever
/// connection a pooler lends. Anybody may set their own role's.
async fn limit_for_good(direct: &PgConnectOptions) -> Result<()> {
    const LIMITS: &str = "do $$ begin
        execute format(
            'alter role current_user in database %I set %I = %L',
            current_database(), current_setting('connect_space.name'), current_setting('connect_space.value'));
    end $$";
    let direct = direct.clone().application_name("connect-space migrate");
    let mut connection = PgConnection::connect_with(&direct).await?;
    let mut transaction = connection.begin().await?;
    // Two programs that set them at once would fail with "tuple concurrently updated".
    transaction
        .execute("select pg_advisory_xact_lock(hashtext('connect_space.grants'))")
        .await?;
    for (name, value) in SESSION {
        sqlx::query("select set_config('connect_space.name', $1, true), set_config('connect_space.value', $2, true)")
            .bind(name)
            .bind(value)
            .execute(&mut *transaction)
            .await?;
        transaction.execute(LIMITS).await?;
    }
    transaction.commit().await?;
    connection.close().await?;
    Ok(())
}

async fn grant(connection: &mut PgConnection, app_role: &str) -> sqlx::Result<()> {
    let mut transaction = connection.begin().await?;
    // Two programs that grant at once would fail with "tuple concurrently updated".
    transaction
        .execute("select pg_advisory_xact_lock(hashtext('connect_space.grants'))")
        .await?;
    sqlx::query("select set_config('connect_space.app_role', $1, true)")
        .bind(app_role)
        .execute(&mut *transaction)
        .await?;
    transaction.execute(GRANTS).await?;
    transaction.commit().await
}

async fn proven<T>(answer: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    timeout(PROOF, answer)
        .await
        .unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()))
}

/// Whether waiting may help: the server is not there, starting, stopping or full.
fn is_away(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<sqlx::Error>())
        .any(|error| match error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => true,
            sqlx::Error::Database(error) => error
                .code()
                .is_some_and(|code| matches!(&*code, "57P01" | "57P02" | "57P03" | "53300")),
            _ => false,
        })
}

fn parse(name: &str, url: &Secret) -> Result<PgConnectOptions> {
    let url = url.reveal();
    ensure!(
        url.starts_with("postgres://") || url.starts_with("postgresql://"),
        "{name} is not an address like postgres://user:password@host/name"
    );
    PgConnectOptions::from_str(url).with_context(|| format!("{name} cannot be read"))
}

fn usual_size() -> u32 {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    (2 * cores as u32).clamp(4, 50)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::Scratch;

    #[tokio::test]
    async fn the_site_changes_rows_only_and_its_connections_come_back_clean() {
        let scratch = Scratch::new("database");
        let server = scratch.start();
        let app = server.options(embedded::APP, embedded::DATABASE);
        let owner = server.options(embedded::OWNER, embedded::DATABASE);
        migrate(&owner, embedded::APP).await.unwrap();
        migrate(&owner, embedded::APP).await.unwrap();

        let pool = pool(app, 1);
        let entry = "insert into audit_events (id, verb, subject, subject_id)
            values (gen_random_uuid(), 'opened', 'house', gen_random_uuid())";
        pool.execute(entry).await.unwrap();
        for refused in [
            "delete from audit_events",
            "update ledger_entries set cents = 1",
            "truncate audit_events",
            "delete from _sqlx_migrations",
            "create table notes ()",
            "create temporary table notes ()",
        ] {
            let error = pool.execute(refused).await.unwrap_err();
            let code = error
                .into_database_error()
                .unwrap()
                .code()
                .unwrap()
                .into_owned();
            assert_eq!(code, "42501", "{refused}");
        }

        let mut left_open = pool.acquire().await.unwrap();
        let before = backend(&mut left_open).await;
        left_open.execute("begin").await.unwrap();
        left_open
            .execute("set local application_name = 'left open'")
            .await
            .unwrap();
        drop(left_open);
        let mut again = pool.acquire().await.unwrap();
        assert_eq!(
            backend(&mut again).await,
            (before.0, "connect-space".to_owned())
        );
    }

    /// Process id and application name.
    async fn backend(connection: &mut PgConnection) -> (i32, String) {
        sqlx::query_as("select pg_backend_pid(), current_setting('application_name')")
            .fetch_one(connection)
            .await
            .unwrap()
    }

    #[test]
    fn takes_addresses_of_postgresql_only() {
        let parsed = |url: &str| parse("DATABASE_URL", &Secret::from(url.to_owned()));
        assert_eq!(
            parsed("postgres://me@host/name").unwrap().get_username(),
            "me"
        );
        let refusal = parsed("mysql://me:hunter2@host/name")
            .unwrap_err()
            .to_string();
        assert!(
            refusal.contains("DATABASE_URL") && !refusal.contains("hunter2"),
            "{refusal}"
        );
    }

    #[tokio::test]
    async fn waits_for_a_server_that_is_away() {
        let nowhere = PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(1);
        let error = migrate(&nowhere, "app").await.unwrap_err();
        assert!(is_away(&error), "{error:#}");
        assert!(!is_away(&anyhow!("the schema is wrong")));
    }
}
