//! The list: what waits above it, its rows, and the way to older ones.

use super::{card::card, empty};
use crate::{
    desk::{Desk, Trouble},
    text,
};
use domain::Viewer;
use leptos::prelude::*;

/// The list.
pub(crate) fn list(desk: Desk, viewer: &Viewer) -> impl IntoView + use<> {
    let viewer = viewer.name.to_string();
    // A feed without articles is none to a screen reader.
    let role = move || (!desk.rows.with(Vec::is_empty)).then_some("feed");
    let empty = move || {
        let nothing = desk.rows.with(Vec::is_empty) && desk.waiting.get() == 0;
        nothing.then(|| empty::empty(desk, &viewer))
    };
    view! {
        <div class="waiting">{move || pill(desk)}</div>
        <section id="list" class="list" role=role aria-label=text::FEED tabindex="-1" aria-busy=move || desk.busy.get().to_string()>
            <For each=move || desk.rows.get() key=|row| row.id.to_string() children=move |row| card(desk, row) />
        </section>
        {empty}
        {move || older(desk)}
    }
}

fn pill(desk: Desk) -> Option<impl IntoView> {
    let count = desk.waiting.get();
    (count > 0).then(|| view! { <button class="pill" on:click=move |_| desk.reveal()>{text::new_above(count)}</button> })
}

/// A link that needs no script; with one, the rows are added to these.
fn older(desk: Desk) -> Option<impl IntoView> {
    let before = desk.next.get()?;
    let label = if desk.busy.get() {
        text::LOADING
    } else {
        text::LOAD_OLDER
    };
    let click = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        desk.load_older();
    };
    Some(
        view! { <a class="button older" href=format!("?before={before}") on:click=click>{label}</a> },
    )
}

/// Why a change of this row was taken back.
pub(crate) fn trouble(desk: Desk, trouble: Trouble) -> impl IntoView + use<> {
    let Trouble { id, deed, error } = trouble;
    view! {
        <p class="trouble" role="alert">
            <span>{error.to_string()}</span>
            <button class="button" on:click=move |_| desk.act(id.clone(), deed)>{text::RETRY}</button>
        </p>
    }
}
