//! Who may import whom (ARCHITECTURE.md), and what no file may hold. Cargo keeps the edges between crates; these are the
//! ones between modules, read from the sources.

use std::fs;
use std::path::Path;
use std::process::Command;

/// A room, and what its files must not name.
const NEVER: [(&str, &[&str]); 10] = [
    (
        "domain/src",
        &[
            "tokio",
            "sqlx",
            "axum",
            "leptos",
            "std::fs",
            "std::net",
            "SystemTime",
            "Instant::now",
        ],
    ),
    ("app/src", &["sqlx", "tokio::", "axum::", "rusqlite"]),
    (
        "server/src/listen",
        &["crate::store", "crate::service", "sqlx", "leptos"],
    ),
    (
        "server/src/http",
        &["crate::store", "crate::listen", "sqlx"],
    ),
    (
        "server/src/service",
        &["axum", "sqlx", "crate::http", "leptos"],
    ),
    (
        "server/src/live",
        &["crate::http", "crate::service", "leptos", "axum"],
    ),
    (
        "server/src/store",
        &[
            "crate::http",
            "crate::service",
            "crate::live",
            "axum",
            "leptos",
        ],
    ),
    ("server/src/cli", &["crate::http", "crate::store", "sqlx"]),
    ("server/src", &["unwrap()", "unsafe "]),
    ("frontend/src", &["domain::", "web_sys", "server::"]),
];

/// What only some files may name.
const ONLY_IN: [(&str, &str, &[&str]); 6] = [
    ("server/src", "fail::", &["server/src/fault.rs"]),
    ("server/src", "println!", &["server/src/cli/"]),
    ("server/src", "std::env", &["server/src/config/"]),
    ("server/src", "SystemTime", &["server/src/clock.rs"]),
    ("server/src", "sqlx::query", &["server/src/store/"]),
    (
        "app/src",
        "EventSource::new",
        &["app/src/live/event_source/browser.rs"],
    ),
];

/// What stands for work that is not done.
const UNDONE: [&str; 5] = [
    "TO\u{44}O",
    "FIX\u{4d}E",
    "to\u{64}o!(",
    "unim\u{70}lemented!(",
    "#[ig\u{6e}ore",
];

/// Lines of the longest file.
const LINES: usize = 500;

#[test]
fn every_room_imports_only_what_it_may() {
    let mut wrong = Vec::new();
    for (room, names) in NEVER {
        for (path, text) in sources(room).into_iter().filter(|(path, _)| !is_test(path)) {
            for (number, line) in code(&text) {
                let found = names.iter().filter(|name| names_it(line, name));
                wrong
                    .extend(found.map(|name| format!("{path}:{number}: {room} never uses {name}")));
            }
        }
    }
    for (room, name, files) in ONLY_IN {
        for (path, text) in sources(room) {
            if is_test(&path) || files.iter().any(|file| path.starts_with(file)) {
                continue;
            }
            let found = code(&text).filter(|(_, line)| names_it(line, name));
            wrong.extend(
                found.map(|(number, _)| format!("{path}:{number}: {name} belongs in {files:?}")),
            );
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn no_file_is_too_long_and_none_is_half_done() {
    let mut wrong = Vec::new();
    for room in [
        "app",
        "bench/src",
        "domain",
        "end2end",
        "frontend",
        "fuzz/fuzz_targets",
        "server",
        "style",
        "xtask/src",
    ] {
        for (path, text) in sources(room) {
            let lines = text.lines().count();
            if lines > LINES {
                wrong.push(format!("{path} has {lines} lines: is it still one room?"));
            }
            let marks = UNDONE.iter().filter(|mark| text.contains(**mark));
            wrong.extend(marks.map(|mark| format!("{path} holds {mark}")));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn what_ships_has_no_point_at_which_it_can_be_made_to_fail() {
    // What `cargo xtask release` builds, and what is built for tests: the rule must not hold for lack of an answer.
    for (edges, expect) in [("normal,build", false), ("normal,build,dev", true)] {
        let tree = Command::new(env!("CARGO"))
            .current_dir(root())
            .args(["tree", "--locked", "--offline", "--package", "server"])
            .args([
                "--edges",
                edges,
                "--prefix",
                "none",
                "--format",
                "{lib} {f}",
            ])
            .output()
            .unwrap();
        assert!(tree.status.success(), "{tree:?}");
        let tree = String::from_utf8(tree.stdout).unwrap();
        let names = |line: &str| {
            let mut features = line.split([' ', ',']);
            features.next() == Some("fail") || features.any(|feature| feature == "failpoints")
        };
        assert!(tree.lines().count() > 100, "{tree}");
        assert_eq!(tree.lines().any(names), expect, "{edges}");
    }
}

/// Whether the line has `name` as a word of its own: `leptos_axum::` is not `axum::`.
fn names_it(line: &str, name: &str) -> bool {
    let part_of_another = |at: usize| {
        let before = line[..at].chars().next_back();
        before.is_some_and(|last| last.is_alphanumeric() || last == '_')
    };
    line.match_indices(name).any(|(at, _)| !part_of_another(at))
}

/// The lines that run in production: neither comments nor the tests at the end of a file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate();
    lines
        .take_while(|(_, line)| *line != "#[cfg(test)]")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line))
}

/// The repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Every source below a folder of the repository, with its path from there.
fn sources(folder: &str) -> Vec<(String, String)> {
    let root = root();
    let mut found = Vec::new();
    let mut waiting = vec![root.join(folder)];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let skipped = ["node_modules", "test-results"];
            let entries = fs::read_dir(&path)
                .unwrap()
                .map(|entry| entry.unwrap().path());
            waiting
                .extend(entries.filter(|entry| !skipped.iter().any(|name| entry.ends_with(name))));
        } else if is_source(&path) {
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(
        !found.is_empty(),
        "{folder} has no sources: the rule watches nothing"
    );
    found
}

fn is_source(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("rs" | "ts" | "css"))
}

/// Whether a file, or all of its folder, is of tests only.
fn is_test(path: &str) -> bool {
    path.split('/')
        .any(|part| matches!(part, "tests" | "tests.rs" | "model_tests.rs"))
}
