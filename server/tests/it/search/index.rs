//! The index says what the notifications say, whatever happens to them.

use super::{DOOR, find, find_with};
use crate::support::TestApp;
use crate::support::app::Options;
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The index is whole, and has a row for each notification that was delivered and for nothing else.
pub(super) async fn assert_exact(app: &TestApp) {
    let url = format!("sqlite://{}/belfry.db", app.data_dir().display());
    let mut database = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("INSERT INTO search (search) VALUES ('integrity-check')")
        .execute(&mut database)
        .await
        .expect("the index is whole");
    let places = "SELECT group_concat(seq) FROM (SELECT seq FROM notification WHERE deliver_at IS NULL ORDER BY seq)";
    let rows = "SELECT group_concat(rowid) FROM (SELECT rowid FROM search ORDER BY rowid)";
    let places: Option<String> = sqlx::query_scalar(places)
        .fetch_one(&mut database)
        .await
        .unwrap();
    let rows: Option<String> = sqlx::query_scalar(rows)
        .fetch_one(&mut database)
        .await
        .unwrap();
    assert_eq!(rows, places);
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
