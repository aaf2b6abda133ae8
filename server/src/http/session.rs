//! `GET /api/v1/session`: who am I? The page asks it when its stream fails for good.

use super::auth::Caller;
use super::problem::Problem;
use super::state::AppState;
use crate::live::gate::Credential;
use axum::Json;
use axum::extract::State;
use serde_json::json;

/// Name and rights of whoever asks; 401 when the credential is not good any more.
pub(crate) async fn session(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<serde_json::Value>, Problem> {
    let viewer = state.services.viewer(&actor)?;
    let credential = match actor.credential {
        Credential::Session(_) => "session",
        Credential::Token(_) => "token",
    };
    let scopes: Vec<_> = actor
        .scopes
        .to_string()
        .split(',')
        .map(str::to_owned)
        .collect();
    Ok(Json(
        json!({ "name": viewer.name, "admin": viewer.admin, "credential": credential, "scopes": scopes }),
    ))
}
