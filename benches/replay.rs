//! The SQL of a booking alone: what the program says to the database is written down once, and said by pgbench again
//! and again with other people, rooms, times and ids in it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use sqlx::{AssertSqlSafe, Executor, PgConnection};
use uuid::Uuid;

use crate::bench::{Bench, OLD, ROOMS, Slot};
use crate::client::{Ask, Connection};
use crate::cpu::Meter;
use crate::load::{Figures, at_share};
use crate::people::Person;
use crate::site::Site;

pub struct Replay {
    script: PathBuf,
    pub statements: usize,
    /// So that each run has times of its own.
    run: std::cell::Cell<usize>,
}

/// A statement as the server logged it.
struct Statement {
    sql: String,
    values: Vec<Option<String>>,
}

impl Replay {
    pub async fn record(bench: &Bench) -> Result<Replay> {
        let mut admin = bench.house.admin(OLD).await?;
        set(&mut admin, "log_statement = 'all'").await?;
        set(&mut admin, "log_error_verbosity = 'default'").await?;
        // Nobody else connects meanwhile: whoever does is logged for as long as they stay connected.
        let site = Site::serve(&bench.house, OLD)?;
        let person = bench.bookers.last().context("somebody is there")?;
        // Once before, so that nothing is done for the first time.
        let slots = bench.slots(2);
        let before = book(&site, &slots[0], person).await?.0;
        let seen = log(&mut admin).await?.len();
        let (booking, key) = book(&site, &slots[1], person).await?;
        let text = log(&mut admin).await?;
        drop(site);
        set(&mut admin, "log_statement = 'none'").await?;
        set(&mut admin, "log_error_verbosity = 'terse'").await?;
        let statements = read(&text[seen..]);
        ensure!(
            statements.len() > 5 && before != booking,
            "the SQL of a booking was not logged"
        );

        let known = Known::of(&mut admin, &booking, &key).await?;
        let script: String = statements
            .iter()
            .map(|statement| known.vary(statement) + ";\n")
            .collect();
        let file = bench.house.folder().join("booking.sql");
        fs::write(&file, format!("{}{script}", Known::VARIABLES))?;
        Ok(Replay {
            script: file,
            statements: statements.len(),
            run: std::cell::Cell::new(1),
        })
    }

    pub fn run(&self, bench: &Bench, connections: usize) -> Result<Figures> {
        let run = self.run.replace(self.run.get() + 1);
        let meter = Meter {
            app: 0,
            ..bench.old.meter
        };
        let folder = std::env::var_os("PG_BIN")
            .map(PathBuf::from)
            .unwrap_or_default();
        let times = bench.house.folder().join(format!("times-{run}"));
        let (before, begun) = (meter.read()?, Instant::now());
        let output = Command::new(folder.join("pgbench"))
            .args(["-n", "-M", "prepared", "-j", "1", "-D", "n=0", "-D"])
            .arg(format!("run={run}"))
            .arg("-l")
            .arg(format!("--log-prefix={}", times.display()))
            .args(["-c", &connections.to_string()])
            // Long enough that what its new connections do for the first time counts for little.
            .args(["-T", if bench.quick { "4" } else { "8" }])
            .arg("-f")
            .arg(&self.script)
            .arg("-h")
            .arg(bench.house.socket_folder()?)
            .args(["-p", "5432", "-U", connect_space::embedded::APP, OLD])
            .output()
            .context("pgbench could not be run")?;
        let (took, after) = (begun.elapsed(), meter.read()?);
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "pgbench: {complaint}");
        let times = read_times(bench, run)?;
        let each = 1_000.0 / times.len().max(1) as f64;
        let said = String::from_utf8_lossy(&output.stdout);
        let tps = said
            .lines()
            .find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        Ok(Figures {
            a_second: tps.unwrap_or(times.len() as f64 / took.as_secs_f64()),
            app: 0.0,
            database: (after.database - before.database) * each,
            p50: at_share(&times, 0.5),
            p99: at_share(&times, 0.99),
            done: times.len(),
        })
    }
}

async fn set(admin: &mut PgConnection, setting: &str) -> Result<()> {
    let sql = format!("alter database {OLD} set {setting}");
    admin.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
    Ok(())
}

async fn log(admin: &mut PgConnection) -> Result<String> {
    let read = "select convert_from(pg_read_binary_file('../log'), 'UTF8')";
    Ok(sqlx::query_scalar(read).fetch_one(admin).await?)
}

/// Holds and confirms; says the reference and the key.
async fn book(site: &Site, slot: &Slot, person: &Person) -> Result<(String, String)> {
    let mut connection = Connection::open(site.at).await?;
    let hold = slot.hold(person);
    let body = hold.body.clone().unwrap_or_default();
    let key = body
        .split("key=")
        .nth(1)
        .context("a form has a key")?
        .to_owned();
    let page = connection
        .get(&hold)
        .await?
        .location
        .context("a hold leads on")?;
    let reference = page
        .split('/')
        .nth(2)
        .context("a booking has a reference")?
        .to_owned();
    connection
        .get(&Ask::form(page, &person.cookie, &[]))
        .await?;
    Ok((reference, key))
}

/// `… LOG:  execute sqlx_s_1: select …`, going on in lines that begin with a tab, and then its values.
fn read(log: &str) -> Vec<Statement> {
    let mut statements: Vec<Statement> = Vec::new();
    let mut values = String::new();
    let mut entries: Vec<String> = Vec::new();
    for line in log.lines() {
        match (line.strip_prefix('\t'), entries.last_mut()) {
            (Some(more), Some(entry)) => {
                entry.push('\n');
                entry.push_str(more);
            }
            _ => entries.push(line.to_owned()),
        }
    }
    for entry in &entries {
        if let Some((_, execute)) = entry.split_once("LOG:  execute ") {
            let sql = execute.split_once(": ").map_or("", |(_, sql)| sql);
            statements.push(Statement {
                sql: sql.to_owned(),
                values: Vec::new(),
            });
        } else if let Some((_, sql)) = entry.split_once("LOG:  statement: ") {
            // What cleans a connection on its way back belongs to no booking.
            if sql != "begin; rollback" {
                statements.push(Statement {
                    sql: sql.to_owned(),
                    values: Vec::new(),
                });
            }
        } else if let Some((_, list)) = entry.split_once("DETAIL:  ") {
            values.clear();
            values.push_str(list);
            if let Some(last) = statements.last_mut() {
                last.values = read_values(&values);
            }
        }
    }
    statements
}

/// `parameters: $1 = 'it''s', $2 = NULL`
fn read_values(list: &str) -> Vec<Option<String>> {
    let mut values = Vec::new();
    let mut rest = list;
    while let Some((_, after)) = rest.split_once(" = ") {
        if let Some(after) = after.strip_prefix("NULL") {
            values.push(None);
            rest = after;
            continue;
        }
        let mut value = String::new();
        let mut letters = after.char_indices().skip(1).peekable();
        let mut end = after.len();
        while let Some((at, letter)) = letters.next() {
            if letter != '\'' {
                value.push(letter);
            } else if letters.peek().is_some_and(|(_, next)| *next == '\'') {
                value.push('\'');
                letters.next();
            } else {
                end = at + 1;
                break;
            }
        }
        values.push(Some(value));
        rest = &after[end..];
    }
    values
}

/// What is another in each booking.
struct Known {
    booking: String,
    key: String,
    slug: String,
    space: String,
    member: String,
    account: String,
    /// As the server writes them.
    during: String,
    from: String,
    until: String,
}

impl Known {
    /// `n` counts what a client has done. Times are far ahead, where nothing is booked.
    const VARIABLES: &str = "\\set n :n + 1\n\\set room 400 + 1 + (:client_id + :n) % 33\n\
        \\set member 1 + (:client_id * 5003 + :n * 7) % 100000\n\
        \\set each :n * 1600 + :client_id * 100 + :run\n\\set hour 100000 + :each\n\
        \\set reference (3000000 + :each) * 9973 % 28629151\n\\set fresh random(1, 9000000000000000)\n";

    async fn of(admin: &mut PgConnection, booking: &str, key: &str) -> Result<Known> {
        const { assert!(ROOMS == 33, "the script says so") };
        let row: (String, String, String, String, String, String, String) = sqlx::query_as(
            "select s.slug, s.id::text, b.member_id::text, b.account_id::text, b.during::text, lower(b.during)::text,
                    upper(b.during)::text
             from bookings b join spaces s on s.id = b.space_id where b.reference = $1",
        )
        .bind(booking)
        .fetch_one(admin)
        .await?;
        Ok(Known {
            booking: booking.to_owned(),
            key: key.to_owned(),
            slug: row.0,
            space: row.1,
            member: row.2,
            account: row.3,
            during: row.4,
            from: row.5,
            until: row.6,
        })
    }

    /// The statement with its values in it, those that are another each time as expressions.
    fn vary(&self, statement: &Statement) -> String {
        let writes = !statement
            .sql
            .trim_start()
            .to_lowercase()
            .starts_with("select");
        let mut sql = String::new();
        let mut rest = statement.sql.as_str();
        while let Some(at) = rest.find('$') {
            let (before, after) = rest.split_at(at);
            let digits: String = after[1..]
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            sql.push_str(before);
            let value = digits
                .parse()
                .ok()
                .and_then(|n: usize| statement.values.get(n.checked_sub(1)?));
            match value {
                Some(Some(value)) => sql.push_str(&self.value(value, writes)),
                Some(None) => sql.push_str("null"),
                None => sql.push_str(&after[..=digits.len()]),
            }
            rest = &after[1 + digits.len()..];
        }
        sql.push_str(rest);
        // A comment would hide what follows, where lines are joined.
        sql.lines()
            .map(|line| line.split(" -- ").next().unwrap_or(line))
            .filter(|line| !line.trim_start().starts_with("--"))
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn value(&self, value: &str, writes: bool) -> String {
        if value == self.booking {
            return reference();
        }
        if value == self.key {
            return "(:fresh::text || '-key')".into();
        }
        if value == self.slug {
            return "('pier-' || (:room::bigint - 400)::text)".into();
        }
        let shifted = |at: &str| format!("('{at}'::timestamptz + :hour * interval '1 hour')");
        if writes && value == self.during {
            return format!(
                "tstzrange({}, {})",
                shifted(&self.from),
                shifted(&self.until)
            );
        }
        if writes && (value == self.from || value == self.until) {
            return shifted(value);
        }
        if let Some(id) = self.id(value) {
            return format!("({id})::uuid");
        }
        // A list of one.
        if let Some(id) = value
            .strip_prefix('{')
            .and_then(|list| self.id(list.strip_suffix('}')?))
        {
            return format!("('{{' || ({id}) || '}}')::uuid[]");
        }
        literal(value)
    }

    /// An expression for an id that is another each time.
    fn id(&self, value: &str) -> Option<String> {
        let of_house = |n: &str, what: &str| {
            format!(
                "lpad(to_hex(1600000000000 + :{n}::bigint), 12, '0') || '7000{what}' || lpad(to_hex(:{n}::bigint), 12, '0')"
            )
        };
        let id: Uuid = value.parse().ok()?;
        if value == self.member {
            Some(of_house("member", "8001"))
        } else if value == self.account {
            Some(of_house("member", "8002"))
        } else if value == self.space {
            Some(of_house("room", "8006"))
        } else if is_fresh(id) {
            // One of those that were made for this booking: what tells them apart stays.
            let own = &value[value.len() - 12..];
            Some(format!(
                "'{}' || lpad(to_hex(:fresh::bigint), 16, '0') || '{own}'",
                &value[..4]
            ))
        } else {
            None
        }
    }
}

/// One that the past has not, as `million.sql` makes them.
fn reference() -> String {
    let letter = |place: u32| {
        let power = 31_u32.pow(place);
        format!(
            "substr('23456789ABCDEFGHJKLMNPQRSTVWXYZ', (:reference::bigint / {power} % 31)::int + 1, 1)"
        )
    };
    format!("('CS-' || {})", [0, 1, 2, 3, 4].map(letter).join(" || "))
}

/// Made while we recorded, by the time that it begins with.
fn is_fresh(id: Uuid) -> bool {
    let now = connect_space::clock::Clock::system().now().timestamp() as u64;
    let made = id.get_timestamp().map(|made| made.to_unix().0);
    id.get_version_num() == 7 && made.is_some_and(|made| now.saturating_sub(made) < 60)
}

/// Without a colon, which pgbench would take for one of its variables.
fn literal(value: &str) -> String {
    let plain = value.replace('\'', "''");
    let has_variable = plain
        .split(':')
        .skip(1)
        .any(|rest| rest.starts_with(|c: char| c.is_alphabetic() || c == '_'));
    match has_variable || plain.contains('\\') {
        true => format!("E'{}'", plain.replace('\\', "\\\\").replace(':', "\\x3a")),
        false => format!("'{plain}'"),
    }
}

/// The third word of each line is how many microseconds a transaction took.
fn read_times(bench: &Bench, run: usize) -> Result<Vec<std::time::Duration>> {
    let beginning = format!("times-{run}.");
    let mut times = Vec::new();
    for file in fs::read_dir(bench.house.folder())?.flatten() {
        if file.file_name().to_string_lossy().starts_with(&beginning) {
            let text = fs::read_to_string(file.path())?;
            let words = text
                .lines()
                .filter_map(|line| line.split(' ').nth(2)?.parse().ok());
            times.extend(words.map(std::time::Duration::from_micros));
        }
    }
    times.sort();
    Ok(times)
}
