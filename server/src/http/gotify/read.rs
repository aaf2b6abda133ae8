//! Lists of messages and applications, and putting messages away.

use super::credential::Client;
use super::message::{Message, to_gotify};
use super::refusal::Refusal;
use super::target::application;
use crate::http::query::Query;
use crate::http::state::AppState;
use crate::service::{Actor, ChannelId, inbox};
use axum::Json;
use axum::extract::{OriginalUri, Path, State};
use axum::http::StatusCode;
use domain::{Priority, Seq, Timestamp};
use serde::Serialize;

/// Messages of a page when `limit` is not given, and the most that may be asked for.
const LIMIT: u32 = 100;
const MOST: u32 = 200;

/// `model/paging.go`, `PagedMessages`.
#[derive(Serialize)]
pub(super) struct PagedMessages {
    paging: Paging,
    messages: Vec<Message>,
}

#[derive(Serialize)]
struct Paging {
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    size: usize,
    since: Seq,
    limit: u32,
}

/// `model/application.go`, `Application`, without its token: nobody is told a token twice.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Application {
    id: i64,
    name: String,
    description: String,
    internal: bool,
    image: &'static str,
    default_priority: i64,
    created_at: Timestamp,
    last_used: Option<Timestamp>,
    sort_key: String,
}

/// `GET /application`: the channels that the client may read.
pub(super) async fn applications(
    State(state): State<AppState>,
    Client(actor): Client,
) -> Result<Json<Vec<Application>>, Refusal> {
    inbox::may_read(&actor)?;
    let directory = state.services.directory();
    let channels = directory.channels().into_iter();
    let readable = channels.filter(|entry| directory.access(&actor.reader, entry.id).read);
    let application = |entry: &crate::service::ChannelEntry| Application {
        id: entry.id.0,
        name: entry.label().to_owned(),
        description: entry.name.to_string(),
        internal: false,
        image: "icon-192.png",
        default_priority: to_gotify(Priority::default()),
        created_at: entry.created_at,
        last_used: None,
        sort_key: entry.name.to_string(),
    };
    Ok(Json(readable.map(application).collect()))
}

/// `GET /message?limit&since`.
pub(super) async fn messages(
    State(state): State<AppState>,
    Client(actor): Client,
    OriginalUri(uri): OriginalUri,
    query: Query,
) -> Result<Json<PagedMessages>, Refusal> {
    page(&state, &actor, None, uri.path(), &query).await
}

/// `GET /application/{id}/message?limit&since`.
pub(super) async fn messages_of(
    State(state): State<AppState>,
    Client(actor): Client,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
    query: Query,
) -> Result<Json<PagedMessages>, Refusal> {
    let channel = channel(&state, &actor, &id)?;
    page(&state, &actor, Some(channel), uri.path(), &query).await
}

async fn page(
    state: &AppState,
    actor: &Actor,
    channel: Option<ChannelId>,
    path: &str,
    query: &Query,
) -> Result<Json<PagedMessages>, Refusal> {
    let limit = limit(query)?;
    let since = number(query, "since")?.filter(|since| *since != 0);
    let services = &state.services;
    let (numbered, more) = services.numbered(actor, channel, since, limit).await?;
    let last = numbered.last().filter(|_| more);
    let last = last.map(|numbered| numbered.naming.number);
    let directory = services.directory();
    let message = |numbered| Message::from((numbered, &*directory));
    let messages: Vec<_> = numbered.into_iter().map(message).collect();
    let paging = Paging {
        next: last.map(|since| format!("{path}?limit={limit}&since={since}")),
        size: messages.len(),
        since: last.unwrap_or(0),
        limit,
    };
    Ok(Json(PagedMessages { paging, messages }))
}

/// `DELETE /message`.
pub(super) async fn put_away_all(
    State(state): State<AppState>,
    Client(actor): Client,
) -> Result<StatusCode, Refusal> {
    state.services.put_away_all(&actor, None).await?;
    Ok(StatusCode::OK)
}

/// `DELETE /application/{id}/message`.
pub(super) async fn put_away_all_of(
    State(state): State<AppState>,
    Client(actor): Client,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let channel = channel(&state, &actor, &id)?;
    state.services.put_away_all(&actor, Some(channel)).await?;
    Ok(StatusCode::OK)
}

/// `DELETE /message/{id}`.
pub(super) async fn put_away(
    State(state): State<AppState>,
    Client(actor): Client,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    state.services.put_away(&actor, parse(&id)?).await?;
    Ok(StatusCode::OK)
}

fn channel(state: &AppState, actor: &Actor, id: &str) -> Result<ChannelId, Refusal> {
    inbox::may_read(actor)?;
    let directory = state.services.directory();
    let entry = application(&directory, actor, parse(id)?);
    let entry = entry.ok_or_else(|| Refusal::not_found("application does not exist"))?;
    Ok(entry.id)
}

fn parse(id: &str) -> Result<u64, Refusal> {
    id.parse().map_err(|_| Refusal::bad("invalid id"))
}

fn limit(query: &Query) -> Result<u32, Refusal> {
    let limit = number(query, "limit")?.unwrap_or(u64::from(LIMIT));
    match u32::try_from(limit) {
        Ok(0) => Err(Refusal::bad("Field 'limit' must be more or equal to 1")),
        Ok(limit @ 1..=MOST) => Ok(limit),
        _ => Err(Refusal::bad(format!(
            "Field 'limit' must be less or equal to {MOST}"
        ))),
    }
}

fn number(query: &Query, name: &str) -> Result<Option<u64>, Refusal> {
    let text = query.get(name).filter(|text| !text.is_empty());
    let wrong = || Refusal::bad(format!("Field '{name}' is not valid"));
    text.map(|text| text.parse().map_err(|_| wrong()))
        .transpose()
}
