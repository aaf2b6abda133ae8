//! Format and lints. The two halves are never checked together: that would unify features which never ship together.

use std::fs;

use anyhow::Result;

use super::tally::Tally;
use crate::process::{run, say, tool};
use crate::site::Mode;
use crate::toolchain::{Toolchain, WASM};
use crate::workspace::Workspace;

/// `cargo fmt`, every package.
pub(super) fn format(workspace: &Workspace) -> Result<Tally> {
    run(tool("cargo")
        .current_dir(&workspace.root)
        .args(["fmt", "--all", "--check"]))?;
    Ok(Tally::passed())
}

/// Clippy for what runs on the server and for this program. The server is told of the same page as in the tests, even
/// when that is still empty: another answer would compile it again for each of them.
pub(super) fn native(workspace: &Workspace) -> Result<Tally> {
    let site = workspace.site();
    fs::create_dir_all(&site)?;
    let mut cargo = tool("cargo");
    cargo.current_dir(&workspace.root).env("BELFRY_SITE", site);
    cargo.arg("clippy").args(workspace.locked());
    cargo.args([
        "-p", "domain", "-p", "app", "-p", "server", "-p", "bench", "-p", "xtask",
    ]);
    cargo.args(["--features", "app/ssr,server/bench", "--all-targets"]);
    run(cargo.args(["--", "-D", "warnings"]))?;
    Ok(Tally::passed())
}

/// Clippy for what runs in the browser. Debian's compiler has no clippy, and clippy reads only libraries of its own
/// compiler: there the same code is linted as if it ran here, and the page's own build must be free of warnings.
pub(super) fn page(workspace: &Workspace) -> Result<Tally> {
    let toolchain = Toolchain::for_wasm()?;
    let mut cargo = match toolchain {
        Toolchain::Active => toolchain.cargo(workspace, Mode::Debug),
        Toolchain::Debian => tool("cargo"),
    };
    cargo.current_dir(&workspace.root).args([
        "clippy",
        "-p",
        "frontend",
        "-p",
        "app",
        "--features",
        "app/hydrate",
    ]);
    cargo.args(workspace.locked());
    if toolchain == Toolchain::Active {
        cargo.args(["--target", WASM]);
    } else {
        say(
            "no clippy for wasm in Debian's toolchain: linting the browser half for this machine's own target",
        );
    }
    run(cargo.args(["--", "-D", "warnings"]))?;
    match toolchain {
        Toolchain::Active => Ok(Tally::passed()),
        Toolchain::Debian => {
            Ok(Tally::passed()
                .note("clippy without wasm; rustc's warnings are checked with the page"))
        }
    }
}
