//! What Home Assistant asks of a server and of an account.

use super::{publish, refused, send, server};
use crate::support::app::PASSWORD;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn the_server_tells_of_itself() {
    let (app, program) = server().await;
    let anyone = app.anyone();
    assert_eq!(
        anyone.get("/v1/health").await.json(),
        json!({"healthy": true})
    );
    publish(&program, "/t", &[], "x").await;
    let stats = anyone.get("/v1/stats").await.json();
    assert_eq!(stats["messages"], 1);
    assert!(stats["messages_rate"].is_f64(), "{stats}");
    refused(&anyone.get("/v1/version").await, 40101);
    let version = program.get("/v1/version").await.json();
    for key in ["version", "commit", "date"] {
        assert!(version[key].is_string(), "{version}");
    }
    app.user("ann").await;
    let ann = app.program("ann", "publish").await;
    refused(&ann.get("/v1/version").await, 40101);
}

#[tokio::test]
async fn an_account_has_a_name_and_ten_figures() {
    let (app, program) = server().await;
    for (person, name) in [(&program, "root"), (&app.anyone(), "*")] {
        let account = person.get("/v1/account").await.json();
        assert_eq!(account["username"], name);
        for figure in [
            "messages",
            "emails",
            "calls",
            "reservations",
            "attachment_total_size",
        ] {
            let stats = &account["stats"];
            assert!(stats[figure].is_u64(), "{figure}: {account}");
            assert!(
                stats[format!("{figure}_remaining")].is_u64(),
                "{figure}: {account}"
            );
        }
    }
    refused(
        &app.anyone().with_token("bf_wrong").get("/v1/account").await,
        40101,
    );
}

#[tokio::test]
async fn whoever_knows_the_password_gets_a_token() {
    let (app, program) = server().await;
    let basic = format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("root:{PASSWORD}"))
    );
    let headers = [("authorization", &*basic)];
    let body = r#"{"label":"Home Assistant","expires":0}"#;
    let answer = send(
        &app.anyone(),
        Method::POST,
        "/v1/account/token",
        &headers,
        body,
    )
    .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let issued = answer.json();
    assert_eq!(issued["label"], "Home Assistant");
    assert_eq!(issued.get("expires"), None);
    let made = app.anyone().with_token(issued["token"].as_str().unwrap());
    publish(&made, "/t", &[], "x").await;
    assert_eq!(made.get("/t/auth").await.status, 200);
    // What can only publish and subscribe makes no others.
    for person in [&made, &program] {
        let answer = send(person, Method::POST, "/v1/account/token", &[], body).await;
        refused(&answer, 40301);
    }
    let past = r#"{"expires":1}"#;
    let answer = send(
        &app.anyone(),
        Method::POST,
        "/v1/account/token",
        &headers,
        past,
    )
    .await;
    let ended = app
        .anyone()
        .with_token(answer.json()["token"].as_str().unwrap());
    refused(&send(&ended, Method::POST, "/t", &[], "x").await, 40101);
}
