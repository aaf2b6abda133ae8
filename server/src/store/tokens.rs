//! Access tokens. They are read through the [`Directory`](super::Directory).

use super::{AccountId, SecretHash, StoreError, TokenId, Tx};
use domain::{ChannelName, Scopes, Timestamp};
use sqlx::SqliteConnection;

/// A token to add.
#[derive(Debug)]
pub(crate) struct NewToken {
    pub(crate) account: AccountId,
    pub(crate) label: String,
    pub(crate) hash: SecretHash,
    /// Its last four characters, by which people tell tokens apart.
    pub(crate) hint: String,
    pub(crate) scopes: Scopes,
    pub(crate) channels: Option<Vec<ChannelName>>,
    pub(crate) expires_at: Option<Timestamp>,
}

/// A token as lists show it.
#[derive(Debug)]
pub(crate) struct TokenRow {
    pub(crate) id: TokenId,
    pub(crate) user: String,
    pub(crate) label: String,
    pub(crate) hint: String,
    pub(crate) scopes: String,
    pub(crate) channels: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) last_used_at: Option<Timestamp>,
}

/// Adds a token.
pub(crate) async fn insert(tx: &mut Tx<'_>, token: &NewToken) -> Result<TokenId, StoreError> {
    let channels = token
        .channels
        .as_ref()
        .map(serde_json::to_string)
        .transpose()
        .map_err(StoreError::corrupt)?;
    let now = tx.now().millis();
    let id = sqlx::query_scalar(
        "INSERT INTO token (account_id, label, hash, hint, scopes, channels, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id",
    )
    .bind(token.account.0)
    .bind(&token.label)
    .bind(token.hash.0.as_slice())
    .bind(&token.hint)
    .bind(token.scopes.to_string())
    .bind(channels)
    .bind(now)
    .bind(token.expires_at.map(Timestamp::millis))
    .fetch_one(tx.connection().await?)
    .await?;
    tx.change_directory();
    Ok(TokenId(id))
}

/// Notes when tokens were used last.
pub(crate) async fn note_uses(
    tx: &mut Tx<'_>,
    uses: &[(SecretHash, Timestamp)],
) -> Result<(), StoreError> {
    for (hash, used) in uses {
        sqlx::query("UPDATE token SET last_used_at = ?2 WHERE hash = ?1")
            .bind(hash.0.as_slice())
            .bind(used.millis())
            .execute(tx.connection().await?)
            .await?;
    }
    Ok(())
}

/// Removes a token. Answers whether there was one.
pub(crate) async fn delete(tx: &mut Tx<'_>, id: TokenId) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM token WHERE id = ?1")
        .bind(id.0)
        .execute(tx.connection().await?)
        .await?;
    tx.change_directory();
    Ok(done.rows_affected() == 1)
}

type Columns = (
    i64,
    String,
    String,
    String,
    String,
    Option<String>,
    i64,
    Option<i64>,
    Option<i64>,
);

/// Every token, or every one of an account, oldest first.
pub(crate) async fn list(
    connection: &mut SqliteConnection,
    of: Option<AccountId>,
) -> Result<Vec<TokenRow>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "SELECT t.id, a.name, t.label, t.hint, t.scopes, t.channels, t.created_at, t.expires_at, t.last_used_at
         FROM token AS t JOIN account AS a ON a.id = t.account_id WHERE ?1 IS NULL OR a.id = ?1 ORDER BY t.id",
    )
    .bind(of.map(|account| account.0))
    .fetch_all(connection)
    .await?;
    let row = |(id, user, label, hint, scopes, channels, created_at, expires_at, used): Columns| {
        TokenRow {
            id: TokenId(id),
            user,
            label,
            hint,
            scopes,
            channels,
            created_at: Timestamp::from_millis(created_at),
            expires_at: expires_at.map(Timestamp::from_millis),
            last_used_at: used.map(Timestamp::from_millis),
        }
    };
    Ok(rows.into_iter().map(row).collect())
}
