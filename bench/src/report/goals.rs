//! The goals: what a release should reach on whatever machine it is measured.

use super::Measure::{self, *};
use super::tables::line;
use super::{Report, number};
use crate::bare;

const RAW: &str = "raw writes";
const COALESCED: &str = "raw writes, coalesced";
const AXUM: &str = "axum Sse + broadcast";
const NCHAN: &str = "nchan, 1 worker";
const NCHAN_2: &str = "nchan, 2 workers";

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Better {
    Less,
    More,
}
use Better::{Less, More};

/// What our value is divided by.
#[derive(Debug, Clone, Copy)]
enum Against {
    /// Nothing: it counts by itself.
    Nothing,
    /// The other server's value of the same measure.
    Server(&'static str),
    /// Another of our own.
    Own(Measure),
}
use Against::{Nothing, Own, Server};

/// Something to reach.
#[derive(Debug, Clone, Copy)]
struct Goal {
    what: &'static str,
    measure: Measure,
    against: Against,
    better: Better,
    /// What should be reached everywhere.
    least: Option<f64>,
    /// What is worth trying for.
    best: Option<f64>,
}

/// A goal of which less is better.
const fn most(what: &'static str, measure: Measure, against: Against) -> Goal {
    Goal {
        what,
        measure,
        against,
        better: Less,
        least: None,
        best: None,
    }
}

/// A goal of which more is better.
const fn least(what: &'static str, measure: Measure, against: Against) -> Goal {
    Goal {
        better: More,
        ..most(what, measure, against)
    }
}

impl Goal {
    /// Both limits.
    const fn limits(self, least: f64, best: f64) -> Self {
        self.least(least).best(best)
    }

    const fn least(self, least: f64) -> Self {
        Self {
            least: Some(least),
            ..self
        }
    }

    const fn best(self, best: f64) -> Self {
        Self {
            best: Some(best),
            ..self
        }
    }

    /// What it came to, if all that it takes was measured.
    fn value(self, report: &Report, ours: &str) -> Option<f64> {
        let value = report.median(ours, self.measure)?;
        match self.against {
            Nothing => Some(value),
            Server(name) => Some(value / report.median(name, self.measure)?),
            Own(measure) => Some(value / report.median(ours, measure)?),
        }
    }

    fn is_within(self, limit: f64, value: f64) -> bool {
        match self.better {
            Less => value <= limit,
            More => value >= limit,
        }
    }

    fn verdict(self, value: f64) -> &'static str {
        let within = |limit: Option<f64>| limit.map(|limit| self.is_within(limit, value));
        match (within(self.least), within(self.best)) {
            (Some(false), _) => "missed",
            (_, Some(false)) if self.least.is_none() => "not yet",
            (_, Some(false)) => "enough",
            _ => "reached",
        }
    }

    /// A limit as text.
    fn show(self, limit: Option<f64>) -> String {
        let sign = match self.better {
            Less => "≤",
            More => "≥",
        };
        limit.map_or_else(String::new, |limit| {
            format!("{sign} {}", self.number(limit))
        })
    }

    /// A value as text.
    fn number(self, value: f64) -> String {
        match self.against {
            Nothing => number(value),
            Server(_) | Own(_) => format!("{value:.2} ×"),
        }
    }
}

/// Which of the goals are met, of those that were measured.
pub(super) fn table(report: &Report, ours: &str) -> Option<String> {
    let row = |goal: &Goal| {
        let value = goal.value(report, ours)?;
        let cells = [
            goal.show(goal.least),
            goal.show(goal.best),
            goal.number(value),
            goal.verdict(value).to_owned(),
        ];
        Some(line(goal.what, &cells))
    };
    let rows: String = GOALS.iter().filter_map(row).collect();
    let heads = ["at least", "try for", "measured", ""].map(str::to_owned);
    let rule = ["---", "---", "---", "---"].map(str::to_owned);
    (!rows.is_empty()).then(|| line("goal", &heads) + &line("---", &rule) + &rows)
}

const GOALS: [Goal; 24] = [
    most("CPU a delivery against raw writes", PacedCpu, Server(RAW)).limits(1.35, 1.15),
    most(
        "CPU a delivery against nchan, 1 worker",
        PacedCpu,
        Server(NCHAN),
    )
    .limits(0.70, 0.55),
    most("CPU a delivery against axum", PacedCpu, Server(AXUM)).limits(0.65, 0.50),
    most("p99 against raw writes", PacedP99, Server(RAW)).limits(1.5, 1.2),
    least(
        "deliveries/s against nchan, 1 worker",
        Deliveries,
        Server(NCHAN),
    )
    .limits(4.0, 8.0),
    least(
        "deliveries/s against nchan, 2 workers",
        Deliveries,
        Server(NCHAN_2),
    )
    .limits(2.5, 5.0),
    least(
        "deliveries/s against raw writes, coalesced",
        Deliveries,
        Server(COALESCED),
    )
    .limits(0.5, 0.8),
    least("deliveries/s against axum", Deliveries, Server(AXUM)).limits(1.2, 1.7),
    most("kB a stream", Memory, Nothing).limits(2.0, 1.0),
    most("kB a stream behind TLS", Tls, Nothing).limits(20.0, 12.0),
    most("kB a stream over HTTP/2", Http2, Nothing).limits(20.0, 12.0),
    most("memory once all left against before", Left, Nothing).least(1.2),
    most("ms to open a crowd", Storm, Nothing).least(1_000.0),
    most("the same against raw writes", Storm, Server(RAW)).best(1.5),
    most("% of a core for an idle crowd", Idle, Nothing).limits(3.0, 1.0),
    least("replayed/s against nchan, 1 worker", Replay, Server(NCHAN)).limits(1.0, 2.0),
    most("ms behind after a burst", Burst, Nothing).limits(250.0, 60.0),
    most(
        "CPU a post beside a crowd against alone",
        GrownCpu,
        Own(AloneCpu),
    )
    .limits(1.05, 1.0),
    most(
        "ms to a delivery beside a crowd against alone",
        GrownP50,
        Own(AloneP50),
    )
    .limits(1.05, 1.0),
    least(
        "acks/s of 64 publishers against the bare writer",
        Acks(64),
        Server(bare::NAME),
    )
    .limits(0.5, 0.8),
    most(
        "ms to an ack of 1 publisher against the bare writer",
        AckP50(1),
        Server(bare::NAME),
    )
    .limits(3.0, 2.0),
    most("ms to the inbox's first byte, p95", PageP95, Nothing).limits(50.0, 15.0),
    most("ms until all who come back are level", Level, Nothing).least(30_000.0),
    most("ms to an ack meanwhile, p99", LevelP99, Nothing).least(500.0),
];
