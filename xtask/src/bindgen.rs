//! From the compiler's wasm to what a browser loads: wasm-bindgen as a library, then wasm-opt, then a minifier.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::node;
use crate::process::{ask, run, say, tool};
use crate::site::Mode;
use crate::stamp::files;
use crate::workspace::Workspace;

/// The first wasm-opt that reads all that today's rustc writes.
const OLDEST_WASM_OPT: u32 = 123;

/// Named one by one: with `--all-features` wasm-opt writes modules that browsers refuse.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// What no browser needs.
const STRIPPED: [&str; 3] = [
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// Writes `belfry.js` and `belfry.wasm` into `out`.
pub(crate) fn generate(workspace: &Workspace, mode: Mode, raw: &Path, out: &Path) -> Result<()> {
    let small = mode == Mode::Optimised;
    let glue = workspace.scratch("bindgen");
    fs::create_dir_all(out)?;
    let module = bind(raw, &glue, !small)?;
    if small {
        shrink(workspace, &module, &out.join("belfry.wasm"), &STRIPPED)?;
    } else {
        fs::copy(&module, out.join("belfry.wasm"))?;
    }
    bundle(
        workspace,
        mode,
        &glue.join("belfry.js"),
        &out.join("belfry.js"),
    )
}

/// The optimised wasm once more, each function still with its name: for those who look where the bytes are.
pub(crate) fn generate_named(workspace: &Workspace, raw: &Path) -> Result<PathBuf> {
    let glue = workspace.scratch("named");
    let module = bind(raw, &glue, true)?;
    let named = glue.join("named.wasm");
    shrink(workspace, &module, &named, &["--debuginfo"])?;
    Ok(named)
}

/// wasm-bindgen's part: the script and the module that it loads. Answers where the module is.
fn bind(raw: &Path, out: &Path, names: bool) -> Result<PathBuf> {
    let _ = fs::remove_dir_all(out);
    say("wasm-bindgen");
    // The page names the module itself, so the script must not guess a name from its own.
    Bindgen::new()
        .input_path(raw)
        .out_name("belfry")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(!names)
        .remove_producers_section(!names)
        .generate(out)
        .context("wasm-bindgen")?;
    Ok(out.join("belfry_bg.wasm"))
}

/// wasm-opt's part.
fn shrink(workspace: &Workspace, from: &Path, to: &Path, extra: &[&str]) -> Result<()> {
    let mut wasm_opt = wasm_opt(workspace)?;
    say("wasm-opt -Oz");
    wasm_opt.arg("-Oz").args(FEATURES).args(extra);
    run(wasm_opt.arg(from).arg("-o").arg(to))
}

/// One file from a script or style sheet and all that it imports. What it fetches from the public folder stays a link,
/// and a link to a public file that does not exist is an error.
pub(crate) fn bundle(workspace: &Workspace, mode: Mode, from: &Path, to: &Path) -> Result<()> {
    let mut esbuild = node::build_tool(workspace, "esbuild")?;
    esbuild.args([
        "--bundle",
        "--format=esm",
        "--log-level=warning",
        "--legal-comments=none",
    ]);
    for (name, _) in files(&workspace.root.join("public"))? {
        esbuild.arg(format!("--external:/{name}"));
    }
    if mode == Mode::Optimised {
        esbuild.arg("--minify");
    }
    run(esbuild.arg(from).arg(format!("--outfile={}", to.display())))
}

/// The machine's wasm-opt when it is new enough, else npm's.
fn wasm_opt(workspace: &Workspace) -> Result<Command> {
    let installed = ask(tool("wasm-opt").arg("--version")).and_then(|text| version(&text));
    if installed.is_some_and(|version| version >= OLDEST_WASM_OPT) {
        return Ok(tool("wasm-opt"));
    }
    node::build_tool(workspace, "wasm-opt")
}

/// The number in `wasm-opt version 132 (version_132)`.
fn version(text: &str) -> Option<u32> {
    text.strip_prefix("wasm-opt version ")?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn reads_the_version_of_wasm_opt() {
        assert_eq!(version("wasm-opt version 132 (version_132)"), Some(132));
        assert_eq!(version("wasm-opt version 108"), Some(108));
        assert_eq!(version("something else"), None);
    }
}
