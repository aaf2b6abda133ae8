//! Why a use case was not done.

use crate::live::writer::WriteError;
use crate::store::StoreError;
use app::error::ApiError;
use domain::FieldError;

/// Why a use case was not done. Doors turn it into their own words: a problem, an [`ApiError`], a line on a terminal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ServiceError {
    /// Nobody is signed in, or the credential is not good.
    #[error("sign in, or send an access token that is good")]
    Unauthenticated,
    /// The account or its credential may not do this; the text says what it would need.
    #[error("{0}")]
    Forbidden(&'static str),
    /// There is no such thing, or not for this account.
    #[error("there is no {0} of this name, or it is not yours to see")]
    NotFound(&'static str),
    /// Something is there already.
    #[error("{0}")]
    Conflict(String),
    /// Values that break a rule.
    #[error("{}", fields.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid {
        /// Which, and what is wrong.
        fields: Vec<FieldError>,
    },
    /// The name or the password is wrong: which of the two is nobody's business.
    #[error("the name or the password is wrong")]
    WrongCredentials,
    /// The set-up code is wrong.
    #[error("the set-up code is wrong: use the newest link that the server printed")]
    WrongSetupCode,
    /// There is an account already.
    #[error("this server is set up already: sign in")]
    SetupClosed,
    /// Too much in too short a time.
    #[error("too many attempts: try again in {seconds} s")]
    TooMany {
        /// When to try again.
        seconds: u64,
    },
    /// More waits to be written than may.
    #[error("the server is busy: try again in {seconds} s")]
    Busy {
        /// When to try again.
        seconds: u64,
    },
    /// The database failed, or the server is stopping. The log says more.
    #[error("the server cannot do this now; its log says why")]
    Unavailable,
}

impl ServiceError {
    /// One value that breaks a rule.
    pub(crate) fn invalid(field: &str, message: impl std::fmt::Display) -> Self {
        Self::Invalid {
            fields: vec![FieldError {
                field: field.to_owned(),
                message: message.to_string(),
            }],
        }
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a request failed because of the database");
        Self::Unavailable
    }
}

impl From<WriteError> for ServiceError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Busy => Self::Busy { seconds: 1 },
            WriteError::Failed | WriteError::Closed => Self::Unavailable,
        }
    }
}

impl From<ServiceError> for ApiError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Unauthenticated | ServiceError::WrongCredentials => Self::SignedOut,
            ServiceError::Forbidden(_)
            | ServiceError::WrongSetupCode
            | ServiceError::SetupClosed => Self::Forbidden,
            ServiceError::NotFound(_) => Self::NotFound,
            ServiceError::Conflict(message) => Self::Invalid {
                fields: vec![FieldError {
                    field: "name".to_owned(),
                    message,
                }],
            },
            ServiceError::Invalid { fields } => Self::Invalid { fields },
            ServiceError::TooMany { seconds } | ServiceError::Busy { seconds } => {
                Self::Busy { seconds }
            }
            ServiceError::Unavailable => Self::Unavailable,
        }
    }
}
