//! Keys of rows, one type each, so that none is taken for another.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub(crate) struct $name(pub(crate) i64);
    };
}

row_id!(
    /// An account.
    AccountId
);
row_id!(
    /// A channel.
    ChannelId
);
row_id!(
    /// An access token.
    TokenId
);

/// The SHA-256 of a secret: what the database holds in its place. The secrets are random and long, so no salt is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SecretHash(pub(crate) [u8; 32]);

impl SecretHash {
    /// Hashes a secret.
    pub(crate) fn of(secret: impl AsRef<[u8]>) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// Reads a column.
    pub(crate) fn from_column(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }
}
