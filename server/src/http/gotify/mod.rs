//! Drop-in for Gotify (contract, section 5): its clients send and follow without a change. Facts of its wire are those of
//! gotify/server 2.x (`router/router.go`, `model`, `api`).
//!
//! Channels are its applications, our tokens its application and client tokens (scope `publish` and `subscribe`). Messages
//! there belong to one person; so what a client deletes is archived for that person.

mod clients;
mod credential;
mod info;
mod message;
mod posted;
mod read;
mod refusal;
mod send;
mod stream;
mod target;

use super::state::AppState;
use axum::Router;
use axum::routing::{delete, get};
use refusal::Refusal;
use tower_http::cors::{Any, CorsLayer};

/// Its routes. None of them takes a cookie, so they may be called from any page.
pub(super) fn router() -> Router<AppState> {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods(Any)
        .allow_headers(Any);
    Router::new()
        .route(
            "/message",
            get(read::messages)
                .post(send::create)
                .delete(read::put_away_all),
        )
        .route("/message/{id}", delete(read::put_away))
        .route("/application", get(read::applications))
        .route(
            "/application/{id}/message",
            get(read::messages_of).delete(read::put_away_all_of),
        )
        .route("/client", get(clients::list).post(clients::create))
        .route("/current/user", get(clients::current_user))
        .route("/stream", get(stream::follow))
        .route("/version", get(info::version))
        .route("/gotifyinfo", get(info::gotify_info))
        .route("/health", get(info::health))
        .method_not_allowed_fallback(|| async { Refusal::not_found("page not found") })
        .layer(cors)
}
