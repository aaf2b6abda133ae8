//! No such page.

use super::plain::{answer_with, panel};
use crate::text;
use leptos::prelude::*;

/// Says so, with the status that does.
pub(crate) fn not_found() -> impl IntoView {
    answer_with(404);
    let inside = view! {
        <p>{text::NOT_FOUND_MORE}</p>
        <a class="button primary" href="/">{text::BACK_TO_INBOX}</a>
    };
    panel(text::NOT_FOUND, inside)
}
