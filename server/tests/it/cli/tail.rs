//! `belfry tail` in a pipe.

use super::front::{self, Front};
use super::process::Process;
use super::{client, client_at};
use crate::support::command::{self, Server};
use crate::support::people::Person;
use crate::support::{PATIENCE, TestApp};
use serde_json::{Value, json};
use std::os::unix::process::ExitStatusExt;
use tokio::time::timeout;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_and_restarts_of_the_server_lose_repeat_and_reorder_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let token = command::token(dir.path(), "publish,subscribe").await;
    let address = command::own_port();
    let ci = Person::new(address).with_token(&token);
    let mut server = Server::start(dir.path(), address).await;
    let mut tail = Process::start(client(&ci, &["tail", "--json", "--since", "earliest"]));
    let mut posted = Vec::new();
    for round in 0..4 {
        for post in 0..5 {
            let made = ci
                .publish(json!({"channel": "ci", "message": format!("{round}-{post}")}))
                .await;
            posted.push((made["seq"].clone(), made["message"].clone()));
            // In every other round it has read all when the server goes, in the others it has not.
            if round % 2 == 0 {
                let line = tail.json().await;
                let read = (line["seq"].clone(), line["notification"]["message"].clone());
                assert_eq!(&read, posted.last().unwrap());
            }
        }
        if round % 2 == 1 {
            for expect in &posted[posted.len() - 5..] {
                let line = tail.json().await;
                let read = (line["seq"].clone(), line["notification"]["message"].clone());
                assert_eq!(&read, expect);
            }
        }
        if round < 2 {
            server.kill();
        } else {
            assert!(server.terminate().await.success());
        }
        server = Server::start(dir.path(), address).await;
    }
    // Had anything come twice, it would come before this.
    let last = ci
        .publish(json!({"channel": "ci", "message": "last"}))
        .await;
    assert_eq!(tail.json().await["seq"], last["seq"]);
    server.kill();
}

fn created(seq: u64) -> String {
    let notification = json!({
        "id": format!("k3JxT0aQ9f{seq:02}"), "seq": seq, "channel": "ci", "title": format!("t{seq}"), "message": null,
        "priority": 3, "tags": [], "click": null, "icon": null, "markdown": false, "actions": [], "key": null,
        "progress": null, "state": null, "log": [], "to": null, "author": "ci",
        "created_at": "2026-11-20T10:00:00.123Z", "updated_at": "2026-11-20T10:00:00.123Z", "expires_at": null,
    });
    let data = json!({"seq": seq, "notification": notification});
    format!("event: notification\nid: 7f3a-{seq}\ndata: {data}\n\n")
}

/// Sends the end of an event that never arrives whole.
fn torn(seq: u64) -> String {
    let whole = created(seq);
    whole[..whole.len() - 10].to_owned()
}

#[tokio::test]
async fn it_comes_back_with_its_cursor_and_shows_nothing_twice_whatever_it_is_sent() {
    let app = TestApp::start().await;
    app.admin().await;
    let reader = app.program("root", "subscribe").await;
    let front = Front::open().await;
    let args = [
        "tail",
        "ci",
        "deploys",
        "--min-priority",
        "2",
        "--recent",
        "3",
    ];
    let mut tail = Process::start(client_at(front.address(), &reader, &args));
    let next = async || timeout(PATIENCE, front.request()).await.unwrap();

    let (request, socket) = next().await;
    let line = request.lines().next().unwrap();
    assert_eq!(
        line,
        "GET /events?channels=ci%2Cdeploys&min_priority=2&recent=3 HTTP/1.1"
    );
    assert_eq!(
        front::header(&request, "authorization"),
        format!("Bearer {}", reader.token())
    );
    let opening = "retry: 10\nevent: connected\nid: 7f3a-9\ndata: {}\n\n";
    let recent = format!("{opening}{}{}{}", created(4), created(8), torn(9));
    front::answer(socket, &front::stream(&recent)).await;
    assert_eq!(tail.json().await["notification"]["title"], "t4");
    assert_eq!(tail.json().await["notification"]["title"], "t8");

    // The cursor is where the stream began, not at an older notification that it showed first.
    let (request, socket) = next().await;
    assert_eq!(front::header(&request, "last-event-id"), "7f3a-9");
    assert!(!request.contains("recent="), "{request}");
    let busy = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    front::answer(socket, busy).await;
    let (_, socket) = next().await;
    front::answer(
        socket,
        &front::stream(&(created(10) + &created(11) + &torn(12))),
    )
    .await;
    let (request, socket) = next().await;
    assert_eq!(front::header(&request, "last-event-id"), "7f3a-11");
    // A server that does not know where it was.
    front::answer(
        socket,
        &front::stream(&(created(10) + &created(11) + &created(12))),
    )
    .await;
    for seq in [10, 11, 12] {
        assert_eq!(tail.json().await["seq"], seq);
    }

    // Another log, whose numbers are small again.
    let (_, socket) = next().await;
    let reset = "event: reset\nid: beef-1\ndata: {\"head\":1,\"reason\":\"unknown\"}\n\n";
    let other = created(2).replace("7f3a", "beef");
    front::answer(socket, &front::stream(&format!("{reset}{other}"))).await;
    let line = tail.json().await;
    assert_eq!(
        (&line["event"], &line["reason"]),
        (&json!("reset"), &json!("unknown"))
    );
    assert_eq!(tail.json().await["event_id"], "beef-2");
    let (request, socket) = next().await;
    assert_eq!(front::header(&request, "last-event-id"), "beef-2");

    // Refused for good.
    let refusal = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    front::answer(socket, refusal).await;
    let (status, complaints) = tail.end().await;
    assert_eq!(status.code(), Some(1));
    let expect = [
        "belfry: the server answered 503 Service Unavailable; it is tried again",
        "belfry: connected again",
        "belfry: the server answered 401 Unauthorized",
    ];
    assert_eq!(complaints.lines().collect::<Vec<_>>(), expect);
}

#[tokio::test]
async fn it_shows_what_was_asked_for() {
    let app = TestApp::start().await;
    app.admin().await;
    let ci = app.program("root", "publish,subscribe").await;
    for (channel, priority, message) in [
        ("ci", 5, "a"),
        ("ci", 2, "b"),
        ("other", 5, "c"),
        ("ci", 4, "d"),
    ] {
        ci.publish(json!({"channel": channel, "priority": priority, "message": message}))
            .await;
    }
    let mut tail = Process::start(client(
        &ci,
        &["tail", "ci", "--min-priority", "4", "--recent", "1"],
    ));
    assert_eq!(tail.json().await["notification"]["message"], "d");
    let mut all = Process::start(client(&ci, &["tail", "--since", "earliest"]));
    let mut messages = Vec::<Value>::new();
    while messages.len() < 4 {
        messages.push(all.json().await["notification"]["message"].clone());
    }
    assert_eq!(messages, ["a", "b", "c", "d"]);
    ci.publish(json!({"channel": "ci", "priority": 5, "message": "e"}))
        .await;
    let line = tail.json().await;
    assert_eq!(
        (&line["event"], &line["notification"]["message"]),
        (&json!("notification"), &json!("e"))
    );

    // What is deleted while it follows is told too.
    let id = line["notification"]["id"].as_str().unwrap().to_owned();
    ci.delete(&format!("/api/v1/notifications/{id}")).await;
    let line = tail.json().await;
    assert_eq!(
        (&line["change"], &line["id"]),
        (&json!("deleted"), &json!(id))
    );
}

#[tokio::test]
async fn it_ends_well_when_it_is_interrupted_or_nobody_reads_on() {
    let app = TestApp::start().await;
    app.admin().await;
    let ci = app.program("root", "publish,subscribe").await;
    ci.publish(json!({"channel": "ci", "message": "first"}))
        .await;
    let follow = ["tail", "--since", "earliest"];
    for signal in ["-INT", "-TERM"] {
        let mut tail = Process::start(client(&ci, &follow));
        tail.line().await;
        tail.signal(signal);
        let (status, complaints) = tail.end().await;
        assert_eq!(
            (status.code(), complaints.as_str()),
            (Some(0), ""),
            "{signal}"
        );
    }

    let mut tail = Process::start(client(&ci, &follow));
    tail.line().await;
    tail.stop_reading();
    // The first line after it ends the thread that reads, and the second finds the pipe broken.
    let ended = tokio::spawn(tail.end());
    while !ended.is_finished() {
        ci.publish(json!({"channel": "ci", "message": "to nobody"}))
            .await;
    }
    let (status, complaints) = ended.await.unwrap();
    assert_eq!((status.code(), status.signal()), (Some(0), None));
    assert_eq!(complaints, "");
}

#[tokio::test]
async fn it_says_what_is_wrong_when_it_may_not_follow() {
    let app = TestApp::start().await;
    app.admin().await;
    let publisher = app.program("root", "publish").await;
    let (status, complaints) = Process::start(client(&publisher, &["tail"])).end().await;
    assert_eq!(status.code(), Some(1));
    assert!(complaints.contains("subscribe"), "{complaints}");
    let reader = app.program("root", "subscribe").await;
    let (status, complaints) = Process::start(client(&reader, &["tail", "no channel"]))
        .end()
        .await;
    assert_eq!(status.code(), Some(1));
    assert!(complaints.starts_with("belfry: channels: "), "{complaints}");
    let (status, _) = Process::start(client(&reader, &["tail", "--since", "yesterday"]))
        .end()
        .await;
    assert_eq!(status.code(), Some(2));
}
