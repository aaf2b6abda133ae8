//! Everything HTTP. [`router`] is the table of contents: every route, grouped by who calls it.

mod address;
mod assets;
mod auth;
mod channels;
mod credential;
mod events;
mod files;
mod foreign;
mod forms;
mod gotify;
mod headers;
mod hooks;
mod json;
mod notifications;
mod ntfy;
pub(crate) mod openapi;
mod ops;
mod problem;
mod query;
mod same_origin;
mod session;
mod socket;
mod state;
mod stats;
mod takeover;
mod tokens;
mod ui;

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use {events::request, json::BODY_BYTES, json::JsonBody, query::Query};

pub(crate) use address::Proxies;
pub(crate) use problem::Problem;
pub(crate) use state::AppState;
pub(crate) use takeover::{Alone, Kept, Offer};

use crate::service::sessions::Sessions;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Router, middleware};
use std::time::Duration;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use tower_http::trace::TraceLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

/// How long a body may stand still. Who sends no more is gone by then.
const STALLED_BODY: Duration = Duration::from_secs(10);

/// Every route, with what surrounds it.
pub(crate) fn router(state: AppState) -> Router {
    // A second router in one process (tests) finds the executor set: that is as good.
    let _set_before = any_spawner::Executor::init_tokio();

    // Programs with a token, and the page with its cookie.
    let (api, document) = openapi::routes().split_for_parts();
    let api = api
        .route("/openapi.json", get(openapi::serve(&document)))
        .fallback(no_such_call)
        .method_not_allowed_fallback(wrong_method);

    // Browsers.
    let pages = Router::new()
        .route("/login", get(ui::page).post(forms::sign_in))
        .route("/setup", get(ui::page).post(forms::set_up))
        .route("/logout", post(forms::sign_out))
        .route("/api/ui/{*function}", any(ui::server_function))
        .fallback(file_or_page)
        .layer(CompressionLayer::new().br(true).gzip(true));

    let identified = Router::new()
        .nest("/api/v1", api)
        .route("/notify", post(notifications::notify))
        .route("/events", get(events::subscribe))
        .route("/metrics", get(ops::metrics))
        .route("/file/{name}", get(files::get))
        .merge(pages)
        .layer(ServiceBuilder::new().layer(session_layer(&state)).layer(
            middleware::from_fn_with_state(state.clone(), auth::identify),
        ));

    // Whoever runs the server.
    let ops = Router::new()
        .route("/healthz", get(ops::alive))
        .route("/readyz", get(ops::ready));

    // Programs made for others. Their credentials are their own, and no cookie is one.
    let programs = gotify::router().merge(hooks::router());

    ops.merge(identified)
        .merge(programs)
        // Before the pages: these doors' paths are names that only channels have.
        .layer(middleware::from_fn_with_state(
            ntfy::router(state.clone()),
            ntfy::divert,
        ))
        .layer(DefaultBodyLimit::max(json::BODY_BYTES))
        .layer(RequestBodyTimeoutLayer::new(STALLED_BODY))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            headers::secure,
        ))
        .layer(middleware::from_fn_with_state(state.clone(), ops::count))
        .layer(trace_layer())
        .with_state(state)
}

/// The cookie of the contract, section 2.
fn session_layer(state: &AppState) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(Sessions(state.services.clone()))
        .with_name(if state.secure {
            "__Host-belfry"
        } else {
            "belfry"
        })
        .with_secure(state.secure)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(ui::SESSION))
}

/// One span a request. Of the address only the path: the query may hold an access token.
fn trace_layer() -> TraceLayer<
    tower_http::classify::SharedClassifier<tower_http::classify::ServerErrorsAsFailures>,
    impl Fn(&Request) -> tracing::Span + Clone,
> {
    TraceLayer::new_for_http().make_span_with(|request: &Request| {
        tracing::info_span!("request", method = %request.method(), path = request.uri().path())
    })
}

/// A file of the site, or else a page.
async fn file_or_page(
    state: State<AppState>,
    visitor: auth::Visitor,
    session: Session,
    request: Request,
) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::not_found("There is nothing here to send this to").into_response();
    }
    match assets::find(request.uri().path(), request.headers()).await {
        Some(file) => file,
        None => ui::page(state, visitor, session, request).await,
    }
}

async fn no_such_call() -> Problem {
    Problem::not_found("There is no such call")
}

async fn wrong_method() -> Problem {
    let detail = "This call has no such method: the header Allow names those that it has";
    Problem::new(
        axum::http::StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "Method not allowed",
        detail,
    )
}
