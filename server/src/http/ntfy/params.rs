//! Parameters, from wherever they were given: the fields of a JSON body, headers, the query.

use super::decode;
use super::error::Refusal;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use domain::Priority;
use std::collections::HashMap;
use std::convert::Infallible;

/// The names of each parameter, the one that wins first.
pub(super) mod names {
    pub(in super::super) const MESSAGE: &[&str] = &["x-message", "message", "m"];
    pub(in super::super) const TITLE: &[&str] = &["x-title", "title", "t"];
    pub(in super::super) const PRIORITY: &[&str] = &["x-priority", "priority", "prio", "p"];
    pub(in super::super) const TAGS: &[&str] = &["x-tags", "tags", "tag", "ta"];
    pub(in super::super) const DELAY: &[&str] = &["x-delay", "delay", "x-at", "at", "x-in", "in"];
    pub(in super::super) const ACTIONS: &[&str] = &["x-actions", "actions", "action"];
    pub(in super::super) const CLICK: &[&str] = &["x-click", "click"];
    pub(in super::super) const ICON: &[&str] = &["x-icon", "icon"];
    pub(in super::super) const ATTACH: &[&str] = &["x-attach", "attach", "a"];
    pub(in super::super) const FILENAME: &[&str] = &["x-filename", "filename", "file", "f"];
    pub(in super::super) const MARKDOWN: &[&str] = &["x-markdown", "markdown", "md"];
    pub(in super::super) const CONTENT_TYPE: &[&str] = &["content-type", "content_type"];
    pub(in super::super) const CONTENT_ENCODING: &[&str] = &["content-encoding"];
    pub(in super::super) const EMAIL: &[&str] =
        &["x-email", "x-e-mail", "email", "e-mail", "mail", "e"];
    pub(in super::super) const CALL: &[&str] = &["x-call", "call"];
    pub(in super::super) const CACHE: &[&str] = &["x-cache", "cache"];
    pub(in super::super) const TEMPLATE: &[&str] = &["x-template", "template", "tpl"];
    pub(in super::super) const PUSH: &[&str] = &["x-unifiedpush", "unifiedpush", "up"];
    pub(in super::super) const POLL_ID: &[&str] = &["x-poll-id", "poll-id"];
    pub(in super::super) const SEQUENCE_ID: &[&str] = &["x-sequence-id", "sequence-id", "sid"];
    pub(in super::super) const POLL: &[&str] = &["x-poll", "poll", "po"];
    pub(in super::super) const SINCE: &[&str] = &["x-since", "since", "si"];
    pub(in super::super) const ID: &[&str] = &["x-id", "id"];
    pub(in super::super) const LAST_EVENT_ID: &[&str] = &["last-event-id", "last_event_id"];
}

/// Everything that was given.
#[derive(Debug, Default)]
pub(super) struct Params {
    given: HashMap<&'static str, String>,
    headers: HeaderMap,
    query: HashMap<String, String>,
}

impl Params {
    /// Gives a parameter by the first of its names: it wins over headers and query.
    pub(super) fn give(&mut self, names: &'static [&'static str], value: String) {
        if let Some(name) = names.first() {
            self.given.insert(name, value);
        }
    }

    /// The value of a parameter, trimmed. An empty one is as good as none.
    pub(super) fn text(&self, names: &[&str]) -> Option<String> {
        let given = names
            .iter()
            .filter_map(|name| self.given.get(name).cloned());
        let headers = names.iter().filter_map(|name| {
            let text = decode::text(self.headers.get(*name)?);
            // Browsers send a `Priority` of their own (RFC 9218).
            let urgency = *name == "priority" && text.trim_start().starts_with("u=");
            (!urgency).then_some(text)
        });
        let query = names
            .iter()
            .filter_map(|name| self.query.get(*name).cloned());
        let values = given.chain(headers).chain(query);
        let mut values = values.map(|value| value.trim().to_owned());
        values.find(|value| !value.is_empty())
    }

    /// Whether a switch is on.
    pub(super) fn is_on(&self, names: &[&str]) -> bool {
        self.text(names).is_some_and(|value| is_true(&value))
    }

    /// The entries of a list with commas.
    pub(super) fn list(&self, names: &[&str]) -> Vec<String> {
        let text = self.text(names).unwrap_or_default();
        let entries = text.split(',').map(str::trim);
        entries
            .filter(|entry| !entry.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

/// Whether a value switches something on.
pub(super) fn is_true(value: &str) -> bool {
    ["1", "yes", "true"]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(value.trim()))
}

/// Reads a priority: a number, or its word. `u=N` is none of ours (RFC 9218).
///
/// # Errors
/// When it is neither.
pub(super) fn priority(text: &str) -> Result<Priority, Refusal> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "min" => Ok(Priority::Min),
        "2" | "low" => Ok(Priority::Low),
        "3" | "default" => Ok(Priority::Default),
        "4" | "high" => Ok(Priority::High),
        "5" | "max" | "urgent" => Ok(Priority::Urgent),
        urgency if urgency.starts_with("u=") => Ok(Priority::Default),
        _ => Err(Refusal::PRIORITY),
    }
}

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let mut query = HashMap::new();
        for (name, value) in
            form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
        {
            let first = || value.into_owned();
            query.entry(name.into_owned()).or_insert_with(first);
        }
        Ok(Self {
            given: HashMap::new(),
            headers: parts.headers.clone(),
            query,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_first_wins() {
        let mut params = Params::default();
        params.query.insert("t".into(), " query ".into());
        assert_eq!(params.text(names::TITLE).unwrap(), "query");
        params.headers.insert("title", "header".parse().unwrap());
        assert_eq!(params.text(names::TITLE).unwrap(), "header");
        params.headers.insert("x-title", " ".parse().unwrap());
        assert_eq!(params.text(names::TITLE).unwrap(), "header");
        params.give(names::TITLE, "json".into());
        assert_eq!(params.text(names::TITLE).unwrap(), "json");
        params.headers.insert("priority", "u=1, i".parse().unwrap());
        assert_eq!(params.text(names::PRIORITY), None);
        params.query.insert("p".into(), "5".into());
        assert_eq!(params.text(names::PRIORITY).unwrap(), "5");
        params.query.insert("ta".into(), "a, env: prod,,".into());
        assert_eq!(params.list(names::TAGS), ["a", "env: prod"]);
    }

    #[test]
    fn priorities_and_switches() {
        for (text, number) in [
            ("1", 1),
            ("MIN", 1),
            ("high", 4),
            ("Urgent", 5),
            ("max", 5),
            ("u=2", 3),
        ] {
            assert_eq!(priority(text).map(u8::from).unwrap(), number, "{text}");
        }
        for bad in ["0", "6", "highest", "-1"] {
            assert!(priority(bad).is_err(), "{bad}");
        }
        assert!(["1", "Yes", "TRUE"].into_iter().all(is_true));
        assert!(!["0", "no", "on", ""].into_iter().any(is_true));
    }
}
