//! The state of notifications.

use super::tx::ROWS;
use super::{AccountId, ChannelId, StoreError, Tx};
use domain::{Notification, NotificationId, Timestamp};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

/// A notification with what the database knows beside it.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) notification: Notification,
    pub(crate) channel: ChannelId,
    /// Who alone may see it.
    pub(crate) recipients: Option<Vec<AccountId>>,
    pub(crate) deleted_at: Option<Timestamp>,
}

/// The JSON that everybody gets.
pub(crate) fn doc(notification: &Notification) -> Result<String, StoreError> {
    serde_json::to_string(notification).map_err(StoreError::corrupt)
}

/// Reads [`doc`].
pub(super) fn from_doc(doc: &str) -> Result<Notification, StoreError> {
    serde_json::from_str(doc).map_err(StoreError::corrupt)
}

/// A notification that is about to be written.
#[derive(Debug)]
pub(super) struct NewRow {
    notification: Notification,
    doc: String,
    channel: ChannelId,
    recipients: Option<Vec<AccountId>>,
}

/// Adds a notification, whose JSON is `doc`.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    notification: Notification,
    doc: String,
    channel: ChannelId,
    recipients: Option<Vec<AccountId>>,
) {
    tx.add(NewRow {
        notification,
        doc,
        channel,
        recipients,
    });
}

impl NewRow {
    /// Whether only some may see it: that takes rows of another table.
    pub(super) fn is_restricted(&self) -> bool {
        self.recipients.is_some()
    }
}

/// Adds the statement that writes `rows`.
pub(super) fn push_rows(query: &mut QueryBuilder<Sqlite>, rows: &[NewRow]) {
    query.push(
        "INSERT INTO notification (id, seq, channel_id, key, priority, restricted, created_at, doc) ",
    );
    query.push_values(rows, |mut columns, row| {
        let notification = &row.notification;
        columns
            .push_bind(notification.id.as_str().to_owned())
            .push_bind(notification.seq.cast_signed())
            .push_bind(row.channel.0)
            .push_bind(notification.key.clone())
            .push_bind(i64::from(u8::from(notification.priority)))
            .push_bind(row.is_restricted())
            .push_bind(notification.created_at.millis())
            .push_bind(row.doc.clone());
    });
}

pub(super) async fn insert_rows(
    connection: &mut SqliteConnection,
    rows: &[NewRow],
) -> Result<(), StoreError> {
    for rows in rows.chunks(ROWS) {
        let mut insert = QueryBuilder::new("");
        push_rows(&mut insert, rows);
        insert.build().execute(&mut *connection).await?;
    }
    for row in rows {
        for account in row.recipients.iter().flatten() {
            let insert = "INSERT INTO recipient (notification_id, account_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            sqlx::query(insert)
                .bind(row.notification.id.as_str())
                .bind(account.0)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

/// Writes back a notification that changed.
pub(crate) async fn update(tx: &mut Tx<'_>, stored: &Stored, doc: &str) -> Result<(), StoreError> {
    let notification = &stored.notification;
    sqlx::query(
        "UPDATE notification SET seq = ?2, priority = ?3, deleted_at = ?4, doc = ?5 WHERE id = ?1",
    )
    .bind(notification.id.as_str())
    .bind(notification.seq.cast_signed())
    .bind(i64::from(u8::from(notification.priority)))
    .bind(stored.deleted_at.map(Timestamp::millis))
    .bind(doc)
    .execute(tx.connection().await?)
    .await?;
    Ok(())
}

/// Removes a notification for good, with its receipts.
pub(crate) async fn purge(tx: &mut Tx<'_>, id: &NotificationId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM notification WHERE id = ?1")
        .bind(id.as_str())
        .execute(tx.connection().await?)
        .await?;
    Ok(())
}

/// The notification with this id, also one in the bin.
pub(crate) async fn get(
    connection: &mut SqliteConnection,
    id: &NotificationId,
) -> Result<Option<Stored>, StoreError> {
    let row: Option<Columns> = sqlx::query_as(SELECT_BY_ID)
        .bind(id.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    stored(connection, row).await
}

/// The living card with this key.
pub(crate) async fn by_key(
    connection: &mut SqliteConnection,
    channel: ChannelId,
    key: &str,
) -> Result<Option<Stored>, StoreError> {
    let row: Option<Columns> = sqlx::query_as(
        "SELECT doc, channel_id, restricted, deleted_at FROM notification
         WHERE channel_id = ?1 AND key = ?2 AND key IS NOT NULL AND deleted_at IS NULL",
    )
    .bind(channel.0)
    .bind(key)
    .fetch_optional(&mut *connection)
    .await?;
    stored(connection, row).await
}

const SELECT_BY_ID: &str =
    "SELECT doc, channel_id, restricted, deleted_at FROM notification WHERE id = ?1";

type Columns = (String, i64, bool, Option<i64>);

async fn stored(
    connection: &mut SqliteConnection,
    row: Option<Columns>,
) -> Result<Option<Stored>, StoreError> {
    let Some((doc, channel, restricted, deleted_at)) = row else {
        return Ok(None);
    };
    let notification = from_doc(&doc)?;
    let recipients = if restricted {
        Some(recipients(connection, &notification.id).await?)
    } else {
        None
    };
    let deleted_at = deleted_at.map(Timestamp::from_millis);
    Ok(Some(Stored {
        notification,
        channel: ChannelId(channel),
        recipients,
        deleted_at,
    }))
}

async fn recipients(
    connection: &mut SqliteConnection,
    id: &NotificationId,
) -> Result<Vec<AccountId>, StoreError> {
    let rows: Vec<(i64,)> =
        sqlx::query_as("SELECT account_id FROM recipient WHERE notification_id = ?1")
            .bind(id.as_str())
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|(id,)| AccountId(id)).collect())
}
