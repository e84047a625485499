//! Whether a server runs on a data folder, read from the files that it leaves there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Keeps two servers off the same socket.
const SOCKET_LOCK: &str = ".s.PGSQL.5432.lock";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Stopped,
    /// Starting, recovering or stopping.
    Changing,
    Ready,
}

pub fn state(data: &Path) -> State {
    match process(data) {
        Some(process) if serves(process, data) => match line(data, 7).as_deref() {
            Some("ready") => State::Ready,
            _ => State::Changing,
        },
        _ => State::Stopped,
    }
}

/// The id of the process that runs, or once ran, on the data.
pub fn process(data: &Path) -> Option<u32> {
    line(data, 0)?.parse().ok()
}

pub fn socket_folder(data: &Path) -> Option<PathBuf> {
    line(data, 4).map(PathBuf::from)
}

/// Removes the lock files of a dead server when its process id now belongs to some other process or
/// to its own remains, which PostgreSQL would take for a living server. Its check of shared memory
/// still keeps two servers off the same data.
pub fn forget_the_dead(data: &Path, socket_folder: &Path) -> io::Result<()> {
    let locks = [data.join("postmaster.pid"), socket_folder.join(SOCKET_LOCK)];
    for lock in locks {
        let text = fs::read_to_string(&lock).unwrap_or_default();
        let process = text
            .lines()
            .next()
            .and_then(|line| line.trim().parse().ok());
        if process.is_some_and(|process| exists(process) && !serves(process, data)) {
            fs::remove_file(&lock)?;
        }
    }
    Ok(())
}

/// A line of postmaster.pid, counted from 0: process id, data folder, start, port, socket folder,
/// address, shared memory, status.
fn line(data: &Path, number: usize) -> Option<String> {
    let file = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    Some(file.lines().nth(number)?.trim().to_owned())
}

fn exists(process: u32) -> bool {
    Path::new(&format!("/proc/{process}")).exists()
}

/// Whether the process is a living server on the data: process ids are used again.
fn serves(process: u32, data: &Path) -> bool {
    match fs::read_link(format!("/proc/{process}/cwd")) {
        Ok(folder) => folder == data,
        // Root without the right to look closer, or a process that is already dead.
        Err(_) => fs::read(format!("/proc/{process}/cmdline")).is_ok_and(|line| {
            let line = String::from_utf8_lossy(&line);
            line.split('\0').any(|word| Path::new(word) == data)
        }),
    }
}
