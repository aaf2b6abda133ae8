//! What a subscriber gets, before it is written in one form or another.

use super::super::error::Refusal;
use super::super::message::{KEEPALIVE, Message, OPEN};
use super::super::params::{Params, names};
use super::super::topic::Topics;
use super::filter::Filter;
use super::since::{self, Past};
use crate::http::state::AppState;
use crate::live::chunk::Chunk;
use crate::live::stream::{self, Interest, OpenError, Opening, Piece};
use crate::service::follow::Since;
use crate::service::{Actor, ServiceError, Services};
use domain::{Resume, Seq};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use std::sync::Arc;

/// What was asked for.
#[derive(Debug)]
pub(super) struct Follow {
    poll: bool,
    past: Past,
    filter: Filter,
}

impl Follow {
    /// Reads the parameters.
    ///
    /// # Errors
    /// When one cannot be read.
    pub(super) fn read(
        params: &Params,
        topics: &Topics,
        state: &AppState,
    ) -> Result<Self, Refusal> {
        let poll = params.is_on(names::POLL);
        let last = params.text(names::LAST_EVENT_ID);
        let past = since::read(params, last.as_deref(), poll, state.services.clock.now())?;
        tracing::debug!(topics = topics.1, ?past, poll, "somebody subscribes");
        let filter = Filter::read(params)?;
        Ok(Self { poll, past, filter })
    }
}

/// A message, and its place in the log if it has one there.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) seq: Option<Seq>,
    pub(super) message: Message,
}

/// A subscription that may begin.
pub(super) struct Feed {
    services: Services,
    opening: Opening,
    /// Sent first.
    first: Vec<Event>,
    poll: bool,
    teller: Arc<Teller>,
}

/// Says in ntfy's words what frames tell.
struct Teller {
    services: Services,
    base: String,
    filter: Filter,
    /// The topics as they were asked for.
    topics: String,
}

impl Feed {
    /// Finds out where it begins.
    ///
    /// # Errors
    /// When the topics may not be followed, or too many are.
    pub(super) async fn open(
        state: &AppState,
        actor: Actor,
        Topics(names, topics): Topics,
        follow: Follow,
        base: String,
    ) -> Result<Self, Refusal> {
        let services = state.services.clone();
        services.may_follow(&actor, &names)?;
        let Follow { poll, past, filter } = follow;
        let latest = past == Past::Latest;
        let resume = match past {
            Past::After(resume) => resume,
            Past::Since(since) => services.place(since).await?,
            Past::Latest => services.place(Since::Now).await?,
        };
        let request = |resume| stream::Request {
            interest: Interest {
                channels: Some(names.iter().cloned().collect()),
                min_priority: None,
                query: None,
            },
            resume,
            recent: 0,
        };
        let live = &services.live;
        let opening = stream::open(live, actor.clone(), request(resume)).await;
        let mut opening = opening.map_err(refusal)?;
        if opening.is_reset() {
            // ntfy has no word for a cursor that cannot be continued: everything that is kept is better than a gap.
            drop(opening);
            let opened = stream::open(live, actor.clone(), request(Resume::Earliest)).await;
            opening = opened.map_err(refusal)?;
        }
        let place = opening.cursor.position;
        let mut first = Vec::new();
        if !poll {
            let message = Message::bare(OPEN, place, services.clock.now(), topics.clone());
            first.push(Event {
                seq: Some(place),
                message,
            });
        }
        if latest {
            let newest = services.newest_of_each(&actor, &names, place).await?;
            let messages = newest
                .iter()
                .map(|notification| Message::created(notification, &base));
            let wanted = messages.filter(|message| filter.passes(message));
            first.extend(wanted.map(|message| Event { seq: None, message }));
        }
        let teller = Arc::new(Teller {
            services: services.clone(),
            base,
            filter,
            topics,
        });
        Ok(Self {
            services,
            opening,
            first,
            poll,
            teller,
        })
    }

    /// Every event, in order. It ends with what is kept for who polls, else with the stream.
    pub(super) fn events(self) -> impl Stream<Item = Event> + Send + 'static {
        let Self {
            services,
            opening,
            first,
            poll,
            teller,
        } = self;
        let live = Arc::clone(&services.live);
        let pieces: BoxStream<'static, Piece> = if poll {
            stream::kept(live, opening).map(Piece::Events).boxed()
        } else {
            stream::pieces(live, opening).boxed()
        };
        let events = pieces.then(move |piece| {
            let teller = Arc::clone(&teller);
            async move { futures::stream::iter(teller.tell(piece).await) }
        });
        futures::stream::iter(first).chain(events.flatten())
    }
}

impl Teller {
    async fn tell(&self, piece: Piece) -> Vec<Event> {
        match piece {
            Piece::Events(chunk) => self.tell_all(&chunk).await,
            Piece::Heartbeat => {
                let (head, now) = (self.services.live.head(), self.services.clock.now());
                vec![Event {
                    seq: None,
                    message: Message::bare(KEEPALIVE, head, now, self.topics.clone()),
                }]
            }
            Piece::Farewell => Vec::new(),
        }
    }

    async fn tell_all(&self, chunk: &Chunk) -> Vec<Event> {
        let mut events = Vec::with_capacity(chunk.frames().len());
        for frame in chunk.frames() {
            let told = match self.services.tell(frame).await {
                Ok(told) => told,
                Err(error) => {
                    tracing::error!(seq = frame.seq, %error, "an event is passed over");
                    None
                }
            };
            let message = told.and_then(|told| Message::told(told, &self.base));
            let wanted = message.filter(|message| self.filter.passes(message));
            events.extend(wanted.map(|message| Event {
                seq: Some(frame.seq),
                message,
            }));
        }
        events
    }
}

fn refusal(error: OpenError) -> Refusal {
    match error {
        OpenError::TooMany => Refusal::SUBSCRIPTIONS.after(10),
        OpenError::Store(error) => ServiceError::from(error).into(),
    }
}
