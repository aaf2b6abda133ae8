//! What is wrong with a query.

use super::{QUERY_CHARS, QUERY_DEPTH, QUERY_LEAVES};

/// What is wrong with a query, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// See [`QUERY_CHARS`].
    #[error("has more than {QUERY_CHARS} characters")]
    Long,
    /// See [`QUERY_LEAVES`].
    #[error("has more than {QUERY_LEAVES} words and filters")]
    Many,
    /// See [`QUERY_DEPTH`].
    #[error("has parentheses more than {QUERY_DEPTH} deep")]
    Deep,
    /// A quotation without an end.
    #[error("has a quotation mark that nothing closes")]
    OpenQuote,
    /// A group without an end.
    #[error("has a parenthesis that nothing closes")]
    OpenGroup,
    /// `OR` at the beginning or the end.
    #[error("needs something to search for on both sides of OR")]
    LooseOr,
    /// `*` after a single letter: it would stand for half of all words.
    #[error("needs two letters or more before *")]
    ShortStart,
    /// `name:` of no filter.
    #[error("{}", unknown_filter(name, *nearest))]
    UnknownFilter {
        /// As it was written.
        name: String,
        /// What was most likely meant.
        nearest: Option<&'static str>,
    },
    /// A value that the filter does not know, much like one that it does.
    #[error("`{name}:{value}` is not known. Did you mean `{name}:{nearest}`?")]
    UnknownValue {
        /// The filter.
        name: &'static str,
        /// As it was written.
        value: String,
        /// What was most likely meant.
        nearest: &'static str,
    },
    /// A value that the filter cannot take.
    #[error("`{name}:{value}` is not known: `{name}:` takes {needs}")]
    Value {
        /// The filter.
        name: &'static str,
        /// As it was written.
        value: String,
        /// What it takes.
        needs: &'static str,
    },
}

fn unknown_filter(name: &str, nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!("`{name}:` is not known. Did you mean `{nearest}:`?"),
        None => format!(
            "`{name}:` is not known. Put it in quotation marks to search for it as words; the filters are channel, tag, from, \
             key, priority, is, has, after and before"
        ),
    }
}
