//! Facts about the whole database.

use super::{SecretHash, StoreError, Tx};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use domain::{Epoch, Seq};
use sqlx::SqliteConnection;

async fn get(connection: &mut SqliteConnection, name: &str) -> Result<Option<String>, StoreError> {
    let value = sqlx::query_scalar("SELECT value FROM meta WHERE name = ?1").bind(name);
    Ok(value.fetch_optional(connection).await?)
}

async fn set(connection: &mut SqliteConnection, name: &str, value: &str) -> Result<(), StoreError> {
    let upsert = "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    sqlx::query(upsert)
        .bind(name)
        .bind(value)
        .execute(connection)
        .await?;
    Ok(())
}

/// The epoch of the log, made at the first call.
pub(super) async fn epoch(connection: &mut SqliteConnection) -> Result<Epoch, StoreError> {
    // Two processes may open a new database at once: the first to insert decides for both.
    let insert =
        "INSERT INTO meta (name, value) VALUES ('epoch', ?1) ON CONFLICT (name) DO NOTHING";
    sqlx::query(insert)
        .bind(Epoch::from_random(rand::random()).as_str())
        .execute(&mut *connection)
        .await?;
    let text = get(connection, "epoch")
        .await?
        .ok_or_else(|| StoreError::corrupt("epoch"))?;
    Epoch::parse(text).map_err(StoreError::corrupt)
}

/// The epoch of the log, in a database that has one.
pub(super) async fn known_epoch(
    connection: &mut SqliteConnection,
) -> Result<Option<Epoch>, StoreError> {
    let text = get(connection, "epoch").await?;
    text.map(Epoch::parse)
        .transpose()
        .map_err(StoreError::corrupt)
}

/// Gives the log another epoch: from now on it is another one, of whose places no reader has seen any.
pub(super) async fn renew_epoch(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let epoch = Epoch::from_random(rand::random());
    set(connection, "epoch", epoch.as_str()).await
}

/// A number that changes when another connection commits, and not when this one does.
pub(crate) async fn data_version(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    let version = sqlx::query_scalar("PRAGMA data_version");
    Ok(version.fetch_one(connection).await?)
}

/// The last event that is no longer kept, 0 when all are.
pub(crate) async fn pruned_to(connection: &mut SqliteConnection) -> Result<Seq, StoreError> {
    match get(connection, "pruned_to").await? {
        Some(text) => text.parse().map_err(StoreError::corrupt),
        None => Ok(0),
    }
}

pub(super) async fn set_pruned_to(tx: &mut Tx<'_>, seq: Seq) -> Result<(), StoreError> {
    set(tx.connection().await?, "pruned_to", &seq.to_string()).await
}

/// The hash of the code that makes the first account.
pub(crate) async fn setup_code(
    connection: &mut SqliteConnection,
) -> Result<Option<SecretHash>, StoreError> {
    let text = get(connection, "setup_code").await?;
    let bytes = text
        .map(|text| STANDARD_NO_PAD.decode(text))
        .transpose()
        .map_err(StoreError::corrupt)?;
    Ok(bytes.and_then(|bytes| SecretHash::from_column(&bytes)))
}

/// Replaces the set-up code.
pub(crate) async fn set_setup_code(tx: &mut Tx<'_>, code: &SecretHash) -> Result<(), StoreError> {
    set(
        tx.connection().await?,
        "setup_code",
        &STANDARD_NO_PAD.encode(code.0),
    )
    .await
}

/// Forgets the set-up code.
pub(crate) async fn clear_setup_code(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM meta WHERE name = 'setup_code'")
        .execute(tx.connection().await?)
        .await?;
    Ok(())
}

/// The form of the rows of the search index, when there are any.
pub(super) async fn search_form(
    connection: &mut SqliteConnection,
) -> Result<Option<String>, StoreError> {
    get(connection, "search_form").await
}

/// Notes that the search index is whole, and of which form.
pub(super) async fn set_search_form(
    connection: &mut SqliteConnection,
    form: &str,
) -> Result<(), StoreError> {
    set(connection, "search_form", form).await
}

/// Writes something, to see whether the database can be written.
pub(crate) async fn touch(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let now = tx.now().millis().to_string();
    set(tx.connection().await?, "touched_at", &now).await
}
