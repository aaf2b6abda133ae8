//! What a file is, by its content: its sender's word for it counts for nothing but the extension.

/// Kinds that a browser would run if it ever showed them.
const ACTIVE: [&str; 5] = [
    "text/html",
    "text/xml",
    "application/xml",
    "application/xhtml+xml",
    "image/svg+xml",
];

/// What is known of nothing.
const BYTES: &str = "application/octet-stream";

/// Media type and extension of a file that begins with `first` and is called `name`.
pub(super) fn detect(first: &[u8], name: Option<&str>) -> (&'static str, String) {
    let own = name.and_then(extension);
    match infer::get(first) {
        Some(kind) if ACTIVE.contains(&kind.mime_type()) => (BYTES, "bin".to_owned()),
        Some(kind) => (kind.mime_type(), kind.extension().to_owned()),
        None if is_text(first) => (
            "text/plain; charset=utf-8",
            own.unwrap_or_else(|| "txt".to_owned()),
        ),
        None => (BYTES, own.unwrap_or_else(|| "bin".to_owned())),
    }
}

/// UTF-8 without control characters. The last character may be cut off.
fn is_text(first: &[u8]) -> bool {
    let text = match std::str::from_utf8(first) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&first[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty()
        && !text
            .chars()
            .any(|c| c.is_control() && !c.is_ascii_whitespace())
}

/// What stands after the last dot, when it is an extension.
fn extension(name: &str) -> Option<String> {
    let (_, extension) = name.rsplit_once('.')?;
    let plain = (1..=16).contains(&extension.len())
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain.then(|| extension.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_decides() {
        let check = |first: &[u8], name: Option<&str>, kind: &str, extension: &str| {
            let (found, ext) = detect(first, name);
            assert_eq!((found, &*ext), (kind, extension), "{first:?} {name:?}");
        };
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        check(png, Some("x.html"), "image/png", "png");
        check(b"<html><script>", Some("x.html"), BYTES, "bin");
        check(b"<!DOCTYPE html>", None, BYTES, "bin");
        check(b"\0\x01\xff", Some("../a.b/c"), BYTES, "bin");
        check(b"\0\x01\xff", None, BYTES, "bin");
        let text = "text/plain; charset=utf-8";
        check(b"log line", Some("build.LOG"), text, "log");
        check("sn\u{f6}".as_bytes(), None, text, "txt");
        check(&"sn\u{f6}".as_bytes()[..3], None, text, "txt");
    }
}
