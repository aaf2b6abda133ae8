//! The index says what the notifications say, whatever happens to them.

use super::{DOOR, find, find_with, mark};
use crate::support::TestApp;
use crate::support::app::Options;
use crate::support::people::Person;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What the tables beside the notifications say, next to what it should be.
const BESIDE: [(&str, &str); 5] = [
    (
        "SELECT rowid, 0, 0, 0, 0, 0, 0 FROM search",
        "SELECT seq, 0, 0, 0, 0, 0, 0 FROM notification WHERE deliver_at IS NULL",
    ),
    (
        "SELECT block, channel_id, shown, 0, 0, 0, 0 FROM tally WHERE shown <> 0 AND channel_id <> 0",
        "SELECT seq / 1024, channel_id, count(*), 0, 0, 0, 0 FROM notification
         WHERE restricted = 0 AND deleted_at IS NULL AND deliver_at IS NULL GROUP BY 1, 2",
    ),
    (
        "SELECT block, shown, 0, 0, 0, 0, 0 FROM tally WHERE channel_id = 0 AND shown <> 0",
        "SELECT block, sum(shown), 0, 0, 0, 0, 0 FROM tally WHERE channel_id <> 0 GROUP BY 1 HAVING sum(shown) <> 0",
    ),
    (
        "SELECT block, account_id, own, archived, snoozed, read, 0 FROM account_tally
         WHERE channel_id = 0 AND (own <> 0 OR archived <> 0 OR snoozed <> 0 OR read <> 0)",
        "SELECT block, account_id, sum(own), sum(archived), sum(snoozed), sum(read), 0 FROM account_tally
         WHERE channel_id <> 0 AND (own <> 0 OR archived <> 0 OR snoozed <> 0 OR read <> 0) GROUP BY 1, 2",
    ),
    (
        "SELECT block, channel_id, account_id, own, archived, snoozed, read FROM account_tally
         WHERE channel_id <> 0 AND (own <> 0 OR archived <> 0 OR snoozed <> 0 OR read <> 0)",
        "SELECT * FROM (
             SELECT n.seq / 1024, n.channel_id, a.id,
                 count(t.account_id) AS own,
                 count(iif(r.archived, 1, NULL)) AS archived,
                 count(iif(NOT r.archived AND r.snoozed_until IS NOT NULL, 1, NULL)) AS snoozed,
                 count(iif(NOT r.archived AND r.snoozed_until IS NULL AND r.read, 1, NULL)) AS read
             FROM notification AS n, account AS a
             LEFT JOIN recipient AS t ON t.account_id = a.id AND t.notification_id = n.id
             LEFT JOIN receipt AS r ON r.account_id = a.id AND r.notification_id = n.id
             WHERE n.deleted_at IS NULL AND n.deliver_at IS NULL GROUP BY 1, 2, 3)
         WHERE own <> 0 OR archived <> 0 OR snoozed <> 0 OR read <> 0",
    ),
];

async fn database(app: &TestApp) -> SqliteConnection {
    let url = format!("sqlite://{}/belfry.db", app.data_dir().display());
    SqliteConnection::connect(&url).await.unwrap()
}

/// The index is whole; it and the tallies say of the notifications what there is to say, and nothing else.
async fn assert_exact(app: &TestApp) {
    type Row = (i64, i64, i64, i64, i64, i64, i64);
    let mut database = database(app).await;
    sqlx::query("INSERT INTO search (search) VALUES ('integrity-check')")
        .execute(&mut database)
        .await
        .expect("the index is whole");
    // Of one moment: the server may be delivering what is due.
    let mut snapshot = database.begin().await.unwrap();
    for (is, should_be) in BESIDE {
        let mut rows: Vec<Row> = sqlx::query_as(is).fetch_all(&mut *snapshot).await.unwrap();
        let mut expect: Vec<Row> = sqlx::query_as(should_be)
            .fetch_all(&mut *snapshot)
            .await
            .unwrap();
        rows.sort_unstable();
        expect.sort_unstable();
        assert_eq!(rows, expect, "{is}");
    }
}

fn path(card: &Value) -> String {
    format!("{DOOR}/{}", card["id"].as_str().unwrap())
}

#[tokio::test]
async fn the_index_follows_every_change() {
    let app = TestApp::start_with(Options::stop_the_clock).await;
    let root = app.admin().await;
    let card = root
        .publish(json!({"channel": "ci", "title": "first", "message": "old words", "key": "k"}))
        .await;
    assert_eq!(find(&root, "old").await, ["first"]);

    root.publish(json!({"channel": "ci", "key": "k", "message": "new words"}))
        .await;
    assert!(find(&root, "old").await.is_empty());
    assert_eq!(find(&root, "new words").await, ["first"]);

    let patch = root
        .request(reqwest::Method::PATCH, &path(&card))
        .json(&json!({"title": "second"}));
    assert_eq!(root.send(patch).await.status, 200);
    assert_eq!(find(&root, "second new").await, ["second"]);
    assert!(find(&root, "first").await.is_empty());
    assert_exact(&app).await;

    root.delete(&path(&card)).await;
    assert!(find(&root, "second").await.is_empty());
    assert_eq!(
        find_with(&root, "second", &[("state", "bin")]).await,
        ["second"]
    );
    root.post(&format!("{}/restore", path(&card)), &json!({}))
        .await;
    assert_eq!(find(&root, "second").await, ["second"]);
    assert_exact(&app).await;
    app.belfry(&["check"], "").await;

    root.delete(&format!("{}?purge=true", path(&card))).await;
    assert!(
        find_with(&root, "second", &[("state", "all")])
            .await
            .is_empty()
    );
    assert_exact(&app).await;
}

#[tokio::test]
async fn the_index_follows_the_clock() {
    let app = TestApp::start_with(Options::stop_the_clock).await;
    app.admin().await;
    let root = app.program("root", "publish,subscribe").await;
    root.publish(json!({"channel": "ci", "title": "later", "deliver_at": "+1d"}))
        .await;
    root.publish(json!({"channel": "ci", "title": "brief", "expires_at": "+2d"}))
        .await;
    let binned = root
        .publish(json!({"channel": "ci", "title": "binned"}))
        .await;
    root.delete(&path(&binned)).await;
    let mut screen = root.stream("").await;
    assert!(find(&root, "later").await.is_empty());
    assert_exact(&app).await;

    app.pass(DAY);
    screen.next("notification").await;
    assert_eq!(find(&root, "later").await, ["later"]);
    assert_exact(&app).await;

    app.pass(DAY);
    assert_eq!(screen.next("update").await["change"], "deleted");
    assert!(find(&root, "brief").await.is_empty());

    app.pass(DAY * 30);
    let app = app.restart().await;
    assert_eq!(find(&root, "later OR brief OR binned").await, ["later"]);
    assert_exact(&app).await;
}

#[tokio::test]
async fn an_index_of_another_form_is_made_anew() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    for number in 0..3 {
        root.publish(json!({"channel": "ci", "title": number.to_string(), "message": "word"}))
            .await;
    }
    let stopped = app.stop().await;
    let url = format!("sqlite://{}/belfry.db", stopped.data_dir().display());
    let mut database = SqliteConnection::connect(&url).await.unwrap();
    for change in [
        "DELETE FROM meta WHERE name = 'search_form'",
        "DELETE FROM search WHERE rowid = (SELECT min(seq) FROM notification)",
        "INSERT INTO search (rowid, title) VALUES (999999, 'word')",
    ] {
        sqlx::query(change).execute(&mut database).await.unwrap();
    }
    database.close().await.unwrap();
    let app = stopped.start().await;
    assert_eq!(find(&root, "word").await, ["2", "1", "0"]);
    assert_exact(&app).await;
}

/// The log goes on for several blocks with other things.
async fn skip_blocks(app: &TestApp) {
    let skip = "UPDATE sqlite_sequence SET seq = seq + 5000 WHERE name = 'event'";
    let mut database = database(app).await;
    sqlx::query(skip).execute(&mut database).await.unwrap();
}

#[tokio::test]
async fn lists_find_the_little_that_is_left_in_a_long_log() {
    let app = TestApp::start_with(Options::stop_the_clock).await;
    let root = app.admin().await;
    let mut cards = Vec::new();
    for number in 0..40 {
        let card = json!({"channel": "ci", "title": number.to_string(), "message": "word"});
        cards.push(root.publish(card).await);
        if number % 4 == 3 {
            skip_blocks(&app).await;
            app.pass(HOUR);
        }
    }
    for (number, card) in cards.iter().enumerate() {
        match number {
            3 | 21 => {}
            5 => mark(&root, card, json!({"read": true})).await,
            8 => {
                mark(
                    &root,
                    card,
                    json!({"snoozed_until": "2999-01-01T00:00:00Z"}),
                )
                .await
            }
            _ => mark(&root, card, json!({"archived": true})).await,
        }
    }
    assert_exact(&app).await;
    for (q, state, expect) in [
        ("", "", &["21", "5", "3"][..]),
        ("word", "", &["21", "5", "3"]),
        ("", "unread", &["21", "3"]),
        ("word is:unread", "", &["21", "3"]),
        ("-is:unread -is:archived", "", &["8", "5"]),
        ("", "snoozed", &["8"]),
        ("word before:9h", "all", &["3", "2", "1", "0"]),
        (
            "after:1h -word OR after:2h",
            "all",
            &["39", "38", "37", "36", "35", "34", "33", "32"],
        ),
        (
            "word after:9h before:7h",
            "all",
            &["11", "10", "9", "8", "7", "6", "5", "4"],
        ),
    ] {
        let found = find_with(&root, q, &[("state", state)]).await;
        assert_eq!(found, expect, "{q} {state}");
    }
    let archived = find_with(&root, "word", &[("state", "archived"), ("limit", "200")]).await;
    assert_eq!(archived.len(), 36);
    // Page by page as well.
    let (mut found, mut before) = (Vec::new(), String::new());
    while let Some(next) = {
        let page = root
            .get(&format!("{DOOR}?limit=1&state=inbox{before}"))
            .await
            .json();
        found.extend(super::titles(&page));
        page["next"].as_u64()
    } {
        before = format!("&before={next}");
    }
    assert_eq!(found, ["21", "5", "3"]);
}

/// One of many things that people do, by chance.
async fn deed(dice: &mut StdRng, people: &[Person], cards: &mut Vec<Value>) {
    let person = people.choose(dice).unwrap().clone();
    let Some(card) = cards
        .choose(dice)
        .cloned()
        .filter(|_| dice.random_range(0..4) > 0)
    else {
        let channel = ["ci", "ops"].choose(dice);
        let mut card = json!({"channel": channel, "title": "words"});
        match dice.random_range(0..4) {
            0 => card["to"] = json!(["ann"]),
            1 => card["key"] = json!("k"),
            2 => card["deliver_at"] = json!("+1h"),
            _ => {}
        }
        cards.push(person.publish(card).await);
        return;
    };
    let path = path(&card);
    let answer = match dice.random_range(0..9) {
        0 => person.delete(&path).await,
        1 => person.delete(&format!("{path}?purge=true")).await,
        2 => person.post(&format!("{path}/restore"), &json!({})).await,
        3 => {
            let patch = person.request(reqwest::Method::PATCH, &path);
            person
                .send(patch.json(&json!({"title": "other words"})))
                .await
        }
        4 => {
            let all = json!({"up_to_seq": card["seq"]});
            person.post("/api/v1/receipts/read-all", &all).await
        }
        _ => {
            let until = ["2999-01-01T00:00:00Z", "1999-01-01T00:00:00Z"].choose(dice);
            let until = until.filter(|_| dice.random_bool(0.3));
            let receipt = json!({
                "read": dice.random_bool(0.5), "archived": dice.random_bool(0.5), "snoozed_until": until,
            });
            person.put(&format!("{path}/receipt"), &receipt).await
        }
    };
    // What is gone, or not theirs, is refused; nothing fails.
    assert!(answer.status.as_u16() < 500, "{answer:?}");
}

#[tokio::test]
async fn whatever_people_do_the_index_and_the_tallies_are_exact() {
    let app = TestApp::start_with(Options::stop_the_clock).await;
    let root = app.admin().await;
    let (ann, ben) = (app.user("ann").await, app.user("ben").await);
    let people = [root, ann, ben];
    let mut dice = StdRng::seed_from_u64(3);
    let mut cards = Vec::new();
    for _ in 0..8 {
        for _ in 0..40 {
            deed(&mut dice, &people, &mut cards).await;
        }
        assert_exact(&app).await;
        app.pass(Duration::from_secs(1800));
    }
    for remove in [
        "DELETE FROM channel WHERE name = 'ops'",
        "DELETE FROM account WHERE name = 'ben'",
    ] {
        sqlx::query(remove)
            .execute(&mut database(&app).await)
            .await
            .unwrap();
        assert_exact(&app).await;
    }
}
