//! What programs of others send in their own terms, made fit for our rules. Such a program does not read our answers, and
//! nobody corrects what it sends: text is cleaned and cut instead of refused, and decoration that breaks a rule is left
//! out. What is asked for in our own interface is refused instead.

use domain::{Draft, Timestamp, check_line, check_text, limits};

/// What stands for the rest of a text that was cut.
const ELLIPSIS: char = '…';

/// Text in one line of at most `most` characters: line ends and tabs become spaces, other control characters go.
pub(crate) fn line(text: &str, most: usize) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let mut line: String = words.join(" ");
    line.retain(|c| check_line(c.encode_utf8(&mut [0; 4])).is_ok());
    if line.chars().count() > most {
        line = line.chars().take(most.saturating_sub(1)).collect();
        line.push(ELLIPSIS);
    }
    line
}

/// Text of several lines and at most `most` bytes, without control characters.
pub(crate) fn text(text: &str, most: usize) -> String {
    let kept = |c: &char| check_text(c.encode_utf8(&mut [0; 4])).is_ok();
    let mut text: String = text.trim_end().chars().filter(kept).collect();
    if text.len() > most {
        let end = text.floor_char_boundary(most.saturating_sub(ELLIPSIS.len_utf8()));
        text.truncate(end);
        text.push(ELLIPSIS);
    }
    text
}

/// The draft with nothing in it that would have it refused, but for its channel.
pub(crate) fn settle(draft: Draft, now: Timestamp) -> Draft {
    let tag = |tag: String| line(&tag, limits::TAG_CHARS);
    let tags = draft.tags.map(|tags| {
        let tags = tags.into_iter().map(tag).filter(|tag| !tag.is_empty());
        tags.take(limits::TAGS).collect()
    });
    let actions = draft.actions.map(|actions| {
        let labelled = actions.into_iter().map(|mut action| {
            action.label = line(&action.label, limits::LABEL_CHARS);
            action
        });
        let good = labelled.filter(|action| {
            let actions = Some(vec![action.clone()]);
            is_fit(Draft { actions, ..blank() }, now)
        });
        good.take(limits::ACTIONS).collect()
    });
    let message = |message: String| text(&message, limits::MESSAGE_BYTES);
    let address = |draft: &dyn Fn(String) -> Draft, url: Option<String>| {
        let url = url.map(|url| url.trim().to_owned());
        url.filter(|url| is_fit(draft(url.clone()), now))
    };
    let click = |click| Draft {
        click: Some(click),
        ..blank()
    };
    let icon = |icon| Draft {
        icon: Some(icon),
        ..blank()
    };
    Draft {
        title: draft.title.map(|title| line(&title, limits::TITLE_CHARS)),
        message: draft.message.map(message),
        tags,
        click: address(&click, draft.click),
        icon: address(&icon, draft.icon),
        actions,
        ..draft
    }
}

/// A draft that breaks no rule.
fn blank() -> Draft {
    Draft {
        channel: Some("x".to_owned()),
        message: Some("x".to_owned()),
        ..Draft::default()
    }
}

fn is_fit(draft: Draft, now: Timestamp) -> bool {
    draft.parse(now).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Action;

    #[test]
    fn a_line_is_cleaned_and_cut_at_a_character() {
        assert_eq!(line(" a\r\nb\tc\0\u{1b}[1m\u{202E}d ", 99), "a b c [1md");
        assert_eq!(line("äöüß", 4), "äöüß");
        assert_eq!(line("äöüßé", 4), "äöü…");
        assert_eq!(line("\n", 9), "");
    }

    #[test]
    fn a_text_keeps_its_lines_and_is_cut_at_a_character() {
        assert_eq!(text("a\r\n\tb\0\u{FEFF}\n\n", 99), "a\r\n\tb");
        assert_eq!(text("ääää", 8), "ääää");
        let cut = text(&"ä".repeat(9), 8);
        assert_eq!((cut.as_str(), cut.len()), ("ää…", 7));
    }

    #[test]
    fn decoration_that_breaks_a_rule_is_left_out_and_the_rest_stays() {
        let action = |label: &str, url: &str| Action {
            label: label.to_owned(),
            url: url.to_owned(),
        };
        let hostile = Draft {
            channel: Some("ci".to_owned()),
            title: Some("t\n".repeat(500)),
            message: Some("m\u{8}".repeat(40_000)),
            tags: Some(
                (0..40)
                    .map(|n| format!("{n}\n{}", "x".repeat(n * 3)))
                    .collect(),
            ),
            click: Some("javascript:alert(1)".to_owned()),
            icon: Some(" https://a.example/i.png ".to_owned()),
            actions: Some(vec![
                action("Run", "javascript:alert(1)"),
                action("", "https://a.example"),
                action("Open\nit", "https://a.example"),
            ]),
            ..Draft::default()
        };
        let settled = settle(hostile, Timestamp::EPOCH);
        assert_eq!(settled.click, None);
        assert_eq!(settled.icon.as_deref(), Some("https://a.example/i.png"));
        assert_eq!(
            settled.actions,
            Some(vec![action("Open it", "https://a.example")])
        );
        assert_eq!(settled.tags.as_ref().map(Vec::len), Some(16));
        assert!(settled.parse(Timestamp::EPOCH).is_ok());
    }
}
