//! The life of one stream: opening, what waits, heartbeats, and its end.

use super::cursor::{Cursor, Start};
use super::gate::{Actor, Standing};
pub(crate) use super::hub::Interest;
use super::hub::{Membership, Subscriber, TooManyStreams};
use super::{Live, frame};
use crate::store::StoreError;
use bytes::{Bytes, BytesMut};
use domain::{Connected, Reset, Resume};
use futures::Stream;
use rand::Rng;
use std::sync::Arc;

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

/// Opens a stream. Its first chunk is there at once; it ends by itself when the server stops, the credential is no
/// longer good or the store fails, and a reader comes back with its cursor.
///
/// # Errors
/// See [`OpenError`].
pub(crate) async fn open(
    live: Arc<Live>,
    actor: Actor,
    request: Request,
) -> Result<impl Stream<Item = Bytes> + Send + 'static, OpenError> {
    let subscriber = Subscriber::new(actor.reader.clone(), request.interest.clone());
    // Before the cursor reads for the first time: what is committed from here on wakes it.
    let membership = live.hub.join(subscriber, live.tuning.streams_per_user)?;
    let standing = live.gate.standing(&actor);
    let (cursor, start) =
        Cursor::open(&live, &request.resume, actor.clone(), request.interest).await?;
    let recent = if start == Start::Head {
        cursor.recent(&live, request.recent).await?
    } else {
        Vec::new()
    };

    let epoch = live.store.epoch();
    let head = live.head().max(cursor.position());
    let connection = format!("c_{:016x}", rand::rng().random::<u64>());
    let opening = Connected {
        connection,
        epoch: epoch.clone(),
        head,
        resumed: start == Start::Resumed,
    };
    let cursor_for_reader = (start == Start::Head).then_some(cursor.position());
    let mut first = BytesMut::from(&frame::connected(&opening, cursor_for_reader)[..]);
    if let Start::Reset(reason) = start {
        first.extend_from_slice(&frame::reset(
            epoch,
            &Reset {
                head: cursor.position(),
                reason,
            },
        ));
    }
    for notification in &recent {
        first.extend_from_slice(&frame::recent(epoch, notification));
    }
    let state = State {
        live,
        actor,
        standing,
        membership,
        cursor,
        first: Some(first.freeze()),
    };
    Ok(futures::stream::unfold(Some(state), |state| async move {
        state?.next().await
    }))
}

struct State {
    live: Arc<Live>,
    actor: Actor,
    /// What the reader could do when the stream began.
    standing: Standing,
    membership: Membership,
    cursor: Cursor,
    first: Option<Bytes>,
}

impl State {
    /// The next chunk, and the state after it; `None` in place of the state when it is the last.
    async fn next(mut self) -> Option<(Bytes, Option<Self>)> {
        if let Some(first) = self.first.take() {
            return Some((first, Some(self)));
        }
        loop {
            if !self.may_go_on() {
                return None;
            }
            match self.cursor.next(&self.live).await {
                Ok(Some(chunk)) => return Some(self.send(chunk)),
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(%error, "a stream ends because the log cannot be read");
                    return None;
                }
            }
            if self.live.shutdown.is_cancelled() {
                // Not all at once: those who come back find a server that is just starting.
                let wait = rand::rng().random_range(500..3500);
                return Some((frame::retry(wait), None));
            }
            if self.membership.subscriber.silence() >= self.live.tuning.heartbeat {
                let heartbeat = frame::heartbeat(self.live.head());
                return Some(self.send(heartbeat));
            }
            self.membership.subscriber.woken().await;
        }
    }

    fn send(self, chunk: Bytes) -> (Bytes, Option<Self>) {
        self.membership.subscriber.note_sent();
        (chunk, Some(self))
    }

    /// A stream ends when its credential is no longer good or its account's grants changed (contract, section 2): the
    /// reader comes back and is asked anew. Each event is checked besides when it is sent.
    fn may_go_on(&mut self) -> bool {
        let now = self.live.clock.now();
        self.live.gate.stands(&mut self.standing, &self.actor, now)
    }
}
