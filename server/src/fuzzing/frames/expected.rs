//! What a reader must find in the stream.

use super::script::id;
use crate::fuzzing::sse::Event;
use crate::store::log::EventKind;
use domain::{Change, Created, FeedEvent, Seq, Update};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// One event.
pub(super) enum Expected {
    /// What the page reads.
    Feed(FeedEvent),
    /// A row of the log: its payload is untouched, and nothing stands beside it.
    Row(Seq, EventKind, String),
}

impl Expected {
    pub(super) fn compare(&self, event: &Event) {
        let read = FeedEvent::parse(&event.name, &event.data).ok();
        let (seq, kind, payload) = match self {
            Self::Feed(expected) => {
                return assert_eq!(read.as_ref(), Some(&Some(expected.clone())));
            }
            Self::Row(seq, kind, payload) => (*seq, *kind, payload.as_str()),
        };
        let change = |change| FeedEvent::Update(Update { seq, change });
        let json = format!("\"{}\"", id());
        let seq_text = seq.to_string();
        // JSON knows four kinds of white space; three of them are control characters.
        let value = payload.trim_matches(' ');
        let (name, mut fields, expected) = match kind {
            EventKind::Created => {
                let notification = serde_json::from_str(payload);
                let created =
                    |notification| FeedEvent::Created(Box::new(Created { seq, notification }));
                let fields = vec![("notification", value)];
                ("notification", fields, notification.map(created).ok())
            }
            EventKind::Updated => {
                let updated = |notification| change(Change::Updated { notification });
                let fields = vec![("change", "\"updated\""), ("notification", value)];
                let read = serde_json::from_str(payload);
                ("update", fields, read.map(updated).ok())
            }
            EventKind::Deleted => {
                let fields = vec![("change", "\"deleted\""), ("id", json.as_str())];
                ("update", fields, Some(change(Change::Deleted { id: id() })))
            }
            EventKind::Receipt => {
                let told = |receipt| change(Change::Receipt { id: id(), receipt });
                let fields = vec![
                    ("change", "\"receipt\""),
                    ("id", json.as_str()),
                    ("receipt", value),
                ];
                (
                    "update",
                    fields,
                    serde_json::from_str(payload).map(told).ok(),
                )
            }
        };
        fields.push(("seq", &seq_text));
        assert_eq!(event.name, name);
        let raw: BTreeMap<&str, &RawValue> =
            serde_json::from_str(&event.data).expect("data is an object");
        let raw = raw.iter().map(|(field, value)| (*field, value.get()));
        assert!(raw.eq(BTreeMap::from_iter(fields)), "{event:?}");
        assert_eq!(read, expected.map(Some));
    }
}
