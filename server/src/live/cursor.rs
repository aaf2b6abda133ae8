//! A subscriber's place in the log. It pulls: from memory when what follows is there, else from the store in pages.

use super::Live;
use super::audience::Audience;
use super::chunk::Chunk;
use super::frame::Frame;
use super::tail::After;
use crate::store::inbox::{self, ListQuery};
use crate::store::{StoreError, log};
use domain::search::{Filter, Query};
use domain::{ChannelName, Epoch, ListState, Notification, ResetReason, Resume, Seq};
use std::sync::Arc;

/// Frames of one read. What is beyond it is the next read's.
pub(crate) const PAGE: u32 = 500;

/// A place in the log, and through whose eyes it is read.
#[derive(Debug)]
pub(crate) struct Cursor {
    /// The newest event that was read or passed over.
    pub(crate) position: Seq,
    pub(crate) audience: Audience,
}

/// Why a cursor cannot go on. Its reader comes back with its last id and is told by the stream what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CursorError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What follows was pruned while the reader was reading.
    #[error("what follows is no longer kept")]
    Pruned,
}

/// How far a log reaches.
#[derive(Debug)]
pub(crate) struct Extent<'a> {
    pub(crate) epoch: &'a Epoch,
    /// The last event that is no longer kept.
    pub(crate) pruned_to: Seq,
    /// The newest event that was announced.
    pub(crate) head: Seq,
    /// The newest event that was committed.
    pub(crate) newest: Seq,
}

/// Where a cursor began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// At the head, because nothing else was asked for.
    Head,
    /// Where it was asked to.
    Resumed,
    /// At the head, because it could not begin where it was asked to.
    Reset(ResetReason),
}

impl Cursor {
    /// Begins where `resume` says, or at the head. It never fails for what a client sent.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn open(
        live: &Live,
        resume: &Resume,
        audience: Audience,
    ) -> Result<(Self, Start), StoreError> {
        let (position, start) = extent(live, resume).await?.place(resume);
        Ok((Self { position, audience }, start))
    }

    /// Everything that waits, as one chunk with something in it; `None` when the cursor is level with the head. Rights are
    /// those of this moment.
    ///
    /// # Errors
    /// See [`CursorError`].
    pub(crate) async fn next(&mut self, live: &Live) -> Result<Option<Chunk>, CursorError> {
        let mut chunk = Chunk::default();
        while !chunk.is_full() {
            let (frames, upto) = match live.tail.after(self.position, PAGE as usize) {
                After::Level => break,
                After::Frames(frames, upto) => (frames, upto),
                After::Evicted(_) if !chunk.is_empty() => break,
                // In a box: few read the store, and each who waits would hold room for it.
                After::Evicted(head) => Box::pin(page(live, self.position, head)).await?,
            };
            self.position = chunk.take(&frames, upto, &self.audience, &live.gate.glance());
        }
        chunk.note_delivered(1, &live.metrics);
        Ok((!chunk.is_empty()).then_some(chunk))
    }

    /// The newest `count` notifications that the reader may see, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn recent(
        &self,
        live: &Live,
        count: u32,
    ) -> Result<Vec<Notification>, StoreError> {
        let Audience { actor, interest } = &self.audience;
        let directory = live.gate.directory();
        let asked = |name: &ChannelName| {
            let names = interest.channels.as_ref();
            names.is_none_or(|names| names.contains(name))
        };
        let urgent = interest.min_priority.map(Filter::at_least);
        let query = interest.query.as_deref().cloned().unwrap_or_default();
        let query = ListQuery {
            account: actor.reader.account,
            readable: directory.view(&actor.reader, asked),
            state: Some(ListState::All),
            query: urgent.into_iter().fold(query, Query::and),
            // What is newer comes as an event.
            before: Some(self.position + 1),
            limit: count,
        };
        let items = inbox::list(live.store.readers(), &query).await?;
        Ok(items
            .into_iter()
            .rev()
            .map(|item| item.notification)
            .collect())
    }
}

impl Extent<'_> {
    /// Where `resume` begins in this log.
    pub(crate) fn place(&self, resume: &Resume) -> (Seq, Start) {
        let reset = |reason| (self.head, Start::Reset(reason));
        match resume {
            Resume::Head => (self.head, Start::Head),
            Resume::Earliest => (self.pruned_to, Start::Resumed),
            Resume::Malformed => reset(ResetReason::Malformed),
            Resume::After(id) if id.epoch != *self.epoch => reset(ResetReason::Unknown),
            Resume::After(id) if id.seq < self.pruned_to => reset(ResetReason::Pruned),
            Resume::After(id) if id.seq > self.newest => reset(ResetReason::Future),
            Resume::After(id) => (id.seq, Start::Resumed),
        }
    }
}

/// How far the log reaches, as far as that matters to `resume`.
async fn extent<'a>(live: &'a Live, resume: &Resume) -> Result<Extent<'a>, StoreError> {
    let (epoch, head) = (live.store.epoch(), live.head());
    let newest = match resume {
        // A page may have been read just after a commit and just before its announcement: the store is asked before a
        // cursor is called one of the future.
        Resume::After(id) if id.epoch == *epoch && id.seq > head => {
            log::head(&mut *live.store.readers().acquire().await?).await?
        }
        Resume::After(_) | Resume::Head | Resume::Earliest | Resume::Malformed => head,
    };
    Ok(Extent {
        epoch,
        pruned_to: live.pruned_to(),
        head,
        newest,
    })
}

/// One page of the store, and the place up to which it is all. It ends at the announced head: what is committed beyond
/// it may lie in channels that the directory does not know yet.
///
/// # Errors
/// See [`CursorError`].
pub(crate) async fn page(
    live: &Live,
    after: Seq,
    head: Seq,
) -> Result<(Vec<Arc<Frame>>, Seq), CursorError> {
    let mut connection = live
        .store
        .readers()
        .acquire()
        .await
        .map_err(StoreError::from)?;
    let rows = log::page(&mut connection, after, head, PAGE).await?;
    drop(connection);
    // Asked after the rows were read: pruning says how far it goes before it deletes.
    if after < live.pruned_to() {
        return Err(CursorError::Pruned);
    }
    let upto = if rows.len() == PAGE as usize {
        rows.last().map_or(head, |(seq, _)| *seq)
    } else {
        head
    };
    Ok((live.frames(rows), upto))
}
