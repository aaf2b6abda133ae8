//! A notification as everybody who may see it gets it.

use crate::{ChannelName, Priority, Seq, Timestamp, UserName};
use serde::{Deserialize, Serialize};

/// The id of a notification: 12 of `A-Z a-z 0-9`, random.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[A-Za-z0-9]{12}$", examples("k3JxT0aQ9fLm")))]
pub struct NotificationId(String);

/// A text that is no notification id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be 12 letters or digits")]
pub struct NotificationIdError;

impl NotificationId {
    /// Checks the grammar.
    ///
    /// # Errors
    /// When it is not 12 letters or digits.
    pub fn parse(text: impl Into<String>) -> Result<Self, NotificationIdError> {
        let text = text.into();
        let valid = text.len() == 12 && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if valid {
            Ok(Self(text))
        } else {
            Err(NotificationIdError)
        }
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for NotificationId {
    type Error = NotificationIdError;
    fn try_from(text: String) -> Result<Self, NotificationIdError> {
        Self::parse(text)
    }
}

impl From<NotificationId> for String {
    fn from(id: NotificationId) -> Self {
        id.0
    }
}

impl std::fmt::Display for NotificationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How the thing that a card stands for is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CardState {
    /// Under way.
    Running,
    /// Ended well.
    Success,
    /// Ended, with something to look at.
    Warning,
    /// Ended badly.
    Failure,
}

/// A button of a card that opens a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Action {
    /// What the button says.
    pub label: String,
    /// What it opens.
    pub url: String,
}

/// A notification, in the words of the contract, section 3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "the fields are the contract's, section 3; only those with a rule of their own say more"
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notification {
    pub id: NotificationId,
    /// Place of its newest change in the log. Lists are ordered by it.
    pub seq: Seq,
    pub channel: ChannelName,
    pub title: Option<String>,
    pub message: Option<String>,
    pub priority: Priority,
    pub tags: Vec<String>,
    pub click: Option<String>,
    pub icon: Option<String>,
    pub markdown: bool,
    pub actions: Vec<Action>,
    pub key: Option<String>,
    pub progress: Option<u8>,
    pub state: Option<CardState>,
    /// The last [`limits::LOG_LINES`](crate::limits::LOG_LINES) lines that were appended.
    pub log: Vec<String>,
    /// When not `None`, only these see it.
    pub to: Option<Vec<UserName>>,
    /// The account in whose name it was posted.
    pub author: UserName,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// How often its key was published with the same kind of news: see [`Notification::update`].
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub count: u32,
    #[cfg(feature = "attachments")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<crate::Attachment>,
    /// How the message is written when it is no text.
    #[cfg(feature = "attachments")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<crate::Encoding>,
}

fn once() -> u32 {
    1
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_once(count: &u32) -> bool {
    *count == 1
}

impl Notification {
    /// The title, or else the first line of the message: what names the notification in one line.
    #[must_use]
    pub fn headline(&self) -> &str {
        let first_line = || {
            self.message
                .as_deref()
                .and_then(|text| text.lines().find(|line| !line.trim().is_empty()))
        };
        self.title
            .as_deref()
            .or_else(first_line)
            .unwrap_or_default()
    }
}
