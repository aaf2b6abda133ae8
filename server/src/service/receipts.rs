//! What an account did with a notification, told to all its screens.

use super::cards::Card;
use super::{ServiceError, Services};
use crate::live::gate::Actor;
use crate::live::writer::Operation;
use crate::store::inbox::{self, ListQuery};
use crate::store::{AccountId, StoreError, Tx, receipts};
use async_trait::async_trait;
use domain::search::Query;
use domain::{ChannelName, ListState, NotificationId, Receipt, ReceiptPatch, Scope, Seq};

/// Receipts changed in one transaction, so that no publisher waits long behind it.
pub(super) const AT_ONCE: u32 = 200;

impl Services {
    /// Changes the receipt of one notification. What changes nothing makes no event.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] and [`ServiceError::Forbidden`].
    pub(crate) async fn set_receipt(
        &self,
        actor: &Actor,
        id: NotificationId,
        patch: ReceiptPatch,
    ) -> Result<Receipt, ServiceError> {
        may_change(actor)?;
        self.stored(actor, &id).await?;
        let set = SetReceipt {
            account: actor.reader.account,
            id,
            patch,
        };
        self.writer
            .write(set)
            .await?
            .ok_or(ServiceError::NotFound("notification"))
    }
}

impl Services {
    /// Marks everything unread in the inbox as read, in one channel or in all, up to a place in the log. Answers how many
    /// there were.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is no such channel, and [`ServiceError::Forbidden`].
    pub(crate) async fn read_all(
        &self,
        actor: &Actor,
        channel: Option<ChannelName>,
        upto: Seq,
    ) -> Result<u64, ServiceError> {
        may_change(actor)?;
        let asked = |name: &ChannelName| channel.as_ref().is_none_or(|one| one == name);
        let readable = self.directory().view(&actor.reader, asked);
        if channel.is_some() && readable.ids.is_empty() {
            return Err(ServiceError::NotFound("channel"));
        }
        let mut unread = ListQuery {
            account: actor.reader.account,
            readable,
            state: Some(ListState::Unread),
            query: Query::default(),
            before: Some(upto.saturating_add(1)),
            limit: AT_ONCE,
        };
        let mut read = 0;
        loop {
            let found = inbox::list(self.live.store.readers(), &unread).await?;
            let Some(oldest) = found.last() else {
                return Ok(read);
            };
            unread.before = Some(oldest.notification.seq);
            let found = found.into_iter().map(|item| item.notification.id);
            let part = ReadAll {
                account: unread.account,
                found: found.collect(),
                upto,
            };
            read += self.writer.write(part).await?;
        }
    }
}

/// Marks what was found unread a moment ago.
struct ReadAll {
    account: AccountId,
    found: Vec<NotificationId>,
    upto: Seq,
}

#[async_trait]
impl Operation for ReadAll {
    /// How many it marked.
    type Output = u64;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<u64, StoreError> {
        let mut done = 0;
        for id in &self.found {
            // What has changed meanwhile is new to its reader.
            let known = |card: &Card| card.is_shown() && card.0.notification.seq <= self.upto;
            let Some(card) = Card::find(tx, id).await?.filter(known) else {
                continue;
            };
            let before = receipts::get(tx.connection().await?, self.account, id).await?;
            if !ListState::Unread.holds(&before) {
                continue;
            }
            let read = ReceiptPatch {
                read: Some(true),
                ..ReceiptPatch::default()
            };
            card.set_receipt(tx, self.account, before.patched(read))
                .await?;
            done += 1;
        }
        Ok(done)
    }
}

pub(super) fn may_change(actor: &Actor) -> Result<(), ServiceError> {
    let refusal =
        ServiceError::Forbidden("this token may not change receipts: it needs the scope subscribe");
    actor.may(Scope::Subscribe).then_some(()).ok_or(refusal)
}

struct SetReceipt {
    account: AccountId,
    id: NotificationId,
    patch: ReceiptPatch,
}

#[async_trait]
impl Operation for SetReceipt {
    type Output = Option<Receipt>;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Output, StoreError> {
        let Some(card) = Card::find(tx, &self.id).await?.filter(Card::is_shown) else {
            return Ok(None);
        };
        let now = tx.now();
        let before = receipts::get(tx.connection().await?, self.account, &self.id).await?;
        let mut after = before.patched(self.patch);
        // A snooze until a time that has passed is over.
        after.snoozed_until = after.snoozed_until.filter(|time| *time > now);
        if after != before {
            card.set_receipt(tx, self.account, after).await?;
        }
        Ok(Some(after))
    }
}
