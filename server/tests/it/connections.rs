//! Connections, many of them and ill-mannered: what opens is closed, and nothing is left behind.

use crate::support::command::{ANYWHERE, Server, token};
use crate::support::{PATIENCE, TestApp, a_turn, wire::Stream};
use serde_json::json;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// What clients send that do not finish their request.
const HALVES: [&str; 5] = [
    "",
    "G",
    "GET /events HTTP/1.1\r\nHost: x\r\n",
    "GET /events HTTP/1.1\r\nHost: x\r\nX: ",
    "POST /api/v1/notifications HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
];

#[tokio::test]
async fn a_thousand_half_open_requests_are_gone_within_15_seconds() {
    let _turn = a_turn().await;
    let app = TestApp::start().await;
    app.admin().await;
    let ci = app.program("root", "publish").await;
    let mut waiting = JoinSet::new();
    for number in 0..1_000 {
        let mut socket = TcpStream::connect(app.address).await.unwrap();
        // Each has its own time: to open a thousand takes some, and the system may have put connections off.
        let opened = Instant::now();
        let bearer = format!("\r\nAuthorization: Bearer {}\r\nContent-Type", ci.token());
        let half = HALVES[number % HALVES.len()].replace("\r\nContent-Type", &bearer);
        socket.write_all(half.as_bytes()).await.unwrap();
        waiting.spawn(async move {
            let mut answer = Vec::new();
            // Closed, with or without a word about it.
            let _reset = socket.read_to_end(&mut answer).await;
            opened.elapsed()
        });
    }
    // Others are served meanwhile.
    ci.publish(json!({"channel": "ci", "message": "done"}))
        .await;
    let gone = timeout(PATIENCE, waiting.join_all()).await.unwrap();
    let longest = gone.into_iter().max().unwrap();
    assert!(longest < Duration::from_secs(15), "{longest:?}");
}

#[tokio::test]
async fn ten_thousand_streams_come_and_go_and_leave_nothing() {
    let _turn = a_turn().await;
    let dir = tempfile::tempdir().unwrap();
    let token = token(dir.path(), "subscribe").await;
    let server = Server::start(dir.path(), ANYWHERE).await;
    let bearer = format!("Bearer {}", &token);

    come_and_go(server.address, &bearer, 1_000).await;
    let before = server.settled().await;
    come_and_go(server.address, &bearer, 9_000).await;
    let after = server.settled().await;
    println!("{before:?}, then {after:?}");
    assert_eq!(after.files, before.files);
    assert!(
        after.memory <= before.memory + before.memory / 20,
        "within 5 %"
    );
}

/// Opens streams, 100 at a time, and leaves each as soon as it has begun.
async fn come_and_go(address: SocketAddr, bearer: &str, count: usize) {
    for _ in 0..count / 100 {
        let mut visits = JoinSet::new();
        for _ in 0..100 {
            let bearer = bearer.to_owned();
            visits.spawn(async move {
                let headers = [("authorization", bearer.as_str())];
                let mut stream = Stream::open(address, "/events", &headers).await.unwrap();
                assert_eq!(stream.head.status, 200);
                stream.next("connected").await;
            });
        }
        visits.join_all().await;
    }
}
