//! The site's files: from inside the binary, or from a folder while the page is being worked on.

use crate::config;
use app::page::Assets;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::path::{Component, Path, PathBuf};

/// A file of the site, put into the binary by `build.rs`.
pub(crate) struct Embedded {
    /// Where it is served; with its content's hash when it lies under `/pkg`.
    path: &'static str,
    /// Where it is without the hash.
    logical: &'static str,
    hash: &'static str,
    content_type: &'static str,
    identity: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// The paths that the page's head names.
pub(crate) fn page_assets() -> Assets {
    let path = |logical: &str| match SITE.iter().find(|file| file.logical == logical) {
        Some(file) => Some(file.path.to_owned()),
        None if SITE.is_empty() && folder().join(&logical[1..]).exists() => {
            Some(logical.to_owned())
        }
        None => None,
    };
    Assets {
        script: path("/pkg/belfry.js"),
        wasm: path("/pkg/belfry.wasm"),
        style: path("/pkg/belfry.css"),
    }
}

/// The file that a request names, if there is one.
pub(crate) async fn find(path: &str, headers: &HeaderMap) -> Option<Response> {
    if SITE.is_empty() {
        return read(path).await;
    }
    SITE.iter()
        .find(|file| file.path == path)
        .map(|file| file.answer(headers))
}

impl Embedded {
    fn answer(&self, headers: &HeaderMap) -> Response {
        let etag = format!("\"{}\"", self.hash);
        let immutable = self.path != self.logical;
        let cache = if immutable {
            "public, max-age=31536000, immutable"
        } else {
            "public, no-cache"
        };
        let mut response = if matches(headers, &etag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let (encoding, body) = self.encoded(headers);
            let mut response = Body::from(body).into_response();
            response.headers_mut().insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static(self.content_type),
            );
            if let Some(encoding) = encoding {
                response
                    .headers_mut()
                    .insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            }
            response
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(etag) = HeaderValue::from_str(&etag) {
            headers.insert(header::ETAG, etag);
        }
        response
    }

    fn encoded(&self, headers: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
        match (self.brotli, self.gzip) {
            (Some(body), _) if accepts(headers, "br") => (Some("br"), body),
            (_, Some(body)) if accepts(headers, "gzip") => (Some("gzip"), body),
            _ => (None, self.identity),
        }
    }
}

/// Whether `Accept-Encoding` takes `coding` (RFC 9110, 12.5.3); a weight of 0 refuses it.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let values = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, "q=1"));
        let weight = weight
            .trim()
            .strip_prefix("q=")
            .and_then(|weight| weight.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case(coding) && weight.unwrap_or(1.0) > 0.0
    })
}

/// Whether the browser has this version (RFC 9110, 13.1.2).
fn matches(headers: &HeaderMap, etag: &str) -> bool {
    let value = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    value
        .split(',')
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == etag || tag == "*")
}

fn folder() -> PathBuf {
    config::site_folder()
}

/// A file of the site's folder. Nothing above it can be named.
async fn read(path: &str) -> Option<Response> {
    let relative = Path::new(path.strip_prefix('/')?);
    if !relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)))
    {
        return None;
    }
    let body = tokio::fs::read(folder().join(relative)).await.ok()?;
    let content_type = match relative.extension()?.to_str()? {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript",
        "json" | "webmanifest" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    };
    let head = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Some((head, body).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_taken_by_name_and_weight() {
        let check = |accepted: &str, coding: &str, expect: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, accepted.parse().unwrap());
            assert_eq!(accepts(&headers, coding), expect, "{accepted} {coding}");
        };
        check("gzip, deflate, br, zstd", "br", true);
        check("gzip, br;q=0", "br", false);
        check("br;q=0.5", "br", true);
        check("brotli", "br", false);
        check("", "gzip", false);
    }

    #[tokio::test]
    async fn the_folder_cannot_be_left() {
        for path in [
            "/../Cargo.toml",
            "/pkg/../../Cargo.toml",
            "//etc/passwd",
            "/",
            "/./x.css",
        ] {
            assert!(read(path).await.is_none(), "{path}");
        }
    }
}
