//! Who sends a request.

use super::refusal::Refusal;
use crate::http::address::ClientAddress;
use crate::http::credential::admit;
use crate::http::query::Query;
use crate::http::state::AppState;
use crate::service::Actor;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// Whoever showed a good credential where Gotify's clients put it; 401 otherwise.
pub(super) struct Client(pub(super) Actor);

impl FromRequestParts<AppState> for Client {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let Ok(ClientAddress(address)) = ClientAddress::from_request_parts(parts, state).await;
        let Ok(query) = Query::from_request_parts(parts, state).await;
        Ok(Self(admit(state, address, &parts.headers, &query).await?))
    }
}
