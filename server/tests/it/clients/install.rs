//! Gets clients from PyPI and npm, once, into `target/clients`. Where those cannot be reached the tests say so.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// One installation at a time: tests run side by side.
static INSTALLING: Mutex<()> = Mutex::new(());

/// A Python with `packages` (each `name==version`), or `None` where PyPI cannot be reached.
pub(super) fn python(packages: &[&str]) -> Option<PathBuf> {
    let folder = folder("python", packages);
    let python = folder.join("bin/python");
    let steps = [
        command("python3", &["-m", "venv"], &[folder.to_str().unwrap()]),
        command(
            python.to_str().unwrap(),
            &[
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ],
            packages,
        ),
    ];
    install(&folder, steps).then_some(python)
}

/// A folder whose `node_modules` has `packages` (each `name@version`), or `None` where npm's registry cannot be reached.
pub(super) fn node(packages: &[&str]) -> Option<PathBuf> {
    let folder = folder("node", packages);
    let prefix = [
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--prefix",
        folder.to_str().unwrap(),
    ];
    install(&folder, [command("npm", &prefix, packages)]).then_some(folder)
}

fn folder(kind: &str, packages: &[&str]) -> PathBuf {
    let name = packages.join("-").replace(['=', '@', '/'], "_");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    target.join("clients").join(format!("{kind}-{name}"))
}

fn command(program: &str, fixed: &[&str], more: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(fixed).args(more).stdin(Stdio::null());
    command
}

/// Runs the steps, unless they were run before. What was cut short is begun anew.
fn install(folder: &Path, steps: impl IntoIterator<Item = Command>) -> bool {
    let _one = INSTALLING.lock().unwrap();
    let done = folder.join("installed");
    if done.exists() {
        return true;
    }
    let _nothing_yet = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).unwrap();
    for mut step in steps {
        let ended = step.output();
        if !ended.as_ref().is_ok_and(|ended| ended.status.success()) {
            eprintln!(
                "SKIPPED: not tested, because its clients cannot be installed: {step:?} {ended:?}"
            );
            return false;
        }
    }
    std::fs::write(done, "").unwrap();
    true
}
