//! A disk that takes no more: nothing is acknowledged that is not there, streams stay, and all goes on when there is room.

use crate::support::command::{ANYWHERE, Server, own_port, program, token};
use crate::support::people::Person;
use crate::support::small_disk::SmallDisk;
use crate::support::{PATIENCE, database, wire::Stream, world::World};
use serde_json::{Value, json};
use std::io::Write;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// How soon all must go on once there is room.
const SOON: Duration = Duration::from_secs(10);

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
    // The signal that comes with such a write is ignored; then it fails like any other.
    let server = Server::start_by(
        Command::new("sh")
            .env_clear()
            .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
            .arg(program().get_program()),
        dir.path(),
        ANYWHERE,
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
        assert!(room.elapsed() < SOON, "it goes on by itself");
    }
    // The same stream, without anything in between.
    let after = stream.next("notification").await;
    assert_eq!(after["notification"]["message"], "after");
    assert_eq!(after["seq"], 2);
    server.kill();

    let server = Server::start(dir.path(), ANYWHERE).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_disk_that_runs_full_under_load_keeps_exactly_what_was_acknowledged() {
    let disk = match SmallDisk::mount(32 << 20) {
        Ok(disk) => disk,
        Err(reason) => {
            // Past the test's own output, which is shown only when it fails.
            let skipped = format!("SKIPPED: no disk can be mounted here ({reason})\n");
            return std::io::stderr().write_all(skipped.as_bytes()).unwrap();
        }
    };
    let dir = tempfile::tempdir().unwrap();
    let world = Arc::new(World::new(
        own_port(),
        token(dir.path(), "publish,subscribe").await,
    ));
    disk.put(dir.path());
    let start = || async { Server::start_by(&mut disk.program(), disk.path(), world.server).await };
    let server = start().await;
    let (publishers, subscribers) = (world.publishers(4), world.subscribers(20));
    let (mut acknowledged, mut refused) =
        (world.acknowledged.subscribe(), world.refused.subscribe());
    let anybody = Person::new(world.server);
    // Somebody else takes everything at once, and then all but what some dozens of posts need.
    for left in [0, 300 << 10] {
        let more = *acknowledged.borrow() + 100;
        let more = timeout(SOON, acknowledged.wait_for(|count| *count >= more));
        drop(more.await.expect("it goes on by itself").unwrap());
        let more = *refused.borrow() + 100;
        disk.fill(left);
        let more = timeout(PATIENCE, refused.wait_for(|count| *count >= more));
        drop(more.await.expect("what cannot be kept is refused").unwrap());
        assert_eq!(anybody.get("/healthz").await.status, 200);
        disk.clear();
    }
    let more = *acknowledged.borrow() + 100;
    let more = timeout(SOON, acknowledged.wait_for(|count| *count >= more));
    drop(more.await.expect("it goes on by itself").unwrap());
    assert_eq!(*world.cuts.borrow(), 0, "streams stay");

    server.kill();
    let server = start().await;
    world.has_started();
    world.judge(publishers, subscribers).await;
    server.kill();
    disk.get(dir.path());
    assert_eq!(database::integrity(dir.path()).await, "ok");
}
