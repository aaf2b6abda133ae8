//! Many publishers at once, each as fast as it is acknowledged.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use hdrhistogram::Histogram;

use crate::publish::{Publisher, Recipe};
use crate::swarm::mark;

/// How many of them, and when they stop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) publishers: usize,
    /// The most messages of all together.
    pub(crate) most: u64,
    /// No message is begun after this.
    pub(crate) within: Duration,
}

/// What they did.
#[derive(Debug)]
pub(crate) struct Posted {
    /// Messages that were acknowledged.
    pub(crate) count: u64,
    /// From the first message to the last acknowledgement.
    pub(crate) took: Duration,
    /// When the last one was acknowledged.
    pub(crate) last: Instant,
    /// Nanoseconds from sending to the acknowledgement.
    pub(crate) latency: Histogram<u64>,
}

impl Load {
    /// Posts by `recipe`; `began` is the zero of the marks.
    pub(crate) fn post(self, recipe: &Recipe, began: Instant) -> Result<Posted> {
        self.run(|| {
            let mut publisher = Publisher::connect(recipe.clone())?;
            Ok(move || {
                publisher.send(&mark(began))?;
                publisher.acknowledged().map(drop)
            })
        })
    }

    /// Runs publishers that `make` makes; each call of one is a message and its acknowledgement.
    pub(crate) fn run<P: FnMut() -> Result<()>>(
        self,
        make: impl Fn() -> Result<P> + Sync,
    ) -> Result<Posted> {
        let (begun, ready) = (AtomicU64::new(0), Barrier::new(self.publishers));
        let publisher = || {
            let publish = make();
            // Also for the one that failed: the others wait for it.
            ready.wait();
            self.publish(publish?, &begun)
        };
        thread::scope(|scope| {
            let threads: Vec<_> = (0..self.publishers)
                .map(|_| scope.spawn(publisher))
                .collect();
            let all = threads.into_iter().map(joined);
            let all = all.collect::<Result<Vec<_>>>()?;
            Posted::sum(all)
        })
    }

    fn publish(self, mut publish: impl FnMut() -> Result<()>, begun: &AtomicU64) -> Result<Posted> {
        let start = Instant::now();
        let mut posted = Posted {
            count: 0,
            took: Duration::ZERO,
            last: start,
            latency: Histogram::new_with_bounds(1_000, 120_000_000_000, 3)?,
        };
        while posted.last.duration_since(start) < self.within
            && begun.fetch_add(1, Ordering::Relaxed) < self.most
        {
            let sent = posted.last;
            publish()?;
            posted.last = Instant::now();
            let took = posted.last.duration_since(sent).as_nanos() as u64;
            posted.latency.saturating_record(took);
            posted.count += 1;
        }
        posted.took = posted.last.duration_since(start);
        Ok(posted)
    }
}

impl Posted {
    /// Acknowledgements a second.
    pub(crate) fn rate(&self) -> f64 {
        self.count as f64 / self.took.as_secs_f64()
    }

    /// Milliseconds that this part of the acknowledgements took at most.
    pub(crate) fn millis(&self, quantile: f64) -> f64 {
        self.latency.value_at_quantile(quantile) as f64 / 1e6
    }

    fn sum(all: Vec<Self>) -> Result<Self> {
        let mut all = all.into_iter();
        let Some(mut sum) = all.next() else {
            bail!("there was no publisher");
        };
        for one in all {
            sum.count += one.count;
            sum.took = sum.took.max(one.took);
            sum.last = sum.last.max(one.last);
            sum.latency.add(one.latency)?;
        }
        Ok(sum)
    }
}

/// What a thread came to.
pub(crate) fn joined<T>(thread: ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    match thread.join() {
        Ok(done) => done,
        Err(_) => bail!("a publisher panicked"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_with_the_count_or_with_the_time() {
        let load = |most, within| Load {
            publishers: 3,
            most,
            within,
        };
        let posted = load(10, Duration::MAX).run(|| Ok(|| Ok(()))).unwrap();
        assert_eq!((posted.count, posted.latency.len()), (10, 10));
        let posted = load(u64::MAX, Duration::ZERO).run(|| Ok(|| Ok(())));
        assert_eq!(posted.unwrap().count, 0);
    }

    #[test]
    fn one_that_cannot_begin_fails_all() {
        let load = Load {
            publishers: 2,
            most: 1,
            within: Duration::MAX,
        };
        let failed = load.run(|| -> Result<fn() -> Result<()>> { bail!("no") });
        assert!(failed.is_err());
    }
}
