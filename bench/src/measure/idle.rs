//! A crowd that gets nothing but heartbeats.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Note, Stage};
use crate::peer::Peer;
use crate::report::Measure;

pub(super) fn measure(
    peer: &Peer,
    crowd: usize,
    time: Duration,
    note: &mut Note<'_>,
) -> Result<()> {
    let stage = Stage::start(peer)?;
    let mut swarm = stage.open(crowd)?;
    stage.server.running.settled_memory()?;
    let (start, cpu) = (Instant::now(), stage.cpu()?);
    swarm.read_while(|_| start.elapsed() < time)?;
    let cpu = stage.cpu()?.saturating_sub(cpu);
    note(
        Measure::Idle,
        100.0 * cpu.as_secs_f64() / start.elapsed().as_secs_f64(),
    );
    Ok(())
}
