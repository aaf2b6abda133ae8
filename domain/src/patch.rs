//! Changes of a card: what a later publish of its key, or an edit, does to it (contract, section 3).

use crate::draft::rules::{Checked, WEB, WEB_AND_MAIL};
use crate::{Action, CardState, FieldError, Notification, Priority, Seq, Timestamp, limits};
use serde::{Deserialize, Deserializer, Serialize};

/// Checked fields to create a card with, or to change one: what is `None` stays as it is, `Some(None)` is taken away.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Patch {
    #[serde(deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<Option<String>>,
    #[serde(deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<Option<String>>,
    pub(crate) priority: Option<Priority>,
    pub(crate) tags: Option<Vec<String>>,
    #[serde(deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    pub(crate) click: Option<Option<String>>,
    #[serde(deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    pub(crate) icon: Option<Option<String>>,
    pub(crate) markdown: Option<bool>,
    pub(crate) actions: Option<Vec<Action>>,
    #[serde(deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    pub(crate) progress: Option<Option<u8>>,
    #[serde(deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<Option<CardState>>,
    pub(crate) append: Vec<String>,
    #[serde(deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<Option<Timestamp>>,
    #[cfg(feature = "attachments")]
    #[serde(deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    pub(crate) attachment: Option<Option<crate::Attachment>>,
    #[cfg(feature = "attachments")]
    #[serde(deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    pub(crate) encoding: Option<Option<crate::Encoding>>,
}

impl Patch {
    /// The same, with every field of the text named: what was not is taken away or back to its default.
    pub(crate) fn whole(self) -> Self {
        Self {
            title: self.title.or(Some(None)),
            message: self.message.or(Some(None)),
            priority: self.priority.or(Some(Priority::default())),
            tags: self.tags.or(Some(Vec::new())),
            click: self.click.or(Some(None)),
            icon: self.icon.or(Some(None)),
            markdown: self.markdown.or(Some(false)),
            actions: self.actions.or(Some(Vec::new())),
            #[cfg(feature = "attachments")]
            attachment: self.attachment.or(Some(None)),
            #[cfg(feature = "attachments")]
            encoding: self.encoding.or(Some(None)),
            ..self
        }
    }
}

/// Tells an explicit `null` (`Some(None)`) from an absent field, for `#[serde(deserialize_with)]`.
///
/// # Errors
/// When the value is of another type.
pub fn named<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(value).map(Some)
}

fn named_objects<'de, D: Deserializer<'de>>(
    list: D,
) -> Result<Option<Option<Vec<Action>>>, D::Error> {
    crate::draft::objects(list).map(Some)
}

/// The body of `PATCH notifications/{id}`: nothing is checked but the types. An absent field stays as it is, `null`
/// takes it away or back to its default. `channel`, `key` and `to` are what a card is known by: they stay.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are the contract's, section 3")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Edit {
    #[serde(deserialize_with = "named")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 32768))]
    pub message: Option<Option<String>>,
    #[serde(deserialize_with = "named")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 250))]
    pub title: Option<Option<String>>,
    #[serde(deserialize_with = "named")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>, minimum = 1, maximum = 5))]
    pub priority: Option<Option<i64>>,
    #[serde(deserialize_with = "named")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>, max_items = 16))]
    pub tags: Option<Option<Vec<String>>>,
    #[serde(deserialize_with = "named")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, examples("https://example.org/")))]
    pub click: Option<Option<String>>,
    #[serde(deserialize_with = "named")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, examples("https://example.org/")))]
    pub icon: Option<Option<String>>,
    #[serde(deserialize_with = "named")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<bool>))]
    pub markdown: Option<Option<bool>>,
    #[serde(deserialize_with = "named_objects")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<Action>>, max_items = 3))]
    pub actions: Option<Option<Vec<Action>>>,
    #[serde(deserialize_with = "named")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>, minimum = 0, maximum = 100))]
    pub progress: Option<Option<i64>>,
    #[serde(deserialize_with = "named")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<CardState>))]
    pub state: Option<Option<String>>,
    pub append: Option<String>,
    #[serde(deserialize_with = "named")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, examples("+2h")))]
    pub expires_at: Option<Option<String>>,
}

impl Edit {
    /// Checks every rule and tells all that are broken. Times from now count from `now`.
    ///
    /// # Errors
    /// The fields that break a rule, in the order of the contract.
    pub fn parse(self, now: Timestamp) -> Result<Patch, Vec<FieldError>> {
        let mut checked = Checked::default();
        let title = |checked: &mut Checked, text| {
            let line = checked.line("title", text, limits::TITLE_CHARS);
            line.filter(|title| !title.trim().is_empty())
        };
        let patch = Patch {
            message: self.message.map(|text| checked.message(text)),
            title: self.title.map(|text| title(&mut checked, text)),
            priority: self.priority.and_then(|number| {
                number.map_or(Some(Priority::default()), |n| checked.priority(Some(n)))
            }),
            tags: self
                .tags
                .and_then(|tags| checked.tags(Some(tags.unwrap_or_default()))),
            click: self
                .click
                .map(|url| checked.url("click", url, WEB_AND_MAIL)),
            icon: self.icon.map(|url| checked.url("icon", url, WEB)),
            markdown: self.markdown.map(Option::unwrap_or_default),
            actions: self
                .actions
                .and_then(|actions| checked.actions(Some(actions.unwrap_or_default()))),
            progress: self.progress.map(|number| checked.progress(number)),
            state: self.state.map(|word| checked.state(word)),
            append: checked.append(self.append),
            expires_at: self.expires_at.map(|text| checked.expiry(text, now, None)),
            #[cfg(feature = "attachments")]
            attachment: None,
            #[cfg(feature = "attachments")]
            encoding: None,
        };
        checked.finish().map(|()| patch)
    }
}

/// What a change means to whoever had read the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Nothing changed.
    Nothing,
    /// Something to know once one looks: progress, log, decoration.
    Quiet,
    /// A reason to look again: text, priority or state changed, or the same happened once more.
    Loud,
}

impl Notification {
    /// Publishes the card's key once more, at place `seq` of the log. One that brings text, and no progress of a thing
    /// under way, tells that something happened again: it is counted.
    pub fn update(&mut self, patch: Patch, seq: Seq, now: Timestamp) -> News {
        let text = patch.title.is_some() || patch.message.is_some();
        let under_way = patch.progress.is_some()
            || !patch.append.is_empty()
            || patch.state == Some(Some(CardState::Running));
        let repeated = text && !under_way;
        let news = self.change(patch);
        self.seq = seq;
        self.updated_at = now;
        if repeated {
            self.count = self.count.saturating_add(1);
            News::Loud
        } else if news == News::Nothing {
            News::Quiet
        } else {
            news
        }
    }

    /// Edits the card, at place `seq` of the log. What changes nothing takes no place.
    pub fn edit(&mut self, patch: Patch, seq: Seq, now: Timestamp) -> News {
        let news = self.change(patch);
        if news != News::Nothing {
            self.seq = seq;
            self.updated_at = now;
        }
        news
    }

    /// Whether there is anything to read on it: a title, a message, or a line of its log.
    #[must_use]
    pub fn says_something(&self) -> bool {
        self.title.is_some() || self.message.is_some() || !self.log.is_empty()
    }

    fn change(&mut self, patch: Patch) -> News {
        let before = self.clone();
        self.merge(patch);
        let loud = self.title != before.title
            || self.message != before.message
            || self.priority != before.priority
            || self.state != before.state;
        if loud {
            News::Loud
        } else if *self == before {
            News::Nothing
        } else {
            News::Quiet
        }
    }

    pub(crate) fn merge(&mut self, patch: Patch) {
        fn set<T>(field: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *field = value;
            }
        }
        set(&mut self.title, patch.title);
        set(&mut self.message, patch.message);
        set(&mut self.priority, patch.priority);
        set(&mut self.tags, patch.tags);
        set(&mut self.click, patch.click);
        set(&mut self.icon, patch.icon);
        set(&mut self.markdown, patch.markdown);
        set(&mut self.actions, patch.actions);
        set(&mut self.progress, patch.progress);
        set(&mut self.state, patch.state);
        set(&mut self.expires_at, patch.expires_at);
        #[cfg(feature = "attachments")]
        set(&mut self.attachment, patch.attachment);
        #[cfg(feature = "attachments")]
        set(&mut self.encoding, patch.encoding);
        self.log.extend(patch.append);
        let surplus = self.log.len().saturating_sub(limits::LOG_LINES);
        self.log.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Draft, NotificationId, UserName};
    use serde_json::json;

    const NOW: Timestamp = Timestamp::EPOCH;

    fn draft(fields: serde_json::Value) -> crate::NewNotification {
        let draft: Draft = serde_json::from_value(fields).unwrap();
        draft.parse(NOW).unwrap()
    }

    fn card(fields: serde_json::Value) -> Notification {
        let id = NotificationId::parse("k3JxT0aQ9fLm").unwrap();
        let author = UserName::parse("ci").unwrap();
        draft(fields).into_notification(id, 1, author, NOW)
    }

    fn edit(fields: serde_json::Value) -> Result<Patch, Vec<FieldError>> {
        serde_json::from_value::<Edit>(fields).unwrap().parse(NOW)
    }

    #[test]
    fn a_repeat_is_counted_and_progress_is_not() {
        let base = json!({"channel": "ci", "key": "k", "title": "disk full"});
        let mut shown = card(base.clone());
        let publish = |shown: &mut Notification, more: serde_json::Value| {
            let mut fields = base.clone();
            fields
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            shown.update(draft(fields).patch().clone(), shown.seq + 1, NOW)
        };
        assert_eq!(publish(&mut shown, json!({})), News::Loud);
        assert_eq!((shown.count, shown.seq), (2, 2));
        assert_eq!(publish(&mut shown, json!({"progress": 10})), News::Quiet);
        assert_eq!(publish(&mut shown, json!({"append": "line"})), News::Quiet);
        assert_eq!(publish(&mut shown, json!({"state": "running"})), News::Loud);
        assert_eq!(shown.count, 2);
        assert_eq!(publish(&mut shown, json!({"state": "failure"})), News::Loud);
        assert_eq!(shown.count, 3);
    }

    #[test]
    fn an_edit_takes_away_what_it_names_as_null() {
        let mut shown = card(json!({
            "channel": "ci", "title": "t", "message": "m", "priority": 5, "tags": ["a"], "click": "https://a.example",
            "progress": 3, "state": "running", "expires_at": "+1h"
        }));
        let before = shown.clone();
        assert_eq!(shown.edit(edit(json!({})).unwrap(), 9, NOW), News::Nothing);
        assert_eq!(shown, before);
        let all = edit(json!({
            "title": null, "priority": null, "tags": null, "click": null, "progress": null, "state": null,
            "expires_at": null
        }));
        assert_eq!(shown.edit(all.unwrap(), 9, NOW), News::Loud);
        assert_eq!(
            (shown.title.as_deref(), shown.message.as_deref()),
            (None, Some("m"))
        );
        assert_eq!(
            (shown.seq, u8::from(shown.priority), shown.tags.len()),
            (9, 3, 0)
        );
        assert_eq!(
            (shown.click, shown.progress, shown.state, shown.expires_at),
            (None, None, None, None)
        );
    }

    #[test]
    fn an_edit_keeps_the_rules() {
        let fields = |json| -> Vec<String> {
            let errors = edit(json).err().unwrap_or_default();
            errors.into_iter().map(|error| error.field).collect()
        };
        assert_eq!(
            fields(json!({"priority": 6, "progress": 101, "state": "x"})),
            ["priority", "progress", "state"]
        );
        assert_eq!(fields(json!({"title": "a\nb"})), ["title"]);
        assert_eq!(
            fields(json!({"expires_at": "1970-01-01T00:00:00Z"})),
            ["expires_at"]
        );
        assert!(serde_json::from_value::<Edit>(json!({"channel": "other"})).is_err());
        let list = json!({"actions": [["Open", "https://a.example"]]});
        assert!(serde_json::from_value::<Edit>(list).is_err());
    }

    #[test]
    fn a_patch_survives_its_text() {
        let patch =
            draft(json!({"channel": "ci", "title": "t", "progress": 3, "expires_at": "+1h"}));
        let text = serde_json::to_string(patch.patch()).unwrap();
        assert_eq!(
            &serde_json::from_str::<Patch>(&text).unwrap(),
            patch.patch()
        );
    }
}
