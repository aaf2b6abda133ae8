//! Publishing.

use super::cards::Card;
use super::{ServiceError, Services};
use crate::fault::{self, Point};
use crate::live::gate::{Actor, Credential};
use crate::live::writer::Operation;
use crate::store::answers::{self, Known, Request};
use crate::store::notifications::Scheduled;
use crate::store::{
    AccountId, ChannelId, Directory, SecretHash, StoreError, Tx, channels, files, numbers,
};
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

/// The `Idempotency-Key` of a request, and the hash of its body (contract, section 3).
#[derive(Debug, Clone)]
pub(crate) struct Once {
    key: String,
    body: SecretHash,
}

impl Once {
    /// A request with this key and body.
    ///
    /// # Errors
    /// When the key is not 1 to 128 printable ASCII characters.
    pub(crate) fn new(key: &str, body: &[u8]) -> Result<Self, ServiceError> {
        let printable = key.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if !(1..=128).contains(&key.len()) || !printable {
            let rule = "must have 1 to 128 printable ASCII characters";
            return Err(ServiceError::invalid("Idempotency-Key", rule));
        }
        Ok(Self {
            key: key.to_owned(),
            body: SecretHash::of(body),
        })
    }

    fn of(self, credential: &Credential) -> Request {
        let credential = match *credential {
            Credential::Session(hash) | Credential::Token(hash) => hash,
            Credential::Password(signed_in) => {
                SecretHash::of(format!("password of account {}", signed_in.account.0))
            }
        };
        Request {
            credential,
            key: self.key,
            body: self.body,
        }
    }
}

impl Services {
    /// Publishes, and answers when it is durable. With a `once`, a repeat gets the first answer and adds nothing.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`], [`ServiceError::Forbidden`], [`ServiceError::Busy`], and [`ServiceError::Conflict`]
    /// when the key of `once` was used for another body; nothing is stored then.
    pub(crate) async fn publish(
        &self,
        actor: &Actor,
        draft: Draft,
        once: Option<Once>,
    ) -> Result<Published, ServiceError> {
        self.post(actor, draft, once, None).await
    }

    /// As [`publish`](Self::publish), and keeps `origin`: what the sender's protocol said beyond our fields (JSON), for
    /// those who read by that protocol. A card that is there already keeps its own.
    ///
    /// # Errors
    /// As [`publish`](Self::publish).
    pub(crate) async fn publish_from(
        &self,
        actor: &Actor,
        draft: Draft,
        origin: Option<String>,
    ) -> Result<Published, ServiceError> {
        self.post(actor, draft, None, origin).await
    }

    async fn post(
        &self,
        actor: &Actor,
        draft: Draft,
        once: Option<Once>,
        origin: Option<String>,
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
            .parse(self.clock.now())
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
            request: once.map(|once| once.of(&actor.credential)),
            origin,
        };
        let published = self.writer.write(publish).await?;
        fault::pass(Point::BeforeAnswer).await;
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
}

const NO_GRANT: ServiceError =
    ServiceError::Forbidden("you may not post to this channel: ask for a grant");

/// The channel, when there is one. One that is missing is made by whoever is not bound to others (contract, section 3).
pub(super) fn writable(
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
    request: Option<Request>,
    origin: Option<String>,
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
        let Some(request) = &self.request else {
            return self.publish(tx).await;
        };
        match answers::find(tx, request).await? {
            Some(Known::Answered(notification)) => Ok(Ok(Published {
                notification: *notification,
                created: false,
            })),
            Some(Known::OtherBody) => Ok(Err(ServiceError::Conflict(
                "this Idempotency-Key was used for another body: take a new key for a new notification".to_owned(),
            ))),
            None => {
                let published = self.publish(tx).await?;
                if let Ok(published) = &published {
                    answers::remember(tx, request, &published.notification).await?;
                }
                Ok(published)
            }
        }
    }
}

impl Publish {
    async fn publish(
        &self,
        tx: &mut Tx<'_>,
    ) -> Result<Result<Published, ServiceError>, StoreError> {
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
        let living = match self.new.key() {
            Some(key) => Card::with_key(tx, channel, key).await?,
            None => None,
        };
        if living.as_ref().is_some_and(|card| !self.may_change(card)) {
            return Ok(Err(ServiceError::Forbidden(
                "this key is of a card that is for others: take another one",
            )));
        }
        let new = || {
            let author = self.allowed.author.clone();
            let notification = self.new.clone().into_notification(
                self.id.clone(),
                tx.next_seq(),
                author,
                tx.now(),
            );
            Card::new(notification, channel, self.allowed.recipients.clone())
        };
        let (created, notification) = match (self.new.deliver_at(), living) {
            (Some(at), _) => {
                let patch = self.new.patch().clone();
                (true, new().schedule(tx, Scheduled { at, patch })?)
            }
            (None, Some(card)) => {
                let patch = self.new.patch().clone();
                (false, card.publish_again(tx, patch).await?)
            }
            (None, None) => (true, new().create(tx)?),
        };
        if let Some(attachment) = self.new.attachment()
            && (attachment.is_some() || !created)
        {
            files::replace(tx, &notification.id, attachment).await?;
        }
        if let Some(origin) = self.origin.as_deref().filter(|_| created) {
            numbers::set_origin(tx, &notification.id, origin).await?;
        }
        Ok(Ok(Published {
            notification,
            created,
        }))
    }

    /// A card for some is changed by them and by whoever posted it. To all others its key must not show what it says.
    fn may_change(&self, card: &Card) -> bool {
        card.0.notification.author == self.allowed.author
            || card
                .0
                .recipients
                .as_ref()
                .is_none_or(|accounts| accounts.contains(&self.account))
    }
}
