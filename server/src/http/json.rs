//! JSON bodies, with the contract's answer for each way in which one can be wrong.

use super::problem::Problem;
use crate::service::publish::Once;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use domain::{FieldError, Object};
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;

/// The largest body of a request. The largest message, with every character escaped, fits.
pub(crate) const BODY_BYTES: usize = 512 << 10;

/// A JSON object.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        parse(&body(request).await?).map(Self)
    }
}

/// A JSON object, and the `Idempotency-Key` that came with it.
pub(crate) struct JsonOnce<T>(pub(crate) T, pub(crate) Option<Once>);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for JsonOnce<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let key = request.headers().get("idempotency-key").cloned();
        let body = body(request).await?;
        // What is not ASCII is refused with the rest that is not printable.
        let once = key.map(|key| Once::new(key.to_str().unwrap_or_default(), &body));
        Ok(Self(parse(&body)?, once.transpose()?))
    }
}

async fn body(request: Request) -> Result<Bytes, Problem> {
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(is_json) {
        let detail = "The body must be JSON: send the header Content-Type: application/json";
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_json",
            "Not JSON",
            detail,
        ));
    }
    Ok(whole(request.into_body()).await?)
}

/// Whether a media type is one of JSON.
pub(super) fn is_json(content_type: &str) -> bool {
    let media = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"))
}

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unread {
    /// It is larger than [`BODY_BYTES`].
    #[error("The body is larger than {BODY_BYTES} bytes")]
    TooLarge,
    /// The connection broke, or stood still.
    #[error("The body did not arrive whole")]
    Incomplete,
}

impl Unread {
    /// 413 or 400.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Incomplete => StatusCode::BAD_REQUEST,
        }
    }
}

impl From<Unread> for Problem {
    fn from(error: Unread) -> Self {
        let (code, title) = match error {
            Unread::TooLarge => ("too_large", "Too large"),
            Unread::Incomplete => ("incomplete", "Incomplete"),
        };
        Self::new(error.status(), code, title, error.to_string())
    }
}

/// The body of a request, whatever it is.
///
/// # Errors
/// See [`Unread`].
pub(super) async fn whole(body: Body) -> Result<Bytes, Unread> {
    let body = to_bytes(body, BODY_BYTES).await;
    body.map_err(|error| {
        let first: &(dyn std::error::Error + 'static) = &error;
        let mut causes = std::iter::successors(Some(first), |cause| cause.source());
        if causes.any(|cause| cause.is::<LengthLimitError>()) {
            Unread::TooLarge
        } else {
            Unread::Incomplete
        }
    })
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let Object(value) = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (field, error) = (error.path().to_string(), error.into_inner());
        if error.is_data() {
            wrong_type(field, &error)
        } else {
            not_json(&error)
        }
    })?;
    json.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

fn not_json(error: &serde_json::Error) -> Problem {
    let detail = format!("The body is not JSON: {error}");
    let problem = Problem::new(StatusCode::BAD_REQUEST, "invalid_json", "Not JSON", detail);
    problem.with_errors(vec![FieldError {
        field: String::new(),
        message: error.to_string(),
    }])
}

fn wrong_type(field: String, error: &serde_json::Error) -> Problem {
    let field = if field == "." { String::new() } else { field };
    let message = rule(&error.to_string());
    Problem::invalid(vec![FieldError { field, message }])
}

/// The rule that a value broke, from serde's text for programmers: `invalid type: string "x", expected u8 at line 1`.
fn rule(text: &str) -> String {
    // Both are looked for from the end: before them stands what the sender wrote. The field says better where it is.
    let text = text.rsplit_once(" at line ").map_or(text, |(rule, _)| rule);
    match text.rsplit_once(", expected ") {
        Some((found, known)) if found.starts_with("unknown field ") => {
            format!("is unknown: must be {known}")
        }
        Some((_, "i64" | "u64" | "u32" | "u8")) => "must be a whole number".to_owned(),
        Some((_, "a sequence")) => "must be a list".to_owned(),
        Some((_, expected)) => format!("must be {expected}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::rule;

    #[test]
    fn a_wrong_type_is_told_as_a_rule() {
        for (text, expect) in [
            (
                "invalid type: string \"x\", expected i64 at line 1 column 9",
                "must be a whole number",
            ),
            (
                "invalid type: integer `1`, expected a string at line 1 column 2",
                "must be a string",
            ),
            ("invalid type: map, expected a sequence", "must be a list"),
            (
                "invalid type: null, expected an object",
                "must be an object",
            ),
            (
                "missing field `label` at line 1 column 3",
                "missing field `label`",
            ),
            (
                "unknown field `reed`, expected one of `seen`, `read` at line 1 column 7",
                "is unknown: must be one of `seen`, `read`",
            ),
            (
                "invalid type: string \"a at line 1, expected u8\", expected i64 at line 1 column 9",
                "must be a whole number",
            ),
        ] {
            assert_eq!(rule(text), expect);
        }
    }
}
