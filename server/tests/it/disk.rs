//! A disk that takes no more: nothing is acknowledged that is not there, streams stay, and all goes on when there is room.

use crate::support::command::{Server, program, token};
use crate::support::{PATIENCE, wire::Stream};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

/// What a file may grow to, as the system sees it. Beyond it a write fails, as on a disk that is full.
fn limit_files(server: &Server, bytes: &str) {
    let limit = format!("--fsize={bytes}");
    let set = Command::new("prlimit")
        .args(["--pid", &server.pid().to_string(), &limit])
        .status();
    assert!(set.unwrap().success(), "prlimit is part of util-linux");
}

#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_acknowledged_and_ends_no_stream() {
    let dir = tempfile::tempdir().unwrap();
    let token = token(dir.path(), "publish,subscribe").await;
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    // The signal that comes with such a write is ignored; then it fails like any other.
    let server = Server::start_by(
        Command::new("sh")
            .env_clear()
            .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
            .arg(program().get_program()),
        dir.path(),
        anywhere,
    )
    .await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{}", server.address);
    let publish = async |message: &str| {
        let request = client
            .post(format!("{url}/api/v1/notifications"))
            .bearer_auth(&token);
        let body = json!({"channel": "ci", "message": message});
        request.json(&body).send().await.unwrap()
    };
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let mut stream = Stream::open(server.address, "/events", &headers)
        .await
        .unwrap();
    stream.next("connected").await;
    assert_eq!(publish("before").await.status(), 201);
    let before = stream.next("notification").await;
    assert_eq!(before["notification"]["message"], "before");

    limit_files(&server, "0:unlimited");
    for _ in 0..20 {
        let refused = publish("during").await;
        assert_eq!(refused.status(), 503);
        let problem: Value = refused.json().await.unwrap();
        assert_eq!(problem["status"], 503, "{problem}");
    }
    let ready = client.get(format!("{url}/readyz")).send().await.unwrap();
    assert_eq!(ready.status(), 503);
    let alive = client.get(format!("{url}/healthz")).send().await.unwrap();
    assert_eq!(alive.status(), 200);

    limit_files(&server, "unlimited:unlimited");
    let room = Instant::now();
    while publish("after").await.status() != 201 {
        assert!(
            room.elapsed() < Duration::from_secs(10),
            "it goes on by itself"
        );
    }
    // The same stream, without anything in between.
    let after = stream.next("notification").await;
    assert_eq!(after["notification"]["message"], "after");
    assert_eq!(after["seq"], 2);
    server.kill();

    let server = Server::start(dir.path(), anywhere).await;
    let headers = [headers[0], ("last-event-id", "earliest")];
    let mut stream = Stream::open(server.address, "/events", &headers)
        .await
        .unwrap();
    assert_eq!(stream.next("connected").await["head"], 2);
    for expected in [before, after] {
        let kept = tokio::time::timeout(PATIENCE, stream.next("notification"));
        assert_eq!(kept.await.unwrap(), expected);
    }
}
