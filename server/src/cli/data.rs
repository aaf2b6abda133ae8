//! The data of a server, for commands that work on it.

use super::CliError;
use crate::clock::Clock;
use crate::config::DataArgs;
use crate::live::Tuning;
use crate::service::{Running, ServiceError, Services};
use tokio_util::sync::CancellationToken;

/// The data of a server, which may be running: another process's writes and ours take turns, and it notices ours.
pub(super) struct Data {
    pub(super) services: Services,
    running: Running,
}

impl Data {
    pub(super) async fn open(args: DataArgs) -> Result<Self, CliError> {
        let dir = args.data_dir;
        let opened = Services::open(
            &dir,
            Clock::System,
            Tuning::default(),
            CancellationToken::new(),
        )
        .await;
        let (services, running) = opened.map_err(|error| CliError::Data(dir, error.to_string()))?;
        Ok(Self { services, running })
    }

    /// Closes the data and passes on what was done.
    pub(super) async fn close<T>(self, result: Result<T, ServiceError>) -> Result<T, CliError> {
        drop(self.services);
        self.running.finish().await;
        Ok(result?)
    }
}
