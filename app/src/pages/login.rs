//! Sign-in.

use super::plain::{Field, context, field, panel, refusal};
use crate::text;
use leptos::prelude::*;
use leptos_router::location::RequestUrl;

/// The form. The server answers it, and on failure renders this page again.
pub(crate) fn login() -> impl IntoView {
    let context = context();
    let username = context
        .failure
        .as_ref()
        .map(|failure| failure.username.clone())
        .unwrap_or_default();
    let known = !username.is_empty();
    let name = Field {
        name: "username",
        label: text::USER_NAME,
        kind: "text",
        autocomplete: "username",
        value: username,
        hint: None,
        focus: !known,
    };
    let password = Field {
        name: "password",
        label: text::PASSWORD,
        kind: "password",
        autocomplete: "current-password",
        value: String::new(),
        hint: None,
        focus: known,
    };
    let set_up = context
        .setup_open
        .then(|| view! { <p class="note">{text::NEED_SET_UP}</p> });
    panel(
        text::SIGN_IN_TITLE,
        view! {
            {set_up}
            {refusal(&context)}
            <form method="post" action="/login">
                <input type="hidden" name="next" value=next() />
                {field(&context, name)}
                {field(&context, password)}
                <button class="button primary">{text::SIGN_IN}</button>
            </form>
        },
    )
}

/// Where to go after signing in: a path of this site, from the address.
fn next() -> String {
    let url = use_context::<RequestUrl>().and_then(|url| url.parse().ok());
    url.and_then(|url| url.search_params().get("next").filter(|path| local(path)))
        .unwrap_or_else(|| "/".to_owned())
}

/// Whether a browser would stay on this site: `//host` and `/\host` lead elsewhere.
fn local(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn next_stays_here() {
        for good in ["/", "/archive", "/n/abc?x=1#y"] {
            assert!(local(good), "{good}");
        }
        for bad in [
            "",
            "archive",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
        ] {
            assert!(!local(bad), "{bad:?}");
        }
    }
}
