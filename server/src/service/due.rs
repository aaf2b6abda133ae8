//! What happens by itself when its time has come: deliveries, ends, and snoozes that are over. It runs on the injected
//! clock, begins with what was due while the server did not run, and does each thing once: doing it and noting that it is
//! done are one transaction.

use super::cards::Card;
use super::{ServiceError, Services};
use crate::live::writer::Operation;
use crate::store::{StoreError, Tx, due, receipts};
use async_trait::async_trait;
use domain::Timestamp;
use std::time::Duration;

/// Things done in one transaction, so that no publisher waits long behind it.
const AT_ONCE: u32 = 200;

/// How long to wait after the database failed.
const AGAIN: Duration = Duration::from_secs(1);

impl Services {
    /// Does what is due, until the server stops.
    pub(crate) async fn keep_time(self) {
        let shutdown = self.live.shutdown.clone();
        while shutdown
            .run_until_cancelled(self.live.alarm.rung(&self.clock))
            .await
            .is_some()
        {
            match self.do_what_is_due().await {
                Ok(Some(next)) => self.live.alarm.set(next),
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(%error, "what is due could not be done; it is tried again in a second");
                    tokio::time::sleep(AGAIN).await;
                    self.live.alarm.set(Timestamp::EPOCH);
                }
            }
        }
    }

    /// Answers when something is due next.
    async fn do_what_is_due(&self) -> Result<Option<Timestamp>, ServiceError> {
        Ok(self.writer.write(Due).await?)
    }
}

/// Does what is due now, a bounded part of it, and answers when the rest is.
struct Due;

#[async_trait]
impl Operation for Due {
    type Output = Option<Timestamp>;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Output, StoreError> {
        let now = tx.now();
        for id in due::deliveries(tx.connection().await?, now, AT_ONCE).await? {
            if let Some(card) = Card::find(tx, &id).await? {
                card.deliver(tx).await?;
            }
        }
        for id in due::ends(tx.connection().await?, now, AT_ONCE).await? {
            if let Some(card) = Card::find(tx, &id).await? {
                card.purge(tx).await?;
            }
        }
        for (account, id) in due::snoozes(tx.connection().await?, now, AT_ONCE).await? {
            let receipt = receipts::get(tx.connection().await?, account, &id).await?;
            if let Some(card) = Card::find(tx, &id).await? {
                card.set_receipt(tx, account, receipt.awoken()).await?;
            }
        }
        due::next(tx.connection().await?).await
    }
}
