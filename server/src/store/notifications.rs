//! The state of notifications.

use super::search::index::{self, Entry};
use super::tx::ROWS;
use super::{AccountId, ChannelId, StoreError, Tx};
use domain::{Notification, NotificationId, Patch, Timestamp};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

/// A notification with what the database knows beside it.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) notification: Notification,
    pub(crate) channel: ChannelId,
    /// Who alone may see it.
    pub(crate) recipients: Option<Vec<AccountId>>,
    pub(crate) deleted_at: Option<Timestamp>,
    /// Set until it is delivered: nobody but its author knows of it before.
    pub(crate) scheduled: Option<Scheduled>,
}

/// When a notification is to be delivered, and what it does if a card with its key lives by then.
#[derive(Debug, Clone)]
pub(crate) struct Scheduled {
    pub(crate) at: Timestamp,
    pub(crate) patch: Patch,
}

/// The JSON that everybody gets.
pub(crate) fn doc(notification: &Notification) -> Result<String, StoreError> {
    serde_json::to_string(notification).map_err(StoreError::corrupt)
}

/// Reads [`doc`].
pub(super) fn from_doc(doc: &str) -> Result<Notification, StoreError> {
    serde_json::from_str(doc).map_err(StoreError::corrupt)
}

/// A notification that is about to be written, and its JSON.
#[derive(Debug)]
pub(super) struct NewRow {
    stored: Stored,
    doc: String,
    pending: Option<String>,
    /// None until it is delivered.
    entry: Option<Entry>,
}

/// Adds a notification, whose JSON is `doc`.
pub(crate) fn insert(tx: &mut Tx<'_>, stored: Stored, doc: String) -> Result<(), StoreError> {
    note_due(tx, &stored);
    let pending = stored.pending()?;
    let entry = stored.entry();
    tx.add(NewRow {
        stored,
        doc,
        pending,
        entry,
    });
    Ok(())
}

impl Stored {
    fn pending(&self) -> Result<Option<String>, StoreError> {
        let patch = self.scheduled.as_ref().map(|scheduled| &scheduled.patch);
        let json = patch.map(serde_json::to_string).transpose();
        json.map_err(StoreError::corrupt)
    }

    /// Its row of the search index: what is not delivered yet is not found.
    fn entry(&self) -> Option<Entry> {
        let delivered = self.scheduled.is_none();
        delivered.then(|| Entry::new(&self.notification, self.deleted_at.is_some()))
    }
}

/// Has the scheduler look when the notification is due.
fn note_due(tx: &mut Tx<'_>, stored: &Stored) {
    let delivery = stored.scheduled.as_ref().map(|scheduled| scheduled.at);
    let deletion = stored.deleted_at.map(super::due::bin_ends);
    let times = [delivery, stored.notification.expires_at, deletion];
    times
        .into_iter()
        .flatten()
        .for_each(|time| tx.note_due(time));
}

impl NewRow {
    /// Whether only some may see it: that takes rows of another table.
    pub(super) fn is_restricted(&self) -> bool {
        self.stored.recipients.is_some()
    }
}

/// Adds the statements that write `rows`.
pub(super) fn push_rows(query: &mut QueryBuilder<Sqlite>, rows: &[NewRow]) {
    query.push(
        "INSERT INTO notification (id, seq, number, channel_id, key, priority, restricted, created_at, updated_at, \
         deliver_at, expires_at, pending, doc) ",
    );
    query.push_values(rows, |mut columns, row| {
        let Stored {
            notification,
            channel,
            scheduled,
            ..
        } = &row.stored;
        columns
            .push_bind(notification.id.as_str().to_owned())
            .push_bind(notification.seq.cast_signed())
            .push_bind(notification.seq.cast_signed())
            .push_bind(channel.0)
            .push_bind(notification.key.clone())
            .push_bind(i64::from(u8::from(notification.priority)))
            .push_bind(row.is_restricted())
            .push_bind(notification.created_at.millis())
            .push_bind(notification.updated_at.millis())
            .push_bind(scheduled.as_ref().map(|scheduled| scheduled.at.millis()))
            .push_bind(notification.expires_at.map(Timestamp::millis))
            .push_bind(row.pending.clone())
            .push_bind(row.doc.clone());
    });
    let mut entries = rows.iter().filter_map(|row| row.entry.as_ref()).peekable();
    if entries.peek().is_some() {
        query.push("; ");
        index::push_entries(query, entries);
    }
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
        for account in row.stored.recipients.iter().flatten() {
            let insert = "INSERT INTO recipient (notification_id, account_id, place, channel_id)
                 SELECT id, ?2, iif(deleted_at IS NULL AND deliver_at IS NULL, seq, NULL), channel_id
                 FROM notification WHERE id = ?1
                 ON CONFLICT DO NOTHING";
            sqlx::query(insert)
                .bind(row.stored.notification.id.as_str())
                .bind(account.0)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

/// Writes back a notification that changed. One that is delivered now gets its number: `deliver_at` on the right is still
/// the old one.
pub(crate) async fn update(tx: &mut Tx<'_>, stored: &Stored, doc: &str) -> Result<(), StoreError> {
    note_due(tx, stored);
    let Stored {
        notification,
        scheduled,
        ..
    } = stored;
    sqlx::query(
        "UPDATE notification SET seq = ?2, key = ?3, priority = ?4, created_at = ?5, updated_at = ?6, deleted_at = ?7,
             deliver_at = ?8, expires_at = ?9, pending = ?10, doc = ?11,
             number = iif(deliver_at IS NULL, number, ?2)
         WHERE id = ?1",
    )
    .bind(notification.id.as_str())
    .bind(notification.seq.cast_signed())
    .bind(notification.key.as_deref())
    .bind(i64::from(u8::from(notification.priority)))
    .bind(notification.created_at.millis())
    .bind(notification.updated_at.millis())
    .bind(stored.deleted_at.map(Timestamp::millis))
    .bind(scheduled.as_ref().map(|scheduled| scheduled.at.millis()))
    .bind(notification.expires_at.map(Timestamp::millis))
    .bind(stored.pending()?)
    .bind(doc)
    .execute(tx.connection().await?)
    .await?;
    match stored.entry() {
        Some(entry) => index::put(tx.connection().await?, &entry).await,
        None => Ok(()),
    }
}

/// Removes a notification for good, with its receipts.
pub(crate) async fn purge(tx: &mut Tx<'_>, id: &NotificationId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM notification WHERE id = ?1")
        .bind(id.as_str())
        .execute(tx.connection().await?)
        .await?;
    tx.note_purge();
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

/// Some notifications of a channel, at most `limit`: also those in the bin and those that are not delivered yet.
pub(crate) async fn of_channel(
    connection: &mut SqliteConnection,
    channel: ChannelId,
    limit: u32,
) -> Result<Vec<NotificationId>, StoreError> {
    let ids = sqlx::query_scalar("SELECT id FROM notification WHERE channel_id = ?1 LIMIT ?2");
    let ids: Vec<String> = ids
        .bind(channel.0)
        .bind(limit)
        .fetch_all(connection)
        .await?;
    let ids = ids.into_iter().map(NotificationId::parse);
    ids.collect::<Result<_, _>>().map_err(StoreError::corrupt)
}

/// The living card with this key.
pub(crate) async fn by_key(
    connection: &mut SqliteConnection,
    channel: ChannelId,
    key: &str,
) -> Result<Option<Stored>, StoreError> {
    let row: Option<Columns> = sqlx::query_as(
        "SELECT doc, channel_id, restricted, deleted_at, deliver_at, pending FROM notification
         WHERE channel_id = ?1 AND key = ?2 AND key IS NOT NULL AND deleted_at IS NULL AND deliver_at IS NULL",
    )
    .bind(channel.0)
    .bind(key)
    .fetch_optional(&mut *connection)
    .await?;
    stored(connection, row).await
}

/// The notifications with this key that are not delivered yet.
pub(crate) async fn scheduled_with_key(
    connection: &mut SqliteConnection,
    channel: ChannelId,
    key: &str,
) -> Result<Vec<Stored>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "SELECT doc, channel_id, restricted, deleted_at, deliver_at, pending FROM notification
         WHERE channel_id = ?1 AND key = ?2 AND deliver_at IS NOT NULL",
    )
    .bind(channel.0)
    .bind(key)
    .fetch_all(&mut *connection)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        found.extend(stored(connection, Some(row)).await?);
    }
    Ok(found)
}

const SELECT_BY_ID: &str = "SELECT doc, channel_id, restricted, deleted_at, deliver_at, pending FROM notification WHERE id = ?1";

type Columns = (String, i64, bool, Option<i64>, Option<i64>, Option<String>);

async fn stored(
    connection: &mut SqliteConnection,
    row: Option<Columns>,
) -> Result<Option<Stored>, StoreError> {
    let Some((doc, channel, restricted, deleted_at, deliver_at, pending)) = row else {
        return Ok(None);
    };
    let notification = from_doc(&doc)?;
    let recipients = if restricted {
        Some(recipients(connection, &notification.id).await?)
    } else {
        None
    };
    let patch = pending.map(|json| serde_json::from_str(&json)).transpose();
    let patch = patch.map_err(StoreError::corrupt)?.unwrap_or_default();
    let scheduled = deliver_at.map(|at| Scheduled {
        at: Timestamp::from_millis(at),
        patch,
    });
    Ok(Some(Stored {
        notification,
        channel: ChannelId(channel),
        recipients,
        deleted_at: deleted_at.map(Timestamp::from_millis),
        scheduled,
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
