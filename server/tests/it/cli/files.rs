//! Files of notifications in `backup`, `restore` and `check`: a copy has every file that it names, as it was.

use super::complaint;
use super::data::open;
use crate::support::command::{self, run};
use crate::support::people::Person;
use crate::support::{PATIENCE, TestApp};
use reqwest::Method;
use sqlx::Connection;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::timeout;

const BACKUPS: usize = 6;

/// Cards that get one file after another.
const CARDS: usize = 20;

/// What is in the file of a name: some of them are longer than what is held of one at a time.
fn content(name: &str) -> Vec<u8> {
    let number: usize = name.parse().unwrap();
    name.as_bytes().repeat(1 + number % 7 * 100_000)
}

/// Gives a card a file, in place of the one that it had. Answers the file's path.
async fn put(program: &Person, number: usize) -> String {
    let path = format!("/t/card{}?f={number}", number % CARDS);
    let request = program
        .request(Method::PUT, &path)
        .body(content(&number.to_string()));
    let answer = program.send(request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let url = answer.json()["attachment"]["url"].clone();
    let (_, path) = url.as_str().unwrap().split_once("/file/").unwrap();
    format!("/file/{path}")
}

/// Ids and names of the files that a database has rows of.
async fn rows(database: &Path) -> BTreeMap<String, String> {
    let mut connection = open(database).await;
    let rows: Vec<(String, String)> = sqlx::query_as("SELECT id, name FROM file")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    rows.into_iter().collect()
}

/// The data in `dir` is whole, and its files are what was put there.
async fn assert_whole(dir: &Path, count: usize) {
    let checked = command::belfry(dir, &["check"], "").await;
    assert!(checked.starts_with("whole: "), "{checked}");
    assert_eq!(
        checked.lines().count(),
        1,
        "nothing is left over: {checked}"
    );
    let rows = rows(&dir.join("belfry.db")).await;
    assert_eq!(rows.len(), count);
    for (id, name) in rows {
        let stored = std::fs::read(dir.join("files").join(id)).unwrap();
        assert!(stored == content(&name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_made_while_files_come_and_go_have_every_file_that_they_name() {
    let app = TestApp::start().await;
    app.admin().await;
    let program = app.program("root", "publish").await;
    let folder = tempfile::tempdir().unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let (put_so_far, mut progress) = watch::channel(0);
    let publisher = tokio::spawn({
        let stop = Arc::clone(&stop);
        async move {
            for number in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                put(&program, number).await;
                put_so_far.send_replace(number);
            }
        }
    });
    let mut copies = Vec::new();
    for number in 0..BACKUPS {
        let more = *progress.borrow() + CARDS;
        let enough = timeout(PATIENCE, progress.wait_for(|done| *done >= more));
        drop(enough.await.unwrap().unwrap());
        let file = folder.path().join(format!("{number}.db"));
        let said = app.belfry(&["backup", file.to_str().unwrap()], "").await;
        assert!(said.contains(&format!(" {CARDS} files, ")), "{said}");
        copies.push(file);
    }
    stop.store(true, Ordering::Relaxed);
    publisher.await.unwrap();
    for file in copies {
        let dir = tempfile::tempdir().unwrap();
        command::belfry(dir.path(), &["restore", file.to_str().unwrap()], "").await;
        assert_whole(dir.path(), CARDS).await;
        let database = dir.path().join("belfry.db").metadata().unwrap();
        let copy = file.metadata().unwrap();
        assert!(
            database.len() * 4 < copy.len(),
            "the files are out of it again"
        );
    }
}

/// A data folder with two files, which nobody uses, and a copy of it.
async fn copied() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let token = command::token(dir.path(), "publish").await;
    let server = command::Server::start(dir.path(), command::ANYWHERE).await;
    let program = Person::new(server.address).with_token(&token);
    for number in [1, 6] {
        put(&program, number).await;
    }
    assert!(server.terminate().await.success());
    let copy = dir.path().join("copy.db");
    command::belfry(dir.path(), &["backup", copy.to_str().unwrap()], "").await;
    (dir, copy)
}

#[tokio::test]
async fn a_file_that_is_not_what_was_copied_does_not_go_back() {
    let (dir, copy) = copied().await;
    let good = std::fs::read(&copy).unwrap();
    for (damage, finding) in [
        (
            "UPDATE file_piece SET bytes = zeroblob(length(bytes)) WHERE number = 0",
            ": its piece 0 is not what was copied",
        ),
        (
            "DELETE FROM file_piece WHERE number = 0",
            " bytes, and not ",
        ),
        (
            "UPDATE file_piece SET file_id = file_id || 'x'",
            "belongs to nothing that is in file",
        ),
        ("UPDATE file SET id = '../' || id", "names no file"),
    ] {
        let mut connection = open(&copy).await;
        for statement in ["PRAGMA foreign_keys = OFF", damage] {
            let done = sqlx::query(statement).execute(&mut connection).await;
            done.unwrap();
        }
        connection.close().await.unwrap();
        let output = run(dir.path(), &["restore", copy.to_str().unwrap()], "").await;
        let (status, line) = complaint(&output);
        assert_eq!(status, Some(1), "{damage}");
        assert!(line.contains(finding), "{damage}: {line}");
        assert_whole(dir.path(), 2).await;
        std::fs::write(&copy, &good).unwrap();
    }
}

#[tokio::test]
async fn what_was_there_is_kept_with_its_files_and_goes_back_with_them() {
    let (dir, copy) = copied().await;
    let before = rows(&dir.path().join("belfry.db")).await;
    let other = tempfile::tempdir().unwrap();
    command::belfry(other.path(), &["channel", "add", "ci"], "").await;
    let none = other.path().join("none.db");
    command::belfry(other.path(), &["backup", none.to_str().unwrap()], "").await;

    let said = command::belfry(dir.path(), &["restore", none.to_str().unwrap()], "").await;
    assert_whole(dir.path(), 0).await;
    let kept = said
        .lines()
        .find_map(|line| line.strip_prefix("the database of before is "));
    let files = said
        .lines()
        .find_map(|line| line.strip_prefix("its files are in "));
    assert!(Path::new(files.unwrap()).is_dir());
    let said = command::belfry(dir.path(), &["restore", kept.unwrap()], "").await;
    assert!(!said.contains("its files"), "there were none: {said}");
    assert_whole(dir.path(), 2).await;
    assert_eq!(rows(&dir.path().join("belfry.db")).await, before);
    drop(copy);
}

/// As versions before files were part of a copy made them.
#[tokio::test]
async fn a_copy_without_files_takes_those_that_are_there() {
    let (dir, copy) = copied().await;
    let mut connection = open(&copy).await;
    sqlx::query("DROP TABLE file_piece")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let restore = ["restore", copy.to_str().unwrap()];
    let said = command::belfry(dir.path(), &restore, "").await;
    assert!(!said.contains("lost"), "{said}");
    assert_whole(dir.path(), 2).await;

    let elsewhere = tempfile::tempdir().unwrap();
    let said = command::belfry(elsewhere.path(), &restore, "").await;
    assert!(said.contains("2 files are lost: "), "{said}");
    assert_whole(elsewhere.path(), 0).await;
}

#[tokio::test]
async fn check_looks_at_files_and_backup_refuses_to_leave_one_out() {
    let (dir, copy) = copied().await;
    let folder = dir.path().join("files");
    std::fs::write(folder.join("nobodys"), "x").unwrap();
    let said = command::belfry(dir.path(), &["check"], "").await;
    assert!(
        said.contains("\n1 files belong to no notification: "),
        "{said}"
    );
    let rows = rows(&dir.path().join("belfry.db")).await;
    let ids: Vec<_> = rows.keys().collect();
    std::fs::write(folder.join(ids[0]), "?").unwrap();
    std::fs::remove_file(folder.join(ids[1])).unwrap();
    let output = run(dir.path(), &["check"], "").await;
    let found = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{found}");
    assert!(
        found.contains(&format!("file {}: it has 1 bytes, and not ", ids[0])),
        "{found}"
    );
    assert!(
        found.contains(&format!("file {}: it is missing: put it back, or ", ids[1])),
        "{found}"
    );
    let backup = ["backup", "--force", copy.to_str().unwrap()];
    let refused = run(dir.path(), &backup, "").await;
    let (status, line) = complaint(&refused);
    assert_eq!(status, Some(1));
    assert!(line.contains(" is damaged: it has 1 bytes"), "{line}");
    command::belfry(dir.path(), &["restore", copy.to_str().unwrap()], "").await;
    assert_whole(dir.path(), 2).await;
}
