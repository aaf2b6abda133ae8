//! Copies of the data, and whether they are whole. These work on a folder, whether or not a server has it open.

pub(crate) use crate::store::StoreError;
pub(crate) use crate::store::check::Checked;
pub(crate) use crate::store::restore::PutBack;

use crate::clock::Clock;
use crate::store::{backup, check, restore};
use std::path::Path;

/// Copies the database of `data_dir` and its files to one file, as they are when this begins, also beside a running server.
///
/// # Errors
/// When `to` is there already, unless `force`; when the database is missing or damaged; when the file cannot be written.
pub(crate) async fn back_up(
    data_dir: &Path,
    to: &Path,
    force: bool,
) -> Result<Checked, StoreError> {
    backup::copy(data_dir, to, force).await
}

/// Puts a copy in the place of the database of `data_dir` and its files, as a log of its own.
///
/// # Errors
/// While anybody uses the folder; when the copy is missing, damaged or not ours. Nothing has changed then.
pub(crate) async fn put_back(
    data_dir: &Path,
    from: &Path,
    clock: &Clock,
) -> Result<PutBack, StoreError> {
    restore::put_back(data_dir, from, clock.now()).await
}

/// Looks through the database of `data_dir` and its files, also beside a running server.
///
/// # Errors
/// When there is none, or it cannot be read at all.
pub(crate) async fn check(data_dir: &Path) -> Result<Checked, StoreError> {
    check::database_of(data_dir).await
}
