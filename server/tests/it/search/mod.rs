//! Searches through the API and the stream, and the index behind them.

mod agreement;
mod index;

use crate::support::TestApp;
use crate::support::people::{Answer, Person};
use serde_json::{Value, json};

const DOOR: &str = "/api/v1/notifications";

/// A search, with `more` parameters.
async fn ask(person: &Person, q: &str, more: &[(&str, &str)]) -> Answer {
    let request = person.request(reqwest::Method::GET, DOOR);
    let request = request.query(&[("q", q)]).query(more);
    person.send(request).await
}

/// What is found, as titles.
async fn find(person: &Person, q: &str) -> Vec<String> {
    find_with(person, q, &[]).await
}

async fn find_with(person: &Person, q: &str, more: &[(&str, &str)]) -> Vec<String> {
    let answer = ask(person, q, more).await;
    assert_eq!(answer.status, 200, "{q}: {answer:?}");
    titles(&answer.json())
}

fn titles(list: &Value) -> Vec<String> {
    let rows = list["notifications"].as_array().unwrap();
    let title = |row: &Value| row["title"].as_str().unwrap_or("-").to_owned();
    rows.iter().map(title).collect()
}

async fn mark(person: &Person, card: &Value, receipt: Value) {
    let path = format!("{DOOR}/{}/receipt", card["id"].as_str().unwrap());
    assert_eq!(person.put(&path, &receipt).await.status, 200);
}

#[tokio::test]
async fn the_grammar_finds_what_it_says() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    for card in [
        json!({"channel": "backups", "title": "one", "message": "Disk FULL on atlas", "priority": 5, "tags": ["db"]}),
        json!({"channel": "deploys", "title": "two", "message": "full deploy of the café", "key": "web-1", "append": "step 1\nstep 2"}),
        json!({"channel": "deploys", "title": "three", "message": "disk replaced", "state": "success", "click": "https://x.example"}),
    ] {
        root.publish(card).await;
    }
    for (q, expect) in [
        ("disk", &["three", "one"][..]),
        ("disk full", &["one"]),
        ("\"full disk\"", &[]),
        ("\"disk full\"", &["one"]),
        ("disk -full", &["three"]),
        ("-disk", &["two"]),
        ("atlas OR cafe", &["two", "one"]),
        ("(atlas OR cafe) full -tag:db", &["two"]),
        ("repl*", &["three"]),
        ("channel:deploys", &["three", "two"]),
        ("-channel:deploys", &["one"]),
        ("tag:DB", &["one"]),
        ("priority:>=4", &["one"]),
        ("priority:<4 deploy*", &["three", "two"]),
        ("is:success", &["three"]),
        ("from:root -has:link -has:log", &["one"]),
        ("key:web-1", &["two"]),
        ("\"step 2\"", &["two"]),
        ("after:1h", &["three", "two", "one"]),
        ("before:1h", &[]),
        ("after:1h (disk OR before:1h)", &["three", "one"]),
        ("!!!", &["three", "two", "one"]),
    ] {
        assert_eq!(find(&root, q).await, expect, "{q}");
    }
    let narrowed = [("channel", "deploys"), ("min_priority", "3")];
    assert_eq!(find_with(&root, "disk", &narrowed).await, ["three"]);
    assert_eq!(find_with(&root, "full", &[("tag", "db")]).await, ["one"]);
}

#[tokio::test]
async fn a_query_that_breaks_the_grammar_is_refused_by_name() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let answer = ask(&root, "prio:4", &[]).await;
    assert_eq!(answer.status, 422, "{answer:?}");
    assert_eq!(
        answer.json()["errors"],
        json!([{"field": "q", "message": "`prio:` is not known. Did you mean `priority:`?"}])
    );
    let stream = root.open("/events?q=is:unred", &[]).await;
    assert_eq!(stream.head.status, 422);
}

#[tokio::test]
async fn the_query_chooses_by_receipts_unless_the_list_is_named() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let mut cards = Vec::new();
    for title in ["new", "read", "archived", "snoozed", "binned"] {
        let card = json!({"channel": "ci", "title": title, "message": "same words"});
        cards.push(root.publish(card).await);
    }
    mark(&root, &cards[1], json!({"read": true})).await;
    mark(&root, &cards[2], json!({"archived": true})).await;
    let later = json!({"snoozed_until": "2999-01-01T00:00:00Z"});
    mark(&root, &cards[3], later).await;
    let path = format!("{DOOR}/{}", cards[4]["id"].as_str().unwrap());
    assert_eq!(root.delete(&path).await.status, 204);
    for (q, state, expect) in [
        ("same", "", &["read", "new"][..]),
        ("same", "all", &["snoozed", "archived", "read", "new"]),
        ("same", "bin", &["binned"]),
        ("same is:unread", "", &["new"]),
        ("same -is:unread", "", &["snoozed", "archived", "read"]),
        ("is:read", "", &["read"]),
        ("is:seen", "", &["read"]),
        ("is:archived", "", &["archived"]),
        ("is:archived OR is:snoozed", "", &["snoozed", "archived"]),
        ("is:inbox", "", &["read", "new"]),
        ("is:bin words", "", &["binned"]),
        ("words (is:bin OR is:archived)", "", &["binned", "archived"]),
        ("-is:bin is:inbox", "", &["read", "new"]),
        ("is:archived", "inbox", &[]),
        ("same", "archived", &["archived"]),
        ("same", "snoozed", &["snoozed"]),
        ("same", "unread", &["new"]),
    ] {
        let found = find_with(&root, q, &[("state", state)]).await;
        assert_eq!(found, expect, "{q} {state}");
    }
}

#[tokio::test]
async fn nobody_finds_what_is_not_theirs() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let (ann, ben) = (app.user("ann").await, app.user("ben").await);
    let private = async |person: &Person, name: &str| {
        let channel = json!({"name": name, "private": true});
        let answer = person.post("/api/v1/channels", &channel).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    };
    private(&ann, "vault").await;
    ann.publish(json!({"channel": "vault", "title": "secret", "message": "word"}))
        .await;
    root.publish(json!({"channel": "ci", "title": "for ann", "message": "word", "to": ["ann"]}))
        .await;
    root.publish(json!({"channel": "ci", "title": "open", "message": "word"}))
        .await;
    let bound = app
        .program_with("ann", "subscribe", &["--channel", "ci"])
        .await;
    for (q, state) in [
        ("word", "all"),
        ("", "all"),
        ("-nothing", "all"),
        ("word OR secret", "all"),
        ("channel:vault OR word", ""),
    ] {
        let of = async |person| find_with(person, q, &[("state", state)]).await;
        assert_eq!(of(&ann).await, ["open", "for ann", "secret"], "{q}");
        assert_eq!(of(&ben).await, ["open"], "{q}");
        assert_eq!(of(&bound).await, ["open", "for ann"], "{q}");
    }
    assert!(find(&ben, "channel:vault").await.is_empty());
    assert!(
        find(&root, "secret").await.is_empty(),
        "administrators read what they were granted"
    );
    // Even when the names of channels differ in case alone.
    private(&root, "CI").await;
    assert_eq!(find(&ben, "word").await, ["open"]);
    assert_eq!(find(&ben, "channel:ci").await, ["open"]);
}

#[tokio::test]
async fn pages_of_a_search_join_without_gap_or_repeat() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let mut expect = Vec::new();
    for number in 0..25 {
        let word = if number % 3 == 0 { "fizz" } else { "buzz" };
        let title = number.to_string();
        root.publish(json!({"channel": "ci", "title": title, "message": word}))
            .await;
        if word == "fizz" {
            expect.insert(0, title);
        }
    }
    let (mut found, mut before) = (Vec::new(), String::new());
    loop {
        let answer = ask(&root, "fizz", &[("limit", "2"), ("before", &before)])
            .await
            .json();
        found.extend(titles(&answer));
        root.publish(json!({"channel": "ci", "title": "later", "message": "fizz"}))
            .await;
        match answer["next"].as_u64() {
            Some(next) => before = next.to_string(),
            None => break,
        }
    }
    assert_eq!(found, expect);
}

#[tokio::test]
async fn a_stream_follows_a_search() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let mut live = root.stream("q=disk+-tag:flaky").await;
    let start = live.last_id.clone();
    for (title, tags) in [
        ("disk full", json!([])),
        ("cpu hot", json!([])),
        ("disk slow", json!(["flaky"])),
    ] {
        root.publish(json!({"channel": "ci", "title": title, "tags": tags}))
            .await;
    }
    let disk = root
        .publish(json!({"channel": "ci", "title": "new disk", "key": "k"}))
        .await;
    root.publish(json!({"channel": "ci", "key": "k", "title": "old disk"}))
        .await;
    let path = format!("{DOOR}/{}", disk["id"].as_str().unwrap());
    root.delete(&path).await;
    let mut replay = root.stream_after("q=disk+-tag:flaky", Some(&start)).await;
    for stream in [&mut live, &mut replay] {
        for title in ["disk full", "new disk"] {
            assert_eq!(
                stream.next("notification").await["notification"]["title"],
                title
            );
        }
        assert_eq!(
            stream.next("update").await["notification"]["title"],
            "old disk"
        );
        assert_eq!(stream.next("update").await["change"], "deleted");
    }
    let mut recent = root.stream("q=disk&recent=10").await;
    for title in ["disk full"] {
        assert_eq!(
            recent.next("notification").await["notification"]["title"],
            title
        );
    }
}
