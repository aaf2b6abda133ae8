//! Channels.

use super::{ServiceError, Services};
use crate::live::gate::Actor;
use crate::live::writer::Operation;
use crate::store::{Access, ChannelId, StoreError, Tx, channels};
use async_trait::async_trait;
use domain::{ChannelName, ChannelSummary, UserName};

impl Services {
    /// The channels that `actor` may read, by name.
    pub(crate) fn channels_for(&self, actor: &Actor) -> Vec<ChannelSummary> {
        let directory = self.directory();
        let summary = |channel: &crate::store::ChannelEntry| {
            let access = directory.access(&actor.reader, channel.id);
            access.read.then(|| ChannelSummary {
                name: channel.name.clone(),
                title: channel.title.clone(),
                private: channel.private,
                writable: access.write,
            })
        };
        directory
            .channels()
            .into_iter()
            .filter_map(summary)
            .collect()
    }

    /// Adds a channel.
    ///
    /// # Errors
    /// [`ServiceError::Conflict`] when the name is taken, [`ServiceError::Invalid`] for the title.
    pub(crate) async fn add_channel(
        &self,
        name: ChannelName,
        title: Option<String>,
        private: bool,
    ) -> Result<(), ServiceError> {
        if let Some(title) = &title {
            domain::check_line(title).map_err(|error| ServiceError::invalid("title", error))?;
        }
        let taken = ServiceError::Conflict(format!("there is a channel {name} already"));
        self.writer
            .write(Add {
                name,
                title,
                private,
            })
            .await?
            .map(drop)
            .ok_or(taken)
    }

    /// Grants a user a channel.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is no such channel or user.
    pub(crate) async fn grant(
        &self,
        name: &ChannelName,
        user: &UserName,
        access: Access,
    ) -> Result<(), ServiceError> {
        let directory = self.directory();
        let channel = directory
            .channel_named(name)
            .ok_or(ServiceError::NotFound("channel"))?
            .id;
        let account = directory
            .account_named(user)
            .ok_or(ServiceError::NotFound("user"))?
            .id;
        Ok(self
            .writer
            .write(Grant {
                channel,
                account,
                access,
            })
            .await?)
    }
}

struct Add {
    name: ChannelName,
    title: Option<String>,
    private: bool,
}

#[async_trait]
impl Operation for Add {
    type Output = Option<ChannelId>;
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Output, StoreError> {
        channels::insert(tx, &self.name, self.title.as_deref(), self.private).await
    }
}

struct Grant {
    channel: ChannelId,
    account: crate::store::AccountId,
    access: Access,
}

#[async_trait]
impl Operation for Grant {
    type Output = ();
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        channels::grant(tx, self.channel, self.account, self.access).await
    }
}
