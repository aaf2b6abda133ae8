//! Credentials in ntfy's forms. A cookie is none.

use super::{refused, send, server};
use crate::support::TestApp;
use crate::support::app::PASSWORD;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use reqwest::Method;

fn basic(pair: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

#[tokio::test]
async fn tokens_and_passwords_in_every_form() {
    let (app, program) = server().await;
    let anyone = app.anyone();
    let token = program.token();
    let forms = [
        format!("Bearer {token}"),
        basic(&format!(":{token}")),
        basic(&format!("root:{PASSWORD}")),
        basic(&format!("ROOT:{PASSWORD}")),
    ];
    for form in &forms {
        let answer = send(&anyone, Method::POST, "/t", &[("authorization", form)], "x").await;
        assert_eq!(answer.status, 200, "{form} {answer:?}");
        let query = BASE64_URL_SAFE_NO_PAD.encode(form);
        let answer = anyone.get(&format!("/t/publish?m=x&auth={query}")).await;
        assert_eq!(answer.status, 200, "auth={form} {answer:?}");
        let answer = anyone.get(&format!("/t/json?poll=1&auth={query}")).await;
        assert_eq!(answer.status, 200, "auth={form} {answer:?}");
    }
}

#[tokio::test]
async fn nobody_is_forbidden_and_a_bad_credential_is_unauthorized() {
    let (app, _program) = server().await;
    let anyone = app.anyone();
    for (method, path) in [
        (Method::POST, "/t"),
        (Method::GET, "/t/json"),
        (Method::GET, "/t/auth"),
        (Method::DELETE, "/t/k"),
    ] {
        refused(&send(&anyone, method.clone(), path, &[], "x").await, 40301);
        for bad in [
            "Bearer bf_wrong",
            "Bearer",
            &basic("root:wrong password"),
            &basic(":bf_wrong"),
            "Basic %",
        ] {
            let answer = send(
                &anyone,
                method.clone(),
                path,
                &[("authorization", bad)],
                "x",
            )
            .await;
            refused(&answer, 40101);
            let scheme = answer.header("www-authenticate");
            assert!(
                !scheme.starts_with("Basic"),
                "no browser asks for a password"
            );
        }
    }
    // Those of other schemes are for others.
    let headers = [("authorization", "WebPush abc")];
    refused(
        &send(&anyone, Method::POST, "/t", &headers, "x").await,
        40301,
    );
    refused(&anyone.get("/t/json?auth=%21%21").await, 40101);
}

#[tokio::test]
async fn a_cookie_is_no_credential_here() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for (method, path) in [
        (Method::POST, "/"),
        (Method::POST, "/t"),
        (Method::PUT, "/t/key"),
        (Method::GET, "/t/publish?m=x"),
        (Method::GET, "/t/json?poll=1"),
        (Method::DELETE, "/t/key"),
        (Method::POST, "/v1/account/token"),
    ] {
        let answer = send(&admin, method, path, &[], r#"{"topic":"t","message":"x"}"#).await;
        refused(&answer, 40301);
    }
}

#[tokio::test]
async fn a_changed_password_is_bad_at_once() {
    let (app, _program) = server().await;
    let anyone = app.anyone();
    app.user("ann").await;
    let old = basic(&format!("ann:{PASSWORD}"));
    let headers = [("authorization", &*old)];
    assert_eq!(
        send(&anyone, Method::POST, "/t", &headers, "x")
            .await
            .status,
        200
    );
    let mut stream = anyone.open("/t/sse", &headers).await;
    assert_eq!(stream.next("open").await["event"], "open");
    app.belfry(
        &["user", "passwd", "ann", "--password-stdin"],
        "another password",
    )
    .await;
    // The stream ends as soon as the server knows.
    stream.rest().await;
    refused(
        &send(&anyone, Method::POST, "/t", &headers, "x").await,
        40101,
    );
}

#[tokio::test]
async fn guessing_passwords_is_slowed_down_and_good_ones_are_not_counted() {
    let app = TestApp::start_with(|options| options.stop_the_clock()).await;
    app.admin().await;
    let anyone = app.anyone();
    let good = basic(&format!("root:{PASSWORD}"));
    let headers = [("authorization", &*good)];
    let at_once = (0..25).map(|_| send(&anyone, Method::POST, "/t", &headers, "x"));
    for answer in futures::future::join_all(at_once).await {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    for number in 0..10 {
        let bad = basic(&format!("root:wrong {number}"));
        refused(
            &send(
                &anyone,
                Method::POST,
                "/t",
                &[("authorization", &*bad)],
                "x",
            )
            .await,
            40101,
        );
    }
    let bad = basic("root:wrong again");
    let answer = send(
        &anyone,
        Method::POST,
        "/t",
        &[("authorization", &*bad)],
        "x",
    )
    .await;
    refused(&answer, 42909);
    assert!(!answer.header("retry-after").is_empty());
}
