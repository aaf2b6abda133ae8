//! Files that belong to notifications, in `<data-dir>/files`, each under its id. They are written as they arrive, and
//! durable before the notification that names them is. What no notification names any more is removed.

use super::{ServiceError, Services};
use crate::live::gate::Actor;
use crate::store::{Store, StoreError, files};
use domain::Attachment;
use parking_lot::Mutex;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::fs::File;

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
    folder: PathBuf,
    limits: Limits,
    /// Bytes of all files, those that are still arriving included.
    used: AtomicU64,
    /// Files that no notification names yet, because it is not published yet.
    arriving: Mutex<HashSet<String>>,
}

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
        let folder = data_dir.join("files");
        let used = list(&folder).unwrap_or_default();
        Self {
            used: AtomicU64::new(used.iter().map(|(_, size)| size).sum()),
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

    /// Removes what belongs to no notification.
    async fn sweep(&self, store: &Store) -> Result<(), ServiceError> {
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
        Ok(())
    }
}

fn unavailable(error: std::io::Error) -> ServiceError {
    tracing::error!(%error, "the folder of files cannot be used");
    ServiceError::Unavailable
}

/// Names and sizes of what is in the folder; nothing when there is no folder.
fn list(folder: &Path) -> std::io::Result<Vec<(String, u64)>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let entry = |entry: std::io::Result<std::fs::DirEntry>| {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        Ok((name, entry.metadata()?.len()))
    };
    entries.map(entry).collect()
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
            if let Err(error) = self.files.sweep(&self.live.store).await {
                tracing::warn!(%error, "files that nobody needs could not be removed");
            }
            let purged = shutdown.run_until_cancelled(self.live.purged.notified());
            if purged.await.is_none() {
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
