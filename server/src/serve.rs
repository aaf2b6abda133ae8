//! Wires everything and serves until told to stop.

use crate::clock::Clock;
use crate::config::Config;
use crate::http::{self, AppState, Proxies};
use crate::listen::{Door, Places};
use crate::live::Tuning;
use crate::live::fanout::Fanout;
use crate::service::files::Limits;
use crate::service::{Services, Throttle};
use rustix::process::{Resource, getrlimit};
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long requests under way may take once the server is told to stop. With [`FINISH`] it is less than the contract's
/// 5 s (section 1).
const DRAIN: Duration = Duration::from_secs(3);

/// How long the database may take after that. A disk that answers no more is not waited for: what is not durable by then
/// was not acknowledged either.
const FINISH: Duration = Duration::from_millis(1500);

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
    let tls = config.tls().map_err(ServeError::new)?;
    let tls = tls
        .map(|files| files.load())
        .transpose()
        .map_err(ServeError::new)?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let here = format!("{scheme}://{address}");
    let public_url = config.public_origin.clone().unwrap_or_else(|| here.clone());
    let tuning = Tuning {
        streams_per_user: config.streams_per_user,
        ..overrides.tuning
    };
    let (mut services, running) = Services::open(
        &config.data.data_dir,
        overrides.clock.clone(),
        tuning,
        shutdown.clone(),
    )
    .await
    .map_err(ServeError::new)?;
    if let Some(most) = config.publish_limit {
        services.limit_publishing(most);
    }
    services.limit_files(Limits {
        file: config.file_limit.0,
        total: config.file_total_limit.0,
    });
    let setup = services
        .open_setup(&public_url)
        .await
        .map_err(ServeError::new)?;
    let proxies = Arc::new(Proxies(config.trusted_proxies));
    let state = AppState {
        services: services.clone(),
        proxies: Arc::clone(&proxies),
        introductions: Arc::default(),
        strangers: Arc::new(Throttle::new(STRANGERS_A_MINUTE, overrides.clock.clone())),
        secure: public_url.starts_with("https://"),
        public_origin: config.public_origin.map(Arc::from),
    };
    let fanout = Arc::new(Fanout::start(&services.live).map_err(ServeError::new)?);
    let time = tokio::spawn(services.clone().keep_time());
    let files = tokio::spawn(services.clone().keep_files());
    let tidy = tokio::spawn(services.keep_tidy());

    if let Some(link) = setup {
        writeln!(announce, "set up: {link}").map_err(ServeError::new)?;
    }
    writeln!(announce, "listening on {here}").map_err(ServeError::new)?;
    announce.flush().map_err(ServeError::new)?;

    let connections = config.connections.unwrap_or_else(most_connections);
    let door = Door {
        app: http::router(state),
        fanout: Arc::clone(&fanout),
        places: Places::new(connections, config.connections_per_address, proxies),
        tls,
        clock: overrides.clock,
        shutdown: shutdown.clone(),
    };
    let drained = async {
        shutdown.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        () = door.open(listener) => {}
        () = drained => {}
    }
    shutdown.cancel();
    fanout.finish();
    let finished = async {
        let _ended = tokio::join!(time, tidy, files);
        running.finish().await;
    };
    if tokio::time::timeout(FINISH, finished).await.is_err() {
        tracing::error!("the database does not answer: the server ends without closing it");
    }
    Ok(())
}

/// The OpenAPI 3.1 document of what is served, as JSON.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn openapi() -> Result<String, ServeError> {
    http::openapi::document()
        .to_pretty_json()
        .map_err(ServeError::new)
}

/// As many as there may be open files, but for a tenth: files of the database, sockets that are being opened.
fn most_connections() -> usize {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(1 << 20);
    usize::try_from(limit - limit / 10).unwrap_or(usize::MAX)
}
