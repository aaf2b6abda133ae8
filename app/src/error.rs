//! Everything that a browser may learn of a failure.

use domain::FieldError;
use serde::{Deserialize, Serialize};
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

/// Why the server did not do what the page asked. It never carries internals: what went wrong inside is in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum ApiError {
    /// Nobody is signed in, or not any more.
    #[error("You are signed out. Sign in again.")]
    SignedOut,
    /// The account may not do this.
    #[error("You may not do this.")]
    Forbidden,
    /// There is no such thing, or not for this account.
    #[error("This does not exist, or you may not see it.")]
    NotFound,
    /// Fields break a rule.
    #[error("{}", join(fields))]
    Invalid {
        /// Which, and what is wrong.
        fields: Vec<FieldError>,
    },
    /// Too much at once.
    #[error("The server is busy. Try again in {seconds} s.")]
    Busy {
        /// When to try again.
        seconds: u64,
    },
    /// The server failed; its log says why.
    #[error("The server could not do this. Try again; its log says what is wrong.")]
    Unavailable,
    /// The server was not reached, or answered something else.
    #[error("The server cannot be reached. Check the connection and try again.")]
    Unreachable,
}

fn join(fields: &[FieldError]) -> String {
    fields
        .iter()
        .map(|error| format!("{} {}", error.field, error.message))
        .collect::<Vec<_>>()
        .join("; ")
}

impl ApiError {
    /// The status of the answer that carries this error.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::SignedOut => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Invalid { .. } => 422,
            Self::Busy { .. } => 503,
            Self::Unavailable => 500,
            Self::Unreachable => 502,
        }
    }
}

impl FromServerFnError for ApiError {
    type Encoder = server_fn::codec::JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_)
            | ServerFnErrorErr::Response(_)
            | ServerFnErrorErr::Deserialization(_) => Self::Unreachable,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Self::Invalid { fields: Vec::new() }
            }
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::Serialization(_) => Self::Unavailable,
        }
    }
}
