//! Paths: what is a door of ntfy's, and what stays a page.

use super::{refused, send, server};
use crate::support::TestApp;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_browser_is_led_to_the_channel_and_pages_stay_pages() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let answer = admin.get("/alerts").await;
    assert!(answer.status.is_redirection(), "{answer:?}");
    assert_eq!(answer.header("location"), "/c/alerts");
    let page = admin.get("/").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    for path in [
        "/login",
        "/archive",
        "/healthz",
        "/readyz",
        "/api/v1/session",
        "/c/json",
        "/favicon.ico",
    ] {
        let answer = admin.get(path).await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "",
            "{path} is none of ntfy's"
        );
    }
    assert_eq!(admin.get("/healthz").await.text, "ok\n");
    let api = admin
        .post(
            "/api/v1/notifications",
            &json!({"channel": "t", "message": "x"}),
        )
        .await;
    assert_eq!(api.status, 201);
}

#[tokio::test]
async fn browsers_of_any_origin_may_ask() {
    let (app, _program) = server().await;
    let anyone = app.anyone();
    for path in [
        "/",
        "/t",
        "/t/key",
        "/t/json",
        "/t/key/clear",
        "/v1/account",
        "/v1/account/token",
    ] {
        let answer = send(
            &anyone,
            Method::OPTIONS,
            path,
            &[("origin", "https://ex.com")],
            "",
        )
        .await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(
            answer.header("access-control-allow-methods"),
            "GET, PUT, POST, PATCH, DELETE"
        );
        assert_eq!(answer.header("access-control-allow-headers"), "*");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_in_ntfy_s_words() {
    let (_app, program) = server().await;
    for (method, path) in [
        (Method::GET, "/v1/nothing"),
        (Method::PUT, "/t/a/b"),
        (Method::PATCH, "/t"),
        (Method::POST, "/t/a/b/c"),
    ] {
        refused(&send(&program, method, path, &[], "x").await, 40401);
    }
    refused(
        &send(&program, Method::PUT, "/t/bad%20key", &[], "x").await,
        40049,
    );
    refused(
        &send(&program, Method::PUT, "/bad.topic", &[], "x").await,
        40009,
    );
}
