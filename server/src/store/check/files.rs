//! Every file that a notification has is there, in the folder or in the copy, and as long as its row says.

use super::{Checked, MANY};
use crate::store::files::{self as rows, Owned};
use crate::store::{StoreError, folder, has_table, packed};
use sqlx::SqliteConnection;
use std::collections::HashSet;
use std::io;
use std::path::Path;

/// Looks at the files in a copy.
pub(super) async fn packed(
    connection: &mut SqliteConnection,
    checked: &mut Checked,
) -> Result<(), StoreError> {
    // A copy of an older version has no table of files.
    if !has_table(connection, "file").await? {
        return Ok(());
    }
    let all = rows::all(connection).await?;
    checked.files = all.len();
    if packed::is_packed(connection).await? {
        for owned in all {
            if let Some(finding) = packed::read(connection, &owned, &mut io::sink()).await? {
                find(checked, &owned, &finding);
            }
        }
    }
    Ok(())
}

/// Looks at the files in a folder, from which nobody removes any meanwhile; more may arrive.
pub(super) async fn stored(
    connection: &mut SqliteConnection,
    files: &Path,
    checked: &mut Checked,
) -> Result<(), StoreError> {
    let wrong = |error| StoreError::File(files.to_owned(), error);
    // In this order: what has a row is in the folder before it has one.
    let present = folder::list(files).map_err(wrong)?;
    let all = rows::all(connection).await?;
    for owned in &all {
        match files.join(&owned.id).metadata() {
            Ok(file) if file.len() == owned.size => {}
            Ok(file) => find(checked, owned, &owned.is_long(file.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                find(checked, owned, &owned.is_missing());
            }
            Err(error) => return Err(wrong(error)),
        }
    }
    let owned: HashSet<_> = all.into_iter().map(|owned| owned.id).collect();
    let unowned = present.iter().filter(|(name, _)| !owned.contains(name));
    checked.unowned = unowned.count();
    Ok(())
}

fn find(checked: &mut Checked, owned: &Owned, finding: &str) {
    let told = checked
        .findings
        .iter()
        .filter(|told| told.starts_with("file "));
    if told.count() < MANY.unsigned_abs() as usize {
        checked.find(format!("file {}: {finding}", owned.id));
    }
}
