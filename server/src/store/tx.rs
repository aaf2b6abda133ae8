//! A write transaction.

use super::log::{LogEvent, NewEvent};
use super::{StoreError, log};
use domain::{Seq, Timestamp};
use sqlx::SqliteConnection;

/// The write transaction that is open. It gives out the places of the log, which is why there is only one at a time:
/// seq order is commit order.
pub(crate) struct Tx<'c> {
    connection: &'c mut SqliteConnection,
    now: Timestamp,
    head: Seq,
    events: Vec<LogEvent>,
    directory_changed: bool,
}

impl<'c> Tx<'c> {
    /// Begins. `IMMEDIATE`, because a transaction that reads first and writes later fails at once when another process
    /// wrote in between, whatever the busy timeout.
    pub(crate) async fn begin(
        connection: &'c mut SqliteConnection,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        sqlx::query("BEGIN IMMEDIATE")
            .execute(&mut *connection)
            .await?;
        let head = log::head(&mut *connection).await?;
        Ok(Self {
            connection,
            now,
            head,
            events: Vec::new(),
            directory_changed: false,
        })
    }

    /// Commits, and answers the events that are now in the log and whether the directory changed.
    pub(crate) async fn commit(self) -> Result<(Vec<LogEvent>, bool), StoreError> {
        sqlx::query("COMMIT").execute(&mut *self.connection).await?;
        Ok((self.events, self.directory_changed))
    }

    /// Undoes everything since [`begin`](Self::begin).
    pub(crate) async fn rollback(connection: &mut SqliteConnection) -> Result<(), StoreError> {
        sqlx::query("ROLLBACK").execute(connection).await?;
        Ok(())
    }

    /// The connection, for statements.
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        self.connection
    }

    /// The time of everything in this transaction.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// The place that the next event will take.
    pub(crate) fn next_seq(&self) -> Seq {
        self.head + 1
    }

    /// Writes an event at [`next_seq`](Self::next_seq).
    pub(crate) async fn append(&mut self, event: NewEvent) -> Result<Seq, StoreError> {
        let event = event.at(self.next_seq(), self.now);
        log::insert(self.connection, &event).await?;
        self.head = event.seq;
        self.events.push(event);
        Ok(self.head)
    }

    /// Notes that accounts, channels, grants or tokens changed, so that readers of the directory see it before the
    /// answer goes out.
    pub(crate) fn change_directory(&mut self) {
        self.directory_changed = true;
    }
}
