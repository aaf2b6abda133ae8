//! The files that a restored database gets: those of the copy, and where it has none in it, those that lie beside it or
//! are in the folder already.

use crate::private;
use crate::store::files::{self, Owned};
use crate::store::{StoreError, packed};
use sqlx::SqliteConnection;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Makes `staged` the folder of files of a database. One that was not packed has them in one of `folders`; what is in none
/// is forgotten. Answers how many those are.
///
/// # Errors
/// [`StoreError::Damaged`] when a file of the copy is not what was copied; when the folder cannot be written.
pub(super) async fn stage(
    connection: &mut SqliteConnection,
    from: &Path,
    folders: &[PathBuf],
    staged: &Path,
) -> Result<usize, StoreError> {
    let wrong = |error| StoreError::File(staged.to_owned(), error);
    private::folder(staged).map_err(wrong)?;
    let all = files::all(connection).await?;
    let mut lost = 0;
    if packed::is_packed(connection).await? {
        for owned in &all {
            unpack(connection, from, owned, staged).await?;
        }
        packed::clear(connection).await?;
    } else {
        for owned in &all {
            let paths = folders.iter().map(|folder| folder.join(&owned.id));
            match paths.into_iter().find(|path| is_whole(path, owned)) {
                Some(path) => copy(&path, &staged.join(&owned.id)).map_err(wrong)?,
                None => {
                    files::forget(connection, &owned.id).await?;
                    lost += 1;
                }
            }
        }
    }
    File::open(staged)
        .and_then(|folder| folder.sync_all())
        .map_err(wrong)?;
    Ok(lost)
}

async fn unpack(
    connection: &mut SqliteConnection,
    from: &Path,
    owned: &Owned,
    staged: &Path,
) -> Result<(), StoreError> {
    let path = staged.join(&owned.id);
    let wrong = |error| StoreError::File(path.clone(), error);
    let mut file = private::create(&path).map_err(wrong)?;
    if let Some(finding) = packed::read(connection, owned, &mut file).await? {
        let finding = format!("file {}: {finding}", owned.id);
        return Err(StoreError::Damaged(from.to_owned(), finding));
    }
    file.sync_all().map_err(wrong)
}

fn is_whole(path: &Path, owned: &Owned) -> bool {
    path.metadata()
        .is_ok_and(|file| file.is_file() && file.len() == owned.size)
}

/// A second name is as good as a copy, because files never change.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if fs::hard_link(from, to).is_err() {
        let mut file = private::create(to)?;
        io::copy(&mut File::open(from)?, &mut file)?;
        file.sync_all()?;
    }
    Ok(())
}
