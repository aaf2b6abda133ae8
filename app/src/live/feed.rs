//! The list that is shown, as the events of the stream change it. It knows no browser and no clock.
//!
//! Events are applied in the order of the log, each once. A list that is loaded in between was read at another place of
//! the log, before or after the newest event. Its rows replace what was known; events after that place which came
//! already are applied to them again, from the journal, and those up to it that are still to come change them no more
//! ([`Card::as_of`]). So nothing is lost, nothing is applied twice, and nothing goes backwards.
//!
//! This relies on how a [`Snapshot`] is made: its cursor is read before its rows and its count after them, or all three
//! in one transaction.

mod card;
mod cards;
mod journal;
mod load;
mod local;
mod tally;
#[cfg(test)]
mod tests;

use card::{Card, Question};
use domain::{
    Change, EventId, FeedEvent, InboxItem, ListState, Notification, NotificationId, Receipt, Seq,
    Snapshot, Unread,
};
use journal::Journal;
use tally::Tally;

/// How many notifications the stream may pile up in the list before the oldest are dropped.
pub const MOST_ITEMS: usize = 300;

/// What the caller has to do, after an event and after everything that it handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[must_use]
pub enum Outcome {
    /// Nothing changed.
    Nothing,
    /// The list or the number of unread ones changed.
    Changed,
    /// A new notification stands in the list.
    Added,
    /// Something may have changed, and the number of unread ones is not known: ask the server for it and hand it to
    /// [`Feed::apply_unread`].
    Recount,
    /// The list is not known: load its first page, ask no earlier than now, and hand it to [`Feed::reload`]. That
    /// counts too. While a request is under way remember that another is due; when it fails, try again later.
    Reload,
}

/// A change that is shown before the server has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalChange {
    /// Of which notification.
    pub id: NotificationId,
    /// The receipt that was shown before: what an undo asks the server for.
    pub previous: Receipt,
    number: u32,
}

/// A list of notifications at one place of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Feed {
    /// By place, newest first, each once.
    items: Vec<InboxItem>,
    /// Every item has its card; cards without an item are remembered, oldest first.
    cards: Vec<Card>,
    list: ListState,
    cursor: EventId,
    tally: Tally,
    journal: Journal,
    next: Option<Seq>,
    /// [`MOST_ITEMS`], or more once the reader has asked for more.
    limit: usize,
    /// Whether nothing was missed since the list was loaded.
    whole: bool,
    numbers: u32,
}

impl Feed {
    /// The list as it was loaded.
    #[must_use]
    pub fn new(snapshot: Snapshot, list: ListState) -> Self {
        let mut feed = Self {
            items: Vec::new(),
            cards: Vec::new(),
            list,
            cursor: snapshot.cursor.clone(),
            tally: Tally::new(snapshot.unread),
            journal: Journal::new(snapshot.cursor.seq),
            next: None,
            limit: MOST_ITEMS,
            whole: false,
            numbers: 0,
        };
        // There is nothing to replay, and so nothing to be asked for.
        let _ = feed.rebuild(snapshot);
        feed
    }

    /// What is shown: newest first, each once.
    #[must_use]
    pub fn items(&self) -> &[InboxItem] {
        &self.items
    }

    /// Which list it is.
    #[must_use]
    pub fn list(&self) -> ListState {
        self.list
    }

    /// The newest place of the log that the list contains.
    #[must_use]
    pub fn cursor(&self) -> &EventId {
        &self.cursor
    }

    /// The number of unread notifications in the inbox, whichever list this is, with local changes.
    #[must_use]
    pub fn unread(&self) -> u64 {
        let local = self.cards.iter().map(Card::local_counts).sum::<i64>();
        self.tally
            .count()
            .saturating_add(local)
            .max(0)
            .unsigned_abs()
    }

    /// The `before` of the next older page, when there is one.
    #[must_use]
    pub fn next(&self) -> Option<Seq> {
        self.next
    }

    /// Applies an event. Repeated and old ones change nothing.
    pub fn apply(&mut self, event: &FeedEvent) -> Outcome {
        match event {
            FeedEvent::Connected(connected) => {
                let same = connected.epoch == self.cursor.epoch;
                if same && (connected.resumed || connected.head <= self.cursor.seq) {
                    return Outcome::Nothing;
                }
                self.cursor.epoch = connected.epoch.clone();
                self.break_off(if connected.resumed { 0 } else { connected.head })
            }
            FeedEvent::Reset(reset) => self.break_off(reset.head),
            FeedEvent::Heartbeat(_) => self.beat(),
            FeedEvent::Created(_) | FeedEvent::Update(_) => match event.seq() {
                Some(seq) if seq > self.cursor.seq => {
                    self.cursor.seq = seq;
                    self.journal.push(event.clone());
                    let outcome = self.reduce(event);
                    self.trim();
                    outcome
                }
                _ => Outcome::Nothing,
            },
        }
    }

    /// Takes the server's count, whether it is older or newer than the events that were applied.
    pub fn apply_unread(&mut self, unread: Unread) -> Outcome {
        // Until the list is loaded anew it is not known whether the count is of the same log.
        if !self.whole {
            return Outcome::Reload;
        }
        let before = self.unread();
        self.tally.take(unread);
        match self.tally.is_open() {
            true => Outcome::Recount,
            false if self.unread() != before => Outcome::Changed,
            false => Outcome::Nothing,
        }
    }

    /// The stream goes on at `head`, and what was before it did not arrive.
    fn break_off(&mut self, head: Seq) -> Outcome {
        self.cursor.seq = head;
        self.journal = Journal::new(head);
        self.whole = false;
        Outcome::Reload
    }

    /// What an event does to its card. A card that was loaded later than the event happened contains it already.
    fn reduce(&mut self, event: &FeedEvent) -> Outcome {
        let (Some(seq), Some(id)) = (event.seq(), concerns(event)) else {
            return Outcome::Nothing;
        };
        let index = self.remember(id);
        if seq <= self.cards[index].as_of {
            return Outcome::Nothing;
        }
        self.cards[index].as_of = seq;
        match event {
            FeedEvent::Created(created) => self.created(index, seq, &created.notification),
            FeedEvent::Update(update) => match &update.change {
                Change::Updated { notification } => self.updated(index, seq, notification),
                Change::Deleted { .. } => self.deleted(index, seq),
                Change::Receipt { receipt, .. } => self.receipt(index, seq, *receipt),
            },
            FeedEvent::Connected(_) | FeedEvent::Reset(_) | FeedEvent::Heartbeat(_) => {
                Outcome::Nothing
            }
        }
    }

    fn created(&mut self, index: usize, seq: Seq, notification: &Notification) -> Outcome {
        self.cards[index].receipt.get_or_insert_default();
        self.tally.add(seq, 1);
        let was_shown = self.is_shown(index);
        self.put(index, notification);
        self.refresh(index);
        if self.is_shown(index) && !was_shown {
            Outcome::Added
        } else {
            Outcome::Changed
        }
    }

    fn updated(&mut self, index: usize, seq: Seq, notification: &Notification) -> Outcome {
        self.put(index, notification);
        let card = &mut self.cards[index];
        let restored = std::mem::take(&mut card.deleted);
        if card.receipt.is_some() {
            if restored {
                self.tally.add(seq, card.counts());
            }
            self.refresh(index);
            return Outcome::Changed;
        }
        // Whether it belongs in the list is the server's to say, once: as long as no receipt comes, it stays so.
        if card.question != Question::Open {
            return Outcome::Nothing;
        }
        card.question = Question::Asked;
        self.tally.lose(seq);
        Outcome::Reload
    }

    fn deleted(&mut self, index: usize, seq: Seq) -> Outcome {
        let card = &mut self.cards[index];
        let known = card.is_known();
        self.tally.add(seq, -card.counts());
        (card.deleted, card.question) = (true, Question::Open);
        card.local.clear();
        self.refresh(index);
        self.cards[index].hidden = None;
        // Of what is in the bin, only the server knows whether it was deleted or purged.
        if self.list == ListState::Bin {
            Outcome::Reload
        } else {
            self.counted(known, seq)
        }
    }

    fn receipt(&mut self, index: usize, seq: Seq, receipt: Receipt) -> Outcome {
        let card = &mut self.cards[index];
        let (before, known) = (card.counts(), card.is_known());
        let belonged = card.receipt_in(self.list).is_some();
        card.receipt = Some(receipt);
        card.settle();
        self.tally.add(seq, card.counts() - before);
        let enters = card.receipt_in(self.list).is_some() && !belonged;
        self.refresh(index);
        let outcome = self.counted(known, seq);
        // It enters the list, but what it says was never told.
        if enters && !self.is_shown(index) {
            Outcome::Reload
        } else {
            outcome
        }
    }

    /// After a change of a card whose share in the count was `known`.
    fn counted(&mut self, known: bool, seq: Seq) -> Outcome {
        if !known {
            self.tally.lose(seq);
        }
        if !known && self.tally.is_open() {
            Outcome::Recount
        } else {
            Outcome::Changed
        }
    }
}

/// Which notification an event is about.
fn concerns(event: &FeedEvent) -> Option<&NotificationId> {
    match event {
        FeedEvent::Created(created) => Some(&created.notification.id),
        FeedEvent::Update(update) => match &update.change {
            Change::Updated { notification } => Some(&notification.id),
            Change::Deleted { id } | Change::Receipt { id, .. } => Some(id),
        },
        FeedEvent::Connected(_) | FeedEvent::Reset(_) | FeedEvent::Heartbeat(_) => None,
    }
}
