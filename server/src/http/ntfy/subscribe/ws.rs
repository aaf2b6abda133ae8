//! Subscribing by WebSocket: the same events, a text frame each, and a ping in place of the keepalive.

use super::super::auth::Caller;
use super::super::error::Refusal;
use super::super::message::KEEPALIVE;
use super::super::params::Params;
use super::super::publish::Base;
use super::super::topic::Topics;
use super::feed::{Feed, Follow};
use super::wire;
use crate::http::state::AppState;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use futures::StreamExt;
use std::pin::pin;
use std::time::Duration;
use tokio::time::timeout;

/// The largest frame of a reader. Readers have nothing to say.
const FRAME: usize = 4 << 10;

/// `GET /{topics}/ws`.
pub(in super::super) async fn ws(
    State(state): State<AppState>,
    Caller(actor): Caller,
    topics: Topics,
    params: Params,
    Base(base): Base,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let upgrade = upgrade.map_err(|_| Refusal::NO_WEBSOCKET)?;
    let follow = Follow::read(&params, &topics, &state)?;
    let feed = Feed::open(&state, actor, topics, follow, base).await?;
    let patience = state.services.live.tuning.stalled;
    let upgrade = upgrade.max_message_size(FRAME).max_frame_size(FRAME);
    Ok(upgrade.on_upgrade(move |socket| run(socket, feed, patience)))
}

/// Writes until the stream ends, the reader goes, or takes nothing for as long as `patience`.
async fn run(mut socket: WebSocket, feed: Feed, patience: Duration) {
    let mut events = pin!(feed.events());
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            said = socket.recv() => match said {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                // Pings are answered by the library, and nothing else is asked here.
                Some(Ok(_)) => continue,
            },
        };
        let frame = match event {
            Some(event) if event.message.event == KEEPALIVE => Message::Ping(Vec::new().into()),
            Some(event) => Message::Text(wire::json(&event.message).into()),
            None => Message::Close(None),
        };
        let is_last = matches!(frame, Message::Close(_));
        let sent = timeout(patience, socket.send(frame)).await;
        if is_last || !matches!(sent, Ok(Ok(()))) {
            return;
        }
    }
}
