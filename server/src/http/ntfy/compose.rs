//! A draft from what ntfy's clients send. They may send more than a card can hold: what is too much is left out or cut,
//! because an alert that is refused is an alert that nobody gets.

use super::body::{self, Content};
use super::error::Refusal;
use super::params::{self, Params, names};
use super::{actions, delay};
use domain::{
    Action, Attachment, ChannelName, Draft, Encoding, Timestamp, check_line, check_text, limits,
};

/// What stands on a card without a text.
const TRIGGERED: &str = "triggered";

/// Everything of a message but its body.
#[derive(Debug)]
pub(super) struct Envelope {
    draft: Draft,
    pub(super) deliver_at: Option<Timestamp>,
}

/// Reads the parameters.
///
/// # Errors
/// When one breaks a rule of ntfy's that its clients know of.
pub(super) fn envelope(
    topic: &ChannelName,
    key: Option<String>,
    params: &Params,
    now: Timestamp,
) -> Result<Envelope, Refusal> {
    let icon = params.text(names::ICON);
    if icon.as_deref().is_some_and(|url| !is_web(url)) {
        return Err(Refusal::ICON_URL);
    }
    let attach = params.text(names::ATTACH);
    if attach.as_deref().is_some_and(|url| !is_web(url)) {
        return Err(Refusal::ATTACH_URL);
    }
    let priority = params.text(names::PRIORITY);
    let priority = priority.map(|text| params::priority(&text)).transpose()?;
    let deliver_at = deliver_at(params, now)?;
    for (what, names) in [("e-mail", names::EMAIL), ("call", names::CALL)] {
        if params.text(names).is_some() {
            tracing::info!(channel = %topic, "a message asks for {what} as well, which is not sent from here");
        }
    }
    let markdown_type = params.text(names::CONTENT_TYPE);
    let markdown_type =
        markdown_type.is_some_and(|kind| kind.eq_ignore_ascii_case("text/markdown"));
    let probe = |draft: Draft| is_accepted(draft, topic, now);
    let click = params.text(names::CLICK).filter(|url| {
        probe(Draft {
            click: Some(url.clone()),
            ..Draft::default()
        })
    });
    let icon = icon.filter(|url| {
        probe(Draft {
            icon: Some(url.clone()),
            ..Draft::default()
        })
    });
    let mut tags = params.list(names::TAGS);
    tags.retain(|tag| {
        probe(Draft {
            tags: Some(vec![tag.clone()]),
            ..Draft::default()
        })
    });
    tags.truncate(limits::TAGS);
    let mut actions = actions::parse(&params.text(names::ACTIONS).unwrap_or_default());
    actions.retain(|action| {
        probe(Draft {
            actions: Some(vec![action.clone()]),
            ..Draft::default()
        })
    });
    actions.truncate(limits::ACTIONS);
    let draft = Draft {
        channel: Some(topic.to_string()),
        priority: priority.map(|priority| i64::from(u8::from(priority))),
        tags: Some(tags),
        click,
        icon,
        markdown: Some(markdown_type || params.is_on(names::MARKDOWN)),
        actions: Some(actions),
        replaces: key.is_some(),
        key,
        deliver_at: deliver_at.map(|time| time.to_string()),
        attachment: attach.map(|url| elsewhere(url, params.text(names::FILENAME))),
        ..Draft::default()
    };
    Ok(Envelope { draft, deliver_at })
}

impl Envelope {
    /// The draft with its text. `base` is the address of this server.
    ///
    /// # Errors
    /// When a template cannot be filled.
    pub(super) fn sealed(
        self,
        params: &Params,
        content: &Content,
        base: &str,
        now: Timestamp,
    ) -> Result<Draft, Refusal> {
        let mut draft = self.draft;
        if let Content::File(kept) = content {
            draft.attachment = Some(kept.attachment.clone());
        }
        if let Content::Bytes(_) = content {
            draft.encoding = Some(Encoding::Base64);
        }
        let message = params.text(names::MESSAGE);
        let message = message.map(|text| text.replace("\\n", "\n"));
        let message = match content {
            Content::Text(text) | Content::Bytes(text) => Some(text.clone()),
            Content::Nothing | Content::Data(_) | Content::File(_) => body::fill(message, content)?,
        };
        let file = draft.attachment.as_ref();
        let received = file.map(|file| format!("You received a file: {}", file.name));
        let message = message.filter(|text| !text.is_empty()).or(received);
        draft.message = Some(cleaned(message.as_deref().unwrap_or(TRIGGERED)));
        draft.title = body::fill(params.text(names::TITLE), content)?
            .map(|title| line(&title, limits::TITLE_CHARS));
        if let Some(file) = draft.attachment.clone() {
            add_link(&mut draft, &file, base, now);
        }
        Ok(draft)
    }
}

/// Adds a button that leads to the file, in the place of the last where there is no other.
fn add_link(draft: &mut Draft, file: &Attachment, base: &str, now: Timestamp) {
    let url = match file.file() {
        Some(_) => format!("{base}{}", file.url),
        None => file.url.clone(),
    };
    let label = line(&file.name, limits::LABEL_CHARS);
    let link = Action { label, url };
    let topic = draft
        .channel
        .clone()
        .and_then(|name| ChannelName::parse(name).ok());
    let probe = Draft {
        actions: Some(vec![link.clone()]),
        ..Draft::default()
    };
    if topic.is_some_and(|topic| is_accepted(probe, &topic, now)) {
        let actions = draft.actions.get_or_insert_default();
        actions.truncate(limits::ACTIONS - 1);
        actions.push(link);
    }
}

fn deliver_at(params: &Params, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = params.text(names::DELAY) else {
        return Ok(None);
    };
    let cache = params.text(names::CACHE);
    if cache.is_some_and(|word| !params::is_true(&word)) {
        return Err(Refusal::DELAY_WITHOUT_CACHE);
    }
    delay::parse(&text, now).map(Some)
}

/// Whether a draft would be accepted if it had a text.
fn is_accepted(draft: Draft, topic: &ChannelName, now: Timestamp) -> bool {
    let whole = Draft {
        channel: Some(topic.to_string()),
        message: Some(TRIGGERED.to_owned()),
        ..draft
    };
    whole.parse(now).is_ok()
}

fn is_web(url: &str) -> bool {
    let is_scheme = |scheme: &str| {
        let begins = url.get(..scheme.len());
        begins.is_some_and(|begins| begins.eq_ignore_ascii_case(scheme))
    };
    is_scheme("http://") || is_scheme("https://")
}

/// A file that lies elsewhere, by the name it was given, or the last of its address.
fn elsewhere(url: String, name: Option<String>) -> Attachment {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let (_, after_scheme) = path.split_once("://").unwrap_or_default();
    let last = after_scheme.rsplit_once('/').map(|(_, last)| last);
    let last = last.filter(|last| !last.is_empty()).unwrap_or("attachment");
    Attachment {
        name: name.unwrap_or_else(|| last.to_owned()),
        r#type: None,
        size: None,
        url,
    }
}

/// Text in which no character is refused.
fn cleaned(text: &str) -> String {
    if check_text(text).is_ok() {
        return text.to_owned();
    }
    let kept = |c: char| match check_text(c.encode_utf8(&mut [0; 4])) {
        Ok(()) => c,
        Err(_) => char::REPLACEMENT_CHARACTER,
    };
    text.chars().map(kept).collect()
}

/// One line of at most `most` characters, in which none is refused.
fn line(text: &str, most: usize) -> String {
    let kept = |c: char| match check_line(c.encode_utf8(&mut [0; 4])) {
        Ok(()) => c,
        Err(_) => ' ',
    };
    let mut line: String = text.chars().map(kept).collect();
    if let Some((cut, _)) = line.char_indices().nth(most) {
        line.truncate(cut);
        line.pop();
        line.push('\u{2026}');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_cut() {
        assert_eq!(line("a\nb\u{202e}", 9), "a b ");
        assert_eq!(line("abcd", 4), "abcd");
        assert_eq!(line("\u{e9}\u{e9}\u{e9}", 2), "\u{e9}\u{2026}");
        assert_eq!(cleaned("a\n\u{1b}[0m"), "a\n\u{fffd}[0m");
    }

    #[test]
    fn a_file_elsewhere_has_a_name() {
        let check = |url: &str, name: &str| {
            assert_eq!(elsewhere(url.into(), None).name, name, "{url}");
        };
        check("https://ex.com/a/b.png?x=/c", "b.png");
        check("https://ex.com/", "attachment");
        check("https://ex.com", "attachment");
        assert!(is_web("HTTPS://x") && !is_web("ftp://x") && !is_web("http"));
    }
}
