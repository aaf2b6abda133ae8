//! The forms in which events are written. Each message is one line of JSON, so nothing that a publisher wrote can end a
//! line; the raw form makes spaces of line ends.

use super::super::message::{MESSAGE, Message};
use super::feed::Event;
use axum::body::Bytes;
use domain::{Epoch, EventId};

/// A form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    /// An object a line.
    Json,
    /// Server-Sent Events. `message` has no name, so that `onmessage` gets it; the id is the place in the log, as in
    /// `/events`.
    Sse,
    /// The texts of messages, a line each; an empty line for everything else.
    Raw,
}

impl Wire {
    /// The content type. Android's client needs the charset.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/x-ndjson; charset=utf-8",
            Self::Sse => "text/event-stream; charset=utf-8",
            Self::Raw => "text/plain; charset=utf-8",
        }
    }

    /// The bytes of an event.
    pub(super) fn encode(self, event: &Event, epoch: &Epoch) -> Bytes {
        let Event { seq, message } = event;
        let text = match self {
            Self::Json => format!("{}\n", json(message)),
            Self::Raw => format!("{}\n", raw(message)),
            Self::Sse => {
                let name = match message.event {
                    MESSAGE => String::new(),
                    name => format!("event: {name}\n"),
                };
                let id = seq.map(|seq| EventId::from((epoch.clone(), seq)));
                let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
                format!("{name}{id}data: {}\n\n", json(message))
            }
        };
        Bytes::from(text)
    }
}

/// A message as one line of JSON.
pub(super) fn json(message: &Message) -> String {
    // Texts, numbers and lists of them: there is nothing that could fail to be JSON.
    serde_json::to_string(message).unwrap_or_else(|_| "{}".to_owned())
}

fn raw(message: &Message) -> String {
    let text = message
        .message
        .as_deref()
        .filter(|_| message.event == MESSAGE);
    let ends = |c: char| matches!(c, '\n' | '\r');
    text.map(|text| text.replace(ends, " ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::super::message::OPEN;
    use super::*;

    fn encoded(wire: Wire, event: &'static str, seq: Option<u64>) -> String {
        let message = Message {
            id: "p0M5y6gcCYab".into(),
            time: 1_635_528_909,
            event,
            topic: "t1".into(),
            message: (event == MESSAGE).then(|| "Hi!\r\nid: 9".into()),
            ..Message::default()
        };
        let bytes = wire.encode(&Event { seq, message }, &Epoch::parse("7f3a").unwrap());
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn events_are_ntfy_s() {
        insta::assert_snapshot!(encoded(Wire::Json, OPEN, Some(7)).escape_debug(), @r#"{\"id\":\"p0M5y6gcCYab\",\"time\":1635528909,\"event\":\"open\",\"topic\":\"t1\"}\n"#);
        insta::assert_snapshot!(encoded(Wire::Sse, OPEN, Some(7)).escape_debug(), @r#"event: open\nid: 7f3a-7\ndata: {\"id\":\"p0M5y6gcCYab\",\"time\":1635528909,\"event\":\"open\",\"topic\":\"t1\"}\n\n"#);
        insta::assert_snapshot!(encoded(Wire::Sse, MESSAGE, Some(8)).escape_debug(), @r#"id: 7f3a-8\ndata: {\"id\":\"p0M5y6gcCYab\",\"time\":1635528909,\"event\":\"message\",\"topic\":\"t1\",\"message\":\"Hi!\\r\\nid: 9\"}\n\n"#);
        assert_eq!(encoded(Wire::Raw, MESSAGE, None), "Hi!  id: 9\n");
        assert_eq!(encoded(Wire::Raw, OPEN, None), "\n");
    }
}
