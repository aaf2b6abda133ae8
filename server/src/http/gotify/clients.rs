//! Who a client acts for, and the tokens that make a client.

use super::credential::Client;
use super::posted;
use super::refusal::Refusal;
use crate::http::foreign;
use crate::http::state::AppState;
use crate::service::tokens::TokenRequest;
use crate::service::{Credential, ServiceError, TokenRow, inbox};
use axum::Json;
use axum::extract::{Request, State};
use domain::{Scope, Scopes, Timestamp};
use serde::Serialize;

/// The most characters of a client's name.
const NAME_CHARS: usize = 64;

/// `model/client.go`, `Client`. The token is told when it is made and never again.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClientEntry {
    id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    name: String,
    created_at: Timestamp,
    last_used: Option<Timestamp>,
    expires_after_inactivity_seconds: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

/// `GET /client`: the account's tokens that may read.
pub(super) async fn list(
    State(state): State<AppState>,
    Client(actor): Client,
) -> Result<Json<Vec<ClientEntry>>, Refusal> {
    inbox::may_read(&actor)?;
    let reads = |row: &TokenRow| {
        let scopes = row.scopes.parse::<Scopes>();
        scopes.is_ok_and(|scopes| scopes.contains(Scope::Subscribe))
    };
    let account = Some(actor.reader.account);
    let tokens = state.services.list_tokens(account).await?.into_iter();
    let own = tokens.filter(reads);
    let entry = |row: TokenRow| ClientEntry {
        id: row.id.0,
        token: None,
        name: row.label,
        created_at: row.created_at,
        last_used: row.last_used_at,
        expires_after_inactivity_seconds: 0,
        expires_at: row.expires_at,
    };
    Ok(Json(own.map(entry).collect()))
}

/// `POST /client`: makes a token that reads, for whoever gives his password. A token makes no tokens: it would outlive
/// its own end.
pub(super) async fn create(
    State(state): State<AppState>,
    Client(actor): Client,
    request: Request,
) -> Result<Json<ClientEntry>, Refusal> {
    if !matches!(actor.credential, Credential::Password(_)) {
        return Err(Refusal::forbidden());
    }
    let name = foreign::line(&posted::name(request).await?, NAME_CHARS);
    let made = TokenRequest {
        user: state.services.viewer(&actor)?.name,
        label: name.clone(),
        scopes: Scopes::default().with(Scope::Subscribe),
        channels: None,
        expires_at: None,
    };
    let made = state.services.create_token(made).await?;
    Ok(Json(ClientEntry {
        id: made.id.0,
        token: Some(made.secret),
        name,
        created_at: state.services.clock.now(),
        last_used: None,
        expires_after_inactivity_seconds: 0,
        expires_at: None,
    }))
}

/// `model/user.go`, `CurrentUserExternal`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    id: i64,
    name: String,
    admin: bool,
    created_at: Timestamp,
}

/// `GET /current/user`.
pub(super) async fn current_user(
    State(state): State<AppState>,
    Client(actor): Client,
) -> Result<Json<User>, Refusal> {
    inbox::may_read(&actor)?;
    let directory = state.services.directory();
    let account = directory
        .account(actor.reader.account)
        .ok_or(ServiceError::Unauthenticated)?;
    Ok(Json(User {
        id: account.id.0,
        name: account.name.to_string(),
        admin: account.admin,
        created_at: account.created_at,
    }))
}
