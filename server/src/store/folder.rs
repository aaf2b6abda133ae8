//! The folder beside the database where the files of notifications lie, each under its id.

use std::fs::DirEntry;
use std::io;
use std::path::{Path, PathBuf};

/// Where it is, in a data folder. It is made with the first file.
pub(crate) fn files_of(data_dir: &Path) -> PathBuf {
    data_dir.join("files")
}

/// Names and sizes of what is in it; nothing when there is none.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn list(folder: &Path) -> io::Result<Vec<(String, u64)>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let entry = |entry: io::Result<DirEntry>| {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        Ok((name, entry.metadata()?.len()))
    };
    entries.map(entry).collect()
}
