//! Where a private PostgreSQL keeps its data, and as which user of the machine it runs.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

/// Serves when PostgreSQL's user cannot reach `DATA_DIR`.
const ELSEWHERE: &str = "/var/lib/connect-space";

/// Longest path of a Unix socket, in bytes.
const LONGEST_SOCKET: usize = 107;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct User {
    uid: u32,
    gid: u32,
}

/// One private folder per `DATA_DIR`: data, log, locks and, where the path is short enough, the
/// socket.
#[derive(Clone, Debug)]
pub struct Home {
    folder: PathBuf,
    /// Tells one `DATA_DIR` from another in folders that several share.
    key: String,
    /// Whom to become, when started as root: PostgreSQL refuses to run as root.
    user: Option<User>,
}

impl Home {
    /// Finds or makes the folder. Data stays where it was first put.
    pub fn of(data_dir: &Path) -> Result<Home> {
        let data_dir = make(data_dir)?;
        let digest = Sha256::digest(data_dir.as_os_str().as_bytes());
        let key: String = digest[..6]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let here = data_dir.join("postgres");
        let me = fs::metadata("/proc/self")
            .context("/proc is not there")?
            .uid();
        let (folder, user) = if me == 0 {
            as_root(&data_dir, here, &key)?
        } else {
            as_myself(here, me)?
        };
        let home = Home { folder, key, user };
        home.keep_private(&home.folder)?;
        Ok(home)
    }

    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    pub fn lock(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A private folder for the socket: inside, or under /tmp where the path would be too long.
    pub fn socket_folder(&self) -> Result<PathBuf> {
        let inside = self.folder.join("socket");
        let short = if fits(&inside) {
            inside
        } else {
            PathBuf::from(format!("/tmp/connect-space-{}", self.key))
        };
        self.keep_private(&short)?;
        Ok(short)
    }

    /// A program run as PostgreSQL's user, out of reach of the terminal's Ctrl-C and of `PG…`
    /// variables.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C")
            .process_group(0);
        if let Some(user) = self.user {
            command.uid(user.uid).gid(user.gid);
        }
        command
    }

    /// Makes a folder that nobody else may enter, or refuses one that is not so.
    fn keep_private(&self, folder: &Path) -> Result<()> {
        let context = || format!("cannot prepare {}", folder.display());
        match DirBuilder::new().mode(0o700).create(folder) {
            Ok(()) => {
                if let Some(user) = self.user {
                    chown(folder, Some(user.uid), Some(user.gid)).with_context(context)?;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let found = fs::symlink_metadata(folder).with_context(context)?;
                let owner = self.user.map_or(found.uid(), |user| user.uid);
                ensure!(
                    found.is_dir() && found.uid() == owner && found.mode() & 0o077 == 0,
                    "{} is not a private folder of PostgreSQL's user",
                    folder.display()
                );
            }
            Err(error) => return Err(error).with_context(context),
        }
        Ok(())
    }
}

fn as_myself(here: PathBuf, me: u32) -> Result<(PathBuf, Option<User>)> {
    match fs::metadata(&here) {
        Ok(found) if found.uid() != me => bail!(
            "{} belongs to another user: start as that user or as root, or choose another DATA_DIR",
            here.display()
        ),
        _ => Ok((here, None)),
    }
}

fn as_root(data_dir: &Path, here: PathBuf, key: &str) -> Result<(PathBuf, Option<User>)> {
    if let Some(owner) = owner(&here) {
        ensure!(
            can_enter(owner, data_dir),
            "PostgreSQL's user cannot reach {} any more: let others pass through the folders above it (chmod o+x)",
            here.display()
        );
        return Ok((here, Some(owner)));
    }
    let elsewhere = Path::new(ELSEWHERE).join(key);
    let (folder, user) = match owner(&elsewhere) {
        Some(owner) => (elsewhere, owner),
        None => {
            let user = user_named("postgres").or_else(|| user_named("nobody"));
            let user = user.context(
                "PostgreSQL refuses to run as root, and there is no user postgres or nobody",
            )?;
            let folder = if can_enter(user, data_dir) {
                here
            } else {
                elsewhere
            };
            (folder, user)
        }
    };
    if folder.starts_with(ELSEWHERE) {
        make(Path::new(ELSEWHERE))?;
        fs::set_permissions(ELSEWHERE, Permissions::from_mode(0o755))?;
        tracing::info!(
            "the data is kept in {}, since PostgreSQL's user could not reach {}",
            folder.display(),
            data_dir.display()
        );
    }
    Ok((folder, Some(user)))
}

fn make(folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder)
        .and_then(|()| folder.canonicalize())
        .with_context(|| format!("cannot create {}", folder.display()))
}

/// Whose private folder this is, if it is there and not root's.
fn owner(folder: &Path) -> Option<User> {
    let found = fs::metadata(folder).ok()?;
    (found.uid() != 0).then(|| User {
        uid: found.uid(),
        gid: found.gid(),
    })
}

/// Asks the system itself, since access lists and mounts count as well as modes.
fn can_enter(user: User, folder: &Path) -> bool {
    Command::new("test")
        .arg("-x")
        .arg(folder)
        .current_dir("/")
        .uid(user.uid)
        .gid(user.gid)
        .status()
        .is_ok_and(|status| status.success())
}

fn user_named(name: &str) -> Option<User> {
    user_in(&fs::read_to_string("/etc/passwd").ok()?, name)
}

fn user_in(passwd: &str, name: &str) -> Option<User> {
    let line = passwd
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    let mut numbers = line.split(':').skip(2);
    Some(User {
        uid: numbers.next()?.parse().ok()?,
        gid: numbers.next()?.parse().ok()?,
    })
}

/// PostgreSQL reads the folder as one of a list, so commas and quotes would split it.
fn fits(folder: &Path) -> bool {
    let socket = folder.join(".s.PGSQL.5432");
    let bytes = socket.as_os_str().as_bytes();
    bytes.len() <= LONGEST_SOCKET && !bytes.iter().any(|byte| b",\"'".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_user_in_passwd() {
        let passwd =
            "root:x:0:0::/root:/bin/bash\npostgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(
            user_in(passwd, "postgres"),
            Some(User { uid: 101, gid: 104 })
        );
        assert_eq!(user_in(passwd, "post"), None);
    }

    #[test]
    fn a_socket_needs_a_short_plain_path() {
        let long = |length: usize| PathBuf::from(format!("/{}", "x".repeat(length - 1)));
        let name = "/.s.PGSQL.5432".len();
        assert!(fits(&long(LONGEST_SOCKET - name)));
        assert!(!fits(&long(LONGEST_SOCKET - name + 1)));
        assert!(!fits(Path::new("/home/a,b")));
    }
}
