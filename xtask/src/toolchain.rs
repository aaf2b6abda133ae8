//! A compiler that can build for the browser: the active toolchain if it can, else rustup's help, else Debian's compiler.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Result, bail};

use crate::process::{ask, on_path, run_within, say, tool};
use crate::workspace::Workspace;
use crate::{apt, debian};

/// The target's name, as rustc knows it.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The toolchain that builds the page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The one that builds everything else.
    Active,
    /// Debian's, linked into rustup under this name.
    Debian,
}

impl Toolchain {
    /// Finds the toolchain, or makes one: what is here is taken before anything is fetched.
    pub(crate) fn for_wasm(workspace: &Workspace) -> Result<Self> {
        let here = [Self::Active, Self::Debian]
            .into_iter()
            .find(|toolchain| toolchain.builds_wasm());
        if let Some(toolchain) = here {
            return Ok(toolchain);
        }
        if on_path("rustup").is_some() {
            say(&format!("rustup target add {WASM}"));
            let mut rustup = tool("rustup");
            rustup
                .args(["target", "add", WASM])
                .env("RUSTUP_MAX_RETRIES", "0");
            if run_within(&mut rustup, Duration::from_secs(90)) && Self::Active.builds_wasm() {
                return Ok(Self::Active);
            }
        }
        if !apt::is_debian() {
            bail!("the Rust toolchain has no {WASM} library, run: rustup target add {WASM}");
        }
        say("rustup's server cannot be reached: Debian's compiler builds the page");
        debian::prepare(workspace)?;
        match [Self::Active, Self::Debian]
            .into_iter()
            .find(|toolchain| toolchain.builds_wasm())
        {
            Some(toolchain) => Ok(toolchain),
            None => bail!(
                "Debian's compiler does not build for {WASM} although its library was installed"
            ),
        }
    }

    /// `cargo`, ready to build for the browser into a build folder of its own.
    pub(crate) fn cargo(self, workspace: &Workspace) -> Command {
        let mut cargo = tool("cargo");
        cargo
            .current_dir(&workspace.root)
            .env("CARGO_TARGET_DIR", workspace.wasm_target());
        self.choose(&mut cargo);
        cargo
    }

    /// Compiles nothing at all: a library that is missing, torn or of another compiler's version shows here.
    fn builds_wasm(self) -> bool {
        let mut rustc = tool("rustc");
        rustc
            .args([
                "--target",
                WASM,
                "--crate-type",
                "rlib",
                "--emit",
                "metadata=-",
                "-",
            ])
            .stdin(Stdio::null());
        self.choose(&mut rustc);
        ask(&mut rustc).is_some()
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
