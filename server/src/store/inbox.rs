//! Lists of notifications with one account's receipts.

use super::notifications::from_doc;
use super::{AccountId, ChannelId, StoreError, log, receipts};
use domain::{InboxItem, ListState, NotificationId, Seq, Unread};
use sqlx::{Acquire, SqliteConnection, SqlitePool};

/// Which notifications are asked for. The channels are those that the account may read (and asked for).
#[derive(Debug, Clone)]
pub(crate) struct ListQuery {
    pub(crate) account: AccountId,
    pub(crate) channels: Vec<ChannelId>,
    pub(crate) state: ListState,
    pub(crate) tag: Option<String>,
    pub(crate) min_priority: u8,
    /// Only those whose newest change is older.
    pub(crate) before: Option<Seq>,
    pub(crate) limit: u32,
}

/// What every list begins with: notifications of some channels, with the receipt of one account, that it may see.
macro_rules! visible {
    ($columns:literal, $condition:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM notification AS n
              LEFT JOIN receipt AS r ON r.account_id = ?1 AND r.notification_id = n.id
              WHERE n.channel_id IN (SELECT value FROM json_each(?2)) AND n.deliver_at IS NULL
                AND (n.restricted = 0 OR EXISTS
                     (SELECT 1 FROM recipient AS t WHERE t.notification_id = n.id AND t.account_id = ?1))
                AND ",
            $condition
        )
    };
}

macro_rules! list {
    ($condition:literal) => {
        visible!(
            "n.doc, coalesce(r.seen, 0), coalesce(r.read, 0), coalesce(r.archived, 0), r.snoozed_until",
            $condition
        )
    };
}

const COUNT_UNREAD: &str = visible!(
    "count(*)",
    "n.deleted_at IS NULL AND coalesce(r.read, 0) = 0 AND coalesce(r.archived, 0) = 0 AND r.snoozed_until IS NULL"
);

const UNREAD_UPTO: &str = visible!(
    "n.id",
    "n.deleted_at IS NULL AND coalesce(r.read, 0) = 0 AND coalesce(r.archived, 0) = 0 AND r.snoozed_until IS NULL
     AND n.seq <= ?3 ORDER BY n.seq LIMIT ?4"
);

macro_rules! page {
    ($state:literal) => {
        concat!(
            list!($state),
            " AND n.seq < ?3 AND n.priority >= ?4
              AND (?5 IS NULL OR EXISTS (
                   SELECT 1 FROM json_each(iif(json_valid(n.doc), n.doc, '{}'), '$.tags') WHERE value = ?5))
              ORDER BY n.seq DESC LIMIT ?6"
        )
    };
}

fn statement(state: ListState) -> &'static str {
    match state {
        ListState::Inbox => {
            page!(
                "n.deleted_at IS NULL AND coalesce(r.archived, 0) = 0 AND r.snoozed_until IS NULL"
            )
        }
        ListState::Unread => page!(
            "n.deleted_at IS NULL AND coalesce(r.read, 0) = 0 AND coalesce(r.archived, 0) = 0
             AND r.snoozed_until IS NULL"
        ),
        ListState::Archived => page!("n.deleted_at IS NULL AND r.archived = 1"),
        ListState::Snoozed => {
            page!(
                "n.deleted_at IS NULL AND coalesce(r.archived, 0) = 0 AND r.snoozed_until IS NOT NULL"
            )
        }
        ListState::Bin => page!("n.deleted_at IS NOT NULL"),
        ListState::All => page!("n.deleted_at IS NULL"),
    }
}

type Columns = (String, bool, bool, bool, Option<i64>);

/// The newest notifications that fit, newest first.
pub(crate) async fn list(
    readers: &SqlitePool,
    query: &ListQuery,
) -> Result<Vec<InboxItem>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(statement(query.state))
        .bind(query.account.0)
        .bind(json_list(&query.channels))
        .bind(
            query
                .before
                .map_or(i64::MAX, |seq| i64::try_from(seq).unwrap_or(i64::MAX)),
        )
        .bind(query.min_priority)
        .bind(query.tag.as_deref())
        .bind(query.limit)
        .fetch_all(readers)
        .await?;
    let item = |(doc, seen, read, archived, snoozed): Columns| {
        let receipt = receipts::from_columns((seen, read, archived, snoozed));
        from_doc(&doc).map(|notification| InboxItem {
            notification,
            receipt,
        })
    };
    // A row that cannot be read must not take the whole inbox with it.
    let readable = rows.into_iter().filter_map(|row| {
        item(row)
            .inspect_err(|error| tracing::error!(%error, "a notification is left out of a list"))
            .ok()
    });
    Ok(readable.collect())
}

/// Counts the unread notifications of the inbox, and tells at which place of the log.
pub(crate) async fn unread(
    readers: &SqlitePool,
    account: AccountId,
    channels: &[ChannelId],
) -> Result<Unread, StoreError> {
    let mut connection = readers.acquire().await?;
    // One transaction: the count and its place belong together.
    let mut tx = connection.begin().await?;
    let at = log::head(&mut tx).await?;
    let count: i64 = sqlx::query_scalar(COUNT_UNREAD)
        .bind(account.0)
        .bind(json_list(channels))
        .fetch_one(&mut *tx)
        .await?;
    Ok(Unread {
        count: count.unsigned_abs(),
        at,
    })
}

/// Unread notifications of the inbox whose newest change is at `upto` or before, oldest first.
pub(crate) async fn unread_upto(
    connection: &mut SqliteConnection,
    account: AccountId,
    channels: &[ChannelId],
    upto: Seq,
    limit: u32,
) -> Result<Vec<NotificationId>, StoreError> {
    let ids: Vec<String> = sqlx::query_scalar(UNREAD_UPTO)
        .bind(account.0)
        .bind(json_list(channels))
        .bind(i64::try_from(upto).unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(connection)
        .await?;
    let ids = ids.into_iter().map(NotificationId::parse);
    ids.collect::<Result<_, _>>().map_err(StoreError::corrupt)
}

/// A list of channels for `json_each`.
pub(super) fn json_list(channels: &[ChannelId]) -> String {
    let ids = channels
        .iter()
        .map(|id| id.0.to_string())
        .collect::<Vec<_>>();
    format!("[{}]", ids.join(","))
}
