//! Where rows stand. Nothing moves under a reader: a row keeps its place when its notification changes, and what is new
//! waits above the list unless the reader is at its top.

use domain::{NotificationId, Seq};
use std::collections::HashMap;

/// A row's notification and the place in the log that it had when the row was put down.
pub(crate) type Placed = (NotificationId, Seq);

/// The rows to show and how many wait above them, from the rows that are `shown` and the list as it is.
pub(crate) fn merge(shown: &[Placed], list: &[Placed], at_top: bool) -> (Vec<Placed>, usize) {
    let known: HashMap<&NotificationId, Seq> = shown.iter().map(|(id, seq)| (id, *seq)).collect();
    let top = shown.iter().map(|(_, seq)| *seq).max();
    let mut waiting = 0;
    let mut rows = Vec::with_capacity(list.len());
    for (id, seq) in list {
        match (known.get(id), top) {
            (Some(placed), _) => rows.push((id.clone(), *placed)),
            (None, Some(top)) if *seq > top && !at_top => waiting += 1,
            (None, _) => rows.push((id.clone(), *seq)),
        }
    }
    rows.sort_by_key(|(_, placed)| std::cmp::Reverse(*placed));
    (rows, waiting)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[(char, Seq)]) -> Vec<Placed> {
        let id = |name: char| NotificationId::parse(name.to_string().repeat(12)).unwrap();
        rows.iter().map(|(name, seq)| (id(*name), *seq)).collect()
    }

    fn check(
        shown: &[(char, Seq)],
        list: &[(char, Seq)],
        at_top: bool,
        expect: &[(char, Seq)],
        waiting: usize,
    ) {
        assert_eq!(
            merge(&rows(shown), &rows(list), at_top),
            (rows(expect), waiting),
            "{shown:?} {list:?}"
        );
    }

    #[test]
    fn new_rows_come_on_top_or_wait() {
        check(
            &[('b', 2), ('a', 1)],
            &[('c', 3), ('b', 2), ('a', 1)],
            true,
            &[('c', 3), ('b', 2), ('a', 1)],
            0,
        );
        check(
            &[('b', 2), ('a', 1)],
            &[('d', 4), ('c', 3), ('b', 2), ('a', 1)],
            false,
            &[('b', 2), ('a', 1)],
            2,
        );
    }

    #[test]
    fn a_changed_row_keeps_its_place() {
        check(
            &[('b', 2), ('a', 1)],
            &[('a', 9), ('b', 2)],
            true,
            &[('b', 2), ('a', 1)],
            0,
        );
        check(
            &[('b', 2), ('a', 1)],
            &[('c', 10), ('a', 9), ('b', 2)],
            true,
            &[('c', 10), ('b', 2), ('a', 1)],
            0,
        );
    }

    #[test]
    fn a_row_that_comes_back_stands_where_it_was_and_older_ones_follow() {
        check(
            &[('c', 3), ('a', 1)],
            &[('c', 3), ('b', 2), ('a', 1)],
            false,
            &[('c', 3), ('b', 2), ('a', 1)],
            0,
        );
        check(
            &[('c', 3)],
            &[('c', 3), ('b', 2), ('a', 1)],
            false,
            &[('c', 3), ('b', 2), ('a', 1)],
            0,
        );
    }

    #[test]
    fn an_empty_list_is_filled_and_what_is_gone_leaves() {
        check(&[], &[('a', 1)], false, &[('a', 1)], 0);
        check(&[('b', 2), ('a', 1)], &[('a', 1)], false, &[('a', 1)], 0);
    }
}
