//! Text of others, made fit for a terminal. A terminal obeys control characters: an escape sequence in a title could
//! rewrite what is on the screen, or type on some terminals.

/// Text in one line, without characters that act instead of showing something. The rule is that of titles
/// ([`domain::check_line`]), which a server of another kind may not keep.
pub(super) fn line(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' => ' ',
            c if acts(c) => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}

/// JSON with those characters written as escapes, which mean the same. JSON has them nowhere but in strings.
pub(super) fn json(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len());
    for c in text.chars() {
        if acts(c) {
            let mut units = [0; 2];
            let escapes = c.encode_utf16(&mut units).iter();
            escapes.for_each(|unit| harmless.push_str(&format!("\\u{unit:04x}")));
        } else {
            harmless.push(c);
        }
    }
    harmless
}

fn acts(c: char) -> bool {
    domain::check_line(c.encode_utf8(&mut [0; 4])).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        let hostile = "a\u{1b}[2J\u{9b}31m\u{7}\u{202E}b\r\nc\td";
        assert_eq!(
            line(hostile),
            "a\u{FFFD}[2J\u{FFFD}31m\u{FFFD}\u{FFFD}b  c d"
        );
        let value = serde_json::json!({"title": hostile, "emoji": "👩‍👩‍👧"});
        let written = json(&value.to_string());
        assert!(!written.chars().any(acts), "{written}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&written).unwrap(),
            value
        );
    }
}
