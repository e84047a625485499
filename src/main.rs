//! The command line.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail, ensure};
use chrono::{DateTime, Utc};
use clap::Parser;
use connect_space::app::{self, App};
use connect_space::audit::{self, Channel, Origin};
use connect_space::clock::Clock;
use connect_space::command::{Cli, Command, StaffCommand, TokenCommand};
use connect_space::config::{Config, Cookies, DatabaseConfig, Secret};
use connect_space::database::Database;
use connect_space::error::Error;
use connect_space::lifecycle::{Lifecycle, Phase};
use connect_space::live::Live;
use connect_space::mail::Mailer;
use connect_space::members::member::Member;
use connect_space::members::staff::{self, SignsIn};
use connect_space::sessions::authenticator::{self, By};
use connect_space::sessions::limits::Limits;
use connect_space::sessions::{credentials, token};
use connect_space::{command, demo, doctor, gauges, log, server, worker};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    log::start(cli.log_format);
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

async fn run(command: Command) -> Result<()> {
    let lifecycle = Lifecycle::starting();
    lifecycle.follow_signals()?;
    match command {
        Command::Serve {
            sample,
            no_worker,
            config,
        } => serve(sample, !no_worker, config, lifecycle).await,
        Command::Work(config) => work(config, lifecycle).await,
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
        Command::Serve { .. } | Command::Work(_) => {}
        Command::Configuration => print!("{}", command::reference()),
        Command::Doctor(config) => examine(config).await?,
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
        Command::Staff(StaffCommand::EndSecondStep { email, database }) => {
            let database = up_to_date(&database).await?;
            let mut tx = database.pool.begin().await?;
            let address = email.trim().to_lowercase();
            let member = Member::by_email(&mut tx, &address)
                .await
                .map_err(broken)?
                .with_context(|| format!("nobody has the address {email}"))?;
            let ended = authenticator::turn_off(&mut tx, member.id, By::TheHouse);
            ensure!(ended.await.map_err(broken)?, "{email} has no second step");
            tx.commit().await?;
            eprintln!("{email} signs in without a code, and is told by mail.");
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

/// Says what is well and what to do about the rest; an error if anything keeps the house from serving.
async fn examine(config: Config) -> Result<()> {
    let findings = doctor::examine(&config).await;
    for finding in &findings {
        println!("{finding}");
    }
    let wrong = findings.iter().filter(|finding| finding.is_wrong()).count();
    ensure!(wrong == 0, "{wrong} to be mended");
    Ok(())
}

async fn serve(
    sample: bool,
    with_worker: bool,
    mut config: Config,
    lifecycle: Lifecycle,
) -> Result<()> {
    let listener = listen((config.bind, config.port).into(), "PORT").await?;
    config.port = listener.local_addr()?.port();
    let database = Database::open(&config.database).await?;
    tokio::select! {
        () = server::serve(&listener, server::starting(), &lifecycle) => return Ok(()),
        migrated = database.migrate_when_there() => migrated?,
    }
    if sample {
        fill(&database, Clock::system().now()).await?;
    }
    let app = app(config, &database, &lifecycle).await?;
    let watched = watched(&app).await?;
    lifecycle.enter(Phase::Ready);
    announce(&app);
    let site = server::serve(&listener, app::router(app.clone()), &lifecycle);
    let work = async {
        let work = async {
            if with_worker {
                worker::run(app.clone(), database.direct.clone(), lifecycle.stopping()).await;
            } else {
                lifecycle.stopping().await;
            }
        };
        tokio::select! {
            () = work => {}
            () = app.live.clone().run(database.direct.clone()) => {}
            () = lifecycle.giving_up() => {}
        }
    };
    tokio::select! {
        _ = async { tokio::join!(site, work, watched) } => {}
        () = database.keep_alive() => {}
    }
    database.close().await;
    Ok(())
}

/// The jobs alone, beside any number of servers.
async fn work(config: Config, lifecycle: Lifecycle) -> Result<()> {
    let database = Database::open(&config.database).await?;
    tokio::select! {
        () = lifecycle.stopping() => return Ok(()),
        migrated = database.migrate_when_there() => migrated?,
    }
    let app = app(config, &database, &lifecycle).await?;
    let watched = watched(&app).await?;
    lifecycle.enter(Phase::Ready);
    println!("Connect Space does its jobs");
    let work = async {
        tokio::select! {
            () = worker::run(app.clone(), database.direct.clone(), lifecycle.stopping()) => {}
            () = lifecycle.giving_up() => {}
        }
    };
    tokio::select! {
        _ = async { tokio::join!(work, watched) } => {}
        () = database.keep_alive() => {}
    }
    database.close().await;
    Ok(())
}

async fn app(config: Config, database: &Database, lifecycle: &Lifecycle) -> Result<App> {
    let sample = database.holds_sample().await?;
    let smtp = config.smtp_url.as_ref().map(Secret::reveal);
    Ok(App {
        db: database.pool.clone(),
        clock: Clock::system(),
        mailer: Mailer::new(smtp, config.mail_from(), sample, &database.pool)?,
        config: Arc::new(config),
        lifecycle: lifecycle.clone(),
        limits: Arc::default(),
        live: Live::default(),
        metrics: Arc::default(),
        sample,
    })
}

/// Serves what watches over the program, where that is configured, until the program stops.
async fn watched(app: &App) -> Result<impl Future<Output = ()>> {
    let listener = match app.config.metrics_address {
        Some(address) => Some(listen(address, "METRICS_ADDRESS").await?),
        None => None,
    };
    let (router, lifecycle) = (gauges::router(app.clone()), app.lifecycle.clone());
    Ok(async move {
        if let Some(listener) = listener {
            server::serve(&listener, router, &lifecycle).await;
        }
    })
}

async fn listen(address: SocketAddr, setting: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "port {} of {} cannot be used: choose another with {setting}",
            address.port(),
            address.ip()
        )
    })
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
