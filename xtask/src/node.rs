//! The tools that come from npm: wasm-opt and the minifier for the page, Playwright for its tests.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::process::{on_path, run, say, tool};
use crate::stamp::{Inputs, once};
use crate::workspace::Workspace;

/// The folder of the build tools' `package.json`.
fn tools(workspace: &Workspace) -> PathBuf {
    workspace.root.join("xtask/node")
}

/// The versions of the build tools: what they made is made again when these change.
pub(crate) fn versions(workspace: &Workspace, inputs: Inputs) -> Result<Inputs> {
    inputs.path(&tools(workspace).join("package-lock.json"))
}

/// One of the build tools, installed.
pub(crate) fn build_tool(workspace: &Workspace, name: &str) -> Result<Command> {
    let dir = tools(workspace);
    install(workspace, &dir)?;
    let mut command = tool(dir.join("node_modules/.bin").join(name));
    command.current_dir(&workspace.root);
    Ok(command)
}

/// `npm ci`, once for each content of the lock file.
pub(crate) fn install(workspace: &Workspace, dir: &Path) -> Result<()> {
    if on_path("npm").is_none() {
        bail!(
            "npm is missing: install Node.js 20 or newer (Debian: sudo apt-get install nodejs npm)"
        );
    }
    let inputs = Inputs::new("npm").path(&dir.join("package-lock.json"))?;
    let folder = dir
        .strip_prefix(&workspace.root)
        .unwrap_or(dir)
        .display()
        .to_string();
    once(
        workspace,
        &format!("npm-{}", folder.replace('/', "-")),
        inputs,
        &dir.join("node_modules"),
        || {
            say(&format!("npm ci in {folder}"));
            // No package needs its install script here, so none gets to run one.
            run(tool("npm")
                .args([
                    "ci",
                    "--ignore-scripts",
                    "--no-audit",
                    "--no-fund",
                    "--loglevel=error",
                ])
                .current_dir(dir)
                .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))
        },
    )
}
