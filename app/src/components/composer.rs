//! The composer: one line that opens to a form. The form works without scripts; with them it stays where it is, and
//! what it sent comes back over the stream like everything else.

use super::symbol;
use crate::{
    api::{self, Publish},
    desk::Desk,
    error::ApiError,
    text,
};
use domain::limits;
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use server_fn::ServerFn;
use wasm_bindgen::JsCast;

/// What the form is doing.
#[derive(Clone, Copy)]
struct State {
    refusal: RwSignal<Option<ApiError>>,
    sending: RwSignal<bool>,
    sent: RwSignal<bool>,
}

/// The composer, for `channel` unless told otherwise. `refusal` is why it was refused when it was sent without scripts.
pub(crate) fn composer(desk: Desk, channel: String, refusal: Option<ApiError>) -> impl IntoView {
    let open = refusal.is_some();
    let state = State {
        refusal: RwSignal::new(refusal),
        sending: RwSignal::new(false),
        sent: RwSignal::new(false),
    };
    let names = move || {
        let channels = desk
            .channels
            .get()
            .into_iter()
            .filter(|channel| channel.writable);
        channels
            .map(|channel| view! { <option value=channel.name.to_string()></option> })
            .collect::<Vec<_>>()
    };
    let label = move || {
        if state.sending.get() {
            text::SENDING
        } else {
            text::SEND
        }
    };
    view! {
        <details class="composer" open=open>
            <summary>
                {symbol("plus")}
                {text::COMPOSE}
            </summary>
            <form method="post" action=Publish::url() on:submit=move |event| submit(&event, state)>
                <p class="field half">
                    <label for="f-channel">{text::CHANNEL}</label>
                    <input id="f-channel" name="channel" list="channel-names" value=channel required maxlength="64"
                        autocomplete="off" autocapitalize="none" spellcheck="false"
                        aria-describedby="e-channel" aria-invalid=move || invalid(state, "channel") />
                    <datalist id="channel-names">{names}</datalist>
                    {error(state, "channel")}
                </p>
                <p class="field half">
                    <label for="f-priority">{text::PRIORITY}</label>
                    <select id="f-priority" name="priority" aria-describedby="e-priority">
                        {text::PRIORITIES.map(|(value, name)| {
                            view! { <option value=value.to_string() selected=value == 3>{name}</option> }
                        })}
                    </select>
                    {error(state, "priority")}
                </p>
                <p class="field">
                    <label for="f-title">{text::TITLE} " " <small>{text::OPTIONAL}</small></label>
                    <input id="f-title" name="title" dir="auto" autocomplete="off" maxlength=limits::TITLE_CHARS.to_string()
                        aria-describedby="e-title" aria-invalid=move || invalid(state, "title") />
                    {error(state, "title")}
                </p>
                <p class="field">
                    <label for="f-message">{text::MESSAGE}</label>
                    <textarea id="f-message" name="message" dir="auto" rows="3"
                        aria-describedby="e-message" aria-invalid=move || invalid(state, "message")></textarea>
                    {error(state, "message")}
                </p>
                <p class="send">
                    <button class="button primary" aria-disabled=move || state.sending.get().to_string()>{label}</button>
                    <output>{move || state.sent.get().then_some(text::SENT)}</output>
                    <span class="error" role="alert">{move || general(state)}</span>
                </p>
            </form>
        </details>
    }
}

fn submit(event: &SubmitEvent, state: State) {
    event.prevent_default();
    let form = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::HtmlFormElement>().ok());
    let Some(form) = form.filter(|_| !state.sending.get_untracked()) else {
        return;
    };
    let Ok(data) = web_sys::FormData::new_with_form(&form) else {
        return;
    };
    let value = move |name: &str| data.get(name).as_string();
    state.sending.set(true);
    state.sent.set(false);
    spawn_local(async move {
        let priority = value("priority").and_then(|text| text.parse().ok());
        let channel = value("channel").unwrap_or_default();
        let answer = api::publish(
            channel.trim().to_owned(),
            value("title"),
            value("message"),
            priority,
            None,
        )
        .await;
        state.sending.set(false);
        state.sent.set(answer.is_ok());
        if answer.is_ok() {
            clear();
        }
        state.refusal.set(answer.err());
    });
}

/// Empties what was sent and keeps where it was sent to: the next one often goes there too.
fn clear() {
    let find = |id| document().get_element_by_id(id);
    if let Some(title) =
        find("f-title").and_then(|element| element.dyn_into::<web_sys::HtmlInputElement>().ok())
    {
        title.set_value("");
    }
    if let Some(message) = find("f-message")
        .and_then(|element| element.dyn_into::<web_sys::HtmlTextAreaElement>().ok())
    {
        message.set_value("");
        let _ = message.focus();
    }
}

fn problem(state: State, name: &str) -> Option<String> {
    state.refusal.with(|refusal| {
        let Some(ApiError::Invalid { fields }) = refusal else {
            return None;
        };
        fields
            .iter()
            .find(|error| error.field == name)
            .map(|error| text::field_error(name, &error.message))
    })
}

fn invalid(state: State, name: &'static str) -> Option<&'static str> {
    problem(state, name).map(|_| "true")
}

fn error(state: State, name: &'static str) -> impl IntoView {
    view! { <span class="error" id=format!("e-{name}")>{move || problem(state, name)}</span> }
}

/// What is wrong with none of the fields that are shown.
fn general(state: State) -> Option<String> {
    let shown = |field: &str| ["channel", "priority", "title", "message"].contains(&field);
    state.refusal.with(|refusal| match refusal {
        Some(ApiError::Invalid { fields }) => {
            let others = fields
                .iter()
                .filter(|error| !shown(&error.field))
                .map(|error| text::field_error(&error.field, &error.message));
            let others: Vec<_> = others.collect();
            Some(if fields.is_empty() {
                text::FORM_INVALID.to_owned()
            } else {
                others.join(" ")
            })
        }
        other => other.as_ref().map(ToString::to_string),
    })
}
