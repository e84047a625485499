//! Settings, the machine, the mail server, and whether the site is served.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Finding;
use crate::config::{Config, Cookies, Secret};
use crate::database::Database;
use crate::mail::Mailer;

/// Less free than this is soon none.
const FREE: u64 = 2 * 1024 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

pub fn settings(config: &Config) -> Vec<Finding> {
    let url = config.public_url();
    let mut findings = vec![match (&config.public_url, config.cookies()) {
        (None, _) => Finding::notice(
            format!("links in mails lead to {url}, which only this machine reaches"),
            "set PUBLIC_URL to what people type, such as https://desks.example",
        ),
        (Some(_), Cookies::Plain) => Finding::wrong(
            format!(
                "{url} is neither https nor this machine: what people send can be read on the way"
            ),
            "put a proxy with TLS in front (docs/operations) and set PUBLIC_URL to its https address",
        ),
        (Some(_), Cookies::Strict) => Finding::well(format!("people come by {url}")),
    }];
    if url.is_https() {
        findings.push(if config.trusted_proxies.is_empty() {
            Finding::notice(
                "the proxy in front is not named: to us all people have its address, and share its limits",
                "set TRUSTED_PROXIES to the address from which it asks, such as 127.0.0.1",
            )
        } else {
            Finding::well("the proxies in front are named")
        });
    }
    match config.metrics_address {
        Some(address) if address.ip().is_unspecified() => findings.push(Finding::notice(
            format!("/metrics is served on every address of this machine, by {address}"),
            "choose one that only those who watch can reach, such as 127.0.0.1:9464",
        )),
        Some(address) => findings.push(Finding::well(format!("/metrics is at {address}"))),
        None => findings.push(Finding::notice(
            "nothing watches over the program",
            "set METRICS_ADDRESS=127.0.0.1:9464 and let Prometheus read it (docs/operations)",
        )),
    }
    findings
}

pub fn machine(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    if config.database.database_url.is_none() && config.database.data_dir.exists() {
        let folder = &config.database.data_dir;
        findings.extend(free(folder).map(|bytes| {
            let gigabytes = bytes as f64 / f64::from(1 << 30);
            let what = format!("{gigabytes:.1} GB are free at {}", folder.display());
            if bytes < FREE {
                Finding::wrong(what, "make room: a database without any stops")
            } else {
                Finding::well(what)
            }
        }));
    }
    findings
}

/// What `df` says that a folder's disk has left, in bytes.
fn free(folder: &Path) -> Option<u64> {
    let answer = Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    let text = String::from_utf8_lossy(&answer.stdout).into_owned();
    let kilobytes: u64 = text
        .lines()
        .nth(1)?
        .split_whitespace()
        .nth(3)?
        .parse()
        .ok()?;
    Some(kilobytes * 1024)
}

pub async fn mail(config: &Config, database: &Database) -> Finding {
    let sample = database.holds_sample().await.unwrap_or(false);
    let smtp = config.smtp_url.as_ref().map(Secret::reveal);
    let from = config.mail_from();
    let mailer = match Mailer::new(smtp, from, sample, &database.pool) {
        Ok(mailer) => mailer,
        Err(error) => {
            return Finding::wrong(
                format!("{error:#}"),
                "write it as smtps://user:password@host",
            );
        }
    };
    match (mailer.reach().await, &mailer) {
        (Ok(()), Mailer::Kept { .. }) => {
            Finding::well("mails are kept to be read at /mail, since this is sample data")
        }
        (Ok(()), _) => Finding::well("the mail server answers"),
        (Err(error), Mailer::Missing) => Finding::wrong(
            format!("no mail leaves: {error}"),
            "without mail nobody can confirm a booking or sign in by a link",
        ),
        (Err(error), _) => Finding::wrong(
            error.to_string(),
            "correct SMTP_URL or wait: mails stay in line until it answers",
        ),
    }
}

/// Asks the program that serves on this machine, if one does, as a balancer would.
pub async fn served(config: &Config) -> Finding {
    let at = format!("{}:{}", config.bind, config.port);
    let nobody = || {
        Finding::notice(
            format!("nobody serves at {at}"),
            "connect-space serve, unless it is served elsewhere",
        )
    };
    let bind = if config.bind.is_unspecified() {
        std::net::Ipv4Addr::LOCALHOST.into()
    } else {
        config.bind
    };
    match timeout(PATIENCE, ready((bind, config.port).into())).await {
        Ok(Ok(status)) if status.starts_with("HTTP/1.1 200") => {
            Finding::well(format!("the site at {at} is ready"))
        }
        Ok(Ok(status)) => Finding::wrong(
            format!("the site at {at} is not ready: it says {status}"),
            "its log says why: look at the lines before",
        ),
        _ => nobody(),
    }
}

async fn ready(at: std::net::SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(at).await?;
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(1_000).read_to_string(&mut answer).await?;
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(config: &Config) -> String {
        settings(config)
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn settings_are_looked_at() {
        let mut config = Config::default();
        assert!(
            says(&config).contains("set PUBLIC_URL"),
            "{}",
            says(&config)
        );
        config.public_url = Some("http://desks.example".parse().unwrap());
        assert!(settings(&config)[0].is_wrong());
        config.public_url = Some("https://desks.example".parse().unwrap());
        assert!(
            says(&config).contains("TRUSTED_PROXIES"),
            "{}",
            says(&config)
        );
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        config.metrics_address = Some("127.0.0.1:9464".parse().unwrap());
        assert!(!says(&config).contains('→'), "{}", says(&config));
    }

    #[test]
    fn the_disk_is_asked() {
        assert!(free(Path::new("/")).is_some_and(|bytes| bytes > 0));
        assert_eq!(free(Path::new("/not/there")), None);
    }
}
