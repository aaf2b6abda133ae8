//! What happens to a card inside a transaction: every change is written with its event.

use crate::store::files;
use crate::store::log::{self, EventKind, NewEvent};
use crate::store::notifications::{self, Scheduled, Stored};
use crate::store::{AccountId, ChannelId, StoreError, Tx, receipts};
use domain::{News, Notification, NotificationId, Patch};

/// A card that was found, or a new one.
pub(super) struct Card(pub(super) Stored);

impl Card {
    /// A card that nobody has seen yet.
    pub(super) fn new(
        notification: Notification,
        channel: ChannelId,
        recipients: Option<Vec<AccountId>>,
    ) -> Self {
        Self(Stored {
            notification,
            channel,
            recipients,
            deleted_at: None,
            scheduled: None,
        })
    }

    /// The card with this id, also one in the bin or not delivered yet.
    pub(super) async fn find(
        tx: &mut Tx<'_>,
        id: &NotificationId,
    ) -> Result<Option<Self>, StoreError> {
        Ok(notifications::get(tx.connection().await?, id)
            .await?
            .map(Self))
    }

    /// The living card with this key.
    pub(super) async fn with_key(
        tx: &mut Tx<'_>,
        channel: ChannelId,
        key: &str,
    ) -> Result<Option<Self>, StoreError> {
        let card = notifications::by_key(tx.connection().await?, channel, key).await?;
        Ok(card.map(Self))
    }

    fn event(&self, kind: EventKind, payload: Option<String>) -> NewEvent {
        let audience = self.0.recipients.clone();
        event(kind, &self.0, audience, payload)
    }

    /// Shows a new card.
    pub(super) fn create(self, tx: &mut Tx<'_>) -> Result<Notification, StoreError> {
        let doc = notifications::doc(&self.0.notification)?;
        tx.append(self.event(EventKind::Created, Some(doc.clone())));
        let notification = self.0.notification.clone();
        notifications::insert(tx, self.0, doc)?;
        Ok(notification)
    }

    /// Keeps a new card until its time. It takes its place in the log, where nobody sees it, so that every notification
    /// has one.
    pub(super) fn schedule(
        mut self,
        tx: &mut Tx<'_>,
        scheduled: Scheduled,
    ) -> Result<Notification, StoreError> {
        tx.append(event(EventKind::Deleted, &self.0, Some(Vec::new()), None));
        self.0.scheduled = Some(scheduled);
        let notification = self.0.notification.clone();
        let doc = notifications::doc(&notification)?;
        notifications::insert(tx, self.0, doc)?;
        Ok(notification)
    }

    /// Delivers a card whose time has come: as a new one, or to the living card with its key.
    pub(super) async fn deliver(mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let Some(scheduled) = self.0.scheduled.take() else {
            return Ok(());
        };
        if let Some(key) = self.0.notification.key.clone()
            && let Some(living) = Self::with_key(tx, self.0.channel, &key).await?
        {
            if living.may_be_changed_with(&self.0) {
                files::hand_over(tx, &self.0.notification.id, &living.0.notification.id).await?;
                living.publish_again(tx, scheduled.patch).await?;
                return notifications::purge(tx, &self.0.notification.id).await;
            }
            self.0.notification.key = None;
        }
        let (seq, now) = (tx.next_seq(), tx.now());
        let notification = &mut self.0.notification;
        notification.seq = seq;
        notification.created_at = now;
        notification.updated_at = now;
        self.write(tx, EventKind::Created).await
    }

    /// What `later` says may go onto this card: it is by the same author, or for somebody who sees it.
    fn may_be_changed_with(&self, later: &Stored) -> bool {
        let ours = self.0.recipients.as_ref();
        let theirs = later.recipients.as_ref();
        self.0.notification.author == later.notification.author
            || ours.is_none_or(|ours| {
                theirs.is_some_and(|theirs| theirs.iter().all(|one| ours.contains(one)))
            })
    }

    /// Changes the card as a publish of its key does.
    pub(super) async fn publish_again(
        mut self,
        tx: &mut Tx<'_>,
        patch: Patch,
    ) -> Result<Notification, StoreError> {
        let (seq, now) = (tx.next_seq(), tx.now());
        let news = self.0.notification.update(patch, seq, now);
        self.tell(tx, news).await?;
        Ok(self.0.notification)
    }

    /// Tells of a change that was made to the card.
    pub(super) async fn tell(&self, tx: &mut Tx<'_>, news: News) -> Result<(), StoreError> {
        if news == News::Nothing {
            return Ok(());
        }
        self.write(tx, EventKind::Updated).await?;
        if news == News::Loud {
            self.renew_receipts(tx).await?;
        }
        Ok(())
    }

    /// Writes the card as it is, with its event at the place that it carries.
    pub(super) async fn write(&self, tx: &mut Tx<'_>, kind: EventKind) -> Result<(), StoreError> {
        let doc = notifications::doc(&self.0.notification)?;
        notifications::update(tx, &self.0, &doc).await?;
        tx.append(self.event(kind, Some(doc)));
        Ok(())
    }

    /// Moves the card to the bin.
    pub(super) async fn bin(mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        self.0.deleted_at = Some(tx.now());
        self.0.notification.seq = tx.next_seq();
        let doc = notifications::doc(&self.0.notification)?;
        notifications::update(tx, &self.0, &doc).await?;
        tx.append(self.event(EventKind::Deleted, None));
        Ok(())
    }

    /// Removes the card for good, with what its events said.
    pub(super) async fn purge(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let id = &self.0.notification.id;
        notifications::purge(tx, id).await?;
        log::blank(tx, id).await?;
        if self.is_shown() {
            tx.append(self.event(EventKind::Deleted, None));
        }
        Ok(())
    }

    /// Whether it is neither in the bin nor waiting for its time.
    pub(super) fn is_shown(&self) -> bool {
        self.0.deleted_at.is_none() && self.0.scheduled.is_none()
    }

    /// Whoever had put the card away or read it has it unread in the inbox again: the card says something new.
    async fn renew_receipts(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let id = &self.0.notification.id;
        for (account, receipt) in receipts::of(tx.connection().await?, id).await? {
            if receipt != receipt.renewed() {
                self.set_receipt(tx, account, receipt.renewed()).await?;
            }
        }
        Ok(())
    }

    /// Writes an account's receipt of the card.
    pub(super) async fn set_receipt(
        &self,
        tx: &mut Tx<'_>,
        account: AccountId,
        receipt: domain::Receipt,
    ) -> Result<(), StoreError> {
        receipts::put(tx, account, &self.0.notification.id, &receipt).await?;
        let payload = serde_json::to_string(&receipt).map_err(StoreError::corrupt)?;
        tx.append(event(
            EventKind::Receipt,
            &self.0,
            Some(vec![account]),
            Some(payload),
        ));
        Ok(())
    }
}

fn event(
    kind: EventKind,
    stored: &Stored,
    audience: Option<Vec<AccountId>>,
    payload: Option<String>,
) -> NewEvent {
    NewEvent {
        kind,
        channel: stored.channel,
        notification: stored.notification.id.clone(),
        priority: stored.notification.priority,
        audience,
        payload,
    }
}
