//! Channel names.

use serde::{Deserialize, Serialize};

/// The name of a channel: `^[A-Za-z0-9_-]{1,64}$` and not one of [`RESERVED_CHANNELS`] (contract, sections 3 and 5).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[A-Za-z0-9_-]{1,64}$", examples("deploys")))]
pub struct ChannelName(String);

/// Names that no channel may have, because a path of the page or of an interface begins with them
/// (contract, section 5). Compared without regard to case.
pub const RESERVED_CHANNELS: [&str; 43] = [
    "api",
    "events",
    "notify",
    "message",
    "login",
    "logout",
    "setup",
    "settings",
    "admin",
    "channels",
    "channel",
    "c",
    "n",
    "pkg",
    "assets",
    "healthz",
    "readyz",
    "metrics",
    "hooks",
    "v",
    "inbox",
    "search",
    "snoozed",
    "archive",
    "bin",
    "stats",
    "activity",
    "doctor",
    "stream",
    "application",
    "client",
    "user",
    "current",
    "version",
    "health",
    "gotifyinfo",
    "v1",
    "docs",
    "static",
    "file",
    "app",
    "account",
    "signup",
];

/// Why a text is not a channel name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChannelNameError {
    /// Empty or longer than 64 characters.
    #[error("must have 1 to 64 characters")]
    Length,
    /// A character outside `A-Z a-z 0-9 _ -`.
    #[error("may contain only letters, digits, - and _")]
    Character,
    /// One of [`RESERVED_CHANNELS`].
    #[error("\"{0}\" is reserved: choose another name")]
    Reserved(String),
}

impl ChannelName {
    /// Checks the grammar.
    ///
    /// # Errors
    /// The first rule that the text breaks.
    pub fn parse(text: impl Into<String>) -> Result<Self, ChannelNameError> {
        let text = text.into();
        if text.is_empty() || text.chars().count() > 64 {
            return Err(ChannelNameError::Length);
        }
        if !text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        {
            return Err(ChannelNameError::Character);
        }
        if RESERVED_CHANNELS
            .iter()
            .any(|reserved| reserved.eq_ignore_ascii_case(&text))
        {
            return Err(ChannelNameError::Reserved(text));
        }
        Ok(Self(text))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ChannelName {
    type Error = ChannelNameError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(text)
    }
}

impl From<ChannelName> for String {
    fn from(name: ChannelName) -> Self {
        name.0
    }
}

impl std::borrow::Borrow<str> for ChannelName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for ChannelName {
    type Err = ChannelNameError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl std::fmt::Display for ChannelName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn edges() {
        let check = |text: &str, expect: Result<(), ChannelNameError>| {
            assert_eq!(ChannelName::parse(text).map(drop), expect, "{text:?}");
        };
        check("a", Ok(()));
        check(&"x".repeat(64), Ok(()));
        check("A-b_9", Ok(()));
        check("", Err(ChannelNameError::Length));
        check(&"x".repeat(65), Err(ChannelNameError::Length));
        check("a b", Err(ChannelNameError::Character));
        check("ä", Err(ChannelNameError::Character));
        check("a/b", Err(ChannelNameError::Character));
        check("events", Err(ChannelNameError::Reserved("events".into())));
        check("Events", Err(ChannelNameError::Reserved("Events".into())));
        check("event", Ok(()));
    }

    proptest! {
        #[test]
        fn every_name_matches_the_grammar_and_survives_json(text in "\\PC{0,70}") {
            if let Ok(name) = ChannelName::parse(text.clone()) {
                prop_assert_eq!(name.as_str(), &text);
                prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
                let json = serde_json::to_string(&name).unwrap();
                prop_assert_eq!(serde_json::from_str::<ChannelName>(&json).unwrap(), name);
            }
        }
    }
}
