//! `/api/v1/tokens` (contract, section 3): the caller's own.

use super::auth::Caller;
use super::json::JsonBody;
use super::problem::{Problem, Refusal};
use super::state::AppState;
use crate::service::{TokenId, TokenRow};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::{ChannelName, Scope, Scopes, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An access token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Token {
    id: i64,
    label: String,
    /// The last characters of the secret, to tell tokens apart.
    hint: String,
    scopes: Vec<String>,
    /// The only channels that it may use; null is all that its user may.
    channels: Option<Vec<String>>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    /// To the minute.
    last_used_at: Option<Timestamp>,
}

impl From<TokenRow> for Token {
    fn from(row: TokenRow) -> Self {
        let channels = row.channels.as_deref();
        Self {
            id: row.id.0,
            label: row.label,
            hint: row.hint,
            scopes: row.scopes.split(',').map(str::to_owned).collect(),
            channels: channels.and_then(|json| serde_json::from_str(json).ok()),
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
        }
    }
}

/// A list of tokens.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tokens {
    tokens: Vec<Token>,
}

/// A token to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    #[schema(min_length = 1, max_length = 64)]
    label: String,
    #[schema(min_items = 1)]
    scopes: Vec<Scope>,
    channels: Option<Vec<ChannelName>>,
    /// RFC 3339, or from now: `+30d`.
    expires_at: Option<String>,
}

/// A token that was made. The secret is told this once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeToken {
    id: i64,
    token: String,
}

/// `GET /api/v1/tokens`.
#[utoipa::path(
    get, path = "/tokens", tag = "tokens",
    responses((status = 200, body = Tokens), Refusal)
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<Tokens>, Problem> {
    let rows = state.services.own_tokens(&actor).await?.into_iter();
    Ok(Json(Tokens {
        tokens: rows.map(Token::from).collect(),
    }))
}

/// `POST /api/v1/tokens`.
#[utoipa::path(
    post, path = "/tokens", tag = "tokens",
    request_body = NewToken,
    responses((status = 201, body = MadeToken), Refusal)
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    JsonBody(new): JsonBody<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>), Problem> {
    if new.scopes.is_empty() {
        return Err(Problem::invalid_field(
            "scopes",
            "must name at least one of publish, subscribe, manage",
        ));
    }
    let scopes = new.scopes.into_iter().fold(Scopes::default(), Scopes::with);
    let now = state.services.clock.now();
    let expires_at = new
        .expires_at
        .map(|text| match Timestamp::parse_moment(&text, now) {
            Ok(time) if time > now => Ok(time),
            Ok(_) => Err(Problem::invalid_field(
                "expires_at",
                "must be later than now",
            )),
            Err(error) => Err(Problem::invalid_field("expires_at", error.to_string())),
        });
    let expires_at = expires_at.transpose()?;
    let made = state
        .services
        .create_own_token(&actor, new.label, scopes, new.channels, expires_at)
        .await?;
    let made = MadeToken {
        id: made.id.0,
        token: made.secret,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// `DELETE /api/v1/tokens/{id}`.
#[utoipa::path(
    delete, path = "/tokens/{id}", tag = "tokens",
    params(("id" = i64, Path)),
    responses((status = 204), Refusal)
)]
pub(crate) async fn revoke(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = text
        .parse()
        .map_err(|_| Problem::not_found("There is no token of this number"))?;
    state.services.revoke_own_token(&actor, TokenId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
