//! What the page needs of the server. The server implements it for the account behind one request, so nothing in this
//! crate ever handles an identity; a fake implements it where views are tested.

use crate::error::ApiError;
use domain::{
    ChannelSummary, Draft, ListState, Notification, NotificationId, Receipt, ReceiptPatch, Seq,
    Snapshot, Timestamp, Unread, Viewer,
};
use std::sync::Arc;

/// The use cases of the page, done in the name of whoever sent the request. Every one checks that account's rights and
/// answers [`ApiError::SignedOut`] when there is none.
#[async_trait::async_trait]
pub trait Backend: Send + Sync {
    /// Who is signed in.
    fn viewer(&self) -> Result<Viewer, ApiError>;

    /// The server's clock, so that the page and the server agree on what "2 m" means.
    fn now(&self) -> Timestamp;

    /// One page of a list: the notifications before `before`, or the newest.
    async fn list(&self, state: ListState, before: Option<Seq>) -> Result<Snapshot, ApiError>;

    /// The number of unread notifications.
    async fn unread(&self) -> Result<Unread, ApiError>;

    /// The channels that the account may read, by name.
    async fn channels(&self) -> Result<Vec<ChannelSummary>, ApiError>;

    /// Publishes a notification.
    async fn publish(&self, draft: Draft) -> Result<Notification, ApiError>;

    /// Changes the account's receipt of one notification.
    async fn set_receipt(
        &self,
        id: NotificationId,
        patch: ReceiptPatch,
    ) -> Result<Receipt, ApiError>;
}

/// The [`Backend`] of the request that is being answered.
///
/// # Errors
/// [`ApiError::Unavailable`] outside a request.
pub fn backend() -> Result<Arc<dyn Backend>, ApiError> {
    leptos::prelude::use_context::<Arc<dyn Backend>>().ok_or(ApiError::Unavailable)
}
