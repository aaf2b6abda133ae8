//! The files of notifications inside a copy of the database, which is so one file: a table of their pieces. A database
//! in use has no such table; its files lie in a folder, see [`files_of`](super::files_of).

use super::files::{self, Owned};
use super::{StoreError, has_table};
use sha2::{Digest, Sha256};
use sqlx::SqliteConnection;
use std::io::{ErrorKind, Write};
use std::path::Path;
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncReadExt};

/// Bytes of a piece: so much of a file of any size is in memory at once.
const PIECE: usize = 1 << 20;

/// Should somebody put a copy where a database is used, the pieces go with their files and are in nobody's way.
const TABLE: &str = "CREATE TABLE file_piece (
    file_id TEXT    NOT NULL REFERENCES file (id) ON DELETE CASCADE,
    number  INTEGER NOT NULL,
    bytes   BLOB    NOT NULL,
    sha256  BLOB    NOT NULL,
    UNIQUE (file_id, number)
) STRICT";

/// Whether a database has its files in it.
pub(super) async fn is_packed(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    has_table(connection, "file_piece").await
}

/// Puts the files that `copy` has rows of into it, out of `folder`.
///
/// # Errors
/// [`StoreError::Damaged`] for a file that is not there, or not as long as its row says.
pub(super) async fn pack(copy: &mut SqliteConnection, folder: &Path) -> Result<(), StoreError> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "DROP TABLE IF EXISTS file_piece; {TABLE}"
    )))
    .execute(&mut *copy)
    .await?;
    for owned in files::all(copy).await? {
        let path = folder.join(&owned.id);
        let stored = match File::open(&path).await {
            Ok(mut file) => write(copy, &owned.id, &mut file).await,
            Err(error) => Err(error.into()),
        };
        match stored {
            Ok(size) if size == owned.size => {}
            Ok(size) => return Err(StoreError::Damaged(path, owned.is_long(size))),
            Err(PackError::Store(error)) => return Err(error),
            Err(PackError::Read(error)) if error.kind() == ErrorKind::NotFound => {
                return Err(StoreError::Damaged(path, owned.is_missing()));
            }
            Err(PackError::Read(error)) => return Err(StoreError::File(path, error)),
        }
    }
    Ok(())
}

/// Why a file is not in the copy.
enum PackError {
    Read(std::io::Error),
    Store(StoreError),
}

impl From<std::io::Error> for PackError {
    fn from(error: std::io::Error) -> Self {
        Self::Read(error)
    }
}

/// Puts one file into the copy. Answers how many bytes it has.
async fn write(
    copy: &mut SqliteConnection,
    id: &str,
    file: &mut (impl AsyncRead + Unpin),
) -> Result<u64, PackError> {
    let (mut number, mut size) = (0_i64, 0);
    loop {
        let mut bytes = Vec::new();
        let mut piece = file.take(PIECE as u64);
        size += piece.read_to_end(&mut bytes).await? as u64;
        if bytes.is_empty() {
            return Ok(size);
        }
        let sha256 = Sha256::digest(&bytes).to_vec();
        sqlx::query(
            "INSERT INTO file_piece (file_id, number, bytes, sha256) VALUES (?1, ?2, ?3, ?4)",
        )
        .bind(id)
        .bind(number)
        .bind(bytes)
        .bind(sha256)
        .execute(&mut *copy)
        .await
        .map_err(|error| PackError::Store(error.into()))?;
        number += 1;
    }
}

/// Gives `to` the pieces of a file, in order. Answers what is wrong with them.
///
/// # Errors
/// When the database cannot be read, or `to` takes no more ([`StoreError::File`], of the file's id).
pub(super) async fn read(
    connection: &mut SqliteConnection,
    owned: &Owned,
    to: &mut impl Write,
) -> Result<Option<String>, StoreError> {
    let mut size = 0;
    for number in 0_i64.. {
        let piece: Option<(Vec<u8>, Vec<u8>)> = sqlx::query_as(
            "SELECT bytes, sha256 FROM file_piece WHERE file_id = ?1 AND number = ?2",
        )
        .bind(&owned.id)
        .bind(number)
        .fetch_optional(&mut *connection)
        .await?;
        let Some((bytes, sha256)) = piece else { break };
        if Sha256::digest(&bytes)[..] != sha256[..] {
            return Ok(Some(format!("its piece {number} is not what was copied")));
        }
        size += bytes.len() as u64;
        to.write_all(&bytes)
            .map_err(|error| StoreError::File(owned.id.clone().into(), error))?;
    }
    Ok((size != owned.size).then(|| owned.is_long(size)))
}

/// Forgets the pieces, and gives back the space that they took.
pub(super) async fn clear(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    for statement in ["DROP TABLE file_piece", "PRAGMA incremental_vacuum"] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    Ok(())
}
