//! Filters: `name:value`.

use super::SearchError;
use super::known::{self, Known};
use super::words::fold;
use crate::{CardState, ChannelName, Priority, Timestamp};

/// A fact about a notification, or about what its reader did with it. Names are in their [normal form](super::Subject).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// The name of its channel.
    Channel(String),
    /// One of its tags.
    Tag(String),
    /// Who posted it.
    From(String),
    /// Its key.
    Key(String),
    /// It is at least the first and at most the second as urgent; one of the two is an end of the scale, or both are the
    /// same.
    Priority(Priority, Priority),
    /// What its reader did with it.
    Is(ReceiptState),
    /// How the thing that it stands for is doing.
    State(CardState),
    /// It has something.
    Has(Has),
    /// Its newest change was then or later.
    After(Timestamp),
    /// Its newest change was earlier.
    Before(Timestamp),
}

/// What a reader did with a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptState {
    /// In the inbox, not read.
    Unread,
    /// Read.
    Read,
    /// Was on a screen.
    Seen,
    /// Archived.
    Archived,
    /// Out of the inbox until a time.
    Snoozed,
    /// Neither archived nor snoozed.
    Inbox,
    /// Deleted less than 30 days ago.
    Bin,
}

/// What a notification may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Has {
    /// A picture.
    Icon,
    /// An address to open.
    Click,
    /// A button.
    Action,
    /// Lines of a log.
    Log,
    /// A progress bar.
    Progress,
    /// A key.
    Key,
    /// A title.
    Title,
}

impl Filter {
    /// The notifications of a channel.
    #[must_use]
    pub fn channel(name: &ChannelName) -> Self {
        Self::Channel(fold(name.as_str()))
    }

    /// The notifications with a tag. `None` when there can be no such tag.
    #[must_use]
    pub fn tag(name: &str) -> Option<Self> {
        Some(fold(name))
            .filter(|name| !name.is_empty())
            .map(Self::Tag)
    }

    /// The notifications at least as urgent.
    #[must_use]
    pub fn at_least(priority: Priority) -> Self {
        Self::Priority(priority, Priority::Urgent)
    }

    /// Reads the filter `name:value`.
    pub(super) fn parse(name: Known, value: &str, now: Timestamp) -> Result<Self, SearchError> {
        let wrong = || SearchError::Value {
            name: name.word(),
            value: value.to_owned(),
            needs: name.needs(),
        };
        let text = || {
            let folded = fold(value);
            if folded.is_empty() {
                Err(wrong())
            } else {
                Ok(folded)
            }
        };
        match name {
            Known::Channel => text().map(Self::Channel),
            Known::Tag => text().map(Self::Tag),
            Known::From => text().map(Self::From),
            Known::Key => text().map(Self::Key),
            Known::Priority => {
                priority(value).map_or_else(|| Err(wrong()), |(a, b)| Ok(Self::Priority(a, b)))
            }
            Known::Is => known::is(value),
            Known::Has => known::has(value).map(Self::Has),
            Known::After => time(value, now).map(Self::After).ok_or_else(wrong),
            Known::Before => time(value, now).map(Self::Before).ok_or_else(wrong),
        }
    }
}

fn priority(value: &str) -> Option<(Priority, Priority)> {
    let level = |word: &str| match word.to_ascii_lowercase().as_str() {
        "1" | "min" => Some(1),
        "2" | "low" => Some(2),
        "3" | "default" => Some(3),
        "4" | "high" => Some(4),
        "5" | "urgent" | "max" => Some(5),
        _ => None,
    };
    let (least, most) = if let Some(rest) = value.strip_prefix(">=") {
        (level(rest)?, 5)
    } else if let Some(rest) = value.strip_prefix("<=") {
        (1, level(rest)?)
    } else if let Some(rest) = value.strip_prefix('>') {
        (level(rest)? + 1, 5)
    } else if let Some(rest) = value.strip_prefix('<') {
        (1, level(rest)? - 1)
    } else {
        (level(value)?, level(value)?)
    };
    Some((
        Priority::try_from(least).ok()?,
        Priority::try_from(most).ok()?,
    ))
}

/// `7d` ago, a day (its beginning in UTC), or RFC 3339.
fn time(value: &str, now: Timestamp) -> Option<Timestamp> {
    let unit = match value.bytes().last()? {
        b's' => 1_000,
        b'm' => 60_000,
        b'h' => 3_600_000,
        b'd' => 86_400_000,
        b'w' => 7 * 86_400_000,
        _ => {
            let day = || Timestamp::parse(&format!("{value}T00:00:00Z"));
            return Timestamp::parse(value).or_else(|_| day()).ok();
        }
    };
    let digits = &value[..value.len() - 1];
    let count: i64 = digits
        .parse()
        .ok()
        .filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some(now.plus_millis(count.checked_mul(-unit)?))
}
