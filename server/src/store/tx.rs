//! A write transaction.

use super::log::{LogEvent, NewEvent};
use super::notifications::NewRow;
use super::{Directory, StoreError, log, notifications};
use crate::fault::{self, Point};
use domain::{NotificationId, Seq, Timestamp};
use sqlx::{QueryBuilder, SqliteConnection};
use std::collections::HashSet;
use std::sync::Arc;

/// Rows of one statement.
pub(super) const ROWS: usize = 64;

/// The write transaction that is open. It gives out the places of the log, which is why there is only one at a time:
/// seq order is commit order.
///
/// Each statement is a journey to another thread and back. So events and new notifications are put off until somebody has
/// to see them; and a transaction of which the head of the log is known begins only then, too. One that holds nothing else
/// is a single journey for a whole group of publishers.
pub(crate) struct Tx<'c> {
    connection: &'c mut SqliteConnection,
    now: Timestamp,
    begun: bool,
    head: Seq,
    /// Who there is, as of this transaction; `None` once that has changed in it.
    directory: Option<Arc<Directory>>,
    events: Vec<LogEvent>,
    /// How many of them are written.
    written: usize,
    rows: Vec<NewRow>,
    directory_changed: bool,
    due: Option<Timestamp>,
    purged: bool,
    forgotten: HashSet<NotificationId>,
}

/// What a transaction did, once it is durable.
#[derive(Debug)]
pub(crate) struct Committed {
    /// The events that are now in the log.
    pub(crate) events: Vec<LogEvent>,
    /// Whether accounts, channels, grants or tokens changed.
    pub(crate) directory_changed: bool,
    /// The first time at which something is to be done because of it.
    pub(crate) due: Option<Timestamp>,
    /// Whether notifications or files are gone for good.
    pub(crate) purged: bool,
    /// Notifications whose events say nothing any more but that they are gone.
    pub(crate) forgotten: HashSet<NotificationId>,
}

impl<'c> Tx<'c> {
    /// A transaction on a log that ends at `head`, where `directory` says who there is. Should another process have
    /// written meanwhile, it fails as [`StoreError::Stale`] or at a place that is taken.
    pub(crate) fn assume(
        connection: &'c mut SqliteConnection,
        now: Timestamp,
        head: Seq,
        directory: Arc<Directory>,
    ) -> Self {
        Self {
            connection,
            now,
            begun: false,
            head,
            directory: Some(directory),
            events: Vec::new(),
            written: 0,
            rows: Vec::new(),
            directory_changed: false,
            due: None,
            purged: false,
            forgotten: HashSet::new(),
        }
    }

    /// A transaction that asks the database where the log ends and who there is.
    ///
    /// # Errors
    /// When it cannot begin.
    pub(crate) async fn begin(
        connection: &'c mut SqliteConnection,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let head = begin(connection).await?;
        Ok(Self {
            begun: true,
            directory: None,
            ..Self::assume(connection, now, head, Arc::default())
        })
    }

    /// Who there is, as of this moment; `None` when only the database knows.
    pub(crate) fn directory(&self) -> Option<&Directory> {
        self.directory.as_deref()
    }

    /// Commits.
    ///
    /// # Errors
    /// When nothing is committed.
    pub(crate) async fn commit(mut self) -> Result<Committed, StoreError> {
        if self.begun || !self.is_simple() {
            self.connection().await?;
        }
        if !self.events.is_empty() {
            let failed = fault::may_fail(Point::BeforeCommit).await;
            failed.map_err(sqlx::Error::from)?;
        }
        if self.begun {
            let commit = sqlx::query("COMMIT");
            commit.execute(&mut *self.connection).await?;
        } else if !self.events.is_empty() {
            let mut all = QueryBuilder::new("BEGIN IMMEDIATE; ");
            notifications::push_rows(&mut all, &self.rows);
            all.push("; ");
            log::push_events(&mut all, &self.events);
            all.push("; COMMIT");
            all.build().execute(&mut *self.connection).await?;
        }
        if !self.events.is_empty() {
            fault::pass(Point::AfterCommit).await;
        }
        Ok(Committed {
            events: self.events,
            directory_changed: self.directory_changed,
            due: self.due,
            purged: self.purged,
            forgotten: self.forgotten,
        })
    }

    /// Whether everything can be written in one journey.
    fn is_simple(&self) -> bool {
        let one_statement_each =
            (self.rows.is_empty() == self.events.is_empty()) && self.events.len() <= ROWS;
        one_statement_each && self.rows.iter().all(|row| !row.is_restricted())
    }

    /// Undoes everything since the beginning.
    pub(crate) async fn rollback(connection: &mut SqliteConnection) -> Result<(), StoreError> {
        sqlx::query("ROLLBACK").execute(connection).await?;
        Ok(())
    }

    /// The connection, for statements. They see everything that was done before.
    ///
    /// # Errors
    /// When the transaction cannot begin, or what was put off until now cannot be written.
    pub(crate) async fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        if !self.begun {
            let assumed = self.head - self.events.len() as Seq;
            if begin(self.connection).await? != assumed {
                return Err(StoreError::Stale);
            }
            self.begun = true;
        }
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

    /// Notes that something is to be done at `time`.
    pub(super) fn note_due(&mut self, time: Timestamp) {
        self.due = Some(self.due.map_or(time, |first| first.min(time)));
    }

    /// Notes that notifications or files are gone for good: what lies outside the database can be removed.
    pub(super) fn note_purge(&mut self) {
        self.purged = true;
    }

    /// Notes that the events of a notification say nothing any more.
    pub(super) fn note_forgotten(&mut self, id: &NotificationId) {
        self.forgotten.insert(id.clone());
    }

    /// Notes that accounts, channels, grants or tokens changed, so that readers of the directory see it before the
    /// answer goes out.
    pub(crate) fn change_directory(&mut self) {
        self.directory_changed = true;
        self.directory = None;
    }
}

/// Begins, and answers where the log ends. `IMMEDIATE`, because a transaction that reads first and writes later fails at
/// once when another process wrote in between, whatever the busy timeout.
async fn begin(connection: &mut SqliteConnection) -> Result<Seq, StoreError> {
    let head: i64 = sqlx::query_scalar(
        "BEGIN IMMEDIATE; SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0)",
    )
    .fetch_one(connection)
    .await?;
    Ok(head.unsigned_abs())
}
