//! One message at a time, to all: the next is sent when everybody has the one before.

use std::time::Duration;

use anyhow::Result;

use super::{Note, Stage, micros};
use crate::peer::{Door, Peer};
use crate::publish::Publisher;
use crate::report::Measure;
use crate::swarm::{Seen, Swarm, mark};

const MESSAGES: usize = 200;

pub(super) fn measure(peer: &Peer, streams: usize, note: &mut Note<'_>) -> Result<()> {
    let stage = Stage::start(peer)?;
    let mut swarm = stage.audience(streams)?;
    // The first messages find cold caches, and some servers still busy with the streams.
    send(
        &stage,
        &stage.server.door,
        &mut swarm,
        streams,
        MESSAGES / 10,
    )?;
    let (seen, cpu) = send(&stage, &stage.server.door, &mut swarm, streams, MESSAGES)?;
    note(Measure::PacedCpu, micros(cpu) / seen.deliveries as f64);
    note(Measure::PacedP50, seen.millis(0.5));
    note(Measure::PacedP99, seen.millis(0.99));
    Ok(())
}

/// Sends so many messages, one at a time. Answers what was seen and the server's processor time.
pub(super) fn send(
    stage: &Stage,
    door: &Door,
    swarm: &mut Swarm,
    streams: usize,
    messages: usize,
) -> Result<(Seen, Duration)> {
    let mut publisher = Publisher::connect(door.post.clone())?;
    let cpu = stage.cpu()?;
    swarm.take()?;
    for sent in 1..=messages {
        publisher.send(&mark(stage.began))?;
        swarm.wait_for((sent * streams) as u64)?;
        publisher.acknowledged()?;
    }
    let cpu = stage.cpu()?.saturating_sub(cpu);
    Ok((swarm.take()?, cpu))
}
