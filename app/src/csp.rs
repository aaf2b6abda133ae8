//! What a page may load and run. Sent as a header, because `frame-ancestors` does not count in the document.

use leptos::{nonce::use_nonce, prelude::use_context};
use leptos_axum::ResponseOptions;
use server_fn::http_export::{HeaderValue, header::CONTENT_SECURITY_POLICY};

/// The policy of a page whose own scripts carry `nonce`. What they load is trusted in turn (`strict-dynamic`); no
/// other script, no inline handler and no inline style runs. Nothing is loaded from elsewhere: an image that a
/// publisher chose would tell who reads.
fn policy(nonce: &str) -> String {
    format!(
        "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
         frame-ancestors 'none'; form-action 'self'"
    )
}

/// Puts the policy on the answer that is being rendered.
pub(crate) fn send() {
    let nonce = use_nonce()
        .map(|nonce| nonce.to_string())
        .unwrap_or_default();
    if let (Some(response), Ok(value)) = (
        use_context::<ResponseOptions>(),
        HeaderValue::from_str(&policy(&nonce)),
    ) {
        response.insert_header(CONTENT_SECURITY_POLICY, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_inline_and_nothing_foreign() {
        let policy = policy("abc");
        assert!(policy.contains("script-src 'nonce-abc' 'strict-dynamic' 'wasm-unsafe-eval';"));
        for forbidden in ["unsafe-inline", "'unsafe-eval'", "*", "http:"] {
            assert!(!policy.contains(forbidden), "{forbidden}");
        }
    }
}
