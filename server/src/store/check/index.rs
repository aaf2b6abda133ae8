//! What is made from the notifications so that they are found fast: the index of searches, and the tallies of blocks.

use super::{Checked, MANY};
use crate::store::{StoreError, has_table, meta, search};
use sqlx::SqliteConnection;

/// Looks at what there is: a copy of an older version has none of it, and gets it when a server opens it.
pub(super) async fn look(
    connection: &mut SqliteConnection,
    checked: &mut Checked,
) -> Result<(), StoreError> {
    if has_table(connection, "account_tally").await? {
        tallies(connection, checked).await?;
    }
    if meta::search_form(connection).await?.as_deref() == Some(search::index::FORM) {
        rows(connection, checked).await?;
    }
    Ok(())
}

/// Every notification that was delivered has a row in the index, and nothing else has. What is in the rows is checked by
/// SQLite.
async fn rows(connection: &mut SqliteConnection, checked: &mut Checked) -> Result<(), StoreError> {
    let missing: Vec<String> = sqlx::query_scalar(
        "SELECT id FROM notification WHERE deliver_at IS NULL AND seq NOT IN (SELECT rowid FROM search) LIMIT ?1",
    )
    .bind(MANY)
    .fetch_all(&mut *connection)
    .await?;
    for id in missing {
        checked.find(format!("search: notification {id} is not in the index"));
    }
    let surplus: Vec<i64> = sqlx::query_scalar(
        "SELECT rowid FROM search WHERE rowid NOT IN (SELECT seq FROM notification WHERE deliver_at IS NULL) LIMIT ?1",
    )
    .bind(MANY)
    .fetch_all(connection)
    .await?;
    for place in surplus {
        checked.find(format!(
            "search: the index has a row at {place}, where no notification is"
        ));
    }
    Ok(())
}

/// The tallies are what one gets by counting.
async fn tallies(
    connection: &mut SqliteConnection,
    checked: &mut Checked,
) -> Result<(), StoreError> {
    let channels: Vec<(i64, i64)> = sqlx::query_as(
        "WITH each AS (
             SELECT seq >> 10 AS block, channel_id FROM notification
             WHERE restricted = 0 AND deleted_at IS NULL AND deliver_at IS NULL),
         counted AS MATERIALIZED (
             SELECT block, channel_id, count(*) AS shown FROM each GROUP BY 1, 2
             UNION ALL SELECT block, 0, count(*) FROM each GROUP BY 1),
         tallied AS (SELECT block, channel_id, shown FROM tally WHERE shown <> 0)
         SELECT block, channel_id FROM (SELECT * FROM counted EXCEPT SELECT * FROM tallied)
         UNION SELECT block, channel_id FROM (SELECT * FROM tallied EXCEPT SELECT * FROM counted) LIMIT ?1",
    )
    .bind(MANY)
    .fetch_all(&mut *connection)
    .await?;
    for (block, channel) in channels {
        checked.find(format!(
            "tally: block {block} of channel {channel} is counted wrong"
        ));
    }
    let accounts: Vec<(i64, i64)> = sqlx::query_as(
        "WITH each (account_id, block, channel_id, own, archived, snoozed, read) AS (
             SELECT t.account_id, n.seq >> 10, n.channel_id, 1, 0, 0, 0
             FROM recipient AS t JOIN notification AS n ON n.id = t.notification_id
             WHERE n.deleted_at IS NULL AND n.deliver_at IS NULL
             UNION ALL
             SELECT r.account_id, n.seq >> 10, n.channel_id, 0, r.archived, NOT r.archived AND r.snoozed_until IS NOT NULL,
                 NOT r.archived AND r.snoozed_until IS NULL AND r.read
             FROM receipt AS r JOIN notification AS n ON n.id = r.notification_id
             WHERE n.deleted_at IS NULL AND n.deliver_at IS NULL),
         both AS (SELECT * FROM each UNION ALL SELECT account_id, block, 0, own, archived, snoozed, read FROM each),
         counted AS MATERIALIZED (
             SELECT account_id, block, channel_id, sum(own) AS own, sum(archived) AS archived, sum(snoozed) AS snoozed,
                 sum(read) AS read
             FROM both GROUP BY 1, 2, 3 HAVING sum(own) + sum(archived) + sum(snoozed) + sum(read) <> 0),
         tallied AS (
             SELECT account_id, block, channel_id, own, archived, snoozed, read FROM account_tally
             WHERE own <> 0 OR archived <> 0 OR snoozed <> 0 OR read <> 0)
         SELECT account_id, block FROM (SELECT * FROM counted EXCEPT SELECT * FROM tallied)
         UNION SELECT account_id, block FROM (SELECT * FROM tallied EXCEPT SELECT * FROM counted) LIMIT ?1",
    )
    .bind(MANY)
    .fetch_all(connection)
    .await?;
    for (account, block) in accounts {
        checked.find(format!(
            "tally: block {block} of account {account} is counted wrong"
        ));
    }
    Ok(())
}
