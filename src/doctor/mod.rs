//! Looks at an installation from all sides and says what to do about it.

mod database;
mod surroundings;

use std::fmt;

use crate::config::Config;
use crate::database::Database;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    state: State,
    what: String,
    /// The next step, where there is one.
    todo: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Well,
    /// It serves, and could be better.
    Notice,
    Wrong,
}

impl Finding {
    fn well(what: impl Into<String>) -> Finding {
        Finding::new(State::Well, what, "")
    }

    fn notice(what: impl Into<String>, todo: impl Into<String>) -> Finding {
        Finding::new(State::Notice, what, todo)
    }

    fn wrong(what: impl Into<String>, todo: impl Into<String>) -> Finding {
        Finding::new(State::Wrong, what, todo)
    }

    fn new(state: State, what: impl Into<String>, todo: impl Into<String>) -> Finding {
        Finding {
            state,
            what: what.into(),
            todo: todo.into(),
        }
    }

    pub fn is_wrong(&self) -> bool {
        self.state == State::Wrong
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Well => "well  ",
            State::Notice => "notice",
            State::Wrong => "WRONG ",
        };
        write!(f, "{state}  {}", self.what)?;
        if !self.todo.is_empty() {
            write!(f, "\n        → {}", self.todo)?;
        }
        Ok(())
    }
}

/// Everything, in the order in which one would mend it. Changes nothing.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = surroundings::settings(config);
    findings.extend(surroundings::machine(config));
    let is_private = config.database.database_url.is_none();
    if is_private && !config.database.data_dir.exists() {
        let folder = config.database.data_dir.display();
        let what = format!("there is no data yet: {folder} is not there");
        findings.push(Finding::wrong(
            what,
            "connect-space serve makes it; or name a server with DATABASE_URL",
        ));
        return findings;
    }
    match Database::open(&config.database).await {
        Ok(database) => {
            findings.extend(database::examine(&database).await);
            findings.push(surroundings::mail(config, &database).await);
            database.close().await;
        }
        Err(error) => findings.push(Finding::wrong(
            format!("the database cannot be used: {error:#}"),
            "the reason is before this; docs/operating.md tells what is needed",
        )),
    }
    findings.push(surroundings::served(config).await);
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_what_to_do() {
        let finding = Finding::wrong("no mail leaves", "set SMTP_URL");
        assert_eq!(
            finding.to_string(),
            "WRONG   no mail leaves\n        → set SMTP_URL"
        );
        assert_eq!(
            Finding::well("all is well").to_string(),
            "well    all is well"
        );
    }
}
