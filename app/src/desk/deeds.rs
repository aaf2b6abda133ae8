//! What the reader does with a notification: shown at once, then asked of the server, and taken back with a word when
//! the server refuses.

use super::{Desk, change};
use crate::{api, components::receipt_form::Deed, error::ApiError};
use domain::{NotificationId, ReceiptPatch};
use leptos::{prelude::*, task::spawn_local};

/// A deed that the server refused.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trouble {
    pub(crate) id: NotificationId,
    pub(crate) deed: Deed,
    pub(crate) error: ApiError,
}

impl Desk {
    /// Does it.
    pub(crate) fn act(self, id: NotificationId, deed: Deed) {
        let (read, archived) = match deed {
            Deed::Read(value) => (Some(value), None),
            Deed::Archived(value) => (None, Some(value)),
        };
        self.forget_trouble(&id);
        let patch = ReceiptPatch {
            read,
            archived,
            ..ReceiptPatch::default()
        };
        let local = self
            .feed
            .try_update_value(|feed| feed.set_receipt_locally(&id, patch))
            .flatten();
        self.draw(false);
        spawn_local(async move {
            let answer = api::set_receipt(id.clone(), read, archived).await;
            self.feed.update_value(|feed| match (&local, &answer) {
                (Some(local), Ok(_)) => feed.confirm(local),
                (Some(local), Err(_)) => feed.undo(local),
                (None, _) => {}
            });
            if let Err(error) = answer {
                self.troubles
                    .update(|troubles| troubles.push(Trouble { id, deed, error }));
            }
            self.draw(false);
        });
    }

    /// What went wrong with a notification.
    pub(crate) fn trouble(self, id: &NotificationId) -> Option<Trouble> {
        self.troubles
            .with(|troubles| troubles.iter().find(|trouble| trouble.id == *id).cloned())
    }

    fn forget_trouble(self, id: &NotificationId) {
        let left = self.troubles.with_untracked(|all| {
            all.iter()
                .filter(|trouble| trouble.id != *id)
                .cloned()
                .collect()
        });
        change(self.troubles, left);
    }
}
