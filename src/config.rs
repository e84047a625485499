//! What can be set from outside, by flag or by environment variable; flags win.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use axum::http::Uri;
use clap::Args;
use lettre::message::Mailbox;

use crate::proxies::Network;

const PORT: u16 = 3000;
const BIND: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const DATA_DIR: &str = "var";
const MAIL_FROM: &str = "Connect Space <bookings@connect.example>";

#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Port to listen on
    #[arg(long, env = "PORT", default_value_t = PORT, value_name = "NUMBER")]
    pub port: u16,

    /// Address to listen on; 0.0.0.0 is every address of this machine
    #[arg(long, env = "BIND", default_value_t = BIND, value_name = "ADDRESS")]
    pub bind: IpAddr,

    /// Address that people type, used for links in mails [default: http://BIND:PORT]
    #[arg(long, env = "PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<PublicUrl>,

    /// Proxies in front, as addresses or networks: what they say of who asks is believed
    #[arg(
        long,
        env = "TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "ADDRESS,…"
    )]
    pub trusted_proxies: Vec<Network>,

    /// Where /metrics is served, as 127.0.0.1:9464: not a public address [default: nowhere]
    #[arg(long, env = "METRICS_ADDRESS", value_name = "ADDRESS:PORT")]
    pub metrics_address: Option<SocketAddr>,

    /// Mail server, as smtp://user:password@host:port or smtps://…
    #[arg(
        long,
        env = "SMTP_URL",
        hide_env_values = true,
        value_name = "URL",
        requires = "mail_from"
    )]
    pub smtp_url: Option<Secret>,

    /// Sender of all mails
    #[arg(long, env = "MAIL_FROM", value_name = "NAME <EMAIL>")]
    pub mail_from: Option<Mailbox>,

    #[command(flatten)]
    pub database: DatabaseConfig,
}

#[derive(Args, Clone, Debug)]
pub struct DatabaseConfig {
    /// Folder for everything that is kept
    #[arg(long, env = "DATA_DIR", default_value = DATA_DIR, value_name = "FOLDER")]
    pub data_dir: PathBuf,

    /// PostgreSQL 15 or newer, as postgres://user:password@host/name; without it a private one is
    /// run in DATA_DIR
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<Secret>,

    /// The same database as the role that owns the tables [default: DATABASE_DIRECT_URL or DATABASE_URL]
    #[arg(
        long,
        env = "DATABASE_OWNER_URL",
        hide_env_values = true,
        value_name = "URL",
        requires = "database_url"
    )]
    pub database_owner_url: Option<Secret>,

    /// The same server without the transaction pooler (PgBouncer) that DATABASE_URL leads to
    #[arg(
        long,
        env = "DATABASE_DIRECT_URL",
        hide_env_values = true,
        value_name = "URL",
        requires = "database_url"
    )]
    pub database_direct_url: Option<Secret>,

    /// Most database connections to hold [default: two for each core, 4 to 50]
    #[arg(long, env = "DATABASE_POOL", value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(2..))]
    pub database_pool: Option<u32>,
}

impl Config {
    /// Where people reach us, for links in mails.
    pub fn public_url(&self) -> PublicUrl {
        self.public_url.clone().unwrap_or_else(|| {
            let host = match self.bind {
                ip if ip.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
                IpAddr::V4(ip) => ip.to_string(),
                IpAddr::V6(ip) => format!("[{ip}]"),
            };
            PublicUrl {
                https: false,
                authority: format!("{host}:{}", self.port),
            }
        })
    }

    pub fn mail_from(&self) -> Mailbox {
        self.mail_from.clone().unwrap_or_else(|| {
            MAIL_FROM
                .parse()
                .expect("the constant is an address, as a test says")
        })
    }

    pub fn cookies(&self) -> Cookies {
        let url = self.public_url();
        if url.https || url.is_loopback() {
            Cookies::Strict
        } else {
            Cookies::Plain
        }
    }
}

/// The defaults alone, with nothing from the environment.
impl Default for Config {
    fn default() -> Config {
        Config {
            port: PORT,
            bind: BIND,
            public_url: None,
            smtp_url: None,
            mail_from: None,
            trusted_proxies: Vec::new(),
            metrics_address: None,
            database: DatabaseConfig {
                data_dir: DATA_DIR.into(),
                database_url: None,
                database_owner_url: None,
                database_direct_url: None,
                database_pool: None,
            },
        }
    }
}

/// How cookies are named and marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookies {
    /// `__Host-` names with `Secure`: https, and this very machine, which browsers trust like it.
    Strict,
    /// Plain names without `Secure`, since browsers drop the others over plain http.
    Plain,
}

impl Cookies {
    pub fn name(self, name: &str) -> String {
        match self {
            Cookies::Strict => format!("__Host-{name}"),
            Cookies::Plain => name.to_owned(),
        }
    }

    pub fn secure(self) -> bool {
        self == Cookies::Strict
    }
}

/// Scheme, host and perhaps port: the site lives at the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    https: bool,
    authority: String,
}

impl PublicUrl {
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Host and, unless it is the scheme's own, port: what a browser sends as `Host`.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The whole address of a path that begins with `/`.
    pub fn link(&self, path: &str) -> String {
        format!("{self}{path}")
    }

    /// Without the port; one in digits of IPv6 stands in brackets.
    pub fn host(&self) -> String {
        let uri = self.authority.parse::<Uri>().ok();
        let host = uri.and_then(|uri| uri.host().map(str::to_owned));
        host.unwrap_or_default()
    }

    fn is_loopback(&self) -> bool {
        let host = self.host();
        let address = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || host.ends_with(".localhost")
            || address
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority)
    }
}

impl FromStr for PublicUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<PublicUrl, Self::Err> {
        const SHAPE: &str = "write it like https://desks.example, without a path";
        let uri: Uri = text.trim().parse().map_err(|_| SHAPE)?;
        let (https, own_port) = match uri.scheme_str() {
            Some("https") => (true, ":443"),
            Some("http") => (false, ":80"),
            _ => return Err(SHAPE),
        };
        let authority = uri.authority().ok_or(SHAPE)?.as_str().to_lowercase();
        if authority.contains('@') || uri.path() != "/" || uri.query().is_some() {
            return Err(SHAPE);
        }
        let authority = authority.strip_suffix(own_port).unwrap_or(&authority);
        Ok(PublicUrl {
            https,
            authority: authority.to_owned(),
        })
    }
}

/// A value with a password inside, kept out of logs.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Takes anything, since clap would repeat a refused value, password and all.
impl From<String> for Secret {
    fn from(text: String) -> Secret {
        Secret(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_url(url: &str) -> Config {
        Config {
            public_url: Some(url.parse().unwrap()),
            ..Config::default()
        }
    }

    #[test]
    fn links_lead_to_the_public_url() {
        let url: PublicUrl = "https://Desks.example:443/".parse().unwrap();
        assert_eq!(url.link("/spaces"), "https://desks.example/spaces");
        assert_eq!(url.authority(), "desks.example");
        let url: PublicUrl = "http://desks.example:8080".parse().unwrap();
        assert_eq!(url.link("/"), "http://desks.example:8080/");
    }

    #[test]
    fn a_public_url_has_a_scheme_and_no_path() {
        for bad in [
            "desks.example",
            "ftp://desks.example",
            "https://desks.example/app",
            "https://me:secret@desks.example",
            "https://desks.example?x=1",
            "",
        ] {
            assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn without_a_public_url_links_lead_to_this_machine() {
        let everywhere = Config {
            bind: Ipv4Addr::UNSPECIFIED.into(),
            port: 4000,
            ..Config::default()
        };
        assert_eq!(everywhere.public_url().link("/"), "http://127.0.0.1:4000/");
        let six = Config {
            bind: "::1".parse().unwrap(),
            ..Config::default()
        };
        assert_eq!(six.public_url().to_string(), "http://[::1]:3000");
        assert_eq!(six.cookies(), Cookies::Strict);
    }

    #[test]
    fn cookies_are_strict_where_browsers_keep_them() {
        for strict in [
            "https://desks.example",
            "http://localhost:3000",
            "http://desk.localhost",
            "http://127.0.0.1",
            "http://[::1]:3000",
        ] {
            assert_eq!(with_url(strict).cookies(), Cookies::Strict, "{strict}");
        }
        for plain in ["http://desks.example", "http://192.168.0.7:3000"] {
            assert_eq!(with_url(plain).cookies(), Cookies::Plain, "{plain}");
        }
        assert_eq!(Cookies::Strict.name("session"), "__Host-session");
        assert!(!Cookies::Plain.secure());
    }

    #[test]
    fn debug_output_keeps_secrets() {
        let config = Config {
            smtp_url: Some(Secret::from("smtp://me:hunter2@mail.example".to_owned())),
            ..Config::default()
        };
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn the_default_sender_is_an_address() {
        assert_eq!(
            Config::default().mail_from().email.to_string(),
            "bookings@connect.example"
        );
    }
}
