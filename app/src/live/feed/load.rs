//! Lists that are loaded while events go on.

use super::card::Card;
use super::tally::Tally;
use super::{Feed, MOST_ITEMS, Outcome};
use domain::{InboxItem, ListState, Seq, Snapshot};

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

    /// Takes the next older page. [`Outcome::Reload`] when it was read too long ago to be joined.
    pub fn extend(&mut self, page: Snapshot) -> Outcome {
        if !self.follows(&page) {
            return Outcome::Reload;
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
            } else if self.whole && (card.place < horizon || (card.asked && card.receipt.is_none()))
            {
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
