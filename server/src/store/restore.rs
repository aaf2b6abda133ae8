//! Puts a copy of a database, with its files, in the place of the one in use.

mod files;

use super::backup::{beside, sync_folder};
use super::{
    MIGRATIONS, StoreError, check, check_version, database, folder, lock::DataLock, meta, options,
};
use crate::private;
use domain::Timestamp;
use sqlx::{ConnectOptions, Connection};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// What was done.
#[derive(Debug)]
pub(crate) struct PutBack {
    /// Where the database is that was there before.
    pub(crate) database: Option<PathBuf>,
    /// Where its files are.
    pub(crate) files: Option<PathBuf>,
    /// Files that were neither in the copy nor anywhere else. Their notifications are there without them.
    pub(crate) lost: usize,
}

/// Puts the copy `from` into `data_dir`. Its log gets an epoch of its own: places of the log that was there before, which
/// readers come back with, are none of this one. Sessions end, because some of them may have been ended since the copy
/// was made.
///
/// # Errors
/// [`StoreError::InUse`] while anybody uses the folder; [`StoreError::Missing`], [`StoreError::Foreign`] and
/// [`StoreError::Damaged`] for the copy. Nothing has changed then.
pub(crate) async fn put_back(
    data_dir: &Path,
    from: &Path,
    now: Timestamp,
) -> Result<PutBack, StoreError> {
    if !from.is_file() {
        return Err(StoreError::Missing(from.to_owned()));
    }
    let _lock = DataLock::own(data_dir)?;
    let place = database(data_dir);
    let folder = folder::files_of(data_dir);
    let staged = Staged {
        database: beside(&place, ".restoring"),
        files: beside(&folder, ".restoring"),
    };
    let wrong = |error| StoreError::File(place.clone(), error);
    staged.remove().map_err(wrong)?;
    let prepared = match stage(from, &staged.database) {
        Ok(()) => prepare(from, &folder, &staged).await,
        Err(error) => Err(StoreError::File(from.to_owned(), error)),
    };
    if prepared.is_err() {
        staged.remove().map_err(wrong)?;
    }
    let lost = prepared?;
    let digits = now.to_string().replace([':', '-', '.'], "");
    let aside = |end| data_dir.join(format!("belfry-before-restore-{digits}.{end}"));
    // The files first: a server that begins in between has the wrong ones and removes them, and the copy still has them.
    let files = put_files_aside(&folder, aside(FILES)).map_err(wrong)?;
    fs::rename(&staged.files, &folder).map_err(wrong)?;
    let database = put_aside(&place, aside("db")).await.map_err(wrong)?;
    fs::rename(&staged.database, &place).map_err(wrong)?;
    sync_folder(&place).map_err(wrong)?;
    Ok(PutBack {
        database,
        files,
        lost,
    })
}

/// What a folder of files beside a database is called, after the database's name.
const FILES: &str = "files";

/// What is about to be put in place.
struct Staged {
    database: PathBuf,
    files: PathBuf,
}

impl Staged {
    /// Removes what was not finished.
    fn remove(&self) -> io::Result<()> {
        let absent = |gone: io::Result<()>| match gone {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
        for end in ["", "-wal", "-shm"] {
            absent(fs::remove_file(beside(&self.database, end)))?;
        }
        absent(fs::remove_dir_all(&self.files))
    }
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

/// Checks the copy and makes it ours, in one file and a folder. Answers how many files are lost. One that was not packed
/// may have its files beside it, as what was put aside has, or in the folder in use.
async fn prepare(from: &Path, folder: &Path, staged: &Staged) -> Result<usize, StoreError> {
    let database = &staged.database;
    let mut connection = options(database).create_if_missing(false).connect().await?;
    check_version(&mut connection).await?;
    let checked = check::look(&mut connection).await?;
    if !checked.ours {
        return Err(StoreError::Foreign(from.to_owned()));
    }
    if let Some(finding) = checked.findings.first() {
        return Err(StoreError::Damaged(from.to_owned(), finding.clone()));
    }
    MIGRATIONS.run(&mut connection).await?;
    let folders = [from.with_extension(FILES), folder.to_owned()];
    let lost = files::stage(&mut connection, from, &folders, &staged.files).await?;
    meta::renew_epoch(&mut connection).await?;
    sqlx::query("DELETE FROM session")
        .execute(&mut connection)
        .await?;
    // The last connection folds the write-ahead log into the database.
    connection.close().await?;
    let sync = File::open(database).and_then(|file| file.sync_all());
    sync.map_err(|error| StoreError::File(database.clone(), error))?;
    Ok(lost)
}

/// Gives the database another name, with its write-ahead log where that is not folded in.
async fn put_aside(place: &Path, aside: PathBuf) -> io::Result<Option<PathBuf>> {
    if !place.exists() {
        return Ok(None);
    }
    // Whoever restores may do so because this one cannot be opened any more.
    if let Ok(connection) = options(place).connect().await {
        let _damaged = connection.close().await;
    }
    // The log first: it must never lie beside a database that it does not belong to.
    for end in ["-wal", "-shm", ""] {
        let from = beside(place, end);
        if from.exists() {
            fs::rename(from, beside(&aside, end))?;
        }
    }
    Ok(Some(aside))
}

/// Gives the folder of files another name, where there are any.
fn put_files_aside(folder: &Path, aside: PathBuf) -> io::Result<Option<PathBuf>> {
    let mut entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        entries => entries?,
    };
    if entries.next().is_none() {
        return fs::remove_dir(folder).map(|()| None);
    }
    fs::rename(folder, &aside)?;
    Ok(Some(aside))
}
