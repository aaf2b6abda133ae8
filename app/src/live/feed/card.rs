//! What is known of one notification, whether it is shown or not.

use domain::{ListState, Notification, NotificationId, Receipt, ReceiptPatch, Seq};

/// What is known of one notification.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Card {
    pub(super) id: NotificationId,
    /// Where it stands in the list: its place in the log when it came in. A change does not move it (ux.md, 3.4).
    pub(super) place: Seq,
    /// Up to which place of the log its events are contained in it.
    pub(super) as_of: Seq,
    /// While it is not shown. A card that is shown has it in the list.
    pub(super) hidden: Option<Notification>,
    /// What the server last said, without local changes. `None` when it never did.
    pub(super) receipt: Option<Receipt>,
    /// It is in the bin or gone.
    pub(super) deleted: bool,
    /// While its receipt is unknown.
    pub(super) question: Question,
    pub(super) local: Vec<Local>,
}

/// Whether a card whose receipt was never told belongs in the list. It does not as long as nobody says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// The server has to be asked.
    Open,
    /// The list was asked for because of it.
    Asked,
    /// The list came without it.
    Denied,
}

/// A change that the server was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Local {
    pub(super) number: u32,
    pub(super) patch: ReceiptPatch,
    /// Once the server has agreed: how many heartbeats may pass before its event must have come.
    pub(super) beats: Option<u8>,
}

impl Card {
    pub(super) fn new(id: NotificationId) -> Self {
        Self {
            id,
            place: 0,
            as_of: 0,
            hidden: None,
            receipt: None,
            deleted: false,
            question: Question::Open,
            local: Vec::new(),
        }
    }

    /// The receipt with local changes.
    pub(super) fn shown_receipt(&self) -> Option<Receipt> {
        let patched = |receipt: Receipt, local: &Local| receipt.patched(local.patch);
        Some(self.local.iter().fold(self.receipt?, patched))
    }

    /// The receipt under which the card belongs in `list`, if it does.
    pub(super) fn receipt_in(&self, list: ListState) -> Option<Receipt> {
        let receipt = self.shown_receipt()?;
        let belongs = if list == ListState::Bin {
            self.deleted
        } else {
            !self.deleted && list.holds(&receipt)
        };
        belongs.then_some(receipt)
    }

    /// Whether its share in the number of unread ones is known.
    pub(super) fn is_known(&self) -> bool {
        self.deleted || self.receipt.is_some()
    }

    /// Whether the server was asked for it, and has not told its receipt.
    pub(super) fn is_asked(&self) -> bool {
        self.question != Question::Open && self.receipt.is_none()
    }

    /// Whether only the server's next word can tell if it belongs in the list.
    pub(super) fn is_doubtful(&self) -> bool {
        self.question == Question::Asked && self.receipt.is_none()
    }

    /// What the card adds to the number of unread ones by the server's word, 0 or 1.
    pub(super) fn counts(&self) -> i64 {
        self.weigh(self.receipt)
    }

    /// What local changes add to it.
    pub(super) fn local_counts(&self) -> i64 {
        if self.local.is_empty() {
            0
        } else {
            self.weigh(self.shown_receipt()) - self.counts()
        }
    }

    fn weigh(&self, receipt: Option<Receipt>) -> i64 {
        i64::from(!self.deleted && receipt.is_some_and(|receipt| ListState::Unread.holds(&receipt)))
    }

    /// Drops the local changes that the server's word now contains.
    pub(super) fn settle(&mut self) {
        if let Some(receipt) = self.receipt {
            self.local
                .retain(|local| receipt.patched(local.patch) != receipt);
        }
    }
}
