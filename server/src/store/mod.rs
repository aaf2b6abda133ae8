//! All SQL, and nothing but SQL. Reads take any connection of the pool; writes take a [`Tx`], of which the writer task
//! (`live::writer`) makes one at a time.

pub(crate) mod accounts;
pub(crate) mod answers;
pub(crate) mod backup;
pub(crate) mod channels;
pub(crate) mod check;
mod checkpoint;
mod directory;
pub(crate) mod due;
mod error;
pub(crate) mod files;
pub(crate) mod folder;
mod ids;
pub(crate) mod inbox;
mod lock;
pub(crate) mod log;
pub(crate) mod meta;
pub(crate) mod notifications;
pub(crate) mod numbers;
mod packed;
pub(crate) mod receipts;
pub(crate) mod restore;
mod search;
pub(crate) mod sessions;
pub(crate) mod stats;
pub(crate) mod tokens;
mod tx;

pub(crate) use checkpoint::Checkpoints;
pub(crate) use directory::{Access, AccountEntry, ChannelEntry, Directory, Reader};
pub(crate) use error::StoreError;
pub(crate) use ids::{AccountId, ChannelId, SecretHash, TokenId};
pub(crate) use lock::FilesLock;
pub(crate) use search::Readable;
pub(crate) use tx::{Committed, Tx};

use crate::private;
use domain::Epoch;
use lock::DataLock;
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, SqliteConnection, SqlitePool};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The oldest SQLite without the WAL-reset corruption (fixed 2026-03-13 in 3.51.3).
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// Connections that read. They never write, so they never wait for the writer (WAL).
const READERS: u32 = 6;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../migrations/sqlite");

/// An open database.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    readers: SqlitePool,
    path: PathBuf,
    epoch: Epoch,
    _lock: Arc<DataLock>,
}

impl Store {
    /// Opens `<data_dir>/belfry.db`, making it when it is missing, and brings its schema up to date.
    ///
    /// # Errors
    /// When the folder cannot be written, the file is no database of ours or of a newer version, or SQLite is too old.
    pub(crate) async fn open(data_dir: &Path) -> Result<Self, StoreError> {
        let lock = Arc::new(DataLock::share(data_dir)?);
        let path = database(data_dir);
        // SQLite gives the files beside a database the mode of the database.
        private::open(&path).map_err(|error| StoreError::File(path.clone(), error))?;
        let mut writer = Self::connect(&path).await?;
        check_version(&mut writer).await?;
        MIGRATIONS.run(&mut writer).await?;
        search::index::bring_up_to_date(&mut writer).await?;
        let epoch = meta::epoch(&mut writer).await?;
        writer.close().await?;
        // Not opened read-only: such a connection cannot begin a write-ahead log, and fails when it is the first.
        let options = options(&path)
            .create_if_missing(false)
            .pragma("query_only", "ON");
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options)
            .await?;
        Ok(Self {
            readers,
            path,
            epoch,
            _lock: lock,
        })
    }

    /// A connection for the one writer.
    pub(crate) async fn writer(&self) -> Result<SqliteConnection, StoreError> {
        Self::connect(&self.path).await
    }

    async fn connect(path: &Path) -> Result<SqliteConnection, StoreError> {
        Ok(options(path).connect().await?)
    }

    /// The connections that read.
    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// Bytes of the database and its write-ahead log.
    pub(crate) fn bytes(&self) -> u64 {
        size(&self.path) + size(&self.path.with_extension("db-wal"))
    }

    /// Names the log in this database.
    pub(crate) fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    /// Closes every connection; SQLite then folds the write-ahead log into the database.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
    }
}

/// Where the database of a data folder is.
fn database(data_dir: &Path) -> PathBuf {
    data_dir.join("belfry.db")
}

/// Whether a database has a table of this name.
async fn has_table(connection: &mut SqliteConnection, name: &str) -> Result<bool, StoreError> {
    let table = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)",
    );
    Ok(table.bind(name).fetch_one(connection).await?)
}

/// Bytes of a file, 0 when there is none.
fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        // A 2xx promises durable storage, not only that the database stays whole (contract, section 3).
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("journal_size_limit", "67108864")
        // See `checkpoint`.
        .pragma("wal_autocheckpoint", "0")
        .statement_cache_capacity(200)
}

async fn check_version(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(connection)
        .await?;
    let mut parts = version
        .split('.')
        .map(|part| part.parse::<u32>().unwrap_or(0));
    let mut part = || parts.next().unwrap_or(0);
    if (part(), part(), part()) < OLDEST_SQLITE {
        Err(StoreError::OldSqlite(version))
    } else {
        Ok(())
    }
}
