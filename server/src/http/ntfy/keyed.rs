//! What is done to a card by its sequence id.

use super::auth::Caller;
use super::error::Refusal;
use super::message::{CLEAR, DELETE, Message};
use super::topic::Keyed;
use crate::http::state::AppState;
use crate::service::keyed::Deed;
use axum::Json;
use axum::extract::State;

/// `PUT|GET /{topic}/{key}/clear` and `/read`: everybody has read it.
pub(super) async fn clear(
    state: State<AppState>,
    caller: Caller,
    card: Keyed,
) -> Result<Json<Message>, Refusal> {
    act(state, caller, card, Deed::Clear, CLEAR).await
}

/// `DELETE /{topic}/{key}` and `GET /{topic}/{key}/delete`.
pub(super) async fn delete(
    state: State<AppState>,
    caller: Caller,
    card: Keyed,
) -> Result<Json<Message>, Refusal> {
    act(state, caller, card, Deed::Delete, DELETE).await
}

/// Answers the event as its readers get it. A card that is not there any more is as it was asked for.
async fn act(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Keyed(topic, key): Keyed,
    deed: Deed,
    event: &'static str,
) -> Result<Json<Message>, Refusal> {
    let services = &state.services;
    let seq = services.keyed(&actor, &topic, key.clone(), deed).await?;
    let seq = seq.unwrap_or_else(|| services.live.head());
    Ok(Json(Message {
        sequence_id: Some(key),
        ..Message::bare(event, seq, services.clock.now(), topic.to_string())
    }))
}
