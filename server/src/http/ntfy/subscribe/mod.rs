//! Subscribing: the same cursors as `/events`, in ntfy's words. First `open`, then what was asked for of the past, then
//! what happens; nothing falls between them and nothing comes twice.

mod feed;
mod filter;
mod since;
mod wire;
mod ws;

pub(super) use ws::ws;

use super::auth::Caller;
use super::error::Refusal;
use super::params::Params;
use super::publish::Base;
use super::topic::Topics;
use crate::http::state::AppState;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use feed::{Feed, Follow};
use futures::StreamExt;
use serde_json::{Value, json};
use std::convert::Infallible;
use wire::Wire;

/// `GET /{topics}/json`: an object a line.
pub(super) async fn json(
    state: State<AppState>,
    caller: Caller,
    topics: Topics,
    params: Params,
    base: Base,
) -> Result<Response, Refusal> {
    stream(state, caller, topics, params, base, Wire::Json).await
}

/// `GET /{topics}/sse`: Server-Sent Events, with ids.
pub(super) async fn sse(
    state: State<AppState>,
    caller: Caller,
    topics: Topics,
    params: Params,
    base: Base,
) -> Result<Response, Refusal> {
    stream(state, caller, topics, params, base, Wire::Sse).await
}

/// `GET /{topics}/raw`: a message a line.
pub(super) async fn raw(
    state: State<AppState>,
    caller: Caller,
    topics: Topics,
    params: Params,
    base: Base,
) -> Result<Response, Refusal> {
    stream(state, caller, topics, params, base, Wire::Raw).await
}

/// `GET /{topics}/auth`: whether they may be followed.
pub(super) async fn auth(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Topics(topics, _): Topics,
) -> Result<Json<Value>, Refusal> {
    state.services.may_follow(&actor, &topics)?;
    Ok(Json(json!({"success": true})))
}

async fn stream(
    State(state): State<AppState>,
    Caller(actor): Caller,
    topics: Topics,
    params: Params,
    Base(base): Base,
    wire: Wire,
) -> Result<Response, Refusal> {
    let follow = Follow::read(&params, &topics, &state)?;
    let feed = Feed::open(&state, actor, topics, follow, base).await?;
    let epoch = state.services.live.store.epoch().clone();
    let bytes = feed
        .events()
        .map(move |event| Ok::<_, Infallible>(wire.encode(&event, &epoch)));
    let head = [
        (header::CONTENT_TYPE.as_str(), wire.media_type()),
        (header::CACHE_CONTROL.as_str(), "no-store, no-transform"),
        ("x-accel-buffering", "no"),
    ];
    Ok((head, Body::from_stream(bytes)).into_response())
}
