//! Which characters a person or a program may send.
//!
//! The stream is safe whatever text holds, because the encoder escapes it (JSON in one line). These rules protect the
//! reader: a bidirectional override makes text read as something else (CVE-2021-42574), a NUL or an escape sequence
//! acts on terminals, and a line break in a title or a tag forges a second one.

/// A character that is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must not contain the control or format character U+{:04X}", u32::from(*.0))]
pub struct TextError(pub char);

/// Text of one line: titles, tags, keys, labels, names.
///
/// # Errors
/// The first control character, line or paragraph separator, byte order mark or bidirectional control.
pub fn check_line(text: &str) -> Result<(), TextError> {
    match text.chars().find(|&c| c.is_control() || deceives(c)) {
        Some(c) => Err(TextError(c)),
        None => Ok(()),
    }
}

/// Text of several lines: as [`check_line`], but tabs and line ends (LF, CR, CRLF) are kept as they came.
///
/// # Errors
/// The first character that is neither text, tab nor line end.
pub fn check_text(text: &str) -> Result<(), TextError> {
    let accepted = |c: char| matches!(c, '\t' | '\n' | '\r') || !(c.is_control() || deceives(c));
    match text.chars().find(|&c| !accepted(c)) {
        Some(c) => Err(TextError(c)),
        None => Ok(()),
    }
}

/// Invisible characters that change how others are read. Joiners, marks and tags stay: Persian words, emoji and flags
/// are written with them.
fn deceives(c: char) -> bool {
    matches!(
        c,
        '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_no_line_end_and_nothing_that_deceives() {
        for bad in [
            "\r", "\n", "\t", "\0", "\u{1b}", "\u{7f}", "\u{85}", "\u{2028}", "\u{202E}",
            "\u{2067}", "\u{FEFF}",
        ] {
            assert!(check_line(&format!("a{bad}b")).is_err(), "{bad:?}");
        }
        for good in [
            "",
            "Ünïcödé",
            "👩‍👩‍👧",
            "می‌خواهم",
            "🏴\u{E0067}\u{E007F}",
            "\u{200F}abc",
        ] {
            assert_eq!(check_line(good), Ok(()), "{good:?}");
        }
    }

    #[test]
    fn text_keeps_tabs_and_line_ends_only() {
        assert_eq!(check_text("a\r\n\tb\rc\n"), Ok(()));
        for bad in ['\0', '\u{8}', '\u{1b}', '\u{9f}', '\u{202D}', '\u{FEFF}'] {
            assert_eq!(check_text(&format!("a{bad}")), Err(TextError(bad)));
        }
    }
}
