//! Removing a channel with everything in it.

use super::cards::Card;
use super::{ServiceError, Services};
use crate::live::writer::Operation;
use crate::store::{Directory, StoreError, Tx, channels, notifications};
use async_trait::async_trait;
use domain::ChannelName;

/// Notifications removed in one transaction, so that no publisher waits long behind it.
const AT_ONCE: u32 = 200;

impl Services {
    /// Removes a channel with its notifications and grants. Whoever could read it is told that they are gone.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`].
    pub(crate) async fn remove_channel(&self, name: &ChannelName) -> Result<(), ServiceError> {
        loop {
            match self.writer.write(RemoveSome(name.clone())).await? {
                Progress::Unknown => return Err(ServiceError::NotFound("channel")),
                Progress::Some => {}
                Progress::All => return Ok(()),
            }
        }
    }
}

/// How far the removal of a channel came.
enum Progress {
    /// There is no such channel.
    Unknown,
    /// There may be more in it.
    Some,
    /// It is gone.
    All,
}

/// Removes what is in a channel, a bounded part of it, and the channel when nothing is left.
struct RemoveSome(ChannelName);

#[async_trait]
impl Operation for RemoveSome {
    type Output = Progress;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Progress, StoreError> {
        let Some((channel, _private)) = channels::find(tx, &self.0).await? else {
            return Ok(Progress::Unknown);
        };
        let ids = notifications::of_channel(tx.connection().await?, channel, AT_ONCE).await?;
        if ids.is_empty() {
            channels::delete(tx, channel).await?;
            return Ok(Progress::All);
        }
        let readers = match tx.directory() {
            Some(directory) => directory.readers(channel),
            None => Directory::load(tx.connection().await?)
                .await?
                .readers(channel),
        };
        for id in ids {
            if let Some(mut card) = Card::find(tx, &id).await? {
                // By name: streams may look at the event when the channel, and with it who reads it, is gone.
                card.0.recipients.get_or_insert_with(|| readers.clone());
                card.purge(tx).await?;
            }
        }
        Ok(Progress::Some)
    }
}
