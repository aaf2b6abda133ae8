//! The rail: where one can go, which channels there are, whether the page is live, and who is signed in. On a phone its
//! parts become a line at the top and a bar at the bottom.

use super::{connection, hue, symbol};
use crate::{
    desk::{Desk, Live},
    place::Place,
    text,
};
use domain::{ChannelSummary, Viewer};
use leptos::{either::Either, prelude::*};

/// The rail.
pub(crate) fn rail(desk: Desk, live: Live, viewer: &Viewer) -> impl IntoView + use<> {
    let name = viewer.name.to_string();
    view! {
        <header class="rail">
            <a class="brand" href="/" on:click=move |event| desk.follow(&event, Place::Inbox)>
                {symbol("mark")}
                {text::BRAND}
            </a>
            <nav class="places" aria-label=text::NAVIGATION>
                {Place::ALL.map(|place| entry(desk, place))}
            </nav>
            <section class="channels" aria-labelledby="channels">
                <h2 id="channels">{text::CHANNELS}</h2>
                {move || channels(&desk.channels.get())}
            </section>
            {connection::light(live)}
            <form class="account" method="post" action="/logout">
                <span class="viewer">{name}</span>
                <button class="quiet" aria-label=text::SIGN_OUT title=text::SIGN_OUT>{symbol("out")}</button>
            </form>
        </header>
    }
}

fn entry(desk: Desk, place: Place) -> impl IntoView + use<> {
    let current = move || (desk.place.get() == place).then_some("page");
    let count = move || match desk.unread.get() {
        0 => String::new(),
        count => count.to_string(),
    };
    let count = (place == Place::Inbox)
        .then(|| view! { <span class="count" aria-label=text::UNREAD>{count}</span> });
    view! {
        <a href=place.path() aria-current=current on:click=move |event| desk.follow(&event, place)>
            {symbol(place.icon())}
            <span>{place.title()}</span>
            {count}
        </a>
    }
}

fn channels(channels: &[ChannelSummary]) -> impl IntoView + use<> {
    if channels.is_empty() {
        return Either::Left(view! { <p>{text::NO_CHANNELS}</p> });
    }
    let row = |channel: &ChannelSummary| {
        let lock = channel
            .private
            .then(|| view! { <span class="lock" title=text::PRIVATE>{symbol("lock")}</span> });
        view! {
            <li>
                <i class=hue(channel.name.as_str())></i>
                <bdi>{channel.title.clone().unwrap_or_else(|| channel.name.to_string())}</bdi>
                {lock}
            </li>
        }
    };
    let rows: Vec<_> = channels.iter().map(row).collect();
    Either::Right(view! { <ul>{rows}</ul> })
}
