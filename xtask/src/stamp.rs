//! Nothing twice: a step leaves a stamp with the hash of its inputs, and is skipped while they hash the same.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::workspace::Workspace;

/// The hash of everything that a step depends on.
pub(crate) struct Inputs(Sha256);

impl Inputs {
    /// Begins with a word that names the recipe: change it when the step itself changes.
    pub(crate) fn new(recipe: &str) -> Self {
        Self(Sha256::new()).text(recipe)
    }

    /// Adds a text.
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
        self
    }

    /// Adds a file's content, or every file of a folder with its name.
    pub(crate) fn path(mut self, path: &Path) -> Result<Self> {
        for (name, file) in files(path)? {
            let content =
                fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            self = self.text(&name);
            self.0.update((content.len() as u64).to_le_bytes());
            self.0.update(content);
        }
        Ok(self)
    }
}

/// Runs `step` unless it succeeded before with the same inputs and its `output` is still there.
pub(crate) fn once(
    workspace: &Workspace,
    name: &str,
    inputs: Inputs,
    output: &Path,
    step: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let stamp = workspace.scratch("stamps").join(name);
    let key: String = inputs
        .0
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if output.exists() && fs::read_to_string(&stamp).is_ok_and(|old| old == key) {
        return Ok(());
    }
    // A step that is interrupted must not find the stamp of an earlier success.
    let _ = fs::remove_file(&stamp);
    step()?;
    fs::create_dir_all(workspace.scratch("stamps"))?;
    fs::write(&stamp, key)?;
    Ok(())
}

/// Every file below `path` (or `path` itself) with its name relative to it, sorted; nothing when it does not exist.
pub(crate) fn files(path: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let mut waiting = vec![path.to_owned()];
    while let Some(next) = waiting.pop() {
        if next.is_dir() {
            for entry in fs::read_dir(&next)? {
                waiting.push(entry?.path());
            }
        } else if next.is_file() {
            let name = next
                .strip_prefix(path)?
                .to_string_lossy()
                .replace('\\', "/");
            found.push((name, next));
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_runs_again_only_when_its_inputs_change() -> Result<()> {
        let root = std::env::temp_dir().join(format!("xtask-stamp-{}", std::process::id()));
        let workspace = Workspace {
            target: root.join("target"),
            root: root.clone(),
        };
        let mut runs = 0;
        for input in ["a", "a", "b", "b", "a"] {
            once(
                &workspace,
                "step",
                Inputs::new("test").text(input),
                &workspace.target,
                || {
                    runs += 1;
                    Ok(())
                },
            )?;
        }
        fs::remove_dir_all(&root)?;
        assert_eq!(runs, 3);
        Ok(())
    }

    #[test]
    fn a_step_that_failed_runs_again() -> Result<()> {
        let root = std::env::temp_dir().join(format!("xtask-fail-{}", std::process::id()));
        let workspace = Workspace {
            target: root.join("target"),
            root: root.clone(),
        };
        let inputs = || Inputs::new("test");
        assert!(once(&workspace, "step", inputs(), &root, || anyhow::bail!("no")).is_err());
        let mut ran = false;
        once(&workspace, "step", inputs(), &root, || {
            ran = true;
            Ok(())
        })?;
        fs::remove_dir_all(&root)?;
        assert!(ran);
        Ok(())
    }
}
