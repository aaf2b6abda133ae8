//! Streams that see the same.

use super::mailbox::{Bell, CrowdId, Mailbox};
use crate::live::Live;
use crate::live::audience::Audience;
use crate::live::gate::Standing;
use crate::live::hub::{Membership, Subscriber, Wake};
use domain::Seq;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The streams of one audience at one thread.
#[derive(Debug)]
pub(super) struct Crowd {
    pub(super) audience: Arc<Audience>,
    pub(super) standing: Standing,
    /// Up to where those in `level` have got everything that concerns them.
    pub(super) position: Seq,
    /// The sockets that are written to when something is new.
    pub(super) level: Vec<usize>,
    /// Sockets whose readers knew more than was announced when they came. They wait until the crowd knows it too.
    pub(super) ahead: Vec<usize>,
    streams: usize,
    rung: Arc<AtomicBool>,
    membership: Membership,
}

impl Crowd {
    /// An empty crowd, level with the log and rung for from now on.
    pub(super) fn new(
        audience: Arc<Audience>,
        standing: Standing,
        live: &Live,
        mailbox: &Arc<Mailbox>,
        id: CrowdId,
    ) -> Self {
        let rung = Arc::new(AtomicBool::new(false));
        let bell = Bell::new(Arc::clone(mailbox), id, Arc::clone(&rung));
        let subscriber = Subscriber::new(Arc::clone(&audience), Wake::Crowd(bell), 0);
        let membership = live.hub.join(subscriber);
        Self {
            audience,
            standing,
            // Asked after it has joined: what comes after this place rings.
            position: live.head(),
            level: Vec::new(),
            ahead: Vec::new(),
            streams: 0,
            rung,
            membership,
        }
    }

    /// Whoever rings from now on is heard again.
    pub(super) fn answer(&self) {
        self.rung.store(false, Ordering::Release);
    }

    /// Counts one stream more.
    pub(super) fn enter(&mut self) {
        self.streams += 1;
        self.membership.subscriber.set_streams(self.streams);
    }

    /// Counts one stream less. Answers whether it was the last.
    pub(super) fn leave(&mut self) -> bool {
        self.streams -= 1;
        self.membership.subscriber.set_streams(self.streams);
        self.streams == 0
    }
}
