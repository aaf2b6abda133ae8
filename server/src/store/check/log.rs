//! The log has no holes between the last event that is no longer kept and its head, and every event can be read.

use super::{Checked, MANY};
use crate::store::{StoreError, log};
use sqlx::SqliteConnection;

pub(super) async fn look(
    connection: &mut SqliteConnection,
    checked: &mut Checked,
) -> Result<(), StoreError> {
    checked.head = log::head(connection).await?;
    let (head, pruned_to) = (checked.head.cast_signed(), checked.pruned_to.cast_signed());
    let (count, last): (i64, Option<i64>) = sqlx::query_as("SELECT count(*), max(seq) FROM event")
        .fetch_one(&mut *connection)
        .await?;
    checked.events = count;
    let last = last.unwrap_or(pruned_to);
    if last < head || pruned_to > head {
        checked.find(format!(
            "log: its head is {head}, and its last event {last}"
        ));
    }
    let holes: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT before + 1, seq - 1
         FROM (SELECT seq, lag(seq, 1, ?1) OVER (ORDER BY seq) AS before FROM event WHERE seq > ?1)
         WHERE seq <> before + 1 LIMIT ?2",
    )
    .bind(pruned_to)
    .bind(MANY)
    .fetch_all(&mut *connection)
    .await?;
    for (from, to) in holes {
        checked.find(format!("log: events {from} to {to} are missing"));
    }
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM event WHERE seq <= ?1")
        .bind(pruned_to)
        .fetch_one(&mut *connection)
        .await?;
    if kept > 0 {
        checked.find(format!(
            "log: {kept} events are there that are no longer kept"
        ));
    }
    let unreadable: Vec<i64> = sqlx::query_scalar(
        "SELECT seq FROM event AS e
         WHERE NOT coalesce(json_valid(payload), 1) OR NOT coalesce(json_valid(audience), 1)
            OR payload IS NULL AND kind IN (1, 2) AND EXISTS
               (SELECT 1 FROM notification AS n WHERE n.id = e.notification_id)
         ORDER BY seq LIMIT ?1",
    )
    .bind(MANY)
    .fetch_all(connection)
    .await?;
    for seq in unreadable {
        checked.find(format!("log: event {seq} cannot be read"));
    }
    Ok(())
}
