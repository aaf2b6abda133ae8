//! The browser's half: an `EventSource`, a timer, a request and the page's own events, each reported to the link.

use super::{Ask, EventSourceOptions, Shown, StreamEvent, resume_url};
use crate::live::link::{Command, Generation, Input, Link, Millis, Probe};
use gloo_net::http::Request;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventSource, EventTarget, MessageEvent, RequestCache};

const WINDOW: [&str; 4] = ["online", "offline", "pagehide", "pageshow"];
const DOCUMENT: [&str; 3] = ["visibilitychange", "freeze", "resume"];

pub(super) fn start(
    url: Signal<String>,
    options: EventSourceOptions,
    on_event: impl Fn(StreamEvent) + 'static,
    shown: Shown,
) -> Callback<Ask> {
    let browser = StoredValue::new_local(Browser::new(options, Box::new(on_event), shown));
    // Dropping it closes everything. A cleanup runs while the owner's other values still live.
    on_cleanup(move || {
        if let Some(browser) = browser.try_get_value() {
            browser.dismantle();
        }
    });
    Effect::new(move |_| {
        let url = url.get();
        let Some(browser) = browser.try_get_value() else {
            return;
        };
        if browser.url.replace(Some(url.clone())).as_ref() != Some(&url) {
            browser.step(Input::Start);
        }
    });
    Callback::new(move |ask| {
        let Some(browser) = browser.try_get_value() else {
            return;
        };
        match ask {
            Ask::Step(input) => browser.step(input),
            Ask::Cursor(cursor) => browser.resume_from(cursor),
        }
    })
}

struct Browser {
    link: RefCell<Link>,
    /// `None` before hydration: until then nothing is opened.
    url: RefCell<Option<String>>,
    cursor: RefCell<String>,
    /// Counts the cursors that the page set.
    replaced: Cell<u32>,
    source: RefCell<Option<(Generation, EventSource)>>,
    timer: Cell<Option<i32>>,
    options: EventSourceOptions,
    on_event: Box<dyn Fn(StreamEvent)>,
    shown: Shown,
    heard: Closure<dyn FnMut(Event)>,
    paged: Closure<dyn FnMut(Event)>,
    ticked: Closure<dyn FnMut()>,
}

impl Browser {
    fn new(
        options: EventSourceOptions,
        on_event: Box<dyn Fn(StreamEvent)>,
        shown: Shown,
    ) -> Rc<Self> {
        let browser = Rc::new_cyclic(|this: &Weak<Self>| Self {
            link: RefCell::new(Link::new(options.patience())),
            url: RefCell::new(None),
            cursor: RefCell::new(options.last_event_id.clone().unwrap_or_default()),
            replaced: Cell::new(0),
            source: RefCell::new(None),
            timer: Cell::new(None),
            options,
            on_event,
            shown,
            heard: listener(this, Self::hear),
            paged: listener(this, Self::page),
            ticked: {
                let this = this.clone();
                Closure::new(move || {
                    if let Some(this) = this.upgrade() {
                        this.timer.set(None);
                        this.step(Input::Tick);
                    }
                })
            },
        });
        for (target, name) in page_events() {
            let _ = target
                .add_event_listener_with_callback(name, browser.paged.as_ref().unchecked_ref());
        }
        browser
    }

    /// Takes a step and does what it says. No borrow is held while the page's own code runs.
    fn step(self: &Rc<Self>, input: Input) {
        if self.url.borrow().is_none() {
            return;
        }
        let todo = self
            .link
            .borrow_mut()
            .step(input, now(), js_sys::Math::random());
        for command in todo {
            match command {
                Command::Close => self.close(),
                Command::Open(generation) => self.open(generation),
                Command::Probe(generation) => self.probe(generation),
                Command::Wake(at) => self.wake(at),
                Command::Sleep => self.sleep(),
            }
        }
        let link = self.link.borrow();
        let (state, error, opened_at, opened) =
            (link.state(), link.error(), link.opened_at(), link.opened());
        drop(link);
        show(self.shown.opened, opened);
        show(self.shown.opened_at, opened_at);
        show(self.shown.error, error);
        show(self.shown.state, state);
    }

    fn resume_from(&self, cursor: String) {
        self.replaced.set(self.replaced.get().wrapping_add(1));
        self.cursor.replace(cursor);
    }

    fn open(&self, generation: Generation) {
        let url = self
            .url
            .borrow()
            .as_deref()
            .map(|url| resume_url(url, &self.cursor.borrow()));
        // An address that is none cannot be opened; the link's timer turns that into a failure.
        let Some(Ok(source)) = url.map(|url| EventSource::new(&url)) else {
            return;
        };
        let callback = self.heard.as_ref().unchecked_ref();
        // One listener for all names: events of different names keep their order.
        for name in ["open", "error", "message"]
            .iter()
            .chain(self.options.names)
        {
            let _ = source.add_event_listener_with_callback(name, callback);
        }
        self.source.replace(Some((generation, source)));
    }

    fn close(&self) {
        if let Some((_, source)) = self.source.take() {
            source.close();
        }
    }

    fn hear(self: &Rc<Self>, event: Event) {
        let target = event.target();
        let generation = self
            .source
            .borrow()
            .as_ref()
            .and_then(|(generation, source)| {
                let own: &EventTarget = source;
                (target.as_ref() == Some(own)).then(|| (*generation, source.ready_state()))
            });
        // A source that was superseded has nothing to say.
        let Some((generation, ready)) = generation else {
            return;
        };
        // The server may name an event `error` or `open`: those carry a message, the browser's own do not.
        let Some(message) = event.dyn_ref::<MessageEvent>() else {
            let opened = event.type_() == "open";
            let closed = ready == EventSource::CLOSED;
            self.step(match (opened, closed) {
                (true, _) => Input::Opened(generation),
                (false, true) => Input::Failed(generation),
                (false, false) => Input::Broken(generation),
            });
            return;
        };
        self.step(Input::Event(generation));
        let id = message.last_event_id();
        let data = message.data().as_string().unwrap_or_default();
        let replaced = self.replaced.get();
        (self.on_event)(StreamEvent {
            name: message.type_(),
            data,
            id: id.clone(),
        });
        if !id.is_empty() && self.replaced.get() == replaced {
            self.cursor.replace(id);
        }
    }

    fn page(self: &Rc<Self>, event: Event) {
        self.step(match event.type_().as_str() {
            "online" => Input::Online,
            "offline" => Input::Offline,
            "pagehide" | "freeze" => Input::Hidden,
            "visibilitychange" if document().hidden() => return,
            _ => Input::Shown,
        });
    }

    fn probe(self: &Rc<Self>, generation: Generation) {
        let this = Rc::downgrade(self);
        let request = Request::get(self.options.session_url)
            .cache(RequestCache::NoStore)
            .send();
        leptos::task::spawn_local(async move {
            let probe = match request.await {
                Ok(answer) => {
                    let after = answer
                        .headers()
                        .get("retry-after")
                        .and_then(|value| retry_after(&value));
                    Probe::Answered(answer.status(), after)
                }
                Err(_) => Probe::Unreachable,
            };
            if let Some(this) = this.upgrade() {
                this.step(Input::Probed(generation, probe));
            }
        });
    }

    fn wake(&self, at: Millis) {
        self.sleep();
        let delay = i32::try_from(at.saturating_sub(now())).unwrap_or(i32::MAX);
        let callback = self.ticked.as_ref().unchecked_ref();
        self.timer.set(
            window()
                .set_timeout_with_callback_and_timeout_and_arguments_0(callback, delay)
                .ok(),
        );
    }

    fn sleep(&self) {
        if let Some(timer) = self.timer.take() {
            window().clear_timeout_with_handle(timer);
        }
    }

    fn dismantle(&self) {
        self.url.replace(None);
        self.close();
        self.sleep();
        for (target, name) in page_events() {
            let _ = target
                .remove_event_listener_with_callback(name, self.paged.as_ref().unchecked_ref());
        }
    }
}

fn page_events() -> impl Iterator<Item = (EventTarget, &'static str)> {
    let on_window = WINDOW.into_iter().map(|name| (window().into(), name));
    on_window.chain(DOCUMENT.into_iter().map(|name| (document().into(), name)))
}

/// A listener that keeps nothing alive.
fn listener(this: &Weak<Browser>, then: fn(&Rc<Browser>, Event)) -> Closure<dyn FnMut(Event)> {
    let this = this.clone();
    Closure::new(move |event| {
        if let Some(this) = this.upgrade() {
            then(&this, event);
        }
    })
}

/// Sets a signal that may be gone, and only when it changes.
fn show<T: Copy + PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.try_get_untracked().is_some_and(|old| old != value) {
        signal.try_set(value);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole milliseconds since 1970"
)]
fn now() -> Millis {
    js_sys::Date::now() as Millis
}

/// `Retry-After` in milliseconds: seconds, or a date (RFC 9110, 10.2.3).
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float is saturated, never wrapped"
)]
fn retry_after(value: &str) -> Option<Millis> {
    if let Ok(seconds) = value.trim().parse::<u64>() {
        return Some(seconds.saturating_mul(1_000));
    }
    let date = js_sys::Date::parse(value);
    date.is_finite()
        .then(|| (date as Millis).saturating_sub(now()))
}
