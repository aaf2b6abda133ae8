//! `/api/v1/channels`, `/api/v1/tokens` and `/api/v1/stats`.

use crate::support::TestApp;
use crate::support::app::Options;
use crate::support::people::{Answer, Person};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const CHANNELS: &str = "/api/v1/channels";
const TOKENS: &str = "/api/v1/tokens";

async fn change(person: &Person, name: &str, body: Value) -> Answer {
    let path = format!("{CHANNELS}/{name}");
    person
        .send(person.request(Method::PATCH, &path).json(&body))
        .await
}

fn refusal(answer: &Answer) -> (u16, Value) {
    let problem = answer.json();
    let field = problem["errors"][0]["field"].clone();
    (
        answer.status.as_u16(),
        if field.is_null() {
            problem["code"].clone()
        } else {
            field
        },
    )
}

#[tokio::test]
async fn channels_are_made_changed_and_removed() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let ada = app.user("ada").await;
    let made = ada
        .post(CHANNELS, &json!({"name": "garden", "title": "The garden"}))
        .await;
    let garden = json!({"name": "garden", "title": "The garden", "private": false, "writable": true, "retention_days": null});
    assert_eq!((made.status.as_u16(), made.json()), (201, garden.clone()));
    assert_eq!(
        ada.get(CHANNELS).await.json(),
        json!({"channels": [garden]})
    );
    for (body, expect) in [
        (json!({"name": "garden"}), (409, json!("conflict"))),
        (json!({"name": "inbox"}), (422, json!("name"))),
        (json!({"name": "a b"}), (422, json!("name"))),
        (json!({}), (422, json!(""))),
        (json!({"name": "x", "title": "a\nb"}), (422, json!("title"))),
        (
            json!({"name": "x", "title": "t".repeat(251)}),
            (422, json!("title")),
        ),
        (
            json!({"name": "x", "retention_days": 0}),
            (422, json!("retention_days")),
        ),
        (
            json!({"name": "x", "grants": {"nobody": "read"}}),
            (422, json!("grants")),
        ),
        (
            json!({"name": "x", "colour": "red"}),
            (422, json!("colour")),
        ),
    ] {
        assert_eq!(refusal(&ada.post(CHANNELS, &body).await), expect, "{body}");
    }
    assert_eq!(
        change(&ada, "garden", json!({"title": "Mine"}))
            .await
            .status,
        403,
        "only administrators change one"
    );
    assert_eq!(ada.delete(&format!("{CHANNELS}/garden")).await.status, 403);
    let changed = change(&root, "garden", json!({"title": null, "retention_days": 7}))
        .await
        .json();
    assert_eq!(
        (&changed["title"], &changed["retention_days"]),
        (&Value::Null, &json!(7))
    );
    assert_eq!(change(&root, "none", json!({})).await.status, 404);

    let card = ada
        .publish(json!({"channel": "garden", "title": "bloom"}))
        .await;
    let mut screen = ada.stream("").await;
    assert_eq!(root.delete(&format!("{CHANNELS}/garden")).await.status, 204);
    let gone = screen.next("update").await;
    assert_eq!(
        (&gone["change"], &gone["id"]),
        (&json!("deleted"), &card["id"])
    );
    assert_eq!(root.get(&format!("{CHANNELS}/garden")).await.status, 404);
    assert_eq!(
        ada.get(&format!(
            "/api/v1/notifications/{}",
            card["id"].as_str().unwrap()
        ))
        .await
        .status,
        404
    );
    assert_eq!(
        ada.post(CHANNELS, &json!({"name": "garden"})).await.status,
        201,
        "the name is free again"
    );
}

#[tokio::test]
async fn a_private_channel_is_its_makers_and_the_grantees() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let ada = app.user("ada").await;
    let bob = app.user("bob").await;
    let made = ada
        .post(CHANNELS, &json!({"name": "diary", "private": true}))
        .await;
    assert_eq!(
        (made.status.as_u16(), &made.json()["writable"]),
        (201, &json!(true))
    );
    assert_eq!(bob.get(&format!("{CHANNELS}/diary")).await.status, 404);
    let seen = root.get(&format!("{CHANNELS}/diary")).await.json();
    assert_eq!(
        (&seen["writable"], &seen["grants"]),
        (&json!(false), &json!({"ada": "both"})),
        "managed, not read"
    );
    let card = ada
        .publish(json!({"channel": "diary", "title": "dear"}))
        .await;
    let card = format!("/api/v1/notifications/{}", card["id"].as_str().unwrap());
    assert_eq!(root.get(&card).await.status, 404);

    assert_eq!(bob.get(&card).await.status, 404);
    let granted = change(&root, "diary", json!({"grants": {"bob": "read"}}))
        .await
        .json();
    assert_eq!(granted["grants"], json!({"ada": "both", "bob": "read"}));
    assert_eq!(bob.get(&card).await.status, 200);
    let mut screen = bob.stream("").await;
    change(&root, "diary", json!({"grants": {"bob": "none"}})).await;
    assert!(
        screen
            .rest()
            .await
            .iter()
            .all(|event| event.name != "notification"),
        "the stream ends"
    );
    assert_eq!(bob.get(&card).await.status, 404);

    assert_eq!(
        change(&root, "diary", json!({"private": false}))
            .await
            .status,
        200
    );
    assert_eq!(bob.get(&card).await.status, 200);
}

#[tokio::test]
async fn a_token_makes_none_that_may_do_more() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let made = root.post(TOKENS, &json!({"label": "ci", "scopes": ["publish", "manage"], "channels": ["ci"], "expires_at": "+30d"})).await;
    assert_eq!(made.status, 201, "{made:?}");
    let secret = made.json()["token"].as_str().unwrap().to_owned();
    root.publish(json!({"channel": "ci", "title": "it is there"}))
        .await;
    assert!(secret.starts_with("bf_"), "{secret}");
    let ci = app.anyone().with_token(&secret);
    ci.publish(json!({"channel": "ci", "title": "t"})).await;

    for (body, expect) in [
        (
            json!({"label": "x", "scopes": ["subscribe"], "channels": ["ci"]}),
            (403, json!("forbidden")),
        ),
        (
            json!({"label": "x", "scopes": ["publish"]}),
            (403, json!("forbidden")),
        ),
        (
            json!({"label": "x", "scopes": ["publish"], "channels": ["other"]}),
            (403, json!("forbidden")),
        ),
        (
            json!({"label": "", "scopes": ["publish"], "channels": ["ci"]}),
            (422, json!("label")),
        ),
        (json!({"label": "x", "scopes": []}), (422, json!("scopes"))),
        (
            json!({"label": "x", "scopes": ["root"]}),
            (422, json!("scopes[0]")),
        ),
        (
            json!({"label": "x", "scopes": ["publish"], "expires_at": "+0s"}),
            (422, json!("expires_at")),
        ),
        (
            json!({"label": "x", "scopes": ["publish"], "expires_at": "soon"}),
            (422, json!("expires_at")),
        ),
    ] {
        assert_eq!(refusal(&ci.post(TOKENS, &body).await), expect, "{body}");
    }
    let lesser = ci
        .post(
            TOKENS,
            &json!({"label": "less", "scopes": ["publish"], "channels": ["ci"]}),
        )
        .await;
    assert_eq!(lesser.status, 201, "{lesser:?}");
    let lesser = app
        .anyone()
        .with_token(lesser.json()["token"].as_str().unwrap());
    assert_eq!(lesser.get(TOKENS).await.status, 403, "without manage");

    let tokens = root.get(TOKENS).await.json()["tokens"].clone();
    assert_eq!(tokens.as_array().unwrap().len(), 2);
    assert!(!tokens.to_string().contains(&secret), "{tokens}");
    assert_eq!(
        (
            &tokens[0]["label"],
            &tokens[0]["channels"],
            &tokens[0]["scopes"]
        ),
        (&json!("ci"), &json!(["ci"]), &json!(["publish", "manage"]))
    );
    assert!(secret.ends_with(tokens[0]["hint"].as_str().unwrap()));

    let ada = app.user("ada").await;
    let path = format!("{TOKENS}/{}", tokens[0]["id"]);
    assert_eq!(
        ada.get(TOKENS).await.json(),
        json!({"tokens": []}),
        "everybody sees his own"
    );
    assert_eq!(ada.delete(&path).await.status, 404);
    assert_eq!(root.delete(&path).await.status, 204);
    assert_eq!(root.delete(&path).await.status, 404);
    assert_eq!(root.delete(&format!("{TOKENS}/x")).await.status, 404);
    assert_eq!(ci.get("/api/v1/session").await.status, 401);
}

#[tokio::test]
async fn a_token_tells_when_it_was_used() {
    let app = TestApp::start_with(Options::stop_the_clock).await;
    let root = app.admin().await;
    let ci = app.program("root", "publish").await;
    let used = async || root.get(TOKENS).await.json()["tokens"][0]["last_used_at"].clone();
    assert_eq!(used().await, Value::Null);
    app.pass(Duration::from_secs(30));
    let card = ci.publish(json!({"channel": "ci", "title": "t"})).await;
    assert_eq!(used().await, card["created_at"]);
    app.pass(Duration::from_secs(3600));
    assert_eq!(used().await, card["created_at"]);
    let again = ci.publish(json!({"channel": "ci", "title": "t"})).await;
    let last = again["created_at"].clone();
    // Other changes of who may do what do not forget it, and neither does a restart.
    app.program("root", "publish").await;
    let app = app.restart().await;
    let used = root.get(TOKENS).await.json()["tokens"][0]["last_used_at"].clone();
    assert_eq!(used, last);
    drop(app);
}

#[tokio::test]
async fn stats_count_what_the_caller_may_see() {
    let app = TestApp::start_with(Options::stop_the_clock).await;
    let root = app.admin().await;
    let ada = app.user("ada").await;
    root.post(CHANNELS, &json!({"name": "secret", "private": true}))
        .await;
    app.pass(Duration::from_secs(3600));
    for body in [
        json!({"channel": "ci", "title": "1"}),
        json!({"channel": "ci", "title": "2", "to": ["root"]}),
        json!({"channel": "secret", "title": "3"}),
        json!({"channel": "ci", "title": "4", "deliver_at": "+1d"}),
    ] {
        root.publish(body).await;
    }
    let _screen = ada.stream("").await;
    let ours = root.get("/api/v1/stats").await.json();
    assert_eq!(
        (&ours["unread"], &ours["streams"], &ours["head"]),
        (&json!(3), &json!(1), &json!(4))
    );
    let hours = ours["hours"].as_array().unwrap();
    assert_eq!((hours.len(), hours.last()), (168, Some(&json!(3))));
    assert_eq!(ours["channels"][0]["notifications"], 2);
    assert_eq!(ours["channels"][1]["channel"], "secret");
    let theirs = ada.get("/api/v1/stats").await.json();
    assert_eq!(
        (
            &theirs["unread"],
            theirs["channels"].as_array().unwrap().len()
        ),
        (&json!(1), 1)
    );
    assert_eq!(theirs["channels"][0]["notifications"], 1);
    assert_eq!(
        app.program("root", "publish")
            .await
            .get("/api/v1/stats")
            .await
            .status,
        403
    );
}
