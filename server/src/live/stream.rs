//! The opening of a stream, and the stream as a body, for connections that carry more than one. The others go to the
//! [fan-out](super::fanout). Both write what the same cursor finds.

pub(crate) use super::audience::Interest;

use super::audience::Audience;
use super::chunk::Chunk;
use super::cursor::{Cursor, Start};
use super::gate::{Actor, Standing};
use super::hub::{Membership, Nap, Seat, Subscriber, TooManyStreams, Wake};
use super::{Live, frame};
use crate::store::StoreError;
use bytes::{Bytes, BytesMut};
use domain::{Connected, Notification, Reset, Resume, Seq};
use futures::{Stream, StreamExt};
use rand::Rng;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What a subscriber asks for (contract, section 4).
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) interest: Interest,
    pub(crate) resume: Resume,
    /// How many of the newest notifications to send first.
    pub(crate) recent: u32,
}

/// Why there is no stream.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// The account has as many open as it may.
    #[error("too many open streams")]
    TooMany,
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<TooManyStreams> for OpenError {
    fn from(TooManyStreams: TooManyStreams) -> Self {
        Self::TooMany
    }
}

/// A stream that may begin.
#[derive(Debug)]
pub(crate) struct Opening {
    /// What goes out before anything else.
    pub(crate) first: Bytes,
    pub(crate) cursor: Cursor,
    /// How it was placed.
    pub(crate) start: Start,
    /// What the reader could do when the stream began.
    pub(crate) standing: Standing,
    pub(crate) seat: Seat,
}

impl Opening {
    /// Whether it could not begin where it was asked to.
    pub(crate) fn is_reset(&self) -> bool {
        matches!(self.start, Start::Reset(_))
    }
}

/// Finds out where a stream begins.
///
/// # Errors
/// See [`OpenError`].
pub(crate) async fn open(
    live: &Live,
    actor: Actor,
    request: Request,
) -> Result<Opening, OpenError> {
    let seat = live
        .hub
        .seat(actor.reader.account, live.tuning.streams_per_user)?;
    let standing = live.gate.standing(&actor);
    let audience = Audience {
        actor,
        interest: request.interest,
    };
    let (cursor, start) = Cursor::open(live, &request.resume, audience).await?;
    let recent = if start == Start::Head && request.recent > 0 {
        cursor.recent(live, request.recent).await?
    } else {
        Vec::new()
    };

    let connected = Connected {
        connection: format!("c_{:016x}", rand::rng().random::<u64>()),
        epoch: live.store.epoch().clone(),
        head: live.head().max(cursor.position),
        resumed: start == Start::Resumed,
    };
    Ok(Opening {
        first: first(&connected, cursor.position, start, &recent),
        cursor,
        start,
        standing,
        seat,
    })
}

/// What goes out before anything else on a stream whose cursor begins at `position`.
pub(crate) fn first(
    connected: &Connected,
    position: Seq,
    start: Start,
    recent: &[Notification],
) -> Bytes {
    let cursor_for_reader = (start == Start::Head).then_some(position);
    let mut first = BytesMut::from(&frame::connected(connected, cursor_for_reader)[..]);
    let epoch = &connected.epoch;
    if let Start::Reset(reason) = start {
        let reset = Reset {
            head: position,
            reason,
        };
        first.extend_from_slice(&frame::reset(epoch, &reset));
    }
    for notification in recent {
        first.extend_from_slice(&frame::recent(epoch, notification));
    }
    first.freeze()
}

/// When a stream that begins at `now` ends at the latest: not all at once when they began together.
pub(crate) fn age_limit(live: &Live) -> Duration {
    live.tuning
        .stream_age
        .mul_f64(rand::rng().random_range(0.75..1.25))
}

/// The last word of a stream that the server ends: when to come back. Not all at once: those who do find a server that
/// is just starting.
pub(crate) fn farewell() -> Bytes {
    frame::retry(rand::rng().random_range(500..3500))
}

/// What a stream has to tell.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Events, in order; at least one.
    Events(Chunk),
    /// Nothing happened for a while, and the connection lives.
    Heartbeat,
    /// The server ends the stream.
    Farewell,
}

/// The stream as a body.
pub(crate) fn body(
    live: Arc<Live>,
    mut opening: Opening,
) -> impl Stream<Item = Bytes> + Send + 'static {
    let first = std::mem::take(&mut opening.first);
    let head = Arc::clone(&live);
    let bytes = move |piece| match piece {
        Piece::Events(chunk) => chunk.join().unwrap_or_default(),
        Piece::Heartbeat => frame::heartbeat(head.head()),
        Piece::Farewell => farewell(),
    };
    let pieces = pieces(live, opening).map(bytes);
    futures::stream::once(async move { first }).chain(pieces)
}

/// What follows the opening of a stream, for those who write it in their own words. It ends by itself when the server
/// stops, the credential is no longer good or the store fails, and a reader comes back with its cursor.
pub(crate) fn pieces(
    live: Arc<Live>,
    opening: Opening,
) -> impl Stream<Item = Piece> + Send + 'static {
    let audience = Arc::new(opening.cursor.audience.clone());
    let nap = Arc::new(Nap::new());
    let wake = Wake::Task(Arc::clone(&nap));
    let membership = live.hub.join(Subscriber::new(audience, wake, 1));
    let state = Box::new(State {
        ends_at: Instant::now() + age_limit(&live),
        live,
        standing: opening.standing,
        cursor: opening.cursor,
        nap,
        _kept: (membership, opening.seat),
    });
    futures::stream::unfold(Some(state), |state| async move { state?.next().await })
}

/// What is there already, for those who do not stay: the events from the opening up to the head of this moment.
pub(crate) fn kept(
    live: Arc<Live>,
    opening: Opening,
) -> impl Stream<Item = Chunk> + Send + 'static {
    let head = live.head();
    futures::stream::unfold(opening, move |mut opening| {
        let live = Arc::clone(&live);
        async move {
            if opening.cursor.position >= head {
                return None;
            }
            let chunk = opening.cursor.next(&live).await.unwrap_or_else(|error| {
                tracing::error!(%error, "a stream ends because the log cannot be read");
                None
            });
            chunk.map(|chunk| (chunk, opening))
        }
    })
}

/// Kept in a box: a future that passes it on holds it in several places, and a stream is a future for hours.
struct State {
    live: Arc<Live>,
    standing: Standing,
    cursor: Cursor,
    nap: Arc<Nap>,
    ends_at: Instant,
    _kept: (Membership, Seat),
}

impl State {
    /// The next piece, and the state after it; `None` in place of the state when it is the last.
    async fn next(mut self: Box<Self>) -> Option<(Piece, Option<Box<Self>>)> {
        loop {
            if !self.may_go_on() {
                return None;
            }
            match self.cursor.next(&self.live).await {
                Ok(Some(chunk)) => return Some(self.send(Piece::Events(chunk))),
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(%error, "a stream ends because the log cannot be read");
                    return None;
                }
            }
            if self.live.shutdown.is_cancelled() || Instant::now() >= self.ends_at {
                return Some((Piece::Farewell, None));
            }
            if self.nap.silence() >= self.live.tuning.heartbeat {
                return Some(self.send(Piece::Heartbeat));
            }
            self.nap.woken().await;
        }
    }

    fn send(self: Box<Self>, piece: Piece) -> (Piece, Option<Box<Self>>) {
        self.nap.note_sent();
        (piece, Some(self))
    }

    /// A stream ends when its credential is no longer good or its account's grants changed (contract, section 2): the
    /// reader comes back and is asked anew. Each event is checked besides when it is sent.
    fn may_go_on(&mut self) -> bool {
        let now = self.live.clock.now();
        let actor = &self.cursor.audience.actor;
        self.live.gate.stands(&mut self.standing, actor, now)
    }
}
