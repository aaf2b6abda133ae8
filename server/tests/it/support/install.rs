//! Gets programs that others wrote from PyPI and npm: each set of pinned packages once, into `target`. Where a registry
//! cannot be reached, or no Python is new enough, a line on standard error says what was not tested.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Some packages need a newer Python than the system's own.
const PYTHONS: [&str; 4] = ["python3", "python3.14", "python3.13", "python3.12"];

/// What pip says of packages that all need a newer Python.
const TOO_OLD: &str = "require a different python version";

/// The folder of programs of a Python with `packages` (each `name==version`). `None` where they cannot be had.
pub(crate) async fn python(packages: &'static [&'static str]) -> Option<PathBuf> {
    blocking(|| {
        let folder = folder("python", packages);
        let has = once(&folder, || make_python(&folder, packages));
        has.then(|| folder.join("bin"))
    })
    .await
}

/// A folder whose `node_modules` has `packages` (each `name@version`). `None` where they cannot be had.
pub(crate) async fn node(packages: &'static [&'static str]) -> Option<PathBuf> {
    blocking(|| {
        let folder = folder("node", packages);
        let has = once(&folder, || make_node(&folder, packages));
        has.then_some(folder)
    })
    .await
}

/// On a thread of its own: the server of a test goes on meanwhile.
async fn blocking<T: Send + 'static>(install: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(install).await.unwrap()
}

fn folder(kind: &str, packages: &[&str]) -> PathBuf {
    let name = packages.join("-").replace(['=', '@', '/'], "_");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    target.join(kind).join(name)
}

/// Makes a folder, unless it was made before. One at a time, also beside another run of the tests; what was cut short is
/// begun anew.
fn once(folder: &Path, make: impl FnOnce() -> bool) -> bool {
    let kind = folder.parent().unwrap();
    std::fs::create_dir_all(kind).unwrap();
    let lock = File::create(kind.join("lock")).unwrap();
    lock.lock().unwrap();
    let done = folder.join("installed");
    if !done.exists() {
        if !make() {
            return false;
        }
        std::fs::write(done, "").unwrap();
    }
    true
}

fn make_python(folder: &Path, packages: &[&str]) -> bool {
    let able = |python: &&str| succeeds(run(python, &["-c", "import ensurepip, venv"]));
    let pythons: Vec<_> = PYTHONS.into_iter().filter(able).collect();
    assert!(
        !pythons.is_empty(),
        "Python with its module venv is missing (Debian: sudo apt-get install python3-venv)"
    );
    let own = folder.join("bin/python");
    let pip = |arguments: &[&str], more: &[&str]| {
        let always = ["-m", "pip", "--disable-pip-version-check", "--quiet"];
        run(own.to_str().unwrap(), &[&always, arguments, more].concat())
    };
    let mut said = String::new();
    for python in pythons {
        let _fresh = std::fs::remove_dir_all(folder);
        let made = run(python, &["-m", "venv", folder.to_str().unwrap()]);
        assert!(succeeds(made), "{python} makes no environment");
        let installed = pip(&["install"], packages).expect("pip is in each environment");
        if installed.status.success() {
            return true;
        }
        said.push_str(&String::from_utf8_lossy(&installed.stderr));
    }
    // Any package will do.
    let downloads = folder.join("downloads");
    let one = ["download", "--no-deps", "--no-cache-dir", "--dest"];
    let reached = succeeds(pip(&one, &[downloads.to_str().unwrap(), "pip"]));
    assert!(!reached || said.contains(TOO_OLD), "{packages:?}: {said}");
    let why = if reached {
        "no Python here is new enough for it"
    } else {
        "PyPI cannot be reached"
    };
    skipped(packages, why)
}

fn make_node(folder: &Path, packages: &[&str]) -> bool {
    let _fresh = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).unwrap();
    let prefix = ["--prefix", folder.to_str().unwrap()];
    let install = ["install", "--silent", "--no-audit", "--no-fund"];
    let installed = run("npm", &[&install, &prefix[..], packages].concat());
    let installed = installed.expect("npm is there: the page needs it too");
    if installed.status.success() {
        return true;
    }
    let reached = succeeds(run("npm", &["view", "npm", "version"]));
    assert!(!reached, "{packages:?}: {installed:?}");
    skipped(packages, "npm's registry cannot be reached")
}

/// Says what is not tested, past the harness, which keeps to itself what a test that passes prints.
fn skipped(packages: &[&str], why: &str) -> bool {
    let line = format!("SKIPPED, not tested with {}: {why}\n", packages.join(" "));
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    false
}

fn run(program: &str, arguments: &[&str]) -> std::io::Result<Output> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).output()
}

fn succeeds(ended: std::io::Result<Output>) -> bool {
    ended.is_ok_and(|ended| ended.status.success())
}
