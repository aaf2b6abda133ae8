//! Errors as `application/problem+json` (RFC 9457; contract, section 3).

use crate::service::ServiceError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::FieldError;
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

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

/// An error as it goes over the wire (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Wire {
    /// Names the kind of problem; `code` is its last part.
    r#type: String,
    title: &'static str,
    status: u16,
    /// What is wrong and what to do.
    detail: String,
    code: &'static str,
    /// The values that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
}

/// The errors that any call may answer.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it describes what `Problem` answers")]
pub(crate) enum Refusal {
    #[response(
        status = 400,
        description = "The request cannot be read",
        content_type = "application/problem+json"
    )]
    Unreadable(Wire),
    #[response(
        status = 401,
        description = "No or bad credential",
        content_type = "application/problem+json"
    )]
    Unauthenticated(Wire),
    #[response(
        status = 403,
        description = "Not allowed",
        content_type = "application/problem+json"
    )]
    Forbidden(Wire),
    #[response(
        status = 404,
        description = "There is no such thing",
        content_type = "application/problem+json"
    )]
    NotFound(Wire),
    #[response(
        status = 409,
        description = "It contradicts what is there",
        content_type = "application/problem+json"
    )]
    Conflict(Wire),
    #[response(
        status = 413,
        description = "Too large",
        content_type = "application/problem+json"
    )]
    TooLarge(Wire),
    #[response(
        status = 415,
        description = "Not JSON",
        content_type = "application/problem+json"
    )]
    NotJson(Wire),
    #[response(
        status = 422,
        description = "A value breaks a rule",
        content_type = "application/problem+json"
    )]
    Invalid(Wire),
    #[response(
        status = 429,
        description = "Too many: see Retry-After",
        content_type = "application/problem+json"
    )]
    TooMany(Wire),
    #[response(
        status = 503,
        description = "Not now: see Retry-After",
        content_type = "application/problem+json"
    )]
    Unavailable(Wire),
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
            detail,
            code,
            errors,
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
