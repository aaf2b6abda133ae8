//! Counts over what one account may see.

use super::{AccountId, ChannelId, StoreError};
use domain::Timestamp;
use serde_json::json;
use sqlx::SqliteConnection;

/// One channel's notifications since a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChannelCount {
    pub(crate) channel: ChannelId,
    pub(crate) count: u64,
    pub(crate) newest: Timestamp,
}

/// What every count begins with. `notification_by_age` holds all that is asked of what everybody may see.
macro_rules! counted {
    ($columns:literal, $group:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM notification AS n
              WHERE n.channel_id IN (SELECT value FROM json_each(?2)) AND n.updated_at >= ?3
                AND n.deleted_at IS NULL AND n.deliver_at IS NULL
                AND (n.restricted = 0 OR EXISTS
                     (SELECT 1 FROM recipient AS t WHERE t.notification_id = n.id AND t.account_id = ?1))
              GROUP BY ",
            $group
        )
    };
}

/// Notifications of each channel that changed at `since` or later.
pub(crate) async fn by_channel(
    connection: &mut SqliteConnection,
    account: AccountId,
    channels: &[ChannelId],
    since: Timestamp,
) -> Result<Vec<ChannelCount>, StoreError> {
    let rows: Vec<(i64, i64, i64)> = sqlx::query_as(counted!(
        "n.channel_id, count(*), max(n.updated_at)",
        "n.channel_id"
    ))
    .bind(account.0)
    .bind(json!(channels).to_string())
    .bind(since.millis())
    .fetch_all(connection)
    .await?;
    let count = |(channel, count, newest): (i64, i64, i64)| ChannelCount {
        channel: ChannelId(channel),
        count: count.unsigned_abs(),
        newest: Timestamp::from_millis(newest),
    };
    Ok(rows.into_iter().map(count).collect())
}

/// The same by hour since `since`: the hour's number, counted from 0, and how many.
pub(crate) async fn by_hour(
    connection: &mut SqliteConnection,
    account: AccountId,
    channels: &[ChannelId],
    since: Timestamp,
) -> Result<Vec<(usize, u64)>, StoreError> {
    let rows: Vec<(i64, i64)> = sqlx::query_as(counted!(
        "(n.updated_at - ?3) / 3600000 AS hour, count(*)",
        "hour"
    ))
    .bind(account.0)
    .bind(json!(channels).to_string())
    .bind(since.millis())
    .fetch_all(connection)
    .await?;
    let hour = |(hour, count): (i64, i64)| {
        (
            usize::try_from(hour).unwrap_or(usize::MAX),
            count.unsigned_abs(),
        )
    };
    Ok(rows.into_iter().map(hour).collect())
}
