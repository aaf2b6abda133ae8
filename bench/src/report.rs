//! What was measured: medians over the rounds, and Belfry's ratio to each peer.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::peer::Peer;

/// What is measured, in the order of the table's columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Measure {
    /// Acknowledgements a second from 64 publishers, nobody listening.
    Ingest,
    /// Milliseconds until every stream is open.
    Storm,
    /// Kilobytes that the server grew for each stream.
    Memory,
    /// Its memory once all have left, in parts of what it was before they came.
    Left,
    /// Microseconds of processor time a delivery, one message at a time.
    PacedCpu,
    /// Milliseconds from sending to reading, the same messages.
    PacedP50,
    /// The slowest hundredth of them.
    PacedP99,
    /// Deliveries a second from 16 publishers.
    Deliveries,
    /// Microseconds of processor time a delivery, the same messages.
    UnpacedCpu,
    /// Milliseconds from the last of their acknowledgements to the last delivery.
    Lag,
    /// Events a second to streams that all come back some events behind.
    Replay,
}

impl Measure {
    const ALL: [(Self, &'static str); 11] = [
        (Self::PacedCpu, "CPU µs a delivery, paced"),
        (Self::PacedP50, "p50 ms"),
        (Self::PacedP99, "p99 ms"),
        (Self::UnpacedCpu, "CPU µs a delivery, unpaced"),
        (Self::Deliveries, "deliveries/s"),
        (Self::Lag, "ms behind"),
        (Self::Replay, "replayed/s"),
        (Self::Memory, "kB a stream"),
        (Self::Left, "memory once all left"),
        (Self::Storm, "ms to open all"),
        (Self::Ingest, "acks/s"),
    ];
}

/// Every value of every round.
#[derive(Debug, Default)]
pub(crate) struct Report(BTreeMap<(String, Measure), Vec<f64>>);

impl Report {
    pub(crate) fn note(&mut self, peer: &str, measure: Measure, value: f64) {
        self.0
            .entry((peer.to_owned(), measure))
            .or_default()
            .push(value);
    }

    fn median(&self, peer: &str, measure: Measure) -> Option<f64> {
        let mut values = self.0.get(&(peer.to_owned(), measure))?.clone();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    }

    /// The table in Markdown: medians, and in brackets Belfry's value divided by the peer's.
    pub(crate) fn table(&self, peers: &[Peer], streams: usize) -> String {
        let mut table = format!("| {streams} streams |");
        let mut rule = String::from("|---|");
        for (_, name) in Measure::ALL {
            let _infallible = write!(table, " {name} |");
            rule.push_str("---|");
        }
        table = format!("{table}\n{rule}\n");
        let ours = peers.first().map(Peer::name).unwrap_or_default();
        for peer in peers {
            let name = peer.name();
            let _infallible = write!(table, "| {name} |");
            for (measure, _) in Measure::ALL {
                let cell = match (self.median(&name, measure), self.median(&ours, measure)) {
                    (Some(value), _) if name == ours => number(value),
                    (Some(value), Some(our)) => format!("{} ({:.2} ×)", number(value), our / value),
                    _ => "–".to_owned(),
                };
                let _infallible = write!(table, " {cell} |");
            }
            table.push('\n');
        }
        table
    }
}

fn number(value: f64) -> String {
    if value >= 1000.0 {
        format!("{value:.0}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::Baseline;

    #[test]
    fn the_table_has_medians_and_our_ratio_to_each() {
        let peers = [Peer::Belfry("b".into()), Peer::Baseline(Baseline::Raw)];
        let mut report = Report::default();
        for (belfry, raw) in [(4.0, 2.0), (900.0, 2.0), (5.0, 2.0)] {
            report.note("belfry", Measure::PacedCpu, belfry);
            report.note("raw writes", Measure::PacedCpu, raw);
        }
        let table = report.table(&peers, 10);
        assert!(table.contains("| belfry | 5.00 |"), "{table}");
        assert!(table.contains("| raw writes | 2.00 (2.50 ×) |"), "{table}");
    }
}
