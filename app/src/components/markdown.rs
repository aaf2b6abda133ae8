//! What a message that is CommonMark becomes: the part of it that notifications use, as HTML in which every character
//! of the publisher is text. Raw HTML stays text, images become links (nothing foreign is loaded), headings become
//! strong lines (the page's own headings are its rows), and a link leads to the web or to a mailbox.

/// How far a mark may be from the one that closes it: a wall of marks must not cost the square of its length.
const REACH: usize = 2_000;

/// `source` as HTML.
pub(super) fn html(source: &str) -> String {
    let mut blocks = Blocks::default();
    let mut fenced = false;
    for line in source.lines() {
        let (kind, words) = kind(line.trim());
        match kind {
            "pre" => {
                blocks.begin("", "", "");
                tag(&mut blocks.out, if fenced { "</" } else { "<" }, "pre");
                fenced = !fenced;
            }
            _ if fenced => {
                escape(&mut blocks.out, line);
                blocks.out.push('\n');
            }
            "" => blocks.end(),
            "hr" => {
                blocks.begin("", "", "");
                tag(&mut blocks.out, "<", "hr");
            }
            "strong" => {
                blocks.begin("", "strong", words);
                blocks.end();
            }
            "ul" | "ol" => blocks.begin(kind, "li", words),
            _ if blocks.goes_on(kind) => {
                blocks.text.push('\n');
                blocks.text.push_str(words);
            }
            _ => blocks.begin("", kind, words),
        }
    }
    blocks.begin("", "", "");
    if fenced {
        tag(&mut blocks.out, "</", "pre");
    }
    blocks.out
}

/// The element that a line belongs to, and what it says in it.
fn kind(line: &str) -> (&'static str, &str) {
    let is_rule = |mark| line.len() >= 3 && line.bytes().all(|byte| byte == mark);
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let bytes = line.as_bytes();
    let spaced = |at: usize| bytes.get(at) == Some(&b' ');
    match bytes {
        [] => ("", ""),
        [b'`', b'`', b'`', ..] | [b'~', b'~', b'~', ..] => ("pre", ""),
        [b'>', ..] => ("blockquote", line[1..].trim()),
        [b'-' | b'*' | b'+', b' ', ..] => ("ul", &line[2..]),
        [mark @ (b'-' | b'*' | b'_'), ..] if is_rule(*mark) => ("hr", ""),
        [b'#', ..] if level <= 6 && spaced(level) => ("strong", line.trim_matches('#').trim()),
        [b'0'..=b'9', ..]
            if digits <= 9
                && matches!(bytes.get(digits), Some(b'.' | b')'))
                && spaced(digits + 1) =>
        {
            ("ol", &line[digits + 2..])
        }
        _ => ("p", line),
    }
}

/// The elements as they are written: the one whose lines are still being gathered is not yet.
#[derive(Default)]
struct Blocks {
    out: String,
    /// The list that is open, if any.
    list: &'static str,
    /// The element that the gathered lines belong to, if any.
    block: &'static str,
    text: String,
}

impl Blocks {
    /// Ends what was before and begins an element, within a list or not.
    fn begin(&mut self, list: &'static str, block: &'static str, text: &str) {
        self.end();
        if self.list != list {
            if !self.list.is_empty() {
                tag(&mut self.out, "</", self.list);
            }
            if !list.is_empty() {
                tag(&mut self.out, "<", list);
            }
            self.list = list;
        }
        self.block = block;
        self.text.push_str(text);
    }

    fn end(&mut self) {
        if !self.block.is_empty() {
            element(&mut self.out, self.block, inline, &self.text);
        }
        self.block = "";
        self.text.clear();
    }

    /// Whether such a line belongs to the element before it.
    fn goes_on(&self, kind: &str) -> bool {
        kind == self.block || (kind == "p" && !self.block.is_empty())
    }
}

/// The marks within a line.
fn inline(out: &mut String, text: &str) {
    let mut rest = text;
    let mut before = ' ';
    while let Some(next) = rest.chars().next() {
        rest = match span(out, rest, before) {
            Some(after) => after,
            None => {
                let after = &rest[next.len_utf8()..];
                escape(out, &rest[..next.len_utf8()]);
                after
            }
        };
        before = text[..text.len() - rest.len()]
            .chars()
            .next_back()
            .unwrap_or(' ');
    }
}

/// Writes the span that `rest` begins with and answers what follows it.
fn span<'a>(out: &mut String, rest: &'a str, before: char) -> Option<&'a str> {
    let word = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii();
    match rest.as_bytes() {
        [b'\\', mark, ..] if mark.is_ascii_punctuation() => {
            escape(out, &rest[1..2]);
            return Some(&rest[2..]);
        }
        [b'h', b't', b't', b'p', ..] if !word(before) => {
            let end = rest
                .find([' ', '\n', '\t', '<', '>', '"', '`'])
                .unwrap_or(rest.len());
            let url = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '*', '_']);
            return link(out, url, escape, url).then(|| &rest[url.len()..]);
        }
        [b'`' | b'*' | b'_' | b'~' | b'[' | b'!' | b'<', ..] => {}
        _ => return None,
    }
    if let Some((code, after)) = enclosed(rest, "`", "`") {
        element(out, "code", escape, code);
        return Some(after);
    }
    let marks = [
        ("**", "strong"),
        ("__", "strong"),
        ("*", "em"),
        ("_", "em"),
        ("~~", "del"),
    ];
    for (mark, name) in marks {
        let Some((inside, after)) = enclosed(rest, mark, mark) else {
            continue;
        };
        // A snake_case name holds no marks, and 2 * 3 * 4 no emphasis.
        let within = mark.starts_with('_') && (word(before) || after.starts_with(word));
        if !within && inside.trim() == inside {
            element(out, name, inline, inside);
            return Some(after);
        }
    }
    if let Some((label, after)) = enclosed(rest.strip_prefix('!').unwrap_or(rest), "[", "](") {
        let (url, after) = after.split_once(')')?;
        return link(out, url, inline, label).then_some(after);
    }
    let (url, after) = enclosed(rest, "<", ">")?;
    link(out, url, escape, url).then_some(after)
}

/// What stands between two marks, and what follows.
fn enclosed<'a>(text: &'a str, open: &str, close: &str) -> Option<(&'a str, &'a str)> {
    let inside = text.strip_prefix(open)?;
    let at = inside[..inside.floor_char_boundary(REACH)]
        .find(close)
        .filter(|at| *at > 0)?;
    Some((&inside[..at], &inside[at + close.len()..]))
}

/// Writes a link, unless it leads where none may.
fn link(out: &mut String, url: &str, write: fn(&mut String, &str), label: &str) -> bool {
    let known = ["http://", "https://", "mailto:"].iter().any(|scheme| {
        url.len() > scheme.len()
            && url.as_bytes()[..scheme.len()].eq_ignore_ascii_case(scheme.as_bytes())
    });
    let strange = url.chars().any(|c| c <= ' ' || c == '\u{7f}');
    if !known || strange {
        return false;
    }
    out.push_str("<a target=\"_blank\" rel=\"noopener noreferrer\" href=\"");
    escape(out, url);
    out.push_str("\">");
    write(out, label);
    out.push_str("</a>");
    true
}

/// Writes text between the tags of an element.
fn element(out: &mut String, name: &str, write: fn(&mut String, &str), text: &str) {
    tag(out, "<", name);
    write(out, text);
    tag(out, "</", name);
}

fn tag(out: &mut String, begin: &str, name: &str) {
    out.push_str(begin);
    out.push_str(name);
    out.push('>');
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::html;
    use proptest::prelude::*;

    const LINK: &str = "<a target=\"_blank\" rel=\"noopener noreferrer\" href=";

    fn check(source: &str, expect: &str) {
        assert_eq!(html(source).replace(LINK, "<a "), expect, "{source:?}");
    }

    #[test]
    fn blocks() {
        check("one\ntwo\n\nthree", "<p>one\ntwo</p><p>three</p>");
        check("# Head #\ntext", "<strong>Head</strong><p>text</p>");
        check(
            "text\n- a\n- b\n  more\n1. c",
            "<p>text</p><ul><li>a</li><li>b\nmore</li></ul><ol><li>c</li></ol>",
        );
        check("> a\n> b\n---\n", "<blockquote>a\nb</blockquote><hr>");
        check(
            "```sh\na <b>\n\n- c\n```\nend",
            "<pre>a &lt;b&gt;\n\n- c\n</pre><p>end</p>",
        );
        check("```\nopen", "<pre>open\n</pre>");
        check("-1 is a number, 3.5 too", "<p>-1 is a number, 3.5 too</p>");
    }

    #[test]
    fn spans() {
        check(
            "**a *b* c** `x*y*` ~~d~~",
            "<p><strong>a <em>b</em> c</strong> <code>x*y*</code> <del>d</del></p>",
        );
        check(
            "snake_case_name, 2 * 3 * 4, \\*a\\*",
            "<p>snake_case_name, 2 * 3 * 4, *a*</p>",
        );
        check(
            "[**a**](https://b.c/?d=1&e) ![i](http://j)",
            "<p><a \"https://b.c/?d=1&amp;e\"><strong>a</strong></a> <a \"http://j\">i</a></p>",
        );
        check(
            "see https://a.b/c_d. <mailto:x@y>",
            "<p>see <a \"https://a.b/c_d\">https://a.b/c_d</a>. <a \"mailto:x@y\">mailto:x@y</a></p>",
        );
    }

    #[test]
    fn a_publisher_writes_text_and_nothing_else() {
        check(
            "<script>x</script> <img src=x onerror=y>",
            "<p>&lt;script&gt;x&lt;/script&gt; &lt;img src=x onerror=y&gt;</p>",
        );
        check(
            "[x](javascript:alert(1))",
            "<p>[x](javascript:alert(1))</p>",
        );
        check(
            "[x](https://a\"onclick=b)",
            "<p><a \"https://a&quot;onclick=b\">x</a></p>",
        );
        check("<java\tscript:x>", "<p>&lt;java\tscript:x&gt;</p>");
    }

    #[test]
    fn a_wall_of_marks_is_cheap() {
        for mark in ["[", "*", "_", "`", "<", "> ", "[](", "- ", "**a", "\n#"] {
            let _ = html(&mark.repeat(32_768 / mark.len()));
        }
    }

    proptest! {
        #[test]
        fn only_our_own_tags_come_out(source in "[-a-z*_`~<>\\[\\]()!#\"&:/\\\\ \n.1é]{0,80}") {
            let html = html(&source);
            let plain = html.replace(LINK, "<a ");
            for tag in plain.split('<').skip(1).filter_map(|tag| tag.split_once('>')).map(|(tag, _)| tag) {
                let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
                prop_assert!(["p", "strong", "em", "del", "code", "pre", "ul", "ol", "li", "blockquote", "hr", "a"].contains(&name), "{html}");
            }
            prop_assert_eq!(plain.matches('<').count(), plain.matches('>').count());
        }
    }
}
