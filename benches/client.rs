//! A connection that asks as a browser does, and the answers.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use axum::body::Bytes;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use std::pin::Pin;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Nothing that is measured may take longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is asked for, and by whom.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    pub path: String,
    /// A form, or JSON where there is a token; without it the request is a GET.
    pub body: Option<String>,
    /// `name=value`
    pub cookie: Option<String>,
    pub token: Option<String>,
    /// `gzip`
    pub encoding: Option<&'static str>,
}

impl Ask {
    pub fn page(path: impl Into<String>, cookie: &str) -> Ask {
        Ask {
            path: path.into(),
            cookie: Some(cookie.to_owned()),
            ..Ask::default()
        }
    }

    pub fn form(path: impl Into<String>, cookie: &str, fields: &[(&str, &str)]) -> Ask {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        Ask {
            body: Some(body),
            ..Ask::page(path, cookie)
        }
    }

    pub fn json(path: &str, token: &str, body: &serde_json::Value) -> Ask {
        Ask {
            path: format!("/api/v1{path}"),
            body: Some(body.to_string()),
            token: Some(token.to_owned()),
            ..Ask::default()
        }
    }

    fn request(&self, address: SocketAddr) -> Result<Request<String>> {
        let mut request = Request::builder()
            .method(if self.body.is_some() {
                Method::POST
            } else {
                Method::GET
            })
            .uri(&self.path)
            .header("host", address.to_string())
            .header("user-agent", "bench");
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(encoding) = self.encoding {
            request = request.header("accept-encoding", encoding);
        }
        if self.body.is_some() {
            request = match &self.token {
                Some(token) => request
                    .header("authorization", format!("Bearer {token}"))
                    .header("content-type", "application/json"),
                None => request
                    .header("origin", format!("http://{address}"))
                    .header("sec-fetch-site", "same-origin")
                    .header("content-type", "application/x-www-form-urlencoded"),
            };
        }
        Ok(request.body(self.body.clone().unwrap_or_default())?)
    }
}

#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Where it leads.
    pub location: Option<String>,
    pub kind: String,
    pub encoding: String,
    pub body: Bytes,
    /// On the wire, its head among them.
    pub bytes: usize,
    pub took: Duration,
}

pub struct Connection {
    sender: SendRequest<String>,
    address: SocketAddr,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Connection { sender, address })
    }

    pub async fn ask(&mut self, ask: &Ask) -> Result<Answer> {
        let request = ask.request(self.address)?;
        let begun = Instant::now();
        let answered = async {
            let answer = self.send(request).await?;
            read(answer, begun).await
        };
        let answer = timeout(PATIENCE, answered).await;
        answer.with_context(|| format!("no answer to {}", ask.path))?
    }

    /// Asks for what ends well, or says what came instead.
    pub async fn get(&mut self, ask: &Ask) -> Result<Answer> {
        let answer = self.ask(ask).await?;
        let words = || {
            String::from_utf8_lossy(&answer.body)
                .chars()
                .take(2_000)
                .collect::<String>()
        };
        ensure!(
            answer.status < 400,
            "{} answers {}: {}",
            ask.path,
            answer.status,
            words()
        );
        Ok(answer)
    }

    /// Asks for a page: one that leads elsewhere is not the one that is measured.
    pub async fn page(&mut self, ask: &Ask) -> Result<()> {
        let answer = self.get(ask).await?;
        ensure!(answer.status == 200, "{} leads elsewhere", ask.path);
        Ok(())
    }

    /// The head of an answer whose body goes on.
    pub async fn listen(&mut self, ask: &Ask) -> Result<Incoming> {
        let answer = self.send(ask.request(self.address)?).await?;
        ensure!(
            answer.status() == 200,
            "{} answers {}",
            ask.path,
            answer.status()
        );
        Ok(answer.into_body())
    }

    async fn send(&mut self, request: Request<String>) -> Result<Response<Incoming>> {
        if self.sender.ready().await.is_err() {
            *self = Connection::open(self.address).await?;
        }
        Ok(self.sender.send_request(request).await?)
    }
}

async fn read(answer: Response<Incoming>, begun: Instant) -> Result<Answer> {
    let text = |name: &str| {
        let value = answer
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok());
        value.map(str::to_owned)
    };
    let head: usize = answer
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    let (status, location) = (answer.status().as_u16(), text("location"));
    let (kind, encoding) = (text("content-type"), text("content-encoding"));
    let body = axum::body::to_bytes(axum::body::Body::new(answer.into_body()), 64 << 20).await?;
    Ok(Answer {
        status,
        location,
        kind: kind.unwrap_or_default(),
        encoding: encoding.unwrap_or_default(),
        // `HTTP/1.1 200 OK` and the empty line.
        bytes: head + 19 + body.len(),
        body,
        took: begun.elapsed(),
    })
}

/// The next piece of a body that goes on; `None` at its end.
pub async fn piece(body: &mut Incoming) -> Option<Bytes> {
    loop {
        let frame =
            std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await?;
        if let Ok(data) = frame.ok()?.into_data() {
            return Some(data);
        }
    }
}
