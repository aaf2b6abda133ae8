//! Debian's Rust for the browser: a newer compiler than the distribution's first, with the sources of its library.

use anyhow::Result;

use crate::apt;
use crate::process::{on_path, run, tool};

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

/// Installs the compiler and makes it known to rustup.
pub(crate) fn prepare() -> Result<()> {
    apt::install(&PACKAGES)?;
    if on_path("rustup").is_some() {
        run(tool("rustup").args(["toolchain", "link", NAME, SYSROOT]))?;
    }
    Ok(())
}
