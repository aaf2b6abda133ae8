//! The tests in a browser, against the very binary and page that were built before.

use std::path::PathBuf;

use anyhow::Result;

use super::tally::Tally;
use super::unit::server_half;
use crate::process::{listen, on_path, run, tool};
use crate::workspace::Workspace;
use crate::{apt, node};

/// Playwright, with every test on its first try.
pub(super) fn tests(workspace: &Workspace) -> Result<Tally> {
    run(server_half(workspace).arg("--no-run"))?;
    let dir = workspace.root.join("end2end");
    node::install(workspace, &dir)?;
    let playwright = || {
        let mut command = tool("npx");
        command.current_dir(&dir).arg("playwright");
        command
    };

    let mut test = playwright();
    test.args(["test", "--reporter=list", "--fail-on-flaky-tests"]);
    test.env("BELFRY_BIN", workspace.target.join("debug/belfry"));
    match chromium()? {
        Some(path) => drop(test.env("BELFRY_CHROMIUM", path)),
        None => run(playwright().args(["install", "chromium"]))?,
    }
    let mut tally = Tally::default();
    let success = listen(&mut test, |line| {
        println!("{line}");
        tally.playwright(line);
    })?;
    Ok(tally.ended(success))
}

/// The machine's own Chromium, installed where Debian has it; nothing where Playwright should bring one.
fn chromium() -> Result<Option<PathBuf>> {
    if let Some(path) = on_path("chromium") {
        return Ok(Some(path));
    }
    if !(apt::is_debian() && apt::is_root()) {
        return Ok(None);
    }
    apt::install(&["chromium", "fonts-liberation"])?;
    Ok(on_path("chromium"))
}
