//! The use cases: the only thing that doors call. They know accounts and rules, and neither requests nor SQL.

pub(crate) mod accounts;
mod basic;
mod cards;
pub(crate) mod channels;
mod due;
mod edits;
mod error;
pub(crate) mod files;
pub(crate) mod follow;
pub(crate) mod inbox;
pub(crate) mod keyed;
pub(crate) mod manage;
#[cfg(test)]
mod model_tests;
pub(crate) mod numbers;
pub(crate) mod page;
mod password;
pub(crate) mod publish;
pub(crate) mod receipts;
mod removal;
mod retention;
pub(crate) mod sessions;
pub(crate) mod stats;
mod throttle;
pub(crate) mod tokens;
pub(crate) mod upkeep;
mod users;

pub(crate) use error::ServiceError;
pub(crate) use throttle::{Throttle, Throttled};

// The words in which doors speak of who acts and of what there is.
pub(crate) use crate::live::gate::{Actor, Credential, SIGNED_IN, SignedIn};
pub(crate) use crate::store::numbers::{Naming, Numbered};
pub(crate) use crate::store::tokens::TokenRow;
pub(crate) use crate::store::{Access, AccountEntry, ChannelEntry, ChannelId, Directory, TokenId};

use crate::clock::Clock;
use crate::live::writer::Writer;
use crate::live::{Live, Tuning, pulse};
use crate::store::{Store, StoreError};
use password::Hasher;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Failed sign-ins that are judged for one account and for one address in a minute (contract, section 2).
const SIGN_INS_A_MINUTE: u32 = 10;

/// Everything that a use case needs. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Services {
    pub(crate) live: Arc<Live>,
    pub(crate) writer: Writer,
    pub(crate) clock: Clock,
    hasher: Hasher,
    sign_ins: Arc<Throttle>,
    verified: Arc<basic::Verified>,
    publishes: Option<Arc<Throttle<Credential>>>,
    pub(crate) files: Arc<files::Files>,
    data_dir: Arc<PathBuf>,
}

/// What runs behind the use cases, to be ended in order.
#[derive(Debug)]
pub(crate) struct Running {
    stop_writer: CancellationToken,
    writer: JoinHandle<()>,
    store: Store,
}

impl Services {
    /// Opens the data directory and starts the writer. `shutdown` ends the streams; [`Running::finish`] ends the rest.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub(crate) async fn open(
        data_dir: &Path,
        clock: Clock,
        tuning: Tuning,
        shutdown: CancellationToken,
    ) -> Result<(Self, Running), StoreError> {
        let store = Store::open(data_dir).await?;
        let live = Live::open(store.clone(), clock.clone(), tuning, shutdown).await?;
        tokio::spawn(pulse::run(Arc::clone(&live)));
        let stop_writer = CancellationToken::new();
        let (writer, task) = Writer::start(Arc::clone(&live), stop_writer.clone()).await?;
        let services = Self {
            live,
            writer,
            hasher: Hasher::default(),
            sign_ins: Arc::new(Throttle::new(SIGN_INS_A_MINUTE, clock.clone())),
            verified: Arc::default(),
            publishes: None,
            files: Arc::new(files::Files::new(data_dir, files::DEFAULT)),
            clock,
            data_dir: Arc::new(data_dir.to_owned()),
        };
        Ok((
            services,
            Running {
                stop_writer,
                writer: task,
                store,
            },
        ))
    }

    /// Allows each credential `most` posts a minute.
    pub(crate) fn limit_publishing(&mut self, most: u32) {
        let throttle = Throttle::new(most, self.clock.clone());
        self.publishes = Some(Arc::new(throttle));
    }

    /// Who there is and who may do what, now.
    pub(crate) fn directory(&self) -> Arc<Directory> {
        self.live.gate.directory()
    }

    /// Goes the way of a publish without leaving a trace.
    ///
    /// # Errors
    /// When a publish would fail now.
    pub(crate) async fn check_writable(&self) -> Result<(), ServiceError> {
        Ok(self.writer.write(Probe).await?)
    }
}

/// See [`Services::check_writable`].
struct Probe;

impl Running {
    /// Lets the writer finish what it accepted, and closes the database.
    pub(crate) async fn finish(self) {
        self.stop_writer.cancel();
        if let Err(error) = self.writer.await {
            tracing::error!(%error, "the writer ended badly");
        }
        self.store.close().await;
    }
}

#[async_trait::async_trait]
impl crate::live::writer::Operation for Probe {
    type Output = ();
    async fn apply(&self, tx: &mut crate::store::Tx<'_>) -> Result<(), StoreError> {
        crate::store::meta::touch(tx).await
    }
}
