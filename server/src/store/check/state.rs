//! Every notification is what its newest event in the log says, unless that event is no longer kept.

use super::{Checked, MANY};
use crate::store::{StoreError, notifications};
use futures::TryStreamExt;
use sqlx::SqliteConnection;

pub(super) async fn look(
    connection: &mut SqliteConnection,
    checked: &mut Checked,
) -> Result<(), StoreError> {
    documents(connection, checked).await?;
    let without: Vec<(String, i64)> = sqlx::query_as(
        "SELECT n.id, n.seq FROM notification AS n LEFT JOIN event AS e ON e.seq = n.seq
         WHERE n.seq > ?1 AND e.notification_id IS NOT n.id LIMIT ?2",
    )
    .bind(checked.pruned_to.cast_signed())
    .bind(MANY)
    .fetch_all(&mut *connection)
    .await?;
    for (id, seq) in without {
        checked.find(format!(
            "notification {id}: its event {seq} is not in the log"
        ));
    }
    // Receipts (kind 4) are of their readers; they leave the notification as it is.
    let behind: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT n.id, n.seq, max(e.seq) FROM notification AS n JOIN event AS e ON e.notification_id = n.id
         WHERE e.kind < 4 AND e.seq > n.seq GROUP BY n.id LIMIT ?1",
    )
    .bind(MANY)
    .fetch_all(connection)
    .await?;
    for (id, seq, newest) in behind {
        checked.find(format!(
            "notification {id}: it is as of event {seq}, and the log has event {newest}"
        ));
    }
    Ok(())
}

/// Every row can be read, and its columns say what its document says.
async fn documents(
    connection: &mut SqliteConnection,
    checked: &mut Checked,
) -> Result<(), StoreError> {
    type Columns = (String, i64, Option<String>, i64, String);
    let mut rows =
        sqlx::query_as::<_, Columns>("SELECT id, seq, key, priority, doc FROM notification")
            .fetch(connection);
    while let Some((id, seq, key, priority, doc)) = rows.try_next().await? {
        checked.notifications += 1;
        let finding = match notifications::from_doc(&doc) {
            Err(error) => Some(error.to_string()),
            Ok(read) => {
                let same = read.id.as_str() == id
                    && read.seq.cast_signed() == seq
                    && read.key == key
                    && i64::from(u8::from(read.priority)) == priority;
                (!same).then(|| "its row and its document differ".to_owned())
            }
        };
        if let Some(finding) = finding
            && checked.findings.len() < 10 * MANY.unsigned_abs() as usize
        {
            checked.find(format!("notification {id}: {finding}"));
        }
    }
    Ok(())
}
