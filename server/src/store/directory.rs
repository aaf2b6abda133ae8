//! Who there is, which channels there are, and who may do what: read whole into memory, because every event that goes
//! out asks it.

use super::log::{EventKind, NewEvent};
use super::{AccountId, ChannelId, SecretHash, StoreError};
use domain::{ChannelName, Scopes, Timestamp, UserName};
use sqlx::SqliteConnection;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Everything about accounts, channels, grants and tokens at one moment.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    accounts: HashMap<AccountId, AccountEntry>,
    account_ids: HashMap<String, AccountId>,
    channels: HashMap<ChannelId, ChannelEntry>,
    channel_ids: HashMap<ChannelName, ChannelId>,
    grants: HashMap<(ChannelId, AccountId), Access>,
    tokens: HashMap<SecretHash, Arc<TokenEntry>>,
}

/// An account.
#[derive(Debug, Clone)]
pub(crate) struct AccountEntry {
    pub(crate) id: AccountId,
    pub(crate) name: UserName,
    pub(crate) admin: bool,
    pub(crate) disabled: bool,
    pub(crate) credential_version: i64,
    pub(crate) created_at: Timestamp,
}

/// A channel.
#[derive(Debug, Clone)]
pub(crate) struct ChannelEntry {
    pub(crate) id: ChannelId,
    pub(crate) name: ChannelName,
    pub(crate) title: Option<String>,
    pub(crate) private: bool,
    /// Days for which it keeps notifications; for ever when `None`.
    pub(crate) retention_days: Option<u32>,
    pub(crate) created_at: Timestamp,
}

impl ChannelEntry {
    /// What people call it.
    pub(crate) fn label(&self) -> &str {
        self.title.as_deref().unwrap_or(self.name.as_str())
    }
}

/// An access token.
#[derive(Debug)]
pub(crate) struct TokenEntry {
    pub(crate) account: AccountId,
    pub(crate) label: String,
    pub(crate) scopes: Scopes,
    /// The only channels that it may use.
    pub(crate) channels: Option<Arc<HashSet<ChannelName>>>,
    pub(crate) expires_at: Option<Timestamp>,
    /// When it was used last, in milliseconds since 1970; 0 for never.
    used: AtomicI64,
}

impl TokenEntry {
    /// Notes that it is used now.
    pub(crate) fn note_use(&self, now: Timestamp) {
        self.used.fetch_max(now.millis(), Ordering::Relaxed);
    }
}

/// What may be done with a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Access {
    pub(crate) read: bool,
    pub(crate) write: bool,
}

/// Whoever reads or writes: an account, perhaps through a token that is bound to channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reader {
    pub(crate) account: AccountId,
    pub(crate) channels: Option<Arc<HashSet<ChannelName>>>,
}

impl Directory {
    /// Reads it from the database.
    pub(crate) async fn load(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        let mut directory = Self::default();
        directory.load_accounts(connection).await?;
        directory.load_channels(connection).await?;
        directory.load_tokens(connection).await?;
        Ok(directory)
    }

    async fn load_accounts(&mut self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let rows: Vec<(i64, String, bool, bool, i64, i64)> = sqlx::query_as(
            "SELECT id, name, admin, disabled_at IS NOT NULL, credential_version, created_at FROM account ORDER BY id",
        )
        .fetch_all(connection)
        .await?;
        for (id, name, admin, disabled, credential_version, created_at) in rows {
            let id = AccountId(id);
            let name = UserName::parse(name).map_err(StoreError::corrupt)?;
            self.account_ids
                .insert(name.as_str().to_ascii_lowercase(), id);
            self.accounts.insert(
                id,
                AccountEntry {
                    id,
                    name,
                    admin,
                    disabled,
                    credential_version,
                    created_at: Timestamp::from_millis(created_at),
                },
            );
        }
        Ok(())
    }

    async fn load_channels(&mut self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        type Columns = (i64, String, Option<String>, bool, i64, Option<u32>);
        let rows: Vec<Columns> = sqlx::query_as(
            "SELECT id, name, title, private, created_at, retention_days FROM channel",
        )
        .fetch_all(&mut *connection)
        .await?;
        for (id, name, title, private, created_at, retention_days) in rows {
            let id = ChannelId(id);
            let name = ChannelName::parse(name).map_err(StoreError::corrupt)?;
            self.channel_ids.insert(name.clone(), id);
            self.channels.insert(
                id,
                ChannelEntry {
                    id,
                    name,
                    title,
                    private,
                    created_at: Timestamp::from_millis(created_at),
                    retention_days,
                },
            );
        }
        let grants: Vec<(i64, i64, bool, bool)> =
            sqlx::query_as("SELECT channel_id, account_id, can_read, can_write FROM channel_grant")
                .fetch_all(connection)
                .await?;
        for (channel, account, read, write) in grants {
            self.grants.insert(
                (ChannelId(channel), AccountId(account)),
                Access { read, write },
            );
        }
        Ok(())
    }

    async fn load_tokens(&mut self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        type Columns = (
            i64,
            String,
            Vec<u8>,
            String,
            Option<String>,
            Option<i64>,
            Option<i64>,
        );
        let rows: Vec<Columns> = sqlx::query_as(
            "SELECT account_id, label, hash, scopes, channels, expires_at, last_used_at FROM token",
        )
        .fetch_all(connection)
        .await?;
        for (account, label, hash, scopes, channels, expires_at, used) in rows {
            let hash =
                SecretHash::from_column(&hash).ok_or_else(|| StoreError::corrupt("token hash"))?;
            let channels = channels
                .map(|json| serde_json::from_str(&json))
                .transpose()
                .map_err(StoreError::corrupt)?;
            let entry = TokenEntry {
                account: AccountId(account),
                label,
                scopes: scopes.parse().map_err(StoreError::corrupt)?,
                channels: channels.map(Arc::new),
                expires_at: expires_at.map(Timestamp::from_millis),
                used: AtomicI64::new(used.unwrap_or(0)),
            };
            self.tokens.insert(hash, Arc::new(entry));
        }
        Ok(())
    }

    /// The account, unless it is disabled.
    pub(crate) fn account(&self, id: AccountId) -> Option<&AccountEntry> {
        self.accounts.get(&id).filter(|account| !account.disabled)
    }

    /// The account of this name, in any case, unless it is disabled.
    pub(crate) fn account_named(&self, name: &UserName) -> Option<&AccountEntry> {
        self.account(*self.account_ids.get(&name.as_str().to_ascii_lowercase())?)
    }

    /// Every account, also disabled ones, by name.
    pub(crate) fn accounts(&self) -> Vec<&AccountEntry> {
        let mut accounts: Vec<_> = self.accounts.values().collect();
        accounts.sort_by(|a, b| a.name.cmp(&b.name));
        accounts
    }

    /// Whether there is any account.
    pub(crate) fn has_accounts(&self) -> bool {
        !self.accounts.is_empty()
    }

    /// The token with this hash, unless its account is disabled or it has expired at `now`.
    pub(crate) fn token(&self, hash: &SecretHash, now: Timestamp) -> Option<&Arc<TokenEntry>> {
        let token = self.tokens.get(hash)?;
        let current = token.expires_at.is_none_or(|end| now < end);
        self.account(token.account)
            .filter(|_| current)
            .map(|_| token)
    }

    /// Takes over when `before`, which this directory follows, saw tokens used.
    pub(crate) fn remember_uses(&self, before: &Self) {
        for (hash, token) in &self.tokens {
            if let Some(earlier) = before.tokens.get(hash) {
                token.note_use(Timestamp::from_millis(earlier.used.load(Ordering::Relaxed)));
            }
        }
    }

    /// The tokens that were used since `since`, and when they were last.
    pub(crate) fn uses(&self, since: Timestamp) -> Vec<(SecretHash, Timestamp)> {
        let uses = self.tokens.iter().map(|(hash, token)| {
            let used = Timestamp::from_millis(token.used.load(Ordering::Relaxed));
            (*hash, used)
        });
        uses.filter(|(_, used)| *used >= since).collect()
    }

    /// What was granted for a channel, by name of the account.
    pub(crate) fn grants(&self, channel: ChannelId) -> Vec<(UserName, Access)> {
        let granted = self.grants.iter().filter(|((of, _), _)| *of == channel);
        let mut grants: Vec<_> = granted
            .filter_map(|((_, account), access)| {
                Some((self.accounts.get(account)?.name.clone(), *access))
            })
            .collect();
        grants.sort_by(|a, b| a.0.cmp(&b.0));
        grants
    }

    /// What the owner of the token with this hash called it.
    pub(crate) fn token_label(&self, hash: &SecretHash) -> Option<&str> {
        self.tokens.get(hash).map(|token| token.label.as_str())
    }

    /// When a token ends by itself.
    pub(crate) fn token_ends_at(&self, hash: &SecretHash) -> Option<Timestamp> {
        self.tokens.get(hash)?.expires_at
    }

    /// The channel of this name.
    pub(crate) fn channel_named(&self, name: &ChannelName) -> Option<&ChannelEntry> {
        self.channels.get(self.channel_ids.get(name)?)
    }

    /// The channel with this id.
    pub(crate) fn channel(&self, id: ChannelId) -> Option<&ChannelEntry> {
        self.channels.get(&id)
    }

    /// The name of a channel.
    pub(crate) fn channel_name(&self, id: ChannelId) -> Option<&ChannelName> {
        self.channels.get(&id).map(|channel| &channel.name)
    }

    /// Every channel, by name.
    pub(crate) fn channels(&self) -> Vec<&ChannelEntry> {
        let mut channels: Vec<_> = self.channels.values().collect();
        channels.sort_by(|a, b| a.name.cmp(&b.name));
        channels
    }

    /// What `reader` may do with a channel. A public one is open to every account, a private one to those who were
    /// granted it, administrators included (contract, section 2).
    pub(crate) fn access(&self, reader: &Reader, channel: ChannelId) -> Access {
        let Some(entry) = self.channels.get(&channel) else {
            return Access::default();
        };
        let bound_elsewhere = reader
            .channels
            .as_ref()
            .is_some_and(|names| !names.contains(&entry.name));
        if bound_elsewhere || self.account(reader.account).is_none() {
            return Access::default();
        }
        if entry.private {
            return self
                .grants
                .get(&(channel, reader.account))
                .copied()
                .unwrap_or_default();
        }
        Access {
            read: true,
            write: true,
        }
    }

    /// Whether `reader` may see an event now.
    pub(crate) fn may_see(&self, reader: &Reader, event: &NewEvent) -> bool {
        let addressed = event
            .audience
            .as_ref()
            .is_none_or(|accounts| accounts.contains(&reader.account));
        addressed && (self.access(reader, event.channel).read || self.is_farewell(reader, event))
    }

    /// Whether an event tells those who are named in it that a notification went with its channel: nobody may read that
    /// channel any more, and a deletion holds nothing but an id.
    fn is_farewell(&self, reader: &Reader, event: &NewEvent) -> bool {
        event.kind == EventKind::Deleted
            && event.audience.is_some()
            && !self.channels.contains_key(&event.channel)
            && reader.channels.is_none()
            && self.account(reader.account).is_some()
    }

    /// The accounts that may read a channel.
    pub(crate) fn readers(&self, channel: ChannelId) -> Vec<AccountId> {
        let reader = |account: &AccountEntry| Reader {
            account: account.id,
            channels: None,
        };
        let mut accounts: Vec<_> = self.accounts.values().collect();
        accounts.retain(|account| self.access(&reader(account), channel).read);
        accounts.iter().map(|account| account.id).collect()
    }

    /// The channels that `reader` may read.
    pub(crate) fn readable(&self, reader: &Reader) -> Vec<ChannelId> {
        let mut ids: Vec<_> = self
            .channels
            .keys()
            .copied()
            .filter(|id| self.access(reader, *id).read)
            .collect();
        ids.sort_unstable();
        ids
    }

    /// What was granted to `reader` explicitly, by channel.
    pub(crate) fn granted(&self, reader: &Reader) -> Vec<(ChannelId, Access)> {
        if self.grants.is_empty() {
            return Vec::new();
        }
        let private = self.channels.values().filter(|channel| channel.private);
        let mut granted: Vec<_> = private
            .map(|channel| (channel.id, self.access(reader, channel.id)))
            .collect();
        granted.retain(|(_, access)| *access != Access::default());
        granted.sort_unstable_by_key(|(id, _)| *id);
        granted
    }
}
