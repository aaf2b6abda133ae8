//! The bytes of the stream, read back by readers that share nothing with their writer.

mod expected;
mod script;

use super::sse::{Event, Parser};
use crate::live::chunk::Chunk;
use crate::live::fanout::wire;
use crate::live::frame::{self, Frame};
use crate::store::ChannelId;
use crate::store::log::{EventKind, LogEvent, NewEvent};
use arbitrary::{Arbitrary, Unstructured};
use bytes::Bytes;
use domain::{
    Connected, Created, Epoch, EventId, FeedEvent, Heartbeat, Priority, Reset, ResetReason, Seq,
    Timestamp,
};
use expected::Expected;
use script::{Payload, Script, Step, id};
use serde::de::IgnoredAny;
use std::sync::Arc;

/// A stream of arbitrary events: every event that can be told is read back as it was, and there is no other.
pub fn frames(data: &[u8]) {
    let Ok(script) = Script::arbitrary_take_rest(Unstructured::new(data)) else {
        return;
    };
    let mut stream = Stream {
        epoch: Epoch::from_random(script.epoch),
        wire: Vec::new(),
        waiting: Chunk::default(),
        expected: Vec::new(),
        retry: None,
    };
    for step in script.steps {
        stream.play(step);
    }
    stream.flush();
    stream.wire.extend_from_slice(wire::END);

    let mut parser = Parser::default();
    let body = unchunked(&stream.wire);
    let pieces = body.chunks(usize::from(script.piece).max(1));
    let events: Vec<Event> = pieces.flat_map(|piece| parser.feed(piece)).collect();
    assert_eq!(events.len(), stream.expected.len());
    assert_eq!(parser.retry, stream.retry);
    let mut last_id = String::new();
    for (event, (expected, id)) in events.iter().zip(&stream.expected) {
        if let Some(seq) = id {
            let id = EventId::from((stream.epoch.clone(), *seq));
            last_id = id.to_string();
            assert_eq!(EventId::parse(&event.id), Ok(id));
        }
        assert_eq!(event.id, last_id);
        expected.compare(event);
    }
}

/// A stream as the fan-out writes it, and what a reader must find there.
struct Stream {
    epoch: Epoch,
    wire: Vec<u8>,
    /// Frames that leave together.
    waiting: Chunk,
    /// Each with the place that it moves the reader's cursor to.
    expected: Vec<(Expected, Option<Seq>)>,
    retry: Option<u64>,
}

impl Stream {
    fn play(&mut self, step: Step) {
        match step {
            Step::Row { kind, seq, payload } => self.row(kind, seq, payload),
            Step::Connected {
                connection,
                head,
                resumed,
                position,
            } => {
                let connected = Connected {
                    connection,
                    epoch: self.epoch.clone(),
                    head,
                    resumed,
                };
                let position = position.map(place);
                self.retry = Some(3000);
                let bytes = frame::connected(&connected, position);
                self.feed(&bytes, FeedEvent::Connected(connected), position);
            }
            Step::Reset { head, reason } => {
                let head = place(head);
                let reason = [
                    ResetReason::Pruned,
                    ResetReason::Unknown,
                    ResetReason::Future,
                    ResetReason::Malformed,
                ][usize::from(reason % 4)];
                let reset = Reset { head, reason };
                let bytes = frame::reset(&self.epoch, &reset);
                self.feed(&bytes, FeedEvent::Reset(reset), Some(head));
            }
            Step::Recent { seq, card } => {
                let seq = place(seq);
                let notification = card.into_notification(seq);
                let bytes = frame::recent(&self.epoch, &notification);
                let created = Box::new(Created { seq, notification });
                self.feed(&bytes, FeedEvent::Created(created), Some(seq));
            }
            Step::Heartbeat(head) => {
                let bytes = frame::heartbeat(head);
                self.feed(&bytes, FeedEvent::Heartbeat(Heartbeat { head }), None);
            }
            Step::Retry(millis) => {
                self.flush();
                self.retry = Some(millis);
                let bytes = wire::chunk(b"", &frame::retry(millis));
                self.wire.extend_from_slice(&bytes);
            }
        }
    }

    fn row(&mut self, kind: u8, seq: u64, payload: Payload) {
        let seq = place(seq);
        let kind = [
            EventKind::Created,
            EventKind::Updated,
            EventKind::Deleted,
            EventKind::Receipt,
        ][usize::from(kind % 4)];
        let payload = payload.into_text(seq);
        let event = NewEvent {
            kind,
            channel: ChannelId(1),
            notification: id(),
            priority: Priority::Default,
            audience: None,
            payload: payload.clone(),
        };
        let at = Timestamp::from_millis(0);
        let frame = Frame::encode(&self.epoch, &LogEvent { seq, at, event });
        let one_line_of_json = payload.as_deref().is_some_and(|text| {
            !text.contains(|c: char| c < ' ') && serde_json::from_str::<IgnoredAny>(text).is_ok()
        });
        assert_eq!(
            frame.is_some(),
            kind == EventKind::Deleted || one_line_of_json
        );
        if let Some(frame) = frame {
            self.waiting.add(Arc::new(frame));
            let payload = payload.unwrap_or_default();
            self.expected
                .push((Expected::Row(seq, kind, payload), Some(seq)));
        }
    }

    /// Sends what the page reads as `event`.
    fn feed(&mut self, bytes: &Bytes, event: FeedEvent, id: Option<Seq>) {
        self.flush();
        self.wire.extend_from_slice(&wire::chunk(b"", bytes));
        self.expected.push((Expected::Feed(event), id));
    }

    /// Sends the frames that wait, as the fan-out does; as a body of HTTP/2 they are the same bytes.
    fn flush(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        let Some(joined) = waiting.join() else {
            return;
        };
        let chunk = wire::events(&waiting);
        assert_eq!(chunk, wire::chunk(b"", &joined));
        self.wire.extend_from_slice(&chunk);
    }
}

/// A place that the store can hold.
fn place(number: u64) -> Seq {
    number & i64::MAX.unsigned_abs()
}

/// The body of a chunked message, read as RFC 9112, 7.1 says and no more leniently.
fn unchunked(mut wire: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let line = wire.iter().position(|byte| *byte == b'\r');
        let (size, rest) = wire.split_at(line.expect("a chunk begins with its size"));
        assert!(!size.is_empty() && size.iter().all(u8::is_ascii_hexdigit));
        let size = std::str::from_utf8(size).map(|digits| usize::from_str_radix(digits, 16));
        let size = size.expect("digits").expect("a size");
        let rest = rest.strip_prefix(b"\r\n").expect("the end of the size");
        let (data, rest) = rest.split_at(size);
        wire = rest.strip_prefix(b"\r\n").expect("the end of the chunk");
        if size == 0 {
            assert!(wire.is_empty(), "something follows the last chunk");
            return body;
        }
        body.extend_from_slice(data);
    }
}
