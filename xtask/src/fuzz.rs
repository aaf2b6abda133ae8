//! The fuzz targets. They need a nightly compiler and cargo-fuzz, which nothing else here does: what is missing is named,
//! not installed.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::process::{ask, on_path, run, say, tool};
use crate::workspace::Workspace;

/// Minutes for each target, unless told otherwise.
const MINUTES: u64 = 10;

/// What is asked for on the command line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// One target; all of them when there is none.
    target: Option<String>,
    minutes: u64,
}

impl Request {
    /// Reads `[TARGET] [--minutes N]`, in any order; nothing when it is something else.
    pub(crate) fn parse(args: &[String]) -> Option<Self> {
        let mut request = Self {
            target: None,
            minutes: MINUTES,
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if arg == "--minutes" {
                request.minutes = args.next()?.parse().ok().filter(|minutes| *minutes > 0)?;
            } else if arg.starts_with('-') || request.target.replace(arg.clone()).is_some() {
                return None;
            }
        }
        Some(request)
    }
}

/// Runs the targets one after the other. The first finding ends it; the file that libFuzzer names then is the input.
pub(crate) fn fuzz(workspace: &Workspace, request: &Request) -> Result<()> {
    let known = targets(workspace)?;
    let targets = match &request.target {
        Some(target) if known.contains(target) => vec![target.clone()],
        Some(target) => bail!("there is no target {target}: take {}", known.join(", ")),
        None => known,
    };
    tools_are_here()?;
    for target in targets {
        say(&format!("fuzzing {target} for {} min", request.minutes));
        run_target(workspace, &target, request.minutes * 60)?;
    }
    Ok(())
}

/// The names of the targets, in order.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.root.join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let paths = entries.collect::<std::io::Result<Vec<_>>>()?;
    let stem = |path: PathBuf| Some(path.file_stem()?.to_string_lossy().into_owned());
    let mut names: Vec<_> = paths
        .iter()
        .filter_map(|entry| stem(entry.path()))
        .collect();
    names.sort();
    Ok(names)
}

fn tools_are_here() -> Result<()> {
    let mut missing = Vec::new();
    if ask(tool("cargo").args(["+nightly", "--version"])).is_none() {
        missing.push("rustup toolchain install nightly --profile minimal");
    }
    if on_path("cargo-fuzz").is_none() {
        missing.push("cargo install --locked cargo-fuzz");
    }
    if !missing.is_empty() {
        bail!("a tool is missing, run: {}", missing.join(" && "));
    }
    Ok(())
}

/// New inputs are kept in the build folder; the committed corpus is only read.
fn run_target(workspace: &Workspace, target: &str, seconds: u64) -> Result<()> {
    let found = workspace.scratch("fuzz-corpus").join(target);
    fs::create_dir_all(&found)?;
    let mut cargo = tool("cargo");
    cargo
        .current_dir(&workspace.root)
        .args(["+nightly", "fuzz", "run"]);
    // All of ours is safe Rust, so a sanitizer would only slow it down.
    cargo.args([
        "--sanitizer",
        "none",
        "--codegen-units",
        "16",
        "--target-dir",
    ]);
    cargo.arg(workspace.scratch("fuzz")).arg(target).arg(found);
    cargo.arg(workspace.root.join("fuzz/corpus").join(target));
    cargo.args(["--", &format!("-max_total_time={seconds}")]);
    run(&mut cargo)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_arguments() {
        let check = |args: &[&str], expect: Option<(Option<&str>, u64)>| {
            let owned: Vec<_> = args.iter().map(|arg| (*arg).to_owned()).collect();
            let expect = expect.map(|(target, minutes)| Request {
                target: target.map(str::to_owned),
                minutes,
            });
            assert_eq!(Request::parse(&owned), expect, "{args:?}");
        };
        check(&[], Some((None, MINUTES)));
        check(&["cursor"], Some((Some("cursor"), MINUTES)));
        check(&["--minutes", "1"], Some((None, 1)));
        check(&["--minutes", "1", "cursor"], Some((Some("cursor"), 1)));
        check(&["cursor", "--minutes"], None);
        check(&["--minutes", "0"], None);
        check(&["cursor", "bodies"], None);
        check(&["--jobs"], None);
    }
}
