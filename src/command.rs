//! The command line: commands, and the settings of each by flag or by environment variable.

use std::fmt::Write;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::config::{Config, DatabaseConfig};
use crate::log::Format;
use crate::members::staff::Role;

const EXAMPLES: &str = "\
Examples:
  connect-space serve --sample           try everything on made-up data
  connect-space serve --port 8080        the real thing, on another port
  connect-space doctor                   what is well here, and what to do
  connect-space staff add --email thandi@desks.example --name 'Thandi Nkosi' --role owner
  connect-space token add --email thandi@desks.example > token

Commands on the same DATA_DIR share one database, also beside a running server.
RUST_LOG sets what is logged (info, debug, connect_space=debug), and PG_BIN where
PostgreSQL's server programs are, should they not be found.";

/// Booking of hot desks, meeting rooms and offices.
#[derive(Parser)]
#[command(name = "connect-space", version, after_help = EXAMPLES)]
pub struct Cli {
    /// How to write the log, which goes to the standard error
    #[arg(long, env = "LOG_FORMAT", global = true, default_value = "text")]
    pub log_format: Format,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Serve the site and do its jobs, after bringing the database up to date
    Serve {
        /// Fill an empty database with sample data first
        #[arg(long)]
        sample: bool,
        /// Leave the jobs, mails among them, to other programs: see work
        #[arg(long)]
        no_worker: bool,
        #[command(flatten)]
        config: Config,
    },
    /// Do the jobs, mails among them, beside any number of servers
    Work(Config),
    /// Look at this installation and say what to do about it
    Doctor(Config),
    /// Bring the database up to date, and do nothing else
    Migrate(DatabaseConfig),
    /// Fill an empty database with sample data
    Demo(DatabaseConfig),
    /// Look after the people who run the place
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Look after access to the API
    #[command(subcommand)]
    Token(TokenCommand),
    /// Print the reference of all settings, as docs/configuration.md has it
    #[command(hide = true)]
    Configuration,
}

#[derive(Subcommand)]
pub enum StaffCommand {
    /// Make somebody staff; they sign in with a link by mail
    Add(NewStaff),
    /// Take the second step off somebody's account, member or staff, who lost both phone and recovery codes
    EndSecondStep {
        #[arg(long)]
        email: String,
        #[command(flatten)]
        database: DatabaseConfig,
    },
}

#[derive(Args)]
pub struct NewStaff {
    #[arg(long)]
    pub email: String,
    /// First and last name
    #[arg(long)]
    pub name: String,
    /// receptionist, manager or owner
    #[arg(long)]
    pub role: Role,
    /// Short name of the manager's location, as in its page's address
    #[arg(long)]
    pub location: Option<String>,
    #[command(flatten)]
    pub database: DatabaseConfig,
}

#[derive(Subcommand)]
pub enum TokenCommand {
    /// Make a bearer token for a member and print it, alone and only this once
    Add {
        /// Whose rights the token carries
        #[arg(long)]
        email: String,
        #[command(flatten)]
        database: DatabaseConfig,
    },
}

/// Settings that clap does not know, since they are read where they are needed.
const OTHERS: [(&str, &str, &str); 2] = [
    (
        "RUST_LOG",
        "`info`",
        "What is logged: `warn`, `debug`, `connect_space::requests=off,info`, …",
    ),
    (
        "PG_BIN",
        "the newest found",
        "Folder of PostgreSQL's server programs, for a private server",
    ),
];

/// All settings and commands as Markdown, made from the definitions above.
pub fn reference() -> String {
    let cli = Cli::command();
    let mut text = String::from(
        "# Configuration\n\nMade by `connect-space configuration` from the program itself. Each setting is an environment \
         variable or a flag; flags win.\n\n| Variable | Flag | Default | |\n|---|---|---|---|\n",
    );
    let serve = cli.find_subcommand("serve").into_iter();
    let mut settings: Vec<_> = serve
        .chain([&cli])
        .flat_map(clap::Command::get_arguments)
        .filter_map(|setting| Some((setting.get_env()?.to_str()?, setting)))
        .collect();
    settings.dedup_by_key(|(variable, _)| *variable);
    for (variable, setting) in settings {
        let help = setting
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let (help, default) = default(setting, &help);
        let flag = setting.get_long().unwrap_or_default();
        let _ = writeln!(text, "| `{variable}` | `--{flag}` | {default} | {help} |");
    }
    for (variable, default, help) in OTHERS {
        let _ = writeln!(text, "| `{variable}` | | {default} | {help} |");
    }
    text.push_str("\n## Commands\n\n| Command | |\n|---|---|\n");
    list("", &cli, &mut text);
    text
}

/// The help without the default that it tells, and that default.
fn default(setting: &clap::Arg, help: &str) -> (String, String) {
    if let Some((help, told)) = help.split_once(" [default: ") {
        return (help.to_owned(), told.trim_end_matches(']').to_owned());
    }
    let values: Vec<_> = setting
        .get_default_values()
        .iter()
        .map(|value| format!("`{}`", value.display()))
        .collect();
    (help.to_owned(), values.join(", "))
}

fn list(before: &str, command: &clap::Command, text: &mut String) {
    for command in command
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
    {
        let name = format!("{before}{}", command.get_name());
        if command.has_subcommands() {
            list(&format!("{name} "), command, text);
        } else {
            let about = command
                .get_about()
                .map(ToString::to_string)
                .unwrap_or_default();
            let _ = writeln!(text, "| `{name}` | {about} |");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_reference_in_the_documents_is_this_one() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");
        let told = std::fs::read_to_string(file).unwrap_or_default();
        assert!(
            told == reference(),
            "write it anew: connect-space configuration > docs/configuration.md"
        );
    }

    #[test]
    fn every_setting_is_told_with_a_sentence() {
        let text = reference();
        for line in text.lines().filter(|line| line.starts_with("| `")) {
            let told = line.trim_end_matches(" |").rsplit("| ").next().unwrap();
            assert!(told.len() > 10, "{line}");
        }
        for variable in [
            "DATABASE_URL",
            "METRICS_ADDRESS",
            "LOG_FORMAT",
            "SMTP_URL",
            "RUST_LOG",
        ] {
            assert!(text.contains(&format!("| `{variable}` |")), "{variable}");
        }
        assert!(!text.contains("`configuration`"), "hidden");
    }
}
