//! Who uses a data folder. Servers and commands share it, because their writes take turns in the database; to put
//! another database in its place is for one who has it alone. Its files can be counted on while they are copied.

use super::StoreError;
use crate::private;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::Path;

/// A hold on a data folder. It ends with the value, and at the latest with the process.
#[derive(Debug)]
pub(crate) struct DataLock {
    _file: File,
}

impl DataLock {
    /// Uses the folder beside others.
    ///
    /// # Errors
    /// [`StoreError::Restoring`] while somebody has it alone.
    pub(super) fn share(data_dir: &Path) -> Result<Self, StoreError> {
        let file = open(data_dir, "belfry.lock")?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Self { _file: file }),
            // Some file systems know no such locks. Nobody can have the folder alone there, so nothing is lost.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                Ok(Self { _file: file })
            }
            Err(TryLockError::WouldBlock) => Err(StoreError::Restoring),
            Err(TryLockError::Error(error)) => Err(StoreError::Folder(data_dir.to_owned(), error)),
        }
    }

    /// Has the folder alone.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while anybody else uses it.
    pub(super) fn own(data_dir: &Path) -> Result<Self, StoreError> {
        let file = open(data_dir, "belfry.lock")?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
            Err(TryLockError::Error(error)) => Err(StoreError::Folder(data_dir.to_owned(), error)),
        }
    }
}

/// A hold on the files of a data folder. Many may count on them at a time, or one may remove some.
#[derive(Debug)]
pub(crate) struct FilesLock {
    _file: File,
}

impl FilesLock {
    /// Waits until nobody removes any. Then all that are there stay.
    ///
    /// # Errors
    /// [`StoreError::Folder`].
    pub(super) fn keep(data_dir: &Path) -> Result<Self, StoreError> {
        let file = open(data_dir, "files.lock")?;
        match file.lock_shared() {
            Err(error) if error.kind() != ErrorKind::Unsupported => {
                Err(StoreError::Folder(data_dir.to_owned(), error))
            }
            _ => Ok(Self { _file: file }),
        }
    }

    /// To remove some; `None` while anybody counts on them.
    ///
    /// # Errors
    /// [`StoreError::Folder`].
    pub(crate) fn remove(data_dir: &Path) -> Result<Option<Self>, StoreError> {
        let file = open(data_dir, "files.lock")?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) if error.kind() != ErrorKind::Unsupported => {
                Err(StoreError::Folder(data_dir.to_owned(), error))
            }
            _ => Ok(Some(Self { _file: file })),
        }
    }
}

fn open(data_dir: &Path, name: &str) -> Result<File, StoreError> {
    let wrong = |error| StoreError::Folder(data_dir.to_owned(), error);
    private::folder(data_dir).map_err(wrong)?;
    private::open(&data_dir.join(name)).map_err(wrong)
}
