//! `belfry serve`.

use super::CliError;
use crate::config::{Config, LogFormat};
use crate::serve::{Overrides, serve};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

pub(super) async fn run(config: Config) -> Result<(), CliError> {
    start_log(&config)?;
    let shutdown = CancellationToken::new();
    stop_on_signals(shutdown.clone())?;
    raise_open_files();
    let listener = listen(config.listen)
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

/// Listens with room for thousands that come at once, as they do when a server returns: what does not fit comes again
/// only after a second or more.
fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    const BACKLOG: u32 = 4096;
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // Else a restart would have to wait for connections of the time before to be forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Takes as many open files as the operator allows: a stream is one. The usual soft limit of 1,024 is for programs that
/// use `select`.
fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open files stays as it was");
    }
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
