//! For those who run the server (contract, section 6).

use super::address::ClientAddress;
use super::auth::Visitor;
use super::problem::Problem;
use super::state::AppState;
use crate::metrics::MEDIA_TYPE;
use crate::service::ServiceError;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::Scope;

/// `GET /healthz`: the process answers.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: what is published now would be stored and seen, and what another process, such as a command, had written
/// when this was asked is known.
pub(crate) async fn ready(State(state): State<AppState>) -> Result<&'static str, Problem> {
    let failed = |detail: &str| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "not_ready",
            "Not ready",
            detail,
        )
    };
    if state.services.live.shutdown.is_cancelled() {
        return Err(failed("The server is stopping"));
    }
    state
        .services
        .check_writable()
        .await
        .map_err(|_| failed("The database cannot be written"))?;
    state.services.writer.look().await;
    Ok("ok\n")
}

/// `GET /metrics`: for this machine itself, and for whoever administers.
pub(crate) async fn metrics(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Visitor(visitor): Visitor,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let directory = state.services.directory();
    let administers = visitor.is_some_and(|actor| {
        let account = directory.account(actor.reader.account);
        account.is_some_and(|account| account.admin) && actor.may(Scope::Manage)
    });
    // A proxy that is not trusted may stand on this machine and speak for anybody.
    let direct = !FORWARDED.iter().any(|name| headers.contains_key(*name));
    if !(administers || (direct && address.is_loopback())) {
        return Err(Problem::forbidden(
            "Metrics are for this machine itself and for administrators",
        ));
    }
    let live = &state.services.live;
    let figures = &live.metrics;
    figures.streams.set(number(live.hub.streams() as u64));
    figures.log_head.set(number(live.head()));
    figures.db_bytes.set(number(live.store.bytes()));
    let text = figures.render().map_err(|error| {
        tracing::error!(%error, "the metrics cannot be encoded");
        Problem::from(ServiceError::Unavailable)
    })?;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], text).into_response())
}

/// By what a proxy says that it is one.
const FORWARDED: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Counts every request that is answered.
pub(crate) async fn count(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let response = next.run(request).await;
    // Whoever sends methods of his own does not make figures of his own.
    let method = match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known,
        _ => "other",
    };
    let requests = &state.services.live.metrics.http_requests;
    requests
        .with_label_values(&[method, response.status().as_str()])
        .inc();
    response
}
