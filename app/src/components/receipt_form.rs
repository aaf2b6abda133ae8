//! What can be done with one notification. A form that works as it is; with the page's code running, the click is
//! answered at once and the server told behind it.

use super::symbol;
use crate::{api::SetReceipt, desk::Desk, text};
use domain::{InboxItem, NotificationId};
use leptos::{ev::MouseEvent, prelude::*};
use server_fn::ServerFn;
use wasm_bindgen::JsCast;

/// One change of a receipt, as the form sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Mark as read, or as unread.
    Read(bool),
    /// Archive, or move to the inbox.
    Archived(bool),
}

impl Deed {
    fn field(self) -> (&'static str, bool) {
        match self {
            Self::Read(value) => ("read", value),
            Self::Archived(value) => ("archived", value),
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Read(true) => ("read", text::MARK_READ),
            Self::Read(false) => ("unread", text::MARK_UNREAD),
            Self::Archived(true) => ("archive", text::TO_ARCHIVE),
            Self::Archived(false) => ("restore", text::TO_INBOX),
        }
    }
}

/// The buttons of a row.
pub(crate) fn receipt_form(desk: Desk, item: &InboxItem) -> impl IntoView + use<> {
    let id = item.notification.id.clone();
    let deeds = [
        Deed::Read(!item.receipt.read),
        Deed::Archived(!item.receipt.archived),
    ];
    view! {
        <form class="deeds" method="post" action=SetReceipt::url()>
            <input type="hidden" name="id" value=id.to_string() />
            {deeds.map(|deed| button(desk, id.clone(), deed))}
        </form>
    }
}

fn button(desk: Desk, id: NotificationId, deed: Deed) -> impl IntoView + use<> {
    let (name, value) = deed.field();
    let (icon, label) = deed.words();
    let describes = format!("t-{id}");
    let click = move |event: MouseEvent| {
        event.prevent_default();
        if matches!(deed, Deed::Archived(_)) {
            focus_neighbour(&event);
        }
        desk.act(id.clone(), deed);
    };
    view! {
        <button class="deed" name=name value=value.to_string() aria-label=label title=label aria-describedby=describes on:click=click>
            {symbol(icon)}
        </button>
    }
}

/// The row goes away: whoever used the keyboard stays at its place.
fn focus_neighbour(event: &MouseEvent) {
    let row = event.target().and_then(|target| {
        target
            .dyn_into::<web_sys::Element>()
            .ok()?
            .closest("article")
            .ok()?
    });
    let next = row.and_then(|row| {
        row.next_element_sibling()
            .or_else(|| row.previous_element_sibling())
    });
    if let Some(next) = next.and_then(|next| next.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = next.focus();
    }
}
