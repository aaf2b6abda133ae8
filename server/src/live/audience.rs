//! Who sees what: the eyes through which the log is read.

use super::frame::Frame;
use super::gate::Actor;
use crate::store::Directory;
use domain::search::Query;
use domain::{ChannelName, Priority};
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What a subscriber asked to see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Interest {
    /// Only these channels; those that do not exist yet count as soon as they do.
    pub(crate) channels: Option<HashSet<ChannelName>>,
    /// Only notifications at least this urgent.
    pub(crate) min_priority: Option<Priority>,
    /// Only notifications that are searched for, as if the reader had not touched them; what tells of no text (deletions,
    /// receipts) comes anyway.
    pub(crate) query: Option<Arc<Query>>,
}

impl Interest {
    /// Whether `frame` is asked for.
    fn wants(&self, frame: &Frame, directory: &Directory) -> bool {
        let urgent = self
            .min_priority
            .is_none_or(|least| frame.event.priority >= least);
        let name = || directory.channel_name(frame.event.channel);
        urgent
            && self
                .channels
                .as_ref()
                .is_none_or(|names| name().is_some_and(|name| names.contains(name)))
    }
}

/// Everybody who showed the same credential and asked for the same. They see the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Audience {
    pub(crate) actor: Actor,
    pub(crate) interest: Interest,
}

impl Audience {
    /// Whether `frame` is asked for and may be seen, by the rights of `directory`.
    pub(crate) fn sees(&self, frame: &Frame, directory: &Directory) -> bool {
        let interest = &self.interest;
        interest.wants(frame, directory)
            && directory.may_see(&self.actor.reader, &frame.event)
            && interest
                .query
                .as_ref()
                .is_none_or(|query| frame.is_found(query))
    }
}

/// By what nearly always tells two apart; sets have no order to be hashed in.
impl Hash for Audience {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.actor.credential.hash(state);
        self.interest.min_priority.map(u8::from).hash(state);
        let channels = self.interest.channels.as_ref();
        channels.map(HashSet::len).hash(state);
    }
}
