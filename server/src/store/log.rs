//! The log: appended by the writer, read in pages.

use super::tx::ROWS;
use super::{AccountId, ChannelId, StoreError, Tx, meta};
use domain::{NotificationId, Priority, Seq, Timestamp};
use serde_json::json;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

/// What an event tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventKind {
    /// A notification was created.
    Created = 1,
    /// It was edited, or came back from the bin.
    Updated = 2,
    /// It was deleted.
    Deleted = 3,
    /// An account's receipt changed.
    Receipt = 4,
}

impl EventKind {
    fn from_column(number: i64) -> Option<Self> {
        [Self::Created, Self::Updated, Self::Deleted, Self::Receipt]
            .into_iter()
            .find(|kind| *kind as i64 == number)
    }
}

/// An event before it has a place.
#[derive(Debug, Clone)]
pub(crate) struct NewEvent {
    pub(crate) kind: EventKind,
    pub(crate) channel: ChannelId,
    pub(crate) notification: NotificationId,
    pub(crate) priority: Priority,
    /// Who alone may see it, or every reader of the channel.
    pub(crate) audience: Option<Vec<AccountId>>,
    /// JSON in one line: the notification, or the receipt. `None` for a deletion.
    pub(crate) payload: Option<String>,
}

impl NewEvent {
    pub(super) fn at(self, seq: Seq, at: Timestamp) -> LogEvent {
        LogEvent {
            seq,
            at,
            event: self,
        }
    }
}

/// An event in the log.
#[derive(Debug, Clone)]
pub(crate) struct LogEvent {
    pub(crate) seq: Seq,
    pub(crate) at: Timestamp,
    pub(crate) event: NewEvent,
}

/// One row of a page. A row that cannot be read keeps its place: the reader steps over it and says so in the log.
pub(crate) type Row = (Seq, Result<LogEvent, StoreError>);

/// The newest place ever given, 0 in an empty log. It never falls, even when rows are deleted.
pub(crate) async fn head(connection: &mut SqliteConnection) -> Result<Seq, StoreError> {
    let head: Option<i64> =
        sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'event'")
            .fetch_optional(connection)
            .await?;
    Ok(head.unwrap_or(0).unsigned_abs())
}

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    events: &[LogEvent],
) -> Result<(), StoreError> {
    for events in events.chunks(ROWS) {
        let mut insert = QueryBuilder::new("");
        push_events(&mut insert, events);
        insert.build().execute(&mut *connection).await?;
    }
    Ok(())
}

/// Adds the statement that writes `events`.
pub(super) fn push_events(query: &mut QueryBuilder<Sqlite>, events: &[LogEvent]) {
    query.push(
        "INSERT INTO event (seq, at, kind, channel_id, notification_id, priority, audience, payload) ",
    );
    query.push_values(events, |mut row, LogEvent { seq, at, event }| {
        let audience = event.audience.as_ref().map(|accounts| json!(accounts));
        row.push_bind(seq.cast_signed())
            .push_bind(at.millis())
            .push_bind(event.kind as i64)
            .push_bind(event.channel.0)
            .push_bind(event.notification.as_str().to_owned())
            .push_bind(i64::from(u8::from(event.priority)))
            .push_bind(audience.map(|accounts| accounts.to_string()))
            .push_bind(event.payload.clone());
    });
}

type Columns = (
    i64,
    i64,
    i64,
    i64,
    String,
    i64,
    Option<String>,
    Option<String>,
);

/// The events after `after` up to `head`, oldest first, at most `limit`.
pub(crate) async fn page(
    connection: &mut SqliteConnection,
    after: Seq,
    head: Seq,
    limit: u32,
) -> Result<Vec<Row>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "SELECT seq, at, kind, channel_id, notification_id, priority, audience, payload
         FROM event WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3",
    )
    .bind(after.cast_signed())
    .bind(head.cast_signed())
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.0.cast_unsigned(), read(row)))
        .collect())
}

fn read(columns: Columns) -> Result<LogEvent, StoreError> {
    let (seq, at, kind, channel, notification, priority, audience, payload) = columns;
    let audience = audience
        .map(|json| serde_json::from_str(&json))
        .transpose()
        .map_err(StoreError::corrupt)?;
    let event = NewEvent {
        kind: EventKind::from_column(kind).ok_or_else(|| StoreError::corrupt("event kind"))?,
        channel: ChannelId(channel),
        notification: NotificationId::parse(notification).map_err(StoreError::corrupt)?,
        priority: Priority::try_from(priority).map_err(StoreError::corrupt)?,
        audience,
        payload,
    };
    Ok(LogEvent {
        seq: seq.cast_unsigned(),
        at: Timestamp::from_millis(at),
        event,
    })
}

/// Forgets the events up to `seq`, at most `limit` rows, and remembers how far. Answers how far it came.
pub(crate) async fn prune(tx: &mut Tx<'_>, seq: Seq, limit: u32) -> Result<Seq, StoreError> {
    let from = meta::pruned_to(tx.connection().await?).await?;
    let to = seq
        .min(from + u64::from(limit))
        .min(tx.next_seq() - 1)
        .max(from);
    sqlx::query("DELETE FROM event WHERE seq <= ?1")
        .bind(to.cast_signed())
        .execute(tx.connection().await?)
        .await?;
    meta::set_pruned_to(tx, to).await?;
    Ok(to)
}

/// The newest event that happened before `time`.
pub(crate) async fn newest_before(
    connection: &mut SqliteConnection,
    time: Timestamp,
) -> Result<Seq, StoreError> {
    let seq: Option<i64> =
        sqlx::query_scalar("SELECT seq FROM event WHERE at < ?1 ORDER BY seq DESC LIMIT 1")
            .bind(time.millis())
            .fetch_optional(connection)
            .await?;
    Ok(seq.unwrap_or(0).cast_unsigned())
}

/// Where a notification was shown first, while that is kept.
pub(crate) async fn created(
    connection: &mut SqliteConnection,
    id: &NotificationId,
) -> Result<Option<Seq>, StoreError> {
    let seq: Option<i64> = sqlx::query_scalar(
        "SELECT seq FROM event WHERE notification_id = ?1 AND kind = ?2 ORDER BY seq LIMIT 1",
    )
    .bind(id.as_str())
    .bind(EventKind::Created as i64)
    .fetch_optional(connection)
    .await?;
    Ok(seq.map(i64::unsigned_abs))
}

/// Forgets what the events of a purged notification said. They keep their places.
pub(crate) async fn blank(tx: &mut Tx<'_>, id: &NotificationId) -> Result<(), StoreError> {
    let blank = "UPDATE event SET payload = NULL WHERE notification_id = ?1";
    sqlx::query(blank)
        .bind(id.as_str())
        .execute(tx.connection().await?)
        .await?;
    tx.note_forgotten(id);
    Ok(())
}
