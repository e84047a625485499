//! Listening, with limits on what a connection may take, and stopping without breaking an answer.

use std::convert::Infallible;
use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{StatusCode, header};
use axum::response::Html;
use axum::routing::get;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;
use tower::ServiceExt;

use crate::lifecycle::Lifecycle;

/// A head must arrive within this, counted from the connection or from the answer before.
const HEAD: Duration = Duration::from_secs(5);
const HEAD_BYTES: usize = 64 * 1024;
/// The most connections at once; less where the system allows fewer open files.
const CONNECTIONS: usize = 10_000;
/// Open files that are left for everything else.
const OTHER_FILES: usize = 200;

/// Answers until the program stops and then finishes what has begun.
///
/// Each request carries `ConnectInfo<SocketAddr>`, the address of the other side.
pub async fn serve(listener: &TcpListener, router: Router, lifecycle: &Lifecycle) {
    let places = Arc::new(Semaphore::new(most_connections()));
    let open = GracefulShutdown::new();
    loop {
        tokio::select! {
            (stream, peer, place) = accept(listener, &places) => {
                tokio::spawn(answer(stream, peer, router.clone(), open.watcher(), place));
            }
            () = lifecycle.stopping() => break,
        }
    }
    tokio::select! {
        () = open.shutdown() => {}
        () = lifecycle.giving_up() => tracing::warn!("some answers were not finished"),
    }
}

/// What everybody is told while the database is not there yet.
pub fn starting() -> Router {
    const PAGE: &str = "<!doctype html><html lang=\"en\"><title>Connect Space</title>\
        <h1>Back in a moment</h1><p>We are just starting. This page tries again by itself.</p></html>";
    // Connections must not outlive the start, or they would keep getting this answer.
    let headers = [
        (header::CONNECTION, "close"),
        (header::RETRY_AFTER, "2"),
        (header::REFRESH, "2"),
    ];
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .fallback(async move || (StatusCode::SERVICE_UNAVAILABLE, headers, Html(PAGE)))
}

/// The next connection, as soon as there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed, so there is always a place in the end.
    let place = places.clone().acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, place),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn answer(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    open: Watcher,
    place: Option<OwnedSemaphorePermit>,
) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let router = router.clone();
        async move {
            Ok::<_, Infallible>(
                router
                    .oneshot(request)
                    .await
                    .unwrap_or_else(|never| match never {}),
            )
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_header_size(HEAD_BYTES)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = open.watch(connection).await {
        tracing::debug!(%error, %peer, "a connection ended early");
    }
    drop(place);
}

fn most_connections() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    open_files(&limits).map_or(CONNECTIONS, |files| {
        files.saturating_sub(OTHER_FILES).clamp(64, CONNECTIONS)
    })
}

/// The soft limit of `Max open files` in /proc/self/limits, unless it is unlimited.
fn open_files(limits: &str) -> Option<usize> {
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_how_many_files_may_be_open() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
                      Max processes             95747                95747                processes\n\
                      Max open files            1024                 1048576              files\n";
        assert_eq!(open_files(limits), Some(1024));
        assert_eq!(
            open_files("Max open files            unlimited            unlimited            files"),
            None
        );
    }
}
