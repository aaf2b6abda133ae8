//! A file on its way in.

use super::{FileError, Files, attachment};
use crate::live::Live;
use crate::private;
use crate::service::{Services, tokens};
use domain::Attachment;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

/// What a file's name ends with until it is whole.
pub(super) const UNFINISHED: &str = ".part";

/// Bytes by which the kind of a file is told.
const TELLING: usize = 8 << 10;

/// A file that arrives. It is written as it comes, and gone when it is dropped unfinished.
#[derive(Debug)]
pub(crate) struct Upload {
    file: File,
    /// How it begins.
    first: Vec<u8>,
    part: Part,
    arriving: Arriving,
}

/// A file that is durable, and that no notification names yet. Hold it until one is published, or is not.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) attachment: Attachment,
    _arriving: Arriving,
}

/// What is on the disk of a file that is not whole.
#[derive(Debug)]
struct Part {
    files: Arc<Files>,
    path: PathBuf,
    size: u64,
    finished: bool,
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.finished && std::fs::remove_file(&self.path).is_ok() {
            self.files.used.fetch_sub(self.size, Ordering::Relaxed);
        }
    }
}

/// Says that a file is wanted although no notification names it.
#[derive(Debug)]
struct Arriving {
    files: Arc<Files>,
    live: Arc<Live>,
    id: String,
}

impl Drop for Arriving {
    fn drop(&mut self) {
        self.files.arriving.lock().remove(&self.id);
        // Should none have been published, it is not wanted any more.
        self.live.purged.notify_one();
    }
}

impl Services {
    /// Begins a file.
    ///
    /// # Errors
    /// [`FileError::TooLarge`] when the `expected` bytes are too many, and [`FileError::Disk`].
    pub(crate) async fn receive(&self, expected: Option<u64>) -> Result<Upload, FileError> {
        let files = Arc::clone(&self.files);
        files.check(0, expected.unwrap_or(0))?;
        private::folder(&files.folder)?;
        let id = tokens::random_text(12);
        files.arriving.lock().insert(id.clone());
        let path = files.folder.join(format!("{id}{UNFINISHED}"));
        let arriving = Arriving {
            files: Arc::clone(&files),
            live: Arc::clone(&self.live),
            id,
        };
        Ok(Upload {
            file: File::from_std(private::create(&path)?),
            first: Vec::new(),
            part: Part {
                files,
                path,
                size: 0,
                finished: false,
            },
            arriving,
        })
    }
}

impl Files {
    /// Whether a file of `size` bytes may grow by `more`.
    fn check(&self, size: u64, more: u64) -> Result<(), FileError> {
        let (_, room) = self.room();
        if size.saturating_add(more) > self.limits.file || more > room {
            return Err(FileError::TooLarge);
        }
        Ok(())
    }
}

impl Upload {
    /// Adds to it.
    ///
    /// # Errors
    /// [`FileError::TooLarge`] and [`FileError::Disk`].
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let more = bytes.len() as u64;
        let Part { files, size, .. } = &mut self.part;
        files.check(*size, more)?;
        // Counted before it is written: others who arrive at the same time see it.
        files.used.fetch_add(more, Ordering::Relaxed);
        *size += more;
        let telling = TELLING.saturating_sub(self.first.len()).min(bytes.len());
        self.first.extend_from_slice(&bytes[..telling]);
        Ok(self.file.write_all(bytes).await?)
    }

    /// Makes it durable: its bytes, and its name in the folder.
    ///
    /// # Errors
    /// [`FileError::Disk`].
    pub(crate) async fn finish(mut self, name: Option<String>) -> Result<Kept, FileError> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let Part { files, path, .. } = &self.part;
        let id = &self.arriving.id;
        tokio::fs::rename(path, files.folder.join(id)).await?;
        let folder = files.folder.clone();
        self.part.finished = true;
        File::open(&folder).await?.sync_all().await?;
        Ok(Kept {
            attachment: attachment(id, name, &self.first, self.part.size),
            _arriving: self.arriving,
        })
    }
}
