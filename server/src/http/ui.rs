//! The page and its server functions.

use super::assets;
use super::auth::Visitor;
use super::state::AppState;
use crate::service::Actor;
use crate::service::page::PageBackend;
use crate::service::sessions;
use app::backend::Backend;
use app::page::{FormFailure, PageContext};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use leptos::prelude::provide_context;
use std::sync::Arc;
use tower_sessions::{Expiry, Session};

/// How long a browser stays signed in after it last loaded a page.
pub(crate) const SESSION: time::Duration = time::Duration::days(30);

/// A session is renewed at most this often: a write for every page would be one too many.
const RENEWED_EVERY: i64 = 24 * 3600 * 1000;

/// Any page. Who is not signed in is led to where he can be.
pub(crate) async fn page(
    State(state): State<AppState>,
    Visitor(actor): Visitor,
    session: Session,
    request: Request,
) -> Response {
    if actor.is_some() {
        renew(&state, &session);
    }
    if !state.services.directory().has_accounts() {
        // The command line may have made the first account a moment ago.
        state.services.writer.look().await;
    }
    let setup_open = !state.services.directory().has_accounts();
    let path = request.uri().path();
    match path {
        "/" | "/archive" if actor.is_none() && setup_open => {
            return Redirect::to("/setup").into_response();
        }
        "/" | "/archive" if actor.is_none() => {
            return Redirect::to(&sign_in_path(path)).into_response();
        }
        "/login" if actor.is_some() => return Redirect::to("/").into_response(),
        _ => {}
    }
    let gone = path == "/setup" && !setup_open;
    let mut response = render(&state, actor, None, request).await;
    if gone {
        *response.status_mut() = StatusCode::GONE;
    }
    response
}

/// The sign-in page that leads back to `from`.
pub(crate) fn sign_in_path(from: &str) -> String {
    match from {
        "/" => "/login".to_owned(),
        path => format!(
            "/login?next={}",
            form_urlencoded::byte_serialize(path.as_bytes()).collect::<String>()
        ),
    }
}

/// Whoever uses the page stays signed in: reading counts as activity, which the session layer does not know.
fn renew(state: &AppState, session: &Session) {
    let Some(id) = session.id() else { return };
    let now = state.services.clock.now();
    let row = state.services.live.gate.session(&sessions::key(&id), now);
    let fresh = i64::try_from(SESSION.whole_milliseconds()).unwrap_or(i64::MAX) - RENEWED_EVERY;
    if row.is_some_and(|row| row.expires_at < now.plus_millis(fresh)) {
        session.set_expiry(Some(Expiry::OnInactivity(SESSION)));
    }
}

/// Renders the page that `request` asks for.
pub(crate) async fn render(
    state: &AppState,
    actor: Option<Actor>,
    failure: Option<FormFailure>,
    request: Request,
) -> Response {
    let context = PageContext {
        assets: assets::page_assets(),
        failure,
        setup_open: !state.services.directory().has_accounts(),
    };
    let backend: Arc<dyn Backend> = Arc::new(PageBackend {
        services: state.services.clone(),
        actor,
    });
    let provide = move || {
        provide_context(context.clone());
        provide_context(Arc::clone(&backend));
    };
    let mut response =
        leptos_axum::render_app_async_with_context(provide, app::shell)(request).await;
    // The page is one account's at one moment: nobody keeps it for another.
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    response
}

/// `/api/ui/…`: the page's server functions. Each checks for itself what its caller may do.
pub(crate) async fn server_function(
    State(state): State<AppState>,
    Visitor(actor): Visitor,
    request: Request,
) -> Response {
    let backend: Arc<dyn Backend> = Arc::new(PageBackend {
        services: state.services.clone(),
        actor,
    });
    let provide = move || provide_context(Arc::clone(&backend));
    let mut response = leptos_axum::handle_server_fns_with_context(provide, request)
        .await
        .into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // A form without scripts is led back to its page, whose address is left with an empty query.
    let back = headers
        .get(header::LOCATION)
        .and_then(|to| to.to_str().ok());
    if let Some(Ok(page)) = back
        .and_then(|to| to.strip_suffix('?'))
        .map(HeaderValue::from_str)
    {
        headers.insert(header::LOCATION, page);
    }
    response
}
