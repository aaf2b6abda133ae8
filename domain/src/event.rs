//! Places in the log.

use serde::{Deserialize, Serialize};

/// An event's place in the log. The first is 1; 0 is the place before it.
pub type Seq = u64;

/// Names one log: random, made with the database and changed when a backup is restored, so that a number of one log is
/// never taken for a number of another. 4 to 16 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Epoch(String);

impl Epoch {
    /// The epoch of a new log, from 32 random bits.
    #[must_use]
    pub fn from_random(bits: u32) -> Self {
        Self(format!("{bits:08x}"))
    }

    /// Checks the grammar.
    ///
    /// # Errors
    /// When it is not 4 to 16 lower-case hexadecimal digits.
    pub fn parse(text: impl Into<String>) -> Result<Self, EventIdError> {
        let text = text.into();
        let hex = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if hex && (4..=16).contains(&text.len()) {
            Ok(Self(text))
        } else {
            Err(EventIdError)
        }
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Epoch {
    type Error = EventIdError;
    fn try_from(text: String) -> Result<Self, EventIdError> {
        Self::parse(text)
    }
}

impl From<Epoch> for String {
    fn from(epoch: Epoch) -> Self {
        epoch.0
    }
}

impl std::fmt::Display for Epoch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of an event on the wire, and so a reader's cursor: `<epoch>-<seq>` (contract, section 4).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventId {
    /// The log.
    pub epoch: Epoch,
    /// The place in it.
    pub seq: Seq,
}

/// A text that is no event id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be an event id such as 7f3a-1043")]
pub struct EventIdError;

impl EventId {
    /// Reads what [`Display`](std::fmt::Display) wrote, and nothing else: a number with a sign, a leading zero or
    /// beyond 2^63-1 is refused.
    ///
    /// # Errors
    /// When the text is anything else.
    pub fn parse(text: &str) -> Result<Self, EventIdError> {
        let (epoch, digits) = text.split_once('-').ok_or(EventIdError)?;
        let canonical = digits == "0"
            || (!digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit()));
        let seq = digits.parse::<Seq>().map_err(|_| EventIdError)?;
        if !canonical || i64::try_from(seq).is_err() {
            return Err(EventIdError);
        }
        Ok(Self {
            epoch: Epoch::parse(epoch)?,
            seq,
        })
    }
}

impl TryFrom<String> for EventId {
    type Error = EventIdError;
    fn try_from(text: String) -> Result<Self, EventIdError> {
        Self::parse(&text)
    }
}

impl From<EventId> for String {
    fn from(id: EventId) -> Self {
        id.to_string()
    }
}

impl std::fmt::Display for EventId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.epoch, self.seq)
    }
}

/// Where a reader asks to begin (contract, section 4). Reading it never fails: what cannot be understood is itself a
/// place to begin, answered with a `reset`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resume {
    /// Nothing was asked for: at the head.
    Head,
    /// `earliest`: at the oldest event that is kept.
    Earliest,
    /// After the event with this id.
    After(EventId),
    /// Something that is no event id.
    Malformed,
}

impl Resume {
    /// Reads the header `Last-Event-ID` or the parameter `last_event_id`. Empty is as good as absent: it is what an
    /// `EventSource` holds before its first event (HTML, 9.2.3).
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "" => Self::Head,
            "earliest" => Self::Earliest,
            _ => EventId::parse(text).map_or(Self::Malformed, Self::After),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hostile_ids_are_malformed() {
        for bad in [
            "1043",
            "-1",
            "7f3a-",
            "7f3a",
            "7f3a--1",
            "7f3a-+1",
            "7f3a-01",
            "7f3a-1 ",
            " 7f3a-1",
            "7F3A-1",
            "7f3-1",
            "7f3a-9223372036854775808",
            "7f3a-99999999999999999999999",
            "7f3a-1e3",
            "7f3a-0x1",
            "7f3a-١",
            "null",
            "7f3a-1\n",
            "7f3a-1-1",
            "00000000000000000-1",
            "EARLIEST",
            "🔔",
        ] {
            assert_eq!(Resume::parse(bad), Resume::Malformed, "{bad:?}");
        }
        assert_eq!(Resume::parse(""), Resume::Head);
        assert_eq!(Resume::parse("earliest"), Resume::Earliest);
        assert!(matches!(Resume::parse("7f3a-0"), Resume::After(_)));
        assert!(matches!(
            Resume::parse("7f3a-9223372036854775807"),
            Resume::After(_)
        ));
    }

    proptest! {
        #[test]
        fn an_id_survives_its_text(bits: u32, seq in 0..=i64::MAX as u64) {
            let id = EventId { epoch: Epoch::from_random(bits), seq };
            prop_assert_eq!(EventId::parse(&id.to_string()), Ok(id));
        }

        #[test]
        fn reading_never_panics_and_what_is_read_is_canonical(text in "\\PC*") {
            if let Resume::After(id) = Resume::parse(&text) {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
