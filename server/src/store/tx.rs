//! A write transaction.

use super::log::{LogEvent, NewEvent};
use super::notifications::NewRow;
use super::{Directory, StoreError, log, notifications};
use domain::{Seq, Timestamp};
use sqlx::{Row, SqliteConnection};
use std::sync::Arc;

/// The write transaction that is open. It gives out the places of the log, which is why there is only one at a time:
/// seq order is commit order.
///
/// Events and new notifications are written together, before the next statement and before the end: each statement is a
/// journey to another thread, and a group of publishers pays for it once.
pub(crate) struct Tx<'c> {
    connection: &'c mut SqliteConnection,
    now: Timestamp,
    head: Seq,
    data_version: i64,
    /// Who there is, as of this transaction; `None` once that has changed in it.
    directory: Option<Arc<Directory>>,
    events: Vec<LogEvent>,
    /// How many of them are written.
    written: usize,
    rows: Vec<NewRow>,
    directory_changed: bool,
}

impl<'c> Tx<'c> {
    /// Begins. `IMMEDIATE`, because a transaction that reads first and writes later fails at once when another process
    /// wrote in between, whatever the busy timeout.
    pub(crate) async fn begin(
        connection: &'c mut SqliteConnection,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let rows = sqlx::query(
            "BEGIN IMMEDIATE; PRAGMA data_version;
             SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0)",
        )
        .fetch_all(&mut *connection)
        .await?;
        let [version, head] = &rows[..] else {
            return Err(StoreError::corrupt("the head of the log"));
        };
        Ok(Self {
            now,
            head: head.try_get::<i64, _>(0)?.unsigned_abs(),
            data_version: version.try_get(0)?,
            connection,
            directory: None,
            events: Vec::new(),
            written: 0,
            rows: Vec::new(),
            directory_changed: false,
        })
    }

    /// Changes when another process has written, and not when this connection has.
    pub(crate) fn data_version(&self) -> i64 {
        self.data_version
    }

    /// Says who there is: everything that was committed before this transaction began.
    pub(crate) fn know(&mut self, directory: Arc<Directory>) {
        self.directory = Some(directory);
    }

    /// Who there is, as of this moment; `None` when only the database knows.
    pub(crate) fn directory(&self) -> Option<&Directory> {
        self.directory.as_deref()
    }

    /// Commits, and answers the events that are now in the log and whether the directory changed.
    pub(crate) async fn commit(mut self) -> Result<(Vec<LogEvent>, bool), StoreError> {
        let commit = sqlx::query("COMMIT");
        commit.execute(self.connection().await?).await?;
        Ok((self.events, self.directory_changed))
    }

    /// Undoes everything since [`begin`](Self::begin).
    pub(crate) async fn rollback(connection: &mut SqliteConnection) -> Result<(), StoreError> {
        sqlx::query("ROLLBACK").execute(connection).await?;
        Ok(())
    }

    /// The connection, for statements. They see everything that was done before.
    ///
    /// # Errors
    /// When what was put off until now cannot be written.
    pub(crate) async fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        if !self.rows.is_empty() {
            notifications::insert_rows(self.connection, &self.rows).await?;
            self.rows.clear();
        }
        if self.written < self.events.len() {
            log::insert(self.connection, &self.events[self.written..]).await?;
            self.written = self.events.len();
        }
        Ok(self.connection)
    }

    /// The time of everything in this transaction.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// The place that the next event will take.
    pub(crate) fn next_seq(&self) -> Seq {
        self.head + 1
    }

    /// Adds an event at [`next_seq`](Self::next_seq).
    pub(crate) fn append(&mut self, event: NewEvent) {
        let event = event.at(self.next_seq(), self.now);
        self.head = event.seq;
        self.events.push(event);
    }

    /// Adds a notification.
    pub(super) fn add(&mut self, row: NewRow) {
        self.rows.push(row);
    }

    /// Notes that accounts, channels, grants or tokens changed, so that readers of the directory see it before the
    /// answer goes out.
    pub(crate) fn change_directory(&mut self) {
        self.directory_changed = true;
        self.directory = None;
    }
}
