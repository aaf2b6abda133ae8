//! The inner loop: build for debugging, serve, and on every change build what it touches and start the server anew.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use notify::{EventKind, RecursiveMode, Watcher};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::process::{run as finish, say, tool};
use crate::site::{self, Mode};
use crate::workspace::Workspace;

/// The folders whose files make the page or the server.
const WATCHED: [&str; 7] = [
    "app",
    "domain",
    "frontend",
    "migrations",
    "public",
    "server",
    "style",
];
/// An editor saves in bursts: wait until it has been quiet for so long.
const QUIET: Duration = Duration::from_millis(150);

/// Why the loop wakes up.
enum Wake {
    /// A watched file is different.
    Changed(PathBuf),
    /// Ctrl-C, or somebody ends us.
    Stop,
}

/// Runs until it is interrupted.
pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<()> {
    let (sender, wakes) = mpsc::channel();
    stop_on_signal(sender.clone())?;
    let _watcher = watch(workspace, sender)?;

    let mut server = None;
    let mut changed = None;
    loop {
        match rebuild(workspace, changed.as_deref()) {
            Ok(true) => {
                end(server.take());
                server = Some(serve(workspace, args)?);
            }
            Ok(false) => say("the page is new: reload it"),
            Err(error) => say(&format!("{error:#}; waiting for a change")),
        }
        changed = next_change(&wakes);
        if changed.is_none() {
            end(server);
            return Ok(());
        }
    }
}

/// Builds what depends on the changed files, everything the first time; tells whether the server is another one.
fn rebuild(workspace: &Workspace, changed: Option<&[PathBuf]>) -> Result<bool> {
    site::build(workspace, Mode::Debug)?;
    // The debug server reads these from the folder.
    let only_files = ["public", "style"].map(|name| workspace.root.join(name));
    if changed.is_some_and(|paths| {
        paths
            .iter()
            .all(|path| only_files.iter().any(|dir| path.starts_with(dir)))
    }) {
        return Ok(false);
    }
    say("compiling the server (dev)");
    let mut cargo = tool("cargo");
    cargo
        .current_dir(&workspace.root)
        .args(["build", "--package", "server"])
        .env_remove("BELFRY_SITE");
    finish(cargo.args(workspace.locked()))?;
    Ok(true)
}

/// Starts the server; cargo-leptos names the folder of the page in the same variable.
fn serve(workspace: &Workspace, args: &[String]) -> Result<Child> {
    let mut server: Command = tool(workspace.target.join("debug/belfry"));
    server
        .current_dir(&workspace.root)
        .env("LEPTOS_SITE_ROOT", workspace.site());
    Ok(server.arg("serve").args(args).spawn()?)
}

/// Asks the server to end as its operator would, and waits for it.
fn end(server: Option<Child>) {
    let Some(mut server) = server else { return };
    if let Ok(None) = server.try_wait() {
        // After a Ctrl-C it is ending already, or gone: both are what is wanted.
        let _ = finish(tool("kill").args(["-TERM", &server.id().to_string()]));
    }
    let _ = server.wait();
}

/// Waits for a change and for the end of the burst it comes in; nothing when it is time to stop.
fn next_change(wakes: &Receiver<Wake>) -> Option<Vec<PathBuf>> {
    let mut changed = Vec::new();
    let mut wake = wakes.recv().ok()?;
    loop {
        match wake {
            Wake::Changed(path) => changed.push(path),
            Wake::Stop => return None,
        }
        match wakes.recv_timeout(QUIET) {
            Ok(next) => wake = next,
            Err(_) => return Some(changed),
        }
    }
}

/// Reports every file that is written, made or removed.
fn watch(workspace: &Workspace, sender: Sender<Wake>) -> Result<impl Watcher + use<>> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        let written = matches!(
            event.kind,
            EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_)
        );
        for path in event
            .paths
            .into_iter()
            .filter(|path| written && !is_noise(path))
        {
            // Nobody listens any more once the loop has ended.
            let _ = sender.send(Wake::Changed(path));
        }
    })?;
    for folder in WATCHED
        .map(|name| workspace.root.join(name))
        .iter()
        .filter(|folder| folder.exists())
    {
        watcher.watch(folder, RecursiveMode::Recursive)?;
    }
    Ok(watcher)
}

/// Editors' swap and backup files.
fn is_noise(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') || name.ends_with('~') || name.parse::<u32>().is_ok()
}

/// Turns signals into wake-ups, so that the server is never left behind.
fn stop_on_signal(sender: Sender<Wake>) -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::spawn(move || {
        for _ in signals.forever() {
            let _ = sender.send(Wake::Stop);
        }
    });
    Ok(())
}
