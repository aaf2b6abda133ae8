//! Files that belong to notifications, in `<data-dir>/files`, each under its id. They are written as they arrive, and
//! durable before the notification that names them is. What no notification names any more is removed.

use super::{ServiceError, Services};
use crate::live::gate::Actor;
use crate::store::folder::{files_of, list};
use crate::store::{FilesLock, Store, StoreError, files};
use domain::Attachment;
use parking_lot::Mutex;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::fs::File;
use tokio::time::timeout;

pub(super) mod kind;
mod upload;

pub(crate) use upload::{Kept, Upload};

/// How much may be kept, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Of one file.
    pub(crate) file: u64,
    /// Of all together.
    pub(crate) total: u64,
}

/// What is kept unless something else is set.
pub(crate) const DEFAULT: Limits = Limits {
    file: 15 << 20,
    total: 5 << 30,
};

/// Why a file is not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    /// It is larger than a file may be, or than what is left for all of them.
    #[error("the file is larger than may be kept")]
    TooLarge,
    /// The disk.
    #[error("the file cannot be written: {0}")]
    Disk(#[from] std::io::Error),
}

/// The folder.
#[derive(Debug)]
pub(crate) struct Files {
    data_dir: PathBuf,
    folder: PathBuf,
    limits: Limits,
    /// Bytes of all files, those that are still arriving included.
    used: AtomicU64,
    /// Files that no notification names yet, because it is not published yet.
    arriving: Mutex<HashSet<String>>,
}

/// How far a sweep came.
#[derive(Debug, PartialEq, Eq)]
enum Swept {
    All,
    /// Somebody counts on what is there, such as a backup of what was there when it began.
    Nothing,
}

/// How long it takes until a sweep is tried again. Nobody tells when those who counted on files are done.
const AGAIN: Duration = Duration::from_secs(1);

/// A file for somebody who may have it.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) file: File,
    /// What its sender calls it.
    pub(crate) name: String,
    /// Media type, by its content.
    pub(crate) kind: String,
    /// Bytes.
    pub(crate) size: u64,
}

impl Files {
    /// The files in `data_dir`.
    pub(super) fn new(data_dir: &Path, limits: Limits) -> Self {
        let folder = files_of(data_dir);
        let used = list(&folder).unwrap_or_default();
        Self {
            used: AtomicU64::new(used.iter().map(|(_, size)| size).sum()),
            data_dir: data_dir.to_owned(),
            folder,
            limits,
            arriving: Mutex::default(),
        }
    }

    /// Bytes that are kept, and how many more may be.
    pub(crate) fn room(&self) -> (u64, u64) {
        let used = self.used.load(Ordering::Relaxed);
        (used, self.limits.total.saturating_sub(used))
    }

    /// Removes what belongs to no notification, unless somebody is copying files.
    async fn sweep(&self, store: &Store) -> Result<Swept, ServiceError> {
        let Some(_lock) = FilesLock::remove(&self.data_dir)? else {
            return Ok(Swept::Nothing);
        };
        let found = list(&self.folder).map_err(unavailable)?;
        // In this order: what is neither arriving any more nor in the database by now never will be.
        let arriving = self.arriving.lock().clone();
        let settled: Vec<_> = found
            .into_iter()
            .filter(|(name, _)| !arriving.contains(name.trim_end_matches(upload::UNFINISHED)))
            .collect();
        for some in settled.chunks(500) {
            let ids: Vec<_> = some.iter().map(|(name, _)| name.clone()).collect();
            let mut connection = store.readers().acquire().await.map_err(StoreError::from)?;
            let owned = files::owned(&mut connection, &ids).await?;
            drop(connection);
            for (name, size) in some.iter().filter(|(name, _)| !owned.contains(name)) {
                // Before it is gone, so that whoever sees it gone finds the room.
                self.used.fetch_sub(*size, Ordering::Relaxed);
                if let Err(error) = tokio::fs::remove_file(self.folder.join(name)).await {
                    self.used.fetch_add(*size, Ordering::Relaxed);
                    return Err(unavailable(error));
                }
            }
        }
        Ok(Swept::All)
    }
}

fn unavailable(error: std::io::Error) -> ServiceError {
    tracing::error!(%error, "the folder of files cannot be used");
    ServiceError::Unavailable
}

impl Services {
    /// Keeps at most so much from now on.
    pub(crate) fn limit_files(&mut self, limits: Limits) {
        self.files = Arc::new(Files::new(&self.data_dir, limits));
    }

    /// Removes files with their notifications, until the server stops. It begins with what an earlier run left behind.
    pub(crate) async fn keep_files(self) {
        let shutdown = self.live.shutdown.clone();
        loop {
            let swept = self.files.sweep(&self.live.store).await;
            if let Err(error) = &swept {
                tracing::warn!(%error, "files that nobody needs could not be removed");
            }
            let purged = async {
                let purged = self.live.purged.notified();
                if matches!(swept, Ok(Swept::Nothing)) {
                    let _not_yet = timeout(AGAIN, purged).await;
                } else {
                    purged.await;
                }
            };
            if shutdown.run_until_cancelled(purged).await.is_none() {
                return;
            }
        }
    }

    /// The file `id`, for whoever may read its notification.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], also for those who may not, and [`ServiceError::Unavailable`].
    pub(crate) async fn file(&self, actor: &Actor, id: &str) -> Result<Opened, ServiceError> {
        const NOTHING: ServiceError = ServiceError::NotFound("file");
        super::inbox::may_read(actor).map_err(|_| NOTHING)?;
        let mut connection = self
            .live
            .store
            .readers()
            .acquire()
            .await
            .map_err(StoreError::from)?;
        let row = files::get(&mut connection, id).await?.ok_or(NOTHING)?;
        drop(connection);
        self.stored(actor, &row.notification)
            .await
            .map_err(|_| NOTHING)?;
        let file = File::open(self.files.folder.join(id)).await;
        Ok(Opened {
            file: file.map_err(unavailable)?,
            name: row.name,
            kind: row.kind,
            size: row.size,
        })
    }
}

/// An attachment of what is kept under `id`.
fn attachment(id: &str, name: Option<String>, first: &[u8], size: u64) -> Attachment {
    let (kind, extension) = kind::detect(first, name.as_deref());
    Attachment {
        name: name.unwrap_or_else(|| format!("attachment.{extension}")),
        r#type: Some(kind.to_owned()),
        size: Some(size),
        url: format!("{}{id}.{extension}", Attachment::FOLDER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::live::Tuning;
    use tokio_util::sync::CancellationToken;

    #[tokio::test]
    async fn nothing_is_removed_while_somebody_counts_on_it() {
        let dir = tempfile::tempdir().unwrap();
        let shutdown = CancellationToken::new();
        let opened = Services::open(dir.path(), Clock::System, Tuning::default(), shutdown);
        let (services, running) = opened.await.unwrap();
        let file = dir.path().join("files").join("nobodys");
        std::fs::create_dir(dir.path().join("files")).unwrap();
        std::fs::write(&file, "x").unwrap();
        let copying = std::fs::File::create(dir.path().join("files.lock")).unwrap();
        copying.lock_shared().unwrap();
        let sweep = async || services.files.sweep(&services.live.store).await.unwrap();
        assert_eq!(sweep().await, Swept::Nothing);
        assert!(file.exists());
        copying.unlock().unwrap();
        assert_eq!(sweep().await, Swept::All);
        assert!(!file.exists());
        drop(services);
        running.finish().await;
    }
}
