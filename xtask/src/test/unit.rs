//! The tests that need no browser.

use std::process::Command;

use anyhow::Result;

use super::tally::Tally;
use crate::apt;
use crate::process::{ask, listen, tool};
use crate::site::{self, Mode};
use crate::workspace::Workspace;

/// Where property tests take their seed from.
const PROPTEST_SEED: &str = "PROPTEST_RNG_SEED";

/// Builds the page that ships; a compiler's warning about our code is a failure here.
pub(super) fn page(workspace: &Workspace) -> Result<Tally> {
    let site = site::build(workspace, Mode::Optimised)?;
    if site.warnings > 0 {
        return Ok(Tally::failed().note(&format!("{} warnings", site.warnings)));
    }
    Ok(Tally::passed())
}

/// All tests of the server half in one call of Cargo, so that everything is compiled once.
pub(super) fn tests(workspace: &Workspace) -> Result<Tally> {
    python()?;
    count(server_half(workspace).arg("--no-fail-fast"))
}

/// This program's own tests and the load generator's, apart: in one call with the server they would share features, and
/// the libraries that they are made of would be compiled again.
pub(super) fn tools(workspace: &Workspace) -> Result<Tally> {
    count(
        tool("cargo")
            .current_dir(&workspace.root)
            .arg("test")
            .args(workspace.locked())
            .args(["-p", "xtask", "-p", "bench"]),
    )
}

/// `cargo test` of the server half, with the page that ships inside the binary.
pub(super) fn server_half(workspace: &Workspace) -> Command {
    let mut cargo = tool("cargo");
    cargo
        .current_dir(&workspace.root)
        .env("BELFRY_SITE", workspace.site());
    // What the suite says of a commit must not change from one run to the next.
    if std::env::var_os(PROPTEST_SEED).is_none() {
        cargo.env(PROPTEST_SEED, "1");
    }
    cargo.arg("test").args(workspace.locked()).args([
        "-p",
        "domain",
        "-p",
        "app",
        "-p",
        "server",
        "--features",
        "app/ssr",
    ]);
    cargo
}

/// Some clients and checkers that the tests drive are written in Python; each set gets an environment of its own.
fn python() -> Result<()> {
    let able = ask(tool("python3").args(["-c", "import ensurepip, venv"])).is_some();
    if able || !(apt::is_debian() && apt::is_root()) {
        return Ok(());
    }
    apt::install(&["python3-venv"])
}

/// Runs the tests, shows their output and adds up their results.
fn count(cargo: &mut Command) -> Result<Tally> {
    let mut tally = Tally::default();
    let success = listen(cargo, |line| {
        println!("{line}");
        tally.libtest(line);
    })?;
    Ok(tally.ended(success))
}
