//! Lists and receipts: what a user read or archived is his own, and follows him to his other browsers.

use crate::support::TestApp;
use crate::support::people::Person;
use serde_json::{Value, json};

const DOOR: &str = "/api/v1/notifications";

async fn list(person: &Person, query: &str) -> Vec<u64> {
    let list = person.get(&format!("{DOOR}?{query}")).await.json();
    seqs(&list)
}

fn seqs(list: &Value) -> Vec<u64> {
    let rows = list["notifications"].as_array().expect("a list");
    rows.iter()
        .map(|row| row["seq"].as_u64().unwrap())
        .collect()
}

fn receipt(notification: &Value) -> String {
    format!("{DOOR}/{}/receipt", notification["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_receipt_reaches_the_same_users_streams_and_nobody_elses() {
    let app = TestApp::start().await;
    app.admin().await;
    let (ann, ben) = (app.user("ann").await, app.user("ben").await);
    let (mut first, mut second) = (ann.stream("").await, ann.stream("").await);
    let mut other = ben.stream("").await;
    let posted = ann.publish(json!({"channel": "ci", "message": "m"})).await;
    for stream in [&mut first, &mut second, &mut other] {
        stream.next("notification").await;
    }
    let answer = ann.put(&receipt(&posted), &json!({"read": true})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    for stream in [&mut first, &mut second] {
        let update = stream.next("update").await;
        assert_eq!(
            (&update["change"], &update["id"]),
            (&json!("receipt"), &posted["id"])
        );
        assert_eq!(
            (&update["receipt"]["read"], &update["receipt"]["seen"]),
            (&json!(true), &json!(true))
        );
    }
    // What follows is the next that ben gets: no receipt of ann's stands between.
    let next = ben.publish(json!({"channel": "ci", "message": "n"})).await;
    assert_eq!(other.next_event().await.name, "notification");
    assert_eq!(
        list(&ann, "state=unread").await,
        [next["seq"].as_u64().unwrap()]
    );
    assert_eq!(list(&ben, "state=unread").await.len(), 2);
}

#[tokio::test]
async fn archiving_moves_between_lists_and_an_edit_brings_it_back() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let posted = root
        .publish(json!({"channel": "ci", "message": "m", "key": "k"}))
        .await;
    root.put(&receipt(&posted), &json!({"archived": true}))
        .await;
    assert!(list(&root, "state=inbox").await.is_empty());
    assert_eq!(list(&root, "state=archived").await.len(), 1);
    assert_eq!(list(&root, "state=all").await.len(), 1);
    root.put(&receipt(&posted), &json!({"archived": false}))
        .await;
    assert_eq!(list(&root, "").await.len(), 1);

    root.put(&receipt(&posted), &json!({"archived": true, "read": true}))
        .await;
    root.publish(json!({"channel": "ci", "key": "k", "message": "m", "progress": 5}))
        .await;
    assert!(
        list(&root, "").await.is_empty(),
        "progress alone is no news"
    );
    root.publish(json!({"channel": "ci", "key": "k", "message": "m", "state": "failure"}))
        .await;
    assert_eq!(list(&root, "state=unread").await.len(), 1);
}

#[tokio::test]
async fn a_receipt_that_says_nothing_new_is_no_event() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let posted = root.publish(json!({"channel": "ci", "message": "m"})).await;
    let mut stream = root.stream("").await;
    for _ in 0..3 {
        root.put(&receipt(&posted), &json!({"read": true})).await;
    }
    root.publish(json!({"channel": "ci", "message": "n"})).await;
    stream.next("update").await;
    assert_eq!(stream.next_event().await.name, "notification");
}

#[tokio::test]
async fn receipts_are_refused_without_a_trace() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    app.user("ann").await;
    let posted = root
        .publish(json!({"channel": "ci", "message": "m", "to": ["root"]}))
        .await;
    for (body, status) in [
        (json!({"read": "yes"}), 422),
        (json!({"reed": true}), 422),
        (json!([]), 422),
    ] {
        let answer = root.put(&receipt(&posted), &body).await;
        assert_eq!(answer.status, status, "{body}");
    }
    let ann = app.sign_in("ann").await;
    assert_eq!(
        ann.put(&receipt(&posted), &json!({"read": true}))
            .await
            .status,
        404
    );
    let gone = json!({"id": "aaaaaaaaaaaa"});
    assert_eq!(
        root.put(&receipt(&gone), &json!({"read": true}))
            .await
            .status,
        404
    );
    assert_eq!(list(&root, "state=unread").await.len(), 1);
}

#[tokio::test]
async fn pages_of_a_list_join_without_gap_or_repeat() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let mut expect = Vec::new();
    for number in 0..25 {
        let channel = if number % 5 == 0 { "five" } else { "ci" };
        let posted = root
            .publish(json!({"channel": channel, "message": number.to_string()}))
            .await;
        expect.insert(0, posted["seq"].as_u64().unwrap());
    }
    let (mut seen, mut before) = (Vec::new(), String::new());
    loop {
        let page = root.get(&format!("{DOOR}?limit=10{before}")).await.json();
        seen.extend(seqs(&page));
        // What arrives meanwhile stands above and moves nothing.
        root.publish(json!({"channel": "later", "message": "m"}))
            .await;
        match page["next"].as_u64() {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    assert_eq!(seen, expect);
    assert_eq!(list(&root, "channel=five").await.len(), 5);
    assert_eq!(list(&root, "channel=nobody").await.len(), 0);
    for query in [
        "limit=0",
        "limit=201",
        "limit=x",
        "before=-1",
        "state=lost",
        "channel=a%20b",
    ] {
        let answer = root.get(&format!("{DOOR}?{query}")).await;
        assert_eq!(answer.status, 422, "{query} {answer:?}");
    }
}
