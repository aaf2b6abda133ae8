//! Errors as `application/problem+json` (RFC 9457; contract, section 3).

use crate::service::ServiceError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::FieldError;
use serde::Serialize;

/// An error answer. Nothing is stored when one is sent.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    title: &'static str,
    status: StatusCode,
    detail: String,
    code: &'static str,
    errors: Vec<FieldError>,
    retry_after: Option<u64>,
}

/// As it goes over the wire.
#[derive(Serialize)]
struct Wire<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

impl Problem {
    /// A problem of a kind; `detail` says what is wrong and what to do.
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            title,
            status,
            detail: detail.into(),
            code,
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// 401.
    pub(crate) fn unauthenticated() -> Self {
        let detail = "Sign in, or send an access token: Authorization: Bearer bf_…";
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "No or bad credential",
            detail,
        )
    }

    /// 403.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Not allowed", detail)
    }

    /// 404.
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "Not found", detail)
    }

    /// 422.
    pub(crate) fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = errors
            .iter()
            .map(|error| format!("{} {}", error.field, error.message));
        let detail = detail.collect::<Vec<_>>().join("; ");
        let problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "A value breaks a rule",
            detail,
        );
        Self { errors, ..problem }
    }

    /// 422 for one field.
    pub(crate) fn invalid_field(field: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError {
            field: field.to_owned(),
            message: message.into(),
        }])
    }

    /// The same with the values that are wrong.
    pub(crate) fn with_errors(self, errors: Vec<FieldError>) -> Self {
        Self { errors, ..self }
    }

    /// 429.
    pub(crate) fn too_many(seconds: u64, detail: impl Into<String>) -> Self {
        let problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many",
            "Too many",
            detail,
        );
        Self {
            retry_after: Some(seconds),
            ..problem
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self {
            title,
            status,
            detail,
            code,
            errors,
            retry_after,
        } = self;
        let wire = Wire {
            r#type: format!("urn:belfry:problem:{code}"),
            title,
            status: status.as_u16(),
            detail: &detail,
            code,
            errors: &errors,
        };
        let mut response = (status, Json(wire)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"belfry\""),
            );
        }
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        let detail = error.to_string();
        match error {
            ServiceError::Unauthenticated | ServiceError::WrongCredentials => {
                Self::unauthenticated()
            }
            ServiceError::Forbidden(_) | ServiceError::WrongSetupCode => Self::forbidden(detail),
            ServiceError::NotFound(_) => Self::not_found(detail),
            ServiceError::Conflict(_) => {
                Self::new(StatusCode::CONFLICT, "conflict", "There already", detail)
            }
            ServiceError::SetupClosed => {
                Self::new(StatusCode::GONE, "setup_closed", "Set up already", detail)
            }
            ServiceError::Invalid { fields } => Self::invalid(fields),
            ServiceError::TooMany { seconds } => Self::too_many(seconds, detail),
            ServiceError::Busy { seconds } => {
                let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "Busy", detail);
                Self {
                    retry_after: Some(seconds),
                    ..problem
                }
            }
            ServiceError::Unavailable => {
                let problem = Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "Not available",
                    detail,
                );
                Self {
                    retry_after: Some(5),
                    ..problem
                }
            }
        }
    }
}
