//! Texts that are filled from a JSON body: `{{.a.b}}` is what stands at `a.b`.

use super::error::Refusal;
use serde_json::Value;

/// What stands for something that is not there, as Go's templates write it.
const NOTHING: &str = "<no value>";

/// Fills a text.
///
/// # Errors
/// When something between braces is more than a path.
pub(super) fn fill(text: &str, data: &Value) -> Result<String, Refusal> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, after)) = rest.split_once("{{") {
        filled.push_str(plain);
        let (path, after) = after.split_once("}}").ok_or(Refusal::TEMPLATE)?;
        filled.push_str(&value(path.trim(), data)?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn value(path: &str, data: &Value) -> Result<String, Refusal> {
    let path = path.strip_prefix('.').ok_or(Refusal::TEMPLATE)?;
    let names = path.split('.').filter(|_| !path.is_empty());
    let mut found = Some(data);
    for name in names {
        let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_');
        if name.is_empty() || !plain {
            return Err(Refusal::TEMPLATE);
        }
        found = found.and_then(|value| value.get(name));
    }
    Ok(match found {
        None | Some(Value::Null) => NOTHING.to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_are_filled_and_nothing_else_is_run() {
        let data = json!({"a": {"b": "x {{.c}}", "n": 1.5, "list": [1]}, "c": true, "z": null});
        let check =
            |text: &str, expect: &str| assert_eq!(fill(text, &data).unwrap(), expect, "{text}");
        check("plain }}", "plain }}");
        check("{{.a.b}}, {{ .a.n }} {{.c}}", "x {{.c}}, 1.5 true");
        check("{{.z}}{{.q.r}}{{.c.d}}", "<no value><no value><no value>");
        check("{{.a.list}}", "[1]");
        for bad in [
            "{{.a",
            "{{a}}",
            "{{if .a}}x{{end}}",
            "{{.a..b}}",
            "{{.a | len}}",
            "{{}}",
        ] {
            assert!(fill(bad, &data).is_err(), "{bad}");
        }
    }
}
