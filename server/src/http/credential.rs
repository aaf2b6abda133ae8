//! Credentials at the doors for programs of others: a token wherever their protocols put it, or a name and a password.
//! A cookie counts for nothing here, so these doors may be open to every origin.

use super::auth::by_token;
use super::query::Query;
use super::state::AppState;
use crate::service::accounts::network;
use crate::service::tokens::PREFIX;
use crate::service::{Actor, ServiceError};
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::net::IpAddr;

/// What a request shows.
enum Shown {
    Token(String),
    Password { name: String, password: String },
    Nothing,
}

impl Shown {
    /// `token` in the query, else `X-Gotify-Key`, else `Authorization` with a token or with a name and a password.
    fn of(headers: &HeaderMap, query: &Query) -> Self {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let plain = query.get("token").filter(|token| !token.is_empty());
        if let Some(token) = plain.or_else(|| header("x-gotify-key").filter(|key| !key.is_empty()))
        {
            return Self::Token(token.to_owned());
        }
        let shown = header(header::AUTHORIZATION.as_str()).and_then(|value| value.split_once(' '));
        match shown {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                Self::Token(token.trim().to_owned())
            }
            Some((scheme, pair)) if scheme.eq_ignore_ascii_case("basic") => {
                Self::basic(pair.trim()).unwrap_or(Self::Nothing)
            }
            _ => Self::Nothing,
        }
    }

    /// Some programs can send nothing but a name and a password: a token may stand for the password.
    fn basic(pair: &str) -> Option<Self> {
        let pair = String::from_utf8(STANDARD.decode(pair).ok()?).ok()?;
        let (name, password) = pair.split_once(':')?;
        if password.starts_with(PREFIX) {
            return Some(Self::Token(password.to_owned()));
        }
        Some(Self::Password {
            name: name.to_owned(),
            password: password.to_owned(),
        })
    }
}

/// Who sends a request from `address`. Requests without a good credential are counted, as everywhere.
///
/// # Errors
/// [`ServiceError::Unauthenticated`], and [`ServiceError::TooMany`] for a stranger who tries too often.
pub(crate) async fn admit(
    state: &AppState,
    address: IpAddr,
    headers: &HeaderMap,
    query: &Query,
) -> Result<Actor, ServiceError> {
    let stranger = network(address);
    let actor = match Shown::of(headers, query) {
        Shown::Token(token) => by_token(state, &token, &stranger).await,
        Shown::Password { name, password } => {
            match state.services.by_password(&name, password, address).await {
                Ok(actor) => Some(actor),
                Err(ServiceError::WrongCredentials) => None,
                Err(error) => return Err(error),
            }
        }
        Shown::Nothing => None,
    };
    match actor {
        Some(actor) => Ok(actor),
        None => {
            state.strangers.take(&stranger)?;
            Err(ServiceError::Unauthenticated)
        }
    }
}
