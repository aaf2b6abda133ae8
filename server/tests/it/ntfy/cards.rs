//! Cards by their sequence ids.

use super::{newest, poll, publish, send, server, texts};
use crate::support::TestApp;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_sequence_id_replaces_its_card() {
    let (_app, program) = server().await;
    let loud = [
        ("Title", "Disk"),
        ("Priority", "5"),
        ("Tags", "rotating_light"),
        ("Click", "https://ex.com"),
    ];
    let first = publish(&program, "/t/disk-1", &loud, "full").await;
    assert_eq!(first["sequence_id"], "disk-1");
    let second = publish(&program, "/t", &[("X-Sequence-ID", "disk-1")], "fine again").await;
    assert_eq!(second["sequence_id"], "disk-1");
    assert_ne!(first["id"], second["id"], "each event has an id of its own");
    let list = program.get("/api/v1/notifications").await.json();
    let cards = list["notifications"].as_array().unwrap();
    assert_eq!(cards.len(), 1);
    let card = &cards[0];
    assert_eq!(
        (&card["message"], &card["title"], &card["priority"]),
        (&json!("fine again"), &Value::Null, &json!(3))
    );
    assert_eq!((&card["tags"], &card["click"]), (&json!([]), &Value::Null));
    // A word that is also a door's is a key like any other.
    assert_eq!(
        publish(&program, "/t/json", &[], "x").await["sequence_id"],
        "json"
    );
}

#[tokio::test]
async fn a_card_is_known_by_its_id_as_well() {
    let (_app, program) = server().await;
    let id = publish(&program, "/t", &[], "M").await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let elsewhere = send(&program, Method::DELETE, &format!("/other/{id}"), &[], "").await;
    assert_eq!(elsewhere.status, 200);
    assert_eq!(
        newest(&program).await["id"],
        id,
        "it is not a card of that channel"
    );
    let answer = program.get(&format!("/t/{id}/read")).await;
    assert_eq!(answer.json()["event"], "message_clear");
    assert_eq!(newest(&program).await["receipt"]["read"], true);
    let answer = program.get(&format!("/t/{id}/delete")).await;
    assert_eq!(answer.json()["event"], "message_delete");
    assert_eq!(newest(&program).await, Value::Null);
    // Once more is as good.
    let again = send(&program, Method::DELETE, &format!("/t/{id}"), &[], "").await;
    assert_eq!(
        (again.status.as_u16(), &again.json()["event"]),
        (200, &json!("message_delete"))
    );
}

#[tokio::test]
async fn clearing_reads_for_everybody_and_deleting_goes_to_the_bin() {
    let (app, program) = server().await;
    let ann = app.user("ann").await;
    publish(&program, "/t/job", &[], "M").await;
    send(&program, Method::PUT, "/t/job/clear", &[], "").await;
    assert_eq!(newest(&ann).await["receipt"]["read"], true);
    send(&program, Method::DELETE, "/t/job", &[], "").await;
    let bin = ann.get("/api/v1/notifications?state=bin").await.json();
    assert_eq!(bin["notifications"][0]["message"], "M");
    let messages = poll(&program, "t", "").await;
    let events: Vec<_> = messages
        .iter()
        .map(|message| message["event"].as_str().unwrap())
        .collect();
    assert_eq!(events, ["message", "message_clear", "message_delete"]);
    assert!(
        messages
            .iter()
            .all(|message| message["sequence_id"] == "job"),
        "{messages:?}"
    );
}

#[tokio::test]
async fn a_delayed_message_comes_at_its_time_and_can_be_called_off() {
    let app = TestApp::start_with(|options| options.stop_the_clock()).await;
    app.admin().await;
    let program = app.program("root", "publish,subscribe").await;
    let mut stream = program.stream("").await;
    publish(&program, "/t/later", &[("In", "30m")], "called off").await;
    publish(&program, "/t", &[("At", "31m")], "on time").await;
    assert_eq!(texts(&poll(&program, "t", "").await), [""; 0]);
    let answer = send(&program, Method::DELETE, "/t/later", &[], "").await;
    assert_eq!(answer.status, 200);
    app.pass(Duration::from_secs(32 * 60));
    let event = stream.next("notification").await;
    assert_eq!(event["notification"]["message"], "on time");
    assert_eq!(texts(&poll(&program, "t", "").await), ["on time"]);
}

#[tokio::test]
async fn the_key_of_a_card_for_others_shows_and_does_nothing() {
    let (app, _program) = server().await;
    let ann = app.user("ann").await;
    app.user("bob").await;
    let secret = json!({"channel": "t", "message": "M", "key": "secret", "to": ["ann"]});
    ann.publish(secret).await;
    let bob = app.program("bob", "publish,subscribe").await;
    send(&bob, Method::DELETE, "/t/secret", &[], "").await;
    send(&bob, Method::PUT, "/t/secret/clear", &[], "").await;
    assert_eq!(newest(&ann).await["receipt"]["read"], false);
    assert_eq!(texts(&poll(&bob, "t", "").await), [""; 0]);
}

#[tokio::test]
async fn what_waits_for_others_is_called_off_by_its_author_alone() {
    let app = TestApp::start_with(|options| options.stop_the_clock()).await;
    app.admin().await;
    for name in ["ann", "bob"] {
        app.user(name).await;
    }
    let ann = app.program("ann", "publish,subscribe").await;
    let bob = app.program("bob", "publish,subscribe").await;
    let later =
        json!({"channel": "t", "message": "M", "key": "later", "to": ["ann"], "deliver_at": "+1h"});
    ann.publish(later).await;
    let off =
        json!({"channel": "t", "message": "off", "key": "off", "to": ["bob"], "deliver_at": "+1h"});
    ann.publish(off).await;
    let mut stream = ann.stream("").await;
    send(&bob, Method::DELETE, "/t/later", &[], "").await;
    send(&ann, Method::DELETE, "/t/off", &[], "").await;
    app.pass(Duration::from_secs(3600));
    let event = stream.next("notification").await;
    assert_eq!(event["notification"]["message"], "M");
    publish(&ann, "/t", &[], "end").await;
    assert_eq!(
        stream.next("notification").await["notification"]["message"],
        "end"
    );
    assert_eq!(texts(&poll(&bob, "t", "").await), ["end"]);
}
