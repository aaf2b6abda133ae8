//! `GET /api/v1/stats` (contract, section 3).

use super::auth::Caller;
use super::problem::{Problem, Refusal};
use super::state::AppState;
use axum::Json;
use axum::extract::State;
use domain::{ChannelName, Seq, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// Figures of the last seven days, about what the caller may see.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Stats {
    /// Open streams on this node.
    streams: usize,
    /// The newest event of the log.
    head: Seq,
    /// Unread notifications in the inbox.
    unread: u64,
    /// When the first of `hours` began.
    since: Timestamp,
    /// Notifications by the hour of their newest change, oldest first.
    hours: Vec<u64>,
    /// The channels in which there was something.
    channels: Vec<ChannelStats>,
}

/// Figures of one channel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelStats {
    channel: ChannelName,
    notifications: u64,
    newest_at: Timestamp,
}

/// `GET /api/v1/stats`.
#[utoipa::path(
    get, path = "/stats", tag = "server",
    responses((status = 200, body = Stats), Refusal)
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<Stats>, Problem> {
    let stats = state.services.stats(&actor).await?;
    let channels = stats.channels.into_iter();
    Ok(Json(Stats {
        streams: stats.streams,
        head: stats.head,
        unread: stats.unread,
        since: stats.since,
        hours: stats.hours,
        channels: channels
            .map(|(channel, notifications, newest_at)| ChannelStats {
                channel,
                notifications,
                newest_at,
            })
            .collect(),
    }))
}
