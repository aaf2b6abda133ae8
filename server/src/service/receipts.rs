//! What an account did with a notification, told to all its screens.

use super::{ServiceError, Services, publish};
use crate::live::gate::Actor;
use crate::live::writer::Operation;
use crate::store::log::EventKind;
use crate::store::{AccountId, StoreError, Tx, notifications, receipts};
use async_trait::async_trait;
use domain::{NotificationId, Receipt, ReceiptPatch, Scope};

impl Services {
    /// Changes the receipt of one notification. What changes nothing makes no event.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] and [`ServiceError::Forbidden`].
    pub(crate) async fn set_receipt(
        &self,
        actor: &Actor,
        id: NotificationId,
        patch: ReceiptPatch,
    ) -> Result<Receipt, ServiceError> {
        if !actor.may(Scope::Subscribe) {
            return Err(ServiceError::Forbidden(
                "this token may not change receipts: it needs the scope subscribe",
            ));
        }
        if self.stored(actor, &id).await?.deleted_at.is_some() {
            return Err(ServiceError::NotFound("notification"));
        }
        let set = SetReceipt {
            account: actor.reader.account,
            id,
            patch,
        };
        self.writer
            .write(set)
            .await?
            .ok_or(ServiceError::NotFound("notification"))
    }
}

struct SetReceipt {
    account: AccountId,
    id: NotificationId,
    patch: ReceiptPatch,
}

#[async_trait]
impl Operation for SetReceipt {
    type Output = Option<Receipt>;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Output, StoreError> {
        let Some(stored) = notifications::get(tx.connection().await?, &self.id).await? else {
            return Ok(None);
        };
        if stored.deleted_at.is_some() {
            return Ok(None);
        }
        let before = receipts::get(tx.connection().await?, self.account, &self.id).await?;
        let after = before.patched(self.patch);
        if after != before {
            receipts::put(tx, self.account, &self.id, &after).await?;
            let payload = serde_json::to_string(&after).map_err(StoreError::corrupt)?;
            let audience = Some(vec![self.account]);
            let event = publish::event(
                EventKind::Receipt,
                &stored.notification,
                stored.channel,
                audience,
                Some(payload),
            );
            tx.append(event);
        }
        Ok(Some(after))
    }
}
