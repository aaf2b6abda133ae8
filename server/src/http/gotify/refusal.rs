//! Error answers, in Gotify's form (`model/error.go`).

use crate::http::json::Unread;
use crate::service::ServiceError;
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// An error answer.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    description: String,
    retry_after: Option<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    error: &'static str,
    error_code: u16,
    error_description: String,
}

impl Refusal {
    /// An error with this status; `description` says what is wrong.
    pub(super) fn new(status: StatusCode, description: impl Into<String>) -> Self {
        Self {
            status,
            description: description.into(),
            retry_after: None,
        }
    }

    /// 400.
    pub(super) fn bad(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, description)
    }

    /// 403, in Gotify's words.
    pub(super) fn forbidden() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "you are not allowed to access this api",
        )
    }

    /// 404.
    pub(super) fn not_found(description: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, description)
    }

    fn later(status: StatusCode, seconds: u64, description: String) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(status, description)
        }
    }
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        let description = error.to_string();
        match error {
            ServiceError::Unauthenticated | ServiceError::WrongCredentials => Self::new(
                StatusCode::UNAUTHORIZED,
                "you need to provide a valid access token or user credentials to access this api",
            ),
            ServiceError::Forbidden(_)
            | ServiceError::WrongSetupCode
            | ServiceError::SetupClosed => Self::forbidden(),
            ServiceError::NotFound(_) => Self::not_found(description),
            ServiceError::Conflict(_) | ServiceError::Invalid { .. } => Self::bad(description),
            ServiceError::TooMany { seconds } => {
                Self::later(StatusCode::TOO_MANY_REQUESTS, seconds, description)
            }
            ServiceError::Busy { seconds } => {
                Self::later(StatusCode::SERVICE_UNAVAILABLE, seconds, description)
            }
            ServiceError::Unavailable => {
                Self::later(StatusCode::SERVICE_UNAVAILABLE, 5, description)
            }
        }
    }
}

impl From<Unread> for Refusal {
    fn from(error: Unread) -> Self {
        Self::new(error.status(), error.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let wire = Wire {
            error: self.status.canonical_reason().unwrap_or_default(),
            error_code: self.status.as_u16(),
            error_description: self.description,
        };
        let mut response = (self.status, Json(wire)).into_response();
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
