//! Accounts. But for passwords they are read through the [`Directory`](super::Directory).

use super::{AccountId, StoreError, Tx};
use domain::UserName;
use sqlx::SqliteConnection;

/// Adds an account; `None` when the name is taken.
pub(crate) async fn insert(
    tx: &mut Tx<'_>,
    name: &UserName,
    password_hash: &str,
    admin: bool,
) -> Result<Option<AccountId>, StoreError> {
    let now = tx.now().millis();
    let id: Option<i64> = sqlx::query_scalar(
        "INSERT INTO account (name, password_hash, admin, created_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (name) DO NOTHING RETURNING id",
    )
    .bind(name.as_str())
    .bind(password_hash)
    .bind(admin)
    .bind(now)
    .fetch_optional(tx.connection().await?)
    .await?;
    tx.change_directory();
    Ok(id.map(AccountId))
}

/// Whether there is any account, as of this transaction.
pub(crate) async fn any(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM account)")
        .fetch_one(connection)
        .await?)
}

/// The hash of an account's password.
pub(crate) async fn password_hash(
    connection: &mut SqliteConnection,
    id: AccountId,
) -> Result<Option<String>, StoreError> {
    let hash = sqlx::query_scalar("SELECT password_hash FROM account WHERE id = ?1").bind(id.0);
    Ok(hash.fetch_optional(connection).await?)
}

/// Changes a password, which ends every session of the account. Answers whether there is such an account.
pub(crate) async fn set_password(
    tx: &mut Tx<'_>,
    name: &UserName,
    password_hash: &str,
) -> Result<bool, StoreError> {
    let update = "UPDATE account SET password_hash = ?2, credential_version = credential_version + 1 WHERE name = ?1";
    let done = sqlx::query(update)
        .bind(name.as_str())
        .bind(password_hash)
        .execute(tx.connection().await?)
        .await?;
    tx.change_directory();
    Ok(done.rows_affected() == 1)
}

/// Disables an account or enables it again. Either ends its sessions for good; its tokens rest meanwhile. Answers whether
/// there is such an account.
pub(crate) async fn set_disabled(
    tx: &mut Tx<'_>,
    name: &UserName,
    disabled: bool,
) -> Result<bool, StoreError> {
    let at = disabled.then(|| tx.now().millis());
    let update = "UPDATE account SET disabled_at = ?2, credential_version = credential_version + 1 WHERE name = ?1";
    let done = sqlx::query(update)
        .bind(name.as_str())
        .bind(at)
        .execute(tx.connection().await?)
        .await?;
    tx.change_directory();
    Ok(done.rows_affected() == 1)
}

/// Removes an account with its tokens, grants and receipts. What it posted stays. Answers whether there was one.
pub(crate) async fn delete(tx: &mut Tx<'_>, name: &UserName) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM account WHERE name = ?1")
        .bind(name.as_str())
        .execute(tx.connection().await?)
        .await?;
    tx.change_directory();
    Ok(done.rows_affected() == 1)
}
