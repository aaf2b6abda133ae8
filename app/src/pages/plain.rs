//! What the plain pages have in common: a panel in the middle, fields, and the status of the answer.

use crate::{components::symbol, page::PageContext, text};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::Title;
use server_fn::http_export::StatusCode;

/// A page of one panel.
pub(super) fn panel(heading: &'static str, inside: impl IntoView) -> AnyView {
    view! {
        <Title text=format!("{heading} · {}", text::BRAND) />
        <main class="plain">
            <a class="brand" href="/">
                {symbol("mark")}
                {text::BRAND}
            </a>
            <div class="panel">
                <h1>{heading}</h1>
                {inside}
            </div>
        </main>
    }
    .into_any()
}

/// What the server says beside the page.
pub(super) fn context() -> PageContext {
    use_context().unwrap_or_default()
}

/// Answers with `status`.
pub(super) fn answer_with(status: u16) {
    if let (Some(response), Ok(status)) = (
        use_context::<ResponseOptions>(),
        StatusCode::from_u16(status),
    ) {
        response.set_status(status);
    }
}

/// Why the form was refused as a whole, and the status that says so.
pub(super) fn refusal(context: &PageContext) -> impl IntoView + use<> {
    context.failure.as_ref().map(|failure| {
        answer_with(failure.error.status());
        view! { <p class="refusal" role="alert">{failure.error.to_string()}</p> }
    })
}

/// A field of a plain form.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) kind: &'static str,
    pub(super) autocomplete: &'static str,
    pub(super) value: String,
    pub(super) hint: Option<&'static str>,
    pub(super) focus: bool,
}

/// A labelled input with its hint and what is wrong with it.
pub(super) fn field(context: &PageContext, field: Field) -> AnyView {
    let Field {
        name,
        label,
        kind,
        autocomplete,
        value,
        hint,
        focus,
    } = field;
    let error = context
        .failure
        .as_ref()
        .and_then(|failure| failure.error.field(name));
    let invalid = error.is_some().then_some("true");
    let value = (!value.is_empty()).then_some(value);
    view! {
        <p class="field">
            <label for=format!("f-{name}")>{label}</label>
            <input id=format!("f-{name}") name=name r#type=kind value=value autocomplete=autocomplete autocapitalize="none"
                spellcheck="false" required autofocus=focus aria-invalid=invalid aria-describedby=format!("h-{name} e-{name}") />
            <small id=format!("h-{name}")>{hint}</small>
            <span class="error" id=format!("e-{name}")>{error}</span>
        </p>
    }
    .into_any()
}
