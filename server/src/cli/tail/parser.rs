//! Reads an event stream (HTML, 9.2.5 and 9.2.6).

use std::time::Duration;

/// An event that is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    /// Empty when the stream names none.
    pub(super) name: String,
    pub(super) data: String,
    /// The last id that the stream gave: with this event or before it.
    pub(super) id: String,
}

/// What was read so far of one connection.
#[derive(Debug, Default)]
pub(super) struct Parser {
    /// Bytes of a line that is not complete.
    line: Vec<u8>,
    /// The last byte was CR: a LF after it belongs to it.
    after_cr: bool,
    /// A line was complete: a byte order mark is none of a later one.
    begun: bool,
    name: String,
    data: String,
    id: String,
    /// How long to wait before a reconnect, once the stream has said so.
    pub(super) retry: Option<Duration>,
}

impl Parser {
    /// Reads on; answers the events that are complete.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for &byte in bytes {
            let after_cr = std::mem::replace(&mut self.after_cr, byte == b'\r');
            match byte {
                b'\n' if after_cr => {}
                b'\n' | b'\r' => {
                    let line = std::mem::take(&mut self.line);
                    events.extend(self.end_line(&String::from_utf8_lossy(&line)));
                }
                _ => self.line.push(byte),
            }
        }
        events
    }

    fn end_line(&mut self, line: &str) -> Option<Event> {
        let line = match line.strip_prefix('\u{FEFF}') {
            Some(rest) if !self.begun => rest,
            _ => line,
        };
        self.begun = true;
        if line.is_empty() {
            return self.end_event();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = value.parse().map(Duration::from_millis).ok().or(self.retry);
            }
            // A comment, or what a later version says.
            _ => {}
        }
        None
    }

    fn end_event(&mut self) -> Option<Event> {
        let (name, mut data) = (
            std::mem::take(&mut self.name),
            std::mem::take(&mut self.data),
        );
        data.pop()?;
        Some(Event {
            name,
            data,
            id: self.id.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(&str, &str, &str)]) {
        let whole = Parser::default().feed(text.as_bytes());
        let parts: Vec<_> = whole
            .iter()
            .map(|event| (&*event.name, &*event.data, &*event.id))
            .collect();
        assert_eq!(parts, expect, "{text:?}");
        // However the bytes arrive.
        let mut parser = Parser::default();
        let bytes = text.bytes().map(|byte| [byte]);
        let slowly: Vec<_> = bytes.flat_map(|byte| parser.feed(&byte)).collect();
        assert_eq!(slowly, whole, "{text:?}");
    }

    #[test]
    fn a_stream_is_read_as_the_standard_says() {
        for end in ["\n", "\r", "\r\n"] {
            let text = [
                "event: a", "id: 7", "data: b", "", "event: c", "", "data:d", "", "",
            ];
            check(&text.join(end), &[("a", "b", "7"), ("", "d", "7")]);
        }
        check("data: a\ndata:  b\n\n", &[("", "a\n b", "")]);
        check(": c\n\ndata\n\ndata: lost", &[("", "", "")]);
        check("id: 1\n\nid: a\0b\ndata: x\n\n", &[("", "x", "1")]);
        check("id: 1\nid\ndata: ä\n\n", &[("", "ä", "")]);
        check("\u{FEFF}data: x\n\n\u{FEFF}data: y\n\n", &[("", "x", "")]);
    }

    #[test]
    fn only_digits_set_the_wait() {
        let mut parser = Parser::default();
        parser.feed(b"retry: 1500\nretry: 1e3\nretry: -1\nretry:\n");
        assert_eq!(parser.retry, Some(Duration::from_millis(1500)));
    }
}
