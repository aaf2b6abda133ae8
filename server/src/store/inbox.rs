//! Lists of notifications with one account's receipts.

use super::notifications::from_doc;
use super::search::Condition;
use super::{AccountId, ChannelId, Readable, StoreError, log, receipts};
use domain::search::Query;
use domain::{InboxItem, ListState, NotificationId, Seq, Unread};
use sqlx::{Acquire, QueryBuilder, Sqlite, SqliteConnection, SqlitePool};
use std::ops::RangeInclusive;

/// The largest place that the database can name.
const MOST_PLACE: Seq = i64::MAX.unsigned_abs();

/// Which notifications are asked for.
#[derive(Debug, Clone)]
pub(crate) struct ListQuery {
    pub(crate) account: AccountId,
    /// The channels that the account may read (and asked for).
    pub(crate) readable: Readable,
    /// The list; all when it is `None`, and what is in the bin only if the query speaks of it.
    pub(crate) state: Option<ListState>,
    pub(crate) query: Query,
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

const COUNT_UNREAD: &str = visible!(
    "count(*)",
    "n.deleted_at IS NULL AND coalesce(r.read, 0) = 0 AND coalesce(r.archived, 0) = 0 AND r.snoozed_until IS NULL"
);

const UNREAD_UPTO: &str = visible!(
    "n.id",
    "n.deleted_at IS NULL AND coalesce(r.read, 0) = 0 AND coalesce(r.archived, 0) = 0 AND r.snoozed_until IS NULL
     AND n.seq <= ?3 ORDER BY n.seq LIMIT ?4"
);

type Columns = (String, bool, bool, bool, Option<i64>);

/// Notifications that the account may see, with its receipts, newest change first.
pub(crate) async fn list(
    readers: &SqlitePool,
    query: &ListQuery,
) -> Result<Vec<InboxItem>, StoreError> {
    if query.readable.ids.is_empty() {
        return Ok(Vec::new());
    }
    let condition = Condition::new(&query.query, query.state, &query.readable);
    let newest = query.before.map_or(MOST_PLACE, |seq| seq.min(MOST_PLACE));
    let range = 0..=newest.saturating_sub(1);
    let mut select = statement(query, &condition, &range, query.limit);
    let rows: Vec<Columns> = select.build_query_as().fetch_all(readers).await?;
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

/// The list's statement for the notifications whose places are in `range`. The order of its tables is fixed: the index, or
/// else the notifications by their places, answer newest first, and nothing has to be sorted.
fn statement(
    query: &ListQuery,
    condition: &Condition<'_>,
    range: &RangeInclusive<Seq>,
    limit: u32,
) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new(
        "SELECT n.doc, coalesce(r.seen, 0), coalesce(r.read, 0), coalesce(r.archived, 0), r.snoozed_until FROM ",
    );
    let place = if condition.matched.is_some() {
        sql.push("search AS s CROSS JOIN notification AS n ON n.seq = s.rowid");
        "s.rowid"
    } else {
        sql.push("notification AS n");
        "n.seq"
    };
    sql.push(" LEFT JOIN receipt AS r ON r.notification_id = n.id AND r.account_id = ")
        .push_bind(query.account.0);
    sql.push(" WHERE ").push(place).push(" BETWEEN ");
    sql.push_bind(range.start().cast_signed());
    sql.push(" AND ").push_bind(range.end().cast_signed());
    if let Some(matched) = &condition.matched {
        sql.push(" AND s.search MATCH ").push_bind(matched.clone());
    }
    sql.push(" AND n.deliver_at IS NULL AND +n.channel_id IN (SELECT value FROM json_each(")
        .push_bind(json_list(&query.readable.ids));
    sql.push(
        ")) AND (n.restricted = 0 OR EXISTS (SELECT 1 FROM recipient AS t WHERE t.notification_id = n.id AND t.account_id = ",
    );
    sql.push_bind(query.account.0).push("))");
    condition.push_rest(&mut sql, range);
    sql.push(" ORDER BY ").push(place).push(" DESC LIMIT ");
    sql.push_bind(limit);
    sql
}

/// A list of channels for `json_each`.
pub(super) fn json_list(channels: &[ChannelId]) -> String {
    let ids = channels
        .iter()
        .map(|id| id.0.to_string())
        .collect::<Vec<_>>();
    format!("[{}]", ids.join(","))
}
