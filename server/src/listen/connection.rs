//! One connection: HTTP/1.1, or HTTP/2 where TLS agreed on it.

use super::Door;
use super::lent::Lent;
use super::places::Place;
use crate::http::{Alone, Kept, Offer};
use crate::live::fanout::{Handover, Transport};
use crate::live::stream::Opening;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, Response, Version, header};
use domain::Timestamp;
use futures::future::BoxFuture;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConnection;
use tokio_rustls::server::TlsStream;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tower::ServiceExt;

/// How long the head of a request, and a TLS handshake, may take. Whoever sends nothing is gone by then.
const HEAD: Duration = Duration::from_secs(10);

/// The most bytes of a head.
const HEAD_BYTES: usize = 64 << 10;

/// The head of an answer, and the stream that follows it.
type Accepted = (Vec<u8>, Opening);

/// Who is at the other end, and what the connection holds while it lives.
struct Peer {
    address: SocketAddr,
    kept: Kept,
}

/// Serves until the peer or the shutdown ends it, or a stream takes the connection over. Should somebody upgrade the
/// connection, the server waits with its end for that one too, by `token`.
pub(super) async fn serve(
    door: Door,
    stream: TcpStream,
    address: SocketAddr,
    place: Place,
    token: TaskTrackerToken,
) {
    let place = Arc::new(place);
    let kept = Kept::new((Arc::clone(&place), token));
    let peer = Peer { address, kept };
    // Until something comes, a connection costs no buffers. Thousands may come at once.
    let mut first = [0];
    let waited = tokio::select! {
        waited = tokio::time::timeout(HEAD, stream.peek(&mut first)) => waited,
        () = door.shutdown.cancelled() => return,
    };
    match &door.tls {
        _ if !matches!(waited, Ok(Ok(1))) => {}
        None => {
            Box::pin(over_http1(
                &door,
                stream,
                |socket| (socket, None),
                &peer,
                place,
            ))
            .await
        }
        Some(tls) => Box::pin(encrypted(&door, tls, stream, &peer, place)).await,
    }
}

async fn encrypted(
    door: &Door,
    tls: &TlsAcceptor,
    stream: TcpStream,
    peer: &Peer,
    place: Arc<Place>,
) {
    let served: BoxFuture<'_, ()> = {
        let handshake = Box::pin(tokio::time::timeout(HEAD, tls.accept(stream)));
        let Ok(Ok(stream)) = handshake.await else {
            return;
        };
        if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
            Box::pin(over_http2(door, stream, peer))
        } else {
            let parts = |stream: TlsStream<TcpStream>| {
                let (socket, tls) = stream.into_inner();
                (socket, Some(tls))
            };
            Box::pin(over_http1(door, stream, parts, peer, place))
        }
    };
    // The handshake is over and its room is given back.
    served.await;
}

/// Serves until the connection ends, or a stream takes it over, in its `parts`.
async fn over_http1<S>(
    door: &Door,
    stream: S,
    parts: impl FnOnce(S) -> (TcpStream, Option<ServerConnection>),
    peer: &Peer,
    place: Arc<Place>,
) where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let lent = Lent::new(stream);
    let (accept, mut accepted) = mpsc::channel(1);
    let (head, opening) = tokio::select! {
        () = requests(door, lent.clone(), peer, accept) => return,
        Some(accepted) = accepted.recv() => accepted,
    };
    // hyper waits for the answer and has written nothing of it.
    let Some((socket, tls)) = lent.take().map(parts) else {
        return;
    };
    if let Ok(socket) = socket.into_std() {
        door.fanout.take(Handover {
            transport: Transport::new(socket, tls),
            head,
            opening,
            guard: Box::new(place),
        });
    }
}

/// Answers one request after the other.
async fn requests(
    door: &Door,
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    peer: &Peer,
    accept: mpsc::Sender<Accepted>,
) {
    let accept = Some(accept);
    let service = service_fn(|request| Box::pin(answer(door, request, peer, accept.clone())));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = door.shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    note(ended);
}

/// Serves until the connection ends. Not an `async fn`: what that is given it keeps room for until it ends.
fn over_http2(
    door: &Door,
    stream: TlsStream<TcpStream>,
    peer: &Peer,
) -> impl Future<Output = ()> + Send + use<> {
    let door = door.clone();
    let shutdown = door.shutdown.clone();
    let peer = Arc::new(Peer {
        address: peer.address,
        kept: peer.kept.clone(),
    });
    let service = service_fn(move |request| {
        let (door, peer) = (door.clone(), Arc::clone(&peer));
        // In a box: hyper keeps room for it as long as the answer's body goes on.
        Box::pin(async move { answer(&door, request, &peer, None).await })
    });
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_header_list_size(HEAD_BYTES as u32)
        .keep_alive_interval(super::KEEPALIVE)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = Box::pin(connection);
    async move {
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = shutdown.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        note(ended);
    }
}

/// What peers do is no error of ours.
fn note(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// The application's answer. Of a stream that takes the connection over there is none: this waits until it is dropped
/// with the connection.
async fn answer(
    door: &Door,
    request: Request<Incoming>,
    peer: &Peer,
    accept: Option<mpsc::Sender<Accepted>>,
) -> Result<Response<Body>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer.address));
    request.extensions_mut().insert(peer.kept.clone());
    let accept = accept.filter(|_| stands_alone(&request));
    if accept.is_some() {
        request.extensions_mut().insert(Alone);
    }
    let mut response = door.app.clone().oneshot(request).await?;
    let offer = response.extensions_mut().remove::<Offer>();
    let opening = offer.and_then(|offer| offer.take());
    match (accept, opening) {
        (Some(accept), Some(opening)) => {
            let _connection_ended = accept
                .send((head(&response, door.clock.now()), opening))
                .await;
            pending().await
        }
        _ => Ok(response),
    }
}

/// Whether nothing but the answer is left to be done on the connection. A stream in HTTP/1.0 has no chunks, a `HEAD` no
/// stream, and a body would still have to be read.
fn stands_alone(request: &Request<Body>) -> bool {
    request.method() == Method::GET
        && request.version() == Version::HTTP_11
        && request.body().is_end_stream()
}

/// The head as it goes over the wire (RFC 9112, 4).
fn head(response: &Response<Body>, now: Timestamp) -> Vec<u8> {
    let mut head = Vec::with_capacity(512);
    let status = response.status();
    let reason = status.canonical_reason().unwrap_or_default();
    head.extend_from_slice(format!("HTTP/1.1 {} {reason}\r\n", status.as_str()).as_bytes());
    for (name, value) in response.headers() {
        // The body is not hyper's: neither is how it is framed.
        if name != header::CONTENT_LENGTH && name != header::TRANSFER_ENCODING {
            head.extend_from_slice(name.as_str().as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
    }
    let since = Duration::from_millis(u64::try_from(now.millis()).unwrap_or(0));
    let date = httpdate::fmt_http_date(UNIX_EPOCH + since);
    head.extend_from_slice(
        format!("date: {date}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n")
            .as_bytes(),
    );
    head
}
