//! What the stream's connection does next. It owns every decision and knows no browser, no clock and no chance: the
//! time and a random number come with each input.

mod backoff;
mod machine;
#[cfg(test)]
mod tests;

pub use backoff::{Backoff, Patience};
pub use machine::Link;

/// Milliseconds since 1970 by the browser's clock, as `Date.now()` counts them.
pub type Millis = u64;

/// What the connection is doing, as a person may be told (ux.md, 3.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// Under way: a connection is being made, or the server is asked why there is none.
    Connecting,
    /// Events arrive.
    Open,
    /// The connection was lost, and the next attempt is made at `until`.
    Waiting {
        /// When. It does not move while the state lasts, so a countdown to it is true.
        until: Millis,
    },
    /// The browser has no network. Left when it has, or when the page is looked at again.
    Offline,
    /// The session is over: nothing is tried until somebody asks.
    SignedOut,
    /// Closed by the page, or given up after [`Backoff::max_attempts`].
    Closed,
}

/// Why the last connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkError {
    /// The server was not reached, or the connection broke.
    Network,
    /// The connection stood, but nothing came through it for too long.
    Silence,
    /// The server answered requests, but not this one.
    Refused,
    /// The server said why, with this HTTP status.
    Status(u16),
}

impl std::fmt::Display for LinkError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Network => f.write_str("The server cannot be reached."),
            Self::Silence => f.write_str("The server fell silent."),
            Self::Refused => f.write_str("The server refused the live connection."),
            Self::Status(401) => f.write_str("You are signed out."),
            Self::Status(429 | 503) => f.write_str("The server is busy."),
            Self::Status(status) => write!(f, "The server answered {status}."),
        }
    }
}

/// Names one connection or question, so that what is heard of an earlier one is not taken for news of the present one.
pub type Generation = u32;

/// Something that happened. The browser's half reports all of it and judges nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Somebody asks for a connection now: at the start, with another address, or with a button.
    Start,
    /// The source was opened.
    Opened(Generation),
    /// Something came through the source, heartbeats included.
    Event(Generation),
    /// The source broke, and the browser would try again by itself (`readyState` CONNECTING).
    Broken(Generation),
    /// The source failed for good (`readyState` CLOSED): no network error, but an answer that is no stream.
    Failed(Generation),
    /// What became of [`Command::Probe`].
    Probed(Generation, Probe),
    /// The browser has a network.
    Online,
    /// The browser has none.
    Offline,
    /// The page came to the front, or left the back/forward cache.
    Shown,
    /// The page is left, or goes into the back/forward cache, or is frozen.
    Hidden,
    /// The timer of [`Command::Wake`] went off; early and late is all right.
    Tick,
    /// The page wants no stream any more.
    Close,
}

/// What the session endpoint answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// A status, and the `Retry-After` that came with it, in milliseconds.
    Answered(u16, Option<Millis>),
    /// Nothing.
    Unreachable,
}

/// What to do, in the order given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Close the source. What it still says belongs to no generation any more.
    Close,
    /// Open a source. There is none at this moment.
    Open(Generation),
    /// Ask the session endpoint.
    Probe(Generation),
    /// Set the one timer, in place of what it was set to.
    Wake(Millis),
    /// Stop the timer.
    Sleep,
}
