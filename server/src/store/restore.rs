//! Puts a copy of a database in the place of the one in use.

use super::backup::{beside, sync_folder};
use super::{
    MIGRATIONS, StoreError, check, check_version, database, lock::DataLock, meta, options,
};
use crate::private;
use domain::Timestamp;
use sqlx::{ConnectOptions, Connection};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Puts the copy `from` into `data_dir`. Its log gets an epoch of its own: places of the log that was there before, which
/// readers come back with, are none of this one. Sessions end, because some of them may have been ended since the copy
/// was made. Answers where the database is that was there before.
///
/// # Errors
/// [`StoreError::InUse`] while anybody uses the folder; [`StoreError::Missing`], [`StoreError::Foreign`] and
/// [`StoreError::Damaged`] for the copy. Nothing has changed then.
pub(crate) async fn put_back(
    data_dir: &Path,
    from: &Path,
    now: Timestamp,
) -> Result<Option<PathBuf>, StoreError> {
    if !from.is_file() {
        return Err(StoreError::Missing(from.to_owned()));
    }
    let _lock = DataLock::own(data_dir)?;
    let place = database(data_dir);
    let staged = beside(&place, ".restoring");
    let wrong = |error| StoreError::File(place.clone(), error);
    remove(&staged).map_err(wrong)?;
    let prepared = match stage(from, &staged) {
        Ok(()) => prepare(from, &staged).await,
        Err(error) => Err(StoreError::File(from.to_owned(), error)),
    };
    if let Err(error) = prepared {
        remove(&staged).map_err(wrong)?;
        return Err(error);
    }
    let kept = put_aside(&place, now).await.map_err(wrong)?;
    fs::rename(&staged, &place).map_err(wrong)?;
    sync_folder(&place).map_err(wrong)?;
    Ok(kept)
}

/// Copies the file, and the write-ahead log of a database that was copied as files.
fn stage(from: &Path, staged: &Path) -> io::Result<()> {
    for end in ["", "-wal"] {
        let (from, staged) = (beside(from, end), beside(staged, end));
        if from.exists() {
            io::copy(&mut File::open(from)?, &mut private::create(&staged)?)?;
        }
    }
    Ok(())
}

/// Checks the copy and makes it ours, in one file.
async fn prepare(from: &Path, staged: &Path) -> Result<(), StoreError> {
    let mut connection = options(staged).create_if_missing(false).connect().await?;
    check_version(&mut connection).await?;
    let checked = check::look(&mut connection).await?;
    if !checked.ours {
        return Err(StoreError::Foreign(from.to_owned()));
    }
    if let Some(finding) = checked.findings.first() {
        return Err(StoreError::Damaged(from.to_owned(), finding.clone()));
    }
    MIGRATIONS.run(&mut connection).await?;
    meta::renew_epoch(&mut connection).await?;
    sqlx::query("DELETE FROM session")
        .execute(&mut connection)
        .await?;
    // The last connection folds the write-ahead log into the database.
    connection.close().await?;
    let sync = File::open(staged).and_then(|file| file.sync_all());
    sync.map_err(|error| StoreError::File(staged.to_owned(), error))
}

/// Gives the database another name, with its write-ahead log where that is not folded in.
async fn put_aside(place: &Path, now: Timestamp) -> io::Result<Option<PathBuf>> {
    if !place.exists() {
        return Ok(None);
    }
    // Whoever restores may do so because this one cannot be opened any more.
    if let Ok(connection) = options(place).connect().await {
        let _damaged = connection.close().await;
    }
    let digits = now.to_string().replace([':', '-', '.'], "");
    let aside = place.with_file_name(format!("belfry-before-restore-{digits}.db"));
    // The log first: it must never lie beside a database that it does not belong to.
    for end in ["-wal", "-shm", ""] {
        let from = beside(place, end);
        if from.exists() {
            fs::rename(from, beside(&aside, end))?;
        }
    }
    Ok(Some(aside))
}

/// Removes a database that was not finished.
fn remove(path: &Path) -> io::Result<()> {
    for end in ["", "-wal", "-shm"] {
        match fs::remove_file(beside(path, end)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
