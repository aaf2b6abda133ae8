//! Publishing as JSON: the topic is a field, and the other fields are parameters. Headers still count for what the JSON
//! does not say.

use super::error::Refusal;
use super::params::{Params, names};
use serde_json::{Map, Value};

/// The fields, and the parameters that they are.
const FIELDS: [(&str, &[&str]); 14] = [
    ("title", names::TITLE),
    ("priority", names::PRIORITY),
    ("tags", names::TAGS),
    ("click", names::CLICK),
    ("icon", names::ICON),
    ("actions", names::ACTIONS),
    ("attach", names::ATTACH),
    ("filename", names::FILENAME),
    ("markdown", names::MARKDOWN),
    ("email", names::EMAIL),
    ("call", names::CALL),
    ("cache", names::CACHE),
    ("delay", names::DELAY),
    ("sequence_id", names::SEQUENCE_ID),
];

/// What a JSON body holds beside parameters.
#[derive(Debug)]
pub(super) struct Posted {
    pub(super) topic: String,
    pub(super) message: String,
}

/// Reads a body and gives what it says to `params`. Fields that are `null` or empty say nothing.
///
/// # Errors
/// When it is not a JSON object with a topic.
pub(super) fn read(body: &[u8], params: &mut Params) -> Result<Posted, Refusal> {
    let mut fields: Map<String, Value> =
        serde_json::from_slice(body).map_err(|_| Refusal::MESSAGE_JSON)?;
    for (field, names) in FIELDS {
        let value = fields.remove(field).unwrap_or(Value::Null);
        let value = if field == "actions" && value.is_array() {
            Some(value.to_string())
        } else {
            text(value)?
        };
        if let Some(value) = value.filter(|value| !value.is_empty() && value != "[]") {
            params.give(names, value);
        }
    }
    let mut string = |field: &str| match fields.remove(field) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(Refusal::MESSAGE_JSON),
    };
    Ok(Posted {
        topic: string("topic")?,
        message: string("message")?,
    })
}

/// A value as a header would write it.
fn text(value: Value) -> Result<Option<String>, Refusal> {
    Ok(match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        // 0 is what is sent when nothing is meant.
        Value::Number(number) => (number.as_i64() != Some(0)).then(|| number.to_string()),
        Value::Bool(is_on) => Some(if is_on { "yes" } else { "no" }.to_owned()),
        Value::Array(entries) => {
            let entries: Result<Vec<_>, _> = entries.into_iter().map(text).collect();
            Some(entries?.into_iter().flatten().collect::<Vec<_>>().join(","))
        }
        Value::Object(_) => return Err(Refusal::MESSAGE_JSON),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_and_empty_lists_say_nothing() {
        let mut params = Params::default();
        let body = br#"{"topic":"a","message":"m","title":null,"tags":[],"priority":null,"actions":[],"markdown":false,
            "delay":null,"email":null,"sequence_id":null,"unknown":{"x":1}}"#;
        let posted = read(body, &mut params).unwrap();
        assert_eq!((&*posted.topic, &*posted.message), ("a", "m"));
        for (field, names) in FIELDS.iter().filter(|(field, _)| *field != "markdown") {
            assert_eq!(params.text(names), None, "{field}");
        }
        assert!(!params.is_on(names::MARKDOWN));
    }

    #[test]
    fn numbers_words_and_lists() {
        let mut params = Params::default();
        let body = br#"{"topic":"a","priority":4,"tags":["x","env: prod"],"delay":1763632860,"markdown":true,"actions":[{"action":"view"}]}"#;
        read(body, &mut params).unwrap();
        assert_eq!(params.text(names::PRIORITY).unwrap(), "4");
        assert_eq!(params.list(names::TAGS), ["x", "env: prod"]);
        assert_eq!(params.text(names::DELAY).unwrap(), "1763632860");
        assert!(params.is_on(names::MARKDOWN));
        assert_eq!(
            params.text(names::ACTIONS).unwrap(),
            r#"[{"action":"view"}]"#
        );
        for bad in ["", "[]", "{", "{\"topic\":1}", "{\"title\":{}}"] {
            assert!(read(bad.as_bytes(), &mut params).is_err(), "{bad}");
        }
    }
}
