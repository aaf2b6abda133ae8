//! The signed-in page.

use crate::{
    components::{composer::composer, connection, list::list, rail::rail},
    desk::Desk,
    page_data::PageData,
    text,
};
use leptos::prelude::*;

/// The page, from its data: the same on the server and when the browser takes over.
pub(crate) fn dashboard(data: PageData) -> impl IntoView + use<> {
    let (viewer, refusal, channel) = (
        data.viewer.clone(),
        data.refusal.clone(),
        data.default_channel(),
    );
    let (cursor, now) = (data.snapshot.cursor.clone(), data.now);
    let (older, path) = (data.before.is_some(), data.place.path());
    let desk = Desk::new(data);
    let live = desk.go_live(&cursor, now);
    view! {
        <div class="desk">
            <a class="skip" href="#list">{text::SKIP}</a>
            {rail(desk, live, &viewer)}
            <main>
                <div class="bar">
                    <h1 tabindex="-1">{move || desk.place.get().title()}</h1>
                    <span class="sum">{move || text::unread(desk.unread.get())}</span>
                </div>
                {connection::banner(live)}
                <p class="spoken" role="status">{desk.said}</p>
                <noscript>
                    <p class="banner" data-notice="offline">
                        {text::NO_SCRIPT} <a class="button" href="">{text::REFRESH}</a>
                    </p>
                </noscript>
                {composer(desk, channel, refusal)}
                {older.then(|| view! { <a class="button older" href=path rel="external">{text::TO_NEWEST}</a> })}
                {list(desk, &viewer)}
            </main>
        </div>
    }
}

/// The page on the server: its data, what is made of it, and the data again for the browser.
#[cfg(feature = "ssr")]
pub(crate) fn load(place: crate::place::Place) -> impl IntoView {
    use crate::page_data::ELEMENT;
    use leptos::either::Either;
    use leptos_meta::Title;
    Suspend::new(async move {
        match PageData::load(place).await {
            Ok(data) => {
                let json = data.json();
                let title = text::page_title(data.snapshot.unread.count, place.title());
                let script = view! { <script id=ELEMENT r#type="application/json" inner_html=json></script> };
                Either::Left((dashboard(data), script, view! { <Title text=title /> }))
            }
            Err(error) => Either::Right(super::failed::failed(&error)),
        }
    })
}
