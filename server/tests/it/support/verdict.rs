//! What was posted beside what subscribers were shown.

use std::collections::{HashMap, HashSet};
use std::fmt;

/// All that a publisher posted.
#[derive(Debug, Default)]
pub(crate) struct Posts {
    /// What was acknowledged, by its place.
    pub(crate) kept: HashMap<u64, String>,
    pub(crate) refused: HashSet<String>,
    pub(crate) unanswered: usize,
}

impl Posts {
    pub(super) fn keep(&mut self, seq: u64, message: String) {
        let there = self.kept.insert(seq, message);
        assert_eq!(there, None, "one place for two posts");
    }

    pub(super) fn add(&mut self, other: Self) {
        other
            .kept
            .into_iter()
            .for_each(|(seq, message)| self.keep(seq, message));
        self.refused.extend(other.refused);
        self.unanswered += other.unanswered;
    }
}

/// Places and messages in the order in which a subscriber was shown them.
pub(crate) type Shown = Vec<(u64, String)>;

/// How it ended.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) acknowledged: usize,
    pub(crate) refused: usize,
    pub(crate) unanswered: usize,
    /// The last place of the log.
    end: u64,
    subscribers: usize,
    /// What each of them was shown.
    pub(crate) shown: Shown,
    /// How often they were cut off.
    pub(crate) cuts: usize,
    lost: usize,
    repeated: usize,
    reordered: usize,
    holes: usize,
    /// Shown although they were refused.
    undone: usize,
}

impl Verdict {
    /// Of these posts in a log that ends at `end`, with subscribers who were cut off so often.
    pub(super) fn new(posts: &Posts, end: u64, cuts: usize) -> Self {
        Self {
            acknowledged: posts.kept.len(),
            refused: posts.refused.len(),
            unanswered: posts.unanswered,
            end,
            cuts,
            ..Self::default()
        }
    }

    /// Counts one more subscriber, who must have been shown what the others were.
    pub(super) fn count(&mut self, posts: &Posts, events: Shown) {
        let places: HashMap<_, _> = events.iter().cloned().collect();
        let missing = |(seq, message): &(&u64, &String)| places.get(seq) != Some(message);
        self.lost += posts.kept.iter().filter(missing).count();
        let texts: HashSet<_> = events.iter().map(|(_, message)| message).collect();
        self.repeated += 2 * events.len() - places.len() - texts.len();
        let turned = events.windows(2).filter(|pair| pair[0].0 >= pair[1].0);
        self.reordered += turned.count();
        self.holes += usize::try_from(self.end).unwrap() - places.len();
        self.undone += texts
            .iter()
            .filter(|text| posts.refused.contains(**text))
            .count();
        if self.subscribers > 0 {
            assert_eq!(
                events, self.shown,
                "two readers of one log were shown different things"
            );
        }
        self.shown = events;
        self.subscribers += 1;
    }

    /// How many were lost, repeated, reordered, missing or shown although refused.
    pub(super) fn faults(&self) -> [usize; 5] {
        [
            self.lost,
            self.repeated,
            self.reordered,
            self.holes,
            self.undone,
        ]
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [lost, repeated, reordered, holes, undone] = self.faults();
        write!(
            f,
            "{} acknowledged, {} refused, {} unanswered, {} in the log; {} readers, cut off {} times: {lost} lost, \
             {repeated} repeated, {reordered} reordered, {holes} holes, {undone} shown although refused",
            self.acknowledged, self.refused, self.unanswered, self.end, self.subscribers, self.cuts
        )
    }
}
