//! A notification as everybody who may see it gets it.

use crate::{ChannelName, Patch, Priority, Seq, Timestamp, UserName, draft::limits};
use serde::{Deserialize, Serialize};

/// The id of a notification: 12 of `A-Z a-z 0-9`, random.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
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
    /// The last [`limits::LOG_LINES`] lines that were appended.
    pub log: Vec<String>,
    /// When not `None`, only these see it.
    pub to: Option<Vec<UserName>>,
    /// The account in whose name it was posted.
    pub author: UserName,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

impl Notification {
    /// Changes what `patch` names, at place `seq` of the log. Answers whether a reader should look again: text,
    /// priority or state changed, rather than only progress, log or decoration.
    pub fn update(&mut self, patch: Patch, seq: Seq, now: Timestamp) -> bool {
        let before = (
            self.title.clone(),
            self.message.clone(),
            self.priority,
            self.state,
        );
        self.merge(patch);
        self.seq = seq;
        self.updated_at = now;
        before
            != (
                self.title.clone(),
                self.message.clone(),
                self.priority,
                self.state,
            )
    }

    pub(crate) fn merge(&mut self, patch: Patch) {
        fn set<T>(field: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *field = value;
            }
        }
        set(&mut self.title, patch.title.map(Some));
        set(&mut self.message, patch.message.map(Some));
        set(&mut self.priority, patch.priority);
        set(&mut self.tags, patch.tags);
        set(&mut self.click, patch.click.map(Some));
        set(&mut self.icon, patch.icon.map(Some));
        set(&mut self.markdown, patch.markdown);
        set(&mut self.actions, patch.actions);
        set(&mut self.progress, patch.progress.map(Some));
        set(&mut self.state, patch.state.map(Some));
        self.log.extend(patch.append);
        let surplus = self.log.len().saturating_sub(limits::LOG_LINES);
        self.log.drain(..surplus);
    }

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
