//! The thread: waits for its sockets and its mail.

use super::Handover;
use super::crowd::Crowd;
use super::mailbox::{CrowdId, Letter, Mailbox};
use super::socket::{Millis, Socket, Written};
use super::wire;
use crate::live::audience::Audience;
use crate::live::gate::Standing;
use crate::live::{Live, frame, stream};
use bytes::Bytes;
use domain::Seq;
use mio::{Events, Interest, Poll, Token, Waker};
use slab::Slab;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// Sockets that are looked at in one go.
const EVENTS: usize = 1024;

/// The mailbox's token: no socket has it.
const MAIL: Token = Token(usize::MAX);

/// A heartbeat is late by at most this part of its time.
const PARTS: u32 = 6;

/// A thread's sockets and crowds.
pub(super) struct Reactor {
    pub(super) live: Arc<Live>,
    pub(super) runtime: Handle,
    poll: Poll,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) sockets: Slab<Socket>,
    pub(super) crowds: Slab<Crowd>,
    by_audience: HashMap<Arc<Audience>, CrowdId>,
    /// Nothing up to here is news for a crowd that was not rung for.
    pub(super) announced: Seq,
    /// The chunk that was put together last, and of what. Others often wait for the same.
    pub(super) last: Option<(Vec<Seq>, Bytes)>,
    serials: u64,
    began: Instant,
    stopping: bool,
}

impl Reactor {
    /// A thread's state. The runtime in which this is called reads the store for it.
    pub(super) fn new(live: Arc<Live>) -> std::io::Result<Self> {
        let poll = Poll::new()?;
        let mailbox = Arc::new(Mailbox::new(Waker::new(poll.registry(), MAIL)?));
        Ok(Self {
            live,
            runtime: Handle::current(),
            poll,
            mailbox,
            sockets: Slab::new(),
            crowds: Slab::new(),
            by_audience: HashMap::new(),
            announced: 0,
            last: None,
            serials: 0,
            began: Instant::now(),
            stopping: false,
        })
    }

    pub(super) fn mailbox(&self) -> Arc<Mailbox> {
        Arc::clone(&self.mailbox)
    }

    /// Works until a letter says stop.
    pub(super) fn run(mut self) {
        let every = (self.live.tuning.heartbeat / PARTS).max(Duration::from_millis(1));
        let mut events = Events::with_capacity(EVENTS);
        let mut next = Instant::now() + every;
        while !self.stopping {
            let wait = next.saturating_duration_since(Instant::now());
            match self.poll.poll(&mut events, Some(wait)) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    tracing::error!(%error, "the fan-out cannot wait for its sockets");
                    return;
                }
            }
            for event in events.iter().filter(|event| event.token() != MAIL) {
                let key = event.token().0;
                if event.is_readable() || event.is_read_closed() || event.is_error() {
                    self.hear(key);
                }
                if event.is_writable() {
                    self.go_on(key);
                }
            }
            self.read_mail();
            if Instant::now() >= next {
                self.tick();
                next = Instant::now() + every;
            }
        }
        self.end_all();
    }

    pub(super) fn now(&self) -> Millis {
        millis(self.began.elapsed())
    }

    fn read_mail(&mut self) {
        let mail = self.mailbox.take();
        for letter in mail.letters {
            match letter {
                Letter::Join(handover) => self.join(*handover),
                Letter::Page(ticket, page) => self.turn(ticket, page),
                Letter::Stop => self.stopping = true,
            }
        }
        for id in mail.due {
            if let Some(crowd) = self.crowds.get(id) {
                crowd.answer();
                self.deliver(id);
            }
        }
        self.announced = mail.announced;
        if mail.look {
            self.look();
        }
    }

    /// Begins a stream.
    fn join(&mut self, handover: Handover) {
        let Handover {
            transport,
            head,
            opening,
            guard,
        } = handover;
        let stream::Opening {
            first,
            cursor,
            standing,
            seat,
            ..
        } = opening;
        let id = self.crowd(cursor.audience, standing);
        // Level with the log: what the newcomer knows already is not written to it once more.
        self.deliver(id);
        if !self.crowds.contains(id) {
            return;
        }

        let now = self.now();
        let ends = now.saturating_add(millis(stream::age_limit(&self.live)));
        self.serials += 1;
        let mut socket = Socket::new(
            transport,
            self.serials,
            (id, cursor.position),
            (now, ends),
            (seat, guard),
        );
        let token = Token(self.sockets.vacant_key());
        let both = Interest::READABLE | Interest::WRITABLE;
        let registry = self.poll.registry();
        let registered = registry.register(socket.transport().socket(), token, both);
        let written = socket.write(&wire::chunk(&head, &first), now);
        let key = self.sockets.insert(socket);
        if let Err(error) = &registered {
            tracing::error!(%error, "a socket cannot be waited for");
        }
        if registered.is_err() || written == Written::Gone {
            self.close(key);
        } else {
            self.catch_up(key);
        }
    }

    /// The crowd of an audience, with one stream more. One that has lost a right is at its end: who comes now begins
    /// another.
    fn crowd(&mut self, audience: Audience, standing: Standing) -> CrowdId {
        if let Some(id) = self.by_audience.get(&audience).copied()
            && self.may_go_on(id)
        {
            self.crowds[id].enter();
            return id;
        }
        let audience = Arc::new(audience);
        let entry = self.crowds.vacant_entry();
        let id = entry.key();
        let mut crowd = Crowd::new(
            Arc::clone(&audience),
            standing,
            &self.live,
            &self.mailbox,
            id,
        );
        crowd.enter();
        entry.insert(crowd);
        self.by_audience.insert(audience, id);
        id
    }

    /// Something came from a reader.
    fn hear(&mut self, key: usize) {
        if let Some(socket) = self.sockets.get_mut(key)
            && !socket.hear()
        {
            self.close(key);
        }
    }

    /// Sees to what is due by the clock.
    fn tick(&mut self) {
        self.look();
        let now = self.now();
        let heartbeat = millis(self.live.tuning.heartbeat);
        let stalled = millis(self.live.tuning.stalled);
        let beat = wire::chunk(b"", &frame::heartbeat(self.live.head()));
        let keys: Vec<_> = self.sockets.iter().map(|(key, _)| key).collect();
        for key in keys {
            let socket = &mut self.sockets[key];
            let silence = now.saturating_sub(socket.moved);
            if socket.is_blocked() {
                if silence >= stalled {
                    self.live.metrics.slow_readers_closed.inc();
                    self.close(key);
                }
            } else if now >= socket.ends {
                self.end(key, &farewell());
            } else if silence >= heartbeat {
                match socket.write(&beat, now) {
                    Written::All => {}
                    Written::Blocked => self.fall_behind(key),
                    Written::Gone => self.close(key),
                }
            }
        }
    }

    /// Ends whatever may not go on.
    fn look(&mut self) {
        if self.live.shutdown.is_cancelled() {
            self.end_all();
            return;
        }
        let ids: Vec<_> = self.crowds.iter().map(|(id, _)| id).collect();
        for id in ids {
            self.may_go_on(id);
        }
    }

    /// Whether a crowd's credential and grants are what they were (contract, section 2). If not, its streams end, and
    /// it with them.
    pub(super) fn may_go_on(&mut self, id: CrowdId) -> bool {
        let now = self.live.clock.now();
        let Some(crowd) = self.crowds.get_mut(id) else {
            return false;
        };
        let actor = &crowd.audience.actor;
        if self.live.gate.stands(&mut crowd.standing, actor, now) {
            return true;
        }
        let of_crowd = |(key, socket): (usize, &Socket)| (socket.crowd == id).then_some(key);
        let keys: Vec<_> = self.sockets.iter().filter_map(of_crowd).collect();
        for key in keys {
            self.end(key, &Bytes::from_static(wire::END));
        }
        self.forget(id);
        false
    }

    /// Says when to come back, and ends every stream.
    fn end_all(&mut self) {
        let ids: Vec<_> = self.crowds.iter().map(|(id, _)| id).collect();
        for id in ids {
            self.deliver(id);
        }
        let keys: Vec<_> = self.sockets.iter().map(|(key, _)| key).collect();
        for key in keys {
            self.end(key, &farewell());
        }
    }

    fn end(&mut self, key: usize, words: &Bytes) {
        self.remove(key).end(words);
    }

    pub(super) fn close(&mut self, key: usize) {
        drop(self.remove(key));
    }

    fn remove(&mut self, key: usize) -> Socket {
        self.fall_behind(key);
        let socket = self.sockets.remove(key);
        let crowd = &mut self.crowds[socket.crowd];
        crowd.ahead.retain(|ahead| *ahead != key);
        if crowd.leave() {
            self.forget(socket.crowd);
        }
        socket
    }

    fn forget(&mut self, id: CrowdId) {
        if let Some(crowd) = self.crowds.try_remove(id)
            && self.by_audience.get(&crowd.audience) == Some(&id)
        {
            self.by_audience.remove(&crowd.audience);
        }
    }

    /// Takes a socket out of those who are level.
    fn fall_behind(&mut self, key: usize) {
        let socket = &mut self.sockets[key];
        let crowd = &mut self.crowds[socket.crowd];
        if let Some(slot) = socket.slot.take() {
            socket.position = crowd.position.max(self.announced);
            crowd.level.swap_remove(slot);
            if let Some(moved) = crowd.level.get(slot) {
                self.sockets[*moved].slot = Some(slot);
            }
        }
    }
}

fn millis(time: Duration) -> Millis {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn farewell() -> Bytes {
    let words = wire::chunk(b"", &stream::farewell());
    [&words[..], wire::END].concat().into()
}
