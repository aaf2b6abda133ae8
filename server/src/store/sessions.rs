//! Sessions of browsers.

use super::{SecretHash, StoreError, Tx};
use domain::Timestamp;
use sqlx::SqliteConnection;

/// A session as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct SessionRow {
    pub(crate) key: SecretHash,
    /// JSON.
    pub(crate) data: String,
    pub(crate) expires_at: Timestamp,
}

/// Adds a session; false when the key is taken.
pub(crate) async fn insert(tx: &mut Tx<'_>, row: &SessionRow) -> Result<bool, StoreError> {
    let insert = "INSERT INTO session (key, data, expires_at) VALUES (?1, ?2, ?3) ON CONFLICT (key) DO NOTHING";
    let query = sqlx::query(insert)
        .bind(row.key.0.as_slice())
        .bind(&row.data)
        .bind(row.expires_at.millis());
    Ok(query.execute(tx.connection().await?).await?.rows_affected() == 1)
}

/// Changes a session that is there. It never adds one: a slow request that ends after its session was deleted must not
/// bring it back.
pub(crate) async fn update(tx: &mut Tx<'_>, row: &SessionRow) -> Result<bool, StoreError> {
    let update = "UPDATE session SET data = ?2, expires_at = ?3 WHERE key = ?1";
    let query = sqlx::query(update)
        .bind(row.key.0.as_slice())
        .bind(&row.data)
        .bind(row.expires_at.millis());
    Ok(query.execute(tx.connection().await?).await?.rows_affected() == 1)
}

/// Removes a session.
pub(crate) async fn delete(tx: &mut Tx<'_>, key: &SecretHash) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM session WHERE key = ?1")
        .bind(key.0.as_slice())
        .execute(tx.connection().await?)
        .await?;
    Ok(())
}

/// Removes what has expired. Answers how many.
pub(crate) async fn delete_expired(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    let now = tx.now().millis();
    let done = sqlx::query("DELETE FROM session WHERE expires_at <= ?1")
        .bind(now)
        .execute(tx.connection().await?)
        .await?;
    Ok(done.rows_affected())
}

/// Every session that has not expired at `now`.
pub(crate) async fn all(
    connection: &mut SqliteConnection,
    now: Timestamp,
) -> Result<Vec<SessionRow>, StoreError> {
    let rows: Vec<(Vec<u8>, String, i64)> =
        sqlx::query_as("SELECT key, data, expires_at FROM session WHERE expires_at > ?1")
            .bind(now.millis())
            .fetch_all(connection)
            .await?;
    let row = |(key, data, expires_at): (Vec<u8>, String, i64)| {
        let key =
            SecretHash::from_column(&key).ok_or_else(|| StoreError::corrupt("session key"))?;
        Ok(SessionRow {
            key,
            data,
            expires_at: Timestamp::from_millis(expires_at),
        })
    };
    rows.into_iter().map(row).collect()
}
