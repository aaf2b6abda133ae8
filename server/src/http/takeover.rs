//! How a stream takes over the connection of its request.

use crate::live::stream::Opening;
use parking_lot::Mutex;
use std::sync::Arc;

/// In the extensions of a request: it came over HTTP/1.1 and nothing but the answer is left to be done on its connection. The answer may be an [`Offer`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Alone;

/// In the extensions of an answer: a stream to be written to the connection itself, instead of a body.
#[derive(Debug, Clone)]
pub(crate) struct Offer(Arc<Mutex<Option<Opening>>>);

impl Offer {
    pub(crate) fn new(opening: Opening) -> Self {
        Self(Arc::new(Mutex::new(Some(opening))))
    }

    /// The stream, for the one who writes it.
    pub(crate) fn take(&self) -> Option<Opening> {
        self.0.lock().take()
    }
}

/// In the extensions of a request: what its connection holds while it lives. Whoever takes the connection from HTTP keeps
/// it for as long.
#[derive(Debug, Clone)]
pub(crate) struct Kept(#[expect(dead_code, reason = "it is held, not looked at")] Arc<dyn Held>);

/// Anything that is given back when it is dropped.
trait Held: std::fmt::Debug + Send + Sync {}

impl<T: std::fmt::Debug + Send + Sync> Held for T {}

impl Kept {
    pub(crate) fn new(held: impl std::fmt::Debug + Send + Sync + 'static) -> Self {
        Self(Arc::new(held))
    }
}
