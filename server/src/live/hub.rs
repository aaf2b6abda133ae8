//! Who waits for what. A wake-up carries nothing: the cursor reads the log itself, so a lost or a spare one does no harm.

use super::audience::Audience;
use super::fanout::{Bell, Mailbox};
use super::frame::Frame;
use crate::store::{AccountId, Directory};
use domain::{ChannelName, Seq};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Somebody to be woken.
#[derive(Debug)]
pub(crate) enum Wake {
    /// One stream with a task of its own.
    Task(Arc<Nap>),
    /// A crowd of streams at the fan-out.
    Crowd(Bell),
}

/// A stream's wait between two things to send.
#[derive(Debug)]
pub(crate) struct Nap {
    /// Holds one permit: a wake-up that comes before the wait is not lost.
    wake: Notify,
    opened: Instant,
    /// Milliseconds from `opened` to what was sent last.
    sent: AtomicU64,
}

impl Nap {
    /// Of a stream that is opened now.
    pub(crate) fn new() -> Self {
        Self {
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
}

/// One or more streams with the same eyes, as the hub knows them.
#[derive(Debug)]
pub(crate) struct Subscriber {
    audience: Arc<Audience>,
    wake: Wake,
    streams: AtomicUsize,
}

impl Subscriber {
    /// A subscriber with `streams` open streams.
    pub(crate) fn new(audience: Arc<Audience>, wake: Wake, streams: usize) -> Self {
        Self {
            audience,
            wake,
            streams: AtomicUsize::new(streams),
        }
    }

    /// Says how many streams it has.
    pub(crate) fn set_streams(&self, count: usize) {
        self.streams.store(count, Ordering::Relaxed);
    }

    fn wake(&self) {
        match &self.wake {
            Wake::Task(nap) => nap.wake.notify_one(),
            Wake::Crowd(bell) => bell.ring(),
        }
    }

    fn is_silent(&self, silence: Duration) -> bool {
        match &self.wake {
            Wake::Task(nap) => nap.silence() >= silence,
            Wake::Crowd(_) => false,
        }
    }
}

/// Every open stream, found by the channels that it follows: a post costs the readers of its channel and no others.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    open: RwLock<Open>,
    seats: RwLock<HashMap<AccountId, usize>>,
    mailboxes: RwLock<Vec<Arc<Mailbox>>>,
}

type Group = HashMap<u64, Arc<Subscriber>>;

#[derive(Debug, Default)]
struct Open {
    next: u64,
    everything: Group,
    by_channel: HashMap<ChannelName, Group>,
}

/// The account has as many streams open as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooManyStreams;

impl Hub {
    /// Counts a stream of `account`, unless it has `most` open already (0: any number).
    pub(crate) fn seat(
        self: &Arc<Self>,
        account: AccountId,
        most: usize,
    ) -> Result<Seat, TooManyStreams> {
        let mut seats = self.seats.write();
        let taken = seats.entry(account).or_default();
        if most > 0 && *taken >= most {
            return Err(TooManyStreams);
        }
        *taken += 1;
        Ok(Seat {
            hub: Arc::clone(self),
            account,
        })
    }

    /// How many streams are open.
    pub(crate) fn streams(&self) -> usize {
        self.seats.read().values().sum()
    }

    /// Wakes `subscriber` from now on. Whoever joins looks at the log afterwards: what was committed before woke nobody.
    pub(crate) fn join(self: &Arc<Self>, subscriber: Subscriber) -> Membership {
        let subscriber = Arc::new(subscriber);
        let mut open = self.open.write();
        let id = open.next;
        open.next += 1;
        match &subscriber.audience.interest.channels {
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
        Membership {
            hub: Arc::clone(self),
            id,
            subscriber,
        }
    }

    fn leave(&self, id: u64, subscriber: &Subscriber) {
        let mut open = self.open.write();
        open.everything.remove(&id);
        for name in subscriber.audience.interest.channels.iter().flatten() {
            let empty = open.by_channel.get_mut(name).is_some_and(|group| {
                group.remove(&id);
                group.is_empty()
            });
            if empty {
                open.by_channel.remove(name);
            }
        }
    }

    /// Tells the fan-out's threads of everything that is announced, besides those who take a wake-up each.
    pub(crate) fn attach(&self, mailbox: Arc<Mailbox>) {
        self.mailboxes.write().push(mailbox);
    }

    /// Has every stream look whether it may go on: rights changed, or the server stops.
    pub(crate) fn wake_all(&self) {
        self.wake_if(|_| true);
        for mailbox in &*self.mailboxes.read() {
            mailbox.look();
        }
    }

    /// Wakes the streams to which nothing was sent for `silence`. The fan-out sees to its own.
    pub(crate) fn wake_silent(&self, silence: Duration) {
        self.wake_if(|subscriber| subscriber.is_silent(silence));
    }

    fn wake_if(&self, due: impl Fn(&Subscriber) -> bool) {
        let open = self.open.read();
        let groups = std::iter::once(&open.everything).chain(open.by_channel.values());
        let due = groups.flat_map(HashMap::values).filter(|one| due(one));
        due.for_each(|subscriber| subscriber.wake());
    }

    /// Wakes the streams that `frame` goes to, and answers how many they are.
    pub(crate) fn wake(&self, frame: &Frame, directory: &Directory) -> usize {
        let open = self.open.read();
        let concerned = open
            .candidates(frame, directory)
            .filter(|subscriber| subscriber.audience.sees(frame, directory));
        concerned
            .inspect(|subscriber| subscriber.wake())
            .map(|subscriber| subscriber.streams.load(Ordering::Relaxed))
            .sum()
    }

    /// Everybody whom an event up to `head` concerns was woken.
    pub(crate) fn announced(&self, head: Seq) {
        for mailbox in &*self.mailboxes.read() {
            mailbox.announce(head);
        }
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

/// One of the streams that an account may have, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    hub: Arc<Hub>,
    account: AccountId,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.hub.seats.write();
        if let Some(count) = seats.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                seats.remove(&self.account);
            }
        }
    }
}

/// A place in the [`Hub`], given back when it is dropped.
#[derive(Debug)]
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
