//! The root of the page: which view answers which address.

use leptos::prelude::*;

/// The root on the server: one view for each address, every one complete in the first answer.
#[cfg(feature = "ssr")]
#[component]
pub fn App() -> impl IntoView {
    use crate::{pages, place::Place};
    use leptos_router::{
        SsrMode, StaticSegment,
        components::{FlatRoutes, Route, Router},
    };
    leptos_meta::provide_meta_context();
    let inbox = || pages::dashboard::load(Place::Inbox);
    let archive = || pages::dashboard::load(Place::Archive);
    view! {
        <Router>
            <FlatRoutes fallback=pages::not_found::not_found>
                <Route path=StaticSegment("") view=inbox ssr=SsrMode::Async />
                <Route path=StaticSegment("archive") view=archive ssr=SsrMode::Async />
                <Route path=StaticSegment("login") view=pages::login::login ssr=SsrMode::Async />
                <Route path=StaticSegment("setup") view=pages::setup::setup ssr=SsrMode::Async />
            </FlatRoutes>
        </Router>
    }
}

/// The root in the browser: takes over the signed-in page that the server rendered. It has no router of its own; every
/// address of the signed-in page is a [`Place`](crate::place::Place) of one list.
#[cfg(not(feature = "ssr"))]
#[component]
pub fn App() -> impl IntoView {
    crate::page_data::PageData::embedded().map(crate::pages::dashboard::dashboard)
}
