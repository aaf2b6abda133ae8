//! Independent readers of event streams follow `/events` through a restart of the server and miss nothing.

use crate::support::people::Person;
use crate::support::{PATIENCE, TestApp, install};
use eventsource_client::{Client, ClientBuilder, ReconnectOptions, SSE};
use futures::{Stream, StreamExt, stream};
use launchdarkly_sdk_transport::HyperTransport;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Notifications before the restart, and after it.
const EACH: usize = 20;

/// What a reader tells, a line for each event: `connected`, or the event's id and its notification's.
struct Reader {
    lines: std::pin::Pin<Box<dyn Stream<Item = String> + Send>>,
    /// Ended with the test.
    _process: Option<Child>,
}

impl Reader {
    fn spawn(command: &mut Command) -> Self {
        let mut process = command
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let lines = stream::unfold(lines, |mut lines| async {
            let line = lines.next_line().await.unwrap()?;
            Some((line, lines))
        });
        Self {
            lines: Box::pin(lines),
            _process: Some(process),
        }
    }

    async fn line(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.lines.next()).await;
        line.expect("something comes").expect("it goes on")
    }

    /// The next notification; readers come back in between.
    async fn notification(&mut self) -> String {
        loop {
            let line = self.line().await;
            if line != "connected" {
                return line;
            }
        }
    }
}

async fn publish(ci: &Person) -> Vec<String> {
    let mut lines = Vec::new();
    let epoch = ci.stream("").await.connected["epoch"].clone();
    for number in 0..EACH {
        let card = ci
            .publish(json!({"channel": "ci", "title": format!("event {number}\n").trim()}))
            .await;
        lines.push(format!(
            "{}-{} {}",
            epoch.as_str().unwrap(),
            card["seq"],
            card["id"].as_str().unwrap()
        ));
    }
    lines
}

async fn follows(start: impl FnOnce(String, &str) -> Reader) {
    let app = TestApp::start().await;
    app.admin().await;
    let ci = app.program("root", "publish,subscribe").await;
    let mut reader = start(format!("http://{}/events", app.address), ci.token());
    assert_eq!(reader.line().await, "connected");
    let mut expected = publish(&ci).await;
    let mut seen = Vec::new();
    for _ in 0..EACH {
        seen.push(reader.notification().await);
    }
    let app = app.restart().await;
    // Nobody waits for the reader: some of it is there before it is back.
    expected.extend(publish(&ci).await);
    for _ in 0..EACH {
        seen.push(reader.notification().await);
    }
    assert_eq!(seen, expected);
    drop(app);
}

#[tokio::test]
async fn httpx_sse_misses_nothing() {
    let Some(programs) = install::python(&["httpx==0.28.1", "httpx-sse==0.4.3"]).await else {
        return;
    };
    follows(|url, token| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/follow.py");
        Reader::spawn(
            Command::new(programs.join("python"))
                .arg(script)
                .args([&url, token]),
        )
    })
    .await;
}

#[tokio::test]
async fn eventsource_of_npm_misses_nothing() {
    let Some(folder) = install::node(&["eventsource@4.1.0"]).await else {
        return;
    };
    follows(|url, token| {
        // A module finds its packages from where it lies.
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/follow.mjs");
        std::fs::copy(script, folder.join("follow.mjs")).unwrap();
        Reader::spawn(
            Command::new("node")
                .arg(folder.join("follow.mjs"))
                .args([&url, token]),
        )
    })
    .await;
}

#[tokio::test]
async fn eventsource_client_of_rust_misses_nothing() {
    follows(|url, token| {
        let again = ReconnectOptions::reconnect(true)
            .retry_initial(false)
            .delay(Duration::from_millis(100))
            .build();
        let client = ClientBuilder::for_url(&url).unwrap();
        let client = client
            .header("Authorization", &format!("Bearer {token}"))
            .unwrap();
        let events = client
            .reconnect(again)
            .build_with_transport(HyperTransport::new().unwrap())
            .stream();
        let lines = events.filter_map(|event| async {
            let Ok(SSE::Event(event)) = event else {
                return None;
            };
            match event.event_type.as_str() {
                "connected" => Some("connected".to_owned()),
                "notification" => {
                    let data: Value = serde_json::from_str(&event.data).unwrap();
                    Some(format!(
                        "{} {}",
                        event.id?,
                        data["notification"]["id"].as_str()?
                    ))
                }
                _ => None,
            }
        });
        Reader {
            lines: Box::pin(lines),
            _process: None,
        }
    })
    .await;
}
