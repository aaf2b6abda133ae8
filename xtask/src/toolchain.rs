//! Compilers. Of what the server needs only `make` may be missing, where a C compiler came alone: the allocator is built
//! with it.
//!
//! And a compiler that can build for the browser. The page is built together with the standard library, which makes it a
//! tenth smaller than the ready-made one does; so what is looked for is a compiler with the library's sources: the
//! active one, with rustup's help, or else Debian's.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Result, bail};

use crate::process::{ask, on_path, run_within, say, tool};
use crate::site::Mode;
use crate::workspace::Workspace;
use crate::{apt, debian};

/// The target's name, as rustc knows it.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Where the sources of the standard library are, below a toolchain's folder.
const SOURCES: &str = "lib/rustlib/src/rust/library/Cargo.lock";

/// The toolchain that builds the page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The one that builds everything else.
    Active,
    /// Debian's, linked into rustup under this name.
    Debian,
}

/// Makes sure that the server can be built.
pub(crate) fn native() -> Result<()> {
    if on_path("make").is_some() {
        return Ok(());
    }
    if apt::is_debian() {
        return apt::install(&["make"]);
    }
    bail!("make is missing: install it with the packages of your system")
}

impl Toolchain {
    /// Finds the toolchain, or makes one: what is here is taken before anything is fetched.
    pub(crate) fn for_wasm() -> Result<Self> {
        if let Some(toolchain) = Self::here() {
            return Ok(toolchain);
        }
        if on_path("rustup").is_some() {
            say("rustup component add rust-src");
            let mut rustup = tool("rustup");
            rustup
                .args(["component", "add", "rust-src"])
                .env("RUSTUP_MAX_RETRIES", "0");
            if run_within(&mut rustup, Duration::from_secs(90)) && Self::Active.has_sources() {
                return Ok(Self::Active);
            }
        }
        if !apt::is_debian() {
            bail!("the standard library's sources are missing, run: rustup component add rust-src");
        }
        say("rustup's server cannot be reached: Debian's compiler builds the page");
        debian::prepare()?;
        match Self::here() {
            Some(toolchain) => Ok(toolchain),
            None => bail!("Debian's compiler has no sources of its standard library"),
        }
    }

    /// `cargo`, ready to build for the browser and the standard library with it, into a build folder of its own.
    pub(crate) fn cargo(self, workspace: &Workspace, mode: Mode) -> Command {
        let mut cargo = tool("cargo");
        cargo
            .current_dir(&workspace.root)
            .env("CARGO_TARGET_DIR", workspace.wasm_target(mode))
            // Stable compilers build the library only when they are told that it is wanted.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
        if mode == Mode::Optimised {
            // A panic ends the program either way; without its words and places the page is smaller by a tenth.
            cargo
                .env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size")
                .env(
                    "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
                    "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none",
                );
        }
        self.choose(&mut cargo);
        cargo
    }

    /// The first that needs nothing more.
    fn here() -> Option<Self> {
        [Self::Active, Self::Debian]
            .into_iter()
            .find(|toolchain| toolchain.has_sources())
    }

    /// Whether it is there, with the sources of its standard library.
    fn has_sources(self) -> bool {
        let mut rustc = tool("rustc");
        rustc.args(["--print", "sysroot"]).stdin(Stdio::null());
        self.choose(&mut rustc);
        ask(&mut rustc).is_some_and(|sysroot| Path::new(&sysroot).join(SOURCES).exists())
    }

    /// Tells the proxies of rustup which toolchain is meant.
    fn choose(self, command: &mut Command) {
        if self == Self::Debian {
            command.env("RUSTUP_TOOLCHAIN", debian::NAME);
        }
        // Debian's compiler comes without `rust-lld`, also when it is the only one here.
        if self == Self::Debian
            || (on_path("rustup").is_none() && on_path(debian::LINKER).is_some())
        {
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", debian::LINKER);
        }
    }
}
