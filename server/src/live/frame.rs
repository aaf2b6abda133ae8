//! The bytes of the stream. Nothing else writes any.
//!
//! Every `data` is one line of JSON, every name is a constant and every id is made of digits, so nothing that a publisher
//! wrote can end a line (HTML, 9.2.6; CWE-93).

use crate::store::log::{EventKind, LogEvent, NewEvent};
use bytes::Bytes;
use domain::search::{Query, Subject};
use domain::{
    Connected, Epoch, FeedEvent, Heartbeat, Notification, Receipt, Reset, Seq, Timestamp,
};
use serde::Serialize;
use serde_json::value::RawValue;
use std::sync::OnceLock;
use std::sync::atomic::AtomicUsize;
use std::time::Instant;

/// An event of the log, encoded once for everybody.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) seq: Seq,
    /// When it happened.
    pub(crate) at: Timestamp,
    /// Whom it concerns.
    pub(crate) event: NewEvent,
    /// As it goes over the wire.
    pub(crate) bytes: Bytes,
    /// The number of open streams that it was handed to when it was committed.
    pub(crate) handed: AtomicUsize,
    /// When it was committed, if it was since the server started.
    pub(crate) committed: Option<Instant>,
    /// What searches look at, once somebody follows one. `None` inside when the event tells of no text.
    pub(super) subject: OnceLock<Option<Box<Subject>>>,
}

/// What stands before a notification in its frame, and what behind it.
const NOTIFICATION: &str = r#""notification":"#;
const END: &str = "}\n\n";

impl Frame {
    /// Encodes an event. `None` when its payload is gone or is not JSON in one line.
    pub(crate) fn encode(epoch: &Epoch, event: &LogEvent) -> Option<Self> {
        let bytes = encode(epoch, event)?;
        // The payload lives on in the bytes.
        let meta = NewEvent {
            payload: None,
            ..event.event.clone()
        };
        Some(Self {
            seq: event.seq,
            at: event.at,
            event: meta,
            bytes,
            handed: AtomicUsize::new(0),
            committed: None,
            subject: OnceLock::new(),
        })
    }

    /// Whether `query` finds the notification that this event tells, for a reader who has not touched it. An event that
    /// tells of no text is for everybody: a deletion may concern what was found.
    pub(crate) fn is_found(&self, query: &Query) -> bool {
        let subject = self.subject.get_or_init(|| {
            let notification: Notification = serde_json::from_slice(self.notification()?).ok()?;
            Some(Box::new(Subject::new(&notification)))
        });
        let untouched = Receipt::default();
        subject
            .as_ref()
            .is_none_or(|subject| query.finds(subject, &untouched))
    }

    /// The JSON of the notification inside the frame.
    fn notification(&self) -> Option<&[u8]> {
        match self.event.kind {
            EventKind::Created | EventKind::Updated => {
                let text = std::str::from_utf8(&self.bytes).ok()?;
                // What stands before it is ours: names and numbers.
                let (_, rest) = text.split_once(NOTIFICATION)?;
                rest.strip_suffix(END).map(str::as_bytes)
            }
            EventKind::Deleted | EventKind::Receipt => None,
        }
    }

    /// What it tells, for those who say it in other words.
    pub(crate) fn told(&self) -> Option<FeedEvent> {
        let text = std::str::from_utf8(&self.bytes).ok()?;
        let line = |field: &str| text.lines().find_map(|line| line.strip_prefix(field));
        FeedEvent::parse(line("event: ")?, line("data: ")?).ok()?
    }
}

fn encode(epoch: &Epoch, event: &LogEvent) -> Option<Bytes> {
    let LogEvent { seq, event, .. } = event;
    let id = &event.notification;
    let payload = || {
        event
            .payload
            .as_deref()
            .filter(|json| is_one_line_of_json(json))
    };
    let (name, data) = match event.kind {
        EventKind::Created => (
            "notification",
            format!(r#"{{"seq":{seq},{NOTIFICATION}{}}}"#, payload()?),
        ),
        EventKind::Updated => (
            "update",
            format!(
                r#"{{"seq":{seq},"change":"updated",{NOTIFICATION}{}}}"#,
                payload()?
            ),
        ),
        EventKind::Deleted => (
            "update",
            format!(r#"{{"seq":{seq},"change":"deleted","id":"{id}"}}"#),
        ),
        EventKind::Receipt => (
            "update",
            format!(
                r#"{{"seq":{seq},"change":"receipt","id":"{id}","receipt":{}}}"#,
                payload()?
            ),
        ),
    };
    Some(block(name, Some((epoch, *seq)), &data))
}

/// JSON never holds a raw control character, so a payload with one did not come from our encoder.
fn is_one_line_of_json(json: &str) -> bool {
    json.bytes().all(|byte| byte >= 0x20) && serde_json::from_str::<&RawValue>(json).is_ok()
}

fn block(name: &str, id: Option<(&Epoch, Seq)>, data: &str) -> Bytes {
    let id = id
        .map(|(epoch, seq)| format!("id: {epoch}-{seq}\n"))
        .unwrap_or_default();
    Bytes::from(format!("event: {name}\n{id}data: {data}\n\n"))
}

fn json(data: &impl Serialize) -> String {
    // These types are numbers, constants and checked words: there is nothing that could fail to be JSON.
    serde_json::to_string(data).unwrap_or_else(|_| "{}".to_owned())
}

/// The opening of a stream: how long to wait before a reconnect, and `connected`.
///
/// `cursor` is given when the reader has none yet: without an id of its own, a reader that loses the connection before
/// the first event would come back at a later head and miss what happened in between.
pub(crate) fn connected(connected: &Connected, cursor: Option<Seq>) -> Bytes {
    let id = cursor.map(|seq| (&connected.epoch, seq));
    [
        &b"retry: 3000\n"[..],
        &block("connected", id, &json(connected)),
    ]
    .concat()
    .into()
}

/// `reset`, which moves the reader's cursor to the head.
pub(crate) fn reset(epoch: &Epoch, reset: &Reset) -> Bytes {
    block("reset", Some((epoch, reset.head)), &json(reset))
}

/// `heartbeat`.
pub(crate) fn heartbeat(head: Seq) -> Bytes {
    block("heartbeat", None, &json(&Heartbeat { head }))
}

/// How many milliseconds to wait before the next reconnect, alone.
pub(crate) fn retry(millis: u64) -> Bytes {
    Bytes::from(format!("retry: {millis}\n\n"))
}

/// A notification that was there before the stream began, as if it were created now (`recent=N`).
pub(crate) fn recent(epoch: &Epoch, notification: &Notification) -> Bytes {
    let seq = notification.seq;
    let data = format!(r#"{{"seq":{seq},{NOTIFICATION}{}}}"#, json(notification));
    block("notification", Some((epoch, seq)), &data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ChannelId;
    use domain::{NotificationId, Priority};

    fn event(kind: EventKind, payload: Option<&str>) -> LogEvent {
        let event = NewEvent {
            kind,
            channel: ChannelId(1),
            notification: NotificationId::parse("k3JxT0aQ9fLm").unwrap(),
            priority: Priority::High,
            audience: None,
            payload: payload.map(str::to_owned),
        };
        LogEvent {
            seq: 7,
            at: Timestamp::from_millis(0),
            event,
        }
    }

    fn bytes(kind: EventKind, payload: Option<&str>) -> Option<String> {
        let epoch = Epoch::parse("7f3a").unwrap();
        let frame = Frame::encode(&epoch, &event(kind, payload))?;
        Some(String::from_utf8(frame.bytes.to_vec()).unwrap())
    }

    #[test]
    fn frames_are_the_contract_s() {
        let receipt = serde_json::to_string(&Receipt::default()).unwrap();
        insta::assert_snapshot!(bytes(EventKind::Created, Some("{}")).unwrap().escape_debug(), @r#"event: notification\nid: 7f3a-7\ndata: {\"seq\":7,\"notification\":{}}\n\n"#);
        insta::assert_snapshot!(bytes(EventKind::Updated, Some("{}")).unwrap().escape_debug(), @r#"event: update\nid: 7f3a-7\ndata: {\"seq\":7,\"change\":\"updated\",\"notification\":{}}\n\n"#);
        insta::assert_snapshot!(bytes(EventKind::Deleted, None).unwrap().escape_debug(), @r#"event: update\nid: 7f3a-7\ndata: {\"seq\":7,\"change\":\"deleted\",\"id\":\"k3JxT0aQ9fLm\"}\n\n"#);
        insta::assert_snapshot!(bytes(EventKind::Receipt, Some(&receipt)).unwrap().escape_debug(), @r#"event: update\nid: 7f3a-7\ndata: {\"seq\":7,\"change\":\"receipt\",\"id\":\"k3JxT0aQ9fLm\",\"receipt\":{\"seen\":false,\"read\":false,\"archived\":false,\"snoozed_until\":null}}\n\n"#);
    }

    #[test]
    fn what_a_frame_tells_is_what_was_encoded() {
        let epoch = Epoch::parse("7f3a").unwrap();
        let receipt = serde_json::to_string(&Receipt::default()).unwrap();
        for (kind, payload) in [
            (EventKind::Deleted, None),
            (EventKind::Receipt, Some(&*receipt)),
        ] {
            let frame = Frame::encode(&epoch, &event(kind, payload)).unwrap();
            assert_eq!(frame.told().unwrap().seq(), Some(7), "{kind:?}");
        }
        let strange = Frame::encode(&epoch, &event(EventKind::Created, Some("{}"))).unwrap();
        assert_eq!(strange.told(), None);
    }

    #[test]
    fn the_opening_carries_an_id_only_for_a_reader_without_one() {
        let opening = Connected {
            connection: "c_1".into(),
            epoch: Epoch::parse("7f3a").unwrap(),
            head: 1042,
            resumed: true,
        };
        let data =
            "data: {\"connection\":\"c_1\",\"epoch\":\"7f3a\",\"head\":1042,\"resumed\":true}\n\n";
        assert_eq!(
            connected(&opening, None),
            format!("retry: 3000\nevent: connected\n{data}")
        );
        let id = "id: 7f3a-1042\n";
        assert_eq!(
            connected(&opening, Some(1042)),
            format!("retry: 3000\nevent: connected\n{id}{data}")
        );
    }

    #[test]
    fn a_poisoned_payload_makes_no_frame() {
        for bad in [
            None,
            Some(""),
            Some("{"),
            Some("{}\n\nevent: x"),
            Some("{\"a\":\r1}"),
            Some("{}{}"),
            Some("{} \0"),
        ] {
            assert_eq!(bytes(EventKind::Created, bad), None, "{bad:?}");
        }
    }
}
