//! The files under `static/`, inside the program: each under an address that changes with its content,
//! so that browsers keep it for a year. The style sheets of `css/` are served as one, `app.css`, in name
//! order; those of a folder in it, such as `css/staff/`, as one of its name, for the pages that need them.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{LazyLock, OnceLock},
};

use axum::{
    body::Bytes,
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use brotli::enc::BrotliEncoderParams;
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
    /// As small as brotli makes it, from the first request on; `None` where that is no gain.
    packed: OnceLock<Option<Bytes>>,
}

impl Asset {
    fn packed(&self) -> Option<&Bytes> {
        let pack = || {
            let text = self.mime.starts_with("text/")
                || ["image/svg+xml", "application/json"].contains(&&*self.mime);
            let mut packed = Vec::new();
            let params = BrotliEncoderParams {
                quality: 11,
                ..BrotliEncoderParams::default()
            };
            let done =
                text && brotli::BrotliCompress(&mut &*self.body, &mut packed, &params).is_ok();
            (done && packed.len() < self.body.len()).then(|| packed.into())
        };
        self.packed.get_or_init(pack).as_ref()
    }
}

static ASSETS: LazyLock<BTreeMap<String, Asset>> = LazyLock::new(|| {
    let mut sheets: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut assets = BTreeMap::new();
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    for name in names {
        let Some(file) = Files::get(&name) else {
            continue;
        };
        if let Some(part) = name.strip_prefix("css/") {
            let whole = part.split_once('/').map_or("app", |(folder, _)| folder);
            let sheet = sheets.entry(format!("{whole}.css")).or_default();
            sheet.extend_from_slice(&file.data);
        } else {
            let mime = file.metadata.mimetype().to_owned();
            let body = match str::from_utf8(&file.data) {
                Ok(script) if name.ends_with(".js") => bare(script).into_bytes().into(),
                _ => file.data,
            };
            assets.insert(name.to_string(), asset(&name, body, mime));
        }
    }
    for (name, sheet) in sheets {
        let sheet = asset(&name, sheet.into(), "text/css; charset=utf-8".into());
        assets.insert(name, sheet);
    }
    assets
});

/// A script without its indentation and without the lines that are comment alone.
fn bare(script: &str) -> String {
    let lines = script.lines().map(str::trim).filter(|line| {
        let is_comment = line.starts_with("//") || line.starts_with("/**") && line.ends_with("*/");
        !line.is_empty() && !is_comment
    });
    lines.collect::<Vec<_>>().join("\n")
}

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
        packed: OnceLock::new(),
    }
}

/// The address of a file under `static/`, or of a sheet such as `app.css`. An unknown name is a fault of
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
    let kind = [(header::CONTENT_TYPE, asset.mime.clone())];
    let takes_brotli = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|accepted| accepted.to_str().ok())
        .is_some_and(|accepted| accepted.split(',').any(|one| one.trim() == "br"));
    match asset.packed().filter(|_| takes_brotli) {
        Some(packed) => {
            let packing = [
                (header::CONTENT_ENCODING, "br"),
                (header::VARY, "accept-encoding"),
            ];
            (kept, kind, packing, packed.clone()).into_response()
        }
        None => (kept, kind, asset.body.clone()).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn a_script_loses_only_what_says_nothing_to_a_browser() {
        let script = "// Why.\n/** What. */\nconst go = () => {\n  // How.\n\n  return \"//\"; // here\n};\n";
        assert_eq!(
            bare(script),
            "const go = () => {\nreturn \"//\"; // here\n};"
        );
    }
}
