//! Messages to all, as fast as they are acknowledged.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Note, Stage, micros};
use crate::load::Load;
use crate::peer::Peer;
use crate::report::Measure;

/// Bounded in number for the quick ones, in time for the others.
const LOAD: Load = Load {
    publishers: 16,
    most: 4_000,
    within: Duration::from_secs(2),
};

pub(super) fn measure(peer: &Peer, streams: usize, note: &mut Note<'_>) -> Result<()> {
    let stage = Stage::start(peer)?;
    let mut swarm = stage.audience(streams)?;
    let cpu = stage.cpu()?;
    swarm.take()?;
    let start = Instant::now();
    stage.post_to(&mut swarm, streams, LOAD)?;
    let cpu = stage.cpu()?.saturating_sub(cpu);
    let seen = swarm.take()?;
    let took = seen.last.duration_since(start).as_secs_f64();
    note(Measure::Deliveries, seen.deliveries as f64 / took);
    note(Measure::UnpacedCpu, micros(cpu) / seen.deliveries as f64);
    Ok(())
}
