//! `/api/v1/notifications` and `/notify` (contract, section 3).

use super::auth::Caller;
use super::json::{JsonBody, JsonOnce};
use super::problem::{Problem, Refusal};
use super::query::Query;
use super::state::AppState;
use crate::service::inbox::ListRequest;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::search::{Filter, Query as Search};
use domain::{
    ChannelName, Draft, Edit, InboxItem, ListState, Notification, NotificationId, Priority,
    Receipt, ReceiptPatch, Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Rows of a list when `limit` is not given, and the most that may be asked for.
const ROWS: u32 = 50;
const MOST_ROWS: u32 = 200;

/// `POST /api/v1/notifications`.
#[utoipa::path(
    post, path = "/notifications", tag = "notifications",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 128, description = "A repeat with the same key and body adds nothing")),
    request_body = Draft,
    responses((status = 201, body = Notification), (status = 200, description = "A card was updated, or a request repeated", body = Notification), Refusal)
)]
pub(crate) async fn publish(
    State(state): State<AppState>,
    Caller(actor): Caller,
    JsonOnce(draft, once): JsonOnce<Draft>,
) -> Result<Response, Problem> {
    let published = state.services.publish(&actor, draft, once).await?;
    let status = if published.created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(published.notification)).into_response())
}

/// The answer of `POST /notify`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sent {
    sent: bool,
    clients: usize,
    id: NotificationId,
    seq: domain::Seq,
}

/// `POST /notify`.
#[utoipa::path(
    post, path = "/notify", tag = "notifications",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 128, description = "A repeat with the same key and body adds nothing")),
    request_body = Draft,
    responses((status = 200, body = Sent), Refusal)
)]
pub(crate) async fn notify(
    State(state): State<AppState>,
    Caller(actor): Caller,
    JsonOnce(draft, once): JsonOnce<Draft>,
) -> Result<Json<Sent>, Problem> {
    let notification = state
        .services
        .publish(&actor, draft, once)
        .await?
        .notification;
    let clients = state.services.handed(notification.seq);
    Ok(Json(Sent {
        sent: true,
        clients,
        id: notification.id,
        seq: notification.seq,
    }))
}

/// A notification with the reader's receipt, as one object.
#[derive(Serialize, ToSchema)]
pub(crate) struct Item {
    #[serde(flatten)]
    notification: Notification,
    receipt: Receipt,
}

impl From<InboxItem> for Item {
    fn from(item: InboxItem) -> Self {
        let InboxItem {
            notification,
            receipt,
        } = item;
        Self {
            notification,
            receipt,
        }
    }
}

/// A page of a list. `next` is the `before` of the page after it.
#[derive(Serialize, ToSchema)]
pub(crate) struct List {
    notifications: Vec<Item>,
    next: Option<domain::Seq>,
}

/// The query of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `list` reads from the query")]
struct ListParams {
    /// Only of this channel.
    channel: Option<ChannelName>,
    /// Only what this search finds, such as `tag:db is:unread "disk full"`.
    q: Option<String>,
    /// When it is absent: `inbox`, unless the search speaks of receipts or of the bin itself.
    state: Option<ListState>,
    /// Only with this tag.
    tag: Option<String>,
    /// Only at least this urgent.
    #[param(minimum = 1, maximum = 5)]
    min_priority: Option<u8>,
    /// Only what changed before this place of the log: the `next` of the page before.
    before: Option<u64>,
    /// 50 when it is absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// `GET /api/v1/notifications`.
#[utoipa::path(
    get, path = "/notifications", tag = "notifications",
    params(ListParams),
    responses((status = 200, body = List), Refusal)
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    query: Query,
) -> Result<Json<List>, Problem> {
    let tag = query.parse("tag", |tag| Filter::tag(&tag).ok_or("must hold a word"))?;
    let urgent = query.parse("min_priority", |text| {
        number(&text, 1, 5).map(|number| Priority::try_from(number).map(Filter::at_least))
    })?;
    let filters = tag.into_iter().chain(urgent.and_then(Result::ok));
    let request = ListRequest {
        channel: query.parse("channel", ChannelName::parse)?,
        state: query.parse("state", list_state)?,
        query: filters.fold(
            search(&query, state.services.clock.now())?.unwrap_or_default(),
            Search::and,
        ),
        before: query.parse("before", |text| number(&text, 0, i64::MAX.unsigned_abs()))?,
        limit: query
            .parse("limit", |text| number(&text, 1, MOST_ROWS))?
            .unwrap_or(ROWS),
    };
    let page = state.services.list(&actor, request).await?;
    Ok(Json(List {
        notifications: page.items.into_iter().map(Item::from).collect(),
        next: page.next,
    }))
}

/// The parameter `q`.
pub(super) fn search(query: &Query, now: Timestamp) -> Result<Option<Search>, Problem> {
    query.parse("q", |text| Search::parse(&text, now))
}

fn list_state(word: String) -> Result<ListState, &'static str> {
    let wrong = "must be inbox, unread, archived, snoozed, bin or all";
    serde_json::from_value(serde_json::Value::String(word)).map_err(|_| wrong)
}

/// A whole number from `least` to `most`.
pub(super) fn number<N>(text: &str, least: N, most: N) -> Result<N, String>
where
    N: std::str::FromStr + PartialOrd + std::fmt::Display + Copy,
{
    let number = text
        .parse::<N>()
        .ok()
        .filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("must be a whole number from {least} to {most}"))
}

/// An id in a path. One that breaks the grammar names nothing.
fn id(text: String) -> Result<NotificationId, Problem> {
    NotificationId::parse(text)
        .map_err(|_| Problem::not_found("There is no notification with this id"))
}

/// `GET /api/v1/notifications/{id}`.
#[utoipa::path(
    get, path = "/notifications/{id}", tag = "notifications",
    params(("id" = NotificationId, Path)),
    responses((status = 200, body = Item), Refusal)
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(text): Path<String>,
) -> Result<Json<Item>, Problem> {
    let item = state.services.notification(&actor, &id(text)?).await?;
    Ok(Json(item.into()))
}

/// `PATCH /api/v1/notifications/{id}`.
#[utoipa::path(
    patch, path = "/notifications/{id}", tag = "notifications",
    params(("id" = NotificationId, Path)),
    request_body = Edit,
    responses((status = 200, body = Notification), Refusal)
)]
pub(crate) async fn edit(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(text): Path<String>,
    JsonBody(edit): JsonBody<Edit>,
) -> Result<Json<Notification>, Problem> {
    Ok(Json(state.services.edit(&actor, id(text)?, edit).await?))
}

/// `POST /api/v1/notifications/{id}/restore`.
#[utoipa::path(
    post, path = "/notifications/{id}/restore", tag = "notifications",
    params(("id" = NotificationId, Path)),
    responses((status = 200, body = Notification), Refusal)
)]
pub(crate) async fn restore(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(text): Path<String>,
) -> Result<Json<Notification>, Problem> {
    Ok(Json(state.services.restore(&actor, id(text)?).await?))
}

/// `DELETE /api/v1/notifications/{id}`.
#[utoipa::path(
    delete, path = "/notifications/{id}", tag = "notifications",
    params(("id" = NotificationId, Path), ("purge" = Option<bool>, Query, description = "Remove it for good")),
    responses((status = 204), Refusal)
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(text): Path<String>,
    query: Query,
) -> Result<StatusCode, Problem> {
    let purge = query
        .get("purge")
        .is_some_and(|value| matches!(value, "true" | "1"));
    state.services.delete(&actor, id(text)?, purge).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The body of `POST /api/v1/receipts/read-all`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadAll {
    channel: Option<ChannelName>,
    /// The newest that the reader has in view: what came later stays unread.
    up_to_seq: domain::Seq,
}

/// The answer of `POST /api/v1/receipts/read-all`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Marked {
    /// How many were unread before.
    read: u64,
}

/// `POST /api/v1/receipts/read-all`.
#[utoipa::path(
    post, path = "/receipts/read-all", tag = "notifications",
    request_body = ReadAll,
    responses((status = 200, body = Marked), Refusal)
)]
pub(crate) async fn read_all(
    State(state): State<AppState>,
    Caller(actor): Caller,
    JsonBody(all): JsonBody<ReadAll>,
) -> Result<Json<Marked>, Problem> {
    let read = state
        .services
        .read_all(&actor, all.channel, all.up_to_seq)
        .await?;
    Ok(Json(Marked { read }))
}

/// `PUT /api/v1/notifications/{id}/receipt`.
#[utoipa::path(
    put, path = "/notifications/{id}/receipt", tag = "notifications",
    params(("id" = NotificationId, Path)),
    request_body = ReceiptPatch,
    responses((status = 200, body = Receipt), Refusal)
)]
pub(crate) async fn set_receipt(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(text): Path<String>,
    JsonBody(patch): JsonBody<ReceiptPatch>,
) -> Result<Json<domain::Receipt>, Problem> {
    Ok(Json(
        state.services.set_receipt(&actor, id(text)?, patch).await?,
    ))
}
