//! `GET /api/v1/session`: who am I? The page asks it when its stream fails for good.

use super::auth::Caller;
use super::problem::{Problem, Refusal};
use super::state::AppState;
use crate::service::Credential;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// Who somebody is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Whoami {
    name: domain::UserName,
    admin: bool,
    credential: &'static str,
    scopes: Vec<String>,
}

/// Name and rights of whoever asks; 401 when the credential is not good any more.
#[utoipa::path(
    get, path = "/session", tag = "server",
    responses((status = 200, body = Whoami), Refusal)
)]
pub(crate) async fn session(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<Whoami>, Problem> {
    let viewer = state.services.viewer(&actor)?;
    let credential = match actor.credential {
        Credential::Session(_) => "session",
        Credential::Token(_) => "token",
        Credential::Password(_) => "password",
    };
    let scopes = actor.scopes.to_string();
    let scopes = scopes.split(',').map(str::to_owned).collect();
    Ok(Json(Whoami {
        name: viewer.name,
        admin: viewer.admin,
        credential,
        scopes,
    }))
}
