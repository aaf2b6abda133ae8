//! Files and folders that are their owner's alone, whatever the umask says: they hold what people were told, and hashes of
//! what lets them in.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// The mode of a folder.
const FOLDER: u32 = 0o700;

/// The mode of a file.
const FILE: u32 = 0o600;

/// Makes a folder, and those that it lies in, where they are missing. One that is there stays as it is: its mode is its
/// owner's choice.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER).create(path)
}

/// Makes a file anew, to be written: one that is there may be open to others.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let _absent = std::fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(FILE).open(path)
}

/// Opens a file to read and write it, and makes it where it is missing.
///
/// # Errors
/// When it cannot be opened.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(FILE)
        .open(path)
}
