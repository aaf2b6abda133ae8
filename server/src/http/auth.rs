//! Who sends a request: by access token, or by the cookie of a browser.

use super::address::ClientAddress;
use super::problem::Problem;
use super::same_origin;
use super::state::AppState;
use crate::service::Actor;
use crate::service::accounts::network;
use crate::service::sessions;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;
use tower_sessions::Session;

/// Whoever showed a good credential; nobody otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Visitor(pub(crate) Option<Actor>);

/// Whoever showed a good credential; 401 otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Caller(pub(crate) Actor);

/// Finds out who sends a request, refuses what a foreign page sends in somebody's name, and counts strangers.
///
/// An `Authorization` header decides alone: a program that sends one never acts by a cookie that happens to be there.
pub(crate) async fn identify(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    mut request: Request,
    next: Next,
) -> Response {
    let stranger = network(address);
    let actor = if request.headers().contains_key(header::AUTHORIZATION) {
        match bearer(request.headers()).map(str::to_owned) {
            Some(token) => by_token(&state, &token, &stranger).await,
            None => None,
        }
    } else if let Some(token) = access_token(&request) {
        by_token(&state, &token, &stranger).await
    } else {
        let id = request.extensions().get::<Session>().and_then(Session::id);
        if id.is_some()
            && !same_origin::allows(
                request.method(),
                request.headers(),
                state.public_origin.as_deref(),
            )
        {
            return Problem::forbidden("This request comes from another site").into_response();
        }
        id.and_then(|id| {
            state
                .services
                .live
                .gate
                .session_actor(sessions::key(&id), state.services.clock.now())
        })
    };
    if actor.is_none()
        && !is_page(request.uri().path())
        && let Err(throttled) = state.strangers.take(&stranger)
    {
        let detail = "Too many requests without a good credential from this address";
        return Problem::too_many(throttled.seconds, detail).into_response();
    }
    request.extensions_mut().insert(Visitor(actor));
    next.run(request).await
}

/// What anybody may look at without a credential.
fn is_page(path: &str) -> bool {
    !["/api/", "/events", "/notify"]
        .iter()
        .any(|door| path.starts_with(door))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// `?access_token=`, for an `EventSource` that can set no header; on `/events` alone.
fn access_token(request: &Request) -> Option<String> {
    if request.uri().path() != "/events" {
        return None;
    }
    let query = request.uri().query()?.as_bytes();
    form_urlencoded::parse(query)
        .find(|(name, _)| name == "access_token")
        .map(|(_, value)| value.into_owned())
}

/// Whose token it is. One that is not known may have been made a moment ago by the command line; how often `stranger` may
/// have us look is limited.
pub(super) async fn by_token(state: &AppState, token: &str, stranger: &str) -> Option<Actor> {
    let services = &state.services;
    let known = || {
        let now = services.clock.now();
        services.live.gate.bearer(token, now)
    };
    if let Some(actor) = known() {
        return Some(actor);
    }
    // One after the other: the first of many that come with a new token makes it known to all.
    let _turn = state.introductions.lock().await;
    if let Some(actor) = known() {
        return Some(actor);
    }
    state.strangers.take(stranger).ok()?;
    services.writer.look().await;
    state.strangers.give_back(stranger);
    known()
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts
            .extensions
            .get::<Self>()
            .cloned()
            .unwrap_or(Self(None)))
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Ok(Visitor(actor)) = Visitor::from_request_parts(parts, state).await;
        actor.map(Self).ok_or_else(Problem::unauthenticated)
    }
}
