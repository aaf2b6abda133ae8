//! `belfry backup`.

use super::complaint;
use super::data::{filled, open, stored};
use crate::support::TestApp;
use crate::support::command::{self, ANYWHERE, Server, run};
use crate::support::people::Person;
use serde_json::{Value, json};
use sqlx::Connection;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;
use tokio::task::JoinSet;

const PUBLISHERS: usize = 4;
const BACKUPS: usize = 10;

/// Posts until it is told to stop; `acknowledged` knows what is done.
async fn publish(
    ci: Person,
    number: usize,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<watch::Sender<BTreeMap<u64, String>>>,
) {
    for post in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let message = format!("{number}-{post}");
        let made = ci
            .publish(json!({"channel": "ci", "message": message}))
            .await;
        acknowledged.send_modify(|all| drop(all.insert(made["seq"].as_u64().unwrap(), message)));
    }
}
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_made_while_publishers_post_hold_all_that_was_acknowledged_before() {
    let app = TestApp::start().await;
    app.admin().await;
    let ci = app.program("root", "publish,subscribe").await;
    let folder = tempfile::tempdir().unwrap();
    let (stop, acknowledged) = (Arc::default(), Arc::new(watch::Sender::default()));
    let mut publishers = JoinSet::new();
    for number in 0..PUBLISHERS {
        publishers.spawn(publish(
            ci.clone(),
            number,
            Arc::clone(&stop),
            Arc::clone(&acknowledged),
        ));
    }
    let mut copies = Vec::new();
    for number in 0..BACKUPS {
        let more = acknowledged.borrow().len() + 20;
        let enough = acknowledged
            .subscribe()
            .wait_for(|all| all.len() >= more)
            .await
            .unwrap()
            .clone();
        let file = folder.path().join(format!("{number}.db"));
        app.belfry(&["backup", file.to_str().unwrap()], "").await;
        copies.push((file, enough));
    }
    stop.store(true, Ordering::Relaxed);
    publishers.join_all().await;
    let all = acknowledged.borrow().clone();
    let last = ci.stream_after("", None).await.last_id.clone();

    for (file, enough) in copies {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let dir = tempfile::tempdir().unwrap();
        command::belfry(dir.path(), &["restore", file.to_str().unwrap()], "").await;
        let whole = command::belfry(dir.path(), &["check"], "").await;
        assert!(whole.starts_with("whole: "), "{whole}");
        let server = Server::start(dir.path(), ANYWHERE).await;
        let reader = Person::new(server.address).with_token(ci.token());
        let found = stored(&reader).await;
        assert!(
            enough
                .iter()
                .all(|(seq, message)| found.get(seq) == Some(message))
        );
        assert!(
            found
                .iter()
                .all(|(seq, message)| all.get(seq) == Some(message)),
            "and nothing else"
        );
        assert!(
            found.keys().copied().eq(1..=found.len() as u64),
            "a moment of the log"
        );
        // Whoever followed the log before is told that this is another one.
        let mut stream = reader.stream_after("", Some(&last)).await;
        assert_eq!(stream.connected["resumed"], false);
        assert_eq!(stream.next("reset").await["reason"], "unknown");
        let next = reader
            .publish(json!({"channel": "ci", "message": "next"}))
            .await;
        assert_eq!(stream.next("notification").await["seq"], next["seq"]);
        server.kill();
    }
}

#[tokio::test]
async fn check_and_backup_need_something_to_look_at() {
    let dir = tempfile::tempdir().unwrap();
    for args in [&["check"][..], &["backup", "x.db"]] {
        let output = run(dir.path(), args, "").await;
        let (status, line) = complaint(&output);
        assert_eq!(status, Some(1));
        assert!(
            line.starts_with("belfry: there is no database at "),
            "{line}"
        );
    }
    assert_eq!(
        std::fs::read_dir(dir.path()).unwrap().count(),
        0,
        "and make nothing"
    );
}

/// An index beside the tables may name rows by number, and a copy that numbers them anew would break it unseen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_keeps_the_numbers_of_rows_and_how_the_file_gives_space_back() {
    let dir = filled().await;
    let mut connection = open(&dir.path().join("belfry.db")).await;
    // A gap, which a copy could close.
    sqlx::query("UPDATE notification SET rowid = rowid + 100 WHERE rowid > 2")
        .execute(&mut connection)
        .await
        .unwrap();
    let numbers = "SELECT json_group_array(json_array(rowid, id)) FROM (SELECT rowid, id FROM notification ORDER BY rowid)";
    let before: String = sqlx::query_scalar(numbers)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let copy = dir.path().join("copy.db");
    command::belfry(dir.path(), &["backup", copy.to_str().unwrap()], "").await;
    let mut copied = open(&copy).await;
    let after: String = sqlx::query_scalar(numbers)
        .fetch_one(&mut copied)
        .await
        .unwrap();
    assert_eq!(after, before);
    let vacuum: i64 = sqlx::query_scalar("PRAGMA auto_vacuum")
        .fetch_one(&mut copied)
        .await
        .unwrap();
    assert_eq!(vacuum, 2, "incremental");
    let rows: Value = serde_json::from_str(&before).unwrap();
    assert!(
        rows.as_array()
            .unwrap()
            .iter()
            .any(|row| row[0].as_i64() > Some(100))
    );
}
