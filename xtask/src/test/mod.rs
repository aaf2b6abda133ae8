//! Everything that CI checks, in the order in which a mistake is cheapest to hear about.

mod browser;
pub(crate) mod budget;
mod deny;
mod lint;
mod tally;
mod unit;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::process::say;
use crate::workspace::Workspace;
use tally::Tally;

/// A part that can be asked for by name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Format, lints, dependencies: what reads the code.
    Lint,
    /// What runs the code without a browser.
    Unit,
    /// What drives a browser.
    Browser,
}

/// Which parts to run; all of them unless some are named.
pub(crate) struct Parts(Vec<Part>);

/// A step, the parts it belongs to, and how it is done.
type Step = (
    &'static str,
    &'static [Part],
    fn(&Workspace) -> Result<Tally>,
);

/// The whole suite.
const STEPS: [Step; 9] = [
    ("format", &[Part::Lint], lint::format),
    ("lints of the server half", &[Part::Lint], lint::native),
    ("lints of the browser half", &[Part::Lint], lint::page),
    ("dependencies", &[Part::Lint], deny::check),
    (
        "page, as it ships",
        &[Part::Unit, Part::Browser],
        unit::page,
    ),
    ("size budgets", &[Part::Unit], budget::check),
    ("unit and integration tests", &[Part::Unit], unit::tests),
    ("tests of the tools", &[Part::Unit], unit::tools),
    ("browser tests", &[Part::Browser], browser::tests),
];

impl Parts {
    /// Reads the names; nothing when one is unknown.
    pub(crate) fn parse(names: &[String]) -> Option<Self> {
        let part = |name: &String| match name.as_str() {
            "lint" => Some(Part::Lint),
            "unit" => Some(Part::Unit),
            "browser" => Some(Part::Browser),
            _ => None,
        };
        if names.is_empty() {
            return Some(Self(vec![Part::Lint, Part::Unit, Part::Browser]));
        }
        names.iter().map(part).collect::<Option<Vec<_>>>().map(Self)
    }
}

/// Runs every step, also after a failure: one run shows all that is wrong.
pub(crate) fn run(workspace: &Workspace, parts: Parts) -> Result<()> {
    let mut done: Vec<(&str, Tally, Duration)> = Vec::new();
    for (name, belongs, step) in STEPS {
        if !belongs.iter().any(|part| parts.0.contains(part)) {
            continue;
        }
        say(&format!("test: {name}"));
        let start = Instant::now();
        let tally =
            step(workspace).unwrap_or_else(|error| Tally::failed().note(&format!("{error:#}")));
        let took = start.elapsed();
        say(&format!("test: {}", line(name, &tally, took)));
        done.push((name, tally, took));
    }

    println!();
    for (name, tally, took) in &done {
        println!("{}", line(name, tally, *took));
    }
    let passed: usize = done.iter().map(|(_, tally, _)| tally.passed).sum();
    let failed: usize = done.iter().map(|(_, tally, _)| tally.failed).sum();
    println!("\n{passed} passed, {failed} failed");
    if failed > 0 {
        bail!("the tests failed");
    }
    Ok(())
}

/// One step of the summary.
fn line(name: &str, tally: &Tally, took: Duration) -> String {
    let verdict = if tally.failed == 0 { "ok" } else { "FAILED" };
    format!(
        "{name:<28}{verdict:<8}{:>6.1} s  {tally}",
        took.as_secs_f64()
    )
}
