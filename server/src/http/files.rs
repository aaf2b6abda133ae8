//! `GET /file/{name}`: a file of a notification, for whoever may read it. It is saved, never shown: what somebody sent
//! must not run under our address.

use super::address::ClientAddress;
use super::auth::Visitor;
use super::ntfy;
use super::problem::Problem;
use super::state::AppState;
use crate::service::files::Opened;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use tokio_util::io::ReaderStream;

/// Answers the file. Who may not have it is told what everybody is told of a file that is not there.
pub(crate) async fn get(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Visitor(visitor): Visitor,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let nothing = || Problem::not_found("There is no such file, or it is not yours to see");
    let actor = match visitor {
        Some(actor) => actor,
        None => ntfy::by_authorization(&state, address, &headers, &uri)
            .await
            .ok()
            .flatten()
            .ok_or_else(nothing)?,
    };
    let id = name.split('.').next().unwrap_or_default();
    if id.len() != 12 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(nothing());
    }
    let opened = state.services.file(&actor, id).await?;
    Ok(answer(opened))
}

fn answer(opened: Opened) -> Response {
    let Opened {
        file,
        name,
        kind,
        size,
    } = opened;
    let bytes = HeaderValue::from_static("application/octet-stream");
    let kind = HeaderValue::from_str(&kind).unwrap_or(bytes);
    let mut response = Body::from_stream(ReaderStream::new(file)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    headers.insert(header::CONTENT_DISPOSITION, disposition(&name));
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "sandbox; default-src 'none'",
        ),
        (header::CACHE_CONTROL, "private, no-cache"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The name under which it is saved (RFC 6266, 4.3; RFC 8187, 3.2.1): every byte that is not plain is escaped.
fn disposition(name: &str) -> HeaderValue {
    let mut value = String::from("attachment; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            value.push(char::from(byte));
        } else {
            value.push_str(&format!("%{byte:02X}"));
        }
    }
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_its_header() {
        let check = |name: &str, expect: &str| {
            let expect = format!("attachment; filename*=UTF-8''{expect}");
            assert_eq!(disposition(name), expect, "{name:?}");
        };
        check("a b.png", "a%20b.png");
        check("\u{e9}", "%C3%A9");
        check("a\r\nb: \"c\"", "a%0D%0Ab%3A%20%22c%22");
        check("../x", "..%2Fx");
    }
}
