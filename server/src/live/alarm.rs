//! When something is due next: set by the writer, waited for by whoever does what is due.

use crate::clock::Clock;
use domain::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// How long a wait goes on without a look at the clock, which may be set while we wait.
const LOOK: Duration = Duration::from_millis(250);

/// No time.
const NEVER: i64 = i64::MAX;

/// An alarm clock. It rings when the earliest time that was set has come. The first ring is at once: what is in the
/// store may be due already.
#[derive(Debug, Default)]
pub(crate) struct Alarm {
    /// Milliseconds since 1970.
    next: AtomicI64,
    changed: Notify,
}

impl Alarm {
    /// Has it ring at `time`, unless it rings before.
    pub(crate) fn set(&self, time: Timestamp) {
        let before = self.next.fetch_min(time.millis(), Ordering::AcqRel);
        if time.millis() < before {
            self.changed.notify_one();
        }
    }

    /// Waits until it rings. After that it rings only for times that are [set](Self::set) from then on.
    pub(crate) async fn rung(&self, clock: &Clock) {
        loop {
            let next = self.next.load(Ordering::Acquire);
            let wait = next.saturating_sub(clock.now().millis());
            if wait <= 0 {
                self.next.store(NEVER, Ordering::Release);
                return;
            }
            if next == NEVER {
                self.changed.notified().await;
            } else {
                let wait = Duration::from_millis(wait.unsigned_abs()).min(LOOK);
                let _sooner = tokio::time::timeout(wait, self.changed.notified()).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use std::sync::Arc;

    #[tokio::test(start_paused = true)]
    async fn it_rings_at_the_earliest_time_and_follows_a_clock_that_is_set() {
        let time = Arc::new(AtomicI64::new(0));
        let (alarm, clock) = (Alarm::default(), Clock::Manual(Arc::clone(&time)));
        assert!(
            alarm.rung(&clock).now_or_never().is_some(),
            "the first look is at once"
        );

        let mut ring = Box::pin(alarm.rung(&clock));
        assert!(ring.as_mut().now_or_never().is_none(), "nothing is set");
        alarm.set(Timestamp::from_millis(5_000_000));
        alarm.set(Timestamp::from_millis(3_600_000));
        alarm.set(Timestamp::from_millis(4_000_000));
        let early = tokio::time::timeout(Duration::from_secs(60), ring.as_mut()).await;
        assert!(early.is_err(), "the clock stands still");
        time.store(3_600_000, Ordering::Relaxed);
        ring.await;
        assert!(alarm.rung(&clock).now_or_never().is_none(), "it rings once");
    }
}
