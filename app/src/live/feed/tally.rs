//! The number of unread notifications: the server's count, and what the events since then did to it.

use domain::{Seq, Unread};

/// Beyond this many events the count is drawn together.
const MOST_DELTAS: usize = 1_024;

/// A count that takes events and the server's counts in any order. An event changes it only when it is newer than the
/// place at which the server counted; a change of unknown size makes it [open](Self::is_open) until the server has
/// counted at that place or later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tally {
    base: Unread,
    /// Changes after `base.at`, in the order of the log.
    deltas: Vec<(Seq, i64)>,
    /// The newest event whose effect is not known.
    unknown: Seq,
}

impl Tally {
    pub(super) fn new(base: Unread) -> Self {
        Self {
            base,
            deltas: Vec::new(),
            unknown: 0,
        }
    }

    pub(super) fn count(&self) -> i64 {
        let base = i64::try_from(self.base.count).unwrap_or(i64::MAX);
        self.deltas
            .iter()
            .fold(base, |count, (_, delta)| count.saturating_add(*delta))
    }

    /// Where the server counted last.
    #[cfg(test)]
    pub(super) fn at(&self) -> Seq {
        self.base.at
    }

    /// Whether only the server can tell the number.
    pub(super) fn is_open(&self) -> bool {
        self.unknown > self.base.at
    }

    /// The event at `seq` changed the count by `delta`.
    pub(super) fn add(&mut self, seq: Seq, delta: i64) {
        if delta == 0 || seq <= self.base.at {
            return;
        }
        self.deltas.push((seq, delta));
        if self.deltas.len() > MOST_DELTAS && !self.is_open() {
            *self = Self::new(Unread {
                count: self.count().max(0).unsigned_abs(),
                at: seq,
            });
        }
    }

    /// The event at `seq` changed the count, nobody here knows how.
    pub(super) fn lose(&mut self, seq: Seq) {
        self.unknown = self.unknown.max(seq);
    }

    /// The server counted. An answer that was overtaken by a newer one says nothing.
    pub(super) fn take(&mut self, unread: Unread) {
        if unread.at >= self.base.at {
            self.base = unread;
            self.deltas.retain(|(seq, _)| *seq > unread.at);
        }
    }
}
