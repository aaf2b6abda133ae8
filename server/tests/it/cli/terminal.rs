//! `belfry tail` on a terminal: a pseudo terminal, whose other end is read byte for byte.

use super::client_at;
use super::front::{self, Front};
use super::process::Process;
use crate::support::TestApp;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::json;
use std::fs::File;
use std::io::BufReader;
use std::process::{Command, Stdio};

/// Starts a command on a terminal of its own.
fn on_a_terminal(mut command: Command) -> Process {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs = File::options()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap();
    let child = command
        .stdin(Stdio::null())
        .stdout(theirs)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    Process::reading(child, BufReader::new(File::from(ours)))
}

/// What a server sends that lets everything through.
fn hostile() -> Vec<u8> {
    let notification = json!({
        "id": "k3JxT0aQ9fLm", "seq": 1, "channel": "ci", "title": "Build\u{1b}]0;pwned\u{7} 7\u{9b}2J", "priority": 5,
        "message": "one\u{1b}[31m\ntwo\u{202E}", "tags": ["a\u{1b}[5m"], "click": "https://example.org/\u{1b}c",
        "icon": null, "markdown": false, "actions": [{"label": "Open\u{8}", "url": "https://example.org/o"}],
        "key": "k", "progress": 40, "state": "running", "log": ["first", "last\u{1b}[2K\rline"], "to": null,
        "author": "ci", "created_at": "2026-11-20T10:00:00.123Z", "updated_at": "2026-11-20T10:00:01.456Z",
        "expires_at": null,
    });
    let data = json!({"seq": 1, "notification": notification});
    front::stream(&format!(
        "event: notification\nid: 7f3a-1\ndata: {data}\n\n"
    ))
}

async fn shown(args: &[&str], environment: &[(&str, &str)], lines: usize) -> Vec<String> {
    let app = TestApp::start().await;
    app.admin().await;
    let reader = app.program("root", "subscribe").await;
    let front = Front::open().await;
    let mut command = client_at(front.address(), &reader, args);
    command
        .env("TERM", "xterm-256color")
        .envs(environment.iter().copied());
    let mut tail = on_a_terminal(command);
    let (_, socket) = front.request().await;
    front::answer(socket, &hostile()).await;
    let mut shown = Vec::new();
    while shown.len() < lines {
        shown.push(tail.line().await);
    }
    shown
}

const CARD: [&str; 6] = [
    "2026-11-20 10:00:01Z ci Build\u{FFFD}]0;pwned\u{FFFD} 7\u{FFFD}2J [urgent, running, 40 %] #a\u{FFFD}[5m",
    "    one\u{FFFD}[31m",
    "    two\u{FFFD}",
    "    > last\u{FFFD}[2K line",
    "    https://example.org/\u{FFFD}c",
    "    Open\u{FFFD}: https://example.org/o",
];

#[tokio::test]
async fn a_card_holds_nothing_of_others_that_a_terminal_obeys() {
    let plain = shown(&["tail"], &[("NO_COLOR", "1")], CARD.len()).await;
    assert_eq!(plain, CARD, "and NO_COLOR is honoured");

    let coloured = shown(&["tail"], &[], CARD.len()).await.join("\n");
    let mut without = coloured.clone();
    for ours in [
        "\u{1b}[0m",
        "\u{1b}[1m",
        "\u{1b}[2m",
        "\u{1b}[31m",
        "\u{1b}[36m",
    ] {
        assert!(coloured.contains(ours), "{ours:?} {coloured:?}");
        without = without.replace(ours, "");
    }
    assert_eq!(without, CARD.join("\n"));
}

#[tokio::test]
async fn json_on_a_terminal_says_the_same_in_harmless_words() {
    let lines = shown(&["tail", "--json"], &[], 1).await;
    let line = &lines[0];
    assert!(
        !line.chars().any(|c| c.is_control() || c == '\u{202E}'),
        "{line:?}"
    );
    let json: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(
        json["notification"]["message"],
        "one\u{1b}[31m\ntwo\u{202E}"
    );
    assert_eq!(
        (&json["event"], &json["event_id"]),
        (&json!("notification"), &json!("7f3a-1"))
    );
}
