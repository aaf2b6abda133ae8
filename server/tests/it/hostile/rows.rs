//! Rows of the database that we did not write.

use super::NOTIFICATIONS;
use crate::support::{TestApp, database};
use serde_json::json;
use sqlx::SqliteConnection;
use std::time::Duration;

/// Writes a row that the server did not: a damaged file, a foreign tool, a bug of an older version.
async fn insert(
    database: &mut SqliteConnection,
    kind: i64,
    id: &str,
    priority: i64,
    audience: Option<&str>,
    payload: Option<&str>,
) {
    sqlx::query("INSERT INTO event (at, kind, channel_id, notification_id, priority, audience, payload) VALUES (0, ?1, 1, ?2, ?3, ?4, ?5)")
        .bind(kind)
        .bind(id)
        .bind(priority)
        .bind(audience)
        .bind(payload)
        .execute(database)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_poisoned_row_is_passed_over_and_kills_no_stream() {
    let app = TestApp::start_with(|options| {
        options.overrides.tuning.foreign_writes = Duration::from_millis(20);
        options.overrides.tuning.tail_frames = 2;
    })
    .await;
    let admin = app.admin().await;
    let first = admin
        .publish(json!({"channel": "ci", "message": "first", "tags": ["t"]}))
        .await;
    let mut live = admin.stream("").await;
    let start = live.last_id.clone();

    let mut database = database::open(app.data_dir()).await;
    let id = "k3JxT0aQ9fLm";
    for payload in [
        "",
        "{",
        "{}\n\nevent: evil\ndata: {}\n\n",
        "{\"a\":\r1}",
        "{}{}",
        "{} \0",
        "nothing",
    ] {
        insert(&mut database, 1, id, 3, None, Some(payload)).await;
    }
    insert(&mut database, 1, id, 3, None, None).await;
    insert(&mut database, 3, "x\n\ndata: y", 3, None, None).await;
    insert(&mut database, 2, id, 99, None, Some("{}")).await;
    insert(&mut database, 4, id, 3, Some("{"), Some("{}")).await;
    sqlx::query("UPDATE notification SET doc = '{\n\n' WHERE id = ?1")
        .bind(first["id"].as_str())
        .execute(&mut database)
        .await
        .unwrap();

    let posted = admin
        .publish(json!({"channel": "ci", "message": "after", "tags": ["t"]}))
        .await;
    assert_eq!(
        posted["seq"], 13,
        "a place that was given is never given again"
    );
    let mut resumed = admin.stream_after("", Some(&start)).await;
    for stream in [&mut live, &mut resumed] {
        assert_eq!(stream.next("notification").await["notification"], posted);
        assert!(!String::from_utf8_lossy(&stream.body).contains("evil"));
    }
    let mut recent = admin.stream("recent=9").await;
    assert_eq!(recent.next("notification").await["notification"], posted);
    // Nor does the row of the state that cannot be read take a list with it.
    for query in ["", "?tag=t", "?channel=ci&state=all"] {
        let answer = admin.get(&format!("{NOTIFICATIONS}{query}")).await;
        assert_eq!(answer.status, 200, "{query} {answer:?}");
        let list = answer.json();
        assert_eq!(list["notifications"][0]["id"], posted["id"], "{query}");
        assert_eq!(
            list["notifications"].as_array().unwrap().len(),
            1,
            "{query}"
        );
    }
}
