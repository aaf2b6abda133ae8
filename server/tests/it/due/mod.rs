//! What happens at its time: deliveries, ends, snoozes. The clock is the test's, but for [`real`].

mod real;

use crate::support::TestApp;
use crate::support::app::Options;
use crate::support::people::Person;
use serde_json::{Value, json};
use std::time::Duration;

const DOOR: &str = "/api/v1/notifications";
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

async fn list(person: &Person, query: &str) -> Vec<Value> {
    let list = person.get(&format!("{DOOR}?{query}")).await.json();
    list["notifications"].as_array().unwrap().clone()
}

fn path(card: &Value) -> String {
    format!("{DOOR}/{}", card["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_scheduled_notification_comes_at_its_time_and_once() {
    let app = TestApp::start_with(Options::stop_the_clock).await;
    let root = app.admin().await;
    let ada = app.user("ada").await;
    let mut screen = ada.stream("").await;
    let answer = root
        .post(
            DOOR,
            &json!({"channel": "ci", "title": "later", "deliver_at": "+2h"}),
        )
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let later = answer.json();
    let now = root.publish(json!({"channel": "ci", "title": "now"})).await;
    assert_ne!(later["seq"], now["seq"]);
    assert_eq!(
        screen.next("notification").await["notification"]["id"],
        now["id"]
    );
    assert_eq!(list(&ada, "state=all").await.len(), 1);
    assert_eq!(
        ada.get(&path(&later)).await.status,
        404,
        "nobody but its author knows of it"
    );
    assert_eq!(root.get(&path(&later)).await.json()["title"], "later");
    assert_eq!(
        root.put(&format!("{}/receipt", path(&later)), &json!({"read": true}))
            .await
            .status,
        404
    );

    app.pass(HOUR);
    let app = app.restart().await;
    let mut screen = ada.stream_after("", Some(&screen.last_id.clone())).await;
    app.pass(HOUR);
    let delivered = screen.next("notification").await["notification"].clone();
    assert_eq!(
        (&delivered["id"], &delivered["title"]),
        (&later["id"], &json!("later"))
    );
    assert!(
        delivered["seq"].as_u64() > now["seq"].as_u64(),
        "{delivered}"
    );
    assert_ne!(
        delivered["created_at"], now["created_at"],
        "its age counts from its delivery"
    );
    assert_eq!(list(&ada, "").await[0]["id"], later["id"]);

    // What was due while the server did not run comes when it runs again.
    root.publish(json!({"channel": "ci", "title": "in the night", "deliver_at": "+1h"}))
        .await;
    let last = screen.last_id.clone();
    let stopped = app.stop().await;
    stopped.pass(HOUR);
    let app = stopped.start().await;
    let mut screen = ada.stream_after("", Some(&last)).await;
    assert_eq!(
        screen.next("notification").await["notification"]["title"],
        "in the night"
    );
    root.publish(json!({"channel": "ci", "title": "end"})).await;
    assert_eq!(
        screen.next("notification").await["notification"]["title"],
        "end",
        "each came once"
    );
    drop(app);
}

#[tokio::test]
async fn what_is_scheduled_can_be_called_off_and_meets_the_card_with_its_key() {
    let app = TestApp::start_with(Options::stop_the_clock).await;
    let root = app.admin().await;
    let mut screen = root.stream("").await;
    let off = root
        .publish(json!({"channel": "ci", "title": "off", "deliver_at": "+1h"}))
        .await;
    assert_eq!(root.delete(&path(&off)).await.status, 204);
    assert_eq!(root.get(&path(&off)).await.status, 404);

    let late = json!({"channel": "ci", "key": "k", "message": "late", "deliver_at": "+1h"});
    let later = root.publish(late).await;
    let card = root
        .publish(json!({"channel": "ci", "key": "k", "title": "T", "message": "early"}))
        .await;
    assert_ne!(later["id"], card["id"]);
    assert_eq!(
        screen.next("notification").await["notification"]["id"],
        card["id"]
    );
    app.pass(HOUR);
    let update = screen.next("update").await["notification"].clone();
    assert_eq!(
        (&update["id"], &update["title"], &update["message"]),
        (&card["id"], &json!("T"), &json!("late"))
    );
    assert_eq!(list(&root, "state=all").await.len(), 1);
}

#[tokio::test]
async fn what_expires_is_gone_for_good() {
    let app = TestApp::start_with(Options::stop_the_clock).await;
    let root = app.admin().await;
    let mut screen = root.stream("").await;
    let short = root
        .publish(json!({"channel": "ci", "key": "k", "title": "short", "expires_at": "+1h"}))
        .await;
    assert!(short["expires_at"].is_string(), "{short}");
    let long = root
        .publish(json!({"channel": "ci", "title": "long", "expires_at": "+2h"}))
        .await;
    let both = json!({"channel": "ci", "title": "both", "deliver_at": "+1h", "expires_at": "+90m"});
    root.publish(both).await;
    for _ in 0..2 {
        screen.next("notification").await;
    }
    let app = app.restart().await;
    let mut screen = root.stream_after("", Some(&screen.last_id.clone())).await;
    app.pass(HOUR);
    assert_eq!(
        screen.next("notification").await["notification"]["title"],
        "both"
    );
    let gone = screen.next("update").await;
    assert_eq!(
        (&gone["change"], &gone["id"]),
        (&json!("deleted"), &short["id"])
    );
    assert_eq!(root.get(&path(&short)).await.status, 404);
    assert_eq!(list(&root, "state=bin").await.len(), 0);

    // A later publish of the key may set another time; one of a new card may use the key again.
    root.publish(json!({"channel": "ci", "key": "k", "title": "again", "expires_at": "+10h"}))
        .await;
    screen.next("notification").await;
    app.pass(HOUR);
    for _ in 0..2 {
        assert_eq!(screen.next("update").await["change"], "deleted");
    }
    assert_eq!(root.get(&path(&long)).await.status, 404);
    assert_eq!(list(&root, "").await.len(), 1);
}

#[tokio::test]
async fn a_snooze_ends_on_every_screen() {
    let app = TestApp::start_with(Options::stop_the_clock).await;
    app.admin().await;
    // A session would not last as long.
    let root = app.program("root", "publish,subscribe").await;
    let card = root
        .publish(json!({"channel": "ci", "title": "tomorrow"}))
        .await;
    let mut screen = root.stream("").await;
    let receipt = format!("{}/receipt", path(&card));
    let until = card["created_at"]
        .as_str()
        .unwrap()
        .replace("2026", "2027")
        .replace("2025", "2026");
    let snoozed = root
        .put(&receipt, &json!({"read": true, "snoozed_until": until}))
        .await;
    assert_eq!(
        (snoozed.status.as_u16(), &snoozed.json()["snoozed_until"]),
        (200, &json!(until))
    );
    screen.next("update").await;
    assert_eq!(list(&root, "").await.len(), 0);
    assert_eq!(list(&root, "state=snoozed").await.len(), 1);

    let app = app.restart().await;
    let mut screen = root.stream_after("", Some(&screen.last_id.clone())).await;
    app.pass(366 * DAY);
    let awake = screen.next("update").await;
    let receipt_now =
        json!({"seen": false, "read": false, "archived": false, "snoozed_until": null});
    assert_eq!(
        (&awake["change"], &awake["receipt"]),
        (&json!("receipt"), &receipt_now)
    );
    assert_eq!(list(&root, "").await.len(), 1);

    let past = root
        .put(&receipt, &json!({"snoozed_until": card["created_at"]}))
        .await;
    assert_eq!(
        past.json()["snoozed_until"],
        Value::Null,
        "that snooze is over already"
    );
}

#[tokio::test]
async fn the_bin_is_emptied_after_thirty_days() {
    let app = TestApp::start_with(Options::stop_the_clock).await;
    let root = app.admin().await;
    let token = app.program("root", "publish,subscribe").await;
    let card = root.publish(json!({"channel": "ci", "title": "old"})).await;
    root.delete(&path(&card)).await;
    let mut screen = token.stream("").await;
    app.pass(29 * DAY);
    token
        .publish(json!({"channel": "ci", "title": "tick", "deliver_at": "+1s"}))
        .await;
    app.pass(Duration::from_secs(1));
    screen.next("notification").await;
    assert_eq!(list(&token, "state=bin").await.len(), 1);
    app.pass(DAY);
    token
        .publish(json!({"channel": "ci", "title": "tock", "deliver_at": "+1s"}))
        .await;
    app.pass(Duration::from_secs(1));
    screen.next("notification").await;
    assert_eq!(list(&token, "state=bin").await.len(), 0);
    assert_eq!(token.get(&path(&card)).await.status, 404);
}
