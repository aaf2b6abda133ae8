//! The first account. The code is in the address's fragment, which no server sees: a script moves it into the form.

use super::plain::{Field, answer_with, context, field, panel, refusal};
use crate::{page::FormError, text};
use leptos::{nonce::use_nonce, prelude::*};

/// Fills the code in and takes it out of the address. It is kept for this tab until it was wrong, so that a password
/// which is too short does not cost the link.
const FILL: &str = "
const field = document.getElementById('f-code');
const code = new URLSearchParams(location.hash.slice(1)).get('k');
if (code) {
  sessionStorage.setItem('setup', code);
  history.replaceState(null, '', location.pathname);
}
const kept = sessionStorage.getItem('setup');
if (kept && !('wrong' in field.form.dataset)) {
  field.value = kept;
  field.parentElement.hidden = true;
} else if (kept) {
  sessionStorage.removeItem('setup');
}
";

/// The form, or that it is too late for it.
pub(crate) fn setup() -> AnyView {
    let context = context();
    if !context.setup_open {
        answer_with(410);
        let closed = view! {
            <p>{text::SETUP_CLOSED}</p>
            <a class="button primary" href="/login">{text::SIGN_IN}</a>
        };
        return panel(text::SET_UP, closed);
    }
    let failure = context.failure.as_ref();
    let wrong = failure.is_some_and(|failure| failure.error == FormError::WrongSetupCode);
    let username = failure
        .map(|failure| failure.username.clone())
        .unwrap_or_default();
    let text_field = |name, label, autocomplete, value, hint, focus| Field {
        name,
        label,
        kind: "text",
        autocomplete,
        value,
        hint,
        focus,
    };
    let code = text_field(
        "code",
        text::SET_UP_CODE,
        "off",
        String::new(),
        Some(text::SET_UP_CODE_MORE),
        wrong,
    );
    let name = text_field(
        "username",
        text::USER_NAME,
        "username",
        username,
        None,
        !wrong,
    );
    let password = Field {
        kind: "password",
        ..text_field(
            "password",
            text::PASSWORD,
            "new-password",
            String::new(),
            Some(text::PASSWORD_RULE),
            false,
        )
    };
    let inside = view! {
        <p>{text::SET_UP_MORE}</p>
        {refusal(&context)}
        <form method="post" action="/setup" data-wrong=wrong.then_some("")>
            {field(&context, code)}
            {field(&context, name)}
            {field(&context, password)}
            <button class="button primary">{text::CREATE_ACCOUNT}</button>
        </form>
        <script nonce=use_nonce() inner_html=FILL></script>
    };
    panel(text::SET_UP, inside)
}
