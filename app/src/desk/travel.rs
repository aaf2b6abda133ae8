//! From list to list, and further down one, without leaving the page: the stream goes on.

use super::{Desk, focus};
use crate::{api, live::Outcome, place::Place};
use leptos::{ev, prelude::*, task::spawn_local};
use wasm_bindgen::JsValue;

impl Desk {
    /// Follows a link to a place. The browser does it instead when the reader asked for a new tab.
    pub(crate) fn follow(self, event: &ev::MouseEvent, place: Place) {
        let plain = event.button() == 0
            && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        if plain {
            event.prevent_default();
            self.go(place, true);
        }
    }

    /// Shows another list; `leave_trace` makes it an entry of the browser's history.
    pub(crate) fn go(self, place: Place, leave_trace: bool) {
        self.busy.set(true);
        self.bound.set_value(place);
        spawn_local(async move {
            let Ok(snapshot) = api::list(place.list(), None).await else {
                let _ = location().assign(place.path());
                return;
            };
            if self.bound.get_value() != place {
                return;
            }
            let outcome = self
                .feed
                .try_update_value(|feed| feed.switch(place.list(), snapshot));
            if leave_trace && let Ok(history) = window().history() {
                let _ = history.push_state_with_url(&JsValue::NULL, "", Some(place.path()));
            }
            self.troubles.set(Vec::new());
            self.rows.set(Vec::new());
            self.place.set(place);
            self.draw(true);
            self.heed(outcome.unwrap_or(Outcome::Nothing));
            self.busy.set(false);
            window().scroll_to_with_x_and_y(0.0, 0.0);
            focus("h1");
        });
    }

    /// Goes where the browser's back and forward buttons lead.
    pub(super) fn heed_history(self) {
        let handle = window_event_listener(ev::popstate, move |_| {
            let path = location().pathname().unwrap_or_default();
            match Place::at(&path) {
                Some(place) => self.go(place, false),
                None => drop(location().reload()),
            }
        });
        on_cleanup(move || handle.remove());
    }

    /// Adds the next older page.
    pub(crate) fn load_older(self) {
        let Some(before) = self.next.get_untracked() else {
            return;
        };
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        let place = self.bound.get_value();
        spawn_local(async move {
            match api::list(place.list(), Some(before)).await {
                _ if self.bound.get_value() != place => return,
                Ok(page) => {
                    let outcome = self.feed.try_update_value(|feed| feed.extend(before, page));
                    self.heed(outcome.unwrap_or(Outcome::Nothing));
                }
                Err(error) => self.said.set(error.to_string()),
            }
            self.busy.set(false);
            self.draw(false);
        });
    }
}
