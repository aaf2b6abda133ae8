//! Anything else: JSON by the names that most programs use, and plain text.

use super::markdown::block;
use super::severity::priority;
use crate::http::foreign;
use domain::Draft;
use serde_json::Value;

const TITLE: &[&str] = &["title", "subject", "name"];
const MESSAGE: &[&str] = &["message", "text", "body", "description"];
const URGENCY: &[&str] = &["priority", "severity", "level"];
const LINK: &[&str] = &["url", "link"];

/// Of a delivery that names itself in no way.
const UNTITLED: &str = "Webhook";

/// The most bytes of a delivery that are shown as they came.
const EXCERPT: usize = 4000;

/// A card of any JSON. What names no text is shown whole.
pub(super) fn json(json: &Value) -> Draft {
    let said = |names: &[&str]| find(json, names).find_map(words);
    let title = said(TITLE);
    let message = said(MESSAGE);
    let excerpt = || {
        let pretty = serde_json::to_string_pretty(json).unwrap_or_default();
        block(&foreign::text(&pretty, EXCERPT))
    };
    Draft {
        markdown: Some(message.is_none()),
        title: match (title, &message) {
            (None, None) => Some(UNTITLED.to_owned()),
            (title, _) => title,
        },
        message: Some(message.unwrap_or_else(excerpt)),
        priority: find(json, URGENCY).find_map(priority),
        click: said(LINK),
        ..Draft::default()
    }
}

/// A card of plain text.
pub(super) fn text(text: &str) -> Draft {
    let empty = foreign::text(text, EXCERPT).trim().is_empty();
    Draft {
        title: empty.then(|| UNTITLED.to_owned()),
        message: Some(text.to_owned()).filter(|_| !empty),
        ..Draft::default()
    }
}

/// The values of an object under these names, in any case, in the order of the names.
fn find<'a>(json: &'a Value, names: &'a [&str]) -> impl Iterator<Item = &'a Value> {
    let fields = json.as_object();
    names.iter().filter_map(move |name| {
        let mut fields = fields?.iter();
        let found = fields.find(|(field, _)| field.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    })
}

/// A text that says anything, or a number.
fn words(value: &Value) -> Option<String> {
    let words = match value {
        Value::String(text) => foreign::text(text, text.len()),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    Some(words).filter(|words| !words.trim().is_empty())
}
