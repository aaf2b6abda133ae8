//! How often something may happen in a minute.

use crate::clock::Clock;
use parking_lot::Mutex;
use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

const MINUTE: i64 = 60_000;

/// Keys that are remembered. Beyond it the oldest are swept, so that an attacker with many addresses fills no memory.
const MOST_KEYS: usize = 100_000;

/// Counts by key, at most so many a minute. Never a lock-out: after the minute the key is free again.
#[derive(Debug)]
pub(crate) struct Throttle<K = String> {
    most: u32,
    clock: Clock,
    windows: Mutex<HashMap<K, Window>>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    began: i64,
    count: u32,
}

/// Too many: try again after these seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Throttled {
    pub(crate) seconds: u64,
}

impl<K: Hash + Eq> Throttle<K> {
    /// Allows `most` a minute for each key.
    pub(crate) fn new(most: u32, clock: Clock) -> Self {
        Self {
            most,
            clock,
            windows: Mutex::default(),
        }
    }

    /// Takes one attempt, before it is judged, so that attempts at the same time are all counted.
    ///
    /// # Errors
    /// When the key has none left in this minute.
    pub(crate) fn take<Q>(&self, key: &Q) -> Result<(), Throttled>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let now = self.clock.now().millis();
        let mut windows = self.windows.lock();
        if windows.len() >= MOST_KEYS {
            windows.retain(|_, window| now < window.began + MINUTE);
        }
        let window = windows.entry(key.to_owned()).or_insert(Window {
            began: now,
            count: 0,
        });
        if now >= window.began + MINUTE {
            *window = Window {
                began: now,
                count: 0,
            };
        }
        if window.count >= self.most {
            let left = (window.began + MINUTE - now).max(1);
            return Err(Throttled {
                seconds: left.unsigned_abs().div_ceil(1000),
            });
        }
        window.count += 1;
        Ok(())
    }

    /// Gives an attempt back: it did not fail.
    pub(crate) fn give_back<Q>(&self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        if let Some(window) = self.windows.lock().get_mut(key) {
            window.count = window.count.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    #[test]
    fn a_minute_holds_so_many_failures_and_no_lock_out() {
        let millis = Arc::new(AtomicI64::new(1_000));
        let throttle = Throttle::new(2, Clock::Manual(Arc::clone(&millis)));
        assert_eq!(throttle.take("a"), Ok(()));
        throttle.give_back("a");
        assert_eq!((throttle.take("a"), throttle.take("a")), (Ok(()), Ok(())));
        millis.store(31_500, Ordering::Relaxed);
        assert_eq!(throttle.take("a"), Err(Throttled { seconds: 30 }));
        assert_eq!(throttle.take("b"), Ok(()));
        millis.store(61_000, Ordering::Relaxed);
        assert_eq!(throttle.take("a"), Ok(()));
    }
}
