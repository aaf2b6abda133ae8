//! The forms that make and end sessions: `/login`, `/logout`, `/setup`. They are plain forms, so that signing in needs
//! no script.

use super::address::ClientAddress;
use super::problem::Problem;
use super::state::AppState;
use super::{same_origin, ui};
use crate::service::{SIGNED_IN, ServiceError, SignedIn};
use app::page::{FormError, FormFailure};
use axum::Form;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use tower_sessions::Session;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SignInForm {
    username: String,
    password: String,
    next: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SetupForm {
    code: String,
    username: String,
    password: String,
}

/// `POST /login`.
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    session: Session,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Response {
    let next = local(&form.next);
    // Whoever mistyped is still led to where he was going.
    let page = ui::sign_in_path(next);
    if is_foreign(&state, &headers) {
        return refuse(&state, &page, FormError::CrossOrigin, form.username).await;
    }
    match state
        .services
        .sign_in(&form.username, form.password, address)
        .await
    {
        Ok(signed_in) => enter(&session, signed_in, next).await,
        Err(error) => refuse(&state, &page, form_error(error), form.username).await,
    }
}

/// `POST /setup`.
pub(crate) async fn set_up(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    session: Session,
    headers: HeaderMap,
    Form(form): Form<SetupForm>,
) -> Response {
    if is_foreign(&state, &headers) {
        return refuse(&state, "/setup", FormError::CrossOrigin, form.username).await;
    }
    match state
        .services
        .claim_setup(&form.code, &form.username, form.password, address)
        .await
    {
        Ok(signed_in) => enter(&session, signed_in, "/").await,
        Err(error) => refuse(&state, "/setup", form_error(error), form.username).await,
    }
}

/// `POST /logout`.
pub(crate) async fn sign_out(session: Session) -> Response {
    match session.flush().await {
        Ok(()) => Redirect::to("/login").into_response(),
        Err(error) => failed(&error),
    }
}

/// Begins a session under a new id: whatever id the browser came with, somebody else may know it (session fixation).
/// Flushing is not enough: the emptied record keeps the id, and would be saved under it.
async fn enter(session: &Session, signed_in: SignedIn, next: &str) -> Response {
    let entered = async {
        if session.id().is_some() {
            session.clear().await;
            session.cycle_id().await?;
        }
        session.insert(SIGNED_IN, signed_in).await
    };
    match entered.await {
        Ok(()) => Redirect::to(next).into_response(),
        Err(error) => failed(&error),
    }
}

fn failed(error: &tower_sessions::session::Error) -> Response {
    tracing::error!(%error, "a session could not be changed");
    Problem::from(ServiceError::Unavailable).into_response()
}

/// A path of ours to go on to. `//host` and `/\host` are addresses of other sites to a browser.
fn local(next: &str) -> &str {
    let path = next.starts_with('/')
        && !next[1..].starts_with(['/', '\\'])
        && domain::check_line(next).is_ok();
    if path { next } else { "/" }
}

/// Signing somebody in from another page would have him work in a foreign account (login CSRF). There is no cookie yet
/// to protect, so programs that say nothing about their origin are let in.
fn is_foreign(state: &AppState, headers: &HeaderMap) -> bool {
    same_origin::is_same_origin(headers, state.public_origin.as_deref()) == Some(false)
}

fn form_error(error: ServiceError) -> FormError {
    match error {
        ServiceError::Invalid { fields } => FormError::Invalid { fields },
        ServiceError::WrongSetupCode => FormError::WrongSetupCode,
        ServiceError::SetupClosed => FormError::SetupClosed,
        ServiceError::TooMany { seconds } | ServiceError::Busy { seconds } => {
            FormError::TooManyAttempts { seconds }
        }
        ServiceError::Unavailable => FormError::TooManyAttempts { seconds: 5 },
        ServiceError::WrongCredentials
        | ServiceError::Unauthenticated
        | ServiceError::Forbidden(_)
        | ServiceError::NotFound(_)
        | ServiceError::Conflict(_) => FormError::WrongCredentials,
    }
}

/// The page of the form again, with what was wrong.
async fn refuse(state: &AppState, page: &str, error: FormError, username: String) -> Response {
    let (status, retry_after) = match &error {
        FormError::WrongCredentials => (StatusCode::UNAUTHORIZED, None),
        FormError::WrongSetupCode | FormError::CrossOrigin => (StatusCode::FORBIDDEN, None),
        FormError::Invalid { .. } => (StatusCode::UNPROCESSABLE_ENTITY, None),
        FormError::SetupClosed => (StatusCode::GONE, None),
        FormError::TooManyAttempts { seconds } => (StatusCode::TOO_MANY_REQUESTS, Some(*seconds)),
    };
    let request = Request::get(page).body(axum::body::Body::empty());
    let Ok(request) = request else {
        return status.into_response();
    };
    let failure = FormFailure { error, username };
    let mut response = ui::render(state, None, Some(failure), request).await;
    *response.status_mut() = status;
    if let Some(seconds) = retry_after {
        response
            .headers_mut()
            .insert(axum::http::header::RETRY_AFTER, seconds.into());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_nowhere_else_after_signing_in() {
        for good in ["/", "/archive", "/c/ci?x=1"] {
            assert_eq!(local(good), good);
        }
        for bad in [
            "",
            "https://evil.org",
            "//evil.org",
            "/\\evil.org",
            "archive",
            "/a\r\nset-cookie: x",
        ] {
            assert_eq!(local(bad), "/", "{bad:?}");
        }
    }
}
