//! Publishing, editing and deleting notifications.

use super::{ServiceError, Services};
use crate::live::gate::Actor;
use crate::live::writer::Operation;
use crate::store::log::{EventKind, NewEvent};
use crate::store::notifications::{self, Stored};
use crate::store::{AccountId, ChannelId, Directory, StoreError, Tx, channels, log, receipts};
use async_trait::async_trait;
use domain::{ChannelName, Draft, NewNotification, Notification, NotificationId, Scope, UserName};
use std::sync::atomic::Ordering;
use std::time::Instant;

/// What a publish did.
#[derive(Debug, Clone)]
pub(crate) struct Published {
    pub(crate) notification: Notification,
    /// Whether it is a new one, rather than a change of the card with its key.
    pub(crate) created: bool,
}

impl Services {
    /// Publishes, and answers when it is durable.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`], [`ServiceError::Forbidden`] and [`ServiceError::Busy`]; nothing is stored then.
    pub(crate) async fn publish(
        &self,
        actor: &Actor,
        draft: Draft,
    ) -> Result<Published, ServiceError> {
        if !actor.may(Scope::Publish) {
            return Err(ServiceError::Forbidden(
                "this token may not publish: it needs the scope publish",
            ));
        }
        if let Some(limit) = &self.publishes {
            let taken = limit.take(&actor.credential);
            taken.map_err(|throttled| ServiceError::TooMany {
                seconds: throttled.seconds,
            })?;
        }
        let began = Instant::now();
        let new = draft
            .parse()
            .map_err(|fields| ServiceError::Invalid { fields })?;
        let allowed = match self.allow(actor, &new) {
            Ok(allowed) if allowed.channel.is_some() => allowed,
            // No channel, or no right to it: the command line may have changed that a moment ago.
            _ => {
                self.writer.look().await;
                self.allow(actor, &new)?
            }
        };
        let id = NotificationId::parse(super::tokens::random_text(12))
            .map_err(|_| ServiceError::Unavailable)?;
        let publish = Publish {
            id,
            new,
            account: actor.reader.account,
            allowed,
        };
        let published = self.writer.write(publish).await?;
        let seconds = &self.live.metrics.publish_seconds;
        seconds.observe(began.elapsed().as_secs_f64());
        published
    }

    /// Judges by what is known now.
    fn allow(&self, actor: &Actor, new: &NewNotification) -> Result<Allowed, ServiceError> {
        let directory = self.directory();
        let author = directory
            .account(actor.reader.account)
            .ok_or(ServiceError::Unauthenticated)?
            .name
            .clone();
        let channel = writable(&directory, actor, new.channel())?;
        let recipients = recipients(&directory, channel, new)?;
        Ok(Allowed {
            author,
            channel,
            recipients,
        })
    }

    /// How many open streams the event at `seq` was handed to when it was committed.
    pub(crate) fn handed(&self, seq: domain::Seq) -> usize {
        self.live
            .tail
            .get(seq)
            .map_or(0, |frame| frame.handed.load(Ordering::Relaxed))
    }

    /// Moves a notification to the bin, or removes it for good.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] and [`ServiceError::Forbidden`].
    pub(crate) async fn delete(
        &self,
        actor: &Actor,
        id: NotificationId,
        purge: bool,
    ) -> Result<(), ServiceError> {
        if !actor.may(Scope::Publish) {
            return Err(ServiceError::Forbidden(
                "this token may not delete: it needs the scope publish",
            ));
        }
        let stored = self.stored(actor, &id).await?;
        if stored.deleted_at.is_some() && !purge {
            return Err(ServiceError::NotFound("notification"));
        }
        if !self.directory().access(&actor.reader, stored.channel).write {
            return Err(ServiceError::Forbidden(
                "you may read this channel, but not change it",
            ));
        }
        let found = self.writer.write(Delete { id, purge }).await?;
        if found {
            Ok(())
        } else {
            Err(ServiceError::NotFound("notification"))
        }
    }

    /// A notification that `actor` may see, as the store has it.
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
        let stored = notifications::get(&mut connection, id)
            .await?
            .ok_or(ServiceError::NotFound("notification"))?;
        let addressed = stored
            .recipients
            .as_ref()
            .is_none_or(|accounts| accounts.contains(&actor.reader.account));
        let readable = self.directory().access(&actor.reader, stored.channel).read;
        if addressed && readable {
            Ok(stored)
        } else {
            Err(ServiceError::NotFound("notification"))
        }
    }
}

const NO_GRANT: ServiceError =
    ServiceError::Forbidden("you may not post to this channel: ask for a grant");

/// The channel, when there is one. One that is missing is made by whoever is not bound to others (contract, section 3).
fn writable(
    directory: &Directory,
    actor: &Actor,
    name: &ChannelName,
) -> Result<Option<ChannelId>, ServiceError> {
    let bound = actor
        .reader
        .channels
        .as_ref()
        .is_some_and(|names| !names.contains(name));
    match directory.channel_named(name) {
        Some(channel) if directory.access(&actor.reader, channel.id).write => Ok(Some(channel.id)),
        None if actor.reader.channels.is_none() => Ok(None),
        _ if bound => Err(ServiceError::Forbidden(
            "this token may not post to this channel",
        )),
        Some(_) => Err(NO_GRANT),
        None => Err(ServiceError::Forbidden(
            "this channel does not exist, and this token may not make it",
        )),
    }
}

/// The accounts of `to`. Each must be able to read the channel.
fn recipients(
    directory: &Directory,
    channel: Option<ChannelId>,
    new: &NewNotification,
) -> Result<Option<Vec<AccountId>>, ServiceError> {
    let Some(names) = new.to() else {
        return Ok(None);
    };
    let account = |name: &UserName| {
        let account = directory.account_named(name).map(|account| account.id);
        let reads = |account: &AccountId| {
            let reader = crate::store::Reader {
                account: *account,
                channels: None,
            };
            channel.is_none_or(|channel| directory.access(&reader, channel).read)
        };
        // One answer for both, so that nobody learns here who exists.
        let refusal =
            || ServiceError::invalid("to", format!("names {name}, who cannot read this channel"));
        account.filter(reads).ok_or_else(refusal)
    };
    names
        .iter()
        .map(account)
        .collect::<Result<_, _>>()
        .map(Some)
}

struct Publish {
    id: NotificationId,
    new: NewNotification,
    account: AccountId,
    allowed: Allowed,
}

/// In whose name, where and to whom somebody may publish.
struct Allowed {
    author: UserName,
    /// `None` when there is no such channel yet.
    channel: Option<ChannelId>,
    recipients: Option<Vec<AccountId>>,
}

#[async_trait]
impl Operation for Publish {
    type Output = Result<Published, ServiceError>;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Output, StoreError> {
        let name = self.new.channel();
        let channel = match channels::find(tx, name).await? {
            // Made after that was allowed. A public one is everybody's.
            Some((channel, true)) if self.allowed.channel != Some(channel) => {
                return Ok(Err(NO_GRANT));
            }
            Some((channel, _private)) => channel,
            None => channels::insert(tx, name, None, false)
                .await?
                .ok_or_else(|| StoreError::corrupt("channel"))?,
        };
        if let Some(key) = self.new.key()
            && let Some(card) = notifications::by_key(tx.connection().await?, channel, key).await?
        {
            if !self.may_change(&card) {
                return Ok(Err(ServiceError::Forbidden(
                    "this key is of a card that is for others: take another one",
                )));
            }
            return self.update(tx, card).await.map(Ok);
        }
        let notification = self.new.clone().into_notification(
            self.id.clone(),
            tx.next_seq(),
            self.allowed.author.clone(),
            tx.now(),
        );
        let doc = notifications::doc(&notification)?;
        let recipients = self.allowed.recipients.clone();
        tx.append(event(
            EventKind::Created,
            &notification,
            channel,
            recipients.clone(),
            Some(doc.clone()),
        ));
        notifications::insert(tx, notification.clone(), doc, channel, recipients);
        Ok(Ok(Published {
            notification,
            created: true,
        }))
    }
}

impl Publish {
    /// A card for some is changed by them and by whoever posted it. To all others its key must not show what it says.
    fn may_change(&self, card: &Stored) -> bool {
        card.notification.author == self.allowed.author
            || card
                .recipients
                .as_ref()
                .is_none_or(|accounts| accounts.contains(&self.account))
    }

    async fn update(&self, tx: &mut Tx<'_>, mut card: Stored) -> Result<Published, StoreError> {
        let (seq, now) = (tx.next_seq(), tx.now());
        let noteworthy = card.notification.update(self.new.patch().clone(), seq, now);
        let doc = notifications::doc(&card.notification)?;
        notifications::update(tx, &card, &doc).await?;
        tx.append(event(
            EventKind::Updated,
            &card.notification,
            card.channel,
            card.recipients.clone(),
            Some(doc),
        ));
        if noteworthy {
            renew_receipts(tx, &card).await?;
        }
        Ok(Published {
            notification: card.notification,
            created: false,
        })
    }
}

/// Whoever had put the card away or read it has it unread in the inbox again: the card says something new.
async fn renew_receipts(tx: &mut Tx<'_>, card: &Stored) -> Result<(), StoreError> {
    for (account, receipt) in receipts::of(tx.connection().await?, &card.notification.id).await? {
        if receipt != receipt.renewed() {
            let renewed = receipt.renewed();
            receipts::put(tx, account, &card.notification.id, &renewed).await?;
            let payload = serde_json::to_string(&renewed).map_err(StoreError::corrupt)?;
            let audience = Some(vec![account]);
            tx.append(event(
                EventKind::Receipt,
                &card.notification,
                card.channel,
                audience,
                Some(payload),
            ));
        }
    }
    Ok(())
}

/// An event about `notification`.
pub(super) fn event(
    kind: EventKind,
    notification: &Notification,
    channel: ChannelId,
    audience: Option<Vec<AccountId>>,
    payload: Option<String>,
) -> NewEvent {
    NewEvent {
        kind,
        channel,
        notification: notification.id.clone(),
        priority: notification.priority,
        audience,
        payload,
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
        let Some(mut stored) = notifications::get(tx.connection().await?, &self.id).await? else {
            return Ok(false);
        };
        let was_visible = stored.deleted_at.is_none();
        if !was_visible && !self.purge {
            return Ok(false);
        }
        if self.purge {
            notifications::purge(tx, &self.id).await?;
            log::blank(tx, &self.id).await?;
        } else {
            stored.deleted_at = Some(tx.now());
            stored.notification.seq = tx.next_seq();
            let doc = notifications::doc(&stored.notification)?;
            notifications::update(tx, &stored, &doc).await?;
        }
        if was_visible {
            let Stored {
                notification,
                channel,
                recipients,
                ..
            } = &stored;
            tx.append(event(
                EventKind::Deleted,
                notification,
                *channel,
                recipients.clone(),
                None,
            ));
        }
        Ok(true)
    }
}
