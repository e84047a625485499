//! A private, real PostgreSQL of our own, for when no other server is given.
//!
//! Every program on the same `DATA_DIR` shares one server: the first starts it, the last stops it.
//! A server left over by a killed program is joined, one that was killed itself recovers.

mod home;
mod postmaster;
mod programs;

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use home::Home;
use postmaster::State;
pub use programs::OLDEST;
use programs::Programs;

/// Owns the tables and migrates.
pub const OWNER: &str = "connect_owner";
/// Runs the site: reads and writes rows, changes no table.
pub const APP: &str = "connect_app";
pub const DATABASE: &str = "connect_space";

/// Recovery after a crash may take this long.
const START: Duration = Duration::from_secs(300);
/// How long the children of a killed server may still hold its memory.
const ORPHANS: Duration = Duration::from_secs(20);

/// PostgreSQL's defaults for durability stay as they are. What clients do wrong is theirs to log, and no row's words
/// are in the log. A copy of the log that nobody fetches any more does not fill the disk.
const SETTINGS: [&str; 9] = [
    "listen_addresses=",
    "port=5432",
    "unix_socket_permissions=0700",
    "cluster_name=connect-space",
    "log_checkpoints=off",
    "log_min_messages=log",
    "log_error_verbosity=terse",
    "max_slot_wal_keep_size=4GB",
    "jit=off",
];

/// A running server, held until this is dropped; the last holder of all programs stops it.
#[derive(Debug)]
pub struct Embedded {
    home: Home,
    programs: Programs,
    settings: Vec<String>,
    socket_folder: PathBuf,
    /// Locked shared by every program that uses the server.
    in_use: File,
}

impl Embedded {
    /// Starts or joins the server of `data_dir`. Blocks for as long as recovery takes.
    ///
    /// `settings` are `name=value` pairs beside the defaults, for a server that is started here.
    pub fn start(data_dir: &Path, settings: &[&str]) -> Result<Embedded> {
        let home = Home::of(data_dir)?;
        let gate = gate(&home)?;
        let in_use = open(&home.lock("in-use.lock"))?;
        in_use.lock_shared()?;
        let programs = Programs::find(written_by(&home))?;
        let mut server = Embedded {
            socket_folder: home.socket_folder()?,
            settings: SETTINGS
                .iter()
                .chain(settings)
                .map(|&setting| setting.to_owned())
                .collect(),
            home,
            programs,
            in_use,
        };
        let running = server.create_if_new(&gate).and_then(|()| server.run(&gate));
        // Dropping a server that failed passes through the gate as well.
        drop(gate);
        running?;
        if let Some(folder) = postmaster::socket_folder(&server.home.data()) {
            server.socket_folder = folder;
        }
        Ok(server)
    }

    /// How to connect as `role`; the socket is the only way in.
    pub fn options(&self, role: &str, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.socket_folder)
            .port(5432)
            .username(role)
            .database(database)
            .ssl_mode(PgSslMode::Disable)
    }

    /// Starts the server again if it died; true when it had to be started.
    pub fn revive(&self) -> Result<bool> {
        if matches!(postmaster::state(&self.home.data()), State::Ready) {
            return Ok(false);
        }
        let gate = gate(&self.home)?;
        self.run(&gate)
    }

    /// Makes the data folder complete, or not at all.
    fn create_if_new(&self, gate: &File) -> Result<()> {
        if self.home.data().exists() {
            return Ok(());
        }
        let new = self.home.lock("data.new");
        if new.exists() {
            fs::remove_dir_all(&new)?;
        }
        let made = self
            .command("initdb", gate)?
            .arg("--pgdata")
            .arg(&new)
            .args([
                "--username=postgres",
                "--auth-local=trust",
                "--auth-host=reject",
            ])
            .args(["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"])
            .output()?;
        let complaint = String::from_utf8_lossy(&made.stderr);
        ensure!(
            made.status.success(),
            "initdb failed: {}",
            sentence(&complaint)
        );

        let mut single = self
            .command("postgres", gate)?
            .arg("--single")
            .arg("-D")
            .arg(&new)
            .arg("postgres")
            .stdin(Stdio::piped())
            .stdout(gate.try_clone()?)
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut input) = single.stdin.take() {
            write!(
                input,
                "create role {OWNER} login\ncreate role {APP} login\n\
                 create database {DATABASE} owner {OWNER}\n\
                 revoke all on database {DATABASE} from public\n"
            )?;
        }
        let answer = single.wait_with_output()?;
        let complaint = String::from_utf8_lossy(&answer.stderr);
        ensure!(
            answer.status.success() && !complaint.contains("ERROR:"),
            "the database could not be created: {}",
            sentence(&complaint)
        );
        fs::rename(&new, self.home.data())?;
        Ok(())
    }

    /// Waits for a running server or starts one; true when it was started.
    fn run(&self, gate: &File) -> Result<bool> {
        let deadline = Instant::now() + START;
        loop {
            match postmaster::state(&self.home.data()) {
                State::Ready => return Ok(false),
                State::Stopped => {
                    self.launch(gate)?;
                    return Ok(true);
                }
                State::Changing => {
                    ensure!(
                        Instant::now() < deadline,
                        "PostgreSQL neither starts nor stops: see {}",
                        self.home.log().display()
                    );
                    sleep(Duration::from_millis(50));
                }
            }
        }
    }

    fn launch(&self, gate: &File) -> Result<()> {
        let deadline = Instant::now() + ORPHANS;
        loop {
            postmaster::forget_the_dead(&self.home.data(), &self.socket_folder)?;
            let seen = fs::metadata(self.home.log()).map_or(0, |log| log.len());
            if self.pg_ctl(gate, "start", &["-o", &self.switches()])? {
                return Ok(());
            }
            let complaint = log_since(&self.home.log(), seen);
            let orphans =
                complaint.contains("still in use") || complaint.contains("postmaster.pid");
            if !orphans || Instant::now() > deadline {
                bail!(
                    "PostgreSQL did not start: {} (its log: {})",
                    sentence(&complaint),
                    self.home.log().display()
                );
            }
            sleep(Duration::from_millis(250));
        }
    }

    /// The settings as a shell takes them, which is how pg_ctl passes them on.
    fn switches(&self) -> String {
        let folder = format!("unix_socket_directories={}", self.socket_folder.display());
        let switch = |setting: &String| format!("-c '{}'", setting.replace('\'', r"'\''"));
        let switches: Vec<String> = self.settings.iter().chain([&folder]).map(switch).collect();
        switches.join(" ")
    }

    fn stop(&self, gate: &File) -> Result<()> {
        if matches!(postmaster::state(&self.home.data()), State::Stopped) {
            return Ok(());
        }
        ensure!(
            self.pg_ctl(gate, "stop", &["-m", "fast"])?,
            "PostgreSQL did not stop: see {}",
            self.home.log().display()
        );
        Ok(())
    }

    fn pg_ctl(&self, gate: &File, action: &str, more: &[&str]) -> Result<bool> {
        let done = self
            .command("pg_ctl", gate)?
            .arg(action)
            .arg("-D")
            .arg(self.home.data())
            .arg("-l")
            .arg(self.home.log())
            .args(["-w", "-t", &START.as_secs().to_string()])
            .args(more)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .context("pg_ctl could not be run")?;
        Ok(done.success())
    }

    /// The program holds the gate too, for as long as it runs, in case we are killed meanwhile.
    fn command(&self, program: &str, gate: &File) -> Result<Command> {
        let mut command = self.home.command(&self.programs.path(program));
        command.stdin(gate.try_clone()?);
        Ok(command)
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        let left = gate(&self.home).and_then(|gate| match self.in_use.try_lock() {
            Ok(()) => self.stop(&gate),
            Err(_others) => Ok(()),
        });
        if let Err(error) = left {
            tracing::error!("{error:#}");
        }
    }
}

/// Held while the server is started or stopped, by one program at a time.
fn gate(home: &Home) -> Result<File> {
    let gate = open(&home.lock("gate.lock"))?;
    gate.lock()?;
    Ok(gate)
}

fn open(path: &Path) -> Result<File> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .with_context(|| format!("cannot open {}", path.display()))
}

fn written_by(home: &Home) -> Option<u32> {
    fs::read_to_string(home.data().join("PG_VERSION"))
        .ok()?
        .trim()
        .parse()
        .ok()
}

fn log_since(log: &Path, position: u64) -> String {
    let mut text = Vec::new();
    if let Ok(mut file) = File::open(log)
        && file.seek(SeekFrom::Start(position)).is_ok()
    {
        let _ = file.read_to_end(&mut text);
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// The reason in what a PostgreSQL program wrote.
fn sentence(complaint: &str) -> &str {
    let reason = |line| {
        ["PANIC:", "FATAL:", "ERROR:", "error:"]
            .iter()
            .find_map(|word| str::split_once(line, word))
    };
    let mut reasons = complaint
        .lines()
        .filter_map(reason)
        .map(|(_, reason)| reason);
    let mut lines = complaint.lines().filter(|line| !line.trim().is_empty());
    reasons
        .next_back()
        .or_else(|| lines.next_back())
        .unwrap_or("it gave no reason")
        .trim()
}

/// A server for one test, gone with it.
#[cfg(test)]
pub struct Scratch(PathBuf);

#[cfg(test)]
impl Scratch {
    pub fn new(name: &str) -> Scratch {
        Scratch(std::env::temp_dir().join(format!("connect-space-{}-{name}", std::process::id())))
    }

    pub fn start(&self) -> Embedded {
        Embedded::start(&self.0, &["fsync=off"]).unwrap()
    }
}

#[cfg(test)]
impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection, Executor, PgConnection};

    use super::*;

    #[test]
    fn picks_the_line_that_says_why() {
        let log = "09:00 LOG:  starting\n09:01 FATAL:  lock file is there\n09:02 LOG:  shut down\n";
        assert_eq!(sentence(log), "lock file is there");
        assert_eq!(sentence("a\nb\n\n"), "b");
        assert_eq!(sentence(""), "it gave no reason");
    }

    #[tokio::test]
    async fn the_last_to_leave_stops_the_server_and_a_killed_one_comes_back() {
        let scratch = Scratch::new("embedded");
        let first = scratch.start();
        let second = scratch.start();
        let options = first.options(OWNER, DATABASE);
        drop(first);
        PgConnection::connect_with(&options)
            .await
            .unwrap()
            .execute("create table kept ()")
            .await
            .unwrap();

        assert!(!second.revive().unwrap(), "it never stopped");
        let killed = Command::new("kill")
            .arg("-9")
            .arg(
                postmaster::process(&second.home.data())
                    .unwrap()
                    .to_string(),
            )
            .status()
            .unwrap();
        assert!(killed.success());
        while !second.revive().unwrap() {}
        PgConnection::connect_with(&options)
            .await
            .unwrap()
            .execute("table kept")
            .await
            .unwrap();

        drop(second);
        PgConnection::connect_with(&options).await.unwrap_err();
    }
}
