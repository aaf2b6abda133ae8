//! The one file: the server with the page inside.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;

use anyhow::Result;

use crate::peers;
use crate::process::{run as finish, say, tool};
use crate::site::{self, Mode};
use crate::workspace::Workspace;

/// Builds `target/release/belfry`.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    let site = site::build(workspace, Mode::Optimised)?;
    say("compiling the server (release)");
    finish(
        tool("cargo")
            .current_dir(&workspace.root)
            .args(["build", "--release", "--package", "server"])
            .args(workspace.locked())
            .env("BELFRY_SITE", site.dir),
    )?;
    let belfry = workspace.target.join("release/belfry");
    let size = std::fs::metadata(&belfry)?.len();
    say(&format!(
        "{} is ready, {:.1} MB",
        belfry.display(),
        size as f64 / 1e6
    ));
    Ok(belfry)
}

/// Builds the release and the load generator, and becomes the latter.
pub(crate) fn bench(workspace: &Workspace, args: &[String]) -> Result<()> {
    let belfry = build(workspace)?;
    say("compiling the load generator");
    finish(
        tool("cargo")
            .current_dir(&workspace.root)
            .args(["build", "--release", "--package", "bench"])
            .args(workspace.locked()),
    )?;
    let mut bench = tool(workspace.target.join("release/bench"));
    bench.arg("run").arg("--belfry").arg(belfry);
    bench
        .arg("--peers")
        .arg(peers::folder(workspace))
        .args(args);
    Err(bench.exec().into())
}

/// Measures the steps of a notification's way, each by itself. They need no page.
pub(crate) fn micro(workspace: &Workspace, args: &[String]) -> Result<()> {
    let site = workspace.site();
    std::fs::create_dir_all(&site)?;
    let mut cargo = tool("cargo");
    cargo
        .current_dir(&workspace.root)
        .args(["bench", "--package", "server", "--features", "bench"])
        .args(["--bench", "micro", "--profile", "micro"])
        .args(workspace.locked())
        .env("BELFRY_SITE", site);
    Err(cargo.arg("--").args(args).exec().into())
}

/// Builds the release and becomes it, so that signals and the exit status are the server's own.
pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<()> {
    let belfry = build(workspace)?;
    Err(tool(belfry).arg("serve").args(args).exec().into())
}
