//! Which PostgreSQL server programs this machine has.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The oldest major version that the migrations are written for.
pub const OLDEST: u32 = 15;

const DEBIAN: &str = "/usr/lib/postgresql";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs {
    folder: PathBuf,
    major: u32,
}

impl Programs {
    /// The newest programs, or those that fit data `written_by` a major version.
    ///
    /// `PG_BIN` alone counts when it is set, else Debian's folders and then `PATH`.
    pub fn find(written_by: Option<u32>) -> Result<Programs> {
        let installed = match env::var_os("PG_BIN") {
            Some(folder) => {
                let folder = PathBuf::from(folder);
                vec![programs_in(&folder).with_context(|| {
                    format!("PG_BIN={} holds no PostgreSQL server", folder.display())
                })?]
            }
            None => folders()
                .iter()
                .filter_map(|folder| programs_in(folder))
                .collect(),
        };
        choose(installed, written_by)
    }

    pub fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }
}

fn folders() -> Vec<PathBuf> {
    let debian = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let path = env::var_os("PATH").unwrap_or_default();
    debian
        .map(|version| version.path().join("bin"))
        .chain(env::split_paths(&path))
        .collect()
}

fn programs_in(folder: &Path) -> Option<Programs> {
    let all = ["postgres", "initdb", "pg_ctl"];
    if !all.iter().all(|program| folder.join(program).is_file()) {
        return None;
    }
    let answer = Command::new(folder.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    Some(Programs {
        folder: folder.to_owned(),
        major: major(&String::from_utf8_lossy(&answer.stdout))?,
    })
}

/// 15 of `postgres (PostgreSQL) 15.18 (Debian 15.18-1)`.
fn major(version: &str) -> Option<u32> {
    let number = version
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let digits = number
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(number.len());
    number[..digits].parse().ok()
}

fn choose(installed: Vec<Programs>, written_by: Option<u32>) -> Result<Programs> {
    let newest = installed.iter().map(|programs| programs.major).max();
    let wanted = written_by.or(newest);
    let found = installed
        .into_iter()
        .find(|programs| Some(programs.major) == wanted);
    match (found, written_by, newest) {
        (Some(programs), _, _) if programs.major >= OLDEST => Ok(programs),
        (None, Some(old), Some(new)) => bail!(
            "the data was written by PostgreSQL {old}, but this machine has {new}: install postgresql-{old}, \
             or move the data with pg_upgrade"
        ),
        (Some(old), _, _) => bail!(
            "PostgreSQL {} is too old: install version {OLDEST} or newer",
            old.major
        ),
        (None, _, None) | (None, None, Some(_)) => bail!(
            "no PostgreSQL server programs were found: install them (apt-get install postgresql), \
             name their folder in PG_BIN, or use a server with DATABASE_URL"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(majors: &[u32]) -> Vec<Programs> {
        let programs = |&major: &u32| Programs {
            folder: format!("/pg/{major}").into(),
            major,
        };
        majors.iter().map(programs).collect()
    }

    #[test]
    fn reads_the_major_version() {
        assert_eq!(
            major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major("postgres (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(major("postgres"), None);
    }

    #[test]
    fn the_newest_serves_new_data_and_its_own_version_serves_old_data() {
        assert_eq!(choose(installed(&[15, 17, 16]), None).unwrap().major, 17);
        assert_eq!(
            choose(installed(&[15, 17, 16]), Some(15)).unwrap().major,
            15
        );
    }

    #[test]
    fn says_what_to_install() {
        let refusal = |majors, written_by| {
            choose(installed(majors), written_by)
                .unwrap_err()
                .to_string()
        };
        assert!(refusal(&[17], Some(15)).contains("install postgresql-15"));
        assert!(refusal(&[14], None).contains("PostgreSQL 14 is too old"));
        assert!(refusal(&[], None).contains("apt-get install postgresql"));
        assert!(refusal(&[], Some(15)).contains("apt-get install postgresql"));
    }
}
