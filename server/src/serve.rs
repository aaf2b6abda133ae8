//! Wires everything and serves until told to stop.

use crate::clock::Clock;
use crate::config::Config;
use crate::http::{self, AppState, Proxies};
use crate::live::Tuning;
use crate::service::{Services, Throttle};
use axum::serve::ListenerExt;
use socket2::SockRef;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// How long requests under way may take once the server is told to stop (contract, section 1).
const DRAIN: Duration = Duration::from_secs(4);

/// A peer that acknowledges nothing for this long is gone: a reader that stopped reading, or a cut line.
const UNACKNOWLEDGED: Duration = Duration::from_secs(20);

/// Requests without a good credential that one address may send in a minute (contract, section 2).
const STRANGERS_A_MINUTE: u32 = 120;

/// Why the server could not start or go on.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ServeError(String);

impl ServeError {
    fn new(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// What a test sets otherwise.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Where the time comes from.
    pub clock: Clock,
    /// See [`Tuning`].
    pub tuning: Tuning,
}

/// Serves on `listener` until `shutdown` is cancelled; then ends the streams, answers what was accepted and returns.
/// `announce` gets the lines for whoever started the server.
///
/// # Errors
/// When the data cannot be opened or the listener fails.
pub async fn serve(
    listener: TcpListener,
    config: Config,
    overrides: Overrides,
    shutdown: CancellationToken,
    announce: &mut (dyn Write + Send),
) -> Result<(), ServeError> {
    let address = listener.local_addr().map_err(ServeError::new)?;
    let public_url = config
        .public_origin
        .clone()
        .unwrap_or_else(|| format!("http://{address}"));
    let tuning = Tuning {
        streams_per_user: config.streams_per_user,
        ..overrides.tuning
    };
    let (services, running) = Services::open(
        &config.data_dir,
        overrides.clock.clone(),
        tuning,
        shutdown.clone(),
    )
    .await
    .map_err(ServeError::new)?;
    let setup = services
        .open_setup(&public_url)
        .await
        .map_err(ServeError::new)?;
    let state = AppState {
        services: services.clone(),
        proxies: Arc::new(Proxies(config.trusted_proxies)),
        strangers: Arc::new(Throttle::new(STRANGERS_A_MINUTE, overrides.clock)),
        secure: public_url.starts_with("https://"),
        public_origin: config.public_origin.map(Arc::from),
    };
    let tidy = tokio::spawn(services.keep_tidy());

    if let Some(link) = setup {
        writeln!(announce, "set up: {link}").map_err(ServeError::new)?;
    }
    writeln!(announce, "listening on http://{address}").map_err(ServeError::new)?;
    announce.flush().map_err(ServeError::new)?;

    let app = http::router(state).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener.tap_io(prepare), app)
        .with_graceful_shutdown(shutdown.clone().cancelled_owned());
    let drained = async {
        shutdown.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    let result = tokio::select! {
        result = serving.into_future() => result.map_err(ServeError::new),
        () = drained => Ok(()),
    };
    shutdown.cancel();
    let _ended = tidy.await;
    running.finish().await;
    result
}

/// A small frame leaves at once, and a peer that has vanished is noticed.
fn prepare(stream: &mut TcpStream) {
    let set = stream
        .set_nodelay(true)
        .and_then(|()| SockRef::from(&*stream).set_tcp_user_timeout(Some(UNACKNOWLEDGED)));
    if let Err(error) = set {
        tracing::debug!(%error, "a socket option could not be set");
    }
}
