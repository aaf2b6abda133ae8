//! Notifications by number, for readers whose protocol knows a message by a whole number. The number is the place in the
//! log of the event that showed the notification first: it never changes, and rises with time.

use super::notifications::from_doc;
use super::{AccountId, ChannelId, StoreError, Tx};
use domain::{Notification, NotificationId, Seq};
use serde_json::json;
use sqlx::{SqliteConnection, SqlitePool};
use std::collections::HashMap;

/// A notification and what such readers need besides.
#[derive(Debug, Clone)]
pub(crate) struct Numbered {
    pub(crate) notification: Notification,
    pub(crate) channel: ChannelId,
    pub(crate) naming: Naming,
}

/// What a notification is called by its readers by number.
#[derive(Debug, Clone)]
pub(crate) struct Naming {
    pub(crate) number: Seq,
    /// What its sender's protocol said beyond our fields (JSON).
    pub(crate) origin: Option<String>,
}

/// A page of the inbox, from the newest number on.
#[derive(Debug, Clone)]
pub(crate) struct NumberQuery {
    pub(crate) account: AccountId,
    pub(crate) channels: Vec<ChannelId>,
    /// Only those with a smaller number.
    pub(crate) before: Option<Seq>,
    pub(crate) limit: u32,
}

/// The plus keeps SQLite from the index of channels, by which it would sort all that there is for every page.
const PAGE: &str = "SELECT n.number, n.origin, n.channel_id, n.doc FROM notification AS n
     LEFT JOIN receipt AS r ON r.account_id = ?1 AND r.notification_id = n.id
     WHERE +n.channel_id IN (SELECT value FROM json_each(?2)) AND n.number < ?3
       AND n.deliver_at IS NULL AND n.deleted_at IS NULL
       AND coalesce(r.archived, 0) = 0 AND r.snoozed_until IS NULL
       AND (n.restricted = 0 OR EXISTS
            (SELECT 1 FROM recipient AS t WHERE t.notification_id = n.id AND t.account_id = ?1))
     ORDER BY n.number DESC LIMIT ?4";

/// What the inbox shows of some channels, newest number first.
pub(crate) async fn page(
    connection: &mut SqliteConnection,
    query: &NumberQuery,
) -> Result<Vec<Numbered>, StoreError> {
    let rows: Vec<(i64, Option<String>, i64, String)> = sqlx::query_as(PAGE)
        .bind(query.account.0)
        .bind(json!(query.channels).to_string())
        .bind(query.before.map_or(i64::MAX, bounded))
        .bind(query.limit)
        .fetch_all(connection)
        .await?;
    let numbered = |(number, origin, channel, doc): (i64, _, i64, String)| {
        let notification = from_doc(&doc)?;
        let naming = Naming {
            number: number.cast_unsigned(),
            origin,
        };
        Ok(Numbered {
            notification,
            channel: ChannelId(channel),
            naming,
        })
    };
    // A row that cannot be read must not take the whole list with it.
    let readable = rows.into_iter().filter_map(|row| {
        let read: Result<_, StoreError> = numbered(row);
        read.inspect_err(|error| tracing::error!(%error, "a notification is left out of a list"))
            .ok()
    });
    Ok(readable.collect())
}

/// What some notifications are called. Those that are gone are left out.
pub(crate) async fn namings(
    readers: &SqlitePool,
    ids: &[&NotificationId],
) -> Result<HashMap<NotificationId, Naming>, StoreError> {
    let rows: Vec<(String, i64, Option<String>)> = sqlx::query_as(
        "SELECT id, number, origin FROM notification WHERE id IN (SELECT value FROM json_each(?1))",
    )
    .bind(json!(ids).to_string())
    .fetch_all(readers)
    .await?;
    let naming = |(id, number, origin): (String, i64, _)| {
        let number = number.cast_unsigned();
        let id = NotificationId::parse(id).map_err(StoreError::corrupt)?;
        Ok((id, Naming { number, origin }))
    };
    rows.into_iter().map(naming).collect()
}

/// Which notification has this number.
pub(crate) async fn find(
    readers: &SqlitePool,
    number: Seq,
) -> Result<Option<NotificationId>, StoreError> {
    let id: Option<String> = sqlx::query_scalar("SELECT id FROM notification WHERE number = ?1")
        .bind(bounded(number))
        .fetch_optional(readers)
        .await?;
    id.map(NotificationId::parse)
        .transpose()
        .map_err(StoreError::corrupt)
}

/// Keeps what the sender's protocol said beyond our fields.
pub(crate) async fn set_origin(
    tx: &mut Tx<'_>,
    id: &NotificationId,
    origin: &str,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE notification SET origin = ?2 WHERE id = ?1")
        .bind(id.as_str())
        .bind(origin)
        .execute(tx.connection().await?)
        .await?;
    Ok(())
}

fn bounded(number: Seq) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
