//! What is known of files: whose they are, and what they are. Their bytes are the service's.

use super::{StoreError, Tx};
use domain::{Attachment, NotificationId};
use sqlx::SqliteConnection;
use std::collections::HashSet;

/// A file of a notification.
#[derive(Debug, Clone)]
pub(crate) struct FileRow {
    pub(crate) notification: NotificationId,
    /// What its sender calls it.
    pub(crate) name: String,
    /// Media type.
    pub(crate) kind: String,
    /// Bytes.
    pub(crate) size: u64,
}

/// A file that must be there, because a notification has it.
#[derive(Debug)]
pub(super) struct Owned {
    /// Its name in the folder.
    pub(super) id: String,
    notification: String,
    /// Bytes.
    pub(super) size: u64,
}

impl Owned {
    /// What to say when it is not there.
    pub(super) fn is_missing(&self) -> String {
        let notification = &self.notification;
        format!("it is missing: put it back, or remove notification {notification}, which has it")
    }

    /// What to say when it has `size` bytes.
    pub(super) fn is_long(&self, size: u64) -> String {
        format!("it has {size} bytes, and not {}", self.size)
    }
}

/// Every file that there must be.
///
/// # Errors
/// When the database cannot be read, or names a file as nobody would: as one outside the folder.
pub(super) async fn all(connection: &mut SqliteConnection) -> Result<Vec<Owned>, StoreError> {
    let rows: Vec<(String, String, i64)> =
        sqlx::query_as("SELECT id, notification_id, size FROM file ORDER BY id")
            .fetch_all(connection)
            .await?;
    let owned = |(id, notification, size): (String, String, i64)| {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(StoreError::corrupt(format!("{id:?} names no file")));
        }
        let size = size.unsigned_abs();
        Ok(Owned {
            id,
            notification,
            size,
        })
    };
    rows.into_iter().map(owned).collect()
}

/// Forgets a file that is nowhere any more.
pub(super) async fn forget(connection: &mut SqliteConnection, id: &str) -> Result<(), StoreError> {
    let gone = sqlx::query("DELETE FROM file WHERE id = ?1").bind(id);
    gone.execute(connection).await?;
    Ok(())
}

/// Gives a notification the file that `attachment` names, in place of those that it had. Without one, or with one that
/// lies elsewhere, it has none.
pub(crate) async fn replace(
    tx: &mut Tx<'_>,
    notification: &NotificationId,
    attachment: Option<&Attachment>,
) -> Result<(), StoreError> {
    let gone = sqlx::query("DELETE FROM file WHERE notification_id = ?1")
        .bind(notification.as_str())
        .execute(tx.connection().await?)
        .await?;
    if gone.rows_affected() > 0 {
        tx.note_purge();
    }
    let Some((attachment, id)) = attachment.and_then(|one| Some((one, one.file()?))) else {
        return Ok(());
    };
    let size = attachment.size.and_then(|size| i64::try_from(size).ok());
    sqlx::query(
        "INSERT INTO file (id, notification_id, name, type, size) VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .bind(id)
    .bind(notification.as_str())
    .bind(&attachment.name)
    .bind(attachment.r#type.as_deref().unwrap_or_default())
    .bind(size.unwrap_or_default())
    .execute(tx.connection().await?)
    .await?;
    Ok(())
}

/// Gives the files of one notification to another, in place of those that it had. Without any, nothing changes.
pub(crate) async fn hand_over(
    tx: &mut Tx<'_>,
    from: &NotificationId,
    to: &NotificationId,
) -> Result<(), StoreError> {
    let replaced = "DELETE FROM file WHERE notification_id = ?2
         AND EXISTS (SELECT 1 FROM file AS given WHERE given.notification_id = ?1)";
    let given = "UPDATE file SET notification_id = ?2 WHERE notification_id = ?1";
    for statement in [replaced, given] {
        sqlx::query(statement)
            .bind(from.as_str())
            .bind(to.as_str())
            .execute(tx.connection().await?)
            .await?;
    }
    Ok(())
}

/// What is known of a file.
pub(crate) async fn get(
    connection: &mut SqliteConnection,
    id: &str,
) -> Result<Option<FileRow>, StoreError> {
    let row: Option<(String, String, String, i64)> =
        sqlx::query_as("SELECT notification_id, name, type, size FROM file WHERE id = ?1")
            .bind(id)
            .fetch_optional(connection)
            .await?;
    let file = |(notification, name, kind, size): (String, String, String, i64)| {
        Ok(FileRow {
            notification: NotificationId::parse(notification).map_err(StoreError::corrupt)?,
            name,
            kind,
            size: size.unsigned_abs(),
        })
    };
    row.map(file).transpose()
}

/// Those of `ids` that belong to a notification.
pub(crate) async fn owned(
    connection: &mut SqliteConnection,
    ids: &[String],
) -> Result<HashSet<String>, StoreError> {
    let list = serde_json::to_string(ids).map_err(StoreError::corrupt)?;
    let owned: Vec<String> =
        sqlx::query_scalar("SELECT id FROM file WHERE id IN (SELECT value FROM json_each(?1))")
            .bind(list)
            .fetch_all(connection)
            .await?;
    Ok(owned.into_iter().collect())
}
