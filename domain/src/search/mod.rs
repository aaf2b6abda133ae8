//! The language of searches, one for the page, the API, the stream and the command line:
//!
//! ```text
//! disk full "exact words" -flaky (a OR b) back* channel:ci priority:>=4 -tag:db is:unread after:7d
//! ```
//!
//! Everything between blanks must hold, `OR` binds weaker, `-` negates what follows it, `*` stands for the end of a word.
//! [`Query::parse`] reads it, [`Query::matches`] judges a notification by it, and its [`Display`](std::fmt::Display)
//! is text that reads as the same query.

mod display;
mod error;
mod filter;
mod known;
mod lexer;
mod parser;
mod subject;
#[cfg(test)]
mod tests;
mod words;

pub use error::SearchError;
pub use filter::{Filter, Has, ReceiptState};
pub use subject::Subject;

use crate::{Notification, Receipt, Timestamp};

/// The longest text of a query, in characters.
pub const QUERY_CHARS: usize = 1000;
/// The most words and filters of a query.
pub const QUERY_LEAVES: usize = 64;
/// How deep parentheses may stand in each other.
pub const QUERY_DEPTH: usize = 16;

/// What is searched for. The default finds everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query(Option<Expr>);

/// A condition. Every list has at least two members, none of them of the same kind as the list, and what is negated is
/// no negation: two queries that say the same in the same order are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// Words that stand side by side.
    Words(Words),
    /// A fact about the notification.
    Filter(Filter),
    /// What it negates does not hold.
    Not(Box<Expr>),
    /// All of them hold.
    All(Vec<Expr>),
    /// At least one of them holds.
    Any(Vec<Expr>),
}

/// Words that stand side by side in the title, the message, the log or the names of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// The words in their [normal form](Subject), with blanks between them. There is at least one.
    pub text: String,
    /// Whether the last word may go on.
    pub open: bool,
}

impl Query {
    /// Reads a query. Times such as `7d` count back from `now`.
    ///
    /// # Errors
    /// What is wrong with it, for whoever wrote it.
    pub fn parse(text: &str, now: Timestamp) -> Result<Self, SearchError> {
        parser::parse(text, now).map(Self)
    }

    /// The condition; `None` when everything is searched for.
    #[must_use]
    pub fn expr(&self) -> Option<&Expr> {
        self.0.as_ref()
    }

    /// This query where `filter` holds besides.
    #[must_use]
    pub fn and(self, filter: Filter) -> Self {
        Self(parser::all(
            self.0.into_iter().chain([Expr::Filter(filter)]).collect(),
        ))
    }

    /// Whether `notification`, with which a reader did what `receipt` says, is searched for. It is not in the bin.
    #[must_use]
    pub fn matches(&self, notification: &Notification, receipt: &Receipt) -> bool {
        self.finds(&Subject::new(notification), receipt)
    }

    /// As [`matches`](Self::matches), for a notification that is looked at more than once.
    #[must_use]
    pub fn finds(&self, subject: &Subject, receipt: &Receipt) -> bool {
        self.0
            .as_ref()
            .is_none_or(|expr| subject.holds(expr, receipt))
    }

    /// Whether it says which of a reader's notifications are meant, by what he did with them or by the bin: then no
    /// other choice of them is made for him.
    #[must_use]
    pub fn names_receipts(&self) -> bool {
        self.mentions(|filter| matches!(filter, Filter::Is(_)))
    }

    /// Whether what is in the bin may be meant.
    #[must_use]
    pub fn names_bin(&self) -> bool {
        self.mentions(|filter| *filter == Filter::Is(ReceiptState::Bin))
    }

    fn mentions(&self, wanted: impl Fn(&Filter) -> bool) -> bool {
        let mut open: Vec<&Expr> = self.0.iter().collect();
        while let Some(expr) = open.pop() {
            match expr {
                Expr::Filter(filter) if wanted(filter) => return true,
                Expr::Filter(_) | Expr::Words(_) => {}
                Expr::Not(inner) => open.push(inner),
                Expr::All(members) | Expr::Any(members) => open.extend(members),
            }
        }
        false
    }
}
