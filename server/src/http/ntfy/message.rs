//! A message as ntfy's clients read it.

use crate::service::follow::Told;
use domain::{
    Action, Attachment, Change, Encoding, FeedEvent, Notification, Priority, Seq, Timestamp, Update,
};
use serde::Serialize;

/// What is sent to subscribers and answered to publishers. What is empty is left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Message {
    pub(super) id: String,
    /// Seconds since 1970.
    pub(super) time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires: Option<i64>,
    pub(super) event: &'static str,
    /// The topic, or all that are followed.
    pub(super) topic: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) priority: Option<u8>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) click: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) icon: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) actions: Vec<View>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attachment: Option<Attachment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) encoding: Option<Encoding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) poll_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sequence_id: Option<String>,
}

/// An action that opens a page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct View {
    id: String,
    action: &'static str,
    label: String,
    clear: bool,
    url: String,
}

/// Events of a stream that are none of the log.
pub(super) const OPEN: &str = "open";
pub(super) const KEEPALIVE: &str = "keepalive";
/// A message was published, or its card changed.
pub(super) const MESSAGE: &str = "message";
/// A card was read or put away.
pub(super) const CLEAR: &str = "message_clear";
/// A card was deleted.
pub(super) const DELETE: &str = "message_delete";
/// Somebody is to ask for a message elsewhere.
pub(super) const POLL_REQUEST: &str = "poll_request";

/// Whole seconds since 1970.
pub(super) fn seconds(time: Timestamp) -> i64 {
    time.millis().div_euclid(1_000)
}

/// The id of an event that shows no new notification: a letter, and its place in the log. A notification's own id is
/// taken by the event that shows it first; each event has an id of its own, so that `since` can name it.
pub(super) fn place_id(seq: Seq) -> String {
    format!("u{seq:011}")
}

/// Reads [`place_id`].
pub(super) fn place(id: &str) -> Option<Seq> {
    let digits = id.strip_prefix('u').filter(|digits| digits.len() == 11)?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

impl Message {
    /// An event without a text at a place in the log.
    pub(super) fn bare(event: &'static str, seq: Seq, time: Timestamp, topic: String) -> Self {
        Self {
            id: place_id(seq),
            time: seconds(time),
            event,
            topic,
            ..Self::default()
        }
    }

    /// A notification that was shown now for the first time. `base` is the address of this server.
    pub(super) fn created(notification: &Notification, base: &str) -> Self {
        Self {
            id: notification.id.to_string(),
            time: seconds(notification.created_at),
            sequence_id: notification.key.clone(),
            ..Self::of(notification, base)
        }
    }

    /// A card that changed.
    pub(super) fn updated(notification: &Notification, base: &str) -> Self {
        let key = notification.key.clone();
        Self {
            id: place_id(notification.seq),
            time: seconds(notification.updated_at),
            sequence_id: key.or_else(|| Some(notification.id.to_string())),
            ..Self::of(notification, base)
        }
    }

    fn of(notification: &Notification, base: &str) -> Self {
        let Notification {
            title,
            message,
            log,
            ..
        } = notification;
        // Something must be there to be read out, also of cards that have only a title or a log.
        let (title, message) = match message {
            Some(message) => (title.clone(), Some(message.clone())),
            None => (None, title.clone().or_else(|| log.last().cloned())),
        };
        let attachment = notification
            .attachment
            .clone()
            .map(|file| absolute(file, base));
        let url = attachment.as_ref().map(|file| file.url.clone());
        let own = |action: &&Action| Some(&action.url) != url.as_ref();
        let actions = notification.actions.iter().filter(own).enumerate();
        let priority = notification.priority;
        Self {
            expires: notification.expires_at.map(seconds),
            event: MESSAGE,
            topic: notification.channel.to_string(),
            title,
            message,
            priority: (priority != Priority::Default).then_some(priority.into()),
            tags: notification.tags.clone(),
            click: notification.click.clone(),
            icon: notification.icon.clone(),
            actions: actions
                .map(|(index, action)| view(notification, index, action))
                .collect(),
            attachment,
            content_type: notification.markdown.then_some("text/markdown"),
            encoding: notification.encoding,
            ..Self::default()
        }
    }

    /// What an event of the log is to a subscriber; `None` for what ntfy has no word for.
    pub(super) fn told(told: Told, base: &str) -> Option<Self> {
        let (event, id) = match told.event {
            FeedEvent::Created(created) => {
                return Some(Self::created(&created.notification, base));
            }
            FeedEvent::Update(Update { change, .. }) => match change {
                Change::Updated { notification } => {
                    return Some(Self::updated(&notification, base));
                }
                Change::Deleted { id } => (DELETE, id),
                Change::Receipt { id, receipt } if receipt.read || receipt.archived => (CLEAR, id),
                Change::Receipt { .. } => return None,
            },
            FeedEvent::Connected(_) | FeedEvent::Reset(_) | FeedEvent::Heartbeat(_) => return None,
        };
        Some(Self {
            sequence_id: told.key.or_else(|| Some(id.to_string())),
            ..Self::bare(event, told.seq, told.at, told.channel.to_string())
        })
    }
}

/// With the whole address of a file that lies here.
fn absolute(file: Attachment, base: &str) -> Attachment {
    match file.file() {
        Some(_) => Attachment {
            url: format!("{base}{}", file.url),
            ..file
        },
        None => file,
    }
}

fn view(notification: &Notification, index: usize, action: &Action) -> View {
    View {
        id: format!("{}{index}", &notification.id.as_str()[..9]),
        action: "view",
        label: action.label.clone(),
        clear: false,
        url: action.url.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_its_place() {
        for seq in [0, 1, 1_043, 99_999_999_999] {
            let id = place_id(seq);
            assert_eq!((id.len(), place(&id)), (12, Some(seq)), "{id}");
        }
        for other in ["k3JxT0aQ9fLm", "u1", "u+0000000001", "000000000001", ""] {
            assert_eq!(place(other), None, "{other}");
        }
    }
}
