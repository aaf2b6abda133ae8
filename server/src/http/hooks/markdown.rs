//! Foreign words inside Markdown of ours (CommonMark), and keys of cards.

use domain::limits;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Text that reads as it was written: no character of it is markup.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() && "\\`*_[]<>#!|~&".contains(c) {
            plain.push('\\');
        }
        plain.push(c);
    }
    plain
}

/// Text as code in a line. A fence longer than any inside ends it.
pub(super) fn code(text: &str) -> String {
    let text = text.replace(['\r', '\n'], " ");
    let fence = "`".repeat(longest_run(&text) + 1);
    let edge = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{edge}{text}{edge}{fence}")
}

/// Text as a block of code.
pub(super) fn block(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}\n{text}\n{fence}")
}

/// Code that leads to `url`; code alone where that is no address.
pub(super) fn code_link(text: &str, url: Option<&str>) -> String {
    let safe = |url: &&str| {
        let web = url.starts_with("https://") || url.starts_with("http://");
        web && !url.contains(|c: char| c.is_whitespace() || c.is_control() || "<>".contains(c))
    };
    match url.filter(safe) {
        Some(url) => format!("[{}](<{url}>)", code(text)),
        None => code(text),
    }
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A key of `prefix` and `name`. A name that makes no key, or too long a one, is hashed.
pub(super) fn key(prefix: &str, name: &str) -> String {
    let whole = format!("{prefix}-{name}");
    let fits = whole.len() <= limits::KEY_CHARS && whole.bytes().all(|b| b.is_ascii_graphic());
    if fits && !name.is_empty() {
        return whole;
    }
    let mut hashed = format!("{prefix}-");
    for byte in &Sha256::digest(name)[..16] {
        let _never_fails = write!(hashed, "{byte:02x}");
    }
    hashed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_words_are_no_markup() {
        assert_eq!(plain("a*b_[c](d) <e>"), "a\\*b\\_\\[c\\](d) \\<e\\>");
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("`a``\nb"), "``` `a`` b ```");
        assert_eq!(block("a ``` b"), "````\na ``` b\n````");
        assert_eq!(
            code_link("a", Some("https://b.example/(c)")),
            "[`a`](<https://b.example/(c)>)"
        );
        assert_eq!(code_link("a", Some("javascript:alert(1)")), "`a`");
        assert_eq!(code_link("a", Some("https://b.example/> x")), "`a`");
    }

    #[test]
    fn a_key_fits_whatever_it_is_made_of() {
        assert_eq!(key("alert", "1a30ba71cca2921f"), "alert-1a30ba71cca2921f");
        let long = key("alert", &"x".repeat(99));
        assert_eq!(long.len(), 38);
        assert_ne!(long, key("alert", &"x".repeat(98)));
        assert_eq!(key("alert", "a b").len(), 38);
        assert_eq!(key("alert", "").len(), 38);
    }
}
