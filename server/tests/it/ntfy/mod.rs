//! The doors that programs made for ntfy know, by the requests that such programs send.

mod account;
mod answers;
mod captured;
mod cards;
mod clients;
mod credentials;
mod files;
mod params;
mod poll;
mod routes;
mod streams;
mod websocket;

use crate::support::TestApp;
use crate::support::people::{Answer, Person};
use reqwest::Method;
use serde_json::Value;

/// Sends something to a door of ntfy's.
async fn send(
    person: &Person,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<reqwest::Body>,
) -> Answer {
    let request = person.request(method, path).body(body);
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    });
    person.send(request).await
}

/// Publishes, which must succeed with exactly 200; answers the message.
async fn publish(person: &Person, path: &str, headers: &[(&str, &str)], body: &str) -> Value {
    let answer = send(person, Method::POST, path, headers, body.to_owned()).await;
    assert_eq!(answer.status, 200, "{path} {headers:?} {answer:?}");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    answer.json()
}

/// The newest notification, as our own interface tells it.
async fn newest(person: &Person) -> Value {
    let list = person.get("/api/v1/notifications?limit=1").await.json();
    list["notifications"][0].clone()
}

/// Everything that is kept of `topics`, by polling.
async fn poll(person: &Person, topics: &str, query: &str) -> Vec<Value> {
    let path = format!("/{topics}/json?poll=1&{query}");
    let answer = person.get(&path).await;
    assert_eq!(answer.status, 200, "{path} {answer:?}");
    lines(&answer.text)
}

/// The objects of a text with one a line.
fn lines(text: &str) -> Vec<Value> {
    let line =
        |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    text.lines().map(line).collect()
}

/// The texts of messages.
fn texts(messages: &[Value]) -> Vec<&str> {
    messages
        .iter()
        .map(|message| message["message"].as_str().unwrap_or_default())
        .collect()
}

/// An error of ntfy's: these keys and no others.
fn refused(answer: &Answer, code: u64) {
    let json = answer.json();
    let keys: Vec<_> = json
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let known = ["code", "http", "error", "link"];
    assert!(keys.iter().all(|key| known.contains(key)), "{json}");
    assert_eq!(json["code"], code, "{json}");
    assert_eq!(json["http"], u64::from(answer.status.as_u16()), "{json}");
    assert!(json["error"].is_string(), "{json}");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}

/// A server, and a program that may publish and subscribe.
async fn server() -> (TestApp, Person) {
    let app = TestApp::start().await;
    app.admin().await;
    let program = app.program("root", "publish,subscribe").await;
    (app, program)
}
