//! What the reader did: mark as read, archive, count what is left.
#![expect(
    missing_docs,
    reason = "each struct is the arguments of the function beside it"
)]

use crate::error::ApiError;
use domain::{NotificationId, Receipt, Unread};
use leptos::server;
#[cfg(feature = "ssr")]
use {super::answer, crate::backend::backend, domain::ReceiptPatch};

/// Changes the reader's receipt of one notification: what is absent stays as it is.
#[server(name = SetReceipt, prefix = "/api/ui", endpoint = "set_receipt")]
pub async fn set_receipt(
    id: NotificationId,
    #[server(default)] read: Option<bool>,
    #[server(default)] archived: Option<bool>,
) -> Result<Receipt, ApiError> {
    let patch = ReceiptPatch {
        read,
        archived,
        ..ReceiptPatch::default()
    };
    answer(async { backend()?.set_receipt(id, patch).await }.await)
}

/// The number of unread notifications.
#[server(name = UnreadCount, prefix = "/api/ui", endpoint = "unread")]
pub async fn unread() -> Result<Unread, ApiError> {
    answer(async { backend()?.unread().await }.await)
}
