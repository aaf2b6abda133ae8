//! A notification as one of Gotify's messages, and back.

use crate::service::{ChannelEntry, ChannelId, Directory, Naming, Numbered};
use domain::{Action, Draft, Notification, Priority, Seq, Timestamp, limits};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Whatever a client attaches to a message, by namespace (its documentation: "message extras").
pub(super) type Extras = Map<String, Value>;

/// The most bytes of extras that are kept.
const EXTRAS_BYTES: usize = limits::MESSAGE_BYTES;

/// A message as it goes over the wire (`model/message.go`, `MessageExternal`).
#[derive(Debug, Serialize)]
pub(super) struct Message {
    id: Seq,
    appid: i64,
    message: String,
    title: String,
    priority: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    extras: Option<Extras>,
    date: Timestamp,
}

/// What a sender said that our fields do not hold: kept beside the notification, so that clients get their own again.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Origin {
    #[serde(default)]
    gotify: Own,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Own {
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extras: Option<Extras>,
}

impl Message {
    /// The notification as a message of its channel.
    pub(super) fn new(
        notification: Notification,
        channel: ChannelId,
        naming: Naming,
        directory: &Directory,
    ) -> Self {
        let origin = naming.origin.as_deref().unwrap_or("{}");
        let Origin { gotify } = serde_json::from_str(origin).unwrap_or_default();
        let ours = notification.priority;
        // A card whose priority was changed since is as urgent as it is now.
        let own = gotify.priority.filter(|own| from_gotify(*own) == ours);
        let extras = gotify.extras.unwrap_or_else(|| extras(&notification));
        let title = notification.title.unwrap_or_else(|| {
            let label = directory.channel(channel).map(ChannelEntry::label);
            label.unwrap_or_default().to_owned()
        });
        Self {
            id: naming.number,
            appid: channel.0,
            message: notification
                .message
                .unwrap_or_else(|| notification.log.join("\n")),
            title,
            priority: own.unwrap_or_else(|| to_gotify(ours)),
            extras: Some(extras).filter(|extras| !extras.is_empty()),
            date: notification.created_at,
        }
    }
}

impl From<(Numbered, &Directory)> for Message {
    fn from((numbered, directory): (Numbered, &Directory)) -> Self {
        let Numbered {
            notification,
            channel,
            naming,
        } = numbered;
        Self::new(notification, channel, naming, directory)
    }
}

/// The fields of a draft that a message sets, and what has to be kept beside them.
pub(super) fn draft(
    title: String,
    message: String,
    priority: Option<i64>,
    extras: Option<Extras>,
) -> (Draft, Option<String>) {
    let ours = priority.map_or_else(Priority::default, from_gotify);
    let own = Own {
        priority: priority.filter(|own| *own != to_gotify(ours)),
        extras: extras.filter(|extras| !extras.is_empty() && fits(extras)),
    };
    let said = |path: &str| {
        let value = own.extras.as_ref()?;
        let mut names = path.split('/');
        let first = value.get(names.next()?)?;
        names
            .try_fold(first, |value, name| value.get(name))?
            .as_str()
    };
    let text = |path| said(path).map(str::to_owned);
    let intent = text("android::action/onReceive/intentUrl").map(|url| Action {
        label: "Open".to_owned(),
        url,
    });
    let draft = Draft {
        title: Some(title),
        message: Some(message),
        priority: Some(i64::from(u8::from(ours))),
        markdown: Some(said("client::display/contentType") == Some("text/markdown")),
        click: text("client::notification/click/url"),
        icon: text("client::notification/bigImageUrl"),
        actions: intent.map(|action| vec![action]),
        ..Draft::default()
    };
    let origin = (own != Own::default()).then(|| json!({ "gotify": own }).to_string());
    (draft, origin)
}

fn fits(extras: &Extras) -> bool {
    serde_json::to_string(extras).is_ok_and(|text| text.len() <= EXTRAS_BYTES)
}

/// What a card that another protocol posted says in extras.
fn extras(notification: &Notification) -> Extras {
    let mut extras = Extras::new();
    if notification.markdown {
        let display = json!({ "contentType": "text/markdown" });
        extras.insert("client::display".to_owned(), display);
    }
    if let Some(url) = &notification.click {
        let click = json!({ "click": { "url": url } });
        extras.insert("client::notification".to_owned(), click);
    }
    extras
}

/// By what Gotify's clients do: 0 is silent, 1 to 3 show an icon, 4 to 7 make a sound, 8 to 10 vibrate.
fn from_gotify(priority: i64) -> Priority {
    match priority {
        ..=0 => Priority::Min,
        1..=3 => Priority::Low,
        4..=6 => Priority::Default,
        7..=8 => Priority::High,
        9.. => Priority::Urgent,
    }
}

/// The number that stands for ours: what [`from_gotify`] leads back to it.
pub(super) fn to_gotify(priority: Priority) -> i64 {
    match priority {
        Priority::Min => 0,
        Priority::Low => 2,
        Priority::Default => 5,
        Priority::High => 8,
        Priority::Urgent => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_priorities_survive_the_way_there_and_back() {
        for number in 1..=5 {
            let ours = Priority::try_from(number).unwrap();
            assert_eq!(from_gotify(to_gotify(ours)), ours);
        }
        let numbers: Vec<_> = (-1..=11).map(|own| u8::from(from_gotify(own))).collect();
        assert_eq!(numbers, [1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 5]);
    }

    #[test]
    fn only_what_our_fields_do_not_hold_is_kept_beside_them() {
        let kept = |priority, extras| draft("t".into(), "m".into(), priority, extras).1;
        assert_eq!(kept(None, None), None);
        assert_eq!(kept(Some(5), Some(Extras::new())), None);
        let own = kept(Some(7), None).unwrap();
        assert_eq!(own, r#"{"gotify":{"priority":7}}"#);
        let large = json!({ "x": "y".repeat(EXTRAS_BYTES) });
        assert_eq!(kept(None, large.as_object().cloned()), None);
    }
}
