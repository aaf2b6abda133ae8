//! The stream as a reactive hook: one handler gets every event in order, across every reconnection.
//!
//! It does what [`link`](super::link) decides and adds nothing of its own. On the server it does nothing.

use super::link::{Backoff, Input, LinkError, LinkState, Millis, Patience};
use leptos::prelude::*;

#[cfg(feature = "hydrate")]
mod browser;
/// The server's half: it takes everything and does nothing.
#[cfg(not(feature = "hydrate"))]
mod browser {
    pub(super) fn start(
        _: super::Signal<String>,
        _: super::EventSourceOptions,
        _: impl Fn(super::StreamEvent) + 'static,
        _: super::Shown,
    ) -> super::Callback<super::Ask> {
        super::Callback::new(|_| ())
    }
}

/// One event of the stream, as the browser read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamEvent {
    /// The `event:` line; `message` when there was none.
    pub name: String,
    /// The `data:` lines.
    pub data: String,
    /// The newest `id:` up to and with this event; empty before the first.
    pub id: String,
}

/// How to connect. The defaults are those of the contract's stream.
#[derive(Debug, Clone)]
pub struct EventSourceOptions {
    /// The events to listen for, besides `message`.
    pub names: &'static [&'static str],
    /// How long to wait after a failure.
    pub backoff: Backoff,
    /// A connection through which nothing came for this many milliseconds is dead.
    pub silence_ms: Millis,
    /// A connection that lasted this many milliseconds makes earlier failures forgotten.
    pub stable_ms: Millis,
    /// When the page is looked at again, a connection through which nothing came for this many milliseconds is renewed.
    pub stale_ms: Millis,
    /// What is asked when the server refuses the stream: 401 means that the session is over.
    pub session_url: &'static str,
    /// Where the first connection begins: the cursor of the list that is shown.
    pub last_event_id: Option<String>,
}

impl Default for EventSourceOptions {
    fn default() -> Self {
        Self {
            names: &domain::FeedEvent::NAMES,
            backoff: Backoff::default(),
            silence_ms: 40_000,
            stable_ms: 30_000,
            stale_ms: 20_000,
            session_url: "/api/v1/session",
            last_event_id: None,
        }
    }
}

impl EventSourceOptions {
    /// The part that [`link`](super::link) goes by.
    #[must_use]
    pub fn patience(&self) -> Patience {
        let Self {
            backoff,
            silence_ms,
            stable_ms,
            stale_ms,
            ..
        } = *self;
        Patience {
            backoff,
            silence_ms,
            stable_ms,
            stale_ms,
        }
    }
}

/// What the page asks of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ask {
    /// To take a step.
    Step(Input),
    /// To resume elsewhere.
    Cursor(String),
}

/// A stream that lives as long as the reactive owner that made it.
#[derive(Debug, Clone, Copy)]
pub struct UseEventSource {
    /// What the connection is doing.
    pub state: Signal<LinkState>,
    /// Why the last connection ended; `None` while one is open.
    pub error: Signal<Option<LinkError>>,
    /// When the open connection was opened.
    pub opened_at: Signal<Option<Millis>>,
    /// How many connections were opened so far: 2 and more means that the stream was resumed.
    pub opened: Signal<u32>,
    ask: Callback<Ask>,
}

impl UseEventSource {
    /// Connects now, whatever the state: also after [`close`](Self::close), a sign-in, or in the middle of a wait.
    pub fn open(&self) {
        self.ask.try_run(Ask::Step(Input::Start));
    }

    /// Connects now, for the button that says so. The same as [`open`](Self::open).
    pub fn retry(&self) {
        self.open();
    }

    /// Ends the stream until [`open`](Self::open).
    pub fn close(&self) {
        self.ask.try_run(Ask::Step(Input::Close));
    }

    /// Where the next connection begins. The id of every event that was handled is taken by itself, that of a `reset`
    /// included: this is for a list that was loaded anew. Called inside the handler, it replaces that event's id.
    pub fn resume_from(&self, id: impl Into<String>) {
        self.ask.try_run(Ask::Cursor(id.into()));
    }
}

/// The signals behind [`UseEventSource`].
#[derive(Clone, Copy)]
pub(crate) struct Shown {
    state: RwSignal<LinkState>,
    error: RwSignal<Option<LinkError>>,
    opened_at: RwSignal<Option<Millis>>,
    opened: RwSignal<u32>,
}

/// Follows the stream at `url`; a change of `url` reconnects. Every event goes to `on_event`, in order; when that
/// returns, the event counts as applied, and after a break the stream resumes behind the last one that was.
///
/// `on_event` runs outside the reactive graph: it may set signals, but finds no context.
pub fn use_event_source(
    url: impl Into<Signal<String>>,
    options: EventSourceOptions,
    on_event: impl Fn(StreamEvent) + 'static,
) -> UseEventSource {
    let shown = Shown {
        state: RwSignal::new(LinkState::Connecting),
        error: RwSignal::new(None),
        opened_at: RwSignal::new(None),
        opened: RwSignal::new(0),
    };
    let ask = browser::start(url.into(), options, on_event, shown);
    UseEventSource {
        state: shown.state.into(),
        error: shown.error.into(),
        opened_at: shown.opened_at.into(),
        opened: shown.opened.into(),
        ask,
    }
}

/// `url` with the cursor in its query, in place of one that is there. A new `EventSource` cannot send the header
/// `Last-Event-ID`; the parameter means the same (contract, section 4).
#[cfg(any(feature = "hydrate", test))]
fn resume_url(url: &str, cursor: &str) -> String {
    const PARAMETER: &str = "last_event_id=";
    let url = url.split_once('#').map_or(url, |(url, _)| url);
    if cursor.is_empty() {
        return url.to_owned();
    }
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut resumed = String::with_capacity(url.len() + PARAMETER.len() + cursor.len() + 1);
    resumed.push_str(path);
    resumed.push('?');
    for pair in query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with(PARAMETER))
    {
        resumed.push_str(pair);
        resumed.push('&');
    }
    resumed.push_str(PARAMETER);
    for byte in cursor.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            resumed.push(char::from(byte));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            let digit = |nibble: u8| char::from(HEX[usize::from(nibble & 15)]);
            resumed.extend(['%', digit(byte >> 4), digit(byte)]);
        }
    }
    resumed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_joins_the_query() {
        for (url, cursor, expect) in [
            ("/events", "", "/events"),
            ("/events", "7f3a-1043", "/events?last_event_id=7f3a-1043"),
            (
                "/events?channels=a,b",
                "7f3a-1",
                "/events?channels=a,b&last_event_id=7f3a-1",
            ),
            (
                "/events?last_event_id=7f3a-1&min_priority=3",
                "7f3a-2",
                "/events?min_priority=3&last_event_id=7f3a-2",
            ),
            (
                "/events?last_event_id=7f3a-1",
                "",
                "/events?last_event_id=7f3a-1",
            ),
            (
                "/events?#top",
                "a&b=ü",
                "/events?last_event_id=a%26b%3D%C3%BC",
            ),
        ] {
            assert_eq!(resume_url(url, cursor), expect);
        }
    }

    #[test]
    fn on_the_server_nothing_happens() {
        let owner = Owner::new();
        owner.with(|| {
            let options = EventSourceOptions {
                last_event_id: Some("7f3a-1".into()),
                ..EventSourceOptions::default()
            };
            let stream = use_event_source(String::from("/events"), options, |_| {
                panic!("no event comes")
            });
            stream.open();
            stream.close();
            stream.resume_from("7f3a-2");
            assert_eq!(stream.state.get_untracked(), LinkState::Connecting);
            assert_eq!(stream.opened.get_untracked(), 0);
        });
    }
}
