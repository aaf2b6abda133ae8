//! A consistent copy of a database that may be in use, with the files of its notifications.

use super::check::{self, Checked};
use super::lock::{DataLock, FilesLock};
use super::{StoreError, database, folder, options, packed};
use crate::private;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Copies the database of `data_dir` and its files to the file `to`: everything that was committed when it began, and
/// nothing else. Writers go on meanwhile; files that are no longer needed are removed when it is done. The copy is checked, and appears under its name when it is whole and on disk.
///
/// # Errors
/// [`StoreError::Exists`] unless `force`; [`StoreError::Itself`]; [`StoreError::Missing`]; [`StoreError::Damaged`]; when the copy cannot be
/// written.
pub(crate) async fn copy(data_dir: &Path, to: &Path, force: bool) -> Result<Checked, StoreError> {
    let from = database(data_dir);
    if !from.exists() {
        return Err(StoreError::Missing(from));
    }
    // What the copy has rows of has to be there when its turn comes.
    let _locks = (DataLock::share(data_dir)?, FilesLock::keep(data_dir)?);
    if to.canonicalize().ok() == from.canonicalize().ok() {
        return Err(StoreError::Itself(to.to_owned()));
    }
    if to.exists() && !force {
        return Err(StoreError::Exists(to.to_owned()));
    }
    // Absolute, because SQLite takes a name that begins with "file:" for something else.
    let to = std::path::absolute(to).map_err(|error| StoreError::File(to.to_owned(), error))?;
    let part = beside(&to, ".part");
    let copied = write(&from, &folder::files_of(data_dir), &to, &part).await;
    if copied.is_err() {
        let _absent = std::fs::remove_file(&part);
    }
    copied
}

async fn write(from: &Path, files: &Path, to: &Path, part: &Path) -> Result<Checked, StoreError> {
    let wrong = |error| StoreError::File(to.to_owned(), error);
    private::create(part).map_err(wrong)?;
    let mut connection = options(from).create_if_missing(false).connect().await?;
    let vacuum = sqlx::query("VACUUM INTO ?1").bind(part.to_string_lossy().into_owned());
    vacuum.execute(&mut connection).await?;
    connection.close().await?;
    let copy = SqliteConnectOptions::new().filename(part);
    // Should it fail, there is no copy: nothing has to be undone.
    let filled = copy.clone().journal_mode(SqliteJournalMode::Off);
    let mut filled = filled.synchronous(SqliteSynchronous::Off).connect().await?;
    packed::pack(&mut filled, files).await?;
    filled.close().await?;
    let mut copy = copy.read_only(true).connect().await?;
    let checked = check::look(&mut copy).await?;
    copy.close().await?;
    if let Some(finding) = checked.findings.first() {
        return Err(StoreError::Damaged(to.to_owned(), finding.clone()));
    }
    let sync = || {
        File::open(part)?.sync_all()?;
        std::fs::rename(part, to)?;
        sync_folder(to)
    };
    sync().map_err(wrong)?;
    Ok(checked)
}

/// `path` with `end` after its name.
pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Makes the names in the folder of `path` durable.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
