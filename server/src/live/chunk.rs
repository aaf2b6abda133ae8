//! Everything that waits for somebody, as one piece.

use super::audience::Audience;
use super::frame::Frame;
use crate::metrics::Metrics;
use crate::store::Directory;
use bytes::{Bytes, BytesMut};
use domain::Seq;
use std::sync::Arc;

/// A chunk is sent when it has grown to this, so that a long replay neither waits for its end nor fills the memory.
const FULL: usize = 64 << 10;

/// Frames on their way out, in order.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    frames: Vec<Arc<Frame>>,
    bytes: usize,
}

impl Chunk {
    /// Adds what `audience` sees of `frames`, which are all up to `upto`. Answers how far it got before the chunk was
    /// full.
    pub(crate) fn take(
        &mut self,
        frames: &[Arc<Frame>],
        upto: Seq,
        audience: &Audience,
        directory: &Directory,
    ) -> Seq {
        for frame in frames {
            if audience.sees(frame, directory) {
                self.add(Arc::clone(frame));
                if self.is_full() {
                    return frame.seq;
                }
            }
        }
        upto
    }

    /// Adds a frame that its reader may see.
    pub(crate) fn add(&mut self, frame: Arc<Frame>) {
        self.bytes += frame.bytes.len();
        self.frames.push(frame);
    }

    /// Whether it should be sent before more is added.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes >= FULL
    }

    /// Whether nothing was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Its size.
    pub(crate) fn len(&self) -> usize {
        self.bytes
    }

    /// What it holds.
    pub(crate) fn frames(&self) -> &[Arc<Frame>] {
        &self.frames
    }

    /// Counts it as written now to `streams` streams.
    pub(crate) fn note_delivered(&self, streams: u64, metrics: &Metrics) {
        metrics
            .deliveries
            .inc_by(streams * self.frames.len() as u64);
        let seconds = &metrics.delivery_seconds;
        for committed in self.frames.iter().filter_map(|frame| frame.committed) {
            let took = committed.elapsed().as_secs_f64();
            (0..streams).for_each(|_| seconds.observe(took));
        }
    }

    /// The frames as one; a single one is not copied. `None` when nothing was added.
    pub(crate) fn join(&self) -> Option<Bytes> {
        match &self.frames[..] {
            [] => None,
            [one] => Some(one.bytes.clone()),
            many => {
                let mut all = BytesMut::with_capacity(self.bytes);
                many.iter()
                    .for_each(|frame| all.extend_from_slice(&frame.bytes));
                Some(all.freeze())
            }
        }
    }
}
