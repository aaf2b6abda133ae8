//! What a phone has to download, kept small: the limits are compressed bytes as they travel.

use std::fs;

use anyhow::{Context, Result};

use super::tally::Tally;
use crate::process::say;
use crate::workspace::Workspace;

/// What is weighed together, and how many bytes of brotli it may have.
const BUDGETS: [(&str, &[&str], u64); 2] = [
    ("wasm and script", &["belfry.wasm", "belfry.js"], 180_000),
    ("style", &["belfry.css"], 12_000),
];

/// A test for each budget.
pub(super) fn check(workspace: &Workspace) -> Result<Tally> {
    let mut tally = Tally::default();
    for kept in weigh(workspace)? {
        *(if kept {
            &mut tally.passed
        } else {
            &mut tally.failed
        }) += 1;
    }
    Ok(tally)
}

/// Weighs the optimised page; tells of each budget whether it is kept.
pub(crate) fn weigh(workspace: &Workspace) -> Result<Vec<bool>> {
    let pkg = workspace.site().join("pkg");
    let mut kept = Vec::new();
    for (name, files, limit) in BUDGETS {
        let mut weight = 0;
        for file in files {
            // A file that brotli does not shrink travels as it is.
            let sent = [format!("{file}.br"), (*file).to_owned()].map(|name| pkg.join(name));
            let sent = sent
                .iter()
                .find(|path| path.exists())
                .with_context(|| format!("{file} is missing"))?;
            weight += fs::metadata(sent)?.len();
        }
        say(&format!(
            "{name}: {:.1} kB of {} kB",
            weight as f64 / 1e3,
            limit / 1000
        ));
        kept.push(weight <= limit);
    }
    Ok(kept)
}
