//! Reading: lists, one notification, counts.

use super::{ServiceError, Services};
use crate::live::gate::Actor;
use crate::store::inbox::{self, ListQuery};
use crate::store::{StoreError, receipts};
use domain::search::Query;
use domain::{ChannelName, InboxItem, ListState, NotificationId, Scope, Seq, Snapshot, Unread};

/// What a list is asked for (contract, section 3).
#[derive(Debug, Clone)]
pub(crate) struct ListRequest {
    pub(crate) channel: Option<ChannelName>,
    /// The list. When it is not said: the inbox, unless the query chooses by receipts itself.
    pub(crate) state: Option<ListState>,
    pub(crate) query: Query,
    pub(crate) before: Option<Seq>,
    pub(crate) limit: u32,
}

/// Notifications and where the next page begins.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) items: Vec<InboxItem>,
    pub(crate) next: Option<Seq>,
}

impl Services {
    /// One page of a list, newest change first.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`] when the token may not read.
    pub(crate) async fn list(
        &self,
        actor: &Actor,
        request: ListRequest,
    ) -> Result<Page, ServiceError> {
        may_read(actor)?;
        let directory = self.directory();
        let asked = |name: &ChannelName| request.channel.as_ref().is_none_or(|one| one == name);
        let inbox = (!request.query.names_receipts()).then_some(ListState::Inbox);
        let query = ListQuery {
            account: actor.reader.account,
            readable: directory.view(&actor.reader, asked),
            state: request.state.or(inbox),
            query: request.query,
            before: request.before,
            // One more tells whether there is a next page.
            limit: request.limit + 1,
        };
        let mut items = inbox::list(self.live.store.readers(), &query).await?;
        let more = items.len() > request.limit as usize;
        items.truncate(request.limit as usize);
        let next = items
            .last()
            .filter(|_| more)
            .map(|item| item.notification.seq);
        Ok(Page { items, next })
    }

    /// A page of a list with the cursor at which it was read. The cursor goes first: what happens meanwhile is in the
    /// stream behind it.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub(crate) async fn snapshot(
        &self,
        actor: &Actor,
        request: ListRequest,
    ) -> Result<Snapshot, ServiceError> {
        let cursor = self.live.id(self.live.head());
        let unread = self.unread(actor).await?;
        let Page { items, next } = self.list(actor, request).await?;
        Ok(Snapshot {
            items,
            cursor,
            unread,
            next,
        })
    }

    /// The number of unread notifications.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`] when the token may not read.
    pub(crate) async fn unread(&self, actor: &Actor) -> Result<Unread, ServiceError> {
        may_read(actor)?;
        let readable = self.directory().view(&actor.reader, |_| true);
        Ok(inbox::unread(self.live.store.readers(), actor.reader.account, &readable).await?)
    }

    /// One notification. Those in the bin are found as well.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] and [`ServiceError::Forbidden`].
    pub(crate) async fn notification(
        &self,
        actor: &Actor,
        id: &NotificationId,
    ) -> Result<InboxItem, ServiceError> {
        may_read(actor)?;
        let stored = self.stored(actor, id).await?;
        let mut connection = self
            .live
            .store
            .readers()
            .acquire()
            .await
            .map_err(StoreError::from)?;
        let receipt = receipts::get(&mut connection, actor.reader.account, id).await?;
        Ok(InboxItem {
            notification: stored.notification,
            receipt,
        })
    }
}

/// Reading needs the scope `subscribe`.
pub(crate) fn may_read(actor: &Actor) -> Result<(), ServiceError> {
    let refusal = ServiceError::Forbidden("this token may not read: it needs the scope subscribe");
    if actor.may(Scope::Subscribe) {
        Ok(())
    } else {
        Err(refusal)
    }
}
