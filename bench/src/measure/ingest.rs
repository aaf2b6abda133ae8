//! Acknowledgements with nobody listening, from few and from many publishers.

use std::time::Duration;

use anyhow::Result;

use super::{Note, Stage};
use crate::bare;
use crate::load::{Load, Posted};
use crate::peer::Peer;
use crate::report::{Measure, Report};

const PUBLISHERS: [usize; 3] = [1, 16, 64];

/// How long each number of them posts.
const TIME: Duration = Duration::from_secs(2);

pub(super) fn measure(peer: &Peer, note: &mut Note<'_>) -> Result<()> {
    for publishers in PUBLISHERS {
        let posted = Stage::start(peer)?.post(publishers, u64::MAX, TIME)?;
        tell(publishers, &posted, note);
    }
    Ok(())
}

/// The same rows without a server.
pub(super) fn bare_writer(report: &mut Report) -> Result<()> {
    for publishers in PUBLISHERS {
        let load = Load {
            publishers,
            most: u64::MAX,
            within: TIME,
        };
        let posted = bare::post(load)?;
        tell(publishers, &posted, &mut |measure, value| {
            report.note(bare::NAME, measure, value);
        });
    }
    Ok(())
}

fn tell(publishers: usize, posted: &Posted, note: &mut Note<'_>) {
    note(Measure::Acks(publishers), posted.rate());
    note(Measure::AckP50(publishers), posted.millis(0.5));
    note(Measure::AckP99(publishers), posted.millis(0.99));
}
