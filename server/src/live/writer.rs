//! The one writer. It collects what is waiting, does it in one transaction, and answers when the transaction is durable.
//!
//! The group adapts by itself: while one transaction is being synced to the disk, the next group gathers. Nothing waits
//! when nothing else is waiting.

use super::Live;
use crate::store::{Checkpoints, Committed, StoreError, Tx, log, meta};
use async_trait::async_trait;
use domain::Seq;
use sqlx::{Connection, SqliteConnection};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

#[cfg(test)]
mod tests;

/// Most operations of one transaction.
const GROUP: usize = 64;

/// Operations that may wait. Beyond it a publisher is told to come back.
const QUEUE: usize = 1024;

/// Something to write. It may run twice: when another operation of its group fails, all are undone and each is tried
/// alone. Whatever it refuses, it refuses before it writes, as part of its output.
#[async_trait]
pub(crate) trait Operation: Send + Sync + 'static {
    /// What the one who asked gets, once it is durable.
    type Output: Send + 'static;

    /// Writes.
    ///
    /// # Errors
    /// When the database fails: everything that it wrote is undone.
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Output, StoreError>;
}

/// Why nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WriteError {
    /// More is waiting than may.
    #[error("the queue of the writer is full")]
    Busy,
    /// The database failed; the log says how.
    #[error("the database failed")]
    Failed,
    /// The server is stopping.
    #[error("the server is stopping")]
    Closed,
}

/// The door to the writer.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
    looks: mpsc::UnboundedSender<oneshot::Sender<()>>,
}

impl Writer {
    /// Starts the writer. It ends when `stop` is cancelled and everything that was accepted is done.
    ///
    /// # Errors
    /// When the database cannot be opened for writing.
    pub(crate) async fn start(
        live: Arc<Live>,
        stop: CancellationToken,
    ) -> Result<(Self, tokio::task::JoinHandle<()>), StoreError> {
        let connection = live.store.writer().await?;
        let checkpoints = Checkpoints::start(&live.store).await?;
        let (queue, jobs) = mpsc::channel(QUEUE);
        let (looks, asked) = mpsc::unbounded_channel();
        let task = tokio::spawn(
            Task {
                live,
                connection,
                checkpoints,
                jobs,
                asked,
                data_version: None,
            }
            .run(stop),
        );
        Ok((Self { queue, looks }, task))
    }

    /// Returns when everything is known that another process had written before: a token that was made a moment ago must
    /// be good at once.
    pub(crate) async fn look(&self) {
        let (seen, done) = oneshot::channel();
        if self.looks.send(seen).is_ok() {
            let _stopping = done.await;
        }
    }

    /// Has `operation` done, and answers when it is durable.
    ///
    /// # Errors
    /// See [`WriteError`]. Nothing was written.
    pub(crate) async fn write<O: Operation>(&self, operation: O) -> Result<O::Output, WriteError> {
        let (answer, done) = oneshot::channel();
        let job = Box::new(Pending {
            operation,
            output: None,
            answer,
        });
        self.queue.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => WriteError::Busy,
            mpsc::error::TrySendError::Closed(_) => WriteError::Closed,
        })?;
        done.await.unwrap_or(Err(WriteError::Closed))
    }
}

#[async_trait]
trait Job: Send {
    async fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError>;
    fn answer(self: Box<Self>, result: Result<(), WriteError>);
}

struct Pending<O: Operation> {
    operation: O,
    output: Option<O::Output>,
    answer: oneshot::Sender<Result<O::Output, WriteError>>,
}

#[async_trait]
impl<O: Operation> Job for Pending<O> {
    async fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        self.output = Some(self.operation.apply(tx).await?);
        Ok(())
    }

    fn answer(self: Box<Self>, result: Result<(), WriteError>) {
        let Self { output, answer, .. } = *self;
        // Whoever asked may have gone away; what they asked for is done all the same.
        let _gone = answer.send(result.and_then(|()| output.ok_or(WriteError::Failed)));
    }
}

struct Task {
    live: Arc<Live>,
    connection: SqliteConnection,
    checkpoints: Checkpoints,
    jobs: mpsc::Receiver<Box<dyn Job>>,
    /// Who waits for a look at what others wrote.
    asked: mpsc::UnboundedReceiver<oneshot::Sender<()>>,
    data_version: Option<i64>,
}

impl Task {
    async fn run(mut self, stop: CancellationToken) {
        let mut look = interval(self.live.tuning.foreign_writes);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut group = Vec::with_capacity(GROUP);
        loop {
            // In no order of preference: publishers who never pause must not hide what others write.
            tokio::select! {
                () = stop.cancelled(), if !self.jobs.is_closed() => self.jobs.close(),
                count = self.jobs.recv_many(&mut group, GROUP) => {
                    if count == 0 {
                        break;
                    }
                    let before = self.live.head();
                    self.write(std::mem::take(&mut group)).await;
                    let events = self.live.head() - before;
                    self.checkpoints.note(&mut self.connection, events as usize).await;
                    group.reserve(GROUP);
                }
                Some(first) = self.asked.recv() => {
                    // One look answers all who asked before it.
                    let mut waiting = vec![first];
                    while let Ok(next) = self.asked.try_recv() {
                        waiting.push(next);
                    }
                    self.look_for_foreign_writes().await;
                    for seen in waiting {
                        let _gone = seen.send(());
                    }
                }
                _ = look.tick() => self.look_for_foreign_writes().await,
            }
        }
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "the writer's connection did not close well");
        }
    }

    /// Does a group, and when it fails each operation alone, so that one bad operation fails by itself.
    async fn write(&mut self, mut group: Vec<Box<dyn Job>>) {
        let mut done = self.commit(&mut group, Known::Everything).await;
        if let Err(error) = &done {
            // Another process may have written since we looked.
            tracing::debug!(%error, "a group is tried again");
            done = self.commit(&mut group, Known::Nothing).await;
        }
        match done {
            Ok(()) => answer(group, Ok(())),
            Err(error) if group.len() == 1 => {
                tracing::error!(%error, "a write failed");
                answer(group, Err(WriteError::Failed));
            }
            Err(error) => {
                tracing::warn!(%error, operations = group.len(), "a group failed: each of its operations is tried alone");
                for job in group {
                    Box::pin(self.write(vec![job])).await;
                }
            }
        }
    }

    /// Does a group in one transaction, and announces it.
    async fn commit(&mut self, group: &mut [Box<dyn Job>], known: Known) -> Result<(), StoreError> {
        let committed = run(&mut self.connection, &self.live, known, group).await;
        let Committed {
            events,
            directory_changed,
            due,
            purged,
            forgotten,
        } = match committed {
            Ok(done) => done,
            Err(error) => {
                // SQLite may have rolled back by itself (a full disk): then there is nothing to undo.
                let _already = Tx::rollback(&mut self.connection).await;
                return Err(error);
            }
        };
        self.announce(events, directory_changed).await;
        // Afterwards: what is gone may have been created in this very group.
        self.live.tail.forget(&forgotten);
        if let Some(time) = due {
            self.live.alarm.set(time);
        }
        if purged {
            self.live.purged.notify_one();
        }
        Ok(())
    }

    /// Tells everybody of what is committed. The directory goes first: an event in a channel that nobody knows yet would
    /// be seen by nobody. A failure to read it back must not look like a failure to write: streams then go on with what
    /// they know until the next look.
    async fn announce(&mut self, events: Vec<log::LogEvent>, directory_changed: bool) {
        if directory_changed
            && let Err(error) = self.live.gate.reload_directory(&mut self.connection).await
        {
            tracing::error!(%error, "the directory could not be read");
            self.data_version = None;
            return;
        }
        let Some(first) = events.first() else { return };
        if first.seq == self.live.head() + 1 {
            self.live.announce(&events).await;
        } else if let Err(error) = self.catch_up().await {
            tracing::error!(%error, "the log could not be read");
            self.data_version = None;
        }
    }

    /// Another process (the command line) may have written to the same database.
    async fn look_for_foreign_writes(&mut self) {
        if let Err(error) = self.try_look().await {
            tracing::error!(%error, "the database could not be read");
        }
    }

    async fn try_look(&mut self) -> Result<(), StoreError> {
        let version = meta::data_version(&mut self.connection).await?;
        if self.data_version == Some(version) {
            return Ok(());
        }
        self.live
            .gate
            .reload(&mut self.connection, self.live.clock.now())
            .await?;
        self.catch_up().await?;
        self.data_version = Some(version);
        Ok(())
    }

    /// Announces everything in the log after the head that was announced last.
    async fn catch_up(&mut self) -> Result<(), StoreError> {
        let head = log::head(&mut self.connection).await?;
        while self.live.head() < head {
            let page = log::page(&mut self.connection, self.live.head(), head, 500).await?;
            let upto: Seq = if page.len() == 500 {
                page.last().map_or(head, |(seq, _)| *seq)
            } else {
                head
            };
            let events: Vec<_> = page
                .into_iter()
                .filter_map(|(_, event)| event.ok())
                .collect();
            self.live.announce_upto(&events, upto).await;
        }
        Ok(())
    }
}

/// What is taken for granted of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// That it is as it was announced.
    Everything,
    /// Nothing: it is asked.
    Nothing,
}

async fn run(
    connection: &mut SqliteConnection,
    live: &Live,
    known: Known,
    group: &mut [Box<dyn Job>],
) -> Result<Committed, StoreError> {
    let now = live.clock.now();
    let mut tx = match known {
        Known::Everything => Tx::assume(connection, now, live.head(), live.gate.directory()),
        Known::Nothing => Tx::begin(connection, now).await?,
    };
    for job in group {
        job.run(&mut tx).await?;
    }
    tx.commit().await
}

fn answer(group: Vec<Box<dyn Job>>, result: Result<(), WriteError>) {
    for job in group {
        job.answer(result);
    }
}
