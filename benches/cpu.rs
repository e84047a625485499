//! What processes have cost so far, by /proc.

use std::fs;

use anyhow::{Context, Result};

/// Linux counts processor time in hundredths of a second, whatever the machine.
const TICKS: f64 = 100.0;

/// The site, or what stands in for it, and its database.
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    /// 0 where nothing stands before the database.
    pub app: u32,
    pub postmaster: u32,
}

/// Seconds of processor time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu {
    pub app: f64,
    pub database: f64,
}

impl Meter {
    pub fn read(self) -> Result<Cpu> {
        let app = match self.app {
            0 => 0.0,
            app => Process::read(app)?.own,
        };
        Ok(Cpu {
            app,
            database: database(self.postmaster)?,
        })
    }
}

/// The server itself, those of its processes that run, and those that have ended.
fn database(postmaster: u32) -> Result<f64> {
    let mut sum = Process::read(postmaster)?;
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(id) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        // One that ends meanwhile is counted with the server's ended ones, the next time.
        if let Ok(process) = Process::read(id)
            && process.parent == postmaster
        {
            sum.own += process.own;
        }
    }
    Ok(sum.own + sum.ended)
}

struct Process {
    parent: u32,
    own: f64,
    ended: f64,
}

impl Process {
    fn read(id: u32) -> Result<Process> {
        let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
        // The name before it stands in brackets and may hold anything.
        let rest = stat.rsplit_once(") ").context("a process has a name")?.1;
        let fields: Vec<&str> = rest.split(' ').collect();
        let number = |at: usize| -> Result<f64> {
            let field = fields.get(at).context("stat has 52 fields")?;
            Ok(field.parse()?)
        };
        Ok(Process {
            parent: number(1)? as u32,
            own: (number(11)? + number(12)?) / TICKS,
            ended: (number(13)? + number(14)?) / TICKS,
        })
    }
}

/// Megabytes that a process has in memory: all of it, and its fair share of what others have too.
pub fn memory(process: u32) -> Result<(f64, f64)> {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
    let kilobytes = |name: &str| -> Result<f64> {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_whitespace().next());
        Ok(number.with_context(|| format!("no {name}"))?.parse()?)
    };
    Ok((kilobytes("Rss:")? / 1024.0, kilobytes("Pss:")? / 1024.0))
}
