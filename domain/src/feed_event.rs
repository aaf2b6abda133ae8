//! The events of the stream as a reader gets them: name and `data` (contract, section 4).

use crate::{Epoch, EventId, Notification, NotificationId, Receipt, Seq};
use serde::{Deserialize, Serialize};

/// `connected`: the first event of every stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connected {
    /// Names this stream in the server's log.
    pub connection: String,
    /// The log that is followed.
    pub epoch: Epoch,
    /// The newest event at this moment.
    pub head: Seq,
    /// Whether the reader's cursor is continued. False without a cursor and before a `reset`.
    pub resumed: bool,
}

/// `notification`: one was created.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Created {
    /// Place in the log.
    pub seq: Seq,
    /// As it was created.
    pub notification: Notification,
}

/// `update`: something about a notification changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "UpdateFields")]
pub struct Update {
    /// Place in the log.
    pub seq: Seq,
    /// What changed.
    #[serde(flatten)]
    pub change: Change,
}

/// What an [`Update`] tells.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "lowercase")]
pub enum Change {
    /// It was edited, or came back from the bin.
    Updated {
        /// As it is now.
        notification: Box<Notification>,
    },
    /// It was deleted.
    Deleted {
        /// Which.
        id: NotificationId,
    },
    /// The reader's own receipt changed.
    Receipt {
        /// Of which notification.
        id: NotificationId,
        /// As it is now.
        receipt: Receipt,
    },
}

/// The fields of every kind of [`Update`]: serde reads a flat struct directly, while a flattened enum makes it keep every
/// value of the notification twice, which the browser would pay for in size and time.
#[derive(Deserialize)]
struct UpdateFields {
    seq: Seq,
    change: ChangeName,
    id: Option<NotificationId>,
    notification: Option<Box<Notification>>,
    receipt: Option<Receipt>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum ChangeName {
    Updated,
    Deleted,
    Receipt,
}

impl TryFrom<UpdateFields> for Update {
    type Error = &'static str;

    fn try_from(fields: UpdateFields) -> Result<Self, Self::Error> {
        let UpdateFields {
            seq,
            change,
            id,
            notification,
            receipt,
        } = fields;
        let change = match change {
            ChangeName::Updated => Change::Updated {
                notification: notification.ok_or("notification is missing")?,
            },
            ChangeName::Deleted => Change::Deleted {
                id: id.ok_or("id is missing")?,
            },
            ChangeName::Receipt => Change::Receipt {
                id: id.ok_or("id is missing")?,
                receipt: receipt.ok_or("receipt is missing")?,
            },
        };
        Ok(Self { seq, change })
    }
}

/// `reset`: the cursor could not be continued; the reader loads its list anew and goes on from this event's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reset {
    /// The newest event at this moment.
    pub head: Seq,
    /// Why.
    pub reason: ResetReason,
}

/// Why a cursor could not be continued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResetReason {
    /// Events after it are no longer kept.
    Pruned,
    /// It belongs to another log.
    Unknown,
    /// It lies beyond the newest event.
    Future,
    /// It is no event id.
    Malformed,
}

/// `heartbeat`: nothing happened, and the connection lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// The newest event at this moment.
    pub head: Seq,
}

/// One event of the stream, read.
#[derive(Debug, Clone, PartialEq)]
pub enum FeedEvent {
    /// See [`Connected`].
    Connected(Connected),
    /// See [`Created`].
    Created(Box<Created>),
    /// See [`Update`].
    Update(Update),
    /// See [`Reset`].
    Reset(Reset),
    /// See [`Heartbeat`].
    Heartbeat(Heartbeat),
}

impl FeedEvent {
    /// Names of the events, as in the stream's `event:` lines.
    pub const NAMES: [&'static str; 5] =
        ["connected", "notification", "update", "reset", "heartbeat"];

    /// Reads an event. `None` for a name that this version does not know: a reader skips what it does not know.
    ///
    /// # Errors
    /// When `data` is not what the event of that name carries.
    pub fn parse(name: &str, data: &str) -> Result<Option<Self>, serde_json::Error> {
        // Bytes, as server functions read their answers: the browser loads one reader for both.
        let data = data.as_bytes();
        Ok(Some(match name {
            "connected" => Self::Connected(serde_json::from_slice(data)?),
            "notification" => Self::Created(serde_json::from_slice(data)?),
            "update" => Self::Update(serde_json::from_slice(data)?),
            "reset" => Self::Reset(serde_json::from_slice(data)?),
            "heartbeat" => Self::Heartbeat(serde_json::from_slice(data)?),
            _ => return Ok(None),
        }))
    }

    /// The event's place in the log, for those that have one.
    #[must_use]
    pub fn seq(&self) -> Option<Seq> {
        match self {
            Self::Created(created) => Some(created.seq),
            Self::Update(update) => Some(update.seq),
            Self::Connected(_) | Self::Reset(_) | Self::Heartbeat(_) => None,
        }
    }
}

/// A cursor in the log `epoch` just after the event that carried it.
impl From<(Epoch, Seq)> for EventId {
    fn from((epoch, seq): (Epoch, Seq)) -> Self {
        Self { epoch, seq }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_reads_as_the_contract_writes_it() {
        let receipt = r#"{"seq":1046,"change":"receipt","id":"k3JxT0aQ9fLm","receipt":{"seen":true,"read":true,"archived":false,"snoozed_until":null}}"#;
        let event = FeedEvent::parse("update", receipt).unwrap().unwrap();
        assert_eq!(event.seq(), Some(1046));
        let FeedEvent::Update(update) = event else {
            panic!("an update")
        };
        assert_eq!(serde_json::to_string(&update).unwrap(), receipt);

        let deleted = r#"{"seq":1045,"change":"deleted","id":"k3JxT0aQ9fLm"}"#;
        assert_eq!(
            FeedEvent::parse("update", deleted).unwrap().unwrap().seq(),
            Some(1045)
        );
        assert_eq!(FeedEvent::parse("later", "{}").unwrap(), None);
        assert!(FeedEvent::parse("heartbeat", "{}").is_err());
    }
}
