//! Errors in ntfy's words. Clients take the body apart and fail on a key that they do not know.

use crate::service::ServiceError;
use crate::service::files::FileError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::borrow::Cow;

/// An error answer. Nothing is stored when one is sent.
#[derive(Debug, Clone, Serialize)]
pub(in crate::http) struct Refusal {
    /// ntfy's number for it.
    code: u32,
    http: u16,
    error: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'static str>,
    #[serde(skip)]
    retry_after: Option<u64>,
}

const AUTH: &str = "https://ntfy.sh/docs/publish/#authentication";
const DELAY: &str = "https://ntfy.sh/docs/publish/#scheduled-delivery";
const LIMITS: &str = "https://ntfy.sh/docs/publish/#limitations";
const TEMPLATES: &str = "https://ntfy.sh/docs/publish/#message-templating";

macro_rules! refusals {
    ($($name:ident = $code:literal, $error:literal, $link:expr;)+) => {
        impl Refusal {
            $(pub(super) const $name: Self = Self {
                code: $code,
                http: ($code / 100) as u16,
                error: Cow::Borrowed($error),
                link: $link,
                retry_after: None,
            };)+
        }
    };
}

refusals! {
    DELAY_WITHOUT_CACHE = 40002, "cannot disable cache for delayed message", None;
    DELAY_UNREADABLE = 40004, "invalid delay parameter: unable to parse delay", Some(DELAY);
    DELAY_TOO_SMALL = 40005, "invalid delay parameter: too small, please refer to the docs", Some(DELAY);
    DELAY_TOO_LARGE = 40006, "invalid delay parameter: too large, please refer to the docs", Some(DELAY);
    PRIORITY = 40007, "invalid priority parameter", Some("https://ntfy.sh/docs/publish/#message-priority");
    SINCE = 40008, "invalid since parameter", Some("https://ntfy.sh/docs/subscribe/api/#fetch-cached-messages");
    TOPIC = 40009, "invalid request: topic invalid", None;
    TOPIC_RESERVED = 40010, "invalid request: topic name is not allowed", None;
    NOT_UTF8 = 40011, "invalid message: message must be UTF-8 encoded", None;
    ATTACH_URL = 40013, "invalid request: attachment URL is invalid", Some("https://ntfy.sh/docs/publish/#attachments");
    NO_WEBSOCKET = 40016, "invalid request: client not using the websocket protocol", Some("https://ntfy.sh/docs/subscribe/api/#websockets");
    MESSAGE_JSON = 40017, "invalid request: request body must be message JSON", Some("https://ntfy.sh/docs/publish/#publish-as-json");
    ICON_URL = 40021, "invalid request: icon URL is invalid", Some("https://ntfy.sh/docs/publish/#icons");
    JSON = 40024, "invalid request: request body must be valid JSON", None;
    TEMPLATE_NOT_JSON = 40042, "invalid request: message body must be JSON if templating is enabled", Some(TEMPLATES);
    TEMPLATE = 40043, "invalid request: could not parse template", Some(TEMPLATES);
    TEMPLATE_UNKNOWN = 40047, "invalid request: template file not found", Some(TEMPLATES);
    SEQUENCE_ID = 40049, "invalid request: sequence ID invalid", None;
    INCOMPLETE = 40000, "invalid request: the body did not arrive whole", None;
    UNAUTHORIZED = 40101, "unauthorized", Some(AUTH);
    FORBIDDEN = 40301, "forbidden", Some(AUTH);
    NOT_FOUND = 40401, "page not found", None;
    TOO_LARGE = 41301, "attachment too large, or bandwidth limit reached", Some(LIMITS);
    JSON_TOO_LARGE = 41303, "JSON body too large", None;
    REQUESTS = 42901, "limit reached: too many requests, please be nice", Some(LIMITS);
    SUBSCRIPTIONS = 42903, "limit reached: too many active subscriptions, please be nice", Some(LIMITS);
    SIGN_INS = 42909, "limit reached: too many auth failures", Some(LIMITS);
    INTERNAL = 50001, "internal server error", None;
    BUSY = 50301, "the server is busy", None;
}

impl Refusal {
    /// The same with what is wrong.
    pub(super) fn because(self, detail: impl std::fmt::Display) -> Self {
        let error = Cow::Owned(format!("{}, {detail}", self.error));
        Self { error, ..self }
    }

    /// The same with when to come back.
    pub(super) fn after(self, seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
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

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Unauthenticated | ServiceError::WrongCredentials => Self::UNAUTHORIZED,
            ServiceError::Forbidden(detail) => Self::FORBIDDEN.because(detail),
            ServiceError::WrongSetupCode | ServiceError::SetupClosed => Self::FORBIDDEN,
            ServiceError::NotFound(_) => Self::NOT_FOUND,
            ServiceError::Conflict(detail) => Self {
                code: 40900,
                http: 409,
                error: detail.into(),
                link: None,
                retry_after: None,
            },
            ServiceError::Invalid { .. } => Self {
                code: 40000,
                http: 400,
                error: format!("invalid request: {error}").into(),
                link: None,
                retry_after: None,
            },
            ServiceError::TooMany { seconds } => Self::REQUESTS.after(seconds),
            ServiceError::Busy { seconds } => Self::BUSY.after(seconds),
            ServiceError::Unavailable => Self::BUSY.after(5),
        }
    }
}

impl From<FileError> for Refusal {
    fn from(error: FileError) -> Self {
        match error {
            FileError::TooLarge => Self::TOO_LARGE,
            FileError::Disk(error) => {
                tracing::error!(%error, "a file was not kept");
                Self::INTERNAL
            }
        }
    }
}
