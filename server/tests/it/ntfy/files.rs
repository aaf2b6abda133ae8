//! Files: kept as they come, given to those who may have them, and gone with their notifications.

use super::{newest, publish, refused, send, server};
use crate::support::app::PASSWORD;
use crate::support::people::{Answer, Person};
use crate::support::{PATIENCE, TestApp};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

/// The path of a message's file.
fn path(message: &Value) -> String {
    let url = message["attachment"]["url"].as_str().unwrap();
    let (_, path) = url.split_once("/file/").unwrap();
    format!("/file/{path}")
}

/// Waits until the folder holds so many files.
async fn kept(data: &Path, count: usize) {
    let folder = data.join("files");
    let began = Instant::now();
    loop {
        let entries = std::fs::read_dir(&folder).map_or(0, Iterator::count);
        if entries == count {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "{entries} files, not {count}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn put(person: &Person, path: &str, body: impl Into<reqwest::Body>) -> Answer {
    send(person, Method::PUT, path, &[], body).await
}

#[tokio::test]
async fn a_file_comes_back_as_it_was_and_is_never_shown() {
    let (app, program) = server().await;
    let script = b"<html><script>alert(1)</script></html>".to_vec();
    let message = put(&program, "/t?f=evil.html", script.clone()).await.json();
    assert_eq!(message["attachment"]["type"], "application/octet-stream");
    assert_eq!(message["message"], "You received a file: evil.html");
    assert_eq!(message.get("actions"), None);
    let card = newest(&program).await;
    assert_eq!(card["actions"][0]["label"], "evil.html");
    assert_eq!(card["actions"][0]["url"], message["attachment"]["url"]);
    assert_eq!(card["attachment"]["size"], script.len());
    let root = app.sign_in("root").await;
    for person in [&program, &root] {
        let answer = person.get(&path(&message)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_bytes()),
            (200, &script[..])
        );
        assert_eq!(
            answer.header("content-disposition"),
            "attachment; filename*=UTF-8''evil.html"
        );
        assert_eq!(
            answer.header("content-security-policy"),
            "sandbox; default-src 'none'"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("content-type"), "application/octet-stream");
    }
    let basic = format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("root:{PASSWORD}"))
    );
    let answer = send(
        &app.anyone(),
        Method::GET,
        &path(&message),
        &[("authorization", &basic)],
        "",
    )
    .await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn who_may_not_read_the_channel_may_not_have_its_files() {
    let (app, program) = server().await;
    let ann = app.user("ann").await;
    app.belfry(&["channel", "add", "secret", "--private"], "")
        .await;
    let grant = [
        "channel", "grant", "secret", "--user", "root", "--access", "both",
    ];
    app.belfry(&grant, "").await;
    let message = put(&program, "/secret?f=a.txt", "x").await.json();
    let publisher = app.program("root", "publish").await;
    for person in [&app.anyone(), &ann, &publisher] {
        let answer = person.get(&path(&message)).await;
        assert_eq!(answer.status, 404, "{answer:?}");
    }
    for strange in [
        "/file/..%2Fbelfry.db",
        "/file/aaaaaaaaaaaa.txt",
        "/file/x",
        "/file/aaaaaaaaaaa%2E.txt",
    ] {
        assert_eq!(program.get(strange).await.status, 404, "{strange}");
    }
    assert_eq!(program.get(&path(&message)).await.status, 200);
}

#[tokio::test]
async fn what_is_no_text_is_a_file() {
    let (_app, program) = server().await;
    let message = put(&program, "/t", vec![0, 1, 2, 0xff]).await.json();
    assert_eq!(message["attachment"]["name"], "attachment.bin");
    assert_eq!(message["attachment"]["type"], "application/octet-stream");
}

#[tokio::test]
async fn too_much_is_refused_and_leaves_nothing() {
    let app = TestApp::start_with(|options| {
        options.config.file_limit = "100K".parse().unwrap();
        options.config.file_total_limit = "150K".parse().unwrap();
    })
    .await;
    app.admin().await;
    let program = app.program("root", "publish,subscribe,manage").await;
    refused(
        &put(&program, "/t?f=a", vec![0; (100 << 10) + 1]).await,
        41301,
    );
    // Without a length, it is found out on the way.
    let parts = (0..20).map(|_| Ok::<_, std::io::Error>(vec![0_u8; 10 << 10]));
    let body = reqwest::Body::wrap_stream(futures::stream::iter(parts));
    refused(&put(&program, "/t?f=a", body).await, 41301);
    kept(app.data_dir(), 0).await;
    assert_eq!(newest(&program).await, Value::Null);
    let message = put(&program, "/t?f=a", vec![0; 100 << 10]).await.json();
    refused(&put(&program, "/t?f=b", vec![0; 60 << 10]).await, 41301);
    let account = program.get("/v1/account").await.json();
    assert_eq!(account["stats"]["attachment_total_size"], 100 << 10);
    let id = message["id"].as_str().unwrap();
    program
        .delete(&format!("/api/v1/notifications/{id}?purge=true"))
        .await;
    kept(app.data_dir(), 0).await;
    assert_eq!(put(&program, "/t?f=b", vec![0; 60 << 10]).await.status, 200);
}

#[tokio::test]
async fn a_file_goes_with_its_notification() {
    let (app, program) = server().await;
    let one = put(&program, "/t/card?f=one", "1").await.json();
    kept(app.data_dir(), 1).await;
    // The next one of the card takes its place.
    let two = put(&program, "/t/card?f=two", "2").await.json();
    kept(app.data_dir(), 1).await;
    assert_eq!(program.get(&path(&one)).await.status, 404);
    assert_eq!(program.get(&path(&two)).await.text, "2");
    // In the bin it is still there.
    send(&program, Method::DELETE, "/t/card", &[], "").await;
    assert_eq!(program.get(&path(&two)).await.text, "2");
    let bin = program.get("/api/v1/notifications?state=bin").await.json();
    let id = bin["notifications"][0]["id"].as_str().unwrap().to_owned();
    program
        .delete(&format!("/api/v1/notifications/{id}?purge=true"))
        .await;
    kept(app.data_dir(), 0).await;
    assert_eq!(program.get(&path(&two)).await.status, 404);
    // A card without a file has none.
    put(&program, "/t/card?f=three", "3").await;
    publish(&program, "/t/card", &[], "no file").await;
    kept(app.data_dir(), 0).await;
    assert_eq!(newest(&program).await.get("attachment"), None);
}

#[tokio::test]
async fn what_an_earlier_run_left_behind_is_removed() {
    let (app, program) = server().await;
    let message = put(&program, "/t?f=a", "x").await.json();
    let stopped = app.stop().await;
    let folder = stopped.data_dir().join("files");
    for orphan in ["aaaaaaaaaaaa", "bbbbbbbbbbbb.part"] {
        std::fs::write(folder.join(orphan), "y").unwrap();
    }
    let app = stopped.start().await;
    kept(app.data_dir(), 1).await;
    assert_eq!(program.get(&path(&message)).await.text, "x");
}

#[tokio::test]
async fn a_delayed_file_arrives_with_its_message() {
    let app = TestApp::start_with(|options| options.stop_the_clock()).await;
    app.admin().await;
    let program = app.program("root", "publish,subscribe").await;
    let mut stream = program.stream("").await;
    publish(&program, "/t/card", &[], "now").await;
    stream.next("notification").await;
    let later = send(&program, Method::PUT, "/t/card?f=a", &[("In", "1h")], "x")
        .await
        .json();
    app.pass(Duration::from_secs(3_700));
    let event = stream.next("update").await;
    assert_eq!(event["notification"]["attachment"]["name"], "a");
    assert_eq!(program.get(&path(&later)).await.text, "x");
    kept(app.data_dir(), 1).await;
}

#[tokio::test]
async fn nobody_s_file_is_not_even_read() {
    let (app, _program) = server().await;
    refused(&put(&app.anyone(), "/t?f=a", "x").await, 40301);
    let bound = app
        .program_with("root", "publish", &["--channel", "other"])
        .await;
    refused(&put(&bound, "/t?f=a", "x").await, 40301);
    assert!(!app.data_dir().join("files").exists());
}
