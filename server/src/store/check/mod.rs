//! Whether a database is whole: its pages, the log, the state that the log tells of, and the files of notifications.

mod files;
mod index;
mod log;
mod state;

use super::lock::{DataLock, FilesLock};
use super::{StoreError, database, folder, has_table, meta, options};
use domain::Seq;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use std::path::Path;

/// Findings of one kind that are told one by one.
const MANY: i64 = 20;

/// What was looked at, and what is wrong with it.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// One line each; none when the database is whole.
    pub(crate) findings: Vec<String>,
    /// Whether it has our tables. In one that has not, nothing else was looked at.
    pub(super) ours: bool,
    /// Events that are kept.
    pub(crate) events: i64,
    pub(crate) notifications: i64,
    /// Files that belong to notifications.
    pub(crate) files: usize,
    /// Files in the folder that belong to none: they are arriving, or about to be removed.
    pub(crate) unowned: usize,
    /// The newest place of the log.
    pub(crate) head: Seq,
    /// The last event that is no longer kept.
    pruned_to: Seq,
}

impl Checked {
    fn find(&mut self, finding: impl Into<String>) {
        self.findings.push(finding.into());
    }
}

/// Looks through the database of `data_dir` and its files, which may be in use.
///
/// # Errors
/// [`StoreError::Missing`], and when it cannot be read at all.
pub(crate) async fn database_of(data_dir: &Path) -> Result<Checked, StoreError> {
    let path = database(data_dir);
    if !path.exists() {
        return Err(StoreError::Missing(path));
    }
    let _locks = (DataLock::share(data_dir)?, FilesLock::keep(data_dir)?);
    let options = options(&path).create_if_missing(false);
    let mut connection = options.pragma("query_only", "ON").connect().await?;
    let mut checked = look(&mut connection).await?;
    if !checked.ours {
        return Err(StoreError::Foreign(path));
    }
    if has_table(&mut connection, "file").await? {
        files::stored(&mut connection, &folder::files_of(data_dir), &mut checked).await?;
    }
    connection.close().await?;
    Ok(checked)
}

/// Looks through a database as it is at one moment.
///
/// # Errors
/// When it cannot be read: then it may be no database at all.
pub(super) async fn look(connection: &mut SqliteConnection) -> Result<Checked, StoreError> {
    let mut snapshot = connection.begin().await?;
    let ours = has_table(&mut snapshot, "event").await? && has_table(&mut snapshot, "meta").await?;
    let mut checked = Checked {
        ours,
        ..Checked::default()
    };
    if ours {
        for part in [
            pages(&mut snapshot, &mut checked).await,
            content(&mut snapshot, &mut checked).await,
        ] {
            match part {
                // A page that cannot be read ends the look at what is on it: that is a finding like others.
                Err(StoreError::Sqlite(error)) if is_damage(&error) => {
                    checked.find(format!("database: {error}"));
                }
                part => part?,
            }
        }
    }
    snapshot.rollback().await?;
    Ok(checked)
}

/// Whether SQLite could not make sense of a page (`SQLITE_CORRUPT` and its finer codes, whose lowest byte is 11).
fn is_damage(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    let code = code.and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xFF == 11)
}

/// What SQLite says of itself: pages, indices, and full-text indices (since 3.44).
async fn pages(connection: &mut SqliteConnection, checked: &mut Checked) -> Result<(), StoreError> {
    let said: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "PRAGMA integrity_check({MANY})"
    )))
    .fetch_all(connection)
    .await?;
    let wrong = said.into_iter().filter(|line| line != "ok");
    wrong.for_each(|line| checked.find(format!("database: {}", line.replace('\n', " "))));
    Ok(())
}

/// Rows that belong to rows which are not there.
async fn references(
    connection: &mut SqliteConnection,
    checked: &mut Checked,
) -> Result<(), StoreError> {
    let missing: Vec<(String, Option<i64>, String)> =
        sqlx::query_as("SELECT \"table\", rowid, parent FROM pragma_foreign_key_check LIMIT ?1")
            .bind(MANY)
            .fetch_all(connection)
            .await?;
    for (table, row, parent) in missing {
        let row = row.map_or_else(|| "a row".to_owned(), |row| format!("row {row}"));
        checked.find(format!(
            "{table}: {row} belongs to nothing that is in {parent}"
        ));
    }
    Ok(())
}

/// Our own rules. Whatever else is made from the log, such as an index, is looked at in one more line here.
async fn content(
    connection: &mut SqliteConnection,
    checked: &mut Checked,
) -> Result<(), StoreError> {
    references(connection, checked).await?;
    if meta::known_epoch(connection).await?.is_none() {
        checked.find("meta: the log has no epoch");
    }
    checked.pruned_to = meta::pruned_to(connection).await?;
    log::look(connection, checked).await?;
    state::look(connection, checked).await?;
    index::look(connection, checked).await?;
    files::packed(connection, checked).await
}
