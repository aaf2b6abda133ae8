//! What the tests of `backup`, `restore` and `check` share: folders of data, and what is in them.

use crate::support::command::{self, ANYWHERE, Server};
use crate::support::people::Person;
use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use std::collections::BTreeMap;
use std::path::Path;

pub(super) async fn open(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path);
    options.connect().await.unwrap()
}
/// Every notification that a reader finds, by place in the log.
pub(super) async fn stored(person: &Person) -> BTreeMap<u64, String> {
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
/// A data folder with some notifications, which nobody uses.
pub(super) async fn filled() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let token = command::token(dir.path(), "publish,subscribe").await;
    let server = Server::start(dir.path(), ANYWHERE).await;
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
