//! The doors that programs made for ntfy know (contract, section 5): publishing, subscribing and the account, with
//! ntfy's names, answers and error bodies. What is published goes the way of everything else; what is followed comes
//! from the same cursors.
//!
//! Pages of any origin may use these doors, so a cookie is never a credential here.

mod account;
mod actions;
mod auth;
mod body;
mod compose;
mod decode;
mod delay;
mod error;
mod json;
mod keyed;
mod message;
mod params;
mod publish;
mod subscribe;
mod template;
mod topic;

pub(super) use auth::by_authorization;

use super::state::AppState;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, delete, get, post};
use axum::{Json, Router, middleware};
use domain::{ChannelName, RESERVED_CHANNELS};
use error::Refusal;
use serde_json::json;
use std::collections::HashMap;
use topic::Topic;
use tower::ServiceExt;

/// What ends the address of something that is asked for with `GET`.
const ASKED: [&str; 8] = [
    "publish", "send", "trigger", "json", "sse", "raw", "ws", "auth",
];

/// What ends the address of something that is done to a card.
const DONE: [&str; 3] = ["clear", "read", "delete"];

/// Every door.
pub(super) fn router(state: AppState) -> Router {
    // A card's key may be any of the words below: whatever is sent there is for the card.
    let keyed = || {
        post(publish::keyed)
            .put(publish::keyed)
            .delete(keyed::delete)
    };
    let asked = |method: MethodRouter<AppState>| method.merge(keyed());
    Router::new()
        .route("/", post(publish::json).put(publish::json))
        .route(
            "/{topic}",
            get(browser).post(publish::body).put(publish::body),
        )
        .route("/{topic}/publish", asked(get(publish::query)))
        .route("/{topic}/send", asked(get(publish::query)))
        .route("/{topic}/trigger", asked(get(publish::query)))
        .route("/{topic}/json", asked(get(subscribe::json)))
        .route("/{topic}/sse", asked(get(subscribe::sse)))
        .route("/{topic}/raw", asked(get(subscribe::raw)))
        .route("/{topic}/ws", asked(get(subscribe::ws)))
        .route("/{topic}/auth", asked(get(subscribe::auth)))
        .route("/{topic}/{key}", keyed())
        .route("/{topic}/{key}/clear", get(keyed::clear).put(keyed::clear))
        .route("/{topic}/{key}/read", get(keyed::clear).put(keyed::clear))
        .route(
            "/{topic}/{key}/delete",
            get(keyed::delete).merge(delete(keyed::delete)),
        )
        .route("/v1/health", get(account::health))
        .route("/v1/stats", get(account::stats))
        .route("/v1/version", get(account::version))
        .route("/v1/account", get(account::account))
        .route("/v1/account/token", post(account::create_token))
        .fallback(nothing)
        .method_not_allowed_fallback(nothing)
        .layer(middleware::from_fn(any_origin))
        .with_state(state)
}

/// Leads a request to these doors if it is for one of them. All others have reserved names, which no channel has.
pub(super) async fn divert(State(doors): State<Router>, request: Request, next: Next) -> Response {
    if !concerns(request.method(), request.uri().path()) {
        return next.run(request).await;
    }
    match doors.oneshot(request).await {
        Ok(response) => response,
    }
}

/// Whether a path of the method is one of these doors.
fn concerns(method: &Method, path: &str) -> bool {
    let parts: Vec<_> = path.trim_start_matches('/').split('/').collect();
    let first = parts.first().copied().unwrap_or_default();
    let asks = matches!(*method, Method::GET | Method::HEAD);
    match &parts[..] {
        ["v1", ..] => true,
        [""] => !asks,
        _ if is_reserved(first) => false,
        _ if !asks => true,
        [topic] => ChannelName::parse(*topic).is_ok(),
        [topics, word] => topic::list(topics).is_ok() && ASKED.contains(word),
        [topic, _, word] => ChannelName::parse(*topic).is_ok() && DONE.contains(word),
        _ => false,
    }
}

fn is_reserved(name: &str) -> bool {
    RESERVED_CHANNELS
        .iter()
        .any(|reserved| reserved.eq_ignore_ascii_case(name))
}

/// Lets pages of any origin ask, and answers their browsers, who ask first whether they may.
async fn any_origin(request: Request, next: Next) -> Response {
    let mut response = if request.method() == Method::OPTIONS {
        let allowed = [
            (
                header::ACCESS_CONTROL_ALLOW_METHODS,
                "GET, PUT, POST, PATCH, DELETE",
            ),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, "*"),
        ];
        (StatusCode::OK, allowed).into_response()
    } else {
        next.run(request).await
    };
    response.headers_mut().insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    response
}

/// `GET /{channel}`: a browser is led to the channel's page; a program may ask whether push messages can be sent here
/// (UnifiedPush).
async fn browser(Topic(channel): Topic, Query(query): Query<HashMap<String, String>>) -> Response {
    let push = ["x-unifiedpush", "unifiedpush", "up"];
    let asked = push.iter().find_map(|name| query.get(*name));
    if asked.is_some_and(|value| params::is_true(value)) {
        return Json(json!({"unifiedpush": {"version": 1}})).into_response();
    }
    Redirect::to(&format!("/c/{channel}")).into_response()
}

async fn nothing() -> Refusal {
    Refusal::NOT_FOUND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_a_channel_may_have_lead_here() {
        let check = |method: Method, path: &str, expect: bool| {
            assert_eq!(concerns(&method, path), expect, "{method} {path}");
        };
        for path in [
            "/",
            "/c/json",
            "/pkg/belfry.js",
            "/login",
            "/favicon.ico",
            "/archive",
            "/a/b",
            "/a/b/c",
        ] {
            check(Method::GET, path, false);
        }
        for path in [
            "/alerts",
            "/a,b/json",
            "/a/ws",
            "/a/b/clear",
            "/v1/health",
            "/v1/what",
        ] {
            check(Method::GET, path, true);
            check(Method::OPTIONS, path, true);
        }
        for path in [
            "/notify",
            "/login",
            "/api/v1/notifications",
            "/Message",
            "/c/x",
        ] {
            check(Method::POST, path, false);
        }
        for path in ["/", "/alerts", "/alerts/job-1", "/alerts/json"] {
            check(Method::PUT, path, true);
        }
    }
}
