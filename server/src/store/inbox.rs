//! Lists of notifications with one account's receipts.

use super::notifications::from_doc;
use super::search::{Condition, Place, blocks};
use super::{AccountId, Readable, StoreError, log, receipts};
use domain::search::Query;
use domain::{InboxItem, ListState, Seq, Unread};
use sqlx::{Acquire, QueryBuilder, Sqlite, SqlitePool};
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

type Columns = (String, bool, bool, bool, Option<i64>);

/// Notifications that the account may see, with its receipts, newest change first.
pub(crate) async fn list(
    readers: &SqlitePool,
    query: &ListQuery,
) -> Result<Vec<InboxItem>, StoreError> {
    let newest = query.before.unwrap_or(MOST_PLACE).min(MOST_PLACE);
    let Some(newest) = newest
        .checked_sub(1)
        .filter(|_| !query.readable.ids.is_empty())
    else {
        return Ok(Vec::new());
    };
    let condition = Condition::new(&query.query, query.state, &query.readable);
    let mut walk = condition.walk(query.account, &query.readable, newest);
    let mut connection = readers.acquire().await?;
    // One transaction: what moves up meanwhile must not fall between two looks.
    let mut snapshot = connection.begin().await?;
    let mut rows: Vec<Columns> = Vec::new();
    while rows.len() < query.limit as usize
        && let Some(range) = walk.next(&mut snapshot).await?
    {
        let mut select = statement(query, &condition, &range, query.limit as usize - rows.len());
        rows.extend(
            select
                .build_query_as::<Columns>()
                .fetch_all(&mut *snapshot)
                .await?,
        );
    }
    snapshot.rollback().await?;
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
    readable: &Readable,
) -> Result<Unread, StoreError> {
    let mut connection = readers.acquire().await?;
    // One transaction: the count and its place belong together.
    let mut tx = connection.begin().await?;
    Ok(Unread {
        at: log::head(&mut tx).await?,
        count: blocks::unread(&mut tx, account, readable).await?,
    })
}

/// The list's statement for the notifications whose places are in `range`. The order of its tables is fixed: the index, or
/// else the notifications by their places, answer newest first, and nothing has to be sorted.
fn statement(
    query: &ListQuery,
    condition: &Condition<'_>,
    range: &RangeInclusive<Seq>,
    limit: usize,
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
    sql.push(" LEFT JOIN receipt AS r ON r.account_id = ")
        .push_bind(query.account.0);
    sql.push(match condition.place {
        // An account's receipts lie in the order of the list.
        Place::Shown => " AND r.place = n.seq",
        Place::Bin | Place::Anywhere => " AND r.notification_id = n.id",
    });
    sql.push(" WHERE ").push(place).push(" BETWEEN ");
    sql.push_bind(range.start().cast_signed());
    sql.push(" AND ").push_bind(range.end().cast_signed());
    if let Some(matched) = &condition.matched {
        sql.push(" AND s.search MATCH ").push_bind(matched.clone());
    }
    sql.push(" AND n.deliver_at IS NULL AND +n.channel_id IN (SELECT value FROM json_each(")
        .push_bind(query.readable.json());
    sql.push(
        ")) AND (n.restricted = 0 OR EXISTS (SELECT 1 FROM recipient AS t WHERE t.notification_id = n.id AND t.account_id = ",
    );
    sql.push_bind(query.account.0).push("))");
    condition.push_rest(&mut sql, range);
    sql.push(" ORDER BY ").push(place).push(" DESC LIMIT ");
    sql.push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
    sql
}
