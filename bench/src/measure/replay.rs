//! Everybody comes back at once, the same number of messages behind.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::{Note, Stage};
use crate::peer::Peer;
use crate::publish::Publisher;
use crate::report::Measure;
use crate::swarm::mark;

/// How many messages everybody is behind.
const BEHIND: u64 = 90;

pub(super) fn measure(peer: &Peer, streams: usize, note: &mut Note<'_>) -> Result<()> {
    let stage = Stage::start(peer)?;
    let Some(request) = fall_behind(&stage, BEHIND)? else {
        return Ok(());
    };
    let start = Instant::now();
    let mut swarm = stage.open_with(&request, streams)?;
    swarm.wait_for(BEHIND * streams as u64)?;
    let seen = swarm.take()?;
    ensure!(
        seen.deliveries == BEHIND * streams as u64,
        "more was replayed than asked"
    );
    let took = seen.last.duration_since(start).as_secs_f64();
    note(Measure::Replay, seen.deliveries as f64 / took);
    Ok(())
}

/// Posts a message, then so many more, and answers the request that continues behind the first. `None` when the server
/// keeps nothing.
pub(super) fn fall_behind(stage: &Stage, count: u64) -> Result<Option<Vec<u8>>> {
    let Some(resume) = stage.server.resume else {
        return Ok(None);
    };
    let mut publisher = Publisher::connect(stage.server.door.post.clone())?;
    publisher.send(&mark(stage.began))?;
    let request = resume(&stage.server, publisher.acknowledged()?)?;
    stage.post(1, count, Duration::MAX)?;
    Ok(Some(request))
}
