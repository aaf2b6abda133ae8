//! The server's end of the stream. The store is a log, a subscriber is a cursor in it, and everything else only wakes
//! cursors: replay and live are one path.

pub(crate) mod alarm;
pub(crate) mod audience;
pub(crate) mod chunk;
pub(crate) mod cursor;
pub(crate) mod fanout;
pub(crate) mod frame;
pub(crate) mod gate;
pub(crate) mod hub;
pub(crate) mod pulse;
pub(crate) mod stream;
pub(crate) mod tail;
pub(crate) mod writer;

use crate::clock::Clock;
use crate::fault::{self, Point};
use crate::metrics::Metrics;
use crate::store::log::{self, LogEvent};
use crate::store::{Store, StoreError, meta};
use alarm::Alarm;
use domain::{EventId, Seq};
use frame::Frame;
use gate::Gate;
use hub::Hub;
use sqlx::SqliteConnection;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tail::Tail;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// What tests set otherwise.
#[derive(Debug, Clone)]
pub struct Tuning {
    /// A stream that got nothing for this long gets a heartbeat. The contract allows 15 s.
    pub heartbeat: Duration,
    /// Frames kept in memory. Cursors behind them read the store.
    pub tail_frames: usize,
    /// Bytes of frames kept in memory.
    pub tail_bytes: usize,
    /// How often the writer looks for what another process wrote.
    pub foreign_writes: Duration,
    /// Streams that one account may have open, 0 for any number.
    pub streams_per_user: usize,
    /// How old a stream gets, give or take a quarter. Its reader comes back with its cursor: nothing that was decided
    /// when a stream began is kept for ever, and streams spread anew over whatever stands before the server.
    pub stream_age: Duration,
    /// A WebSocket is asked this often whether its peer is still there. Gotify's clients are used to 45 s.
    pub ping: Duration,
    /// A reader that takes nothing for this long while something waits for it is closed. The contract allows 30 s.
    pub stalled: Duration,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(12),
            tail_frames: 4096,
            tail_bytes: 32 << 20,
            foreign_writes: Duration::from_millis(500),
            streams_per_user: 32,
            stream_age: Duration::from_secs(12 * 3600),
            ping: Duration::from_secs(45),
            stalled: Duration::from_secs(25),
        }
    }
}

/// Everything that cursors need: the log's newest part in memory, the rest in the store, who may see what, and who waits.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) tail: Tail,
    pub(crate) hub: Arc<Hub>,
    pub(crate) gate: Gate,
    pub(crate) tuning: Tuning,
    pub(crate) metrics: Metrics,
    pub(crate) alarm: Alarm,
    /// Notifications or files were removed for good.
    pub(crate) purged: Notify,
    /// Cancelled when the server stops: every stream ends.
    pub(crate) shutdown: CancellationToken,
    pruned_to: AtomicU64,
}

impl Live {
    /// Begins at the log's head.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn open(
        store: Store,
        clock: Clock,
        tuning: Tuning,
        shutdown: CancellationToken,
    ) -> Result<Arc<Self>, StoreError> {
        let mut connection = store.readers().acquire().await?;
        let head = log::head(&mut connection).await?;
        let pruned_to = meta::pruned_to(&mut connection).await?;
        let gate = Gate::open(&mut connection, clock.now()).await?;
        // Whoever was connected before a restart comes back a few events behind, and all at once.
        let floor = pruned_to.max(head.saturating_sub(tuning.tail_frames as Seq));
        let live = Self {
            tail: Tail::new(floor, tuning.tail_frames, tuning.tail_bytes),
            hub: Arc::default(),
            gate,
            pruned_to: AtomicU64::new(pruned_to),
            store,
            clock,
            tuning,
            metrics: Metrics::default(),
            alarm: Alarm::default(),
            purged: Notify::new(),
            shutdown,
        };
        live.remember(&mut connection, head).await?;
        drop(connection);
        Ok(Arc::new(live))
    }

    /// Fills the tail from the store, up to `head`.
    async fn remember(
        &self,
        connection: &mut SqliteConnection,
        head: Seq,
    ) -> Result<(), StoreError> {
        while self.head() < head {
            let rows = log::page(connection, self.head(), head, cursor::PAGE).await?;
            let last = rows.last().map_or(head, |(seq, _)| *seq);
            let upto = if rows.len() == cursor::PAGE as usize {
                last
            } else {
                head
            };
            self.tail.push(&self.frames(rows), upto);
        }
        Ok(())
    }

    /// Rows of the log as frames, without those that cannot be told.
    fn frames(&self, rows: Vec<log::Row>) -> Vec<Arc<Frame>> {
        let frame = |(seq, row): log::Row| match row {
            Ok(event) => self.frame(&event),
            Err(error) => {
                tracing::error!(seq, %error, "an event is passed over");
                None
            }
        };
        rows.into_iter().filter_map(frame).map(Arc::new).collect()
    }

    /// The newest event that everybody may be told of.
    pub(crate) fn head(&self) -> Seq {
        self.tail.head()
    }

    /// The id of the event at `seq`.
    pub(crate) fn id(&self, seq: Seq) -> EventId {
        EventId {
            epoch: self.store.epoch().clone(),
            seq,
        }
    }

    /// The last event that is no longer kept.
    pub(crate) fn pruned_to(&self) -> Seq {
        self.pruned_to.load(Ordering::Acquire)
    }

    /// Notes that events up to `seq` are no longer kept.
    pub(crate) fn set_pruned_to(&self, seq: Seq) {
        self.pruned_to.fetch_max(seq, Ordering::AcqRel);
    }

    /// Remembers committed events and wakes the cursors that they concern. The caller is the writer, in commit order.
    async fn announce(&self, events: &[LogEvent]) {
        if let Some(last) = events.last() {
            self.announce_upto(events, last.seq).await;
        }
    }

    /// As [`announce`](Self::announce), where the log reaches to `head` although its last rows cannot be read.
    async fn announce_upto(&self, events: &[LogEvent], head: Seq) {
        let directory = self.gate.directory();
        let committed = Some(Instant::now());
        let announced = |frame| Arc::new(Frame { committed, ..frame });
        let frames: Vec<_> = events
            .iter()
            .filter_map(|event| self.frame(event))
            .map(announced)
            .collect();
        self.metrics.events.inc_by(frames.len() as u64);
        // Remembered before anybody is woken: whoever wakes finds it.
        self.tail.push(&frames, head);
        fault::pass(Point::BeforeWake).await;
        for frame in &frames {
            let handed = self.hub.wake(frame, &directory);
            frame.handed.store(handed, Ordering::Relaxed);
        }
        self.hub.announced(head);
    }

    /// The event as its frame. `None` when it cannot be told: it was purged, or the row is not one that we wrote.
    fn frame(&self, event: &LogEvent) -> Option<Frame> {
        let frame = Frame::encode(self.store.epoch(), event);
        if frame.is_none() {
            tracing::warn!(
                seq = event.seq,
                "an event without a readable payload is passed over"
            );
        }
        frame
    }
}
