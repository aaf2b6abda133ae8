//! For those who run the server (contract, section 6).

use super::problem::Problem;
use super::state::AppState;
use axum::extract::State;
use axum::http::StatusCode;

/// `GET /healthz`: the process answers.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: what is published now would be stored and seen.
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
    Ok("ok\n")
}
