//! The state of the signed-in page, and what can be done to it. Views read its signals and call its verbs; nothing
//! else changes it.

mod ask;
mod deeds;
mod live;
mod notice;
mod order;
mod travel;

pub(crate) use deeds::Trouble;
pub(crate) use live::Live;
pub(crate) use notice::Notice;

use crate::{live::Feed, page_data::PageData, place::Place};
use ask::Asked;
use domain::{ChannelSummary, InboxItem, NotificationId, Seq, Timestamp};
use leptos::prelude::*;
use std::{collections::HashMap, time::Duration};
use wasm_bindgen::JsCast;

/// A row of the list. Its signal changes only when its own notification does.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) id: NotificationId,
    /// Place in the log when the row was put down: rows are ordered by it.
    placed: Seq,
    pub(crate) item: ArcRwSignal<InboxItem>,
    /// Whether it arrived while the page was open.
    pub(crate) fresh: bool,
}

/// The state. Copying it copies handles.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Desk {
    /// Which list is shown.
    pub(crate) place: RwSignal<Place>,
    /// Its rows, newest first.
    pub(crate) rows: RwSignal<Vec<Row>>,
    /// How many notifications wait above the list.
    pub(crate) waiting: RwSignal<usize>,
    /// Unread notifications in the inbox.
    pub(crate) unread: RwSignal<u64>,
    /// The `before` of the next older page.
    pub(crate) next: RwSignal<Option<Seq>>,
    /// Whether a page of the list is under way.
    pub(crate) busy: RwSignal<bool>,
    /// The server's clock, in steps of a minute; `None` until the browser has taken over.
    pub(crate) now: RwSignal<Option<Timestamp>>,
    /// Changes that the server refused.
    pub(crate) troubles: RwSignal<Vec<Trouble>>,
    /// What the status region says.
    pub(crate) said: RwSignal<String>,
    /// The channels that can be read.
    pub(crate) channels: RwSignal<Vec<ChannelSummary>>,
    feed: StoredValue<Feed>,
    drawing: StoredValue<bool>,
    asked_list: StoredValue<Asked>,
    asked_count: StoredValue<Asked>,
    /// Where the reader is going: what was asked for another place comes too late.
    bound: StoredValue<Place>,
}

impl Desk {
    /// The state that a page begins with.
    pub(crate) fn new(data: PageData) -> Self {
        let feed = Feed::new(data.snapshot, data.place.list());
        let place = |item: &InboxItem| Row::new(item, false);
        Self {
            place: RwSignal::new(data.place),
            rows: RwSignal::new(feed.items().iter().map(place).collect()),
            waiting: RwSignal::new(0),
            unread: RwSignal::new(feed.unread()),
            next: RwSignal::new(feed.next()),
            busy: RwSignal::new(false),
            now: RwSignal::new(None),
            troubles: RwSignal::new(Vec::new()),
            said: RwSignal::new(String::new()),
            channels: RwSignal::new(data.channels),
            feed: StoredValue::new(feed),
            drawing: StoredValue::new(false),
            asked_list: StoredValue::default(),
            asked_count: StoredValue::default(),
            bound: StoredValue::new(data.place),
        }
    }

    /// Shows what waits above the list, everything in its newest order.
    pub(crate) fn reveal(self) {
        self.draw(true);
        window().scroll_to_with_x_and_y(0.0, 0.0);
        focus("#list > :first-child");
    }

    /// Draws once before the next frame, however many events come until then. A hidden tab has no frames.
    fn draw_soon(self) {
        if self.drawing.get_value() {
            return;
        }
        self.drawing.set_value(true);
        let draw = move || {
            self.drawing.set_value(false);
            self.draw(false);
        };
        if document().hidden() {
            set_timeout(draw, Duration::from_millis(250));
        } else {
            request_animation_frame(draw);
        }
    }

    /// Brings the rows up to the feed. `anew` puts every row where it belongs now; otherwise none moves.
    fn draw(self, anew: bool) {
        let Some((list, unread, next)) = self
            .feed
            .try_with_value(|feed| (feed.items().to_vec(), feed.unread(), feed.next()))
        else {
            return;
        };
        let shown = self.rows.get_untracked();
        let placed: Vec<_> = shown
            .iter()
            .filter(|_| !anew)
            .map(|row| (row.id.clone(), row.placed))
            .collect();
        let ids: Vec<_> = list
            .iter()
            .map(|item| (item.notification.id.clone(), item.notification.seq))
            .collect();
        let top = placed.iter().map(|(_, seq)| *seq).max();
        let (order, waiting) = order::merge(&placed, &ids, anew || at_rest());
        let mut shown: HashMap<_, _> = shown.into_iter().map(|row| (row.id.clone(), row)).collect();
        let mut items: HashMap<_, _> = list
            .into_iter()
            .map(|item| (item.notification.id.clone(), item))
            .collect();
        let rows = order.into_iter().filter_map(|(id, placed)| {
            let item = items.remove(&id)?;
            Some(match shown.remove(&id) {
                Some(row) => row.updated(item, placed),
                None => Row::new(&item, top.is_some_and(|top| placed > top)),
            })
        });
        let rows: Vec<_> = rows.collect();
        let same = self.rows.with_untracked(|old| {
            old.iter()
                .map(|row| &row.id)
                .eq(rows.iter().map(|row| &row.id))
        });
        if !same || anew {
            self.rows.set(rows);
        }
        change(self.waiting, waiting);
        change(self.unread, unread);
        change(self.next, next);
    }
}

impl Row {
    fn new(item: &InboxItem, fresh: bool) -> Self {
        let notification = &item.notification;
        Self {
            id: notification.id.clone(),
            placed: notification.seq,
            item: ArcRwSignal::new(item.clone()),
            fresh,
        }
    }

    fn updated(mut self, item: InboxItem, placed: Seq) -> Self {
        if self.item.with_untracked(|old| *old != item) {
            self.item.set(item);
        }
        self.placed = placed;
        self
    }
}

/// Sets a signal only when that changes it.
fn change<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|old| *old != value) {
        signal.set(value);
    }
}

/// Whether rows may be put in above the others: the list is at its top, no key has been used to go into it, and the
/// pointer is not about to press something in it.
fn at_rest() -> bool {
    let busy = document()
        .query_selector("#list :focus-visible, #list .deeds:hover")
        .ok()
        .flatten();
    busy.is_none() && window().scroll_y().is_ok_and(|y| y < 8.0)
}

/// Moves the focus to the first element that `selector` finds.
fn focus(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
    {
        let _ = element.focus();
    }
}
