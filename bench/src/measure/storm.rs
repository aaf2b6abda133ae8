//! A crowd opens its streams at once, gets some messages, and leaves.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Note, Stage, kilobytes, micros, millis, paced};
use crate::peer::Peer;
use crate::report::Measure;

/// Messages to all of them.
const MESSAGES: usize = 20;

/// Messages beforehand: what a server keeps in memory anyway, and what its first requests take, is not the crowd's.
const BEFORE: u64 = 8_000;

pub(super) fn measure(peer: &Peer, crowd: usize, note: &mut Note<'_>) -> Result<()> {
    let stage = Stage::start(peer)?;
    let running = &stage.server.running;
    stage.post(16, BEFORE, Duration::from_secs(1))?;

    let before = running.settled_memory()?;
    let start = Instant::now();
    let mut swarm = stage.open(crowd)?;
    note(Measure::Storm, millis(start.elapsed()));
    let grown = running.settled_memory()?;
    note(Measure::Memory, kilobytes(before, grown, crowd));

    let (seen, cpu) = paced::send(&stage, &stage.server.door, &mut swarm, crowd, MESSAGES)?;
    note(Measure::CrowdCpu, micros(cpu) / seen.deliveries as f64);

    drop(swarm);
    let after = running.settled_memory()?;
    note(Measure::Left, after as f64 / before as f64);
    Ok(())
}
