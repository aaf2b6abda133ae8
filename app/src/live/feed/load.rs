//! Lists that are loaded while events go on.

use super::card::{Card, Question};
use super::tally::Tally;
use super::{Feed, MOST_ITEMS, Outcome};
use domain::{InboxItem, ListState, Seq, Snapshot};
use std::ops::Range;

impl Feed {
    /// Takes the first page of the list, loaded anew. Rows that are shown stay where they are. Older pages stay loaded,
    /// unless the stream broke off: then nothing is known of them any more.
    pub fn reload(&mut self, snapshot: Snapshot) -> Outcome {
        if self.follows(&snapshot) {
            self.rebuild(snapshot)
        } else {
            Outcome::Reload
        }
    }

    /// Becomes another list (or the same one, in fresh order) whose first page was loaded while events went on.
    pub fn switch(&mut self, list: ListState, mut snapshot: Snapshot) -> Outcome {
        let follows = self.follows(&snapshot);
        if !follows {
            // Better than the rows of the former list, until it is loaded again.
            snapshot.cursor = self.cursor.clone();
        }
        self.list = list;
        self.limit = MOST_ITEMS;
        self.whole = false;
        let outcome = self.rebuild(snapshot);
        self.whole = follows;
        if follows { outcome } else { Outcome::Reload }
    }

    /// Takes the next older page, the one that was asked for with `before`. [`Outcome::Reload`] when it was read too
    /// long ago to be joined, [`Outcome::Nothing`] when the list does not end there any more.
    pub fn extend(&mut self, before: Seq, page: Snapshot) -> Outcome {
        if !self.follows(&page) {
            return Outcome::Reload;
        }
        if self.next != Some(before) {
            return Outcome::Nothing;
        }
        let Snapshot {
            items,
            cursor,
            unread,
            next,
        } = page;
        self.next = next;
        self.tally.take(unread);
        for item in items {
            let index = self.remember(&item.notification.id);
            self.put(index, &item.notification);
            if !self.cards[index].is_known() {
                let notification = self.cards[index].hidden.take().unwrap_or(item.notification);
                self.cards[index] = self.card(
                    InboxItem {
                        notification,
                        receipt: item.receipt,
                    },
                    cursor.seq,
                );
            }
            self.refresh(index);
        }
        self.answer(self.next.unwrap_or(0)..before, cursor.seq);
        self.catch_up(cursor.seq)
    }

    /// Whether `snapshot` is of the log that is followed, and the journal reaches back to where it was read.
    fn follows(&self, snapshot: &Snapshot) -> bool {
        snapshot.cursor.epoch == self.cursor.epoch && snapshot.cursor.seq >= self.journal.floor()
    }

    /// Makes `snapshot` the state and applies to it what came after.
    pub(super) fn rebuild(&mut self, snapshot: Snapshot) -> Outcome {
        let Snapshot {
            items,
            cursor,
            unread,
            next,
        } = snapshot;
        // Of what is older than its last row a page says nothing.
        let oldest = items.iter().map(|item| item.notification.seq).min();
        let horizon = next.and(oldest).unwrap_or(0);
        let joins = self.whole && !self.lacks(self.next.unwrap_or(0)..horizon, &items);
        let former = self.take_cards();
        let mut cards = items
            .into_iter()
            .map(|item| self.card(item, cursor.seq))
            .collect::<Vec<_>>();
        let (mut kept, mut older) = (Vec::new(), false);
        for (card, shown) in former {
            if let Some(fresh) = cards.iter_mut().find(|fresh| fresh.id == card.id) {
                fresh.local = card.local;
                fresh.settle();
                if self.whole && shown {
                    fresh.place = card.place;
                }
            } else if (joins && card.place < horizon) || (self.whole && card.is_asked()) {
                older |= shown;
                kept.push(card);
            }
        }
        kept.append(&mut cards);
        self.cards = kept;
        for index in 0..self.cards.len() {
            self.refresh(index);
        }
        if !older {
            self.next = next;
        }
        self.answer(horizon..Seq::MAX, cursor.seq);
        if self.whole {
            self.tally.take(unread);
            self.catch_up(cursor.seq)
        } else {
            // What events did to the former count was reckoned with what is known to be wrong.
            self.tally = Tally::new(unread);
            self.whole = true;
            let outcome = self.replay(cursor.seq);
            self.finish(outcome)
        }
    }

    /// Whether `items`, read anew, lack something that may belong to the list at `places`: what is asked for and stands
    /// there, and what belongs to the list but was never told. Then the list would have a hole there.
    fn lacks(&self, places: Range<Seq>, items: &[InboxItem]) -> bool {
        let untold = |card: &Card| {
            let shown = || self.position(&card.id).is_some();
            card.receipt_in(self.list).is_some() && card.hidden.is_none() && !shown()
        };
        !places.is_empty()
            && self
                .cards
                .iter()
                .filter(|card| (card.is_doubtful() && places.contains(&card.place)) || untold(card))
                .any(|card| items.iter().all(|item| item.notification.id != card.id))
    }

    /// The server has said at `at` what belongs to the list at `places`: what is still asked for there does not.
    fn answer(&mut self, places: Range<Seq>, at: Seq) {
        for card in &mut self.cards {
            if card.is_doubtful() && card.as_of <= at && places.contains(&card.place) {
                card.question = Question::Denied;
            }
        }
    }

    fn card(&self, item: InboxItem, as_of: Seq) -> Card {
        let InboxItem {
            notification,
            receipt,
        } = item;
        let mut card = Card::new(notification.id.clone());
        card.deleted = self.list == ListState::Bin;
        (card.place, card.as_of) = (notification.seq, as_of);
        (card.hidden, card.receipt) = (Some(notification), Some(receipt));
        card
    }

    /// Replays for the cards' sake: what the events do to the count was reckoned when they came.
    fn catch_up(&mut self, seq: Seq) -> Outcome {
        let tally = self.tally.clone();
        let outcome = self.replay(seq);
        self.tally = tally;
        self.finish(outcome)
    }

    /// Applies what the journal holds after `seq`.
    fn replay(&mut self, seq: Seq) -> Outcome {
        let events = self.journal.after(seq);
        events
            .iter()
            .map(|event| self.reduce(event))
            .max()
            .unwrap_or(Outcome::Nothing)
    }

    fn finish(&mut self, outcome: Outcome) -> Outcome {
        self.limit = self.limit.max(self.items.len());
        self.trim();
        if outcome == Outcome::Reload {
            Outcome::Reload
        } else if self.tally.is_open() {
            Outcome::Recount
        } else {
            Outcome::Changed
        }
    }

    /// Every card with its notification, and whether it was shown.
    fn take_cards(&mut self) -> Vec<(Card, bool)> {
        let mut items = std::mem::take(&mut self.items);
        let with_notification = |mut card: Card| {
            let position = items
                .iter()
                .position(|item| item.notification.id == card.id);
            if let Some(position) = position {
                card.hidden = Some(items.swap_remove(position).notification);
            }
            (card, position.is_some())
        };
        std::mem::take(&mut self.cards)
            .into_iter()
            .map(with_notification)
            .collect()
    }
}
