//! `GET /events`: the stream (contract, section 4).

use super::auth::Caller;
use super::notifications::{number, search};
use super::problem::{Problem, Refusal};
use super::query::Query;
use super::state::AppState;
use super::takeover::{Alone, Offer};
use crate::live::stream::{self, Interest, OpenError};
use crate::service::{ServiceError, inbox};
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use domain::{ChannelName, Priority, Resume, Timestamp};
use futures::StreamExt;
use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use utoipa::IntoParams;

/// The most notifications that `recent` sends.
const MOST_RECENT: u32 = 100;

/// The query of a stream.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes what `subscribe` reads from the query"
)]
pub(super) struct StreamParams {
    /// Only these channels, with commas between them.
    channels: Option<String>,
    /// Only notifications at least this urgent.
    #[param(minimum = 1, maximum = 5)]
    min_priority: Option<u8>,
    /// Only notifications that this search finds, such as `tag:db priority:>=4`.
    q: Option<String>,
    /// The id of the event after which the stream goes on, or `earliest`. The header `Last-Event-ID` wins over it.
    last_event_id: Option<String>,
    /// How many of the newest notifications come first.
    #[param(minimum = 0, maximum = 100)]
    recent: Option<u32>,
    /// An access token, for an `EventSource`, which can set no header.
    access_token: Option<String>,
}

/// Opens the stream. What a client sends as its cursor never fails the request.
#[utoipa::path(
    get, path = "/events", tag = "stream", params(StreamParams),
    responses((status = 200, content_type = "text/event-stream", body = String, description = "Events, without end"), Refusal)
)]
pub(crate) async fn subscribe(
    State(state): State<AppState>,
    Caller(actor): Caller,
    query: Query,
    headers: HeaderMap,
    alone: Option<Extension<Alone>>,
) -> Result<Response, Problem> {
    inbox::may_read(&actor)?;
    let request = request(&headers, &query, state.services.clock.now())?;
    let live = &state.services.live;
    let opening = stream::open(live, actor, request).await.map_err(refusal)?;
    let head = [
        (header::CONTENT_TYPE.as_str(), "text/event-stream"),
        (header::CACHE_CONTROL.as_str(), "no-store, no-transform"),
        ("x-accel-buffering", "no"),
    ];
    if alone.is_some() {
        return Ok((head, Extension(Offer::new(opening))).into_response());
    }
    let frames = stream::body(Arc::clone(live), opening);
    Ok((head, Body::from_stream(frames.map(Ok::<_, Infallible>))).into_response())
}

/// What a subscriber asks for at `now`.
///
/// # Errors
/// 422 for every parameter but the cursor.
pub(crate) fn request(
    headers: &HeaderMap,
    query: &Query,
    now: Timestamp,
) -> Result<stream::Request, Problem> {
    let interest = Interest {
        channels: query.parse("channels", channels)?,
        min_priority: query.parse("min_priority", |text| {
            Priority::try_from(text.parse().unwrap_or(0))
        })?,
        query: search(query, now)?
            .filter(|search| search.expr().is_some())
            .map(Arc::new),
    };
    let recent = query
        .parse("recent", |text| number(&text, 0, u32::MAX))?
        .unwrap_or(0)
        .min(MOST_RECENT);
    Ok(stream::Request {
        interest,
        resume: resume(headers, query),
        recent,
    })
}

/// The header wins over the query. A header that is not even text is a cursor that cannot be continued.
fn resume(headers: &HeaderMap, query: &Query) -> Resume {
    match headers.get("last-event-id").map(|value| value.to_str()) {
        Some(Err(_)) => Resume::Malformed,
        Some(Ok(text)) if !text.is_empty() => Resume::parse(text),
        Some(Ok(_)) | None => Resume::parse(query.get("last_event_id").unwrap_or_default()),
    }
}

fn channels(list: String) -> Result<HashSet<ChannelName>, String> {
    let name = |name: &str| ChannelName::parse(name).map_err(|error| format!("\"{name}\" {error}"));
    list.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(name)
        .collect()
}

fn refusal(error: OpenError) -> Problem {
    match error {
        OpenError::TooMany => Problem::too_many(
            10,
            "This account has as many streams open as it may: close one, or share it",
        ),
        OpenError::Store(error) => ServiceError::from(error).into(),
    }
}
