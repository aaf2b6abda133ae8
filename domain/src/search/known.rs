//! The words of the language, and the nearest one to a word that is not among them.

use super::{Filter, Has, ReceiptState, SearchError};
use crate::CardState;

/// The name of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Channel,
    Tag,
    From,
    Key,
    Priority,
    Is,
    Has,
    After,
    Before,
}

const NAMES: [(&str, Known); 9] = [
    ("channel", Known::Channel),
    ("tag", Known::Tag),
    ("from", Known::From),
    ("key", Known::Key),
    ("priority", Known::Priority),
    ("is", Known::Is),
    ("has", Known::Has),
    ("after", Known::After),
    ("before", Known::Before),
];

/// What others call it.
const ELSEWHERE: [(&str, Known); 12] = [
    ("topic", Known::Channel),
    ("in", Known::Channel),
    ("app", Known::Channel),
    ("label", Known::Tag),
    ("author", Known::From),
    ("by", Known::From),
    ("user", Known::From),
    ("state", Known::Is),
    ("status", Known::Is),
    ("since", Known::After),
    ("newer", Known::After),
    ("until", Known::Before),
];

pub(super) const RECEIPT_STATES: [(&str, ReceiptState); 7] = [
    ("unread", ReceiptState::Unread),
    ("read", ReceiptState::Read),
    ("seen", ReceiptState::Seen),
    ("archived", ReceiptState::Archived),
    ("snoozed", ReceiptState::Snoozed),
    ("inbox", ReceiptState::Inbox),
    ("bin", ReceiptState::Bin),
];

pub(super) const CARD_STATES: [(&str, CardState); 4] = [
    ("running", CardState::Running),
    ("success", CardState::Success),
    ("warning", CardState::Warning),
    ("failure", CardState::Failure),
];

/// The first word of each is the one that is written.
pub(super) const PARTS: [(&str, Has); 10] = [
    ("icon", Has::Icon),
    ("image", Has::Icon),
    ("link", Has::Click),
    ("click", Has::Click),
    ("action", Has::Action),
    ("actions", Has::Action),
    ("log", Has::Log),
    ("progress", Has::Progress),
    ("key", Has::Key),
    ("title", Has::Title),
];

/// The word for `thing`.
pub(super) fn word_of<T: PartialEq>(table: &[(&'static str, T)], thing: &T) -> &'static str {
    let entry = table.iter().find(|(_, other)| other == thing);
    entry.map_or("", |(word, _)| word)
}

fn find<T: Copy>(table: &[(&'static str, T)], word: &str) -> Option<T> {
    let entry = table
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(word));
    entry.map(|(_, thing)| *thing)
}

/// The known word that `word` was most likely meant to be.
fn nearest(word: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let word = word.to_lowercase();
    let near = known.map(|known| (strsim::jaro_winkler(&word, known), known));
    near.filter(|(likeness, _)| *likeness >= 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

impl Known {
    /// The filter called `name`.
    ///
    /// # Errors
    /// That there is none, with the one that was meant.
    pub(super) fn find(name: &str) -> Result<Self, SearchError> {
        find(&NAMES, name).ok_or_else(|| SearchError::UnknownFilter {
            name: name.to_owned(),
            nearest: find(&ELSEWHERE, name)
                .map(Self::word)
                .or_else(|| nearest(name, NAMES.iter().map(|(known, _)| *known))),
        })
    }

    /// Its name.
    pub(super) fn word(self) -> &'static str {
        word_of(&NAMES, &self)
    }

    /// What its value has to be.
    pub(super) fn needs(self) -> &'static str {
        match self {
            Self::Channel | Self::Tag | Self::From | Self::Key => "a name",
            Self::Priority => {
                "1 to 5, min, low, default, high or urgent, perhaps after >=, <=, > or <"
            }
            Self::Is => {
                "unread, read, seen, archived, snoozed, inbox, bin, running, success, warning or failure"
            }
            Self::Has => "icon, link, action, log, progress, key or title",
            Self::After | Self::Before => {
                "a span such as 12h or 7d, a day such as 2026-11-01, or a time such as 2026-11-01T10:00:00Z"
            }
        }
    }
}

/// Reads `is:word`.
pub(super) fn is(word: &str) -> Result<Filter, SearchError> {
    let receipt = find(&RECEIPT_STATES, word).map(Filter::Is);
    let card = find(&CARD_STATES, word).map(Filter::State);
    let words = || RECEIPT_STATES.iter().map(|(known, _)| *known);
    let words = words().chain(CARD_STATES.iter().map(|(known, _)| *known));
    receipt
        .or(card)
        .ok_or_else(|| unknown(Known::Is, word, words))
}

/// Reads `has:word`.
pub(super) fn has(word: &str) -> Result<Has, SearchError> {
    let words = PARTS.iter().map(|(known, _)| *known);
    find(&PARTS, word).ok_or_else(|| unknown(Known::Has, word, words))
}

fn unknown(name: Known, value: &str, words: impl Iterator<Item = &'static str>) -> SearchError {
    match nearest(value, words) {
        Some(nearest) => SearchError::UnknownValue {
            name: name.word(),
            value: value.to_owned(),
            nearest,
        },
        None => SearchError::Value {
            name: name.word(),
            value: value.to_owned(),
            needs: name.needs(),
        },
    }
}
