//! Readers that stop reading: they are closed, lose nothing, cost little, and are nobody else's trouble (contract,
//! section 4).

use super::read;
use crate::support::{TestApp, wire::Stream};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::net::TcpSocket;
use tokio::time::sleep;

/// More than the system keeps for a socket, at 32 kB each.
const POSTS: usize = 200;

#[tokio::test]
async fn a_reader_that_stops_reading_is_closed_and_misses_nothing_and_others_notice_nothing() {
    let app = TestApp::start().await;
    app.admin().await;
    let ci = app.program("root", "publish,subscribe").await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let socket = socket.connect(app.address).await.unwrap();
    let bearer = format!("Bearer {}", ci.token());
    let headers = [("authorization", bearer.as_str())];
    let mut stuck = Stream::open_on(socket, "/events", &headers).await.unwrap();
    stuck.next("connected").await;
    let mut brisk = ci.stream("").await;

    let message = "x".repeat(32_000);
    let mut seqs = Vec::new();
    for _ in 0..POSTS {
        let posted = ci
            .publish(json!({"channel": "ci", "message": message}))
            .await;
        let shown = brisk.next("notification").await;
        assert_eq!(shown["notification"], posted, "others get theirs at once");
        seqs.push(posted["seq"].as_u64().unwrap());
    }
    let stopped = Instant::now();
    // TCP does not tell the reader: the server does, which counts the streams that it hands a post to.
    loop {
        let sent = ci
            .post(
                "/notify",
                &json!({"channel": "ci", "message": "who is there?"}),
            )
            .await;
        seqs.push(brisk.next("notification").await["seq"].as_u64().unwrap());
        if sent.json()["clients"] == 1 {
            break;
        }
        assert!(
            stopped.elapsed() < Duration::from_secs(30),
            "it is closed within 30 s"
        );
        sleep(Duration::from_millis(200)).await;
    }
    println!("closed {:.1?} after the last post", stopped.elapsed());

    let mut back = ci.stream_after("", Some(&stuck.last_id)).await;
    assert_eq!(back.connected["resumed"], true);
    assert_eq!(read(&mut back, seqs.len()).await, seqs);
}
