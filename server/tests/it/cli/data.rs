//! `belfry backup` and `restore`.

use super::{complaint, printed};
use crate::support::TestApp;
use crate::support::command::{self, Server, run};
use crate::support::people::Person;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use std::collections::{BTreeMap, HashSet};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;
use tokio::task::JoinSet;

const PUBLISHERS: usize = 4;
const BACKUPS: usize = 10;

pub(super) async fn open(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path);
    options.connect().await.unwrap()
}

/// Every notification that a reader finds, by place in the log.
async fn stored(person: &Person) -> BTreeMap<u64, String> {
    let (mut found, mut before) = (BTreeMap::new(), String::new());
    loop {
        let path = format!("/api/v1/notifications?state=all&limit=200{before}");
        let list = person.get(&path).await.json();
        for item in list["notifications"].as_array().unwrap() {
            let message = item["message"].as_str().unwrap().to_owned();
            found.insert(item["seq"].as_u64().unwrap(), message);
        }
        match list["next"].as_u64() {
            Some(next) => before = format!("&before={next}"),
            None => return found,
        }
    }
}

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
        let server = Server::start(dir.path(), SocketAddr::from(([127, 0, 0, 1], 0))).await;
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

/// A data folder with some notifications, which nobody uses.
pub(super) async fn filled() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let token = command::token(dir.path(), "publish,subscribe").await;
    let server = Server::start(dir.path(), SocketAddr::from(([127, 0, 0, 1], 0))).await;
    let ci = Person::new(server.address).with_token(&token);
    for message in ["a", "b", "c", "d"] {
        ci.publish(json!({"channel": "ci", "key": message, "message": message.repeat(3000)}))
            .await;
    }
    ci.publish(json!({"channel": "ci", "key": "a", "message": "again"}))
        .await;
    assert!(server.terminate().await.success());
    dir
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
