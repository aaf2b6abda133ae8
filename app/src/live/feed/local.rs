//! Changes that are shown before the server has made them.

use super::card::{Card, Local};
use super::{Feed, LocalChange, Outcome};
use domain::{NotificationId, ReceiptPatch};

/// An event that was committed before a heartbeat was sent comes before it. The first heartbeat after the server's
/// answer may have been under way already; the second was not.
const BEATS: u8 = 2;

impl Feed {
    /// Shows a change of a receipt at once. The server's own word is kept beside it: events go on as always, and what
    /// remains after [`undo`](Self::undo) is the newest that the server said. `None` when the notification is not in
    /// the list.
    pub fn set_receipt_locally(
        &mut self,
        id: &NotificationId,
        patch: ReceiptPatch,
    ) -> Option<LocalChange> {
        let previous = self
            .items
            .iter()
            .find(|item| item.notification.id == *id)?
            .receipt;
        let index = self.index(id)?;
        self.numbers = self.numbers.wrapping_add(1);
        let number = self.numbers;
        let card = &mut self.cards[index];
        // Without an effect there may never be an event that ends it.
        if previous.patched(patch) != previous {
            card.local.push(Local {
                number,
                patch,
                beats: None,
            });
            self.refresh(index);
        }
        Some(LocalChange {
            id: id.clone(),
            previous,
            number,
        })
    }

    /// The server has agreed: the change stays until its event comes.
    pub fn confirm(&mut self, change: &LocalChange) {
        let locals = self
            .cards
            .iter_mut()
            .filter(|card| card.id == change.id)
            .flat_map(|card| &mut card.local);
        for local in locals.filter(|local| local.number == change.number) {
            local.beats = Some(BEATS);
        }
    }

    /// The server has not done it: shows what it last said.
    pub fn undo(&mut self, change: &LocalChange) {
        if let Some(index) = self.index(&change.id) {
            self.cards[index]
                .local
                .retain(|local| local.number != change.number);
            self.refresh(index);
        }
    }

    /// Ends confirmed changes whose event will not come any more, because the server had nothing to change.
    pub(super) fn beat(&mut self) -> Outcome {
        let mut outcome = Outcome::Nothing;
        for index in 0..self.cards.len() {
            if beat(&mut self.cards[index]) {
                self.refresh(index);
                outcome = Outcome::Changed;
            }
        }
        outcome
    }
}

/// Answers whether a change ended.
fn beat(card: &mut Card) -> bool {
    let before = card.local.len();
    for local in &mut card.local {
        local.beats = local.beats.map(|beats| beats.saturating_sub(1));
    }
    card.local.retain(|local| local.beats != Some(0));
    card.local.len() != before
}
