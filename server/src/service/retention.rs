//! What is no longer kept, looked at once an hour: old events of the log, channels' old notifications, expired sessions,
//! answers that are asked for no more.

use super::cards::Card;
use super::tokens::USES_ARE_NOTED;
use super::{ServiceError, Services};
use crate::live::writer::Operation;
use crate::store::{StoreError, Tx, answers, due, log, sessions};
use async_trait::async_trait;
use domain::Seq;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// Readers who come back within this time continue where they were; later they get a `reset`.
const LOG_IS_KEPT: i64 = 30 * 24 * 3600 * 1000;

/// Rows deleted in one transaction, so that no publisher waits long behind it.
const AT_ONCE: u32 = 500;

impl Services {
    /// Tidies once an hour, until the server stops, and once a minute writes down which tokens were used.
    pub(crate) async fn keep_tidy(self) {
        let mut hourly = interval(Duration::from_secs(3600));
        let mut often = interval(Duration::from_millis(USES_ARE_NOTED.unsigned_abs()));
        for interval in [&mut hourly, &mut often] {
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        let shutdown = self.live.shutdown.clone();
        loop {
            let done = tokio::select! {
                () = shutdown.cancelled() => break,
                _ = hourly.tick() => self.tidy().await,
                _ = often.tick() => self.note_token_uses().await,
            };
            if let Err(error) = done {
                tracing::warn!(%error, "what is old could not be removed; it is tried again later");
            }
        }
        if let Err(error) = self.note_token_uses().await {
            tracing::warn!(%error, "which tokens were used last is not written down");
        }
    }

    async fn tidy(&self) -> Result<(), ServiceError> {
        let now = self.clock.now();
        self.live.gate.expire_sessions(now);
        self.writer.write(Forget).await?;
        while self.writer.write(EndOld).await? == AT_ONCE {}
        let mut connection = self
            .live
            .store
            .readers()
            .acquire()
            .await
            .map_err(StoreError::from)?;
        let upto = log::newest_before(&mut connection, now.plus_millis(-LOG_IS_KEPT)).await?;
        drop(connection);
        self.prune(upto).await
    }

    /// Forgets the events up to `seq`. Cursors before it get a `reset`.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn prune(&self, seq: Seq) -> Result<(), ServiceError> {
        while self.live.pruned_to() < seq.min(self.live.head()) {
            // Told first: a cursor that is placed from now on does not begin among rows that are about to go.
            let upto = seq
                .min(self.live.pruned_to() + u64::from(AT_ONCE))
                .min(self.live.head());
            self.live.set_pruned_to(upto);
            self.writer.write(Prune(upto)).await?;
        }
        Ok(())
    }
}

/// Forgets sessions and answers whose time is over.
struct Forget;

#[async_trait]
impl Operation for Forget {
    type Output = ();
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let now = tx.now();
        sessions::delete_expired(tx).await?;
        answers::forget(tx, now).await
    }
}

/// Removes notifications that are older than their channels keep any, and answers how many.
struct EndOld;

#[async_trait]
impl Operation for EndOld {
    type Output = u32;
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<u32, StoreError> {
        let now = tx.now();
        let old = due::outlived(tx.connection().await?, now, AT_ONCE).await?;
        let mut ended = 0;
        for id in old {
            if let Some(card) = Card::find(tx, &id).await? {
                card.purge(tx).await?;
                ended += 1;
            }
        }
        Ok(ended)
    }
}

struct Prune(Seq);

#[async_trait]
impl Operation for Prune {
    type Output = Seq;
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Seq, StoreError> {
        log::prune(tx, self.0, AT_ONCE).await
    }
}
