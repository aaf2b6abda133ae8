//! How a refusal reaches the page: as a status, or in the address when a form was sent without scripts.

use crate::{api::Publish, error::ApiError, text};
use domain::FieldError;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use leptos_router::location::RequestUrl;
use server_fn::{
    ServerFn,
    error::ServerFnUrlError,
    http_export::{StatusCode, header::ACCEPT, request::Parts},
};

/// Gives the answer the status of its error. A form that was sent without scripts is led back to its page instead,
/// where the error is in the address: a status would make the redirect a dead end.
pub(crate) fn answer<T>(result: Result<T, ApiError>) -> Result<T, ApiError> {
    let plain_form = use_context::<Parts>().is_some_and(|parts| {
        parts
            .headers
            .get(ACCEPT)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.contains("text/html"))
    });
    if let (Err(error), false, Some(response)) =
        (&result, plain_form, use_context::<ResponseOptions>())
    {
        response.set_status(
            StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        );
    }
    result
}

/// Why the composer's form was refused, when this page is what it was led back to.
pub(crate) fn refusal() -> Option<ApiError> {
    let url = use_context::<RequestUrl>()?.parse().ok()?;
    let params = url.search_params();
    (params.get_str("__path")? == Publish::PATH)
        .then(|| trusted(params.get_str("__err")?))
        .flatten()
}

/// Anybody can write a link that carries an error, so nothing of it is shown but which of our own errors it is.
fn trusted(encoded: &str) -> Option<ApiError> {
    match ServerFnUrlError::<ApiError>::decode_err(encoded) {
        ApiError::Invalid { fields } => {
            let known = |field: &FieldError| {
                text::COMPOSER_RULES
                    .iter()
                    .find(|(name, _)| *name == field.field)
            };
            let fields = fields.iter().filter_map(known);
            let ours = |(name, rule): &(&str, &str)| FieldError {
                field: (*name).into(),
                message: (*rule).into(),
            };
            Some(ApiError::Invalid {
                fields: fields.map(ours).collect(),
            })
        }
        ApiError::Unreachable => None,
        known @ (ApiError::SignedOut
        | ApiError::Forbidden
        | ApiError::NotFound
        | ApiError::Busy { .. }
        | ApiError::Unavailable) => Some(known),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64_free::encoded;

    #[test]
    fn a_link_cannot_put_words_into_our_mouth() {
        let forged = ApiError::Invalid {
            fields: vec![
                FieldError {
                    field: "message".into(),
                    message: "call 555-1234 to unlock".into(),
                },
                FieldError {
                    field: "evil".into(),
                    message: "x".into(),
                },
            ],
        };
        let Some(ApiError::Invalid { fields }) = trusted(&encoded(forged)) else {
            panic!("kept")
        };
        assert_eq!(fields.len(), 1);
        assert!(!fields[0].message.contains("555"));
        assert_eq!(trusted("garbage"), None);
        assert_eq!(
            trusted(&encoded(ApiError::Forbidden)),
            Some(ApiError::Forbidden)
        );
    }

    /// The address that a refused form is led to.
    mod base64_free {
        use super::*;

        pub(super) fn encoded(error: ApiError) -> String {
            let url = ServerFnUrlError::new(Publish::PATH, error)
                .to_url("http://belfry.test/")
                .unwrap();
            url.query_pairs()
                .find(|(key, _)| key == "__err")
                .unwrap()
                .1
                .into_owned()
        }
    }
}
