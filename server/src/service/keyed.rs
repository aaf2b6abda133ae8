//! Cards by their keys: whoever publishes knows no ids.

use super::cards::Card;
use super::publish::writable;
use super::{ServiceError, Services};
use crate::live::gate::Actor;
use crate::live::writer::Operation;
use crate::store::notifications::{self, Stored};
use crate::store::{AccountId, ChannelId, Reader, StoreError, Tx, receipts};
use async_trait::async_trait;
use domain::{ChannelName, NotificationId, ReceiptPatch, Scope, Seq, UserName};

/// What is done with a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// It is read, by everybody who may see it.
    Clear,
    /// It goes to the bin. What waits to be delivered under its key is called off.
    Delete,
}

impl Services {
    /// Whether `actor` may post to a channel; asked before a long body is read. Publishing asks again.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub(crate) async fn may_publish(
        &self,
        actor: &Actor,
        name: &ChannelName,
    ) -> Result<Option<ChannelId>, ServiceError> {
        if !actor.may(Scope::Publish) {
            return Err(ServiceError::Forbidden(
                "this token may not publish: it needs the scope publish",
            ));
        }
        match writable(&self.directory(), actor, name) {
            Ok(Some(channel)) => Ok(Some(channel)),
            // The command line may have changed that a moment ago.
            _ => {
                self.writer.look().await;
                writable(&self.directory(), actor, name)
            }
        }
    }

    /// Does something with the card of a channel that has this key, or this id. Answers its place in the log; `None`
    /// when there is no such card, or nothing was left to be done.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`] and [`ServiceError::Busy`].
    pub(crate) async fn keyed(
        &self,
        actor: &Actor,
        channel: &ChannelName,
        key: String,
        deed: Deed,
    ) -> Result<Option<Seq>, ServiceError> {
        let Some(channel) = self.may_publish(actor, channel).await? else {
            return Ok(None);
        };
        let directory = self.directory();
        let reads = |account: &AccountId| {
            let reader = Reader {
                account: *account,
                channels: None,
            };
            directory.access(&reader, channel).read
        };
        let accounts = directory.accounts().into_iter();
        let readers = accounts.map(|account| account.id).filter(reads).collect();
        let keyed = Keyed {
            channel,
            key,
            deed,
            account: actor.reader.account,
            author: self.viewer(actor)?.name,
            readers,
        };
        Ok(self.writer.write(keyed).await?)
    }
}

struct Keyed {
    channel: ChannelId,
    key: String,
    deed: Deed,
    account: AccountId,
    /// The name of the account.
    author: UserName,
    readers: Vec<AccountId>,
}

#[async_trait]
impl Operation for Keyed {
    type Output = Option<Seq>;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Option<Seq>, StoreError> {
        let before = tx.next_seq();
        if self.deed == Deed::Delete {
            self.call_off(tx).await?;
        }
        if let Some(card) = self.card(tx).await? {
            match self.deed {
                Deed::Clear => self.clear(tx, &card).await?,
                Deed::Delete => card.bin(tx).await?,
            }
        }
        let after = tx.next_seq();
        Ok((after > before).then(|| after - 1))
    }
}

impl Keyed {
    /// The card, unless it is for others.
    async fn card(&self, tx: &mut Tx<'_>) -> Result<Option<Card>, StoreError> {
        let mut found = Card::with_key(tx, self.channel, &self.key).await?;
        if found.is_none()
            && let Ok(id) = NotificationId::parse(self.key.clone())
        {
            found = Card::find(tx, &id).await?;
        }
        Ok(found.filter(|card| {
            card.is_shown() && card.0.channel == self.channel && self.is_for_us(&card.0)
        }))
    }

    /// Marks the card as read for everybody who may see it.
    async fn clear(&self, tx: &mut Tx<'_>, card: &Card) -> Result<(), StoreError> {
        let id = &card.0.notification.id;
        for account in &self.readers {
            let recipients = card.0.recipients.as_ref();
            if !recipients.is_none_or(|accounts| accounts.contains(account)) {
                continue;
            }
            let before = receipts::get(tx.connection().await?, *account, id).await?;
            let after = before.patched(ReceiptPatch {
                read: Some(true),
                ..ReceiptPatch::default()
            });
            if after != before {
                card.set_receipt(tx, *account, after).await?;
            }
        }
        Ok(())
    }

    /// Calls off what waits to be delivered under the key, but for what others sent to others.
    async fn call_off(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let connection = tx.connection().await?;
        let waiting =
            notifications::scheduled_with_key(connection, self.channel, &self.key).await?;
        for stored in waiting {
            if stored.notification.author == self.author || self.is_for_us(&stored) {
                Card(stored).purge(tx).await?;
            }
        }
        Ok(())
    }

    /// Whether whoever acts is among those who may see it.
    fn is_for_us(&self, stored: &Stored) -> bool {
        let recipients = stored.recipients.as_ref();
        recipients.is_none_or(|accounts| accounts.contains(&self.account))
    }
}
