//! `POST /message`.

use super::{refusal, send, server, token};
use crate::support::app::PASSWORD;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

const INBOX: &str = "/api/v1/notifications";

#[tokio::test]
async fn every_way_to_show_a_token_and_to_write_a_body_is_taken() {
    let (app, anyone, token) = server().await;
    let root = anyone.with_token(&token);
    let body = json!({"title": "T", "message": "json", "priority": 5});
    let post = |path: &str| anyone.request(Method::POST, path);
    let (query, bound) = (format!("/message?token={token}"), "gotify-boundary");
    let part = |name: &str, value: &str| {
        format!("--{bound}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let parts = part("title", "T") + &part("message", "multipart") + &part("priority", "5");
    let requests = [
        ("json", post(&query).json(&body)),
        (
            "json",
            post("/message").header("x-gotify-key", &token).json(&body),
        ),
        ("json", post("/message").bearer_auth(&token).json(&body)),
        (
            "json",
            post("/message")
                .basic_auth("anything", Some(&token))
                .json(&body),
        ),
        (
            "form",
            post(&query).form(&[("title", "T"), ("message", "form"), ("priority", "5")]),
        ),
        (
            "multipart",
            post(&query)
                .header(
                    CONTENT_TYPE,
                    format!("multipart/form-data; boundary={bound}"),
                )
                .body(format!("{parts}--{bound}--\r\n")),
        ),
        (
            "query",
            post(&format!("{query}&title=T&message=query&priority=5")),
        ),
    ];
    for (message, request) in requests {
        let answer = anyone.send(request).await;
        assert_eq!(answer.status, 200, "{message} {answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let sent = answer.json();
        let stored = root.get(INBOX).await.json()["notifications"][0].clone();
        let expect = json!({
            "id": stored["seq"], "appid": sent["appid"], "title": "T", "message": message, "priority": 5,
            "date": stored["created_at"],
        });
        assert_eq!(sent, expect);
        assert_eq!(
            (&stored["channel"], &stored["message"], &stored["priority"]),
            (&json!("attic-nas"), &json!(message), &json!(3))
        );
    }
    drop(app);
}

#[tokio::test]
async fn what_is_wrong_is_said_in_gotify_s_form() {
    let (app, anyone, token) = server().await;
    let reader = super::token(&app, "phone", "subscribe", &[]).await;
    let browser = app.sign_in("root").await;
    let unauthorized =
        "you need to provide a valid access token or user credentials to access this api";
    let good = json!({"message": "m"});
    let missing = "Field 'message' is required";
    let post = |token: &str| {
        let request = anyone.request(Method::POST, "/message");
        request.header("x-gotify-key", token)
    };
    let cookie = browser.request(Method::POST, "/message").json(&good);
    let by_name = anyone.request(Method::POST, "/message");
    let by_name = by_name.basic_auth("root", Some(PASSWORD)).json(&good);
    let wrong_name = anyone.request(Method::POST, "/message");
    let wrong_name = wrong_name.basic_auth("root", Some("guess")).json(&good);
    for (request, status, description) in [
        (post("bf_forged").json(&good), 401, unauthorized),
        (cookie, 401, unauthorized),
        (wrong_name, 401, unauthorized),
        (
            post(&reader).json(&good),
            403,
            "you are not allowed to access this api",
        ),
        (post(&token).json(&json!({"title": "t"})), 400, missing),
        (post(&token).json(&json!({"message": ""})), 400, missing),
        (post(&token).form(&[("title", "t")]), 400, missing),
        (
            by_name,
            400,
            "appid is required when not authenticating with an application token",
        ),
        (
            post(&token).json(&json!({"message": "m", "appid": 999})),
            400,
            "appid not found",
        ),
        (
            post(&token).form(&[("message", "m"), ("priority", "high")]),
            400,
            "Field 'priority' is not valid",
        ),
    ] {
        let answer = anyone.send(request).await;
        assert_eq!(refusal(&answer), (status, description.to_owned()));
    }
    let broken = post(&token)
        .header(CONTENT_TYPE, "application/json")
        .body("{");
    assert_eq!(refusal(&anyone.send(broken).await).0, 400);
    let large = json!({"message": "x".repeat(600 * 1024)});
    assert_eq!(
        refusal(&anyone.send(post(&token).json(&large)).await).0,
        413
    );
    assert_eq!(refusal(&anyone.get("/message/1").await).0, 404);
    let stored = browser.get(&format!("{INBOX}?state=all")).await.json();
    assert_eq!(stored["notifications"], json!([]));
}

#[tokio::test]
async fn the_channel_is_the_token_s_or_its_label_s_or_that_of_appid() {
    let (app, anyone, unbound) = server().await;
    let root = anyone.with_token(&unbound);
    app.belfry(
        &["channel", "add", "backups", "--title", "Nightly backups"],
        "",
    )
    .await;
    let bind = ["--channel", "backups"];
    let bound = token(&app, "NAS", "publish", &bind).await;
    let odd = token(&app, "日本", "publish", &[]).await;
    let several = ["--channel", "backups", "--channel", "ci"];
    let several = token(&app, "ops", "publish", &several).await;

    let first = send(&anyone, &bound, &json!({"message": "m", "title": "  "})).await;
    assert_eq!(first["title"], "Nightly backups");
    let backups = first["appid"].as_u64().unwrap();
    let named = json!({"message": "m", "appid": 999});
    assert_eq!(send(&anyone, &bound, &named).await["appid"], backups);
    let message = json!({"message": "m"});
    let labelled = send(&anyone, &unbound, &message).await;
    assert_eq!(labelled["title"], "Attic NAS");
    send(&anyone, &odd, &message).await;
    let named = json!({"message": "m", "appid": backups});
    assert_eq!(send(&anyone, &several, &named).await["appid"], backups);
    let refused = anyone.request(Method::POST, "/message");
    let refused = refused.header("x-gotify-key", &several).json(&message);
    assert_eq!(refusal(&anyone.send(refused).await).0, 400);
    let by_name = anyone.request(Method::POST, "/message");
    let by_name = by_name.basic_auth("root", Some(PASSWORD)).json(&named);
    assert_eq!(anyone.send(by_name).await.status, 200);

    let list = root.get(INBOX).await.json();
    let list = list["notifications"].as_array().unwrap();
    let channels: Vec<_> = list.iter().map(|one| one["channel"].as_str()).collect();
    let expect = [
        "backups",
        "backups",
        "gotify",
        "attic-nas",
        "backups",
        "backups",
    ];
    assert_eq!(channels, expect.map(Some));
}

#[tokio::test]
async fn extras_become_our_fields_and_come_back_as_they_were() {
    let (_app, anyone, token) = server().await;
    let root = anyone.with_token(&token);
    let extras = json!({
        "client::display": {"contentType": "text/markdown"},
        "client::notification": {
            "click": {"url": "https://a.example/1"}, "bigImageUrl": "https://a.example/i.png",
        },
        "android::action": {"onReceive": {"intentUrl": "https://a.example/2"}},
        "mine::own": {"x": [1, null]},
    });
    let message = json!({"message": "**m**", "title": "t", "priority": 7, "extras": extras});
    let sent = send(&anyone, &token, &message).await;
    assert_eq!((&sent["extras"], &sent["priority"]), (&extras, &json!(7)));
    let listed = root.get("/message").await.json()["messages"][0].clone();
    assert_eq!(listed, sent);
    let stored = root.get(INBOX).await.json()["notifications"][0].clone();
    assert_eq!(
        json!([
            stored["markdown"],
            stored["click"],
            stored["icon"],
            stored["actions"],
            stored["priority"]
        ]),
        json!([
            true, "https://a.example/1", "https://a.example/i.png",
            [{"label": "Open", "url": "https://a.example/2"}], 4
        ])
    );
    let path = format!("{INBOX}/{}", stored["id"].as_str().unwrap());
    let edit = root
        .request(Method::PATCH, &path)
        .json(&json!({"priority": 1}));
    assert_eq!(root.send(edit).await.status, 200);
    let listed = root.get("/message").await.json()["messages"][0].clone();
    assert_eq!(listed["priority"], 0, "it is as urgent as it is now");
}

#[tokio::test]
async fn nothing_is_lost_for_what_it_says() {
    let (_app, anyone, token) = server().await;
    let hostile = json!({
        "title": "t\r\nSet-Cookie: x\u{0}\u{202E}".repeat(40), "message": "m\u{1b}[2J\r\nn\u{0}".repeat(9_000),
        "priority": -7, "extras": {
            "client::notification": {"click": {"url": "javascript:alert(1)"}, "bigImageUrl": 7},
            "android::action": {"onReceive": {"intentUrl": "intent://x#Intent;end"}},
        },
    });
    send(&anyone, &token, &hostile).await;
    let root = anyone.with_token(&token);
    let stored = root.get(INBOX).await.json()["notifications"][0].clone();
    assert_eq!(
        json!([
            stored["click"],
            stored["icon"],
            stored["actions"],
            stored["priority"]
        ]),
        json!([null, null, [], 1])
    );
    for field in ["title", "message"] {
        let text = stored[field].as_str().unwrap();
        assert!(text.ends_with('…'), "{text}");
        let control = |c: char| c.is_control() && !(field == "message" && "\r\n".contains(c));
        assert!(!text.contains(control), "{text}");
    }
    let list: Value = root.get("/message").await.json();
    assert_eq!(list["messages"][0]["priority"], -7);
}
