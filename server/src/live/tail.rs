//! The newest part of the log, in memory.

use super::frame::Frame;
use crate::store::log::EventKind;
use domain::{NotificationId, Seq};
use parking_lot::RwLock;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// The last frames, bounded in number and bytes. Cursors behind them read the store.
#[derive(Debug)]
pub(crate) struct Tail {
    ring: RwLock<Ring>,
    most_frames: usize,
    most_bytes: usize,
}

#[derive(Debug)]
struct Ring {
    frames: VecDeque<Arc<Frame>>,
    bytes: usize,
    /// Every frame after this one is in the ring.
    floor: Seq,
    /// The newest event. The log may have places without a frame, so this is not always the last frame's.
    head: Seq,
}

/// What the tail knows of the events after a place.
#[derive(Debug)]
pub(crate) enum After {
    /// There are none.
    Level,
    /// These, oldest first, and the place up to which they are all.
    Frames(Vec<Arc<Frame>>, Seq),
    /// The oldest of them have left the memory: they are in the store, up to this place and beyond.
    Evicted(Seq),
}

impl Tail {
    /// An empty tail at `head`.
    pub(crate) fn new(head: Seq, most_frames: usize, most_bytes: usize) -> Self {
        let ring = Ring {
            frames: VecDeque::new(),
            bytes: 0,
            floor: head,
            head,
        };
        Self {
            ring: RwLock::new(ring),
            most_frames,
            most_bytes,
        }
    }

    /// The newest event.
    pub(crate) fn head(&self) -> Seq {
        self.ring.read().head
    }

    /// Adds what was committed: frames in order, and the place that the log has reached with them.
    pub(crate) fn push(&self, frames: &[Arc<Frame>], head: Seq) {
        let mut ring = self.ring.write();
        debug_assert!(head > ring.head, "the log only grows");
        for frame in frames {
            ring.bytes += frame.bytes.len();
            ring.frames.push_back(Arc::clone(frame));
        }
        while ring.frames.len() > self.most_frames || ring.bytes > self.most_bytes {
            let Some(oldest) = ring.frames.pop_front() else {
                break;
            };
            ring.bytes -= oldest.bytes.len();
            ring.floor = oldest.seq;
        }
        ring.head = head;
    }

    /// Forgets what events said of notifications that are gone for good, as the log does: that they are gone remains.
    pub(crate) fn forget(&self, gone: &HashSet<NotificationId>) {
        if gone.is_empty() {
            return;
        }
        let ring = &mut *self.ring.write();
        ring.frames.retain(|frame| {
            let kept =
                frame.event.kind == EventKind::Deleted || !gone.contains(&frame.event.notification);
            if !kept {
                ring.bytes -= frame.bytes.len();
            }
            kept
        });
    }

    /// The events after `position`, at most `limit`.
    pub(crate) fn after(&self, position: Seq, limit: usize) -> After {
        let ring = self.ring.read();
        if position >= ring.head {
            return After::Level;
        }
        if position < ring.floor {
            return After::Evicted(ring.head);
        }
        let start = ring.frames.partition_point(|frame| frame.seq <= position);
        let frames: Vec<_> = ring.frames.range(start..).take(limit).cloned().collect();
        let upto = if frames.len() == limit {
            frames.last().map_or(ring.head, |frame| frame.seq)
        } else {
            ring.head
        };
        After::Frames(frames, upto)
    }

    /// The frame of one event, while it is in memory.
    pub(crate) fn get(&self, seq: Seq) -> Option<Arc<Frame>> {
        let ring = self.ring.read();
        let at = ring
            .frames
            .binary_search_by_key(&seq, |frame| frame.seq)
            .ok()?;
        ring.frames.get(at).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ChannelId;
    use crate::store::log::{LogEvent, NewEvent};
    use domain::{Epoch, Priority, Timestamp};

    const ID: &str = "k3JxT0aQ9fLm";

    fn frame(seq: Seq) -> Arc<Frame> {
        told(seq, ID, EventKind::Deleted, None)
    }

    fn told(seq: Seq, id: &str, kind: EventKind, payload: Option<&str>) -> Arc<Frame> {
        let event = NewEvent {
            kind,
            channel: ChannelId(1),
            notification: NotificationId::parse(id).unwrap(),
            priority: Priority::Default,
            audience: None,
            payload: payload.map(str::to_owned),
        };
        let event = LogEvent {
            seq,
            at: Timestamp::from_millis(0),
            event,
        };
        Arc::new(Frame::encode(&Epoch::parse("7f3a").unwrap(), &event).unwrap())
    }

    fn seqs(after: After) -> Option<(Vec<Seq>, Seq)> {
        match after {
            After::Frames(frames, upto) => {
                Some((frames.iter().map(|frame| frame.seq).collect(), upto))
            }
            After::Level | After::Evicted(_) => None,
        }
    }

    #[test]
    fn a_cursor_gets_what_follows_it_or_is_sent_to_the_store() {
        let tail = Tail::new(10, 3, usize::MAX);
        assert!(matches!(tail.after(10, 9), After::Level));
        assert!(matches!(tail.after(9, 9), After::Evicted(10)));
        tail.push(&[frame(11), frame(12)], 12);
        assert_eq!(seqs(tail.after(10, 9)), Some((vec![11, 12], 12)));
        assert_eq!(seqs(tail.after(10, 1)), Some((vec![11], 11)));
        // Place 13 has no frame: the head passes it all the same.
        tail.push(&[frame(14)], 14);
        assert_eq!(seqs(tail.after(12, 9)), Some((vec![14], 14)));
        tail.push(&[frame(15)], 16);
        assert!(matches!(tail.after(10, 9), After::Evicted(16)));
        assert_eq!(seqs(tail.after(11, 9)), Some((vec![12, 14, 15], 16)));
        assert_eq!(seqs(tail.after(15, 9)), Some((vec![], 16)));
        assert!(tail.get(14).is_some() && tail.get(13).is_none());
    }

    #[test]
    fn bytes_are_bounded_too() {
        let one = frame(1).bytes.len();
        let tail = Tail::new(0, usize::MAX, one * 2);
        tail.push(&[frame(1), frame(2), frame(3)], 3);
        assert!(matches!(tail.after(0, 9), After::Evicted(3)));
        assert_eq!(seqs(tail.after(1, 9)), Some((vec![2, 3], 3)));
    }

    #[test]
    fn of_what_is_gone_for_good_nothing_remains_but_that_it_is_gone() {
        let says = |seq, id| told(seq, id, EventKind::Created, Some("{}"));
        let room = says(1, ID).bytes.len() * 2 + frame(3).bytes.len();
        let tail = Tail::new(0, usize::MAX, room);
        tail.push(&[says(1, ID), says(2, "aaaaaaaaaaaa"), frame(3)], 3);
        tail.forget(&HashSet::from([NotificationId::parse(ID).unwrap()]));
        assert_eq!(seqs(tail.after(0, 9)), Some((vec![2, 3], 3)));
        // Its room is free again.
        tail.push(&[says(4, "bbbbbbbbbbbb")], 4);
        assert_eq!(seqs(tail.after(0, 9)), Some((vec![2, 3, 4], 4)));
    }
}
