//! What each account did with each notification.

use super::{AccountId, StoreError, Tx};
use domain::{NotificationId, Receipt, Timestamp};
use sqlx::SqliteConnection;

type Columns = (bool, bool, bool, Option<i64>);

pub(super) fn from_columns((seen, read, archived, snoozed_until): Columns) -> Receipt {
    Receipt {
        seen,
        read,
        archived,
        snoozed_until: snoozed_until.map(Timestamp::from_millis),
    }
}

/// The account's receipt, untouched when there is none.
pub(crate) async fn get(
    connection: &mut SqliteConnection,
    account: AccountId,
    id: &NotificationId,
) -> Result<Receipt, StoreError> {
    let row: Option<Columns> = sqlx::query_as(
        "SELECT seen, read, archived, snoozed_until FROM receipt WHERE account_id = ?1 AND notification_id = ?2",
    )
    .bind(account.0)
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(row.map(from_columns).unwrap_or_default())
}

/// Everybody's receipts of one notification that are not untouched.
pub(crate) async fn of(
    connection: &mut SqliteConnection,
    id: &NotificationId,
) -> Result<Vec<(AccountId, Receipt)>, StoreError> {
    let rows: Vec<(i64, bool, bool, bool, Option<i64>)> = sqlx::query_as(
        "SELECT account_id, seen, read, archived, snoozed_until FROM receipt WHERE notification_id = ?1 ORDER BY account_id",
    )
    .bind(id.as_str())
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(account, a, b, c, d)| (AccountId(account), from_columns((a, b, c, d))))
        .collect())
}

/// Writes a receipt.
pub(crate) async fn put(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: &NotificationId,
    receipt: &Receipt,
) -> Result<(), StoreError> {
    receipt
        .snoozed_until
        .into_iter()
        .for_each(|time| tx.note_due(time));
    sqlx::query(
        "INSERT INTO receipt (account_id, notification_id, seen, read, archived, snoozed_until, place, channel_id)
         SELECT ?1, id, ?3, ?4, ?5, ?6, iif(deleted_at IS NULL AND deliver_at IS NULL, seq, NULL), channel_id
         FROM notification WHERE id = ?2
         ON CONFLICT (account_id, notification_id) DO UPDATE SET seen = excluded.seen, read = excluded.read,
             archived = excluded.archived, snoozed_until = excluded.snoozed_until",
    )
    .bind(account.0)
    .bind(id.as_str())
    .bind(receipt.seen)
    .bind(receipt.read)
    .bind(receipt.archived)
    .bind(receipt.snoozed_until.map(Timestamp::millis))
    .execute(tx.connection().await?)
    .await?;
    Ok(())
}
