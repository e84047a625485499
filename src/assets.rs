//! The files under `static/`, inside the program: each under an address that changes with its content,
//! so that browsers keep it for a year. The style sheets of `css/` are served as one, in name order.

use std::{borrow::Cow, collections::BTreeMap, sync::LazyLock};

use axum::{
    body::Bytes,
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

struct Asset {
    body: Bytes,
    mime: String,
    tag: String,
    url: String,
}

static ASSETS: LazyLock<BTreeMap<String, Asset>> = LazyLock::new(|| {
    let mut sheet = Vec::new();
    let mut assets = BTreeMap::new();
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    for name in names {
        let Some(file) = Files::get(&name) else {
            continue;
        };
        if name.starts_with("css/") {
            sheet.extend_from_slice(&file.data);
        } else {
            let mime = file.metadata.mimetype().to_owned();
            assets.insert(name.to_string(), asset(&name, file.data, mime));
        }
    }
    assets.insert(
        "app.css".into(),
        asset("app.css", sheet.into(), "text/css; charset=utf-8".into()),
    );
    assets
});

fn asset(name: &str, body: Cow<'static, [u8]>, mime: String) -> Asset {
    let body = match body {
        Cow::Borrowed(body) => Bytes::from_static(body),
        Cow::Owned(body) => Bytes::from(body),
    };
    let tag = BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(&body)[..9]);
    let url = format!("/static/{name}?v={tag}");
    Asset {
        body,
        mime,
        tag,
        url,
    }
}

/// The address of a file under `static/`; `app.css` is all style sheets. An unknown name is a fault of
/// the program, and its address answers 404.
pub fn url(name: &str) -> &'static str {
    ASSETS
        .get(name)
        .map_or("/static/missing", |asset| &asset.url)
}

/// Serves `/static/{*name}`.
pub async fn serve(Path(name): Path<String>, headers: HeaderMap, uri: axum::http::Uri) -> Response {
    let Some(asset) = ASSETS.get(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = format!("\"{}\"", asset.tag);
    let current = uri.query() == Some(&format!("v={}", asset.tag));
    let keep = if current || name.starts_with("fonts/") {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=3600"
    };
    let kept = [
        (header::ETAG, tag.clone()),
        (header::CACHE_CONTROL, keep.to_owned()),
    ];
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|theirs| theirs.as_bytes() == tag.as_bytes())
    {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    (
        kept,
        [(header::CONTENT_TYPE, asset.mime.clone())],
        asset.body.clone(),
    )
        .into_response()
}
