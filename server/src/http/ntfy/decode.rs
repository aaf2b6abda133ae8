//! The text of a header.

use axum::http::HeaderValue;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// The value as text: UTF-8, else Latin-1; encoded words (RFC 2047) are decoded where they stand.
pub(super) fn text(value: &HeaderValue) -> String {
    let bytes = value.as_bytes();
    let text = std::str::from_utf8(bytes).map_or_else(|_| latin1(bytes), str::to_owned);
    decode(&text)
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Decodes the encoded words of a text. What only looks like one stays as it is.
fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    let mut after_word = false;
    while let Some(at) = rest.find("=?") {
        let (plain, from) = rest.split_at(at);
        let Some((word, length)) = encoded_word(from) else {
            decoded.push_str(plain);
            decoded.push_str("=?");
            rest = &from[2..];
            after_word = false;
            continue;
        };
        // White space between two encoded words belongs to their encoding (RFC 2047, 6.2).
        if !(after_word && plain.trim().is_empty()) {
            decoded.push_str(plain);
        }
        decoded.push_str(&word);
        rest = &from[length..];
        after_word = true;
    }
    decoded.push_str(rest);
    decoded
}

/// The encoded word that `text` begins with, and how long it is written: `=?charset?B or Q?text?=`.
fn encoded_word(text: &str) -> Option<(String, usize)> {
    let mut parts = text.strip_prefix("=?")?.splitn(3, '?');
    let (charset, encoding) = (parts.next()?, parts.next()?);
    let (written, _) = parts.next()?.split_once("?=")?;
    let bytes = match encoding {
        "B" | "b" => BASE64_STANDARD.decode(written).ok()?,
        "Q" | "q" => quoted(written)?,
        _ => return None,
    };
    // RFC 2231 lets a language follow the charset.
    let name = charset.split('*').next().unwrap_or_default();
    let word = match name.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" | "us-ascii" => String::from_utf8(bytes).ok()?,
        "iso-8859-1" | "latin1" => latin1(&bytes),
        _ => return None,
    };
    let length = "=?".len() + charset.len() + 1 + encoding.len() + 1 + written.len() + "?=".len();
    (text.len() >= length).then_some((word, length))
}

/// The Q encoding (RFC 2047, 4.2).
fn quoted(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'_' => bytes.push(b' '),
            b'=' => {
                let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = &rest[2..];
            }
            byte => bytes.push(*byte),
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_are_decoded_where_they_stand() {
        let check = |written: &str, expect: &str| assert_eq!(decode(written), expect, "{written}");
        check("plain = text?", "plain = text?");
        check("=?UTF-8?B?w7xiZXI=?=", "\u{fc}ber");
        check("=?utf-8?q?=F0=9F=94=94_bell?=", "\u{1f514} bell");
        check("=?ISO-8859-1?Q?caf=E9?=", "caf\u{e9}");
        check("a =?utf-8?Q?b?= c", "a b c");
        check("=?utf-8?Q?a?= \t=?utf-8?Q?b?=", "ab");
        for strange in [
            "=?utf-8?Q?a",
            "=?utf-8?X?a?=",
            "=?koi8-r?Q?a?=",
            "=?utf-8?B?%?=",
            "=?utf-8?Q?=F0?=",
            "=?utf-8?Q?=zz?=",
            "=?=?=?",
        ] {
            check(strange, strange);
        }
        check("=?x =?utf-8?Q?b?=", "=?x b");
    }

    #[test]
    fn bytes_that_are_no_utf8_are_latin1() {
        let value = HeaderValue::from_bytes(b"caf\xe9").unwrap();
        assert_eq!(text(&value), "caf\u{e9}");
        let value = HeaderValue::from_bytes("caf\u{e9}".as_bytes()).unwrap();
        assert_eq!(text(&value), "caf\u{e9}");
    }
}
