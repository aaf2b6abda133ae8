//! What `benches/micro.rs` measures, made reachable for it. It is behind the feature `bench`, which nothing that ships
//! has on.

use crate::clock::Clock;
use crate::live::Tuning;
use crate::live::audience::{Audience, Interest};
use crate::live::cursor::Cursor;
use crate::live::frame::Frame;
use crate::live::gate::{Actor, Credential};
use crate::live::tail::{After, Tail};
use crate::service::{Running, Services};
use crate::store::log::{self, LogEvent};
use crate::store::{Reader, SecretHash};
use domain::{ChannelName, Draft, Epoch, Password, Scopes, Seq, UserName};
use futures::future::try_join_all;
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Where everything is published.
const CHANNEL: &str = "bench";

/// Why a step could not be measured.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failed(String);

impl Failed {
    fn new(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// The use cases on a database of their own, with one account.
#[derive(Debug)]
pub struct Server {
    services: Services,
    running: Running,
    shutdown: CancellationToken,
    actor: Actor,
}

impl Server {
    /// Begins with an empty folder.
    ///
    /// # Errors
    /// When the database cannot be made.
    pub async fn open(folder: &Path) -> Result<Self, Failed> {
        let shutdown = CancellationToken::new();
        let opened =
            Services::open(folder, Clock::System, Tuning::default(), shutdown.clone()).await;
        let (services, running) = opened.map_err(Failed::new)?;
        let name = UserName::parse("ada").map_err(Failed::new)?;
        let password = Password::parse("correct horse".to_owned()).map_err(Failed::new)?;
        let added = services.add_user(name.clone(), password, false).await;
        added.map_err(Failed::new)?;
        let directory = services.directory();
        let account = directory.account_named(&name);
        let account = account.ok_or_else(|| Failed::new("no account"))?.id;
        let actor = Actor {
            reader: Reader {
                account,
                channels: None,
            },
            credential: Credential::Session(SecretHash::of("nobody looks at it")),
            scopes: Scopes::ALL,
        };
        Ok(Self {
            services,
            running,
            shutdown,
            actor,
        })
    }

    /// Publishes so many drafts. On a runtime of one thread the writer finds them all at once: they are one commit.
    ///
    /// # Errors
    /// When one is refused.
    pub async fn commit(&self, drafts: usize) -> Result<(), Failed> {
        let draft = || Draft {
            channel: Some(CHANNEL.to_owned()),
            title: Some("Nightly backup".to_owned()),
            message: Some("182 GB in 14 min".to_owned()),
            ..Draft::default()
        };
        let publishing = (0..drafts).map(|_| self.services.publish(&self.actor, draft(), None));
        let published = try_join_all(publishing).await;
        published.map(drop).map_err(Failed::new)
    }

    /// Reads the newest events as a reader of their channel alone does. Answers the bytes.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn read(&self, events: u64) -> Result<usize, Failed> {
        let live = &self.services.live;
        let channel = ChannelName::parse(CHANNEL).map_err(Failed::new)?;
        let mut cursor = Cursor {
            position: live.head().saturating_sub(events),
            audience: Audience {
                actor: self.actor.clone(),
                interest: Interest {
                    channels: Some([channel].into()),
                    min_priority: None,
                    query: None,
                },
            },
        };
        let mut bytes = 0;
        while let Some(chunk) = cursor.next(live).await.map_err(Failed::new)? {
            bytes += chunk.len();
        }
        Ok(bytes)
    }

    /// The newest event.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub async fn event(&self) -> Result<Event, Failed> {
        let store = &self.services.live.store;
        let mut connection = store.readers().acquire().await.map_err(Failed::new)?;
        let head = self.services.live.head();
        let rows = log::page(&mut connection, head.saturating_sub(1), head, 1).await;
        let row = rows.map_err(Failed::new)?.pop();
        let (_, event) = row.ok_or_else(|| Failed::new("the log is empty"))?;
        Ok(Event {
            epoch: store.epoch().clone(),
            event: event.map_err(Failed::new)?,
        })
    }

    /// Ends it.
    pub async fn finish(self) {
        self.shutdown.cancel();
        self.running.finish().await;
    }
}

/// One event of the log.
#[derive(Debug, Clone)]
pub struct Event {
    epoch: Epoch,
    event: LogEvent,
}

impl Event {
    /// Encodes it as its frame. Answers the bytes; `None` when it cannot be told.
    #[must_use]
    pub fn encode(&self) -> Option<usize> {
        Some(Frame::encode(&self.epoch, &self.event)?.bytes.len())
    }
}

/// The newest part of a log in memory, as full as it gets.
#[derive(Debug)]
pub struct Memory {
    tail: Tail,
    event: Event,
}

/// A frame that is ready to be remembered.
#[derive(Debug)]
pub struct Next(Arc<Frame>);

impl Memory {
    /// Fills it with copies of `event`. `None` when that cannot be told.
    #[must_use]
    pub fn full(event: Event) -> Option<Self> {
        let Tuning {
            tail_frames,
            tail_bytes,
            ..
        } = Tuning::default();
        let tail = Tail::new(0, tail_frames, tail_bytes);
        let memory = Self { tail, event };
        for _ in 0..=tail_frames {
            memory.append(&memory.next()?);
        }
        Some(memory)
    }

    /// The event at the next place.
    #[must_use]
    pub fn next(&self) -> Option<Next> {
        let mut event = self.event.event.clone();
        event.seq = self.tail.head() + 1;
        let frame = Frame::encode(&self.event.epoch, &event)?;
        Some(Next(Arc::new(frame)))
    }

    /// Remembers the event at the next place, and forgets the oldest.
    pub fn append(&self, Next(frame): &Next) {
        let head: Seq = self.tail.head() + 1;
        self.tail.push(std::slice::from_ref(frame), head);
    }

    /// How many frames a cursor gets that lies so many events behind.
    #[must_use]
    pub fn after(&self, behind: u64) -> usize {
        let position = self.tail.head().saturating_sub(behind);
        match self.tail.after(position, usize::MAX) {
            After::Frames(frames, _) => frames.len(),
            After::Level | After::Evicted(_) => 0,
        }
    }
}
