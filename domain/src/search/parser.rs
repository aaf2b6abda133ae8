//! From tokens to a condition.

use super::lexer::{Token, tokens};
use super::words::push_words;
use super::{Expr, Filter, QUERY_CHARS, QUERY_DEPTH, QUERY_LEAVES, SearchError, Words};
use crate::Timestamp;
use std::iter::Peekable;
use std::vec::IntoIter;

/// Reads a query; `None` when it holds nothing to search for.
pub(super) fn parse(text: &str, now: Timestamp) -> Result<Option<Expr>, SearchError> {
    if text.chars().count() > QUERY_CHARS {
        return Err(SearchError::Long);
    }
    let mut parser = Parser {
        tokens: tokens(text)?.into_iter().peekable(),
        now,
        leaves: 0,
    };
    parser.any(0)
}

struct Parser<'a> {
    tokens: Peekable<IntoIter<Token<'a>>>,
    now: Timestamp,
    leaves: usize,
}

impl Parser<'_> {
    /// Alternatives, up to the end of the group.
    fn any(&mut self, depth: usize) -> Result<Option<Expr>, SearchError> {
        if depth > QUERY_DEPTH {
            return Err(SearchError::Deep);
        }
        let first = self.all(depth)?;
        if self.tokens.peek() != Some(&Token::Or) {
            return Ok(first);
        }
        let mut members = vec![first.ok_or(SearchError::LooseOr)?];
        while self.tokens.next_if_eq(&Token::Or).is_some() {
            members.push(self.all(depth)?.ok_or(SearchError::LooseOr)?);
        }
        Ok(any(members))
    }

    /// Everything up to the next alternative. What holds no word (a dash between two words) asks for nothing.
    fn all(&mut self, depth: usize) -> Result<Option<Expr>, SearchError> {
        let mut members = Vec::new();
        while let Some(token) = self
            .tokens
            .next_if(|t| !matches!(t, Token::Or | Token::Close))
        {
            members.extend(self.member(token, depth)?);
        }
        Ok(all(members))
    }

    fn member(&mut self, token: Token<'_>, depth: usize) -> Result<Option<Expr>, SearchError> {
        let expr = match token {
            Token::Not => return self.negation(depth),
            Token::Open => {
                let inner = self.any(depth + 1)?;
                let closed = self.tokens.next_if_eq(&Token::Close);
                return closed.map(|_| inner).ok_or(SearchError::OpenGroup);
            }
            Token::Filter(name, value) => Some(Expr::Filter(Filter::parse(name, value, self.now)?)),
            Token::Words(text, open) => words(text, open)?.map(Expr::Words),
            // Left where they are by whoever asks for a member.
            Token::Or | Token::Close => None,
        };
        self.leaves += usize::from(expr.is_some());
        if self.leaves > QUERY_LEAVES {
            return Err(SearchError::Many);
        }
        Ok(expr)
    }

    /// What follows one `-` or more.
    fn negation(&mut self, depth: usize) -> Result<Option<Expr>, SearchError> {
        let mut negated = true;
        while self.tokens.next_if_eq(&Token::Not).is_some() {
            negated = !negated;
        }
        let Some(token) = self
            .tokens
            .next_if(|t| !matches!(t, Token::Or | Token::Close))
        else {
            return Ok(None);
        };
        let inner = self.member(token, depth)?;
        Ok(if negated { inner.map(not) } else { inner })
    }
}

fn words(text: &str, open: bool) -> Result<Option<Words>, SearchError> {
    let mut normal = String::new();
    push_words(&mut normal, text);
    if normal.is_empty() {
        return Ok(None);
    }
    normal.remove(0);
    let open = open && goes_on(text, &normal);
    let last = normal.rsplit(' ').next().unwrap_or_default();
    if open && last.chars().count() < 2 {
        return Err(SearchError::ShortStart);
    }
    Ok(Some(Words { text: normal, open }))
}

/// Whether a letter after `text` would belong to its last word: it does not after punctuation, nor in a script that is
/// written without blanks.
fn goes_on(text: &str, normal: &str) -> bool {
    let mut longer = String::new();
    push_words(&mut longer, &format!("{text}x"));
    longer.matches(' ').count() == normal.matches(' ').count() + 1
}

fn not(expr: Expr) -> Expr {
    match expr {
        Expr::Not(inner) => *inner,
        Expr::Words(_) | Expr::Filter(_) | Expr::All(_) | Expr::Any(_) => Expr::Not(Box::new(expr)),
    }
}

/// All of `members`; lists among them dissolve.
pub(super) fn all(members: Vec<Expr>) -> Option<Expr> {
    let flat = members.into_iter().flat_map(|member| match member {
        Expr::All(inner) => inner,
        Expr::Words(_) | Expr::Filter(_) | Expr::Not(_) | Expr::Any(_) => vec![member],
    });
    list(flat.collect(), Expr::All)
}

fn any(members: Vec<Expr>) -> Option<Expr> {
    let flat = members.into_iter().flat_map(|member| match member {
        Expr::Any(inner) => inner,
        Expr::Words(_) | Expr::Filter(_) | Expr::Not(_) | Expr::All(_) => vec![member],
    });
    list(flat.collect(), Expr::Any)
}

fn list(mut members: Vec<Expr>, build: impl Fn(Vec<Expr>) -> Expr) -> Option<Expr> {
    if members.len() > 1 {
        Some(build(members))
    } else {
        members.pop()
    }
}
