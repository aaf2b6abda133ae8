//! Channels and who was granted them. They are read through the [`Directory`](super::Directory).

use super::{Access, AccountId, ChannelEntry, ChannelId, StoreError, Tx};
use domain::ChannelName;

/// Adds a channel; `None` when the name is taken.
pub(crate) async fn insert(
    tx: &mut Tx<'_>,
    name: &ChannelName,
    title: Option<&str>,
    private: bool,
) -> Result<Option<ChannelId>, StoreError> {
    let now = tx.now().millis();
    let id: Option<i64> = sqlx::query_scalar(
        "INSERT INTO channel (name, title, private, created_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (name) DO NOTHING RETURNING id",
    )
    .bind(name.as_str())
    .bind(title)
    .bind(private)
    .bind(now)
    .fetch_optional(tx.connection().await?)
    .await?;
    if id.is_some() {
        tx.change_directory();
    }
    Ok(id.map(ChannelId))
}

/// The channel of this name, as of this transaction, and whether it is private.
pub(crate) async fn find(
    tx: &mut Tx<'_>,
    name: &ChannelName,
) -> Result<Option<(ChannelId, bool)>, StoreError> {
    if let Some(directory) = tx.directory() {
        let channel = directory.channel_named(name);
        return Ok(channel.map(|channel| (channel.id, channel.private)));
    }
    let row: Option<(i64, bool)> =
        sqlx::query_as("SELECT id, private FROM channel WHERE name = ?1")
            .bind(name.as_str())
            .fetch_optional(tx.connection().await?)
            .await?;
    Ok(row.map(|(id, private)| (ChannelId(id), private)))
}

/// Grants an account a channel, in place of what it was granted before.
pub(crate) async fn grant(
    tx: &mut Tx<'_>,
    channel: ChannelId,
    account: AccountId,
    access: Access,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO channel_grant (channel_id, account_id, can_read, can_write) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (channel_id, account_id) DO UPDATE SET can_read = excluded.can_read, can_write = excluded.can_write",
    )
    .bind(channel.0)
    .bind(account.0)
    .bind(access.read)
    .bind(access.write)
    .execute(tx.connection().await?)
    .await?;
    tx.change_directory();
    Ok(())
}

/// Takes back what an account was granted.
pub(crate) async fn take_back(
    tx: &mut Tx<'_>,
    channel: ChannelId,
    account: AccountId,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM channel_grant WHERE channel_id = ?1 AND account_id = ?2")
        .bind(channel.0)
        .bind(account.0)
        .execute(tx.connection().await?)
        .await?;
    tx.change_directory();
    Ok(())
}

/// Writes what is known of a channel.
pub(crate) async fn update(tx: &mut Tx<'_>, channel: &ChannelEntry) -> Result<(), StoreError> {
    sqlx::query("UPDATE channel SET title = ?2, private = ?3, retention_days = ?4 WHERE id = ?1")
        .bind(channel.id.0)
        .bind(&channel.title)
        .bind(channel.private)
        .bind(channel.retention_days)
        .execute(tx.connection().await?)
        .await?;
    tx.change_directory();
    Ok(())
}

/// Removes a channel with everything in it.
pub(crate) async fn delete(tx: &mut Tx<'_>, channel: ChannelId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM channel WHERE id = ?1")
        .bind(channel.0)
        .execute(tx.connection().await?)
        .await?;
    tx.change_directory();
    Ok(())
}
