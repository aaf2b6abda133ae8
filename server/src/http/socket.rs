//! A WebSocket that follows the log, for protocols that have one: the same cursor as every stream, told in their words.

use super::takeover::Kept;
use crate::live::Live;
use crate::live::frame::Frame;
use crate::live::stream::{self, Opening, Piece};
use crate::service::ServiceError;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use futures::StreamExt;
use std::future::Future;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;
use tokio::time::{Instant, interval_at, timeout};

/// The most bytes of a message that a peer may send. Nothing that it says is read.
const HEARD_BYTES: usize = 4 << 10;

/// A protocol's words for what happens.
pub(super) trait Teller: Send + Sync + 'static {
    /// The messages that tell of `frames`, in order. What the protocol has no word for is passed over.
    fn tell(
        &self,
        frames: &[Arc<Frame>],
    ) -> impl Future<Output = Result<Vec<String>, ServiceError>> + Send;
}

/// Upgrades the connection and follows until one of both ends it. `kept` is what the connection holds.
pub(super) fn follow(
    upgrade: WebSocketUpgrade,
    kept: Option<Kept>,
    live: Arc<Live>,
    opening: Opening,
    teller: impl Teller,
) -> Response {
    let upgrade = upgrade
        .read_buffer_size(HEARD_BYTES)
        .write_buffer_size(0)
        .max_message_size(HEARD_BYTES)
        .max_frame_size(HEARD_BYTES);
    upgrade.on_upgrade(async move |socket| {
        let mut conversation = Conversation {
            socket,
            live,
            teller,
            answered: true,
        };
        conversation.run(opening).await;
        drop(kept);
    })
}

struct Conversation<T> {
    socket: WebSocket,
    live: Arc<Live>,
    teller: T,
    /// Whether anything came since the last ping.
    answered: bool,
}

impl<T: Teller> Conversation<T> {
    async fn run(&mut self, opening: Opening) {
        let mut pieces = pin!(stream::pieces(Arc::clone(&self.live), opening));
        let period = self.live.tuning.ping;
        let mut ping = interval_at(Instant::now() + period, period);
        let mut going = ControlFlow::Continue(());
        while going.is_continue() {
            going = tokio::select! {
                piece = pieces.next() => self.tell(piece).await,
                _ = ping.tick() => self.ping().await,
                said = self.socket.recv() => self.listen(said),
            };
        }
    }

    async fn tell(&mut self, piece: Option<Piece>) -> ControlFlow<()> {
        let chunk = match piece {
            Some(Piece::Events(chunk)) => chunk,
            Some(Piece::Heartbeat) => return ControlFlow::Continue(()),
            Some(Piece::Farewell) => return self.close(close_code::AWAY).await,
            // The credential is no longer good, or the log cannot be read.
            None => return self.close(close_code::POLICY).await,
        };
        let Ok(messages) = self.teller.tell(chunk.frames()).await else {
            return self.close(close_code::ERROR).await;
        };
        for message in messages {
            self.send(Message::text(message)).await?;
        }
        ControlFlow::Continue(())
    }

    async fn ping(&mut self) -> ControlFlow<()> {
        if !std::mem::take(&mut self.answered) {
            return ControlFlow::Break(());
        }
        self.send(Message::Ping(axum::body::Bytes::new())).await
    }

    fn listen(&mut self, said: Option<Result<Message, axum::Error>>) -> ControlFlow<()> {
        match said {
            Some(Ok(Message::Close(_)) | Err(_)) | None => ControlFlow::Break(()),
            Some(Ok(_)) => {
                self.answered = true;
                ControlFlow::Continue(())
            }
        }
    }

    async fn close(&mut self, code: u16) -> ControlFlow<()> {
        let reason = Utf8Bytes::default();
        self.send(Message::Close(Some(CloseFrame { code, reason })))
            .await?;
        ControlFlow::Break(())
    }

    /// A reader that takes nothing is let go: it comes back and asks for what it missed.
    async fn send(&mut self, message: Message) -> ControlFlow<()> {
        match timeout(self.live.tuning.stalled, self.socket.send(message)).await {
            Ok(Ok(())) => ControlFlow::Continue(()),
            Ok(Err(_)) | Err(_) => ControlFlow::Break(()),
        }
    }
}
