//! The page: wasm, script, style and public files, laid out in `target/site` as cargo-leptos would.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Result, bail};

use crate::process::{listen, say};
use crate::stamp::{Inputs, files, once};
use crate::toolchain::{Toolchain, WASM};
use crate::workspace::Workspace;
use crate::{bindgen, compress, node};

/// Whom the page is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Who writes it: quick to build, with names in a panic's trace.
    Debug,
    /// Who uses it: small, and compressed beforehand.
    Optimised,
}

impl Mode {
    /// The name of its folders.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Optimised => "optimised",
        }
    }
}

/// A finished page.
pub(crate) struct Site {
    /// Its folder.
    pub(crate) dir: PathBuf,
    /// The wasm as the compiler leaves it, with names.
    pub(crate) raw: PathBuf,
    /// How many warnings the compiler had about our own code.
    pub(crate) warnings: usize,
}

/// Builds what has changed. Each mode keeps its own parts, so going back and forth costs a copy.
pub(crate) fn build(workspace: &Workspace, mode: Mode) -> Result<Site> {
    let (raw, warnings) = compile(workspace, mode)?;
    let name = mode.name();
    let parts = workspace.scratch("site").join(name);
    let pkg = parts.join("pkg");

    let code = pkg.join("belfry.wasm");
    let inputs = node::versions(workspace, Inputs::new("code 1").path(&raw)?)?;
    once(workspace, &format!("code-{name}"), inputs, &code, || {
        bindgen::generate(workspace, mode, &raw, &pkg)?;
        finish(mode, &[code.clone(), pkg.join("belfry.js")])
    })?;

    let style = pkg.join("belfry.css");
    let mut inputs = Inputs::new("style 1").path(&workspace.root.join("style"))?;
    for (name, _) in files(&workspace.root.join("public"))? {
        inputs = inputs.text(&name);
    }
    let inputs = node::versions(workspace, inputs)?;
    once(workspace, &format!("style-{name}"), inputs, &style, || {
        say("style");
        bindgen::bundle(
            workspace,
            mode,
            &workspace.root.join("style/main.css"),
            &style,
        )?;
        finish(mode, std::slice::from_ref(&style))
    })?;

    let public = parts.join("public");
    let inputs = Inputs::new("public 1").path(&workspace.root.join("public"))?;
    once(
        workspace,
        &format!("public-{name}"),
        inputs,
        &public,
        || {
            let _ = fs::remove_dir_all(&public);
            fs::create_dir_all(&public)?;
            mirror(&[(&workspace.root.join("public"), "")], &public)?;
            let copies: Vec<PathBuf> = files(&public)?.into_iter().map(|(_, file)| file).collect();
            finish(mode, &copies)
        },
    )?;

    let dir = workspace.site();
    mirror(&[(&public, ""), (&pkg, "pkg/")], &dir)?;
    Ok(Site { dir, raw, warnings })
}

/// Cargo's part: the wasm as the compiler leaves it, and the number of warnings.
fn compile(workspace: &Workspace, mode: Mode) -> Result<(PathBuf, usize)> {
    let (profile, folder) = match mode {
        Mode::Debug => ("dev", "debug"),
        Mode::Optimised => ("wasm-release", "wasm-release"),
    };
    let toolchain = Toolchain::for_wasm()?;
    say(&format!("compiling the page ({profile})"));
    let mut cargo = toolchain.cargo(workspace, mode);
    cargo.args([
        "build",
        "--package",
        "frontend",
        "--lib",
        "--target",
        WASM,
        "--profile",
        profile,
    ]);
    cargo
        .args(workspace.locked())
        .arg("--message-format=json-render-diagnostics")
        .stdin(Stdio::null());
    let mut warnings = 0;
    let built = listen(&mut cargo, |line| {
        warnings += usize::from(
            line.contains(r#""reason":"compiler-message""#)
                && line.contains(r#""level":"warning""#),
        );
    })?;
    if !built {
        bail!("the page does not compile");
    }
    Ok((
        workspace
            .wasm_target(mode)
            .join(WASM)
            .join(folder)
            .join("frontend.wasm"),
        warnings,
    ))
}

/// What only the optimised page needs: the compressed forms, none left over from before.
fn finish(mode: Mode, made: &[PathBuf]) -> Result<()> {
    for file in made {
        for suffix in ["br", "gz"] {
            let _ = fs::remove_file(file.with_added_extension(suffix));
        }
        if mode == Mode::Optimised {
            compress::beside(file)?;
        }
    }
    Ok(())
}

/// Makes `to` hold exactly the files of the folders, each under its prefix. A file that is right already is not
/// touched: its time tells Cargo whether the server must be compiled again.
fn mirror(folders: &[(&Path, &str)], to: &Path) -> Result<()> {
    let mut wanted = BTreeSet::new();
    for (folder, prefix) in folders {
        for (name, file) in files(folder)? {
            let name = format!("{prefix}{name}");
            let copy = to.join(&name);
            let content = fs::read(&file)?;
            if fs::read(&copy).ok().as_ref() != Some(&content) {
                fs::create_dir_all(copy.parent().unwrap_or(to))?;
                fs::write(&copy, content)?;
            }
            wanted.insert(name);
        }
    }
    for (name, file) in files(to)? {
        if !wanted.contains(&name) {
            fs::remove_file(file)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_adds_removes_and_leaves_alone() -> Result<()> {
        let root = std::env::temp_dir().join(format!("xtask-mirror-{}", std::process::id()));
        let (from, to) = (root.join("from"), root.join("to"));
        for (file, content) in [
            ("from/same", "1"),
            ("from/new", "2"),
            ("to/pkg/same", "1"),
            ("to/old", "3"),
        ] {
            fs::create_dir_all(root.join(file).parent().unwrap_or(&root))?;
            fs::write(root.join(file), content)?;
        }
        let before = fs::metadata(to.join("pkg/same"))?.modified()?;
        mirror(&[(&from, "pkg/")], &to)?;
        let names: Vec<String> = files(&to)?.into_iter().map(|(name, _)| name).collect();
        let after = fs::metadata(to.join("pkg/same"))?.modified()?;
        fs::remove_dir_all(&root)?;
        assert_eq!(names, ["pkg/new", "pkg/same"]);
        assert_eq!(before, after);
        Ok(())
    }
}
