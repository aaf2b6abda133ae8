//! How cards come into the list and leave it.

use super::Feed;
use super::card::Card;
use domain::{InboxItem, Notification, NotificationId, Seq};

/// Of how many notifications that are not shown something is remembered.
const MOST_HIDDEN: usize = 300;

impl Feed {
    pub(super) fn index(&self, id: &NotificationId) -> Option<usize> {
        self.cards.iter().position(|card| card.id == *id)
    }

    pub(super) fn position(&self, id: &NotificationId) -> Option<usize> {
        self.items
            .iter()
            .position(|item| item.notification.id == *id)
    }

    pub(super) fn place(&self, id: &NotificationId) -> Seq {
        self.index(id).map_or(0, |index| self.cards[index].place)
    }

    pub(super) fn is_shown(&self, index: usize) -> bool {
        self.position(&self.cards[index].id).is_some()
    }

    pub(super) fn remember(&mut self, id: &NotificationId) -> usize {
        self.index(id).unwrap_or_else(|| {
            self.cards.push(Card::new(id.clone()));
            self.cards.len() - 1
        })
    }

    /// Keeps what the notification says, unless a newer version is known. One that is not shown takes its new place.
    pub(super) fn put(&mut self, index: usize, notification: &Notification) {
        let position = self.position(&notification.id);
        let card = &mut self.cards[index];
        match (position, &card.hidden) {
            (Some(position), _) if self.items[position].notification.seq < notification.seq => {
                self.items[position].notification = notification.clone();
            }
            (Some(_), _) => {}
            (None, Some(hidden)) if hidden.seq > notification.seq => {}
            (None, _) => {
                card.hidden = Some(notification.clone());
                card.place = notification.seq;
            }
        }
    }

    /// Makes the list show the card, or not, as its receipt says.
    pub(super) fn refresh(&mut self, index: usize) {
        let position = self.position(&self.cards[index].id);
        let place = self.cards[index].place;
        let card = &mut self.cards[index];
        match (position, card.receipt_in(self.list)) {
            (Some(position), Some(receipt)) => self.items[position].receipt = receipt,
            (Some(position), None) => card.hidden = Some(self.items.remove(position).notification),
            (None, Some(receipt)) => {
                if let Some(notification) = card.hidden.take() {
                    let position = self
                        .items
                        .partition_point(|item| self.place(&item.notification.id) > place);
                    self.items.insert(
                        position,
                        InboxItem {
                            notification,
                            receipt,
                        },
                    );
                }
            }
            (None, None) => {}
        }
    }

    /// Drops what is too much: the oldest items, and what was remembered longest.
    pub(super) fn trim(&mut self) {
        while self.items.len() > self.limit {
            if let Some(item) = self.items.pop() {
                self.cards.retain(|card| card.id != item.notification.id);
            }
            self.next = self
                .items
                .last()
                .map(|item| self.place(&item.notification.id));
        }
        let mut surplus = self
            .cards
            .len()
            .saturating_sub(self.items.len() + MOST_HIDDEN);
        if surplus > 0 {
            let items = &self.items;
            self.cards.retain(|card| {
                let shown = || items.iter().any(|item| item.notification.id == card.id);
                let keep = surplus == 0 || !card.local.is_empty() || shown();
                surplus -= usize::from(!keep);
                keep
            });
        }
    }
}
