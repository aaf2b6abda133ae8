//! Streams that come back far behind while posts go on: how long until all are level, and what the posts feel of it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hdrhistogram::Histogram;

use super::{Note, Stage, millis, replay};
use crate::load::joined;
use crate::peer::Peer;
use crate::publish::Publisher;
use crate::report::Measure;
use crate::swarm::mark;

const STREAMS: usize = 1_000;

/// How many messages they are behind when they come.
const BEHIND: u64 = 500;

/// 50 posts a second go on.
const PAUSE: Duration = Duration::from_millis(20);

/// At least so long, so that there are some to be judged.
const AT_LEAST: Duration = Duration::from_secs(10);

/// Longer than this it does not take, or it never ends.
const AT_MOST: Duration = Duration::from_secs(60);

pub(super) fn measure(peer: &Peer, note: &mut Note<'_>) -> Result<()> {
    let stage = Stage::start(peer)?;
    let request = replay::fall_behind(&stage, BEHIND)?.context("it keeps what is missed")?;
    let (posted, over) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let publisher = scope.spawn(|| go_on(&stage, &posted, &over));
        let came = come_back(&stage, &request, &posted);
        over.store(true, Ordering::Relaxed);
        let latency = joined(publisher)?;
        note(Measure::Level, millis(came?));
        note(
            Measure::LevelP99,
            latency.value_at_quantile(0.99) as f64 / 1e6,
        );
        Ok(())
    })
}

/// Answers how long it took until everything that was acknowledged by then had come to all.
fn come_back(stage: &Stage, request: &[u8], posted: &AtomicU64) -> Result<Duration> {
    let start = Instant::now();
    let mut swarm = stage.open_with(request, STREAMS)?;
    let mut level = None;
    swarm.read_while(|seen| {
        // Asked before the deliveries are compared: what is acknowledged later is not waited for.
        let due = (BEHIND + posted.load(Ordering::Relaxed)) * STREAMS as u64;
        if level.is_none() && seen.deliveries >= due {
            level = Some(start.elapsed());
        }
        let patience = if level.is_some() { AT_LEAST } else { AT_MOST };
        start.elapsed() < patience
    })?;
    level.with_context(|| format!("they are not level after {AT_MOST:?}"))
}

/// Posts until it is over. Answers nanoseconds to the acknowledgements.
fn go_on(stage: &Stage, posted: &AtomicU64, over: &AtomicBool) -> Result<Histogram<u64>> {
    let mut latency = Histogram::new_with_bounds(1_000, 120_000_000_000, 3)?;
    let mut publisher = Publisher::connect(stage.server.door.post.clone())?;
    let mut due = Instant::now();
    while !over.load(Ordering::Relaxed) {
        thread::park_timeout(due.saturating_duration_since(Instant::now()));
        publisher.send(&mark(stage.began))?;
        publisher.acknowledged()?;
        // From when it was due: a late answer must not hide the posts that it held up.
        latency.saturating_record(due.elapsed().as_nanos() as u64);
        posted.fetch_add(1, Ordering::Relaxed);
        due += PAUSE;
    }
    Ok(latency)
}
