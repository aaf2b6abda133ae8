//! Moves what was committed from the write-ahead log into the database, beside the writer: on its own connection it would
//! stand in the way of the next commit, some milliseconds each time.

use super::{Store, StoreError};
use sqlx::SqliteConnection;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// After so many events there is something worth moving: some thousand pages.
const EVENTS: usize = 256;

/// With this many pages in the log, 32 MB, the writer stops for them. Beside a writer that never pauses the log would
/// never be seen empty, and only an empty one begins anew.
const TOO_MANY: i64 = 8192;

/// Sees to it that the write-ahead log stays small.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    due: Arc<Notify>,
    /// Pages in the log when it was looked at last.
    pages: Arc<AtomicI64>,
    /// Events since.
    events: usize,
    beside: JoinHandle<()>,
}

impl Checkpoints {
    /// Opens the other connection.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(crate) async fn start(store: &Store) -> Result<Self, StoreError> {
        let mut connection = store.writer().await?;
        let (due, pages) = (Arc::new(Notify::new()), Arc::new(AtomicI64::new(0)));
        let (asked, found) = (Arc::clone(&due), Arc::clone(&pages));
        let beside = tokio::spawn(async move {
            loop {
                asked.notified().await;
                found.store(checkpoint(&mut connection).await, Ordering::Relaxed);
            }
        });
        Ok(Self {
            due,
            pages,
            events: 0,
            beside,
        })
    }

    /// After `writer` has committed so many events.
    pub(crate) async fn note(&mut self, writer: &mut SqliteConnection, events: usize) {
        self.events += events.max(1);
        if self.events < EVENTS {
            return;
        }
        self.events = 0;
        if self.pages.load(Ordering::Relaxed) >= TOO_MANY {
            let pages = checkpoint(writer).await;
            tracing::debug!(pages, "the writer has emptied the write-ahead log");
            self.pages.store(0, Ordering::Relaxed);
        } else {
            self.due.notify_one();
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.beside.abort();
    }
}

/// Moves as much as can be moved without anybody waiting for it. Answers how many pages the log held.
async fn checkpoint(connection: &mut SqliteConnection) -> i64 {
    let passive = sqlx::query_as("PRAGMA wal_checkpoint(PASSIVE)");
    match passive.fetch_one(connection).await {
        Ok::<(i64, i64, i64), _>((_busy, pages, _moved)) => pages,
        Err(error) => {
            tracing::warn!(%error, "the write-ahead log could not be moved into the database");
            0
        }
    }
}
