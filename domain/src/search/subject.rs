//! A notification in the form in which it is searched.

use super::words::{fold, push_words};
use super::{Expr, Filter, Has, ReceiptState, Words};
use crate::{CardState, ListState, Notification, Receipt, Timestamp};

/// A notification in the form in which it is searched: each text as its words, in a form without case, accents and
/// punctuation, with a blank before each and one at the end. What an index keeps of a notification is this, so that it
/// finds what [`Query::matches`](super::Query::matches) finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Words of the title.
    pub title: String,
    /// Words of the message.
    pub message: String,
    /// Words of the log.
    pub log: String,
    /// Words of the names that it bears: tags, key, author, channel.
    pub names: String,
    /// What [`Filter::facets`] tells. None of them is a word: each holds a colon.
    pub facets: String,
    updated_at: Timestamp,
}

impl Subject {
    /// Prepares a notification.
    #[must_use]
    pub fn new(notification: &Notification) -> Self {
        let n = notification;
        let key = n.key.as_deref();
        let names = n.tags.iter().map(String::as_str).chain(key);
        let names = names.chain([n.author.as_str(), n.channel.as_str()]);
        Self {
            title: words(n.title.as_deref().into_iter()),
            message: words(n.message.as_deref().into_iter()),
            log: words(n.log.iter().map(String::as_str)),
            names: words(names),
            facets: facets(n),
            updated_at: n.updated_at,
        }
    }

    /// Whether a condition holds for it, with what its reader did.
    pub(super) fn holds(&self, expr: &Expr, receipt: &Receipt) -> bool {
        match expr {
            Expr::Words(words) => self.says(words),
            Expr::Filter(filter) => self.is(filter, receipt),
            Expr::Not(inner) => !self.holds(inner, receipt),
            Expr::All(members) => members.iter().all(|member| self.holds(member, receipt)),
            Expr::Any(members) => members.iter().any(|member| self.holds(member, receipt)),
        }
    }

    fn says(&self, words: &Words) -> bool {
        let end = if words.open { "" } else { " " };
        let wanted = format!(" {}{end}", words.text);
        [&self.title, &self.message, &self.log, &self.names]
            .into_iter()
            .any(|text| text.contains(&wanted))
    }

    fn is(&self, filter: &Filter, receipt: &Receipt) -> bool {
        if let Some(facets) = filter.facets() {
            return facets
                .into_iter()
                .any(|facet| self.facets.contains(&format!(" {facet} ")));
        }
        match filter {
            Filter::Is(state) => state.holds(receipt),
            Filter::After(time) => self.updated_at >= *time,
            Filter::Before(time) => self.updated_at < *time,
            Filter::Channel(_)
            | Filter::Tag(_)
            | Filter::From(_)
            | Filter::Key(_)
            | Filter::Priority(..)
            | Filter::State(_)
            | Filter::Has(_) => false,
        }
    }
}

impl ReceiptState {
    /// Whether a notification that is not in the bin, with this receipt, is meant.
    fn holds(self, receipt: &Receipt) -> bool {
        match self {
            Self::Unread => ListState::Unread.holds(receipt),
            Self::Read => receipt.read,
            Self::Seen => receipt.seen,
            Self::Archived => ListState::Archived.holds(receipt),
            Self::Snoozed => ListState::Snoozed.holds(receipt),
            Self::Inbox => ListState::Inbox.holds(receipt),
            Self::Bin => false,
        }
    }
}

impl Filter {
    /// The facets of which a notification has at least one when the filter holds for it; `None` when that depends on the
    /// reader or on the time.
    #[must_use]
    pub fn facets(&self) -> Option<Vec<String>> {
        Some(match self {
            Self::Channel(name) => vec![facet("channel", name)],
            Self::Tag(name) => vec![facet("tag", name)],
            Self::From(name) => vec![facet("from", name)],
            Self::Key(name) => vec![facet("key", name)],
            Self::Priority(least, most) => (u8::from(*least)..=u8::from(*most))
                .map(|level| format!("priority:{level}"))
                .collect(),
            Self::State(state) => vec![of_state(*state).to_owned()],
            Self::Has(part) => vec![part.facet().to_owned()],
            Self::Is(_) | Self::After(_) | Self::Before(_) => return None,
        })
    }
}

impl Has {
    fn facet(self) -> &'static str {
        match self {
            Self::Icon => "has:icon",
            Self::Click => "has:click",
            Self::Action => "has:action",
            Self::Log => "has:log",
            Self::Progress => "has:progress",
            Self::Key => "has:key",
            Self::Title => "has:title",
        }
    }
}

fn of_state(state: CardState) -> &'static str {
    match state {
        CardState::Running => "is:running",
        CardState::Success => "is:success",
        CardState::Warning => "is:warning",
        CardState::Failure => "is:failure",
    }
}

fn words<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut words = String::new();
    texts.for_each(|text| push_words(&mut words, text));
    if !words.is_empty() {
        words.push(' ');
    }
    words
}

/// `kind:name` without a blank: everything but letters and digits is written as `%` and two digits for each byte.
fn facet(kind: &str, name: &str) -> String {
    let mut facet = format!("{kind}:");
    for c in fold(name).chars() {
        if c.is_alphanumeric() {
            facet.push(c);
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                facet.push_str(&format!("%{byte:02x}"));
            }
        }
    }
    facet
}

fn facets(n: &Notification) -> String {
    let mut all = String::from(" ");
    let mut push = |facet: &str| {
        all.push_str(facet);
        all.push(' ');
    };
    push(&facet("channel", n.channel.as_str()));
    push(&facet("from", n.author.as_str()));
    push(&format!("priority:{}", u8::from(n.priority)));
    n.tags.iter().for_each(|tag| push(&facet("tag", tag)));
    n.key.iter().for_each(|key| push(&facet("key", key)));
    n.state.iter().for_each(|state| push(of_state(*state)));
    let parts = [
        (n.icon.is_some(), Has::Icon),
        (n.click.is_some(), Has::Click),
        (!n.actions.is_empty(), Has::Action),
        (!n.log.is_empty(), Has::Log),
        (n.progress.is_some(), Has::Progress),
        (n.key.is_some(), Has::Key),
        (n.title.is_some(), Has::Title),
    ];
    let present = parts.iter().filter(|(present, _)| *present);
    present.for_each(|(_, part)| push(part.facet()));
    all
}
