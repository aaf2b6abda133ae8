//! Managing channels: making, changing and removing them, and saying who may use a private one (contract, section 2).

use super::{ServiceError, Services};
use crate::live::gate::Actor;
use crate::live::writer::Operation;
use crate::store::{Access, AccountId, ChannelEntry, ChannelId, StoreError, Tx, channels};
use async_trait::async_trait;
use domain::{ChannelName, Scope, UserName, check_line, limits};

/// Days for which a channel may keep its notifications.
const MOST_DAYS: u32 = 36_500;

const NO_CHANNEL: ServiceError = ServiceError::NotFound("channel");

/// What is to be different about a channel. What is `None` stays.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChannelChange {
    pub(crate) title: Option<Option<String>>,
    pub(crate) private: Option<bool>,
    pub(crate) retention_days: Option<Option<u32>>,
    /// What is granted to whom; `None` takes it back.
    pub(crate) grants: Vec<(UserName, Option<Access>)>,
}

/// A channel as whoever may read or manage it sees it.
#[derive(Debug, Clone)]
pub(crate) struct ChannelView {
    pub(crate) channel: ChannelEntry,
    pub(crate) writable: bool,
    /// Who was granted it, for those who manage it.
    pub(crate) grants: Option<Vec<(UserName, Access)>>,
}

impl Services {
    /// Every channel that `actor` may read, and those that he manages, by name.
    pub(crate) fn channel_views(&self, actor: &Actor) -> Vec<ChannelView> {
        let directory = self.directory();
        let channels = directory.channels().into_iter();
        channels
            .filter_map(|channel| self.view(actor, channel))
            .collect()
    }

    /// One of them.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`].
    pub(crate) fn channel_view(
        &self,
        actor: &Actor,
        name: &ChannelName,
    ) -> Result<ChannelView, ServiceError> {
        let directory = self.directory();
        let channel = directory.channel_named(name).ok_or(NO_CHANNEL)?;
        self.view(actor, channel).ok_or(NO_CHANNEL)
    }

    fn view(&self, actor: &Actor, channel: &ChannelEntry) -> Option<ChannelView> {
        let directory = self.directory();
        let access = directory.access(&actor.reader, channel.id);
        let manages = self.may_administer(actor).is_ok();
        (access.read || access.write || manages).then(|| ChannelView {
            channel: channel.clone(),
            writable: access.write,
            grants: manages.then(|| directory.grants(channel.id)),
        })
    }

    /// Makes a channel. Whoever makes a private one may use it.
    ///
    /// # Errors
    /// [`ServiceError::Conflict`] when the name is taken, [`ServiceError::Invalid`], [`ServiceError::Forbidden`].
    pub(crate) async fn create_channel(
        &self,
        actor: &Actor,
        name: ChannelName,
        change: ChannelChange,
    ) -> Result<ChannelView, ServiceError> {
        self.may_manage(actor)?;
        if actor.reader.channels.is_some() {
            return Err(ServiceError::Forbidden(
                "a token that is bound to channels makes no others",
            ));
        }
        let grants = self.grants(&change.grants)?;
        let title = change.title.flatten();
        check(title.as_deref(), change.retention_days.flatten())?;
        let create = Create {
            name: name.clone(),
            title,
            private: change.private.unwrap_or_default(),
            retention_days: change.retention_days.flatten(),
            account: actor.reader.account,
            grants,
        };
        if !self.writer.write(create).await? {
            return Err(ServiceError::Conflict(format!(
                "there is a channel {name} already"
            )));
        }
        self.channel_view(actor, &name)
    }

    /// Changes a channel.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::Invalid`], [`ServiceError::Forbidden`].
    pub(crate) async fn change_channel(
        &self,
        actor: &Actor,
        name: &ChannelName,
        change: ChannelChange,
    ) -> Result<ChannelView, ServiceError> {
        let mut channel = self.administered(actor, name)?;
        let grants = self.grants(&change.grants)?;
        channel.title = change.title.unwrap_or(channel.title);
        channel.private = change.private.unwrap_or(channel.private);
        channel.retention_days = change.retention_days.unwrap_or(channel.retention_days);
        check(channel.title.as_deref(), channel.retention_days)?;
        self.writer.write(Change { channel, grants }).await?;
        self.channel_view(actor, name)
    }

    /// Removes a channel with everything in it.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] and [`ServiceError::Forbidden`].
    pub(crate) async fn delete_channel(
        &self,
        actor: &Actor,
        name: &ChannelName,
    ) -> Result<(), ServiceError> {
        self.administered(actor, name)?;
        self.remove_channel(name).await
    }

    fn administered(
        &self,
        actor: &Actor,
        name: &ChannelName,
    ) -> Result<ChannelEntry, ServiceError> {
        let channel = self.channel_view(actor, name)?.channel;
        self.may_administer(actor)?;
        Ok(channel)
    }

    /// Managing one's own things needs the scope `manage`.
    pub(super) fn may_manage(&self, actor: &Actor) -> Result<(), ServiceError> {
        let refusal =
            ServiceError::Forbidden("this token may not manage: it needs the scope manage");
        actor.may(Scope::Manage).then_some(()).ok_or(refusal)
    }

    /// Managing what is everybody's needs an administrator too.
    pub(super) fn may_administer(&self, actor: &Actor) -> Result<(), ServiceError> {
        self.may_manage(actor)?;
        let refusal = ServiceError::Forbidden("only an administrator may do this");
        self.viewer(actor)?.admin.then_some(()).ok_or(refusal)
    }

    fn grants(&self, grants: &[(UserName, Option<Access>)]) -> Result<Grants, ServiceError> {
        let directory = self.directory();
        let account = |(name, access): &(UserName, Option<Access>)| {
            let account = directory.account_named(name);
            let missing =
                || ServiceError::invalid("grants", format!("names {name}, who has no account"));
            account
                .map(|account| (account.id, *access))
                .ok_or_else(missing)
        };
        grants.iter().map(account).collect()
    }
}

type Grants = Vec<(AccountId, Option<Access>)>;

fn check(title: Option<&str>, days: Option<u32>) -> Result<(), ServiceError> {
    if let Some(title) = title {
        check_line(title).map_err(|error| ServiceError::invalid("title", error))?;
        if title.chars().count() > limits::TITLE_CHARS {
            let rule = format!("must have at most {} characters", limits::TITLE_CHARS);
            return Err(ServiceError::invalid("title", rule));
        }
    }
    if days.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
        let rule = format!("must be a whole number from 1 to {MOST_DAYS}");
        return Err(ServiceError::invalid("retention_days", rule));
    }
    Ok(())
}

async fn grant(tx: &mut Tx<'_>, channel: ChannelId, grants: &Grants) -> Result<(), StoreError> {
    for (account, access) in grants {
        match access {
            Some(access) => channels::grant(tx, channel, *account, *access).await?,
            None => channels::take_back(tx, channel, *account).await?,
        }
    }
    Ok(())
}

struct Create {
    name: ChannelName,
    title: Option<String>,
    private: bool,
    retention_days: Option<u32>,
    account: AccountId,
    grants: Grants,
}

#[async_trait]
impl Operation for Create {
    /// Whether the name was free.
    type Output = bool;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let Some(id) =
            channels::insert(tx, &self.name, self.title.as_deref(), self.private).await?
        else {
            return Ok(false);
        };
        let channel = ChannelEntry {
            id,
            name: self.name.clone(),
            title: self.title.clone(),
            private: self.private,
            retention_days: self.retention_days,
            created_at: tx.now(),
        };
        channels::update(tx, &channel).await?;
        if self.private {
            let both = Access {
                read: true,
                write: true,
            };
            channels::grant(tx, id, self.account, both).await?;
        }
        grant(tx, id, &self.grants).await?;
        Ok(true)
    }
}

struct Change {
    channel: ChannelEntry,
    grants: Grants,
}

#[async_trait]
impl Operation for Change {
    type Output = ();

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        channels::update(tx, &self.channel).await?;
        grant(tx, self.channel.id, &self.grants).await
    }
}
