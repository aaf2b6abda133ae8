//! The page's [`Backend`]: the use cases in the name of whoever sent the request.

use super::inbox::ListRequest;
use super::{ServiceError, Services};
use crate::live::gate::Actor;
use app::backend::Backend;
use app::error::ApiError;
use async_trait::async_trait;
use domain::search::Query;
use domain::{
    ChannelSummary, Draft, ListState, Notification, NotificationId, Receipt, ReceiptPatch, Seq,
    Snapshot, Timestamp, Unread, Viewer,
};

/// Rows of one page of the inbox.
const ROWS: u32 = 50;

/// The use cases of the page for one request.
#[derive(Debug, Clone)]
pub(crate) struct PageBackend {
    pub(crate) services: Services,
    /// Nobody, when nobody is signed in.
    pub(crate) actor: Option<Actor>,
}

impl PageBackend {
    fn actor(&self) -> Result<&Actor, ServiceError> {
        self.actor.as_ref().ok_or(ServiceError::Unauthenticated)
    }
}

impl Services {
    /// Who `actor` is.
    ///
    /// # Errors
    /// [`ServiceError::Unauthenticated`] when the account is gone.
    pub(crate) fn viewer(&self, actor: &Actor) -> Result<Viewer, ServiceError> {
        let directory = self.directory();
        let account = directory
            .account(actor.reader.account)
            .ok_or(ServiceError::Unauthenticated)?;
        Ok(Viewer {
            name: account.name.clone(),
            admin: account.admin,
        })
    }
}

#[async_trait]
impl Backend for PageBackend {
    fn viewer(&self) -> Result<Viewer, ApiError> {
        Ok(self.services.viewer(self.actor()?)?)
    }

    fn now(&self) -> Timestamp {
        self.services.clock.now()
    }

    async fn list(&self, state: ListState, before: Option<Seq>) -> Result<Snapshot, ApiError> {
        let request = ListRequest {
            channel: None,
            state: Some(state),
            query: Query::default(),
            before,
            limit: ROWS,
        };
        Ok(self.services.snapshot(self.actor()?, request).await?)
    }

    async fn unread(&self) -> Result<Unread, ApiError> {
        Ok(self.services.unread(self.actor()?).await?)
    }

    async fn channels(&self) -> Result<Vec<ChannelSummary>, ApiError> {
        Ok(self.services.channels_for(self.actor()?))
    }

    async fn publish(&self, draft: Draft) -> Result<Notification, ApiError> {
        Ok(self
            .services
            .publish(self.actor()?, draft, None)
            .await?
            .notification)
    }

    async fn set_receipt(
        &self,
        id: NotificationId,
        patch: ReceiptPatch,
    ) -> Result<Receipt, ApiError> {
        Ok(self.services.set_receipt(self.actor()?, id, patch).await?)
    }
}
