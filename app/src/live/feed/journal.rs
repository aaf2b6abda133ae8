//! The newest events, kept so that a list that was read before them can take their place.

use domain::{FeedEvent, Seq};
use std::collections::VecDeque;

/// How many events are kept.
const MOST_EVENTS: usize = 1_024;

/// Every event after `floor` that was applied.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Journal {
    floor: Seq,
    events: VecDeque<FeedEvent>,
}

impl Journal {
    pub(super) fn new(floor: Seq) -> Self {
        Self {
            floor,
            events: VecDeque::new(),
        }
    }

    /// Lists that were read before this place are too old to be continued.
    pub(super) fn floor(&self) -> Seq {
        self.floor
    }

    pub(super) fn push(&mut self, event: FeedEvent) {
        self.events.push_back(event);
        if self.events.len() > MOST_EVENTS
            && let Some(seq) = self.events.pop_front().and_then(|event| event.seq())
        {
            self.floor = seq;
        }
    }

    /// The events after `seq`, oldest first.
    pub(super) fn after(&self, seq: Seq) -> Vec<FeedEvent> {
        self.events
            .iter()
            .filter(|event| event.seq().is_some_and(|at| at > seq))
            .cloned()
            .collect()
    }
}
