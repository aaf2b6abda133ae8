//! What is due at a time.

use super::{AccountId, StoreError};
use domain::{NotificationId, Timestamp};
use sqlx::SqliteConnection;

/// How long the bin keeps a notification (contract, section 3).
const BIN: i64 = 30 * 24 * 3600 * 1000;

/// When a notification that was deleted at `time` leaves the bin.
pub(super) fn bin_ends(time: Timestamp) -> Timestamp {
    time.plus_millis(BIN)
}

/// Notifications to be delivered at `now` or before, the first that was due first.
pub(crate) async fn deliveries(
    connection: &mut SqliteConnection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<NotificationId>, StoreError> {
    let due =
        "SELECT id FROM notification WHERE deliver_at <= ?1 ORDER BY deliver_at, seq LIMIT ?2";
    ids(connection, due, now, limit).await
}

/// Notifications whose time is over: they expired, or were in the bin for as long as it keeps them.
pub(crate) async fn ends(
    connection: &mut SqliteConnection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<NotificationId>, StoreError> {
    let expired = "SELECT id FROM notification WHERE expires_at <= ?1 AND deliver_at IS NULL ORDER BY expires_at LIMIT ?2";
    let mut over = ids(&mut *connection, expired, now, limit).await?;
    let binned = "SELECT id FROM notification WHERE deleted_at <= ?1 ORDER BY deleted_at LIMIT ?2";
    let rest = limit.saturating_sub(u32::try_from(over.len()).unwrap_or(limit));
    over.extend(ids(connection, binned, now.plus_millis(-BIN), rest).await?);
    Ok(over)
}

/// Notifications older than their channels keep any: what counts is their newest change.
pub(crate) async fn outlived(
    connection: &mut SqliteConnection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<NotificationId>, StoreError> {
    let outlived = "SELECT n.id FROM channel AS c
         JOIN notification AS n ON n.channel_id = c.id AND n.updated_at <= ?1 - c.retention_days * 86400000
         AND n.deleted_at IS NULL AND n.deliver_at IS NULL
         WHERE c.retention_days IS NOT NULL LIMIT ?2";
    ids(connection, outlived, now, limit).await
}

async fn ids(
    connection: &mut SqliteConnection,
    select: &'static str,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<NotificationId>, StoreError> {
    let ids: Vec<String> = sqlx::query_scalar(select)
        .bind(now.millis())
        .bind(limit)
        .fetch_all(connection)
        .await?;
    let ids = ids.into_iter().map(NotificationId::parse);
    ids.collect::<Result<_, _>>().map_err(StoreError::corrupt)
}

/// Receipts whose snooze is over.
pub(crate) async fn snoozes(
    connection: &mut SqliteConnection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<(AccountId, NotificationId)>, StoreError> {
    let rows: Vec<(i64, String)> = sqlx::query_as(
        "SELECT account_id, notification_id FROM receipt WHERE snoozed_until <= ?1 ORDER BY snoozed_until LIMIT ?2",
    )
    .bind(now.millis())
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(account, id)| {
            Ok((
                AccountId(account),
                NotificationId::parse(id).map_err(StoreError::corrupt)?,
            ))
        })
        .collect()
}

/// When something is due next.
pub(crate) async fn next(
    connection: &mut SqliteConnection,
) -> Result<Option<Timestamp>, StoreError> {
    let (delivery, expiry, deletion, snooze): (Option<i64>, Option<i64>, Option<i64>, Option<i64>) = sqlx::query_as(
        "SELECT (SELECT min(deliver_at) FROM notification WHERE deliver_at IS NOT NULL),
                (SELECT expires_at FROM notification WHERE expires_at IS NOT NULL AND deliver_at IS NULL
                 ORDER BY expires_at LIMIT 1),
                (SELECT min(deleted_at) FROM notification WHERE deleted_at IS NOT NULL),
                (SELECT min(snoozed_until) FROM receipt WHERE snoozed_until IS NOT NULL)",
    )
    .fetch_one(connection)
    .await?;
    let deletion = deletion.map(|millis| bin_ends(Timestamp::from_millis(millis)));
    let others = [delivery, expiry, snooze]
        .into_iter()
        .flatten()
        .map(Timestamp::from_millis);
    Ok(others.chain(deletion).min())
}
