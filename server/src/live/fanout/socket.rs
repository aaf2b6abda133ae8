//! One connection: its socket, what could not be written yet, and its place in the log.

use super::mailbox::CrowdId;
use super::transport::Transport;
use crate::live::hub::Seat;
use bytes::Bytes;
use domain::Seq;
use std::any::Any;
use std::io::ErrorKind;

/// What a reader may send after its request before it is taken for something else.
const MOST_HEARD: usize = 16 << 10;

/// A connection's number at its thread. Numbers are used again; this one is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) key: usize,
    pub(super) serial: u64,
}

/// Milliseconds since the thread began.
pub(super) type Millis = u64;

/// A connection whose stream is served here.
pub(super) struct Socket {
    transport: Transport,
    pub(super) serial: u64,
    pub(super) crowd: CrowdId,
    /// Where it stands in its crowd, when it has got everything that the crowd has got.
    pub(super) slot: Option<usize>,
    /// The newest event that was written or passed over, while it has no slot.
    pub(super) position: Seq,
    /// What the system did not take, and how much of it is written.
    rest: Option<(Bytes, usize)>,
    /// It waits for a page of the store.
    pub(super) reading: bool,
    /// When something was written last.
    pub(super) moved: Millis,
    /// When it ends because of its age.
    pub(super) ends: Millis,
    heard: usize,
    _kept: (Seat, Box<dyn Any + Send>),
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// Everything is on its way.
    All,
    /// The system takes no more for now.
    Blocked,
    /// The reader is gone.
    Gone,
}

impl Socket {
    pub(super) fn new(
        transport: Transport,
        serial: u64,
        (crowd, position): (CrowdId, Seq),
        (now, ends): (Millis, Millis),
        kept: (Seat, Box<dyn Any + Send>),
    ) -> Self {
        Self {
            transport,
            serial,
            crowd,
            slot: None,
            position,
            rest: None,
            reading: false,
            moved: now,
            ends,
            heard: 0,
            _kept: kept,
        }
    }

    /// What is to be waited for.
    pub(super) fn transport(&mut self) -> &mut Transport {
        &mut self.transport
    }

    /// Whether something is left of what was written last.
    pub(super) fn is_blocked(&self) -> bool {
        self.rest.is_some()
    }

    /// Writes `bytes`, or keeps what the system does not take. Nothing may be left of what was written before.
    pub(super) fn write(&mut self, bytes: &Bytes, now: Millis) -> Written {
        debug_assert!(self.rest.is_none(), "one piece at a time");
        self.push(bytes, 0, now)
    }

    /// Goes on with what was left.
    pub(super) fn flush(&mut self, now: Millis) -> Written {
        match self.rest.take() {
            Some((bytes, written)) => self.push(&bytes, written, now),
            None => Written::All,
        }
    }

    fn push(&mut self, bytes: &Bytes, mut written: usize, now: Millis) -> Written {
        while written < bytes.len() || self.transport.is_owing() {
            match self.transport.write(&bytes[written..]) {
                Ok(count) => {
                    written += count;
                    self.moved = now;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.rest = Some((bytes.clone(), written));
                    return Written::Blocked;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Written::Gone,
            }
        }
        Written::All
    }

    /// Takes what the reader sends, which is nothing as a rule. Answers whether it is still there.
    pub(super) fn hear(&mut self) -> bool {
        let mut ignored = [0; 1024];
        loop {
            match self.transport.read(&mut ignored) {
                Ok(0) => return false,
                Ok(count) => {
                    self.heard += count;
                    if self.heard > MOST_HEARD {
                        return false;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
    }

    /// Writes the last words, as far as the system takes them, and ends the connection in order.
    pub(super) fn end(mut self, words: &Bytes) {
        if self.rest.is_none() {
            let _gone = self.write(words, self.moved);
        }
        self.transport.end();
    }
}
