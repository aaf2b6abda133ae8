//! From the log to the sockets.

use super::mailbox::CrowdId;
use super::reactor::Reactor;
use super::reading::{self, Page};
use super::socket::{Ticket, Written};
use super::wire;
use crate::live::chunk::Chunk;
use crate::live::cursor::PAGE;
use crate::live::frame::Frame;
use crate::live::tail::After;
use bytes::Bytes;
use domain::Seq;
use std::sync::Arc;

/// How many writes share one look at the clock.
const COUNTED_TOGETHER: u64 = 64;

/// Events for a crowd, ready for the wire.
struct Piece {
    events: Chunk,
    bytes: Bytes,
}

impl Reactor {
    /// Writes what is new for a crowd to those who have got everything else.
    pub(super) fn deliver(&mut self, id: CrowdId) {
        if !self.may_go_on(id) {
            return;
        }
        // Whoever finds a reader gone closes its socket, and with the last one the crowd.
        while let Some(crowd) = self.crowds.get_mut(id) {
            let from = crowd.position.max(self.announced);
            match self.live.tail.after(from, PAGE as usize) {
                After::Level => break,
                After::Frames(frames, upto) => {
                    let (piece, reached) = self.compose(id, &frames, upto);
                    self.crowds[id].position = reached;
                    if let Some(piece) = piece {
                        self.broadcast(id, &piece);
                    }
                }
                After::Evicted(head) => {
                    // So much at once that the memory did not hold it: each reads the store at its own pace.
                    crowd.position = head;
                    for key in std::mem::take(&mut crowd.level) {
                        self.sockets[key].slot = None;
                        self.sockets[key].position = from;
                        self.catch_up(key);
                    }
                }
            }
        }
        if let Some(crowd) = self.crowds.get_mut(id) {
            for key in std::mem::take(&mut crowd.ahead) {
                self.catch_up(key);
            }
        }
    }

    /// Writes `piece` to everybody in a crowd who is level.
    fn broadcast(&mut self, id: CrowdId, piece: &Piece) {
        let now = self.now();
        let position = self.crowds[id].position;
        let mut level = std::mem::take(&mut self.crowds[id].level);
        let (mut gone, mut counted) = (Vec::new(), 0);
        level.retain(|key| {
            counted += 1;
            if counted == COUNTED_TOGETHER {
                piece.events.note_delivered(counted, &self.live.metrics);
                counted = 0;
            }
            let socket = &mut self.sockets[*key];
            let written = socket.write(&piece.bytes, now);
            if written != Written::All {
                socket.slot = None;
                socket.position = position;
            }
            if written == Written::Gone {
                gone.push(*key);
            }
            written == Written::All
        });
        piece.events.note_delivered(counted, &self.live.metrics);
        for (slot, key) in level.iter().enumerate() {
            self.sockets[*key].slot = Some(slot);
        }
        self.crowds[id].level = level;
        gone.into_iter().for_each(|key| self.close(key));
    }

    /// What a crowd sees of `frames`, and how far that reaches.
    fn compose(&mut self, id: CrowdId, frames: &[Arc<Frame>], upto: Seq) -> (Option<Piece>, Seq) {
        let mut events = Chunk::default();
        let audience = &self.crowds[id].audience;
        let reached = events.take(frames, upto, audience, &self.live.gate.glance());
        if events.is_empty() {
            return (None, reached);
        }
        let seqs = events.frames().iter().map(|frame| frame.seq);
        let bytes = match &self.last {
            Some((same, bytes)) if same.iter().copied().eq(seqs.clone()) => bytes.clone(),
            _ => {
                let bytes = wire::events(&events);
                self.last = Some((seqs.collect(), bytes.clone()));
                bytes
            }
        };
        (Some(Piece { events, bytes }), reached)
    }

    /// The system takes more from a socket.
    pub(super) fn go_on(&mut self, key: usize) {
        let now = self.now();
        let Some(socket) = self.sockets.get_mut(key) else {
            return;
        };
        if !socket.is_blocked() {
            return;
        }
        match socket.flush(now) {
            Written::All => self.catch_up(key),
            Written::Blocked => {}
            Written::Gone => self.close(key),
        }
    }

    /// Writes what a socket lacks, until it is level with its crowd, takes no more, or needs the store.
    pub(super) fn catch_up(&mut self, key: usize) {
        while let Some(socket) = self.sockets.get_mut(key) {
            if socket.is_blocked() || socket.reading || socket.slot.is_some() {
                return;
            }
            let crowd = &mut self.crowds[socket.crowd];
            let target = crowd.position.max(self.announced);
            if socket.position > target {
                if !crowd.ahead.contains(&key) {
                    crowd.ahead.push(key);
                }
                return;
            }
            if socket.position == target {
                socket.slot = Some(crowd.level.len());
                crowd.level.push(key);
                return;
            }
            match self.live.tail.after(socket.position, PAGE as usize) {
                After::Level => socket.position = target,
                After::Frames(frames, upto) => self.advance(key, &frames, upto),
                After::Evicted(_) => {
                    socket.reading = true;
                    let ticket = Ticket {
                        key,
                        serial: socket.serial,
                    };
                    let range = (socket.position, target);
                    reading::ask(&self.runtime, &self.live, &self.mailbox, ticket, range);
                }
            }
        }
    }

    /// Writes what a socket's crowd sees of `frames`, no further than the crowd itself has got.
    fn advance(&mut self, key: usize, frames: &[Arc<Frame>], upto: Seq) {
        let now = self.now();
        let id = self.sockets[key].crowd;
        let target = self.crowds[id].position.max(self.announced);
        let known = frames.partition_point(|frame| frame.seq <= target);
        let (piece, reached) = self.compose(id, &frames[..known], upto.min(target));
        let socket = &mut self.sockets[key];
        socket.position = reached;
        let Some(piece) = piece else { return };
        piece.events.note_delivered(1, &self.live.metrics);
        if socket.write(&piece.bytes, now) == Written::Gone {
            self.close(key);
        }
    }

    /// A page of the store has come.
    pub(super) fn turn(&mut self, ticket: Ticket, page: Page) {
        let Some(socket) = self.sockets.get_mut(ticket.key) else {
            return;
        };
        if socket.serial != ticket.serial {
            return;
        }
        socket.reading = false;
        let id = socket.crowd;
        if !self.may_go_on(id) {
            return;
        }
        match page {
            Ok((frames, upto)) if !self.sockets[ticket.key].is_blocked() => {
                self.advance(ticket.key, &frames, upto);
                self.catch_up(ticket.key);
            }
            // A heartbeat got stuck in between: what came is asked for again afterwards.
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "a stream ends because the log cannot be read");
                self.close(ticket.key);
            }
        }
    }
}
