//! What was measured, and how it is shown.

mod goals;
mod measure;
mod tables;

pub(crate) use measure::Measure;

use std::collections::BTreeMap;

/// Every value of every round.
#[derive(Debug, Default)]
pub(crate) struct Report(BTreeMap<(String, Measure), Vec<f64>>);

/// How much was asked for, as the headings say it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    /// Streams.
    pub(crate) streams: usize,
    /// Streams of a crowd.
    pub(crate) crowd: usize,
    /// Notifications behind the page.
    pub(crate) stored: u64,
}

impl Report {
    pub(crate) fn note(&mut self, server: &str, measure: Measure, value: f64) {
        self.0
            .entry((server.to_owned(), measure))
            .or_default()
            .push(value);
    }

    fn median(&self, server: &str, measure: Measure) -> Option<f64> {
        let mut values = self.0.get(&(server.to_owned(), measure))?.clone();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    }

    /// Everything in Markdown: a table for each subject of which something was measured, and the goals. The first of
    /// `servers` is ours.
    pub(crate) fn markdown(&self, servers: &[String], sizes: Sizes) -> String {
        let mut parts = tables::comparisons(self, servers, sizes);
        let ours = servers.first().map_or("", String::as_str);
        parts.extend(tables::alone(self, ours, sizes));
        parts.extend(goals::table(self, ours));
        parts.join("\n")
    }
}

/// With as many digits as are worth reading.
fn number(value: f64) -> String {
    if value >= 100.0 {
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

    fn report(values: &[(&str, Measure, f64)]) -> Report {
        let mut report = Report::default();
        for (server, measure, value) in values {
            report.note(server, *measure, *value);
        }
        report
    }

    const SIZES: Sizes = Sizes {
        streams: 10,
        crowd: 20,
        stored: 30,
    };

    fn markdown(report: &Report) -> String {
        let servers = ["belfry", "raw writes", "nchan, 1 worker"].map(str::to_owned);
        report.markdown(&servers, SIZES)
    }

    #[test]
    fn a_table_has_medians_and_our_ratio_to_each() {
        let mut values = Vec::new();
        for (belfry, raw) in [(4.0, 2.0), (900.0, 2.0), (5.0, 2.0)] {
            values.push(("belfry", Measure::PacedCpu, belfry));
            values.push(("raw writes", Measure::PacedCpu, raw));
        }
        let shown = markdown(&report(&values));
        assert!(shown.contains("| 10 streams |"), "{shown}");
        assert!(shown.contains("| belfry | 5.00 |\n"), "{shown}");
        assert!(
            shown.contains("| raw writes | 2.00 (2.50 ×) |\n"),
            "{shown}"
        );
    }

    #[test]
    fn what_was_not_measured_is_not_shown() {
        let shown = markdown(&report(&[("belfry", Measure::Idle, 0.5)]));
        assert!(!shown.contains("nchan"), "{shown}");
        assert!(!shown.contains("acks"), "{shown}");
        assert!(shown.contains("20 idle streams"), "{shown}");
    }

    #[test]
    fn a_goal_is_judged_by_its_direction() {
        let shown = |cpu: f64, deliveries: f64| {
            markdown(&report(&[
                ("belfry", Measure::PacedCpu, cpu),
                ("raw writes", Measure::PacedCpu, 1.0),
                ("belfry", Measure::Deliveries, deliveries),
                ("nchan, 1 worker", Measure::Deliveries, 1.0),
            ]))
        };
        let verdict = |shown: &str, goal: &str| {
            let line = shown.lines().find(|line| line.contains(goal)).unwrap();
            line.split('|').nth(5).unwrap().trim().to_owned()
        };
        let (cpu, deliveries) = (
            "CPU a delivery against raw",
            "deliveries/s against nchan, 1",
        );
        let good = shown(1.1, 9.0);
        assert_eq!(verdict(&good, cpu), "reached");
        assert_eq!(verdict(&good, deliveries), "reached");
        let fair = shown(1.3, 5.0);
        assert_eq!(verdict(&fair, cpu), "enough");
        assert_eq!(verdict(&fair, deliveries), "enough");
        let bad = shown(1.4, 3.9);
        assert_eq!(verdict(&bad, cpu), "missed");
        assert_eq!(verdict(&bad, deliveries), "missed");
    }
}
