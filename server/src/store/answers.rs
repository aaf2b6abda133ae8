//! What publishes with an `Idempotency-Key` were answered (contract, section 3).

use super::{SecretHash, StoreError, Tx, notifications};
use domain::{Notification, Timestamp};

/// How long an answer is given again.
const KEPT: i64 = 24 * 3600 * 1000;

/// Which publish this is, in the words of whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// The credential: others may use the same key.
    pub(crate) credential: SecretHash,
    pub(crate) key: String,
    /// Of the body: another one with the same key is a mistake.
    pub(crate) body: SecretHash,
}

/// What is known of a request.
#[derive(Debug)]
pub(crate) enum Known {
    /// It was answered like this.
    Answered(Box<Notification>),
    /// The key was used for another body.
    OtherBody,
}

/// Looks a request up.
pub(crate) async fn find(tx: &mut Tx<'_>, request: &Request) -> Result<Option<Known>, StoreError> {
    let since = tx.now().plus_millis(-KEPT).millis();
    let row: Option<(Vec<u8>, String)> = sqlx::query_as(
        "SELECT body, notification FROM answer WHERE credential = ?1 AND key = ?2 AND at > ?3",
    )
    .bind(&request.credential.0[..])
    .bind(&request.key)
    .bind(since)
    .fetch_optional(tx.connection().await?)
    .await?;
    let Some((body, doc)) = row else {
        return Ok(None);
    };
    Ok(Some(if body == request.body.0 {
        Known::Answered(Box::new(notifications::from_doc(&doc)?))
    } else {
        Known::OtherBody
    }))
}

/// Remembers the answer to a request.
pub(crate) async fn remember(
    tx: &mut Tx<'_>,
    request: &Request,
    notification: &Notification,
) -> Result<(), StoreError> {
    let at = tx.now().millis();
    let doc = notifications::doc(notification)?;
    sqlx::query(
        "INSERT INTO answer (credential, key, body, notification, at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (credential, key) DO UPDATE SET body = excluded.body, notification = excluded.notification,
             at = excluded.at",
    )
    .bind(&request.credential.0[..])
    .bind(&request.key)
    .bind(&request.body.0[..])
    .bind(doc)
    .bind(at)
    .execute(tx.connection().await?)
    .await?;
    Ok(())
}

/// Forgets the answers that are given no more.
pub(crate) async fn forget(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM answer WHERE at <= ?1")
        .bind(now.plus_millis(-KEPT).millis())
        .execute(tx.connection().await?)
        .await?;
    Ok(())
}
