//! Names of accounts, and passwords before they are hashed.

use crate::text::check_line;
use serde::{Deserialize, Serialize};

/// The name of an account: 1 to 64 of letters, digits and `. _ - @`, the first a letter or digit. Two names that differ
/// only in case are the same account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$", examples("ada")))]
pub struct UserName(String);

/// Why a text is no user name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to 64 letters, digits or . _ - @, and begin with a letter or digit")]
pub struct UserNameError;

impl UserName {
    /// Checks the grammar.
    ///
    /// # Errors
    /// When the text breaks it.
    pub fn parse(text: impl Into<String>) -> Result<Self, UserNameError> {
        let text = text.into();
        let first = text
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphanumeric());
        let rest = text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-@".contains(&b));
        if first && rest && text.len() <= 64 {
            Ok(Self(text))
        } else {
            Err(UserNameError)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for UserName {
    type Error = UserNameError;
    fn try_from(text: String) -> Result<Self, UserNameError> {
        Self::parse(text)
    }
}

impl From<UserName> for String {
    fn from(name: UserName) -> Self {
        name.0
    }
}

impl std::str::FromStr for UserName {
    type Err = UserNameError;
    fn from_str(text: &str) -> Result<Self, UserNameError> {
        Self::parse(text)
    }
}

impl std::fmt::Display for UserName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A password of 8 to 256 characters (contract, section 2). It prints as `Password(…)` only.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Why a text cannot be a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than 8 or more than 256 characters.
    #[error("must have 8 to 256 characters")]
    Length,
    /// A control character, which no keyboard types.
    #[error("must not contain control characters")]
    Character,
}

impl Password {
    /// Checks the length.
    ///
    /// # Errors
    /// When it is outside 8 to 256 characters or holds a control character.
    pub fn parse(text: impl Into<String>) -> Result<Self, PasswordError> {
        let text = text.into();
        if !(8..=256).contains(&text.chars().count()) {
            return Err(PasswordError::Length);
        }
        check_line(&text).map_err(|_| PasswordError::Character)?;
        Ok(Self(text))
    }

    /// The text, for hashing.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["a", "Ada.L-1_x@home", &"x".repeat(64)] {
            assert!(UserName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", ".a", "a b", "ä", "a/b", "a\n", &"x".repeat(65)] {
            assert!(UserName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn passwords_are_measured_in_characters_and_never_printed() {
        assert_eq!(Password::parse("1234567"), Err(PasswordError::Length));
        assert!(Password::parse("ä".repeat(256)).is_ok());
        assert_eq!(Password::parse("ä".repeat(257)), Err(PasswordError::Length));
        assert_eq!(Password::parse("1234567\0"), Err(PasswordError::Character));
        assert_eq!(
            format!("{:?}", Password::parse("correct horse").unwrap()),
            "Password(…)"
        );
    }
}
