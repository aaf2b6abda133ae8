//! A query's text, cut into what the [parser](super::parser) reads.

use super::SearchError;
use super::known::Known;

/// A piece of a query.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Open,
    Close,
    Or,
    Not,
    /// Words, and whether the last of them may go on.
    Words(&'a str, bool),
    Filter(Known, &'a str),
}

/// Marks of a quotation. Telephones write the curved ones.
pub(super) fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\u{201C}' | '\u{201D}' | '\u{201E}')
}

/// Cuts `text`.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, SearchError> {
    let mut lexer = Lexer {
        rest: text,
        depth: 0,
    };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer<'a> {
    rest: &'a str,
    /// How many groups are open.
    depth: usize,
}

impl<'a> Lexer<'a> {
    fn next(&mut self) -> Result<Option<Token<'a>>, SearchError> {
        self.rest = self.rest.trim_start();
        let Some(first) = self.rest.chars().next() else {
            return Ok(None);
        };
        let token = match first {
            '(' => {
                self.take(1);
                self.depth += 1;
                Token::Open
            }
            // Outside of a group it is punctuation.
            ')' if self.depth > 0 => {
                self.take(1);
                self.depth -= 1;
                Token::Close
            }
            '-' if self.rest[1..].starts_with(|c: char| !c.is_whitespace()) => {
                self.take(1);
                Token::Not
            }
            c if is_quote(c) => {
                let words = self.quotation()?;
                let open = self.rest.starts_with('*');
                self.take(usize::from(open));
                Token::Words(words, open)
            }
            _ => self.word()?,
        };
        Ok(Some(token))
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }

    /// What stands between two quotation marks.
    fn quotation(&mut self) -> Result<&'a str, SearchError> {
        let mut marks = self.rest.char_indices().filter(|(_, c)| is_quote(*c));
        let (Some((_, first)), Some((end, last))) = (marks.next(), marks.next()) else {
            return Err(SearchError::OpenQuote);
        };
        let taken = self.take(end + last.len_utf8());
        Ok(&taken[first.len_utf8()..end])
    }

    fn word(&mut self) -> Result<Token<'a>, SearchError> {
        let end = self.word_end();
        if let Some((name, value)) = self.rest[..end].split_once(':')
            && let Some(known) = filter_name(name, value)?
        {
            self.take(name.len() + 1);
            let value = if self.rest.starts_with(is_quote) {
                self.quotation()?
            } else {
                self.take(end - name.len() - 1)
            };
            return Ok(Token::Filter(known, value));
        }
        let word = self.take(end);
        Ok(match word.strip_suffix('*') {
            _ if word == "OR" => Token::Or,
            Some(start) => Token::Words(start, true),
            None => Token::Words(word, false),
        })
    }

    /// A word ends at a blank, or where the group ends in which it stands.
    fn word_end(&self) -> usize {
        let mut inner = 0_usize;
        for (at, c) in self.rest.char_indices() {
            match c {
                '(' => inner += 1,
                ')' if inner > 0 => inner -= 1,
                ')' if self.depth > 0 => return at,
                c if c.is_whitespace() => return at,
                _ => {}
            }
        }
        self.rest.len()
    }
}

/// The filter of that name. `None` when it looks like text that only happens to have a colon in it: a time, an address,
/// a path, the name of a port, a word before an explanation.
fn filter_name(name: &str, value: &str) -> Result<Option<Known>, SearchError> {
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    if !is_name || value.starts_with("//") {
        return Ok(None);
    }
    match Known::find(name) {
        Ok(known) => Ok(Some(known)),
        Err(_) if value.is_empty() || value.starts_with([':', '/', '\\']) => Ok(None),
        Err(SearchError::UnknownFilter { nearest: None, .. })
            if value.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
