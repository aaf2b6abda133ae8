//! Streams that stay: first `open`, then the past, then what happens.

use super::{publish, refused, server};
use crate::support::TestApp;
use crate::support::people::Person;
use crate::support::wire::Stream;
use serde_json::{Value, json};
use std::time::Duration;

/// The next event of an SSE stream that is no keepalive: its name, id and data.
async fn next(stream: &mut Stream) -> (String, String, Value) {
    loop {
        let event = stream.next_event().await;
        if event.name != "keepalive" {
            return (
                event.name,
                event.id,
                serde_json::from_str(&event.data).unwrap(),
            );
        }
    }
}

async fn open(person: &Person, path: &str, headers: &[(&str, &str)]) -> (Stream, String) {
    let mut stream = person.open(path, headers).await;
    assert_eq!(stream.head.status, 200, "{stream:?}");
    let (name, id, data) = next(&mut stream).await;
    assert_eq!((&*name, &data["event"]), ("open", &json!("open")));
    (stream, id)
}

#[tokio::test]
async fn open_then_the_past_then_what_happens() {
    let (_app, program) = server().await;
    publish(&program, "/a", &[], "past").await;
    let (mut stream, _) = open(&program, "/a,b/sse?since=all", &[]).await;
    assert_eq!(stream.head.header("access-control-allow-origin"), "*");
    assert_eq!(stream.head.header("x-accel-buffering"), "no");
    for (topic, text) in [
        ("a", "one"),
        ("b", "two"),
        ("d", "not asked for"),
        ("a", "three"),
    ] {
        publish(&program, &format!("/{topic}"), &[], text).await;
    }
    for expect in ["past", "one", "two", "three"] {
        let (name, _, data) = next(&mut stream).await;
        assert_eq!((&*name, &data["message"]), ("message", &json!(expect)));
    }
}

#[tokio::test]
async fn who_comes_back_misses_nothing_and_gets_nothing_twice() {
    let (app, program) = server().await;
    let (stream, id) = open(&program, "/t/sse", &[]).await;
    drop(stream);
    publish(&program, "/t", &[], "before the first event").await;
    let (mut stream, _) = open(&program, "/t/sse", &[("last-event-id", &id)]).await;
    assert_eq!(
        next(&mut stream).await.2["message"],
        "before the first event"
    );
    publish(&program, "/t", &[], "one").await;
    let (_, id, _) = next(&mut stream).await;
    drop(stream);
    publish(&program, "/t", &[], "two").await;
    let app = app.restart().await;
    publish(&program, "/t", &[], "three").await;
    let (mut stream, _) = open(&program, "/t/sse?since=all", &[("last-event-id", &id)]).await;
    for expect in ["two", "three"] {
        assert_eq!(next(&mut stream).await.2["message"], expect);
    }
    drop(app);
}

#[tokio::test]
async fn a_cursor_that_cannot_be_continued_gets_all_that_is_kept() {
    let (_app, program) = server().await;
    publish(&program, "/t", &[], "kept").await;
    for strange in ["ffffffff-1", "nonsense"] {
        let (mut stream, _) = open(&program, "/t/sse", &[("last-event-id", strange)]).await;
        assert_eq!(next(&mut stream).await.2["message"], "kept", "{strange}");
    }
}

#[tokio::test]
async fn silence_is_broken_by_keepalives() {
    let app = TestApp::start_with(|options| {
        options.overrides.tuning.heartbeat = Duration::from_millis(100);
    })
    .await;
    app.admin().await;
    let program = app.program("root", "subscribe").await;
    let (mut stream, _) = open(&program, "/a,b/sse", &[]).await;
    let data = stream.next("keepalive").await;
    assert_eq!(
        (&data["event"], &data["topic"]),
        (&json!("keepalive"), &json!("a,b"))
    );
    assert_eq!(data["id"].as_str().unwrap().len(), 12);
}

#[tokio::test]
async fn keepalives_come_in_time_unless_something_else_is_set() {
    let tuning = server::Tuning::default();
    assert!(
        tuning.heartbeat <= Duration::from_secs(45),
        "Android gives up at 77 s"
    );
}

#[tokio::test]
async fn rights_are_those_of_reading() {
    let (app, program) = server().await;
    app.belfry(&["channel", "add", "secret", "--private"], "")
        .await;
    publish(&program, "/mine", &[], "x").await;
    let publisher = app.program("root", "publish").await;
    let bound = app
        .program_with("root", "subscribe", &["--channel", "mine"])
        .await;
    for (person, path) in [
        (&publisher, "/mine/json?poll=1"),
        (&program, "/secret/json?poll=1"),
        (&program, "/mine,secret/json?poll=1"),
        (&bound, "/other/json?poll=1"),
        (&program, "/secret/auth"),
    ] {
        refused(&person.get(path).await, 40301);
    }
    assert_eq!(
        bound.get("/mine/auth").await.json(),
        json!({"success": true})
    );
    refused(
        &super::send(&bound, reqwest::Method::POST, "/mine", &[], "x").await,
        40301,
    );
    refused(
        &super::send(&program, reqwest::Method::POST, "/secret", &[], "x").await,
        40301,
    );
}

#[tokio::test]
async fn a_stream_ends_with_its_credential() {
    let (app, program) = server().await;
    let (mut stream, _) = open(&program, "/t/sse", &[]).await;
    let list = app.belfry(&["token", "list"], "").await;
    let id = list
        .lines()
        .last()
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap();
    app.belfry(&["token", "revoke", id], "").await;
    let rest = stream.rest().await;
    assert!(
        rest.iter().all(|event| event.name == "keepalive"),
        "{rest:?}"
    );
}

#[tokio::test]
async fn too_many_streams_are_refused() {
    let app = TestApp::start_with(|options| options.config.streams_per_user = 1).await;
    app.admin().await;
    let program = app.program("root", "subscribe").await;
    let (_stream, _) = open(&program, "/t/sse", &[]).await;
    let answer = program.get("/t/json").await;
    refused(&answer, 42903);
    assert_eq!(answer.header("retry-after"), "10");
}
