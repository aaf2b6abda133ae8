//! What others have to say to a thread of the fan-out.

use super::Handover;
use super::reading::Page;
use super::socket::Ticket;
use domain::Seq;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A crowd's number at its thread.
pub(super) type CrowdId = usize;

/// One thing to do.
pub(super) enum Letter {
    /// A stream to serve.
    Join(Box<Handover>),
    /// What a stream had to ask the store for.
    Page(Ticket, Page),
    /// End everything.
    Stop,
}

/// What has come since the thread looked last.
#[derive(Default)]
pub(super) struct Mail {
    pub(super) letters: Vec<Letter>,
    /// Crowds for which there is something new, each once.
    pub(super) due: Vec<CrowdId>,
    /// Everybody whom an event up to here concerns is in `due`, or was.
    pub(super) announced: Seq,
    /// Somebody may have lost a right, or the server stops.
    pub(super) look: bool,
    /// The thread was woken and has not looked since.
    woken: bool,
}

/// Where a thread finds it.
pub(crate) struct Mailbox {
    mail: Mutex<Mail>,
    waker: mio::Waker,
}

impl std::fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailbox").finish_non_exhaustive()
    }
}

impl Mailbox {
    pub(super) fn new(waker: mio::Waker) -> Self {
        Self {
            mail: Mutex::default(),
            waker,
        }
    }

    /// Everything that has come.
    pub(super) fn take(&self) -> Mail {
        let mut mail = self.mail.lock();
        let announced = mail.announced;
        std::mem::replace(
            &mut *mail,
            Mail {
                announced,
                ..Mail::default()
            },
        )
    }

    pub(super) fn post(&self, letter: Letter) {
        self.put(|mail| mail.letters.push(letter));
    }

    /// Everybody whom an event up to `head` concerns has been rung for.
    pub(crate) fn announce(&self, head: Seq) {
        let mut mail = self.mail.lock();
        mail.announced = head;
        // A post that concerns nobody here wakes nobody.
        let wake = !mail.due.is_empty() && !std::mem::replace(&mut mail.woken, true);
        drop(mail);
        if wake {
            self.wake();
        }
    }

    /// Has the thread look who may go on.
    pub(crate) fn look(&self) {
        self.put(|mail| mail.look = true);
    }

    fn put(&self, change: impl FnOnce(&mut Mail)) {
        let mut mail = self.mail.lock();
        change(&mut mail);
        let wake = !std::mem::replace(&mut mail.woken, true);
        drop(mail);
        if wake {
            self.wake();
        }
    }

    fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            tracing::error!(%error, "the fan-out cannot be woken");
        }
    }
}

/// Rings for one crowd.
#[derive(Debug)]
pub(crate) struct Bell {
    mailbox: Arc<Mailbox>,
    crowd: CrowdId,
    rung: Arc<AtomicBool>,
}

impl Bell {
    pub(super) fn new(mailbox: Arc<Mailbox>, crowd: CrowdId, rung: Arc<AtomicBool>) -> Self {
        Self {
            mailbox,
            crowd,
            rung,
        }
    }

    /// There is something for the crowd. The thread is woken when everything is [announced](Mailbox::announce).
    pub(crate) fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.mailbox.mail.lock().due.push(self.crowd);
        }
    }
}
