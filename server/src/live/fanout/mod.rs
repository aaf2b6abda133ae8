//! Streams over HTTP/1.1, in the clear or behind TLS, written by threads of their own. After its request has passed all
//! checks such a connection needs nothing but its socket, its keys and its place in the log: the general HTTP
//! connection, with its buffers and its task, would cost most of the memory and half of the time of a delivery.
//!
//! A thread waits for all its sockets at once. Those who see the same form a [crowd](crowd::Crowd); what is new for a
//! crowd is put together once and written to each of its sockets. A socket that does not take all of it leaves the crowd,
//! keeps the rest and its place in the log, and comes back when it has caught up: it costs nobody else anything.

mod crowd;
mod delivery;
mod mailbox;
mod reactor;
mod reading;
mod socket;
mod transport;
pub(crate) mod wire;

pub(crate) use mailbox::{Bell, Mailbox};
pub(crate) use transport::Transport;

use super::Live;
use super::stream::Opening;
use mailbox::Letter;
use parking_lot::Mutex;
use reactor::Reactor;
use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

/// The most threads. One writes more than a hundred thousand deliveries a second.
const MOST_THREADS: usize = 8;

/// A connection whose stream is handed over.
pub(crate) struct Handover {
    /// Nothing of the answer was written to it yet.
    pub(crate) transport: Transport,
    /// The head of the answer, ready for the wire. It announces chunks (RFC 9112, 7.1) and the connection's end.
    pub(crate) head: Vec<u8>,
    pub(crate) opening: Opening,
    /// Whatever is counted as long as the connection is open.
    pub(crate) guard: Box<dyn Any + Send>,
}

/// The threads that write the streams.
#[derive(Debug)]
pub(crate) struct Fanout {
    mailboxes: Vec<Arc<Mailbox>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    turn: AtomicUsize,
}

impl Fanout {
    /// Starts the threads. They read the store through the runtime in which this is called.
    ///
    /// # Errors
    /// When the system has no means left to wait for sockets, or no thread.
    pub(crate) fn start(live: &Arc<Live>) -> std::io::Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let (mut mailboxes, mut threads) = (Vec::new(), Vec::new());
        for number in 0..(cores / 2).clamp(1, MOST_THREADS) {
            let reactor = Reactor::new(Arc::clone(live))?;
            let mailbox = reactor.mailbox();
            live.hub.attach(Arc::clone(&mailbox));
            mailboxes.push(mailbox);
            let thread = std::thread::Builder::new().name(format!("fanout-{number}"));
            threads.push(thread.spawn(move || reactor.run())?);
        }
        Ok(Self {
            mailboxes,
            threads: Mutex::new(threads),
            turn: AtomicUsize::new(0),
        })
    }

    /// Serves the stream from here on.
    pub(crate) fn take(&self, handover: Handover) {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        self.mailboxes[turn % self.mailboxes.len()].post(Letter::Join(Box::new(handover)));
    }

    /// Ends what is left, and the threads. What is handed over afterwards is closed.
    pub(crate) fn finish(&self) {
        for mailbox in &self.mailboxes {
            mailbox.post(Letter::Stop);
        }
        for thread in self.threads.lock().drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the fan-out ended badly");
            }
        }
    }
}
