//! `GET /stream`: a WebSocket that tells of new messages. A client that was away asks `GET /message` for what it missed.

use super::credential::Client;
use super::message::Message;
use super::refusal::Refusal;
use crate::http::socket::{self, Teller};
use crate::http::state::AppState;
use crate::http::takeover::Kept;
use crate::live::frame::Frame;
use crate::live::stream::{self, Interest, OpenError};
use crate::service::{ChannelId, ServiceError, Services, inbox};
use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::StatusCode;
use axum::response::Response;
use domain::{FeedEvent, Notification, Resume};
use std::sync::Arc;

/// Follows from now on.
pub(super) async fn follow(
    State(state): State<AppState>,
    Client(actor): Client,
    kept: Option<Extension<Kept>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    inbox::may_read(&actor)?;
    let upgrade = upgrade.map_err(|error| Refusal::bad(error.body_text()))?;
    let request = stream::Request {
        interest: Interest::default(),
        resume: Resume::Head,
        recent: 0,
    };
    let live = Arc::clone(&state.services.live);
    let opening = stream::open(&live, actor, request).await?;
    let kept = kept.map(|Extension(kept)| kept);
    let teller = Messages(state.services);
    Ok(socket::follow(upgrade, kept, live, opening, teller))
}

impl From<OpenError> for Refusal {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::TooMany => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "this account has as many streams open as it may",
            ),
            OpenError::Store(error) => ServiceError::from(error).into(),
        }
    }
}

/// Tells of new notifications as messages. Messages there never change, so later changes of a card are not told.
struct Messages(Services);

impl Teller for Messages {
    async fn tell(&self, frames: &[Arc<Frame>]) -> Result<Vec<String>, ServiceError> {
        let created: Vec<_> = frames.iter().filter_map(|frame| created(frame)).collect();
        if created.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<_> = created.iter().map(|(one, _)| &one.id).collect();
        let mut namings = self.0.namings(&ids).await?;
        let directory = self.0.directory();
        let message = |(notification, channel): (Notification, ChannelId)| {
            let naming = namings.remove(&notification.id)?;
            let message = Message::new(notification, channel, naming, &directory);
            serde_json::to_string(&message).ok()
        };
        Ok(created.into_iter().filter_map(message).collect())
    }
}

fn created(frame: &Frame) -> Option<(Notification, ChannelId)> {
    match frame.told()? {
        FeedEvent::Created(created) => Some((created.notification, frame.event.channel)),
        FeedEvent::Connected(_)
        | FeedEvent::Update(_)
        | FeedEvent::Reset(_)
        | FeedEvent::Heartbeat(_) => None,
    }
}
