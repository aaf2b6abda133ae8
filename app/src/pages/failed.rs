//! The signed-in page when the server could not gather what it shows.

use super::plain::{answer_with, panel};
use crate::{error::ApiError, text};
use leptos::prelude::*;

/// Says what failed and what to do.
pub(crate) fn failed(error: &ApiError) -> impl IntoView + use<> {
    answer_with(error.status());
    let signed_out = *error == ApiError::SignedOut;
    let (href, label) = if signed_out {
        ("/login", text::SIGN_IN)
    } else {
        ("", text::REFRESH)
    };
    let inside = view! {
        <p>{error.to_string()}</p>
        <a class="button primary" href=href>{label}</a>
    };
    panel(text::FAILED, inside)
}
