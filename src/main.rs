//! The command line.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail, ensure};
use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};
use connect_space::app::{self, App};
use connect_space::audit::{self, Channel, Origin};
use connect_space::clock::Clock;
use connect_space::config::{Config, Cookies, DatabaseConfig, Secret};
use connect_space::database::Database;
use connect_space::error::Error;
use connect_space::lifecycle::{Lifecycle, Phase};
use connect_space::live::Live;
use connect_space::mail::Mailer;
use connect_space::members::staff::{self, Role, SignsIn};
use connect_space::sessions::limits::Limits;
use connect_space::sessions::{credentials, token};
use connect_space::{demo, server, worker};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

const EXAMPLES: &str = "\
Examples:
  connect-space serve --sample           try everything on made-up data
  connect-space serve --port 8080        the real thing, on another port
  connect-space staff add --email thandi@desks.example --name 'Thandi Nkosi' --role owner
  connect-space token add --email thandi@desks.example > token

Commands on the same DATA_DIR share one database, also beside a running server.
RUST_LOG sets what is logged (info, debug, connect_space=debug), and PG_BIN where
PostgreSQL's server programs are, should they not be found.";

/// Booking of hot desks, meeting rooms and offices.
#[derive(Parser)]
#[command(name = "connect-space", version, after_help = EXAMPLES)]
struct Cli {
    /// How to write the log, which goes to the standard error
    #[arg(long, env = "LOG_FORMAT", global = true, default_value = "text")]
    log_format: LogFormat,

    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the site and do its jobs, after bringing the database up to date
    Serve {
        /// Fill an empty database with sample data first
        #[arg(long)]
        sample: bool,
        #[command(flatten)]
        config: Config,
    },
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
}

#[derive(Subcommand)]
enum StaffCommand {
    /// Make somebody staff; they sign in with a link by mail
    Add(NewStaff),
}

#[derive(Args)]
struct NewStaff {
    #[arg(long)]
    email: String,
    /// First and last name
    #[arg(long)]
    name: String,
    /// receptionist, manager or owner
    #[arg(long)]
    role: Role,
    /// Short name of the manager's location, as in its page's address
    #[arg(long)]
    location: Option<String>,
    #[command(flatten)]
    database: DatabaseConfig,
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Make a bearer token for a member and print it, alone and only this once
    Add {
        /// Whose rights the token carries
        #[arg(long)]
        email: String,
        #[command(flatten)]
        database: DatabaseConfig,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log(cli.log_format);
    match run(cli.command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("connect-space: {}", sentence(&error));
            ExitCode::FAILURE
        }
    }
}

/// What went wrong and why, once: some errors repeat their cause.
fn sentence(error: &anyhow::Error) -> String {
    let mut sentence = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !sentence.contains(&cause) {
            sentence = format!("{sentence}: {cause}");
        }
    }
    sentence
}

fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.with_target(false).init(),
        LogFormat::Json => log.json().init(),
    }
}

async fn run(command: Command) -> Result<()> {
    let lifecycle = Lifecycle::starting();
    lifecycle.follow_signals()?;
    match command {
        Command::Serve { sample, config } => serve(sample, config, lifecycle).await,
        other => tokio::select! {
            done = once(other) => done,
            () = lifecycle.stopping() => bail!("interrupted"),
        },
    }
}

/// A command that does one thing to the database.
async fn once(command: Command) -> Result<()> {
    let origin = Origin {
        channel: Channel::Command,
        network: String::new(),
    };
    audit::coming_from(origin, carry_out(command)).await
}

async fn carry_out(command: Command) -> Result<()> {
    match command {
        Command::Serve { .. } => {}
        Command::Migrate(config) => up_to_date(&config).await?.close().await,
        Command::Demo(config) => {
            let database = up_to_date(&config).await?;
            let filled = fill(&database, Clock::system().now()).await?;
            ensure!(
                filled,
                "the database is not empty: sample data goes into an empty one only"
            );
            database.close().await;
        }
        Command::Staff(StaffCommand::Add(new)) => {
            let database = up_to_date(&new.database).await?;
            let mut tx = database.pool.begin().await?;
            let location = new.location.as_deref();
            let signs_in = staff::add(&mut tx, &new.email, &new.name, new.role, location)
                .await
                .map_err(broken)??;
            tx.commit().await?;
            eprintln!(
                "{}",
                match signs_in {
                    SignsIn::AsBefore => "They sign in as before.",
                    SignsIn::ByMailedLink =>
                        "A mail with a link to sign in is on its way, once the site is served.",
                }
            );
            database.close().await;
        }
        Command::Token(TokenCommand::Add { email, database }) => {
            let database = up_to_date(&database).await?;
            let mut tx = database.pool.begin().await?;
            let made = token::make(&mut tx, &email, "command line")
                .await
                .map_err(broken)?;
            let token = made.with_context(|| format!("nobody has the address {email}"))?;
            tx.commit().await?;
            println!("{token}");
            database.close().await;
        }
    }
    Ok(())
}

async fn up_to_date(config: &DatabaseConfig) -> Result<Database> {
    let database = Database::open(config).await?;
    database.migrate().await?;
    Ok(database)
}

/// Fills an empty database with the sample; false if it is not empty.
async fn fill(database: &Database, now: DateTime<Utc>) -> Result<bool> {
    let mut tx = database.pool.begin().await?;
    if !demo::is_empty(&mut *tx).await? {
        return Ok(false);
    }
    let hash = async |secret: &str| {
        credentials::hash(&Limits::default(), secret.to_owned())
            .await
            .map_err(broken)
    };
    let (password, pin) = (hash(demo::PASSWORD).await?, hash(demo::PIN).await?);
    demo::fill(&mut tx, now, (&password, &pin)).await?;
    tx.commit().await?;
    Ok(true)
}

/// What a command says where a page would show its status.
fn broken(error: Error) -> anyhow::Error {
    match error {
        Error::Broken(cause) => cause,
        Error::Refused { sentence, .. } => anyhow!(sentence),
        Error::Unavailable | Error::Contended => anyhow!("the database is away or busy: try again"),
        other => anyhow!("{other:?}"),
    }
}

async fn serve(sample: bool, mut config: Config, lifecycle: Lifecycle) -> Result<()> {
    let listener = listen(&mut config).await?;
    let database = Database::open(&config.database).await?;
    tokio::select! {
        () = server::serve(&listener, server::starting(), &lifecycle) => return Ok(()),
        migrated = database.migrate_when_there() => migrated?,
    }
    let clock = Clock::system();
    if sample {
        fill(&database, clock.now()).await?;
    }
    let sample = database.holds_sample().await?;
    let smtp = config.smtp_url.as_ref().map(Secret::reveal);
    let app = App {
        db: database.pool.clone(),
        clock,
        mailer: Mailer::new(smtp, config.mail_from(), sample, &database.pool)?,
        config: Arc::new(config),
        lifecycle: lifecycle.clone(),
        limits: Arc::default(),
        live: Live::default(),
        sample,
    };
    lifecycle.enter(Phase::Ready);
    announce(&app);
    let site = server::serve(&listener, app::router(app.clone()), &lifecycle);
    let work = async {
        tokio::select! {
            () = worker::run(app.clone(), database.direct.clone(), lifecycle.stopping()) => {}
            () = app.live.clone().run(database.direct.clone()) => {}
            () = lifecycle.giving_up() => {}
        }
    };
    tokio::select! {
        _ = async { tokio::join!(site, work) } => {}
        () = database.keep_alive() => {}
    }
    database.close().await;
    Ok(())
}

async fn listen(config: &mut Config) -> Result<TcpListener> {
    let listener = TcpListener::bind((config.bind, config.port))
        .await
        .with_context(|| {
            format!(
                "port {} of {} cannot be used: choose another with PORT",
                config.port, config.bind
            )
        })?;
    config.port = listener.local_addr()?.port();
    Ok(listener)
}

fn announce(app: &App) {
    let url = app.config.public_url();
    println!("Connect Space is at {url}");
    if app.sample {
        println!("Sign in with the password {} as", demo::PASSWORD);
        for (email, who) in demo::SIGN_INS {
            println!("  {email:30} {who}");
        }
        println!(
            "and take turns on a computer that staff share with the PIN {}",
            demo::PIN
        );
    }
    if app.config.bind.is_unspecified() && app.config.public_url.is_none() {
        tracing::warn!(
            "links in mails lead to {url}: set PUBLIC_URL so that they work from other machines"
        );
    }
    if app.config.cookies() == Cookies::Plain {
        tracing::warn!(
            "{url} is neither https nor this machine, so cookies are not protected on the way: use https"
        );
    }
}
