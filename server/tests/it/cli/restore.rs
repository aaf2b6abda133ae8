//! `belfry restore`.

use super::data::{open, stored};
use super::{complaint, printed};
use crate::support::TestApp;
use crate::support::command::{self, run};
use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use std::collections::HashSet;
use std::path::Path;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_goes_back_where_nobody_is_and_what_was_there_is_kept() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let ci = app.program("root", "publish,subscribe").await;
    ci.publish(json!({"channel": "ci", "message": "before"}))
        .await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.db");
    let file = file.to_str().unwrap();
    app.belfry(&["backup", file], "").await;
    ci.publish(json!({"channel": "ci", "message": "after"}))
        .await;
    let stream = ci.stream("").await;

    let again = run(app.data_dir(), &["backup", file], "").await;
    let (status, line) = complaint(&again);
    assert_eq!(status, Some(1));
    assert!(
        line.ends_with("is there already: choose another name, or overwrite it with --force"),
        "{line}"
    );
    let live = app.data_dir().join("belfry.db");
    let live = run(
        app.data_dir(),
        &["backup", "--force", live.to_str().unwrap()],
        "",
    )
    .await;
    assert!(
        complaint(&live)
            .1
            .ends_with("is the database itself: choose another name")
    );
    let other = folder.path().join("other.db");
    app.belfry(&["backup", other.to_str().unwrap()], "").await;
    app.belfry(&["backup", "--force", other.to_str().unwrap()], "")
        .await;
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        2,
        "nothing is left over"
    );

    let refused = run(app.data_dir(), &["restore", file], "").await;
    let in_use =
        "belfry: the data folder is in use: stop the server and other commands that work on it";
    assert_eq!(complaint(&refused), (Some(1), in_use));
    assert_eq!(stored(&ci).await.len(), 2, "nothing has changed");

    let last = stream.last_id.clone();
    drop(stream);
    let stopped = app.stop().await;
    let said = command::belfry(stopped.data_dir(), &["restore", file], "").await;
    let kept = said
        .lines()
        .find_map(|line| line.strip_prefix("the database of before is "));
    let mut kept = open(Path::new(kept.unwrap())).await;
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM notification")
        .fetch_one(&mut kept)
        .await
        .unwrap();
    assert_eq!(count, 2);
    let app = stopped.start().await;
    assert_eq!(
        stored(&ci).await.into_values().collect::<Vec<_>>(),
        ["before"]
    );
    let mut stream = ci.stream_after("", Some(&last)).await;
    assert_eq!(stream.next("reset").await["reason"], "unknown");
    assert_eq!(
        admin.get("/api/v1/session").await.status,
        401,
        "sessions are over"
    );
    app.sign_in("root").await;
}

#[tokio::test]
async fn what_is_no_whole_database_of_ours_does_not_go_back() {
    let dir = tempfile::tempdir().unwrap();
    command::belfry(dir.path(), &["channel", "add", "ci"], "").await;
    let copy = dir.path().join("copy.db");
    let file = copy.to_str().unwrap();
    let restore = async |expect: &str| {
        let output = run(dir.path(), &["restore", file], "").await;
        let (status, line) = complaint(&output);
        assert_eq!(status, Some(1));
        assert!(line.contains(expect), "{line}");
        let left: HashSet<_> = std::fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert!(
            left.iter()
                .all(|name| !name.to_str().unwrap().contains("restor")),
            "{left:?}"
        );
    };
    restore("there is no database at").await;
    std::fs::write(
        &copy,
        "no database at all, and long enough to be looked at as one".repeat(20),
    )
    .unwrap();
    restore("file is not a database").await;

    std::fs::remove_file(&copy).unwrap();
    let options = SqliteConnectOptions::new()
        .filename(&copy)
        .create_if_missing(true);
    let mut foreign = options.connect().await.unwrap();
    sqlx::query("CREATE TABLE x (y)")
        .execute(&mut foreign)
        .await
        .unwrap();
    foreign.close().await.unwrap();
    restore("is no database of Belfry").await;

    command::belfry(dir.path(), &["backup", "--force", file], "").await;
    let mut newer = open(&copy).await;
    let migration =
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                     VALUES (9999, 'later', 1, x'00', 0)";
    sqlx::query(migration).execute(&mut newer).await.unwrap();
    newer.close().await.unwrap();
    restore("does not fit this program").await;

    command::belfry(dir.path(), &["backup", "--force", file], "").await;
    let mut damaged = open(&copy).await;
    sqlx::query("PRAGMA foreign_keys = OFF")
        .execute(&mut damaged)
        .await
        .unwrap();
    sqlx::query("INSERT INTO channel_grant VALUES (77, 77, 1, 1)")
        .execute(&mut damaged)
        .await
        .unwrap();
    damaged.close().await.unwrap();
    restore("is damaged: channel_grant: ").await;
    assert!(
        command::belfry(dir.path(), &["check"], "")
            .await
            .starts_with("whole: ")
    );
}

#[tokio::test]
async fn nobody_works_on_a_folder_that_is_being_restored() {
    let dir = tempfile::tempdir().unwrap();
    command::belfry(dir.path(), &["channel", "add", "ci"], "").await;
    let lock = std::fs::File::open(dir.path().join("belfry.lock")).unwrap();
    lock.lock().unwrap();
    let output = run(dir.path(), &["channel", "list"], "").await;
    let (status, line) = complaint(&output);
    assert_eq!(status, Some(1));
    assert!(
        line.ends_with("the data folder is being restored: try again when that is done"),
        "{line}"
    );
    lock.unlock().unwrap();
    printed(run(dir.path(), &["channel", "list"], "").await);
}
