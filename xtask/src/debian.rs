//! Debian's Rust for the browser: it ships the sources of the standard library for wasm, so we compile it, once.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::apt;
use crate::process::{on_path, run, say, tool};
use crate::toolchain::WASM;
use crate::workspace::Workspace;

/// What rustup calls this toolchain.
pub(crate) const NAME: &str = "debian";
/// Debian's compiler has no linker for wasm of its own.
pub(crate) const LINKER: &str = "wasm-ld-22";

/// The compiler, its sources, and the linker.
const PACKAGES: [&str; 5] = [
    "rustc-web",
    "cargo-web",
    "rust-web-src",
    "rust-web-llvm",
    "lld-22",
];
/// Where Debian puts the compiler's libraries.
const SYSROOT: &str = "/usr";

/// Installs the compiler, builds the library it lacks, and makes it known to rustup.
pub(crate) fn prepare(workspace: &Workspace) -> Result<()> {
    apt::install(&PACKAGES)?;
    let library = workspace.scratch("std");
    build_std(&library)?;
    install_std(&library)?;
    if on_path("rustup").is_some() {
        run(tool("rustup").args(["toolchain", "link", NAME, SYSROOT]))?;
    }
    Ok(())
}

/// Compiles `std` through an empty crate; Debian's stable compiler needs to be told that this is wanted.
fn build_std(dir: &Path) -> Result<()> {
    say("compiling the standard library for wasm, about a minute");
    // Libraries of two compilers side by side would be ambiguous: begin with an empty folder.
    let _ = fs::remove_dir_all(dir);
    fs::create_dir_all(dir)?;
    // A workspace of its own, or Cargo would look for this crate in ours.
    fs::write(
        dir.join("Cargo.toml"),
        "[package]\nname = \"nothing\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n[workspace]\n",
    )?;
    fs::write(dir.join("lib.rs"), "#![no_std]\n")?;
    run(tool("/usr/bin/cargo")
        .args([
            "build",
            "--quiet",
            "--release",
            "-Zbuild-std=std,panic_abort",
            "--target",
            WASM,
        ])
        .current_dir(dir)
        .env("CARGO_TARGET_DIR", dir.join("target"))
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1"))
}

/// Puts the libraries into the compiler's own folder: whole, through a rename, so that no torn copy is ever found.
fn install_std(dir: &Path) -> Result<()> {
    let built = dir.join("target").join(WASM).join("release/deps");
    let installed = format!("{SYSROOT}/lib/rustlib/{WASM}");
    let staged = format!("{installed}.new");
    if !apt::is_root() {
        let ready = dir.join(WASM);
        collect(&built, &ready.join("lib"))?;
        bail!(
            "the standard library is compiled, run: sudo cp -r {} {SYSROOT}/lib/rustlib/",
            ready.display()
        );
    }
    let _ = fs::remove_dir_all(&staged);
    collect(&built, &Path::new(&staged).join("lib"))?;
    let _ = fs::remove_dir_all(&installed);
    fs::rename(&staged, &installed)?;
    Ok(())
}

/// Copies the libraries of `std`, and not the empty crate's.
fn collect(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("lib") && name.ends_with(".rlib") && !name.starts_with("libnothing-") {
            fs::copy(entry.path(), to.join(name.as_ref()))?;
        }
    }
    Ok(())
}
