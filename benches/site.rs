//! The program itself, as a process with everything on: sessions, CSRF checks, headers, the log, the audit trail.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use connect_space::embedded::{APP, OWNER};

use crate::cpu::Meter;
use crate::house::House;

/// Ended when this is dropped.
pub struct Site {
    pub at: SocketAddr,
    pub meter: Meter,
    /// From the start of the process to its first page.
    pub started_in: Duration,
    process: Child,
    log: PathBuf,
}

impl Site {
    /// Serves a database. Mails and other jobs are left to `work`, which is not running.
    pub fn serve(house: &House, database: &str) -> Result<Site> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_connect-space"));
        command
            .args(["serve", "--no-worker"])
            .env_clear()
            .env("DATABASE_URL", house.url(APP, database)?)
            .env("DATABASE_OWNER_URL", house.url(OWNER, database)?);
        Site::start(house, command)
    }

    /// Serves the day's grid from the same database with nothing around it.
    pub fn floor(house: &House, database: &str) -> Result<Site> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("floor")
            .env_clear()
            .env("DATABASE_URL", house.url(APP, database)?)
            .env("DAY", house.day.to_string());
        Site::start(house, command)
    }

    fn start(house: &House, mut command: Command) -> Result<Site> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let at = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let log = house.folder().join(format!("log-{port}"));
        let begun = Instant::now();
        let process = command
            .env("PORT", port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            .spawn()
            .context("the program could not be started")?;
        let meter = Meter {
            app: process.id(),
            postmaster: house.postmaster,
        };
        let mut site = Site {
            at,
            meter,
            started_in: Duration::ZERO,
            process,
            log,
        };
        while !site.is_ready() {
            ensure!(
                begun.elapsed() < Duration::from_secs(30),
                "it does not start: {}",
                site.log()
            );
            sleep(Duration::from_millis(2));
        }
        site.started_in = begun.elapsed();
        Ok(site)
    }

    fn is_ready(&self) -> bool {
        use std::io::{Read, Write};
        let Ok(mut stream) = std::net::TcpStream::connect(self.at) else {
            return false;
        };
        let ask = format!(
            "GET / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
            self.at
        );
        let mut answer = String::new();
        let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
        stream.write_all(ask.as_bytes()).is_ok()
            && stream.read_to_string(&mut answer).is_ok()
            && answer.starts_with("HTTP/1.1 200")
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
