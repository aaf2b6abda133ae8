//! Where things are: the one place that knows the folders.

use std::env;
use std::path::{Path, PathBuf};

use crate::site::Mode;

/// The checkout and its build folder.
pub(crate) struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's build folder: `target`, unless `CARGO_TARGET_DIR` says otherwise.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// The workspace that this program belongs to, wherever it is called from.
    pub(crate) fn find() -> Self {
        let manifest =
            env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&manifest)
            .parent()
            .unwrap_or(Path::new("."))
            .to_owned();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => env::current_dir().unwrap_or_default().join(dir),
            None => root.join("target"),
        };
        Self { root, target }
    }

    /// The finished page: what the server embeds or reads.
    pub(crate) fn site(&self) -> PathBuf {
        self.target.join("site")
    }

    /// The page is built apart from the server: another target, often another compiler, so other fingerprints. Each
    /// mode has its own folder, because they are compiled with different flags.
    pub(crate) fn wasm_target(&self, mode: Mode) -> PathBuf {
        self.target.join("wasm").join(mode.name())
    }

    /// What this program keeps between two runs; deleting it costs only time.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.target.join("xtask").join(name)
    }

    /// `--locked` where there is something to hold on to.
    pub(crate) fn locked(&self) -> Option<&'static str> {
        self.root.join("Cargo.lock").exists().then_some("--locked")
    }
}
