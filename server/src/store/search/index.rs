//! The rows of the index.

use crate::store::notifications::from_doc;
use crate::store::{StoreError, meta};
use domain::Notification;
use domain::search::Subject;
use sqlx::{Connection, QueryBuilder, Sqlite, SqliteConnection};

/// Names the form of the rows. When `domain::search` prepares notifications in another way, this changes, and the index
/// is made anew when the database is opened.
pub(in crate::store) const FORM: &str = "1";

/// Notifications that are indexed in one transaction when the index is made anew.
const BATCH: u32 = 1000;

/// A row of the index.
#[derive(Debug)]
pub(in crate::store) struct Entry {
    place: i64,
    subject: Subject,
}

impl Entry {
    /// The row of a notification, which may be in the bin.
    pub(in crate::store) fn new(notification: &Notification, in_bin: bool) -> Self {
        let mut subject = Subject::new(notification);
        subject
            .facets
            .push_str(if in_bin { "is:bin " } else { "is:shown " });
        Self {
            place: notification.seq.cast_signed(),
            subject,
        }
    }
}

/// Adds the statement that writes `entries`, of which there is at least one.
pub(in crate::store) fn push_entries<'e>(
    query: &mut QueryBuilder<Sqlite>,
    entries: impl IntoIterator<Item = &'e Entry>,
) {
    query.push("INSERT OR REPLACE INTO search (rowid, title, message, log, names, facets) ");
    query.push_values(entries, |mut row, Entry { place, subject }| {
        row.push_bind(*place)
            .push_bind(subject.title.clone())
            .push_bind(subject.message.clone())
            .push_bind(subject.log.clone())
            .push_bind(subject.names.clone())
            .push_bind(subject.facets.clone());
    });
}

/// Writes one row.
pub(in crate::store) async fn put(
    connection: &mut SqliteConnection,
    entry: &Entry,
) -> Result<(), StoreError> {
    let mut insert = QueryBuilder::new("");
    push_entries(&mut insert, [entry]);
    insert.build().execute(connection).await?;
    Ok(())
}

/// Makes the index anew when its rows have another form, or were never written. Should it be interrupted, it begins anew.
pub(in crate::store) async fn bring_up_to_date(
    connection: &mut SqliteConnection,
) -> Result<(), StoreError> {
    if meta::search_form(connection).await?.as_deref() == Some(FORM) {
        return Ok(());
    }
    sqlx::query("INSERT INTO search (search) VALUES ('delete-all')")
        .execute(&mut *connection)
        .await?;
    let (mut place, mut count) = (0, 0);
    loop {
        let mut tx = connection.begin().await?;
        let rows: Vec<(i64, String, bool)> = sqlx::query_as(
            "SELECT seq, doc, deleted_at IS NOT NULL FROM notification
             WHERE seq > ?1 AND deliver_at IS NULL ORDER BY seq LIMIT ?2",
        )
        .bind(place)
        .bind(BATCH)
        .fetch_all(&mut *tx)
        .await?;
        let Some((last, ..)) = rows.last() else { break };
        place = *last;
        count += rows.len();
        for (seq, doc, in_bin) in &rows {
            match from_doc(doc) {
                Ok(notification) => put(&mut tx, &Entry::new(&notification, *in_bin)).await?,
                Err(error) => tracing::error!(seq, %error, "a notification cannot be searched for"),
            }
        }
        tx.commit().await?;
    }
    if count > 0 {
        tracing::info!(notifications = count, "the search index was made anew");
    }
    meta::set_search_form(connection, FORM).await
}
