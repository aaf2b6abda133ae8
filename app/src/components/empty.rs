//! A list with nothing in it: nothing yet, or nothing left.

use super::symbol;
use crate::{desk::Desk, place::Place, text};
use leptos::{either::Either, prelude::*};
use std::time::Duration;

/// What stands in place of the rows.
pub(crate) fn empty(desk: Desk, viewer: &str) -> impl IntoView + use<> {
    let place = desk.place.get();
    let used = !desk.channels.with(Vec::is_empty);
    let (head, more) = match (place, used) {
        (Place::Archive, _) => (text::ARCHIVE_EMPTY, text::ARCHIVE_EMPTY_MORE),
        (Place::Inbox, true) => (text::CAUGHT_UP, text::CAUGHT_UP_MORE),
        (Place::Inbox, false) => return Either::Left(first_steps(viewer)),
    };
    Either::Right(view! {
        <div class="empty">
            <h2>{head}</h2>
            <p>{more}</p>
        </div>
    })
}

fn first_steps(viewer: &str) -> impl IntoView + use<> {
    view! {
        <div class="empty first">
            <h2>{text::NEVER_USED}</h2>
            <p>{text::NEVER_USED_MORE}</p>
            {code(text::curl("https://belfry.example", "backups"), true)}
            <p>{text::NEVER_USED_TOKEN}</p>
            {code(text::token_command(viewer), false)}
            <p class="listening"><i></i>{text::LISTENING}</p>
        </div>
    }
}

/// Lines to copy. `here` puts this server's address in place of the example once the browser knows it.
fn code(lines: String, here: bool) -> impl IntoView + use<> {
    let shown = RwSignal::new(lines);
    let copied = RwSignal::new(false);
    Effect::new(move |_| {
        if let Some(origin) = location().origin().ok().filter(|_| here) {
            shown.update(|lines| *lines = lines.replace("https://belfry.example", &origin));
        }
    });
    let lines = NodeRef::<leptos::html::Pre>::new();
    let copy = move |_| {
        // Browsers give the clipboard to secure pages alone. On others the text is selected, ready to be copied by key.
        if window().is_secure_context() {
            let _ = window()
                .navigator()
                .clipboard()
                .write_text(&shown.get_untracked());
            copied.set(true);
            set_timeout(move || copied.set(false), Duration::from_secs(2));
        } else if let (Ok(Some(selection)), Some(lines)) =
            (window().get_selection(), lines.get_untracked())
        {
            let _ = selection.select_all_children(&lines);
        }
    };
    view! {
        <div class="code">
            <pre tabindex="0" node_ref=lines>{shown}</pre>
            <button class="button" on:click=copy>
                {symbol("copy")}
                <span role="status">{move || if copied.get() { text::COPIED } else { text::COPY }}</span>
            </button>
        </div>
    }
}
