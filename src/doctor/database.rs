//! The database: reachable, new enough, up to date, safe, and with somebody who does its jobs.

use std::time::Instant;

use sqlx::postgres::PgListener;
use sqlx::{PgConnection, PgPool};

use super::Finding;
use crate::clock::Clock;
use crate::database::{self, Database};
use crate::embedded::OLDEST;
use crate::reports::vitals::Vitals;

/// Connections that others than this program may want.
const OTHERS: i64 = 10;
/// Seconds by which two clocks may differ before somebody notices.
const APART: f64 = 2.0;
/// Seconds that a due job may wait while somebody does jobs.
const BEHIND: f64 = 300.0;

pub async fn examine(database: &Database) -> Vec<Finding> {
    let begun = Instant::now();
    let mut connection = match database.pool.acquire().await {
        Ok(connection) => connection,
        Err(error) => {
            return vec![Finding::wrong(
                format!("the database cannot be reached: {error}"),
                "start PostgreSQL, or correct DATABASE_URL",
            )];
        }
    };
    let took = begun.elapsed();
    let db: &mut PgConnection = &mut connection;
    let mut findings = Vec::new();
    match of_the_server(db, database).await {
        Ok(found) => findings.extend(found),
        Err(error) => findings.push(unread(&error)),
    }
    findings.push(Finding::well(format!(
        "it answers in {:.1} ms",
        took.as_secs_f64() * 1_000.0
    )));
    findings.push(listens(&database.direct).await);
    match up_to_date(db).await {
        Ok(None) => match of_the_house(db, database).await {
            Ok(found) => findings.extend(found),
            Err(error) => findings.push(unread(&error)),
        },
        Ok(Some(finding)) => findings.push(finding),
        Err(error) => findings.push(unread(&error)),
    }
    findings
}

fn unread(error: &sqlx::Error) -> Finding {
    Finding::wrong(
        format!("something could not be read: {error}"),
        "look into PostgreSQL's log",
    )
}

#[derive(sqlx::FromRow)]
struct Server {
    version: String,
    number: i32,
    utf8: bool,
    durable: bool,
    seconds: f64,
    most: i32,
    used: i64,
    is_superuser: bool,
    may_create: bool,
    kept: bool,
    btree_gist: bool,
}

async fn of_the_server(db: &mut PgConnection, database: &Database) -> sqlx::Result<Vec<Finding>> {
    let server: Server = sqlx::query_as(
        "select current_setting('server_version') as version,
                current_setting('server_version_num')::int as number,
                current_setting('server_encoding') = 'UTF8' as utf8,
                current_setting('fsync')::bool and current_setting('full_page_writes')::bool
                    and current_setting('synchronous_commit') <> 'off' as durable,
                extract(epoch from clock_timestamp())::float8 as seconds,
                current_setting('max_connections')::int as most,
                (select count(*) from pg_stat_activity where backend_type = 'client backend') as used,
                (select rolsuper from pg_roles where rolname = current_user) as is_superuser,
                has_schema_privilege(current_user, 'public', 'create') as may_create,
                current_setting('archive_mode') <> 'off'
                    or exists (select from pg_replication_slots where slot_name = 'connect_space' and active) as kept,
                exists (select from pg_available_extensions where name = 'btree_gist') as btree_gist",
    )
    .fetch_one(&mut *db)
    .await?;
    let now = Clock::system().now();
    let apart = (now.timestamp_micros() as f64 / 1e6 - server.seconds).abs();
    let size = i64::from(database.pool.options().get_max_connections());
    let major = server.number / 10_000;
    let mut findings = Vec::new();
    let mut look = |is_well: bool, well: String, otherwise: Finding| {
        findings.push(if is_well {
            Finding::well(well)
        } else {
            otherwise
        });
    };
    look(
        major >= OLDEST as i32 && server.utf8 && server.btree_gist,
        format!(
            "PostgreSQL {} is new enough, in UTF-8, with btree_gist",
            server.version
        ),
        Finding::wrong(
            format!(
                "PostgreSQL {} is too old, not in UTF-8, or lacks the extension btree_gist",
                server.version
            ),
            format!(
                "use version {OLDEST} or newer with its contrib package, and a database with encoding 'UTF8'"
            ),
        ),
    );
    look(
        server.durable,
        "what is committed is on the disk".into(),
        Finding::wrong(
            "fsync, full_page_writes or synchronous_commit is off: a crash would lose bookings",
            "turn all three on in postgresql.conf",
        ),
    );
    look(
        apart <= APART,
        format!("its clock and ours are {apart:.1} s apart"),
        Finding::wrong(
            format!("its clock and ours are {apart:.0} s apart"),
            "let both machines follow time servers (systemd-timesyncd, chrony)",
        ),
    );
    look(
        server.used + size + OTHERS <= i64::from(server.most),
        format!(
            "{} of {} connections are used, and we take up to {size}",
            server.used, server.most
        ),
        Finding::notice(
            format!(
                "{} of {} connections are used, and each program takes up to {size}",
                server.used, server.most
            ),
            "raise max_connections, lower DATABASE_POOL, or put PgBouncer in between (docs/scaling.md)",
        ),
    );
    look(
        !server.is_superuser && !server.may_create,
        "the site's role changes rows only".into(),
        Finding::notice(
            "the site's role could change tables as well",
            "make two roles, as docs/operating.md tells, and set DATABASE_OWNER_URL",
        ),
    );
    look(
        server.kept,
        "the write-ahead log is kept elsewhere".into(),
        Finding::notice(
            "nothing keeps the write-ahead log: a lost disk loses everything since the last copy",
            "bin/backup follow (docs/backups.md), or your own archive",
        ),
    );
    Ok(findings)
}

/// A page that is open, and a worker, hear by a connection that stays.
async fn listens(direct: &PgPool) -> Finding {
    let heard = async {
        let mut listener = PgListener::connect_with(direct).await?;
        listener.listen("live").await
    };
    match heard.await {
        Ok(()) => Finding::well("changes can be heard"),
        Err(error) => Finding::wrong(
            format!("changes cannot be heard: {error}"),
            "behind a transaction pooler, set DATABASE_DIRECT_URL to the server itself",
        ),
    }
}

/// `None` if it is.
async fn up_to_date(db: &mut PgConnection) -> sqlx::Result<Option<Finding>> {
    let there: bool = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null")
        .fetch_one(&mut *db)
        .await?;
    let newest: Option<i64> = if there {
        sqlx::query_scalar("select max(version) from _sqlx_migrations where success")
            .fetch_one(db)
            .await?
    } else {
        None
    };
    let known = database::newest_migration();
    Ok(match newest {
        Some(newest) if newest == known => None,
        Some(newest) if newest > known => Some(Finding::wrong(
            format!(
                "the database is newer than this program: it has migration {newest}, we know {known}"
            ),
            "start the newer program again, or restore the copy from before it",
        )),
        _ => Some(Finding::wrong(
            format!(
                "the database is not up to date: it has migration {}, we know {known}",
                newest.unwrap_or(0)
            ),
            "connect-space migrate",
        )),
    })
}

async fn of_the_house(db: &mut PgConnection, database: &Database) -> sqlx::Result<Vec<Finding>> {
    let mut findings = vec![Finding::well("the tables are up to date")];
    let proofs: i64 = sqlx::query_scalar(
        "select count(*) from pg_constraint where contype = 'x' and convalidated
         and conname in ('occupancies_never_overlap', 'parts_never_overlap')",
    )
    .fetch_one(&mut *db)
    .await?;
    let owners: i64 = sqlx::query_scalar("select count(*) from staff where role = 'owner'")
        .fetch_one(&mut *db)
        .await?;
    let key: i32 = sqlx::query_scalar("select octet_length(signing_key) from installation")
        .fetch_one(&mut *db)
        .await?;
    let vitals = match Vitals::read(&mut *db, Clock::system().now()).await {
        Ok(vitals) => vitals,
        Err(error) => {
            let what = format!("how the house stands could not be read: {error:?}");
            findings.push(Finding::wrong(what, "look into PostgreSQL's log"));
            return Ok(findings);
        }
    };
    let mut look = |is_well: bool, well: &str, otherwise: Finding| {
        findings.push(if is_well {
            Finding::well(well)
        } else {
            otherwise
        });
    };
    look(
        proofs == 2 && vitals.overlaps == 0,
        "nothing is booked twice, and the constraints that see to it are there",
        Finding::wrong(
            format!(
                "{} overlaps, and {proofs} of 2 constraints against them",
                vitals.overlaps
            ),
            "stop the site, restore a good copy, and find out who changed the tables",
        ),
    );
    look(
        key >= 32,
        "the key that seals links is there",
        Finding::wrong(
            "the key that seals links is short",
            "restore the row in installation",
        ),
    );
    look(
        owners > 0,
        "an owner is there",
        Finding::notice(
            "nobody owns this house yet",
            "connect-space staff add --email you@desks.example --name 'Your Name' --role owner",
        ),
    );
    look(
        vitals.jobs_behind < BEHIND,
        "the jobs are being done",
        Finding::wrong(
            format!(
                "a job has been due for {:.0} s: nobody does them",
                vitals.jobs_behind
            ),
            "start connect-space work, or serve without --no-worker",
        ),
    );
    look(
        vitals.jobs_failed == 0,
        "no job has failed for good",
        Finding::notice(
            format!("{} jobs have failed for good", vitals.jobs_failed),
            "the first page of the front desk says why, and tries them again",
        ),
    );
    if database.holds_sample().await? {
        look(
            false,
            "",
            Finding::notice(
                "this is sample data, whose sign-ins everybody knows",
                "begin with an empty database for the real thing",
            ),
        );
    }
    Ok(findings)
}
