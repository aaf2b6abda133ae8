//! What can go wrong in the database. It goes to the log and never to a client.

use std::path::PathBuf;

/// A failure of the database.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The log ends elsewhere than was assumed: another process wrote.
    #[error("another process has written meanwhile")]
    Stale,
    /// The data folder cannot be made or held.
    #[error("cannot use the data folder {}: {_1}", _0.display())]
    Folder(PathBuf, #[source] std::io::Error),
    /// Somebody else uses the data folder.
    #[error("the data folder is in use: stop the server and other commands that work on it")]
    InUse,
    /// Another database is being put into the data folder.
    #[error("the data folder is being restored: try again when that is done")]
    Restoring,
    /// There is no database where one is needed.
    #[error("there is no database at {}", .0.display())]
    Missing(PathBuf),
    /// A database, but not one of ours.
    #[error("{} is no database of Belfry", .0.display())]
    Foreign(PathBuf),
    /// A file would be overwritten.
    #[error("{} is there already: choose another name, or overwrite it with --force", .0.display())]
    Exists(PathBuf),
    /// The live database would be overwritten with its copy.
    #[error("{} is the database itself: choose another name", .0.display())]
    Itself(PathBuf),
    /// A copy cannot be written or read.
    #[error("{}: {_1}", _0.display())]
    File(PathBuf, #[source] std::io::Error),
    /// A copy is not whole: what was found first.
    #[error("{} is damaged: {_1}", _0.display())]
    Damaged(PathBuf, String),
    /// See [`super::OLDEST_SQLITE`].
    #[error("SQLite {0} can corrupt its write-ahead log: at least 3.51.3 is needed")]
    OldSqlite(String),
    /// The schema cannot be brought up to date, or is newer than this program.
    #[error("the database's schema does not fit this program: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A row that this program did not write.
    #[error("the database holds a row that cannot be read: {0}")]
    Corrupt(String),
    /// SQLite's own error: a full disk, an I/O error, a lock that was not released.
    #[error("database: {0}")]
    Sqlite(#[from] sqlx::Error),
}

impl StoreError {
    /// A row whose `what` does not read.
    pub(crate) fn corrupt(what: impl std::fmt::Display) -> Self {
        Self::Corrupt(what.to_string())
    }
}
