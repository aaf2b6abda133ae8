//! Editing, deleting and restoring notifications.

use super::cards::Card;
use super::{ServiceError, Services};
use crate::live::gate::Actor;
use crate::live::writer::Operation;
use crate::store::log::EventKind;
use crate::store::notifications::{self, Stored};
use crate::store::{StoreError, Tx};
use async_trait::async_trait;
use domain::{Edit, Notification, NotificationId, Patch, Scope};

const GONE: ServiceError = ServiceError::NotFound("notification");

impl Services {
    /// Changes fields of a notification.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`], [`ServiceError::NotFound`], [`ServiceError::Forbidden`], and
    /// [`ServiceError::Conflict`] for one that is not delivered yet.
    pub(crate) async fn edit(
        &self,
        actor: &Actor,
        id: NotificationId,
        edit: Edit,
    ) -> Result<Notification, ServiceError> {
        let stored = self.changeable(actor, &id).await?;
        if stored.deleted_at.is_some() {
            return Err(GONE);
        }
        if stored.scheduled.is_some() {
            let wait = "this notification is not delivered yet: delete it and post another";
            return Err(ServiceError::Conflict(wait.to_owned()));
        }
        let patch = edit
            .parse(self.clock.now())
            .map_err(|fields| ServiceError::Invalid { fields })?;
        self.writer.write(Change { id, patch }).await?
    }

    /// Moves a notification to the bin, or removes it for good. One that is not delivered yet is called off.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] and [`ServiceError::Forbidden`].
    pub(crate) async fn delete(
        &self,
        actor: &Actor,
        id: NotificationId,
        purge: bool,
    ) -> Result<(), ServiceError> {
        self.changeable(actor, &id).await?;
        let found = self.writer.write(Delete { id, purge }).await?;
        found.then_some(()).ok_or(GONE)
    }

    /// Brings a notification back from the bin. One that is not there stays as it is.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::Forbidden`], and [`ServiceError::Conflict`] when another card has its
    /// key by now.
    pub(crate) async fn restore(
        &self,
        actor: &Actor,
        id: NotificationId,
    ) -> Result<Notification, ServiceError> {
        self.changeable(actor, &id).await?;
        self.writer.write(Restore(id)).await?
    }

    /// A notification that `actor` may see and change.
    async fn changeable(&self, actor: &Actor, id: &NotificationId) -> Result<Stored, ServiceError> {
        if !actor.may(Scope::Publish) {
            return Err(ServiceError::Forbidden(
                "this token may not change notifications: it needs the scope publish",
            ));
        }
        let stored = self.stored(actor, id).await?;
        if self.directory().access(&actor.reader, stored.channel).write {
            Ok(stored)
        } else {
            Err(ServiceError::Forbidden(
                "you may read this channel, but not change it",
            ))
        }
    }

    /// A notification that `actor` may see, as the store has it. Before it is delivered only its author sees it.
    pub(super) async fn stored(
        &self,
        actor: &Actor,
        id: &NotificationId,
    ) -> Result<Stored, ServiceError> {
        let mut connection = self
            .live
            .store
            .readers()
            .acquire()
            .await
            .map_err(StoreError::from)?;
        let stored = notifications::get(&mut connection, id).await?.ok_or(GONE)?;
        let directory = self.directory();
        let name = directory
            .account(actor.reader.account)
            .map(|account| &account.name);
        let visible = if stored.scheduled.is_some() {
            name == Some(&stored.notification.author)
        } else {
            let recipients = stored.recipients.as_ref();
            recipients.is_none_or(|accounts| accounts.contains(&actor.reader.account))
        };
        if visible && directory.access(&actor.reader, stored.channel).read {
            Ok(stored)
        } else {
            Err(GONE)
        }
    }
}

struct Change {
    id: NotificationId,
    patch: Patch,
}

#[async_trait]
impl Operation for Change {
    type Output = Result<Notification, ServiceError>;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Output, StoreError> {
        let Some(mut card) = Card::find(tx, &self.id).await?.filter(Card::is_shown) else {
            return Ok(Err(GONE));
        };
        let (seq, now) = (tx.next_seq(), tx.now());
        let news = card.0.notification.edit(self.patch.clone(), seq, now);
        if !card.0.notification.says_something() {
            return Ok(Err(ServiceError::invalid(
                "message",
                "is required unless a title is given",
            )));
        }
        card.tell(tx, news).await?;
        Ok(Ok(card.0.notification))
    }
}

struct Delete {
    id: NotificationId,
    purge: bool,
}

#[async_trait]
impl Operation for Delete {
    type Output = bool;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        match Card::find(tx, &self.id).await? {
            Some(card) if self.purge || card.0.scheduled.is_some() => card.purge(tx).await?,
            Some(card) if card.is_shown() => card.bin(tx).await?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

struct Restore(NotificationId);

#[async_trait]
impl Operation for Restore {
    type Output = Result<Notification, ServiceError>;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Output, StoreError> {
        let Some(mut card) = Card::find(tx, &self.0).await? else {
            return Ok(Err(GONE));
        };
        if card.0.deleted_at.take().is_some() {
            if let Some(key) = card.0.notification.key.clone()
                && Card::with_key(tx, card.0.channel, &key).await?.is_some()
            {
                let taken = format!(
                    "there is another card with the key {key} by now: delete that one first"
                );
                return Ok(Err(ServiceError::Conflict(taken)));
            }
            card.0.notification.seq = tx.next_seq();
            card.write(tx, EventKind::Updated).await?;
        }
        Ok(Ok(card.0.notification))
    }
}
