//! The real program as a process, with what it writes to its log, on a house's database or on one of its own.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use connect_space::embedded::{APP, OWNER};
use reqwest::StatusCode;
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::House;

/// Ended when this is dropped.
pub struct Program {
    pub url: String,
    log: PathBuf,
    process: Child,
}

impl Program {
    /// Serves a house's database, with settings of its own beside the usual ones.
    pub async fn serve(house: &House, words: &[&str], settings: &[(&str, &str)]) -> Program {
        let mut command = command(&[&["serve"], words].concat());
        on_the_database_of(&mut command, house);
        Program::start(command, settings).await
    }

    /// Serves what a folder holds, with a PostgreSQL of its own.
    pub async fn serve_folder(folder: &Path, settings: &[(&str, &str)]) -> Program {
        let mut command = command(&["serve"]);
        command.env("DATA_DIR", folder);
        Program::start(command, settings).await
    }

    /// Does the jobs of a house's database, and is asked at `METRICS_ADDRESS` whether it does.
    pub async fn work(house: &House) -> Program {
        let mut command = command(&["work"]);
        on_the_database_of(&mut command, house);
        let address = format!("127.0.0.1:{}", free_port().await);
        command.env("METRICS_ADDRESS", &address);
        Program::launch(command, format!("http://{address}")).await
    }

    async fn start(mut command: Command, settings: &[(&str, &str)]) -> Program {
        let port = free_port().await;
        command.env("PORT", port.to_string());
        command.envs(settings.iter().copied());
        Program::launch(command, format!("http://127.0.0.1:{port}")).await
    }

    async fn launch(mut command: Command, url: String) -> Program {
        let log = std::env::temp_dir().join(format!("connect-space-log-{}", uuid::Uuid::now_v7()));
        let process = command
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let program = Program { url, log, process };
        program.be_ready().await;
        program
    }

    async fn be_ready(&self) {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(60) {
            let answer = reqwest::get(format!("{}/readyz", self.url)).await;
            if answer.is_ok_and(|answer| answer.status() == StatusCode::OK) {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("{} is not ready: {}", self.url, self.log());
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// As if the machine had lost its power.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Asked first, since it may have a PostgreSQL of its own to stop.
        let mut ask = Command::new("kill");
        ask.arg(self.process.id().to_string());
        let is_running = matches!(self.process.try_wait(), Ok(None));
        if is_running && ask.status().is_ok_and(|status| status.success()) {
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_secs(15)
                && matches!(self.process.try_wait(), Ok(None))
            {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        self.kill();
        let _ = std::fs::remove_file(&self.log);
    }
}

/// Runs a command to its end, on a house's database.
pub fn run(house: &House, words: &[&str], settings: &[(&str, &str)]) -> Output {
    let mut command = command(words);
    on_the_database_of(&mut command, house);
    command.envs(settings.iter().copied()).output().unwrap()
}

/// The program, without anything that happens to be set where the tests run.
pub fn command(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connect-space"));
    for name in [
        "DATABASE_URL",
        "DATABASE_OWNER_URL",
        "DATA_DIR",
        "SMTP_URL",
        "PUBLIC_URL",
    ] {
        command.env_remove(name);
    }
    command.args(words);
    command
}

fn on_the_database_of(command: &mut Command, house: &House) {
    let socket = House::socket_folder();
    let database = |role: &str| {
        let (name, folder) = (house.database.name(), socket.display());
        format!("postgres://{role}@localhost/{name}?host={folder}")
    };
    command
        .env("DATABASE_URL", database(APP))
        .env("DATABASE_OWNER_URL", database(OWNER));
}

pub async fn free_port() -> u16 {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    free.local_addr().unwrap().port()
}
