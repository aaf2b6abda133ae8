//! The OpenAPI document says what the router does: each call that it names is there, and no other, and answers as it says.

mod schemathesis;

use crate::support::{TestApp, command};
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeSet;

/// The calls of the contract, sections 3 and 4.
const CALLS: [&str; 20] = [
    "DELETE /api/v1/channels/{name}",
    "DELETE /api/v1/notifications/{id}",
    "DELETE /api/v1/tokens/{id}",
    "GET /api/v1/channels",
    "GET /api/v1/channels/{name}",
    "GET /api/v1/notifications",
    "GET /api/v1/notifications/{id}",
    "GET /api/v1/session",
    "GET /api/v1/stats",
    "GET /api/v1/tokens",
    "GET /events",
    "PATCH /api/v1/channels/{name}",
    "PATCH /api/v1/notifications/{id}",
    "POST /api/v1/channels",
    "POST /api/v1/notifications",
    "POST /api/v1/notifications/{id}/restore",
    "POST /api/v1/receipts/read-all",
    "POST /api/v1/tokens",
    "POST /notify",
    "PUT /api/v1/notifications/{id}/receipt",
];

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

fn calls(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().unwrap().iter();
    let calls = paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    calls.collect()
}

/// Every `$ref` in `value`.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn the_document_names_each_call_of_the_router_and_no_other() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let served = root.get("/api/v1/openapi.json").await;
    assert_eq!(
        (served.status.as_u16(), served.header("content-type")),
        (200, "application/json")
    );
    let document = served.json();
    let printed = command::program().arg("openapi").output().unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&printed.stdout).unwrap(),
        document
    );
    assert!(
        document["openapi"].as_str().unwrap().starts_with("3.1."),
        "{document}"
    );

    let expected: BTreeSet<_> = CALLS.map(str::to_owned).into();
    let named = calls(&document);
    assert_eq!(named, expected);
    for path in document["paths"]
        .as_object()
        .unwrap()
        .keys()
        .filter(|path| *path != "/events")
    {
        let concrete = path
            .replace("{id}", "aaaaaaaaaaaa")
            .replace("{name}", "none");
        for method in METHODS {
            let request = root.request(Method::from_bytes(method.as_bytes()).unwrap(), &concrete);
            let answer = root.send(request).await;
            let missing = answer.status == 405 || answer.text.contains("There is no such call");
            assert_eq!(
                missing,
                !named.contains(&format!("{method} {path}")),
                "{method} {path} {answer:?}"
            );
        }
    }

    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 50, "{} references", found.len());
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}
