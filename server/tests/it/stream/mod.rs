//! `GET /events`, byte by byte (contract, section 4): what a stream says. Where it begins is in `resume` and
//! `positions`, who gets what in
//! `rights`, who stops reading in `slow`
//! and `stopped`, what a bad line does in `faults`.

mod faults;
mod positions;
mod resume;
mod rights;
mod slow;
mod stopped;
mod tls;

use crate::support::people::Person;
use crate::support::{TestApp, wire::Stream};
use serde_json::{Value, json};
use std::time::Duration;

const NOTIFICATIONS: &str = "/api/v1/notifications";

/// Publishes in `channel` one after the other, and answers the places.
async fn post(by: &Person, channel: &str, count: usize) -> Vec<u64> {
    let mut seqs = Vec::new();
    for number in 0..count {
        let body = json!({"channel": channel, "message": format!("{channel} {number}")});
        seqs.push(by.publish(body).await["seq"].as_u64().unwrap());
    }
    seqs
}

/// The places of the next `count` notifications of a stream.
async fn read(stream: &mut Stream, count: usize) -> Vec<u64> {
    let mut seqs = Vec::new();
    for _ in 0..count {
        let data = stream.next("notification").await;
        assert_eq!(data["seq"], data["notification"]["seq"]);
        seqs.push(data["seq"].as_u64().unwrap());
    }
    seqs
}

fn epoch(stream: &Stream) -> &str {
    stream.connected["epoch"].as_str().unwrap()
}

#[tokio::test]
async fn a_stream_answers_at_once_with_the_headers_of_the_contract() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    // Nothing was ever published: whatever arrives was not waited for.
    let mut stream = admin.open("/events", &[]).await;
    assert_eq!(stream.head.status, 200);
    assert_eq!(stream.head.header("content-type"), "text/event-stream");
    assert_eq!(
        stream.head.header("cache-control"),
        "no-store, no-transform"
    );
    assert_eq!(stream.head.header("x-accel-buffering"), "no");
    assert_eq!(stream.head.header("content-encoding"), "");

    let event = stream.next_event().await;
    let data: Value = serde_json::from_str(&event.data).unwrap();
    assert_eq!(event.name, "connected");
    assert_eq!(stream.retry(), Some(3000));
    assert!(data["connection"].as_str().unwrap().starts_with("c_"));
    assert_eq!(
        (&data["head"], &data["resumed"]),
        (&json!(0), &json!(false))
    );
    let fields: Vec<_> = data.as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["connection", "epoch", "head", "resumed"]);
    assert!(stream.body.starts_with(b"retry: 3000\nevent: connected\n"));
    assert!(stream.body.ends_with(b"}\n\n"));
}

#[tokio::test]
async fn the_bytes_of_each_event_are_the_contract_s() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut stream = admin.stream_after("", Some("earliest")).await;
    let epoch = epoch(&stream).to_owned();
    let begun = stream.body.len();

    let body = json!({"channel": "ci", "message": "build", "key": "b", "progress": 40, "state": "running"});
    let created = admin.post(NOTIFICATIONS, &body).await;
    assert_eq!(created.status, 201);
    let body = json!({"channel": "ci", "message": "built", "key": "b", "progress": 100, "state": "success"});
    let updated = admin.post(NOTIFICATIONS, &body).await;
    assert_eq!(updated.status, 200);
    let id = created.json()["id"].as_str().unwrap().to_owned();
    let card = format!("{NOTIFICATIONS}/{id}");
    let receipt = admin
        .put(&format!("{card}/receipt"), &json!({"read": true}))
        .await;
    assert_eq!(receipt.status, 200);
    assert_eq!(admin.delete(&card).await.status, 204);
    for _ in 0..4 {
        stream.next_event().await;
    }

    // The notification stands in the stream as it stands in the answer, to the byte.
    let expect = format!(
        "event: notification\nid: {epoch}-1\ndata: {{\"seq\":1,\"notification\":{}}}\n\n\
         event: update\nid: {epoch}-2\ndata: {{\"seq\":2,\"change\":\"updated\",\"notification\":{}}}\n\n\
         event: update\nid: {epoch}-3\ndata: {{\"seq\":3,\"change\":\"receipt\",\"id\":\"{id}\",\"receipt\":\
         {{\"seen\":true,\"read\":true,\"archived\":false,\"snoozed_until\":null}}}}\n\n\
         event: update\nid: {epoch}-4\ndata: {{\"seq\":4,\"change\":\"deleted\",\"id\":\"{id}\"}}\n\n",
        created.text, updated.text
    );
    assert_eq!(String::from_utf8_lossy(&stream.body[begun..]), expect);
    assert_eq!(updated.json()["id"], created.json()["id"]);
}

#[tokio::test]
async fn a_silent_stream_has_heartbeats_which_move_no_cursor() {
    let heartbeat = Duration::from_millis(40);
    let app = TestApp::start_with(|options| options.overrides.tuning.heartbeat = heartbeat).await;
    let admin = app.admin().await;
    let mut stream = admin.stream("").await;
    assert_eq!(stream.next("heartbeat").await, json!({"head": 0}));
    admin
        .publish(json!({"channel": "ci", "message": "x"}))
        .await;
    let (name, id, _) = stream.next_change().await;
    assert_eq!(name, "notification");
    let event = stream.next_event().await;
    assert_eq!(
        (event.name, event.data),
        ("heartbeat".into(), r#"{"head":1}"#.into())
    );
    assert_eq!(event.id, id, "a heartbeat has no id of its own");
}

#[tokio::test]
async fn only_the_channels_and_priorities_that_were_asked_for_arrive() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    // `later` does not exist yet: it counts as soon as it does.
    let mut some = admin.stream("channels=ci,later&min_priority=4").await;
    for (channel, priority) in [("ci", 3), ("ops", 5), ("ci", 4), ("later", 1), ("later", 5)] {
        admin
            .publish(json!({"channel": channel, "message": "x", "priority": priority}))
            .await;
    }
    assert_eq!(read(&mut some, 2).await, [3, 5]);
    for query in [
        "channels=a%2Fb",
        "channels=ci,a%0Db",
        "min_priority=6",
        "min_priority=x",
    ] {
        let mut refused = admin.open(&format!("/events?{query}"), &[]).await;
        assert_eq!(refused.head.status, 422, "{query}");
        assert!(
            refused.refusal().await.contains("\"errors\":[{\"field\":"),
            "{query}"
        );
    }
}

#[tokio::test]
async fn notify_says_how_many_streams_it_was_handed_to() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let ann = app.user("ann").await;
    let mut streams = [
        admin.stream("").await,
        ann.stream("").await,
        ann.stream("channels=ci").await,
    ];
    let _elsewhere = ann.stream("channels=ops").await;
    let answer = admin
        .post("/notify", &json!({"channel": "ci", "message": "x"}))
        .await;
    let sent = answer.json();
    assert_eq!((&sent["sent"], &sent["clients"]), (&json!(true), &json!(3)));
    for stream in &mut streams {
        assert_eq!(
            stream.next("notification").await["notification"]["id"],
            sent["id"]
        );
    }
    let to_ann = json!({"channel": "ci", "message": "x", "to": ["ann"]});
    assert_eq!(admin.post("/notify", &to_ann).await.json()["clients"], 2);
}

#[tokio::test]
async fn a_stopping_server_says_when_to_come_back_and_ends_every_stream_well() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut streams = Vec::new();
    for _ in 0..8 {
        streams.push(admin.stream("").await);
    }
    let stopped = app.stop().await;
    let mut waits = Vec::new();
    for mut stream in streams {
        assert_eq!(stream.rest().await, []);
        waits.push(stream.retry().unwrap());
    }
    assert!(
        waits.iter().all(|wait| (500..3500).contains(wait)),
        "{waits:?}"
    );
    waits.dedup();
    assert!(
        waits.len() > 1,
        "they must not all come back at once: {waits:?}"
    );
    drop(stopped);
}

#[tokio::test]
async fn one_user_has_as_many_streams_as_are_allowed_and_a_closed_one_counts_no_more() {
    let app = TestApp::start_with(|options| options.config.streams_per_user = 2).await;
    let admin = app.admin().await;
    let ann = app.user("ann").await;
    let (first, _second) = (ann.stream("").await, ann.stream("").await);
    let mut refused = ann.open("/events", &[]).await;
    assert_eq!(refused.head.status, 429);
    assert!(refused.head.header("retry-after").parse::<u32>().unwrap() > 0);
    assert!(refused.refusal().await.contains("\"code\":\"too_many\""));
    let _not_hers = admin.stream("").await;
    drop(first);
    // The server learns of the closed socket when it next writes to it, or from the system: either way soon.
    let reopened = async {
        while ann.open("/events", &[]).await.head.status != 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::support::PATIENCE, reopened)
        .await
        .unwrap();
}
