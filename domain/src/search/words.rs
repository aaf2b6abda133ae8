//! The normal form of text, in which both what is searched and what is searched for are compared.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Characters of a word that count. A longer one (an address, a picture in Base64) is cut off.
const WORD_CHARS: usize = 64;

/// The words of `text`, each after a blank: without case, accents and punctuation. Characters of scripts that are written
/// without blanks, and symbols, are words of their own.
pub(super) fn push_words(out: &mut String, text: &str) {
    let mut chars = 0;
    for c in simplify(text) {
        if stands_alone(c) {
            out.push(' ');
            out.push(c);
            chars = 0;
        } else if c.is_alphanumeric() {
            if chars == 0 {
                out.push(' ');
            }
            if chars < WORD_CHARS {
                out.push(c);
            }
            chars += 1;
        } else {
            chars = 0;
        }
    }
}

/// A name as names are compared: without case and accents, with single blanks, and without what ends a quotation.
pub(super) fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    let mut blank = false;
    for c in simplify(name) {
        if c.is_whitespace() || c.is_control() {
            blank = !folded.is_empty();
            continue;
        }
        if std::mem::take(&mut blank) {
            folded.push(' ');
        }
        folded.push(if super::lexer::is_quote(c) { '\'' } else { c });
    }
    folded
}

/// Compatibility forms are taken apart (NFKD), capitals made small, and marks that decorate a letter left out.
fn simplify(text: &str) -> impl Iterator<Item = char> {
    let small = text.nfkd().flat_map(char::to_lowercase);
    small
        .filter(|c| canonical_combining_class(*c) == 0)
        .map(|c| if c == 'ς' { 'σ' } else { c })
}

/// Letters of Chinese and Japanese, which have no blanks between words; arrows, signs and pictures.
fn stands_alone(c: char) -> bool {
    let letter = matches!(c, '\u{3041}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{20000}'..='\u{3FFFD}');
    let sign = matches!(c, '\u{2190}'..='\u{21FF}' | '\u{2300}'..='\u{23FF}' | '\u{25A0}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}');
    (letter && c.is_alphanumeric()) || sign
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        let mut out = String::new();
        push_words(&mut out, text);
        out
    }

    #[test]
    fn case_accents_and_punctuation_make_no_difference() {
        for (text, expect) in [
            ("Backup FAILED: web-1", " backup failed web 1"),
            ("Crème brûlée, Ærø", " creme brulee ærø"),
            ("ΟΔΟΣ οδος", " οδοσ οδοσ"),
            ("İstanbul ﬁne ㎒", " istanbul fine mhz"),
            ("東京タワー", " 東 京 タ ワ ー"),
            ("done 🎉ok", " done 🎉 ok"),
            ("שָׁלוֹם", " שלום"),
            ("-- !? «»", ""),
        ] {
            assert_eq!(words(text), expect, "{text}");
        }
        assert_eq!(words(&"x".repeat(70)).len(), 65);
    }

    #[test]
    fn names_keep_their_punctuation() {
        assert_eq!(fold("  Disk \t Atlas-1\u{201d} É"), "disk atlas-1' e");
    }

    /// Whatever a character becomes stays as it is: else a query would not read as what it displays.
    #[test]
    fn the_normal_form_of_every_character_is_normal() {
        // Chinese and Korean between these are all alike, and nothing beyond changes.
        let all = (0..0x4F00).chain(0xD700..0x2_0000);
        for c in all.filter_map(char::from_u32) {
            let once = words(&format!("a{c}b{c}"));
            assert_eq!(words(&once), once, "{c:?}");
            let name = fold(&format!("a{c}{c}b"));
            assert_eq!(fold(&name), name, "{c:?}");
        }
    }
}
