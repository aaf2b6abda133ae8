//! The front door: accepts connections, bounds them, speaks HTTP on them, and hands plain streams over to the fan-out.

mod connection;
mod lent;
mod places;
mod tls;

pub(crate) use places::Places;
pub use tls::TlsFiles;

use crate::clock::Clock;
use crate::live::fanout::Fanout;
use axum::Router;
use socket2::{SockRef, TcpKeepalive};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A peer that acknowledges nothing for this long is gone: a reader that stopped reading, or a cut line.
const UNACKNOWLEDGED: Duration = Duration::from_secs(20);

/// A peer that is silent for this long is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// How much may be on its way to a peer. The system doubles it for its own needs: a reader that has stopped costs no
/// more than that.
const SEND_BUFFER: usize = 96 << 10;

/// How long to wait when the system has no means left for another connection.
const EXHAUSTED: Duration = Duration::from_millis(100);

/// What a connection needs.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) app: Router,
    pub(crate) fanout: Arc<Fanout>,
    pub(crate) places: Arc<Places>,
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) clock: Clock,
    pub(crate) shutdown: CancellationToken,
}

impl Door {
    /// Serves until the shutdown begins, and then what was accepted to its end.
    pub(crate) async fn open(self, listener: TcpListener) {
        let connections = TaskTracker::new();
        while let Some((stream, peer)) = self.next(&listener).await {
            prepare(&stream);
            if let Some(place) = Places::take(&self.places, peer.ip()) {
                let token = connections.token();
                let served = connection::serve(self.clone(), stream, peer, place, token);
                connections.spawn(served);
            }
        }
        // Whoever comes now is told by the system that nobody listens.
        drop(listener);
        connections.close();
        connections.wait().await;
    }

    async fn next(&self, listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
        loop {
            let accepted = tokio::select! {
                () = self.shutdown.cancelled() => return None,
                accepted = async {
                    self.places.free().await;
                    listener.accept().await
                } => accepted,
            };
            match accepted {
                Ok(accepted) => return Some(accepted),
                // Gone before its turn.
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    tracing::error!(%error, "a connection cannot be accepted");
                    tokio::time::sleep(EXHAUSTED).await;
                }
            }
        }
    }
}

/// A small frame leaves at once, and a peer that has vanished is noticed.
fn prepare(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    let alive = TcpKeepalive::new()
        .with_time(KEEPALIVE)
        .with_interval(KEEPALIVE / 4);
    let set = stream
        .set_nodelay(true)
        .and_then(|()| socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED)))
        .and_then(|()| socket.set_tcp_keepalive(&alive))
        .and_then(|()| socket.set_send_buffer_size(SEND_BUFFER));
    if let Err(error) = set {
        tracing::debug!(%error, "a socket option could not be set");
    }
}
