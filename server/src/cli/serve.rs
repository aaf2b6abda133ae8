//! `belfry serve`.

use super::CliError;
use crate::config::{Config, LogFormat, ServeArgs};
use crate::serve::{Overrides, serve};
use std::path::Path;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

pub(super) async fn run(args: ServeArgs, file: Option<&Path>) -> Result<(), CliError> {
    let config = Config::load(args, file)?;
    start_log(&config)?;
    let shutdown = CancellationToken::new();
    stop_on_signals(shutdown.clone())?;
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| CliError::Input(format!("cannot listen on {}: {error}", config.listen)))?;
    serve(
        listener,
        config,
        Overrides::default(),
        shutdown,
        &mut std::io::stdout(),
    )
    .await?;
    Ok(())
}

fn start_log(config: &Config) -> Result<(), CliError> {
    let filter = EnvFilter::try_new(&config.log)
        .map_err(|error| CliError::Input(format!("log must be a filter such as info: {error}")))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

/// SIGTERM and SIGINT drain. A second one is not needed: draining ends by itself.
fn stop_on_signals(shutdown: CancellationToken) -> Result<(), CliError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        shutdown.cancel();
    });
    Ok(())
}
