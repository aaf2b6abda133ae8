//! What a post to a few readers costs, alone and while a crowd follows another channel.

use anyhow::Result;

use super::{Note, Stage, micros, paced};
use crate::peer::{Peer, belfry};
use crate::report::Measure;

const READERS: usize = 100;

/// So many that the kernel's count of processor time, in hundredths of a second, is fine enough.
const MESSAGES: usize = 3_000;

/// The crowd's heartbeats are not measured here: they begin after twelve seconds, when this is over.
pub(super) fn measure(peer: &Peer, crowd: usize, note: &mut Note<'_>) -> Result<()> {
    let stage = Stage::start(peer)?;
    let few = belfry::door(&stage.server, "few")?;
    let mut readers = stage.open_with(&few.follow, READERS)?;
    paced::send(&stage, &few, &mut readers, READERS, MESSAGES / 10)?;

    let (seen, cpu) = paced::send(&stage, &few, &mut readers, READERS, MESSAGES)?;
    note(Measure::AloneCpu, micros(cpu) / MESSAGES as f64);
    note(Measure::AloneP50, seen.millis(0.5));

    let others = belfry::door(&stage.server, "others")?;
    let _crowd = stage.open_with(&others.follow, crowd)?;
    let (seen, cpu) = paced::send(&stage, &few, &mut readers, READERS, MESSAGES)?;
    note(Measure::GrownCpu, micros(cpu) / MESSAGES as f64);
    note(Measure::GrownP50, seen.millis(0.5));
    Ok(())
}
