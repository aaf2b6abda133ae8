//! A reader of event streams, written from the HTML standard (9.2.5 and 9.2.6) and from nothing of ours: what it
//! understands is what a browser would.

/// An event as a page would get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    /// `message` when the stream names none.
    pub(crate) name: String,
    pub(crate) data: String,
    /// The last id that the stream gave: with this event or before it.
    pub(crate) id: String,
}

/// What has been understood so far.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    line: Vec<u8>,
    /// The first line is yet to come: a byte order mark before it is no part of it.
    begun: bool,
    /// The last byte was CR: a LF after it belongs to it.
    after_cr: bool,
    name: String,
    data: String,
    last_id: String,
    /// The `retry` that the stream set last.
    pub(crate) retry: Option<u64>,
}

impl Parser {
    /// Reads on; answers the events that are complete.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for piece in bytes.split_inclusive(|byte| matches!(byte, b'\r' | b'\n')) {
            let (part, end) = match piece {
                [part @ .., end @ (b'\r' | b'\n')] => (part, Some(*end)),
                part => (part, None),
            };
            let after_cr = std::mem::replace(&mut self.after_cr, end == Some(b'\r'));
            self.line.extend_from_slice(part);
            match end {
                Some(b'\n') if after_cr && part.is_empty() => {}
                Some(_) => events.extend(self.end_line()),
                None => {}
            }
        }
        events
    }

    fn end_line(&mut self) -> Option<Event> {
        let bytes = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&bytes);
        let line = if std::mem::replace(&mut self.begun, true) {
            &*line
        } else {
            line.strip_prefix('\u{FEFF}').unwrap_or(&line)
        };
        if line.is_empty() {
            return self.dispatch();
        }
        match line.split_once(':') {
            Some(("", _comment)) => {}
            Some((field, value)) => self.field(field, value.strip_prefix(' ').unwrap_or(value)),
            None => self.field(line, ""),
        }
        None
    }

    fn field(&mut self, field: &str, value: &str) {
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => value.clone_into(&mut self.last_id),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = value.parse().ok().or(self.retry);
            }
            _ => {}
        }
    }

    fn dispatch(&mut self) -> Option<Event> {
        let (name, mut data) = (
            std::mem::take(&mut self.name),
            std::mem::take(&mut self.data),
        );
        if data.is_empty() {
            return None;
        }
        data.pop();
        Some(Event {
            name: if name.is_empty() {
                "message".to_owned()
            } else {
                name
            },
            data,
            id: self.last_id.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Vec<(String, String, String)> {
        let events = Parser::default().feed(bytes);
        let events = events
            .into_iter()
            .map(|event| (event.name, event.data, event.id));
        events.collect()
    }

    /// The examples of the standard, and the corners where readers differ: the tests below judge the server by this parser.
    #[test]
    fn the_parser_reads_as_the_standard_says() {
        let check = |bytes: &str, expect: &[(&str, &str, &str)]| {
            let owned =
                |&(a, b, c): &(&str, &str, &str)| (a.to_owned(), b.to_owned(), c.to_owned());
            let expect: Vec<_> = expect.iter().map(owned).collect();
            assert_eq!(parse(bytes.as_bytes()), expect, "{bytes:?}");
            // However the bytes arrive.
            let mut parser = Parser::default();
            let single: usize = bytes.bytes().map(|byte| parser.feed(&[byte]).len()).sum();
            assert_eq!(single, expect.len(), "{bytes:?}");
        };
        check(
            "data: YHOO\ndata: +2\ndata: 10\n\n",
            &[("message", "YHOO\n+2\n10", "")],
        );
        check(
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
            &[
                ("message", "first event", "1"),
                ("message", "second event", ""),
                ("message", " third event", ""),
            ],
        );
        check(
            "data\n\ndata\ndata\n\ndata:",
            &[("message", "", ""), ("message", "\n", "")],
        );
        check(
            "data:test\n\ndata: test\n\n",
            &[("message", "test", ""), ("message", "test", "")],
        );
        for end in ["\n", "\r", "\r\n"] {
            let text = format!(
                "event: a{end}id: 7{end}data: b{end}{end}event: c{end}{end}data: d{end}{end}"
            );
            check(&text, &[("a", "b", "7"), ("message", "d", "7")]);
        }
        check(
            "\u{FEFF}data: x\n\n\u{FEFF}data: y\n\n",
            &[("message", "x", "")],
        );
        check("id: a\0b\ndata: x\n\n", &[("message", "x", "")]);
        check("id: 1\n\ndata: x\n\n", &[("message", "x", "1")]);
        check(
            "data: a\u{2028}b\u{85}c\n\n",
            &[("message", "a\u{2028}b\u{85}c", "")],
        );
        check("data: lost at the end\n", &[]);
        let mut parser = Parser::default();
        parser.feed(b"retry: 3000\nretry: 1e3\nretry: -1\n");
        assert_eq!(parser.retry, Some(3000));
    }
}
