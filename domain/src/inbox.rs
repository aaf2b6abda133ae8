//! What a screen shows: notifications with the reader's own receipts, and the cursor at which they were read.

use crate::{ChannelName, EventId, Notification, Receipt, Seq, UserName};
use serde::{Deserialize, Serialize};

/// A notification together with what the reader did with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxItem {
    /// The same for everybody.
    pub notification: Notification,
    /// The reader's own.
    pub receipt: Receipt,
}

/// Which notifications a list shows (contract, section 3, `state=`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ListState {
    /// Neither archived, snoozed nor deleted.
    #[default]
    Inbox,
    /// Those of the inbox that are not read.
    Unread,
    /// Archived.
    Archived,
    /// Out of the inbox until a time.
    Snoozed,
    /// Deleted less than 30 days ago.
    Bin,
    /// All but those in the bin.
    All,
}

impl ListState {
    /// Whether a notification with `receipt` belongs in the list. Deleted ones are not told by their receipt: they
    /// belong in [`ListState::Bin`] alone.
    #[must_use]
    pub fn holds(self, receipt: &Receipt) -> bool {
        let inbox = !receipt.archived && receipt.snoozed_until.is_none();
        match self {
            Self::Inbox => inbox,
            Self::Unread => inbox && !receipt.read,
            Self::Archived => receipt.archived,
            Self::Snoozed => !receipt.archived && receipt.snoozed_until.is_some(),
            Self::Bin => false,
            Self::All => true,
        }
    }
}

/// The number of unread notifications in the inbox, and the place in the log at which they were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// How many.
    pub count: u64,
    /// Every event up to this one is in the count.
    pub at: Seq,
}

/// A list as of one place in the log. The cursor is read before the rows, so a stream that begins there misses nothing;
/// what it repeats, a reader drops by [`Notification::seq`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Newest first.
    pub items: Vec<InboxItem>,
    /// Where the stream begins.
    pub cursor: EventId,
    /// The reader's unread notifications.
    pub unread: Unread,
    /// The `before` of the next page, when there is one.
    pub next: Option<Seq>,
}

/// A channel as the page lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelSummary {
    /// The name in addresses.
    pub name: ChannelName,
    /// The name for people.
    pub title: Option<String>,
    /// Whether only those who were granted it read or write it.
    pub private: bool,
    /// Whether the reader may post to it.
    pub writable: bool,
}

/// Who looks at the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// Name of the account.
    pub name: UserName,
    /// Whether it administers the server.
    pub admin: bool,
}
