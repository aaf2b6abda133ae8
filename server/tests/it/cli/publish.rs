//! `belfry publish`.

use super::front::{self, Front};
use super::{client, client_at, complaint, printed};
use crate::support::TestApp;
use crate::support::app::PASSWORD;
use crate::support::command::{finish, program};
use serde_json::{Value, json};

#[tokio::test]
async fn every_field_arrives_as_it_was_given() {
    let app = TestApp::start().await;
    app.admin().await;
    let ci = app.program("root", "publish,subscribe").await;
    let args = [
        "publish",
        "ci",
        "line one\nline two",
        "--title",
        "Build 7",
        "--priority",
        "high",
        "--tag",
        "a,b",
        "--tag",
        "c",
        "--click",
        "https://example.org/7",
        "--icon",
        "https://example.org/i.png",
        "--markdown",
        "--action",
        "Log=https://example.org/?a=b",
        "--key",
        "build-7",
        "--progress",
        "40",
        "--state",
        "running",
        "--append",
        "compiled",
        "--to",
        "root",
        "--expires-at",
        "+2h",
        "--json",
    ];
    let made: Value = serde_json::from_str(&printed(finish(client(&ci, &args), "").await)).unwrap();
    let path = format!("/api/v1/notifications/{}", made["id"].as_str().unwrap());
    let stored = ci.get(&path).await.json();
    let expect = json!({
        "channel": "ci", "message": "line one\nline two", "title": "Build 7", "priority": 4, "tags": ["a,b", "c"],
        "click": "https://example.org/7", "icon": "https://example.org/i.png", "markdown": true,
        "actions": [{"label": "Log", "url": "https://example.org/?a=b"}], "key": "build-7", "progress": 40,
        "state": "running", "log": ["compiled"], "to": ["root"],
    });
    for (field, value) in expect.as_object().unwrap() {
        assert_eq!((field, &made[field]), (field, value));
        assert_eq!((field, &stored[field]), (field, value));
    }
    assert!(stored["expires_at"].is_string());

    // What is not named stays as it is.
    let again = [
        "publish", "ci", "done", "--key", "build-7", "--state", "success", "--json",
    ];
    let again: Value =
        serde_json::from_str(&printed(finish(client(&ci, &again), "").await)).unwrap();
    assert_eq!((&again["id"], &again["tags"]), (&made["id"], &made["tags"]));
    assert_eq!(
        (&again["progress"], &again["state"]),
        (&json!(40), &json!("success"))
    );

    let later = ["publish", "ci", "cake", "--deliver-at", "+1h"];
    let id = printed(finish(client(&ci, &later), "").await);
    let list = ci.get("/api/v1/notifications?channel=ci").await.json();
    assert_eq!(
        list["notifications"].as_array().unwrap().len(),
        1,
        "{id} is shown later"
    );
}

#[tokio::test]
async fn the_message_is_read_when_it_is_not_given() {
    let app = TestApp::start().await;
    app.admin().await;
    let ci = app.program("root", "publish,subscribe").await;
    for (args, input, message) in [
        (
            &["publish", "ci"][..],
            "first\nsecond\n",
            json!("first\nsecond"),
        ),
        (&["publish", "ci", "-"], "dash", json!("dash")),
        (&["publish", "ci", "--title", "alone"], "", Value::Null),
        (&["publish", "ci", "given"], "not read", json!("given")),
    ] {
        let id = printed(finish(client(&ci, args), input).await);
        let path = format!("/api/v1/notifications/{}", id.trim());
        assert_eq!(ci.get(&path).await.json()["message"], message, "{args:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_one_line_and_a_status() {
    let app = TestApp::start().await;
    app.admin().await;
    let ci = app.program("root", "publish").await;
    let reader = app.program("root", "subscribe").await;
    let long = "x".repeat(251);
    let publish = ["publish", "ci", "hello"];
    let check = async |command, expect: (i32, &str)| {
        let output = finish(command, "").await;
        let (status, line) = complaint(&output);
        assert_eq!((status, line), (Some(expect.0), expect.1));
    };
    let titled = [&publish[..], &["--title", &long]].concat();
    check(
        client(&ci, &titled),
        (
            1,
            "belfry: title: has 251 characters, at most 250 are allowed",
        ),
    )
    .await;
    check(
        client(&ci, &["publish", "ci"]),
        (1, "belfry: message: is required unless a title is given"),
    )
    .await;
    let forbidden = finish(client(&reader, &publish), "").await;
    assert!(complaint(&forbidden).1.contains("publish"), "{forbidden:?}");
    assert_eq!(forbidden.status.code(), Some(1));
    let stranger = app.anyone().with_token("bf_nobody");
    let unknown = "belfry: Sign in, or send an access token: Authorization: Bearer bf_…";
    check(client(&stranger, &publish), (1, unknown)).await;

    let mut bare = program();
    bare.args(publish);
    let none = "belfry: there is no access token: set BELFRY_TOKEN, or BELFRY_TOKEN_FILE to a file that holds it";
    check(bare, (1, none)).await;
    let mut wrong = client(&ci, &publish);
    wrong.env("BELFRY_URL", "ftp://a");
    let no_address =
        "belfry: url must be an address such as https://bell.example.org, not \"ftp://a\"";
    check(wrong, (1, no_address)).await;

    for usage in [
        &["publish"][..],
        &["publish", "ci", "x", "--priority", "9"],
        &["publish", "ci", "--append", "x"],
    ] {
        assert_eq!(
            finish(client(&ci, usage), "").await.status.code(),
            Some(2),
            "{usage:?}"
        );
    }
}

#[tokio::test]
async fn the_token_may_come_from_a_file() {
    let app = TestApp::start().await;
    app.admin().await;
    let ci = app.program("root", "publish").await;
    let file = app.data_dir().join("token");
    std::fs::write(&file, format!("{}\n", ci.token())).unwrap();
    let mut command = client(&ci, &["publish", "ci", "hello"]);
    command
        .env_remove("BELFRY_TOKEN")
        .env("BELFRY_TOKEN_FILE", &file);
    printed(finish(command, "").await);
}

#[tokio::test]
async fn a_post_is_tried_until_it_is_answered_and_made_once() {
    let app = TestApp::start().await;
    app.admin().await;
    let ci = app.program("root", "publish,subscribe").await;
    let front = Front::open().await;
    let address = front.address();
    let command = client_at(address, &ci, &["publish", "ci", "hello"]);
    let publishing = tokio::spawn(async move { finish(command, "").await });

    // Committed, and the answer is lost.
    let (first, socket) = front.request().await;
    let made = front::forward(app.address, &first).await;
    assert!(made.starts_with(b"HTTP/1.1 201"));
    drop(socket);
    let (second, socket) = front.request().await;
    let busy = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    front::answer(socket, busy).await;
    let (third, socket) = front.request().await;
    front::answer(socket, &front::forward(app.address, &third).await).await;

    let id = printed(publishing.await.unwrap());
    let key = front::header(&first, "idempotency-key");
    assert!(key.len() >= 20, "{first}");
    assert!(
        [&second, &third]
            .iter()
            .all(|again| front::header(again, "idempotency-key") == key)
    );
    let list = ci.get("/api/v1/notifications?channel=ci").await.json();
    let posted: Vec<_> = list["notifications"].as_array().unwrap().iter().collect();
    assert_eq!(posted.len(), 1);
    assert_eq!(posted[0]["id"], id.trim());
}

#[tokio::test]
async fn a_server_that_does_not_come_back_is_given_up() {
    let app = TestApp::start().await;
    app.admin().await;
    let ci = app.program("root", "publish").await;
    let address = {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        closed.local_addr().unwrap()
    };
    let output = finish(
        client_at(address, &ci, &["publish", "ci", "x", "--timeout", "1"]),
        "",
    )
    .await;
    let (status, line) = complaint(&output);
    assert_eq!(status, Some(1));
    assert!(
        line.starts_with(&format!("belfry: cannot reach http://{address}: ")),
        "{line}"
    );
}

#[tokio::test]
async fn what_a_hostile_server_says_does_not_reach_the_terminal() {
    let app = TestApp::start().await;
    app.admin().await;
    let ci = app.program("root", "publish").await;
    let front = Front::open().await;
    let command = client_at(front.address(), &ci, &["publish", "ci", "hello"]);
    let publishing = tokio::spawn(async move { finish(command, "").await });
    let (_, socket) = front.request().await;
    let body = json!({"detail": "no\u{1b}[2J\nbelfry: done\u{9b}31m\u{202E}"}).to_string();
    let head =
        "HTTP/1.1 403 Forbidden\r\nContent-Type: application/problem+json\r\nConnection: close\r\n";
    let refusal = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    front::answer(socket, refusal.as_bytes()).await;
    let output = publishing.await.unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        text,
        "belfry: no\u{FFFD}[2J\nbelfry: belfry: done\u{FFFD}31m\u{FFFD}\n"
    );
}

#[tokio::test]
async fn certificates_are_those_that_the_system_trusts() {
    let (app, certificate) = TestApp::start_tls().await;
    app.belfry(
        &["user", "add", "root", "--admin", "--password-stdin"],
        PASSWORD,
    )
    .await;
    let ci = app.program("root", "publish").await;
    let trusted = app.data_dir().join("trusted.pem");
    std::fs::write(&trusted, certificate).unwrap();
    let publish = |more: &[&str]| {
        let mut command = client(&ci, &[&["publish", "ci", "hello"], more].concat());
        command.env("BELFRY_URL", format!("https://{}", app.address));
        command
    };
    let stranger = finish(publish(&["--timeout", "0"]), "").await;
    assert!(
        complaint(&stranger).1.contains("certificate"),
        "{stranger:?}"
    );
    assert_eq!(stranger.status.code(), Some(1));
    let mut command = publish(&[]);
    command.env("SSL_CERT_FILE", &trusted);
    printed(finish(command, "").await);
}
