//! What the server is and how it is, for anybody.

use crate::http::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

/// `model/version.go`, `VersionInfo`. The version is ours.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VersionInfo {
    version: &'static str,
    commit: &'static str,
    build_date: &'static str,
}

/// `GET /version`.
pub(super) async fn version() -> Json<VersionInfo> {
    Json(VersionInfo {
        version: env!("CARGO_PKG_VERSION"),
        commit: "unknown",
        build_date: "unknown",
    })
}

/// `model/gotifyinfo.go`, `GotifyInfo`.
#[derive(Serialize)]
pub(super) struct GotifyInfo {
    version: &'static str,
    /// Whether strangers may make accounts.
    register: bool,
    /// Whether another service signs people in.
    oidc: bool,
}

/// `GET /gotifyinfo`.
pub(super) async fn gotify_info() -> Json<GotifyInfo> {
    Json(GotifyInfo {
        version: env!("CARGO_PKG_VERSION"),
        register: false,
        oidc: false,
    })
}

/// `model/health.go`, `Health`.
#[derive(Serialize)]
pub(super) struct Health {
    health: &'static str,
    database: &'static str,
}

/// `GET /health`.
pub(super) async fn health(State(state): State<AppState>) -> (StatusCode, Json<Health>) {
    let (status, health, database) = match state.services.check_writable().await {
        Ok(()) => (StatusCode::OK, "green", "green"),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "orange", "red"),
    };
    (status, Json(Health { health, database }))
}
