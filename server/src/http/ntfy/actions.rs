//! Actions, as JSON or in ntfy's short form: `view, Open, https://example.org; http, Label, https://…, method=PUT`.
//!
//! Ours open pages. Those that send requests or start programs have no place on a card, and one that cannot be read is
//! passed over: the message matters more than its buttons.

use domain::Action;
use serde::Deserialize;

/// An action as it was written.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Written {
    action: Option<String>,
    label: Option<String>,
    url: Option<String>,
    method: Option<String>,
}

/// The actions that open something.
pub(super) fn parse(text: &str) -> Vec<Action> {
    let text = text.trim();
    let written = if text.starts_with('[') {
        let values: Vec<serde_json::Value> = serde_json::from_str(text).unwrap_or_default();
        let actions = values.into_iter().map(serde_json::from_value);
        actions.filter_map(Result::ok).collect()
    } else {
        short(text)
    };
    written.into_iter().filter_map(opens).collect()
}

/// What opens a page. A request that only reads is as good as opening it.
fn opens(written: Written) -> Option<Action> {
    let action = written.action?.to_ascii_lowercase();
    let reads = written
        .method
        .is_some_and(|method| method.eq_ignore_ascii_case("get"));
    let wanted = action == "view" || (action == "http" && reads);
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let (label, url) = (filled(written.label)?, filled(written.url)?);
    wanted.then_some(Action { label, url })
}

/// Reads the short form.
fn short(text: &str) -> Vec<Written> {
    let mut rest = text;
    let mut all = Vec::new();
    while !rest.trim().is_empty() {
        let mut action = Written::default();
        for index in 0.. {
            let section = Section::take(rest);
            rest = section.rest;
            action.set(section.key, index, section.value);
            if section.last {
                break;
            }
        }
        all.push(action);
    }
    all
}

impl Written {
    /// Sets a field by its key, or by its place when it has none.
    fn set(&mut self, key: &str, index: usize, value: String) {
        let field = match (key, index) {
            ("action", _) | ("", 0) => &mut self.action,
            ("label", _) | ("", 1) => &mut self.label,
            ("url", _) | ("", 2) => &mut self.url,
            ("method", _) => &mut self.method,
            _ => return,
        };
        *field = Some(value);
    }
}

/// What stands between two commas.
struct Section<'a> {
    key: &'a str,
    value: String,
    /// Whether it ends its action.
    last: bool,
    rest: &'a str,
}

impl<'a> Section<'a> {
    fn take(text: &'a str) -> Self {
        let (key, text) = key(text.trim_start());
        let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, text) = match quote {
            Some(quote) => quoted(&text[1..], quote),
            None => (None, text),
        };
        let end = text.find([',', ';']).unwrap_or(text.len());
        let value = value.unwrap_or_else(|| text[..end].trim().to_owned());
        let last = !text[end..].starts_with(',');
        let rest = text.get(end + 1..).unwrap_or_default();
        Self {
            key,
            value,
            last,
            rest,
        }
    }
}

/// The key before `=`, if there is one, and what follows.
fn key(text: &str) -> (&str, &str) {
    let of_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let end = text.find(|c| !of_key(c)).unwrap_or(text.len());
    match text[end..].trim_start().strip_prefix('=') {
        Some(after) if end > 0 => (&text[..end], after.trim_start()),
        _ => ("", text),
    }
}

/// The text up to the closing quote, and what follows it. Without one, the quote is passed over.
fn quoted(text: &str, quote: char) -> (Option<String>, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return (Some(value), &text[at + 1..]);
        }
        if c == '\\' && text[at + 1..].starts_with(quote) {
            chars.next();
            value.push(quote);
        } else {
            value.push(c);
        }
    }
    (None, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(&str, &str)]) {
        let found = parse(text);
        let found: Vec<_> = found.iter().map(|one| (&*one.label, &*one.url)).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn the_short_form() {
        let url = "https://ex.com/a?b=1";
        check("view, Open, https://ex.com/a?b=1", &[("Open", url)]);
        check(
            "view, \"Look, \\\"you\\\"; there\", url='https://ex.com/a?b=1', clear=true; VIEW,B,https://ex.com/a?b=1",
            &[("Look, \"you\"; there", url), ("B", url)],
        );
        check(
            "action='http', label=\"It's\", url='https://ex.com/a?b=1', method='GET', headers.A='b', clear=0",
            &[("It's", url)],
        );
        check(
            "http, Turn off, https://ex.com/a?b=1, body='{\"a\":1}'",
            &[],
        );
    }

    #[test]
    fn what_cannot_be_read_is_passed_over() {
        check("view,Open", &[]);
        check("", &[]);
        check(";;,,=;", &[]);
        check(
            "view, 'never closed, https://ex.com",
            &[("never closed", "https://ex.com")],
        );
        check(
            "broadcast, Take picture; view, A, https://ex.com",
            &[("A", "https://ex.com")],
        );
        check(
            "[1, {\"action\":\"view\",\"label\":\"A\",\"url\":\"https://ex.com\",\"clear\":false}]",
            &[("A", "https://ex.com")],
        );
        check("[{\"action\":\"view\",\"label\":\"A\",\"url\":null}]", &[]);
        check("[", &[]);
    }
}
