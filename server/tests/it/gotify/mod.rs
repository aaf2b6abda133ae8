//! The drop-in for Gotify: what its clients send and read (contract, section 5).

mod read;
mod send;
mod stream;

use crate::support::TestApp;
use crate::support::people::{Answer, Person};
use reqwest::Method;
use serde_json::{Value, json};

/// A token of `root` with this label, as Gotify's clients hold one.
async fn token(app: &TestApp, label: &str, scope: &str, more: &[&str]) -> String {
    let create = [
        "token", "create", "--user", "root", "--label", label, "--scope", scope,
    ];
    let made = app.belfry(&[&create, more].concat(), "").await;
    made.trim().to_owned()
}

/// A server with its administrator, somebody without a credential, and a token for everything, labelled `Attic NAS`.
async fn server() -> (TestApp, Person, String) {
    let app = TestApp::start().await;
    app.admin().await;
    let token = token(&app, "Attic NAS", "publish,subscribe", &[]).await;
    let anyone = app.anyone();
    (app, anyone, token)
}

/// Sends a message by `token`, which must succeed.
async fn send(anyone: &Person, token: &str, message: &Value) -> Value {
    let request = anyone.request(Method::POST, "/message");
    let answer = anyone
        .send(request.header("x-gotify-key", token).json(message))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Asks with `token` for `path`.
async fn ask(anyone: &Person, method: Method, path: &str, token: &str) -> Answer {
    let request = anyone.request(method, path);
    anyone.send(request.header("x-gotify-key", token)).await
}

/// Gotify's error body, and nothing else in it.
fn refusal(answer: &Answer) -> (u16, String) {
    let description = answer.json()["errorDescription"].clone();
    let error = answer.status.canonical_reason();
    let whole = json!({
        "error": error, "errorCode": answer.status.as_u16(), "errorDescription": description,
    });
    assert_eq!(answer.json(), whole);
    (
        answer.status.as_u16(),
        description.as_str().unwrap().to_owned(),
    )
}
