//! Who may deliver, and what no delivery may do.

use super::{Hook, fixture};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn only_a_token_that_may_publish_delivers() {
    let hook = Hook::start().await;
    let browser = hook.app.sign_in("root").await;
    let reader = hook.app.program("root", "subscribe").await;
    let bind = ["--channel", "other"];
    let elsewhere = hook.app.program_with("root", "publish", &bind).await;
    let anyone = hook.app.anyone();
    let body = json!({"message": "m"});
    for (who, path, status) in [
        (&anyone, "/hooks/ops", 401),
        (&anyone, "/hooks/ops?token=bf_forged", 401),
        (&browser, "/hooks/ops", 401),
        (&reader, "/hooks/ops", 403),
        (&elsewhere, "/hooks/ops", 403),
        (&elsewhere, "/hooks/new", 403),
        (&hook.sender, "/hooks/events", 422),
        (&hook.sender, "/hooks/a%20b", 422),
        (&hook.sender, "/hooks/ops", 200),
        (&elsewhere, "/hooks/other", 403),
    ] {
        let answer = who.post(path, &body).await;
        assert_eq!(answer.status, status, "{path} {answer:?}");
        if status != 200 {
            assert_eq!(answer.header("content-type"), "application/problem+json");
        }
    }
    // A bound token makes no channels, and posts to its own once it is there.
    hook.app.belfry(&["channel", "add", "other"], "").await;
    assert_eq!(elsewhere.post("/hooks/other", &body).await.status, 200);
    assert_eq!(anyone.get("/hooks/ops").await.status, 405);
    let password = anyone.request(Method::POST, "/hooks/ops");
    let password = password.basic_auth("root", Some(&hook.token)).json(&body);
    assert_eq!(anyone.send(password).await.status, 200);
    let listed = hook.sender.get("/api/v1/notifications").await.json();
    assert_eq!(listed["notifications"].as_array().unwrap().len(), 3);
}

/// Every text in `json` made hostile.
fn poison(json: &mut Value) {
    match json {
        Value::String(text) => {
            *text = format!("{text}\r\nid: 9\n\u{0}\u{1b}[2J\u{202E}{}", "é".repeat(400));
        }
        Value::Array(values) => values.iter_mut().for_each(poison),
        Value::Object(fields) => fields.values_mut().for_each(poison),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Every value in `json` of another type.
fn confuse(json: &mut Value) {
    match json {
        Value::Array(values) => values.iter_mut().for_each(confuse),
        Value::Object(fields) => fields.values_mut().for_each(confuse),
        Value::String(_) => *json = json!({"not": ["a", "text"]}),
        Value::Null | Value::Bool(_) | Value::Number(_) => *json = json!([null]),
    }
}

#[tokio::test]
async fn no_delivery_is_lost_for_what_it_says() {
    let hook = Hook::start().await;
    let github = [
        "push",
        "pull_request",
        "issues",
        "issue_comment",
        "workflow_run",
        "release",
        "ping",
        "star",
    ];
    let named = github.map(|event| (format!("github-{event}.json"), Some(event)));
    let others = ["alertmanager.json", "grafana.json", "grafana-rule.json"];
    let others = others.map(|name| (name.to_owned(), None));
    for (name, event) in named.into_iter().chain(others) {
        for spoil in [poison, confuse] {
            let mut json: Value = serde_json::from_str(&fixture(&name)).unwrap();
            spoil(&mut json);
            let event = event.map(|event| ("x-github-event", event));
            let cards = hook.cards(event.as_slice(), json.to_string()).await;
            assert!(!cards.is_empty(), "{name}");
        }
    }
    for body in [
        "{",
        "null",
        "7",
        "\"x\"",
        "[[[[",
        "{\"alerts\":[]}",
        "{\"alerts\":[7,null]}",
        "\u{0}",
        "{\"title\":\"\\u0000\"}",
    ] {
        assert!(!hook.cards(&[], body).await.is_empty(), "{body}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(hook.cards(&[], deep).await.len(), 1);
    let strange = hook.cards(&[("x-github-event", "é")], "{}").await;
    assert_eq!(strange.len(), 1);
}

#[tokio::test]
async fn bytes_that_are_no_text_make_a_card_and_too_many_are_refused() {
    let hook = Hook::start().await;
    let path = format!("/hooks/ops?token={}", hook.token);
    let anyone = hook.app.anyone();
    let bytes = anyone
        .request(Method::POST, &path)
        .body(vec![0xff, b'a', 0, 0xfe]);
    let answer = anyone.send(bytes).await;
    assert_eq!(
        answer.json()["notifications"][0]["message"],
        "\u{fffd}a\u{fffd}"
    );
    let long = hook.deliver("", &[], "x".repeat(100_000)).await;
    let message = long.json()["notifications"][0]["message"].clone();
    assert_eq!(message.as_str().unwrap().len(), 32_768);
    let large = hook.deliver("", &[], "x".repeat(600 * 1024)).await;
    assert_eq!(
        (large.status.as_u16(), &large.json()["code"]),
        (413, &json!("too_large"))
    );
}
