//! Debian's packages, for machines that have them: installed when we may, named when we may not.

use anyhow::{Result, bail};

use crate::process::{ask, on_path, run, say, tool};

/// Whether this is Debian itself: its relatives name and pack things differently.
pub(crate) fn is_debian() -> bool {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| line == "ID=debian") && on_path("apt-get").is_some()
}

/// Whether we may install packages.
pub(crate) fn is_root() -> bool {
    ask(tool("id").arg("-u")).is_some_and(|id| id == "0")
}

/// Makes sure that the packages are installed.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let missing: Vec<&str> = packages
        .iter()
        .copied()
        .filter(|name| !is_installed(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if !is_root() {
        bail!(
            "Debian packages are missing, run: sudo apt-get update && sudo apt-get install -y {names}"
        );
    }
    say(&format!("installing the Debian packages {names}"));
    run(tool("apt-get").args(["-qq", "update"]))?;
    run(tool("apt-get")
        .args(["-qq", "install", "-y", "--no-install-recommends"])
        .args(&missing)
        .env("DEBIAN_FRONTEND", "noninteractive"))
}

/// Asks the package database.
fn is_installed(package: &str) -> bool {
    let status = ask(tool("dpkg-query").args(["-W", "-f=${db:Status-Status}", package]));
    status.is_some_and(|status| status == "installed")
}
