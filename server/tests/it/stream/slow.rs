//! Readers that stop reading: they are closed, lose nothing, cost little, and are nobody else's trouble (contract,
//! section 4).

use super::read;
use crate::support::command::{ANYWHERE, Server, token};
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

/// More than the system keeps for a socket.
const POSTS_AT_ONCE: usize = 40;
const LONG: usize = 32_000;

/// Readers, and how many of them stop.
const READERS: usize = 500;
const STOPPED: usize = 5;

#[tokio::test]
async fn five_of_five_hundred_that_stop_reading_cost_little_and_hold_up_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let token = token(dir.path(), "publish,subscribe").await;
    let server = Server::start(dir.path(), ANYWHERE).await;
    let bearer = format!("Bearer {}", &token);
    let headers = [("authorization", bearer.as_str())];
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let publish = async |message: String| {
        let url = format!("http://{}/api/v1/notifications", server.address);
        let request = client.post(url).bearer_auth(&token);
        let request = request.json(&json!({"channel": "ci", "message": message}));
        assert_eq!(request.send().await.unwrap().status(), 201);
    };

    let mut readers = Vec::new();
    for _ in STOPPED..READERS {
        let mut reader = Stream::open(server.address, "/events", &headers)
            .await
            .unwrap();
        reader.next("connected").await;
        readers.push(reader);
    }
    // Everybody has read each post before the next is sent.
    let round = async |readers: &mut [Stream]| {
        for _ in 0..POSTS_AT_ONCE {
            publish("x".repeat(LONG)).await;
            for reader in &mut *readers {
                reader.next("notification").await;
            }
        }
    };
    // What a round costs without readers that stop: the newest events are kept, the database has its cache.
    let before = server.settled().await.memory;
    round(&mut readers).await;
    let between = server.settled().await;
    let mut stopped = Vec::new();
    for _ in 0..STOPPED {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let socket = socket.connect(server.address).await.unwrap();
        stopped.push(Stream::open_on(socket, "/events", &headers).await.unwrap());
    }
    round(&mut readers).await;
    let after = server.holding();
    let usual = between.memory.saturating_sub(before);
    let cost = after.memory.saturating_sub(between.memory + usual) / STOPPED;
    println!("{} kB for each that stopped", cost >> 10);
    assert!(cost <= 256 << 10, "{cost}");

    let since = Instant::now();
    loop {
        publish("who is there?".to_owned()).await;
        for reader in &mut readers {
            reader.next("notification").await;
        }
        let url = format!("http://{}/metrics", server.address);
        let figures = client.get(url).send().await.unwrap().text().await.unwrap();
        let open = format!("belfry_streams {}", READERS - STOPPED);
        if figures.lines().any(|line| line == open) {
            break;
        }
        assert!(
            since.elapsed() < Duration::from_secs(30),
            "they are closed within 30 s"
        );
        sleep(Duration::from_millis(500)).await;
    }
}
