//! A burst of messages to some streams: how long after the last acknowledgement the last delivery comes.

use std::time::Duration;

use anyhow::Result;

use super::{Note, Stage, millis};
use crate::load::Load;
use crate::peer::Peer;
use crate::report::Measure;

const STREAMS: usize = 500;

const LOAD: Load = Load {
    publishers: 16,
    most: 4_000,
    within: Duration::from_secs(60),
};

pub(super) fn measure(peer: &Peer, note: &mut Note<'_>) -> Result<()> {
    let stage = Stage::start(peer)?;
    let mut swarm = stage.audience(STREAMS)?;
    swarm.take()?;
    let posted = stage.post_to(&mut swarm, STREAMS, LOAD)?;
    let behind = swarm.take()?.last.saturating_duration_since(posted.last);
    note(Measure::Burst, millis(behind));
    Ok(())
}
