//! What somebody asks to publish, and what it becomes when every rule holds (contract, section 3).

pub(crate) mod rules;

use crate::{
    Action, ChannelName, Notification, NotificationId, Object, Patch, Priority, Seq, Timestamp,
    UserName,
};
use rules::{Checked, WEB, WEB_AND_MAIL};
use serde::{Deserialize, Deserializer};

/// Sizes, all inclusive.
pub mod limits {
    /// `message` and `append`, in bytes of UTF-8.
    pub const MESSAGE_BYTES: usize = 32_768;
    /// `title`, in characters.
    pub const TITLE_CHARS: usize = 250;
    /// Number of `tags`.
    pub const TAGS: usize = 16;
    /// One tag, in characters.
    pub const TAG_CHARS: usize = 64;
    /// `key`, in characters.
    pub const KEY_CHARS: usize = 64;
    /// Number of `actions`.
    pub const ACTIONS: usize = 3;
    /// The label of an action, in characters.
    pub const LABEL_CHARS: usize = 64;
    /// Any address, in bytes.
    pub const URL_BYTES: usize = 2_048;
    /// Lines of a card's log that are kept.
    pub const LOG_LINES: usize = 200;
    /// Names in `to`.
    pub const RECIPIENTS: usize = 100;
}

/// A notification as it was asked for: nothing is checked but the types.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are the contract's, section 3")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Draft {
    #[cfg_attr(
        feature = "openapi",
        schema(
            required = true,
            nullable = false,
            min_length = 1,
            max_length = 64,
            pattern = "^[A-Za-z0-9_-]{1,64}$"
        )
    )]
    pub channel: Option<String>,
    #[cfg_attr(feature = "openapi", schema(max_length = 32768))]
    pub message: Option<String>,
    #[cfg_attr(feature = "openapi", schema(max_length = 250))]
    pub title: Option<String>,
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 5))]
    pub priority: Option<i64>,
    #[cfg_attr(feature = "openapi", schema(max_items = 16))]
    pub tags: Option<Vec<String>>,
    #[cfg_attr(feature = "openapi", schema(examples("https://example.org/")))]
    pub click: Option<String>,
    #[cfg_attr(feature = "openapi", schema(examples("https://example.org/")))]
    pub icon: Option<String>,
    pub markdown: Option<bool>,
    #[cfg_attr(feature = "openapi", schema(max_items = 3))]
    #[serde(deserialize_with = "objects")]
    pub actions: Option<Vec<Action>>,
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub key: Option<String>,
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 100))]
    pub progress: Option<i64>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::CardState>))]
    pub state: Option<String>,
    pub append: Option<String>,
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 100))]
    pub to: Option<Vec<String>>,
    #[cfg_attr(feature = "openapi", schema(examples("2026-11-20T10:00:00Z", "+10m")))]
    pub deliver_at: Option<String>,
    #[cfg_attr(feature = "openapi", schema(examples("2026-11-20T10:00:00Z", "+2h")))]
    pub expires_at: Option<String>,
    /// Whether it replaces the card with its key, rather than changing the fields that it names. For doors whose senders
    /// know no partial updates.
    #[serde(skip)]
    pub replaces: bool,
    #[cfg(feature = "attachments")]
    #[serde(skip)]
    pub attachment: Option<crate::Attachment>,
    #[cfg(feature = "attachments")]
    #[serde(skip)]
    pub encoding: Option<crate::Encoding>,
}

pub(crate) fn objects<'de, D: Deserializer<'de>>(list: D) -> Result<Option<Vec<Action>>, D::Error> {
    let list = Option::<Vec<Object<Action>>>::deserialize(list)?;
    Ok(list.map(|list| list.into_iter().map(|Object(action)| action).collect()))
}

/// One field that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, thiserror::Error)]
#[error("{field}: {message}")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field, as in the JSON.
    pub field: String,
    /// What is wrong and what would be right, after the field's name.
    pub message: String,
}

/// A notification that keeps every rule. Only [`Draft::parse`] makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct NewNotification {
    channel: ChannelName,
    key: Option<String>,
    to: Option<Vec<UserName>>,
    deliver_at: Option<Timestamp>,
    patch: Patch,
}

impl NewNotification {
    /// Where it goes.
    #[must_use]
    pub fn channel(&self) -> &ChannelName {
        &self.channel
    }

    /// The card that it updates, when there is one.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Who alone may see it.
    #[must_use]
    pub fn to(&self) -> Option<&[UserName]> {
        self.to.as_deref()
    }

    /// When it is to be shown, if not now.
    #[must_use]
    pub fn deliver_at(&self) -> Option<Timestamp> {
        self.deliver_at
    }

    /// What it carries: `Some(None)` takes away what the card carried.
    #[cfg(feature = "attachments")]
    #[must_use]
    pub fn attachment(&self) -> Option<Option<&crate::Attachment>> {
        self.patch.attachment.as_ref().map(Option::as_ref)
    }

    /// What it changes on a card that is there already.
    #[must_use]
    pub fn patch(&self) -> &Patch {
        &self.patch
    }

    /// The notification that this makes when there is none with its key yet: at place `seq` of the log, posted by
    /// `author` at `now`.
    #[must_use]
    pub fn into_notification(
        self,
        id: NotificationId,
        seq: Seq,
        author: UserName,
        now: Timestamp,
    ) -> Notification {
        let mut notification = Notification {
            id,
            seq,
            channel: self.channel,
            title: None,
            message: None,
            priority: Priority::default(),
            tags: Vec::new(),
            click: None,
            icon: None,
            markdown: false,
            actions: Vec::new(),
            key: self.key,
            progress: None,
            state: None,
            log: Vec::new(),
            to: self.to,
            author,
            created_at: now,
            updated_at: now,
            expires_at: None,
            count: 1,
            #[cfg(feature = "attachments")]
            attachment: None,
            #[cfg(feature = "attachments")]
            encoding: None,
        };
        notification.merge(self.patch);
        notification
    }
}

impl Draft {
    /// Checks every rule and tells all that are broken, not only the first. Times from now count from `now`.
    ///
    /// # Errors
    /// The fields that break a rule, in the order of the contract.
    pub fn parse(self, now: Timestamp) -> Result<NewNotification, Vec<FieldError>> {
        let mut checked = Checked::default();
        let channel = checked.channel(self.channel);
        if self.key.is_none() && self.append.is_some() {
            checked.refuse("append", "needs a key: it adds to the card with that key");
        }
        let message = checked.message(self.message);
        let title = checked
            .line("title", self.title, limits::TITLE_CHARS)
            .filter(|title| !title.trim().is_empty());
        let appends = self.append.as_ref().is_some_and(|text| !text.is_empty());
        if message.is_none() && title.is_none() && !appends && checked.accepts("message") {
            checked.refuse("message", "is required unless a title is given");
        }
        let fields = Patch {
            message: message.map(Some),
            title: title.map(Some),
            priority: checked.priority(self.priority),
            tags: checked.tags(self.tags),
            click: checked.url("click", self.click, WEB_AND_MAIL).map(Some),
            icon: checked.url("icon", self.icon, WEB).map(Some),
            markdown: self.markdown,
            actions: checked.actions(self.actions),
            progress: checked.progress(self.progress).map(Some),
            state: checked.state(self.state).map(Some),
            append: checked.append(self.append),
            expires_at: None,
            #[cfg(feature = "attachments")]
            attachment: self.attachment.map(Some),
            #[cfg(feature = "attachments")]
            encoding: self.encoding.map(Some),
        };
        let key = checked.key(self.key);
        let to = checked.recipients(self.to);
        // One whose time has come already is shown at once.
        let deliver_at = checked.moment("deliver_at", self.deliver_at, now);
        let deliver_at = deliver_at.filter(|time| *time > now);
        let expires_at = checked.expiry(self.expires_at, now, deliver_at);
        let patch = Patch {
            expires_at: expires_at.map(Some),
            ..if self.replaces {
                fields.whole()
            } else {
                fields
            }
        };
        match (channel, checked.finish()) {
            (Some(channel), Ok(())) => Ok(NewNotification {
                channel,
                key,
                to,
                deliver_at,
                patch,
            }),
            (_, Err(errors)) => Err(errors),
            (None, Ok(())) => Err(vec![FieldError {
                field: "channel".into(),
                message: "is required".into(),
            }]),
        }
    }
}

#[cfg(test)]
mod tests;
