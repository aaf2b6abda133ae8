//! `belfry check`, against damage that is planted.

use super::data::{filled, open};
use crate::support::command::{self, run};
use sqlx::Connection;
use std::os::unix::fs::FileExt;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_finds_what_is_wrong_and_says_it_in_a_line() {
    let dir = filled().await;
    let whole = command::belfry(dir.path(), &["check"], "").await;
    assert_eq!(
        whole,
        "whole: 4 notifications, 0 files, 5 events, the newest is 5\n"
    );
    let database = dir.path().join("belfry.db");
    let good = std::fs::read(&database).unwrap();
    for (damage, finding) in [
        (
            "DELETE FROM event WHERE seq IN (2, 3)",
            "log: events 2 to 3 are missing",
        ),
        (
            "DELETE FROM event WHERE seq = 5",
            "log: its head is 5, and its last event 4",
        ),
        (
            "INSERT INTO meta VALUES ('pruned_to', '2')",
            "log: 2 events are there that are no longer kept",
        ),
        (
            "UPDATE event SET payload = '{' WHERE seq = 3",
            "log: event 3 cannot be read",
        ),
        (
            "UPDATE event SET payload = NULL WHERE seq = 3",
            "log: event 3 cannot be read",
        ),
        (
            "UPDATE notification SET seq = 1 WHERE seq = 5",
            "it is as of event 1, and the log has event 5",
        ),
        (
            "UPDATE notification SET seq = 77 WHERE seq = 5",
            "its event 77 is not in the log",
        ),
        (
            "UPDATE notification SET doc = 'x' WHERE seq = 4",
            "cannot be read",
        ),
        (
            "UPDATE notification SET priority = 1 WHERE seq = 4",
            "its row and its document differ",
        ),
        (
            "DELETE FROM channel",
            "belongs to nothing that is in channel",
        ),
        ("DELETE FROM search WHERE rowid = 5", "is not in the index"),
        (
            "INSERT INTO search (rowid, title) VALUES (77, 'x')",
            "search: the index has a row at 77, where no notification is",
        ),
        (
            "UPDATE search_data SET block = zeroblob(9) WHERE id > 10",
            "database: ",
        ),
        (
            "UPDATE tally SET shown = shown + 1",
            "tally: block 0 of channel 1 is counted wrong",
        ),
        (
            "INSERT INTO account_tally (account_id, block, channel_id, read) VALUES (1, 7, 1, 1)",
            "tally: block 7 of account 1 is counted wrong",
        ),
        (
            "DELETE FROM meta WHERE name = 'epoch'",
            "meta: the log has no epoch",
        ),
    ] {
        let mut connection = open(&database).await;
        sqlx::query("PRAGMA foreign_keys = OFF")
            .execute(&mut connection)
            .await
            .unwrap();
        sqlx::query(damage).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        let output = run(dir.path(), &["check"], "").await;
        let found = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{damage} {found}");
        assert!(
            found.lines().any(|line| line.contains(finding)),
            "{damage} {found}"
        );
        std::fs::write(&database, &good).unwrap();
    }

    // A page with text of a notification, which some other program wrote over.
    let at = good
        .windows(1000)
        .position(|text| text == [b'c'; 1000])
        .unwrap();
    let file = std::fs::File::options()
        .write(true)
        .open(&database)
        .unwrap();
    file.write_all_at(&[0xA5; 4096], (at / 4096 * 4096) as u64)
        .unwrap();
    let output = run(dir.path(), &["check"], "").await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let found = String::from_utf8(output.stdout).unwrap();
    assert!(
        found.lines().any(|line| line.starts_with("database: ")),
        "{found} {:?}",
        output.stderr
    );
    let refused = run(
        dir.path(),
        &["backup", dir.path().join("c.db").to_str().unwrap()],
        "",
    )
    .await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        !dir.path().join("c.db").exists(),
        "no copy of what is damaged"
    );
}
