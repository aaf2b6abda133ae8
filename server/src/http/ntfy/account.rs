//! What ntfy's clients ask of a server and of an account.

use super::auth::{Caller, Visitor};
use super::body;
use super::error::Refusal;
use crate::http::json::BODY_BYTES;
use crate::http::state::AppState;
use crate::service::Actor;
use crate::service::tokens::TokenRequest;
use axum::Json;
use axum::extract::{Request, State};
use domain::{Scope, Scopes, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What stands for the name of nobody.
const ANYONE: &str = "*";

/// `GET /v1/health`.
pub(super) async fn health(State(state): State<AppState>) -> Result<Json<Value>, Refusal> {
    state.services.check_writable().await?;
    Ok(Json(json!({"healthy": true})))
}

/// `GET /v1/stats`: how much was published since the server started.
pub(super) async fn stats(State(state): State<AppState>) -> Json<Value> {
    let metrics = &state.services.live.metrics;
    let messages = metrics.publish_seconds.get_sample_count();
    let seconds = metrics.since_start().as_secs_f64().max(1.0);
    let rate = messages as f64 / seconds;
    Json(json!({"messages": messages, "messages_rate": rate}))
}

/// `GET /v1/version`, for administrators: it tells attackers where to begin.
pub(super) async fn version(
    State(state): State<AppState>,
    Visitor(actor): Visitor,
) -> Result<Json<Value>, Refusal> {
    let directory = state.services.directory();
    let account = actor.and_then(|actor| directory.account(actor.reader.account).cloned());
    if !account.is_some_and(|account| account.admin) {
        return Err(Refusal::UNAUTHORIZED);
    }
    Ok(Json(
        json!({"version": env!("CARGO_PKG_VERSION"), "commit": "", "date": ""}),
    ))
}

/// `GET /v1/account`. Nothing is counted for each account, and what we do not do, such as e-mail, has nothing left.
pub(super) async fn account(
    State(state): State<AppState>,
    Visitor(actor): Visitor,
) -> Result<Json<Value>, Refusal> {
    let viewer = actor
        .map(|actor| state.services.viewer(&actor))
        .transpose()?;
    let name = viewer
        .as_ref()
        .map_or(ANYONE, |viewer| viewer.name.as_str());
    let role = match &viewer {
        None => "anonymous",
        Some(viewer) if viewer.admin => "admin",
        Some(_) => "user",
    };
    let (used, room) = state.services.files.room();
    Ok(Json(json!({
        "username": name,
        "role": role,
        "stats": {
            "messages": 0,
            "messages_remaining": i32::MAX,
            "emails": 0,
            "emails_remaining": 0,
            "calls": 0,
            "calls_remaining": 0,
            "reservations": 0,
            "reservations_remaining": 0,
            "attachment_total_size": used,
            "attachment_total_size_remaining": room,
        },
    })))
}

/// What is asked of a new token.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    label: Option<String>,
    /// Seconds since 1970, 0 for never.
    expires: Option<i64>,
}

/// A token, which is told once.
#[derive(Debug, Serialize)]
pub(super) struct Issued {
    token: String,
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
}

/// `POST /v1/account/token`: a token to publish and to subscribe with, for whoever knows the password. A token makes
/// others only if it may manage: else one that leaked would outlive its end.
pub(super) async fn create_token(
    State(state): State<AppState>,
    Caller(actor): Caller,
    request: Request,
) -> Result<Json<Issued>, Refusal> {
    if !actor.may(Scope::Manage) {
        return Err(Refusal::FORBIDDEN);
    }
    let mut bytes = request.into_body().into_data_stream();
    let bytes = body::whole(&mut bytes, BODY_BYTES, Refusal::JSON_TOO_LARGE).await?;
    let wanted: Wanted = match &bytes[..] {
        [] => Wanted::default(),
        bytes => serde_json::from_slice(bytes).map_err(|_| Refusal::JSON)?,
    };
    let label = wanted.label.filter(|label| !label.trim().is_empty());
    let label = label.unwrap_or_else(|| "ntfy".to_owned());
    let expires = wanted.expires.filter(|seconds| *seconds > 0);
    let viewer = state.services.viewer(&actor)?;
    let token = TokenRequest {
        user: viewer.name,
        label: label.clone(),
        scopes: scopes()?,
        channels: channels(&actor),
        expires_at: expires.map(|seconds| Timestamp::from_millis(seconds.saturating_mul(1_000))),
    };
    Ok(Json(Issued {
        token: state.services.create_token(token).await?.secret,
        label,
        expires,
    }))
}

fn scopes() -> Result<Scopes, Refusal> {
    "publish,subscribe".parse().map_err(|_| Refusal::INTERNAL)
}

/// Those that the credential is bound to.
fn channels(actor: &Actor) -> Option<Vec<domain::ChannelName>> {
    let bound = actor.reader.channels.as_ref();
    bound.map(|names| names.iter().cloned().collect())
}
