//! The database of a server, as another process sees it.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use std::path::Path;

/// A connection to the database in `dir`.
pub(crate) async fn open(dir: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(dir.join("belfry.db"));
    options.connect().await.unwrap()
}

/// What SQLite finds when it looks through the whole database.
pub(crate) async fn integrity(dir: &Path) -> String {
    let check = sqlx::query_scalar("PRAGMA integrity_check");
    check.fetch_one(&mut open(dir).await).await.unwrap()
}
