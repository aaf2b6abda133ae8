//! The store, for those whose next events have left the memory. It is read by the runtime: a thread of the fan-out never
//! waits for a disk.

use super::mailbox::{Letter, Mailbox};
use super::socket::Ticket;
use crate::live::Live;
use crate::live::cursor::{CursorError, page};
use crate::live::frame::Frame;
use domain::Seq;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Frames of the store, and the place up to which they are all.
pub(super) type Page = Result<(Vec<Arc<Frame>>, Seq), CursorError>;

/// Asks for what follows `after`, up to `head`. The answer comes as a letter.
pub(super) fn ask(
    runtime: &Handle,
    live: &Arc<Live>,
    mailbox: &Arc<Mailbox>,
    ticket: Ticket,
    (after, head): (Seq, Seq),
) {
    let (live, mailbox) = (Arc::clone(live), Arc::clone(mailbox));
    runtime.spawn(async move {
        let page = page(&live, after, head).await;
        mailbox.post(Letter::Page(ticket, page));
    });
}
