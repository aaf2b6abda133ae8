//! What most would write first: axum's own `Sse` over tokio's `broadcast`.

use std::convert::Infallible;
use std::net::TcpListener;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::routing::{get, post};
use futures::Stream;
use tokio::sync::broadcast;

type Sender = broadcast::Sender<Arc<str>>;

/// Messages that a slow stream may be behind before it loses some.
const CAPACITY: usize = 16 * 1024;

/// Serves, for ever.
pub(super) fn serve(listener: TcpListener) -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let (sender, _) = broadcast::channel::<Arc<str>>(CAPACITY);
        let app = Router::new()
            .route("/events", get(events))
            .route("/post", post(publish))
            .with_state(sender);
        listener.set_nonblocking(true)?;
        axum::serve(tokio::net::TcpListener::from_std(listener)?, app).await?;
        Ok(())
    })
}

async fn events(
    State(sender): State<Sender>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let messages = futures::stream::unfold(sender.subscribe(), |mut receiver| async {
        let message = receiver.recv().await.ok()?;
        Some((Ok(Event::default().data(&*message)), receiver))
    });
    Sse::new(messages)
}

async fn publish(State(sender): State<Sender>, body: String) {
    let _nobody = sender.send(body.into());
}
