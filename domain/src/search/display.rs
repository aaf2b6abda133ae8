//! A query as text that reads as the same query.

use super::known::{CARD_STATES, PARTS, RECEIPT_STATES, word_of};
use super::{Expr, Filter, Query, Words};
use crate::Priority;
use std::fmt::{Display, Formatter, Result, Write};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.0.as_ref().map_or(Ok(()), |expr| expr.fmt(f))
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Words(words) => words.fmt(f),
            Self::Filter(filter) => filter.fmt(f),
            Self::Not(inner) => {
                f.write_char('-')?;
                member(inner, f)
            }
            Self::All(members) => list(members, " ", f),
            Self::Any(members) => list(members, " OR ", f),
        }
    }
}

fn list(members: &[Expr], between: &str, f: &mut Formatter<'_>) -> Result {
    for (at, expr) in members.iter().enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        member(expr, f)?;
    }
    Ok(())
}

/// A part of something else: a list stands in parentheses.
fn member(expr: &Expr, f: &mut Formatter<'_>) -> Result {
    if matches!(expr, Expr::All(_) | Expr::Any(_)) {
        write!(f, "({expr})")
    } else {
        expr.fmt(f)
    }
}

impl Display for Words {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let star = if self.open { "*" } else { "" };
        if self.text.contains(' ') {
            write!(f, "\"{}\"{star}", self.text)
        } else {
            write!(f, "{}{star}", self.text)
        }
    }
}

impl Display for Filter {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Channel(name) => named("channel", name, f),
            Self::Tag(name) => named("tag", name, f),
            Self::From(name) => named("from", name, f),
            Self::Key(name) => named("key", name, f),
            Self::Priority(least, most) if least == most => {
                write!(f, "priority:{}", u8::from(*least))
            }
            Self::Priority(Priority::Min, most) if *most != Priority::Urgent => {
                write!(f, "priority:<={}", u8::from(*most))
            }
            Self::Priority(least, _) => write!(f, "priority:>={}", u8::from(*least)),
            Self::Is(state) => write!(f, "is:{}", word_of(&RECEIPT_STATES, state)),
            Self::State(state) => write!(f, "is:{}", word_of(&CARD_STATES, state)),
            Self::Has(part) => write!(f, "has:{}", word_of(&PARTS, part)),
            Self::After(time) => write!(f, "after:{time}"),
            Self::Before(time) => write!(f, "before:{time}"),
        }
    }
}

fn named(filter: &str, name: &str, f: &mut Formatter<'_>) -> Result {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.chars().all(plain) {
        write!(f, "{filter}:{name}")
    } else {
        write!(f, "{filter}:\"{name}\"")
    }
}
