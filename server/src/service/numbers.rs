//! Readers by number: their lists, and putting away what they are done with. Their protocols know messages of one person;
//! a notification is everybody's who may read its channel, so for them it leaves that person's inbox and nothing more.

use super::cards::Card;
use super::inbox::may_read;
use super::receipts::{AT_ONCE, may_change};
use super::{ServiceError, Services};
use crate::live::gate::Actor;
use crate::live::writer::Operation;
use crate::store::numbers::{self, Naming, NumberQuery, Numbered};
use crate::store::{ChannelId, StoreError, Tx, receipts};
use async_trait::async_trait;
use domain::{NotificationId, ReceiptPatch, Seq};
use std::collections::HashMap;

const ARCHIVED: ReceiptPatch = ReceiptPatch {
    seen: None,
    read: None,
    archived: Some(true),
    snoozed_until: None,
};

impl Services {
    /// What the inbox shows, of one channel or of all, newest number first and below `before`; and whether there is more.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], and [`ServiceError::NotFound`] when there is no such channel.
    pub(crate) async fn numbered(
        &self,
        actor: &Actor,
        channel: Option<ChannelId>,
        before: Option<Seq>,
        limit: u32,
    ) -> Result<(Vec<Numbered>, bool), ServiceError> {
        may_read(actor)?;
        let query = NumberQuery {
            account: actor.reader.account,
            channels: self.readable(actor, channel)?,
            before,
            // One more tells whether there is more.
            limit: limit + 1,
        };
        let connection = self.live.store.readers().acquire().await;
        let mut connection = connection.map_err(StoreError::from)?;
        let mut page = numbers::page(&mut connection, &query).await?;
        let more = page.len() > limit as usize;
        page.truncate(limit as usize);
        Ok((page, more))
    }

    /// What notifications are called that `actor` was shown. Those that are gone are left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) async fn namings(
        &self,
        ids: &[&NotificationId],
    ) -> Result<HashMap<NotificationId, Naming>, ServiceError> {
        Ok(numbers::namings(self.live.store.readers(), ids).await?)
    }

    /// Archives the notification with this number for `actor`.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] and [`ServiceError::Forbidden`].
    pub(crate) async fn put_away(&self, actor: &Actor, number: Seq) -> Result<(), ServiceError> {
        may_change(actor)?;
        let id = numbers::find(self.live.store.readers(), number).await?;
        let id = id.ok_or(ServiceError::NotFound("notification"))?;
        self.set_receipt(actor, id, ARCHIVED).await.map(drop)
    }

    /// Archives what the inbox shows now, of one channel or of all, for `actor`.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is no such channel, and [`ServiceError::Forbidden`].
    pub(crate) async fn put_away_all(
        &self,
        actor: &Actor,
        channel: Option<ChannelId>,
    ) -> Result<(), ServiceError> {
        may_change(actor)?;
        let mut part = PutAway(NumberQuery {
            account: actor.reader.account,
            channels: self.readable(actor, channel)?,
            // What comes while this runs was not in view.
            before: Some(self.live.head() + 1),
            limit: AT_ONCE,
        });
        while let Some(last) = self.writer.write(part.clone()).await? {
            part.0.before = Some(last);
        }
        Ok(())
    }

    fn readable(
        &self,
        actor: &Actor,
        channel: Option<ChannelId>,
    ) -> Result<Vec<ChannelId>, ServiceError> {
        let directory = self.directory();
        let Some(channel) = channel else {
            return Ok(directory.readable(&actor.reader));
        };
        if directory.access(&actor.reader, channel).read {
            Ok(vec![channel])
        } else {
            Err(ServiceError::NotFound("channel"))
        }
    }
}

/// Archives a page of what the inbox shows.
#[derive(Clone)]
struct PutAway(NumberQuery);

#[async_trait]
impl Operation for PutAway {
    /// The smallest number of the page; `None` when there was nothing left.
    type Output = Option<Seq>;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Option<Seq>, StoreError> {
        let (page, account) = (
            numbers::page(tx.connection().await?, &self.0).await?,
            self.0.account,
        );
        for Numbered { notification, .. } in &page {
            let Some(card) = Card::find(tx, &notification.id).await? else {
                continue;
            };
            let connection = tx.connection().await?;
            let before = receipts::get(connection, account, &notification.id).await?;
            card.set_receipt(tx, account, before.patched(ARCHIVED))
                .await?;
        }
        Ok(page.last().map(|numbered| numbered.naming.number))
    }
}
