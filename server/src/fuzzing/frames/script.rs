//! What the fuzzer makes up.

use arbitrary::Arbitrary;
use domain::{
    Action, CardState, ChannelName, Notification, NotificationId, Priority, Receipt, Seq,
    Timestamp, UserName,
};

/// A stream of one log, cut by the network into pieces of equal size.
#[derive(Debug, Arbitrary)]
pub(super) struct Script {
    pub(super) epoch: u32,
    pub(super) piece: u8,
    pub(super) steps: Vec<Step>,
}

/// What happens on a stream.
#[derive(Debug, Arbitrary)]
pub(super) enum Step {
    /// A row of the log, as the database holds it: by whomever it was written.
    Row {
        kind: u8,
        seq: u64,
        payload: Payload,
    },
    Connected {
        connection: String,
        head: Seq,
        resumed: bool,
        position: Option<Seq>,
    },
    Reset {
        head: Seq,
        reason: u8,
    },
    Recent {
        seq: Seq,
        card: Card,
    },
    Heartbeat(Seq),
    Retry(u64),
}

#[derive(Debug, Arbitrary)]
pub(super) enum Payload {
    Purged,
    /// A row that we did not write.
    Text(String),
    Card(Card),
    Receipt([bool; 3], Option<i64>),
}

/// A notification whose text passed no rule at all.
#[derive(Debug, Arbitrary)]
pub(super) struct Card {
    title: Option<String>,
    message: Option<String>,
    priority: u8,
    tags: Vec<String>,
    click: Option<String>,
    icon: Option<String>,
    markdown: bool,
    actions: Vec<(String, String)>,
    key: Option<String>,
    progress: Option<u8>,
    state: Option<bool>,
    log: Vec<String>,
    to: bool,
    at: i64,
    expires_at: Option<i64>,
}

impl Card {
    pub(super) fn into_notification(self, seq: Seq) -> Notification {
        let author = UserName::parse("ada").expect("a name");
        let state = |good| {
            if good {
                CardState::Success
            } else {
                CardState::Failure
            }
        };
        let actions = self.actions.into_iter();
        Notification {
            id: id(),
            seq,
            channel: ChannelName::parse("ci").expect("a name"),
            title: self.title,
            message: self.message,
            priority: Priority::try_from(i64::from(self.priority)).unwrap_or_default(),
            tags: self.tags,
            click: self.click,
            icon: self.icon,
            markdown: self.markdown,
            actions: actions.map(|(label, url)| Action { label, url }).collect(),
            key: self.key,
            progress: self.progress,
            state: self.state.map(state),
            log: self.log,
            to: self.to.then(|| vec![author.clone()]),
            author,
            created_at: Timestamp::from_millis(self.at),
            updated_at: Timestamp::from_millis(self.at),
            expires_at: self.expires_at.map(Timestamp::from_millis),
            count: u32::from(self.priority).max(1),
            attachment: None,
            encoding: None,
        }
    }
}

impl Payload {
    pub(super) fn into_text(self, seq: Seq) -> Option<String> {
        match self {
            Self::Purged => None,
            Self::Text(text) => Some(text),
            Self::Card(card) => serde_json::to_string(&card.into_notification(seq)).ok(),
            Self::Receipt([seen, read, archived], until) => {
                let snoozed_until = until.map(Timestamp::from_millis);
                let receipt = Receipt {
                    seen,
                    read,
                    archived,
                    snoozed_until,
                };
                serde_json::to_string(&receipt).ok()
            }
        }
    }
}

/// The id of every notification here.
pub(super) fn id() -> NotificationId {
    NotificationId::parse("k3JxT0aQ9fLm").expect("an id")
}
