//! The truth about the connection: a light that is always there, and a banner when there is something to say.

use crate::{
    desk::{Live, Notice},
    live::LinkState,
    text,
};
use leptos::prelude::*;

/// The light.
pub(crate) fn light(live: Live) -> impl IntoView {
    let state = live.source.state;
    view! {
        <p class="light" data-link=move || name(state.get())>
            <i></i>
            <span>{move || word(state.get())}</span>
        </p>
    }
}

/// The banner, which is empty while all is well.
pub(crate) fn banner(live: Live) -> impl IntoView {
    move || {
        let (kind, words, retry) = match live.notice.get() {
            Notice::None => return None,
            Notice::Waiting(0) => {
                let words = format!("{} {}", text::LOST, text::RECONNECTING_NOW);
                ("waiting", words, None)
            }
            Notice::Waiting(seconds) => {
                let words = format!("{} {}", text::LOST, text::reconnecting_in(seconds));
                ("waiting", words, Some(text::RETRY_NOW))
            }
            Notice::Restored(missed) => ("restored", text::back_online(missed), None),
            Notice::Offline => {
                let words = text::YOU_ARE_OFFLINE.to_owned();
                ("offline", words, Some(text::RETRY_NOW))
            }
            Notice::SignedOut => ("signed-out", text::YOU_ARE_SIGNED_OUT.to_owned(), None),
            Notice::Closed => {
                let words = text::STREAM_CLOSED.to_owned();
                ("closed", words, Some(text::RECONNECT))
            }
        };
        let retry = retry.map(|label| {
            view! { <button class="button" on:click=move |_| live.source.retry()>{label}</button> }
        });
        let sign_in = (kind == "signed-out").then(sign_in);
        Some(view! {
            <div class="banner" data-notice=kind>
                <span>{words}</span>
                {retry}
                {sign_in}
            </div>
        })
    }
}

fn sign_in() -> impl IntoView {
    let path = location().pathname().unwrap_or_default();
    let next = String::from(js_sys::encode_uri_component(&path));
    view! { <a class="button" href=format!("/login?next={next}") rel="external">{text::SIGN_IN_AGAIN}</a> }
}

fn name(state: LinkState) -> &'static str {
    match state {
        LinkState::Connecting => "connecting",
        LinkState::Open => "open",
        LinkState::Waiting { .. } => "waiting",
        LinkState::Offline => "offline",
        LinkState::SignedOut => "signed-out",
        LinkState::Closed => "closed",
    }
}

fn word(state: LinkState) -> &'static str {
    match state {
        LinkState::Connecting => text::CONNECTING,
        LinkState::Open => text::LIVE,
        LinkState::Waiting { .. } => text::RECONNECTING,
        LinkState::Offline => text::OFFLINE,
        LinkState::SignedOut => text::SIGNED_OUT,
        LinkState::Closed => text::CLOSED,
    }
}
