//! What the program says while it runs, on the standard error: as text, or as JSON, a line for each event.
//!
//! Lines name routes, ids and counts. Should an address of a person come along in what a mail server or a database
//! answered, it is masked on its way out.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    Text,
    Json,
}

/// From now on everything is logged that `RUST_LOG` asks for; panics too.
pub fn start(format: Format) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(|| Masking);
    match format {
        Format::Text => log.with_target(false).init(),
        Format::Json => log.json().flatten_event(true).with_span_list(false).init(),
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let words = panic.payload_as_str().unwrap_or("no words");
        tracing::error!(place, "panicked: {words}");
    }));
}

/// The standard error, without anybody's address. Each event arrives whole.
struct Masking;

impl Write for Masking {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        io::stderr().lock().write_all(&masked(line))?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Whoever stands before an @ is left out: `thandeka@example.com` is `…@example.com`.
fn masked(line: &[u8]) -> Cow<'_, [u8]> {
    if !line.contains(&b'@') {
        return Cow::Borrowed(line);
    }
    let mut kept = Vec::with_capacity(line.len());
    for &byte in line {
        if byte == b'@' {
            let name = kept
                .iter()
                .rev()
                .take_while(|&&byte| is_of_name(byte))
                .count();
            if name > 0 {
                kept.truncate(kept.len() - name);
                kept.extend("…".as_bytes());
            }
        }
        kept.push(byte);
    }
    Cow::Owned(kept)
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte) || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobodys_address_leaves() {
        let said = |line: &str| String::from_utf8(masked(line.as_bytes()).into_owned()).unwrap();
        assert_eq!(
            said("550 <thandeka.m+x@example.com>: no such user, nor zoë@example.com"),
            "550 <…@example.com>: no such user, nor …@example.com"
        );
        assert_eq!(
            said(r#"{"message":"o'brien@example.com","at":"@"}"#),
            r#"{"message":"…@example.com","at":"@"}"#
        );
        assert_eq!(said("answered"), "answered");
    }
}
