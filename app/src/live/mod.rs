//! The browser end of the stream: the connection, what it decides, and what its events do to the list that is shown.
//!
//! [`link`] decides and [`feed`] reduces, both without a browser; [`event_source`] is the thin shell that does it.

pub mod event_source;
pub mod feed;
pub mod link;

pub use event_source::{EventSourceOptions, StreamEvent, UseEventSource, use_event_source};
pub use feed::{Feed, LocalChange, Outcome};
pub use link::{Backoff, LinkError, LinkState, Millis};
