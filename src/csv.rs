//! Tables as files for spreadsheets (RFC 4180), in which nothing that people typed is taken for a formula.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::header,
    response::{IntoResponse, Response},
};
use hyper::body::Frame;
use tokio::sync::mpsc;

use crate::error::Result;

/// A table to be saved as `name`, which has no quotes in it.
pub fn file(name: &str, table: String) -> Response {
    sent(name, table.into())
}

/// The same for many rows: `write` reads and sends them piece by piece, as fast as they are taken.
pub fn stream<F>(
    name: &str,
    heading: &'static [&'static str],
    write: impl FnOnce(Pieces) -> F + Send + 'static,
) -> Response
where
    F: Future<Output = Result<()>> + Send,
{
    let (sender, lines) = mpsc::channel(2);
    tokio::spawn(async move {
        // Nobody may be there any more: then the first rows find that out.
        let _ = sender.send(table(heading, [])).await;
        if let Err(error) = write(Pieces(sender)).await {
            tracing::warn!(?error, "a file broke off");
        }
    });
    sent(name, Body::new(Lines(lines)))
}

/// Where the rows of a streamed table go.
pub struct Pieces(mpsc::Sender<String>);

impl Pieces {
    /// False when nobody reads any more.
    pub async fn send(&self, rows: impl IntoIterator<Item = Vec<String>>) -> bool {
        self.0.send(self::rows(rows)).await.is_ok()
    }
}

fn sent(name: &str, body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (headers, body).into_response()
}

/// A body that is written while it is sent.
struct Lines(mpsc::Receiver<String>);

impl HttpBody for Lines {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Infallible>>> {
        let piece = self.0.poll_recv(context);
        piece.map(|piece| piece.map(|piece| Ok(Frame::data(piece.into()))))
    }
}

/// A heading and its rows, with the byte order mark that spreadsheets know UTF-8 by.
pub fn table(heading: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let heading = heading.iter().map(|cell| (*cell).to_owned()).collect();
    format!(
        "\u{feff}{}",
        self::rows(std::iter::once(heading).chain(rows))
    )
}

fn rows(rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = String::new();
    for row in rows {
        let row: Vec<String> = row.iter().map(|text| cell(text)).collect();
        text.push_str(&row.join(","));
        text.push_str("\r\n");
    }
    text
}

fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) && !is_amount(text);
    let text = format!("{}{text}", if is_formula { "'" } else { "" });
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// Such as `-87.50`.
fn is_amount(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    text.split_once('.').map_or_else(
        || digits(text),
        |(rands, cents)| digits(rands) && digits(cents),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_typed_is_no_formula() {
        let rows = [
            vec![
                "=1+1".to_owned(),
                "+27820000001".into(),
                "a \"b\", c".into(),
                "-87.50".into(),
            ],
            vec!["-2+3".to_owned(), "@x".into(), "\t=1".into(), "-".into()],
        ];
        assert_eq!(
            table(&["One", "Two", "Three", "Four"], rows),
            "\u{feff}One,Two,Three,Four\r\n'=1+1,'+27820000001,\"a \"\"b\"\", c\",-87.50\r\n'-2+3,'@x,'\t=1,'-\r\n"
        );
    }
}
