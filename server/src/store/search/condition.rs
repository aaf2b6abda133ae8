//! A query as SQL. What the index can tell is asked of the index, which answers newest first; the rest is a condition on
//! each row of `notification AS n LEFT JOIN receipt AS r`. What a user wrote goes into binds, and inside the index's own
//! language into quotation marks that it cannot leave: it consists of letters, digits, `:` and `%`.

use super::Readable;
use super::blocks::{Traits, Walk};
use crate::store::AccountId;
use domain::search::{Expr, Filter, Query, ReceiptState};
use domain::{ListState, Seq};
use sqlx::{QueryBuilder, Sqlite};
use std::ops::RangeInclusive;

/// Whether what is searched for is in the bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Place {
    Shown,
    Bin,
    Anywhere,
}

/// What a list asks for, in two parts that must both hold.
#[derive(Debug)]
pub(in crate::store) struct Condition<'q> {
    /// In the language of the index. `None` when the index has nothing to tell.
    pub(in crate::store) matched: Option<String>,
    pub(in crate::store) place: Place,
    state: Option<ListState>,
    rest: Vec<&'q Expr>,
}

impl<'q> Condition<'q> {
    /// The condition for the notifications of `query` in a list (or in any), as far as `readable` goes.
    pub(in crate::store) fn new(
        query: &'q Query,
        state: Option<ListState>,
        readable: &Readable,
    ) -> Self {
        let place = match state {
            Some(ListState::Bin) => Place::Bin,
            None if query.names_bin() => Place::Anywhere,
            Some(
                ListState::Inbox
                | ListState::Unread
                | ListState::Archived
                | ListState::Snoozed
                | ListState::All,
            )
            | None => Place::Shown,
        };
        let members = match query.expr() {
            None => &[],
            Some(Expr::All(members)) => members.as_slice(),
            Some(one) => std::slice::from_ref(one),
        };
        let (told, rest): (Vec<_>, Vec<_>) = members.iter().partition(|member| is_told(member));
        let (only, without) = readable.facets();
        let mut parts: Vec<String> = told.into_iter().map(|expr| matched(expr, place)).collect();
        if !only.is_empty() {
            parts.push(one_of(only));
        }
        let matched =
            (!parts.is_empty() || !without.is_empty() || place != Place::Shown).then(|| {
                let all = std::iter::once(everything(place)).chain(parts);
                let all = all.collect::<Vec<_>>().join(" AND ");
                if without.is_empty() {
                    all
                } else {
                    format!("({all}) NOT {}", one_of(without))
                }
            });
        Self {
            matched,
            place,
            state,
            rest,
        }
    }

    /// A walk over the places up to `newest` where the condition may hold.
    pub(in crate::store) fn walk(
        &self,
        account: AccountId,
        readable: &Readable,
        newest: Seq,
    ) -> Walk {
        let mut traits = Traits {
            state: self.state.and_then(of_list),
            ..Traits::default()
        };
        // What is in the bin is in no tally.
        let tallied: &[_] = if self.place == Place::Shown {
            &self.rest
        } else {
            &[]
        };
        for expr in tallied {
            match expr {
                Expr::Filter(Filter::Is(state)) => traits.state = traits.state.or(Some(*state)),
                Expr::Filter(Filter::After(time)) => traits.after = traits.after.max(Some(*time)),
                Expr::Filter(Filter::Before(time)) => {
                    traits.before = Some(traits.before.map_or(*time, |other| other.min(*time)));
                }
                Expr::Filter(_) | Expr::Words(_) | Expr::Not(_) | Expr::All(_) | Expr::Any(_) => {}
            }
        }
        Walk::new(account, readable, traits, newest)
    }

    /// Adds what the index does not tell, for notifications whose places are in `range`.
    pub(in crate::store) fn push_rest(
        &self,
        sql: &mut QueryBuilder<Sqlite>,
        range: &RangeInclusive<Seq>,
    ) {
        sql.push(match self.place {
            Place::Shown => " AND n.deleted_at IS NULL",
            Place::Bin => " AND n.deleted_at IS NOT NULL",
            Place::Anywhere => "",
        });
        if let Some(state) = self.state.and_then(of_list) {
            sql.push(" AND ").push(of_receipt(state));
        }
        for expr in &self.rest {
            sql.push(" AND ");
            push(sql, expr, self.place, range);
        }
    }
}

/// What a list says of receipts.
fn of_list(list: ListState) -> Option<ReceiptState> {
    match list {
        ListState::Inbox => Some(ReceiptState::Inbox),
        ListState::Unread => Some(ReceiptState::Unread),
        ListState::Archived => Some(ReceiptState::Archived),
        ListState::Snoozed => Some(ReceiptState::Snoozed),
        ListState::Bin | ListState::All => None,
    }
}

/// Whether the index can tell all of it.
fn is_told(expr: &Expr) -> bool {
    match expr {
        Expr::Words(_) => true,
        Expr::Filter(filter) => filter.facets().is_some(),
        Expr::Not(inner) => is_told(inner),
        Expr::All(members) | Expr::Any(members) => members.iter().all(is_told),
    }
}

/// What [`is_told`] in the language of the index. It has no negation by itself, only a difference.
fn matched(expr: &Expr, place: Place) -> String {
    let list = |members: &[Expr], between: &str| {
        let members: Vec<_> = members
            .iter()
            .map(|member| matched(member, place))
            .collect();
        format!("({})", members.join(between))
    };
    match expr {
        Expr::Words(words) => {
            let star = if words.open { " *" } else { "" };
            format!("\"{}\"{star}", words.text)
        }
        Expr::Filter(filter) => one_of(&filter.facets().unwrap_or_default()),
        Expr::Not(inner) => format!("({} NOT {})", everything(place), matched(inner, place)),
        Expr::All(members) => list(members, " AND "),
        Expr::Any(members) => list(members, " OR "),
    }
}

/// All rows of the index, as far as the bin goes.
fn everything(place: Place) -> String {
    one_of(match place {
        Place::Shown => &["is:shown"],
        Place::Bin => &["is:bin"],
        Place::Anywhere => &["is:shown", "is:bin"],
    })
}

fn one_of(facets: &[impl std::fmt::Display]) -> String {
    let quoted: Vec<_> = facets.iter().map(|facet| format!("\"{facet}\"")).collect();
    format!("({})", quoted.join(" OR "))
}

/// Adds a condition on one row.
fn push(sql: &mut QueryBuilder<Sqlite>, expr: &Expr, place: Place, range: &RangeInclusive<Seq>) {
    if is_told(expr) {
        sql.push("n.seq IN (SELECT rowid FROM search WHERE search MATCH ")
            .push_bind(matched(expr, place))
            .push(" AND rowid BETWEEN ")
            .push_bind(range.start().cast_signed())
            .push(" AND ")
            .push_bind(range.end().cast_signed())
            .push(")");
        return;
    }
    let mut list = |members: &[Expr], between: &str| {
        sql.push("(");
        for (at, member) in members.iter().enumerate() {
            if at > 0 {
                sql.push(between);
            }
            push(sql, member, place, range);
        }
        sql.push(")");
    };
    match expr {
        Expr::All(members) => list(members, " AND "),
        Expr::Any(members) => list(members, " OR "),
        Expr::Not(inner) => {
            sql.push("NOT ");
            push(sql, inner, place, range);
        }
        Expr::Filter(Filter::Is(state)) => {
            sql.push(of_receipt(*state));
        }
        Expr::Filter(Filter::After(time)) => {
            sql.push("n.updated_at >= ").push_bind(time.millis());
        }
        Expr::Filter(Filter::Before(time)) => {
            sql.push("n.updated_at < ").push_bind(time.millis());
        }
        // The index tells them.
        Expr::Words(_) | Expr::Filter(_) => {}
    }
}

/// As `ReceiptState::holds`.
fn of_receipt(state: ReceiptState) -> &'static str {
    match state {
        ReceiptState::Unread => {
            "(coalesce(r.read, 0) = 0 AND coalesce(r.archived, 0) = 0 AND r.snoozed_until IS NULL)"
        }
        ReceiptState::Read => "coalesce(r.read, 0) = 1",
        ReceiptState::Seen => "coalesce(r.seen, 0) = 1",
        ReceiptState::Archived => "coalesce(r.archived, 0) = 1",
        ReceiptState::Snoozed => "(coalesce(r.archived, 0) = 0 AND r.snoozed_until IS NOT NULL)",
        ReceiptState::Inbox => "(coalesce(r.archived, 0) = 0 AND r.snoozed_until IS NULL)",
        ReceiptState::Bin => "n.deleted_at IS NOT NULL",
    }
}
