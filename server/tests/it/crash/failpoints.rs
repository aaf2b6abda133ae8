//! The way of a notification, cut at each of its points (`server/src/fault.rs`): before the commit nothing is there,
//! after it everything is, once, whoever was told of it by then.

use crate::support::command::{self, ANYWHERE, Server, own_port, program};
use crate::support::wire::Stream;
use crate::support::world::World;
use crate::support::{PATIENCE, database, people::Person};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout;

const POINTS: [&str; 4] = [
    "before-commit",
    "after-commit",
    "before-wake",
    "before-answer",
];

const SIGKILL: i32 = 9;

/// A server on which `faults` happen.
async fn armed(faults: &str, dir: &Path, listen: SocketAddr) -> Server {
    Server::start_by(program().env("FAILPOINTS", faults), dir, listen).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_dies_at_any_point_under_load_loses_repeats_and_reorders_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let token = command::token(dir.path(), "publish,subscribe").await;
    let world = Arc::new(World::new(own_port(), token));
    let mut server = Server::start(dir.path(), world.server).await;
    let (publishers, subscribers) = (world.publishers(8), world.subscribers(50));
    let mut present = world.present.subscribe();
    for point in POINTS {
        for passed in [0, 1, 7, 40] {
            let all = present.wait_for(|count| *count == 50).await;
            drop(all.unwrap());
            server.kill();
            let faults = format!("{point}={passed}*off->return(kill)");
            server = armed(&faults, dir.path(), world.server).await;
            world.has_started();
            let ended = timeout(PATIENCE, server.ended()).await;
            assert_eq!(ended.unwrap().signal(), Some(SIGKILL), "{faults}");
            server = Server::start(dir.path(), world.server).await;
            world.has_started();
        }
    }
    let verdict = world.judge(publishers, subscribers).await;
    assert!(verdict.acknowledged > 100 && verdict.unanswered >= 16);
    server.kill();
    assert_eq!(database::integrity(dir.path()).await, "ok");
}

#[tokio::test]
async fn what_is_cut_before_its_commit_is_nowhere_and_after_it_is_there_once() {
    let dir = tempfile::tempdir().unwrap();
    let token = command::token(dir.path(), "publish,subscribe").await;
    for fault in ["kill", "stall"] {
        for (point, is_kept, is_told) in [
            ("before-commit", false, false),
            ("after-commit", true, false),
            ("before-wake", true, false),
            ("before-answer", true, true),
        ] {
            let cut = Cut {
                point,
                is_kept,
                is_told,
            };
            cut.check(fault, dir.path(), &token).await;
        }
    }
}

#[tokio::test]
async fn sigterm_does_not_wait_for_a_disk_that_answers_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let token = command::token(dir.path(), "publish,subscribe").await;
    let server = armed("before-commit=return(stall)", dir.path(), ANYWHERE).await;
    let ci = Person::new(server.address).with_token(token.as_str());
    let post = tokio::spawn(publish(ci.clone(), "stuck".to_owned()));
    let locked = async {
        while !is_locked(dir.path()).await {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, locked).await.unwrap();
    let since = Instant::now();
    assert_eq!(server.terminate().await.code(), Some(0));
    let took = since.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
    let answer = post.await.unwrap();
    assert!(answer.is_none_or(|(status, _)| status == 503));
}

/// Where a notification was cut, and what is expected of it.
#[derive(Debug, Clone, Copy)]
struct Cut {
    point: &'static str,
    /// Whether it is there after a restart.
    is_kept: bool,
    /// Whether subscribers were told of it before. In a process that dies they may still miss it.
    is_told: bool,
}

impl Cut {
    async fn check(self, fault: &str, dir: &Path, token: &str) {
        let faults = format!("{}=return({fault})", self.point);
        let server = armed(&faults, dir, ANYWHERE).await;
        let ci = Person::new(server.address).with_token(token);
        let mut stream = ci.stream("").await;
        let head = stream.connected["head"].as_u64().unwrap();
        let post = tokio::spawn(publish(ci.clone(), faults.clone()));
        let mut shown = Vec::new();
        if fault == "stall" {
            if self.is_told {
                shown.push(stream.next("notification").await);
            }
            self.stalls(&ci, dir, head).await;
            server.kill();
        } else {
            let ended = timeout(PATIENCE, server.ended()).await;
            assert_eq!(ended.unwrap().signal(), Some(SIGKILL), "{faults}");
        }
        assert!(post.await.unwrap().is_none(), "{faults} was answered");
        while let Ok(event) = stream.try_next().await {
            let event = event.expect("it does not end well");
            shown.push(serde_json::from_str(&event.data).unwrap());
        }
        assert!(
            shown.len() <= usize::from(self.is_told),
            "{faults}: {shown:?}"
        );
        assert!(
            shown
                .iter()
                .all(|shown| shown["notification"]["message"] == *faults)
        );

        let server = Server::start(dir, ANYWHERE).await;
        let ci = Person::new(server.address).with_token(token);
        let mut back = ci.stream_after("", Some(&stream.last_id)).await;
        assert_eq!(back.connected["resumed"], true);
        let kept = u64::from(self.is_kept);
        assert_eq!(back.connected["head"], head + kept, "{faults}");
        if self.is_kept && shown.is_empty() {
            next_is(&mut back, head + 1, &faults).await;
        }
        let next = publish(ci, format!("after {faults}")).await;
        let (status, answer) = next.expect("the fault is over");
        assert_eq!((status, &answer["seq"]), (201, &json!(head + kept + 1)));
        next_is(&mut back, head + kept + 1, &format!("after {faults}")).await;
    }

    /// Waits until the notification is stuck: meanwhile everything that needs no commit goes on. Who comes now asks for
    /// another form of stream than those who are there: a reader of the same form would wake them.
    async fn stalls(self, ci: &Person, dir: &Path, head: u64) {
        let known = match self.point {
            "before-commit" | "after-commit" => head,
            _ => head + 1,
        };
        let stuck = async {
            while self.is_kept != is_committed(dir, head + 1).await
                || self.is_kept == is_locked(dir).await
                || ci.stream("channels=ci").await.connected["head"] != known
            {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, stuck).await.unwrap();
        assert_eq!(ci.get("/healthz").await.status, 200);
        let list = ci.get("/api/v1/notifications?limit=100").await.json();
        let items = list["notifications"].as_array().unwrap();
        assert_eq!(
            items.iter().any(|item| item["seq"] == head + 1),
            self.is_kept
        );
    }
}

/// Publishes with a key, which takes a transaction of several statements. `None` when no answer came.
async fn publish(by: Person, message: String) -> Option<(u16, Value)> {
    let body = json!({"channel": "ci", "message": message, "key": message});
    let request = by.request(reqwest::Method::POST, "/api/v1/notifications");
    let answer = request.json(&body).send().await.ok()?;
    Some((answer.status().as_u16(), answer.json().await.ok()?))
}

/// Whether the log of the database holds the event.
async fn is_committed(dir: &Path, seq: u64) -> bool {
    let query = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM event WHERE seq = ?)");
    let query = query.bind(i64::try_from(seq).unwrap());
    query
        .fetch_one(&mut database::open(dir).await)
        .await
        .unwrap()
}

/// Whether somebody is in the middle of a write transaction.
async fn is_locked(dir: &Path) -> bool {
    let mut database = database::open(dir).await;
    let begin = sqlx::raw_sql("PRAGMA busy_timeout = 0; BEGIN IMMEDIATE; ROLLBACK");
    begin.execute(&mut database).await.is_err()
}

async fn next_is(stream: &mut Stream, seq: u64, message: &str) {
    let (name, _, data) = stream.next_change().await;
    assert_eq!(name, "notification");
    assert_eq!(
        (&data["seq"], &data["notification"]["message"]),
        (&json!(seq), &json!(message))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_that_fail_are_refused_and_shown_to_nobody_and_streams_stay() {
    let dir = tempfile::tempdir().unwrap();
    let token = command::token(dir.path(), "publish,subscribe").await;
    let world = Arc::new(World::new(own_port(), token));
    let faults = "before-commit=60*off->400*return(io)";
    let server = armed(faults, dir.path(), world.server).await;
    let (publishers, subscribers) = (world.publishers(8), world.subscribers(20));
    let mut refused = world.refused.subscribe();
    timeout(PATIENCE, refused.wait_for(|count| *count >= 100))
        .await
        .unwrap()
        .unwrap();
    let enough = *world.acknowledged.borrow() + 100;
    let mut acknowledged = world.acknowledged.subscribe();
    let back = acknowledged.wait_for(|count| *count >= enough);
    timeout(Duration::from_secs(10), back)
        .await
        .expect("it goes on by itself")
        .unwrap();
    assert_eq!(*world.cuts.borrow(), 0, "streams stay");
    server.kill();
    let _server = Server::start(dir.path(), world.server).await;
    world.has_started();
    let verdict = world.judge(publishers, subscribers).await;
    assert!(verdict.refused >= 100);
}

#[tokio::test]
async fn a_commit_that_fails_once_is_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let token = command::token(dir.path(), "publish,subscribe").await;
    let server = armed("before-commit=1*return(io)", dir.path(), ANYWHERE).await;
    let ci = Person::new(server.address).with_token(&token);
    let mut stream = ci.stream("").await;
    for (seq, key) in [(1, "first"), (2, "second")] {
        let (status, answer) = publish(ci.clone(), key.to_owned()).await.unwrap();
        assert_eq!((status, &answer["seq"]), (201, &json!(seq)));
        next_is(&mut stream, seq, key).await;
    }
}
