//! What whoever reads the log must not learn from it (contract, section 6).

use crate::support::app::PASSWORD;
use crate::support::command::{ANYWHERE, Server, belfry};
use crate::support::people::Person;
use reqwest::Method;
use serde_json::json;
use std::process::Stdio;

#[tokio::test]
async fn no_credential_and_no_text_of_a_message_reaches_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let add = ["user", "add", "root", "--admin", "--password-stdin"];
    belfry(&data, &add, PASSWORD).await;
    let scope = "publish,subscribe";
    let create = [
        "token", "create", "--user", "root", "--label", "x", "--scope", scope,
    ];
    let token = belfry(&data, &create, "").await;
    let token = token.trim();

    // Far more than the default lets through: whoever looks for an error turns this on.
    let log = dir.path().join("log");
    let stderr = Stdio::from(std::fs::File::create(&log).unwrap());
    let server = Server::start_with(&data, ANYWHERE, "debug", stderr).await;
    let anyone = Person::new(server.address);
    let program = anyone.with_token(token);
    let mut stream = anyone.stream(&format!("access_token={token}")).await;
    let refused = anyone.open("/events?access_token=bf_mistyped", &[]).await;
    assert_eq!(refused.head.status, 401);
    program
        .publish(json!({"channel": "ci", "title": "hushed title", "message": "hushed text"}))
        .await;
    stream.next("notification").await;
    // Programs made for others show their token in the address.
    for door in ["/message", "/hooks/ci"] {
        let body =
            json!({"title": "hushed title", "message": "hushed text", "extras": {"x": "hushed"}});
        let by = |token: &str| anyone.request(Method::POST, &format!("{door}?token={token}"));
        let answer = anyone.send(by(token).json(&body)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        stream.next("notification").await;
        let answer = anyone.send(by("bf_mistyped").json(&body)).await;
        assert_eq!(answer.status, 401, "{answer:?}");
    }
    let url = format!("ws://{}/stream?token={token}", server.address);
    let (phone, _answer) = tokio_tungstenite::connect_async(url).await.unwrap();
    drop(phone);
    let by_password = anyone.request(Method::GET, "/current/user");
    let by_password = by_password.basic_auth("root", Some(PASSWORD));
    assert_eq!(anyone.send(by_password).await.status, 200);
    let form = [("username", "root"), ("password", PASSWORD)];
    let browser = anyone.enter("/login", &form).await;
    browser
        .publish(json!({"channel": "ci", "message": "hushed text", "tags": ["hushed tag"]}))
        .await;
    let form = [("username", "root"), ("password", "nearly the password")];
    let wrong = anyone.request(Method::POST, "/login").form(&form);
    assert_eq!(anyone.send(wrong).await.status, 401);
    let body = json!({"channel": "ci", "message": "hushed\u{0} text"});
    assert_eq!(program.post("/notify", &body).await.status, 422);
    assert!(server.terminate().await.success());

    let log = std::fs::read_to_string(&log).unwrap();
    for path in ["/api/v1/notifications", "/message", "/hooks/ci", "/stream"] {
        assert!(log.contains(path), "it does log {path}: {log}");
    }
    let (_, id) = browser.cookie().split_once('=').unwrap();
    for secret in [
        token,
        "bf_mistyped",
        id,
        PASSWORD,
        "nearly the password",
        "hushed",
    ] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
