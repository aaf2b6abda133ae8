//! Licences, sources and known holes of everything that we did not write.

use std::time::Duration;

use anyhow::Result;

use super::tally::Tally;
use crate::process::{on_path, run, run_within, say, tool};
use crate::workspace::Workspace;

/// `cargo deny` with `deny.toml`. Where the database of advisories cannot be reached the rest is still checked.
pub(super) fn check(workspace: &Workspace) -> Result<Tally> {
    install(workspace)?;
    let deny = || {
        let mut cargo = tool("cargo");
        cargo.current_dir(&workspace.root).arg("deny");
        cargo
    };
    let reachable = run_within(
        deny().args(["--log-level", "off", "fetch", "db"]),
        Duration::from_secs(60),
    );
    let mut check = deny();
    check
        .args(["--log-level", "error"])
        .args(workspace.locked())
        .args(["check", "--hide-inclusion-graph"]);
    check.args(["bans", "licenses", "sources"]);
    if reachable {
        check.arg("advisories");
    }
    run(&mut check)?;
    if reachable {
        return Ok(Tally::passed());
    }
    let note = "advisories SKIPPED: their database cannot be fetched from here";
    say(note);
    Ok(Tally::passed().note(note))
}

/// Installs cargo-deny when it is missing: unoptimised, because compiling it well takes ten times what it then saves.
fn install(workspace: &Workspace) -> Result<()> {
    if on_path("cargo-deny").is_some() {
        return Ok(());
    }
    say("cargo install --locked cargo-deny, about a minute");
    let build = workspace.scratch("cargo-deny");
    run(tool("cargo")
        .args(["install", "--quiet", "--locked", "cargo-deny"])
        .env("CARGO_TARGET_DIR", &build)
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256"))?;
    // Its parts are large and never needed again.
    let _ = std::fs::remove_dir_all(build);
    Ok(())
}
