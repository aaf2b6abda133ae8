//! Who waits for what. A wake-up carries nothing: the cursor reads the log itself, so a lost or a spare one does no harm.

use super::frame::Frame;
use crate::store::{AccountId, Directory, Reader};
use domain::{ChannelName, Priority};
use parking_lot::RwLock;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// What a subscriber asked to see.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interest {
    /// Only these channels; those that do not exist yet count as soon as they do.
    pub(crate) channels: Option<HashSet<ChannelName>>,
    /// Only notifications at least this urgent.
    pub(crate) min_priority: Option<Priority>,
}

impl Interest {
    /// Whether `frame` is asked for.
    pub(crate) fn wants(&self, frame: &Frame, directory: &Directory) -> bool {
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

/// An open stream, as the hub knows it.
#[derive(Debug)]
pub(crate) struct Subscriber {
    reader: Reader,
    interest: Interest,
    /// Holds one permit: a wake-up that comes before the wait is not lost.
    wake: Notify,
    opened: Instant,
    /// Milliseconds from `opened` to what was sent last.
    sent: AtomicU64,
}

impl Subscriber {
    /// A stream that is opened now.
    pub(crate) fn new(reader: Reader, interest: Interest) -> Self {
        Self {
            reader,
            interest,
            wake: Notify::new(),
            opened: Instant::now(),
            sent: AtomicU64::new(0),
        }
    }

    /// Waits for a reason to look: something to send, a change of rights, a heartbeat that is due, or the end.
    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Notes that something is sent now.
    pub(crate) fn note_sent(&self) {
        self.sent.store(self.age(), Ordering::Relaxed);
    }

    /// For how long nothing was sent.
    pub(crate) fn silence(&self) -> Duration {
        Duration::from_millis(self.age().saturating_sub(self.sent.load(Ordering::Relaxed)))
    }

    fn age(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn concerns(&self, frame: &Frame, directory: &Directory) -> bool {
        self.interest.wants(frame, directory) && directory.may_see(&self.reader, &frame.event)
    }
}

/// Every open stream, found by the channels that it follows: a post costs the readers of its channel and no others.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    open: RwLock<Open>,
}

type Group = HashMap<u64, Arc<Subscriber>>;

#[derive(Debug, Default)]
struct Open {
    next: u64,
    everything: Group,
    by_channel: HashMap<ChannelName, Group>,
    by_account: HashMap<AccountId, usize>,
}

/// The account has as many streams open as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooManyStreams;

impl Hub {
    /// Opens a stream, unless its account has `most` open already (0: any number). It counts until the answer is
    /// dropped.
    pub(crate) fn join(
        self: &Arc<Self>,
        subscriber: Subscriber,
        most: usize,
    ) -> Result<Membership, TooManyStreams> {
        let subscriber = Arc::new(subscriber);
        let mut open = self.open.write();
        let mine = open
            .by_account
            .entry(subscriber.reader.account)
            .or_default();
        if most > 0 && *mine >= most {
            return Err(TooManyStreams);
        }
        *mine += 1;
        let id = open.next;
        open.next += 1;
        match &subscriber.interest.channels {
            None => {
                open.everything.insert(id, Arc::clone(&subscriber));
            }
            Some(names) => {
                for name in names {
                    open.by_channel
                        .entry(name.clone())
                        .or_default()
                        .insert(id, Arc::clone(&subscriber));
                }
            }
        }
        Ok(Membership {
            hub: Arc::clone(self),
            id,
            subscriber,
        })
    }

    fn leave(&self, id: u64, subscriber: &Subscriber) {
        let mut open = self.open.write();
        open.everything.remove(&id);
        for name in subscriber.interest.channels.iter().flatten() {
            let empty = open.by_channel.get_mut(name).is_some_and(|group| {
                group.remove(&id);
                group.is_empty()
            });
            if empty {
                open.by_channel.remove(name);
            }
        }
        let account = subscriber.reader.account;
        if let Some(count) = open.by_account.get_mut(&account) {
            *count -= 1;
            if *count == 0 {
                open.by_account.remove(&account);
            }
        }
    }

    /// Wakes every stream: rights changed, or the server stops.
    pub(crate) fn wake_all(&self) {
        self.wake_if(|_| true);
    }

    /// Wakes the streams to which nothing was sent for `silence`.
    pub(crate) fn wake_silent(&self, silence: Duration) {
        self.wake_if(|subscriber| subscriber.silence() >= silence);
    }

    fn wake_if(&self, due: impl Fn(&Subscriber) -> bool) {
        let open = self.open.read();
        let groups = std::iter::once(&open.everything).chain(open.by_channel.values());
        let due = groups.flat_map(HashMap::values).filter(|one| due(one));
        due.for_each(|subscriber| subscriber.wake.notify_one());
    }

    /// Wakes the streams that `frame` goes to, and answers how many they are.
    pub(crate) fn wake(&self, frame: &Frame, directory: &Directory) -> usize {
        let open = self.open.read();
        let concerned = open
            .candidates(frame, directory)
            .filter(|subscriber| subscriber.concerns(frame, directory));
        concerned
            .inspect(|subscriber| subscriber.wake.notify_one())
            .count()
    }
}

impl Open {
    fn candidates<'a>(
        &'a self,
        frame: &Frame,
        directory: &Directory,
    ) -> impl Iterator<Item = &'a Arc<Subscriber>> + use<'a> {
        let group = directory
            .channel_name(frame.event.channel)
            .and_then(|name| self.by_channel.get(name));
        self.everything
            .values()
            .chain(group.into_iter().flat_map(HashMap::values))
    }
}

/// A place in the [`Hub`], given back when it is dropped.
pub(crate) struct Membership {
    hub: Arc<Hub>,
    id: u64,
    pub(crate) subscriber: Arc<Subscriber>,
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.hub.leave(self.id, &self.subscriber);
    }
}
