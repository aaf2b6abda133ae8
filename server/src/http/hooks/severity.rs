//! How urgent something is, in the words of those who send it.

use serde_json::Value;

/// Our priority for a word, or for a number from 1 (least) to 5 (most).
pub(super) fn priority(value: &Value) -> Option<i64> {
    let word = match value {
        Value::Number(number) => return number.as_i64().map(|number| number.clamp(1, 5)),
        Value::String(word) => word.trim().to_ascii_lowercase(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    match word.as_str() {
        "critical" | "crit" | "emergency" | "emerg" | "alert" | "fatal" | "disaster" | "page"
        | "urgent" | "max" => Some(5),
        "error" | "err" | "high" | "major" | "average" | "warning" | "warn" => Some(4),
        "info" | "information" | "informational" | "notice" | "normal" | "default" | "medium"
        | "moderate" | "minor" | "ok" => Some(3),
        "low" | "debug" => Some(2),
        "min" | "trace" | "none" => Some(1),
        number => number.parse().ok().map(|number: i64| number.clamp(1, 5)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_and_numbers_make_a_priority() {
        for (value, expect) in [
            (json!("Critical"), Some(5)),
            (json!("warning"), Some(4)),
            (json!(" info "), Some(3)),
            (json!("debug"), Some(2)),
            (json!("none"), Some(1)),
            (json!("4"), Some(4)),
            (json!(99), Some(5)),
            (json!(-1), Some(1)),
            (json!("purple"), None),
            (json!(null), None),
            (json!({}), None),
        ] {
            assert_eq!(priority(&value), expect, "{value}");
        }
    }
}
