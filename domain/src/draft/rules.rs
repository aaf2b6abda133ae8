//! The rule of each field. A rule answers the checked value, or notes what is wrong and goes on with the next field.

use super::{FieldError, limits};
use crate::{
    Action, CardState, ChannelName, Priority, Timestamp, UserName, check_line, check_text,
};

/// Schemes of addresses that are opened or loaded.
pub(crate) const WEB: &[&str] = &["http", "https"];
/// Schemes of addresses that are opened.
pub(crate) const WEB_AND_MAIL: &[&str] = &["http", "https", "mailto"];

/// The fields that were refused so far.
#[derive(Default)]
pub(crate) struct Checked {
    errors: Vec<FieldError>,
}

impl Checked {
    pub(crate) fn refuse(&mut self, field: &str, message: impl Into<String>) {
        self.errors.push(FieldError {
            field: field.to_owned(),
            message: message.into(),
        });
    }

    /// Whether nothing was noted against `field`.
    pub(crate) fn accepts(&self, field: &str) -> bool {
        self.errors.iter().all(|error| error.field != field)
    }

    pub(crate) fn finish(self) -> Result<(), Vec<FieldError>> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(self.errors)
        }
    }

    /// Notes the error of a rule, if it has one.
    fn keep<T, E: std::fmt::Display>(&mut self, field: &str, value: Result<T, E>) -> Option<T> {
        value
            .map_err(|error| self.refuse(field, error.to_string()))
            .ok()
    }

    pub(crate) fn channel(&mut self, name: Option<String>) -> Option<ChannelName> {
        match name {
            Some(name) => self.keep("channel", ChannelName::parse(name)),
            None => {
                self.refuse("channel", "is required");
                None
            }
        }
    }

    pub(crate) fn line(
        &mut self,
        field: &str,
        text: Option<String>,
        most: usize,
    ) -> Option<String> {
        let text = text?;
        let chars = text.chars().count();
        if chars > most {
            self.refuse(
                field,
                format!("has {chars} characters, at most {most} are allowed"),
            );
            return None;
        }
        self.keep(field, check_line(&text)).map(|()| text)
    }

    fn text(&mut self, field: &str, text: Option<String>) -> Option<String> {
        let text = text?;
        if text.len() > limits::MESSAGE_BYTES {
            self.refuse(
                field,
                format!(
                    "has {} bytes, at most {} are allowed",
                    text.len(),
                    limits::MESSAGE_BYTES
                ),
            );
            return None;
        }
        self.keep(field, check_text(&text)).map(|()| text)
    }

    pub(crate) fn message(&mut self, text: Option<String>) -> Option<String> {
        self.text("message", text).filter(|text| !text.is_empty())
    }

    pub(crate) fn append(&mut self, text: Option<String>) -> Vec<String> {
        let text = self.text("append", text).unwrap_or_default();
        text.lines()
            .map(|line| line.trim_end_matches('\r').to_owned())
            .collect()
    }

    pub(crate) fn priority(&mut self, number: Option<i64>) -> Option<Priority> {
        number.and_then(|number| self.keep("priority", Priority::try_from(number)))
    }

    pub(crate) fn tags(&mut self, tags: Option<Vec<String>>) -> Option<Vec<String>> {
        let tags: Vec<_> = tags?.into_iter().filter(|tag| !tag.is_empty()).collect();
        if tags.len() > limits::TAGS {
            self.refuse(
                "tags",
                format!(
                    "has {} entries, at most {} are allowed",
                    tags.len(),
                    limits::TAGS
                ),
            );
            return None;
        }
        tags.into_iter()
            .map(|tag| self.line("tags", Some(tag), limits::TAG_CHARS))
            .collect()
    }

    pub(crate) fn key(&mut self, key: Option<String>) -> Option<String> {
        let key = self.line("key", key, limits::KEY_CHARS)?;
        if key.is_empty() {
            self.refuse("key", "must have 1 to 64 characters");
            return None;
        }
        Some(key)
    }

    /// An absolute address of one of `schemes`. What a browser would strip before it reads the scheme (a tab inside
    /// `java\tscript:`) was refused as a control character before.
    pub(crate) fn url(
        &mut self,
        field: &str,
        text: Option<String>,
        schemes: &[&str],
    ) -> Option<String> {
        let text = text.filter(|text| !text.is_empty())?;
        if text.len() > limits::URL_BYTES {
            self.refuse(
                field,
                format!(
                    "has {} bytes, at most {} are allowed",
                    text.len(),
                    limits::URL_BYTES
                ),
            );
            return None;
        }
        self.keep(field, check_line(&text))?;
        let reads = url::Url::parse(&text).is_ok_and(|url| schemes.contains(&url.scheme()));
        if !reads || text.contains(char::is_whitespace) {
            self.refuse(
                field,
                format!(
                    "must be an address that begins with {}:",
                    schemes.join(":, ")
                ),
            );
            return None;
        }
        Some(text)
    }

    pub(crate) fn actions(&mut self, actions: Option<Vec<Action>>) -> Option<Vec<Action>> {
        let actions = actions?;
        if actions.len() > limits::ACTIONS {
            self.refuse(
                "actions",
                format!(
                    "has {} entries, at most {} are allowed",
                    actions.len(),
                    limits::ACTIONS
                ),
            );
            return None;
        }
        actions
            .into_iter()
            .map(|action| self.action(action))
            .collect()
    }

    fn action(&mut self, action: Action) -> Option<Action> {
        let label = self.line("actions", Some(action.label), limits::LABEL_CHARS)?;
        if label.trim().is_empty() || action.url.is_empty() {
            self.refuse("actions", "each needs a label and a url");
            return None;
        }
        let url = self.url("actions", Some(action.url), WEB_AND_MAIL)?;
        Some(Action { label, url })
    }

    pub(crate) fn progress(&mut self, number: Option<i64>) -> Option<u8> {
        let number = number?;
        let percent = u8::try_from(number).ok().filter(|percent| *percent <= 100);
        if percent.is_none() {
            self.refuse("progress", "must be a whole number from 0 to 100");
        }
        percent
    }

    pub(crate) fn state(&mut self, word: Option<String>) -> Option<CardState> {
        match word?.as_str() {
            "running" => Some(CardState::Running),
            "success" => Some(CardState::Success),
            "warning" => Some(CardState::Warning),
            "failure" => Some(CardState::Failure),
            _ => {
                self.refuse("state", "must be running, success, warning or failure");
                None
            }
        }
    }

    pub(crate) fn moment(
        &mut self,
        field: &str,
        text: Option<String>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        self.keep(field, Timestamp::parse_moment(&text?, now))
    }

    /// When something is removed: after it was shown.
    pub(crate) fn expiry(
        &mut self,
        text: Option<String>,
        now: Timestamp,
        deliver_at: Option<Timestamp>,
    ) -> Option<Timestamp> {
        let time = self.moment("expires_at", text, now)?;
        if time <= deliver_at.unwrap_or(now) {
            let after = deliver_at.map_or("now", |_| "deliver_at");
            self.refuse("expires_at", format!("must be later than {after}"));
            return None;
        }
        Some(time)
    }

    pub(crate) fn recipients(&mut self, names: Option<Vec<String>>) -> Option<Vec<UserName>> {
        let names = names?;
        if names.is_empty() || names.len() > limits::RECIPIENTS {
            self.refuse("to", format!("must name 1 to {} users", limits::RECIPIENTS));
            return None;
        }
        names
            .into_iter()
            .map(|name| self.keep("to", UserName::parse(name)))
            .collect()
    }
}
