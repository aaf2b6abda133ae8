//! What an access token may do.

use serde::{Deserialize, Serialize};

/// One right of an access token (contract, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Scope {
    /// Post notifications and change cards.
    Publish,
    /// Read the stream, the lists and the receipts, and change the receipts.
    Subscribe,
    /// Administer what its user may administer.
    Manage,
}

/// A set of scopes; on the command line and in the database a comma list such as `publish,subscribe`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u8);

/// A word that names no scope, or no word at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no scope: give one or more of publish, subscribe, manage, separated by commas")]
pub struct ScopeError(String);

const NAMES: [(Scope, &str); 3] = [
    (Scope::Publish, "publish"),
    (Scope::Subscribe, "subscribe"),
    (Scope::Manage, "manage"),
];

impl Scopes {
    /// Every scope: what a signed-in browser has.
    pub const ALL: Self = Self(0b111);

    /// Whether `scope` is in the set.
    #[must_use]
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    /// Whether every scope of `others` is in the set.
    #[must_use]
    pub fn contains_all(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// The set with `scope` in it.
    #[must_use]
    pub fn with(self, scope: Scope) -> Self {
        Self(self.0 | (1 << scope as u8))
    }
}

impl std::str::FromStr for Scopes {
    type Err = ScopeError;
    fn from_str(text: &str) -> Result<Self, ScopeError> {
        text.split(',')
            .map(str::trim)
            .try_fold(Self::default(), |set, word| {
                match NAMES.iter().find(|(_, name)| *name == word) {
                    Some((scope, _)) => Ok(set.with(*scope)),
                    None => Err(ScopeError(word.to_owned())),
                }
            })
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = NAMES
            .iter()
            .filter(|(scope, _)| self.contains(*scope))
            .map(|(_, name)| *name);
        f.write_str(&names.collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_survives_its_text() {
        let set: Scopes = "subscribe, publish".parse().unwrap();
        assert!(
            set.contains(Scope::Publish)
                && set.contains(Scope::Subscribe)
                && !set.contains(Scope::Manage)
        );
        assert_eq!(set.to_string(), "publish,subscribe");
        assert_eq!(
            "publish,admin".parse::<Scopes>(),
            Err(ScopeError("admin".into()))
        );
        assert!("".parse::<Scopes>().is_err());
        assert_eq!(Scopes::ALL.to_string(), "publish,subscribe,manage");
    }
}
