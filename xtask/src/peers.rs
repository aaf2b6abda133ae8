//! The servers that the benchmark compares Belfry with, in `target/peers`: what can be built from a package registry.
//! Nothing of theirs is part of Belfry.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::node;
use crate::process::{ask, on_path, run, say, tool};
use crate::stamp::{Inputs, files, once};
use crate::workspace::Workspace;

/// A program from the Go module proxy. Go checks what it gets against the checksum database.
struct GoProgram {
    name: &'static str,
    module: &'static str,
    version: &'static str,
    /// The package of the program, from the module's root.
    package: &'static str,
    /// What its own releases are linked with.
    ldflags: &'static str,
    /// Files of a page that is built apart and is no part of the module. The program asks only that they are there.
    page: &'static [&'static str],
}

const GO_PROGRAMS: [GoProgram; 2] = [
    GoProgram {
        name: "mercure",
        module: "github.com/dunglas/mercure",
        version: "v0.20.0",
        package: "./cmd/mercure",
        ldflags: "-s -w",
        page: &[],
    },
    GoProgram {
        name: "gotify",
        module: "github.com/gotify/server/v2",
        version: "v2.5.0",
        package: ".",
        ldflags: "-s -w -X main.Mode=prod",
        page: &[
            "ui/build/index.html",
            "ui/build/manifest.json",
            "ui/build/asset-manifest.json",
            "ui/build/static/empty",
        ],
    },
];

/// Where the peers are.
pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("peers")
}

/// Installs what can be installed on this machine.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    express(workspace)?;
    if on_path("go").is_none() {
        say("Go is missing: Mercure and Gotify are left out (Debian: sudo apt-get install golang)");
        return Ok(());
    }
    for program in &GO_PROGRAMS {
        program.install(workspace)?;
    }
    Ok(())
}

/// The Express server of `bench/peers/express`, with what it needs.
fn express(workspace: &Workspace) -> Result<()> {
    let folder = folder(workspace).join("express");
    copy(&workspace.root.join("bench/peers/express"), &folder)?;
    node::install(workspace, &folder)
}

impl GoProgram {
    /// Built in a copy: a module in Go's cache can be neither changed nor added to, and `go install` would ask for more
    /// than this one version.
    fn install(&self, workspace: &Workspace) -> Result<()> {
        let folder = folder(workspace);
        let program = folder.join("bin").join(self.name);
        let Self {
            name,
            module,
            version,
            ..
        } = self;
        let inputs = Inputs::new("go").text(module).text(version);
        once(workspace, &format!("peer-{name}"), inputs, &program, || {
            say(&format!("compiling {name} {version}"));
            let source = folder.join("source").join(name);
            copy(&self.download()?, &source)?;
            for file in self.page {
                let file = source.join(file);
                fs::create_dir_all(file.parent().unwrap_or(&source))?;
                fs::write(file, "{}")?;
            }
            run(tool("go")
                .current_dir(&source)
                // The copy lies in this repository: its commit says nothing about the program.
                .args(["build", "-buildvcs=false", "-trimpath"])
                .args(["-ldflags", self.ldflags, "-o"])
                .args([program.as_path(), Path::new(self.package)]))
        })
    }

    /// The module's folder in Go's cache.
    fn download(&self) -> Result<PathBuf> {
        let module = format!("{}@{}", self.module, self.version);
        // Outside of any module of ours, so that none has a say in the versions.
        let anywhere = std::env::temp_dir();
        let mut download = tool("go");
        run(download
            .current_dir(&anywhere)
            .args(["mod", "download", &module]))?;
        let mut list = tool("go");
        list.current_dir(&anywhere);
        let found = ask(list.args(["list", "-m", "-f", "{{.Dir}}", &module]));
        let found = found.with_context(|| format!("go does not say where {module} is"))?;
        Ok(found.into())
    }
}

/// Copies every file of a folder.
fn copy(from: &Path, to: &Path) -> Result<()> {
    for (name, file) in files(from)? {
        let place = to.join(name);
        fs::create_dir_all(place.parent().unwrap_or(to))?;
        // What is read-only in Go's cache is so in the copy, and cannot be written again.
        if place.exists() {
            fs::remove_file(&place)?;
        }
        fs::copy(file, place)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_made_anew_although_the_original_is_read_only() -> Result<()> {
        let root = std::env::temp_dir().join(format!("xtask-copy-{}", std::process::id()));
        let (from, to) = (root.join("from"), root.join("to"));
        let original = from.join("inner/file");
        for content in ["one", "two"] {
            let _first_time = fs::remove_dir_all(&from);
            fs::create_dir_all(from.join("inner"))?;
            fs::write(&original, content)?;
            let mut permissions = fs::metadata(&original)?.permissions();
            permissions.set_readonly(true);
            fs::set_permissions(&original, permissions)?;
            copy(&from, &to)?;
            assert_eq!(fs::read_to_string(to.join("inner/file"))?, content);
        }
        fs::remove_dir_all(&root)?;
        Ok(())
    }
}
