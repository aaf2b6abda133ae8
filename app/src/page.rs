//! What the server tells a page beside its data.

use crate::text;
use domain::FieldError;

/// Given by the server in the context of every page.
#[derive(Debug, Clone, Default)]
pub struct PageContext {
    /// Where the site's files are.
    pub assets: Assets,
    /// What was wrong with the form that is answered by this page.
    pub failure: Option<FormFailure>,
    /// Whether the set-up link can still be claimed.
    pub setup_open: bool,
}

/// Paths of the built files, each with its content's hash in it. `None` when no site was built.
#[derive(Debug, Clone, Default)]
pub struct Assets {
    /// The module that loads the page's code.
    pub script: Option<String>,
    /// The page's code.
    pub wasm: Option<String>,
    /// The style sheet.
    pub style: Option<String>,
}

/// A form that was refused, and what it may be filled with again. Never a password.
#[derive(Debug, Clone)]
pub struct FormFailure {
    /// Why.
    pub error: FormError,
    /// What was typed as the name of the account.
    pub username: String,
}

/// Why the sign-in or the set-up form was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormError {
    /// Name or password do not match an account: which of the two is not told.
    WrongCredentials,
    /// Too many failed attempts.
    TooManyAttempts {
        /// When the next one is accepted.
        seconds: u64,
    },
    /// The set-up code is not the one that the server printed.
    WrongSetupCode,
    /// There is an administrator already.
    SetupClosed,
    /// Fields break a rule.
    Invalid {
        /// Which, and what is wrong.
        fields: Vec<FieldError>,
    },
    /// The form was sent from another site.
    CrossOrigin,
}

impl std::fmt::Display for FormError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::WrongCredentials => f.write_str(text::WRONG_CREDENTIALS),
            Self::TooManyAttempts { seconds } => f.write_str(&text::too_many_attempts(*seconds)),
            Self::WrongSetupCode => f.write_str(text::WRONG_SETUP_CODE),
            Self::SetupClosed => f.write_str(text::SETUP_CLOSED),
            Self::Invalid { .. } => f.write_str(text::FORM_INVALID),
            Self::CrossOrigin => f.write_str(text::CROSS_ORIGIN),
        }
    }
}

impl FormError {
    /// The status of the page that says so.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::WrongCredentials | Self::WrongSetupCode => 401,
            Self::TooManyAttempts { .. } => 429,
            Self::SetupClosed => 410,
            Self::Invalid { .. } => 422,
            Self::CrossOrigin => 403,
        }
    }

    /// What is wrong with one field, by its name in the form.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<String> {
        let Self::Invalid { fields } = self else {
            return None;
        };
        fields
            .iter()
            .find(|error| error.field == name)
            .map(|error| text::field_error(name, &error.message))
    }
}
