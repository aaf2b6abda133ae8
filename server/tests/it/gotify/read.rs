//! Lists, applications, clients, and putting messages away.

use super::{ask, refusal, send, server, token};
use crate::support::app::PASSWORD;
use reqwest::Method;
use serde_json::{Value, json};

const INBOX: &str = "/api/v1/notifications";

fn ids(list: &Value) -> Vec<u64> {
    let messages = list["messages"].as_array().unwrap();
    let ids = messages.iter().map(|message| message["id"].as_u64());
    ids.map(Option::unwrap).collect()
}

#[tokio::test]
async fn pages_lead_from_the_newest_to_the_oldest_and_changes_move_nothing() {
    let (_app, anyone, token) = server().await;
    let root = anyone.with_token(&token);
    let mut sent = Vec::new();
    for number in 0..5 {
        let message = send(&anyone, &token, &json!({"message": format!("m{number}")})).await;
        sent.push(message["id"].as_u64().unwrap());
    }
    let card = json!({"channel": "ci", "key": "k", "title": "one"});
    root.publish(card.clone()).await;
    sent.push(sent.last().unwrap() + 1);
    send(&anyone, &token, &json!({"message": "last"})).await;
    sent.push(sent.last().unwrap() + 1);
    root.publish(card).await;
    sent.reverse();

    let mut found = Vec::new();
    let mut path = "/message?limit=3".to_owned();
    loop {
        let page = root.get(&path).await.json();
        let paging = &page["paging"];
        found.extend(ids(&page));
        assert_eq!(paging["limit"], 3);
        assert_eq!(paging["size"], page["messages"].as_array().unwrap().len());
        let Some(next) = paging["next"].as_str() else {
            assert_eq!(paging["since"], 0);
            break;
        };
        assert_eq!(next, format!("/message?limit=3&since={}", paging["since"]));
        assert_eq!(paging["since"].as_u64(), found.last().copied());
        path = next.to_owned();
    }
    assert_eq!(found, sent);
    for (query, description) in [
        ("limit=0", "Field 'limit' must be more or equal to 1"),
        ("limit=201", "Field 'limit' must be less or equal to 200"),
        ("limit=x", "Field 'limit' is not valid"),
        ("since=-1", "Field 'since' is not valid"),
    ] {
        let answer = root.get(&format!("/message?{query}")).await;
        assert_eq!(refusal(&answer), (400, description.to_owned()), "{query}");
    }
}

#[tokio::test]
async fn what_a_client_deletes_leaves_its_own_inbox_and_nobody_else_s() {
    let (app, anyone, token) = server().await;
    let ann = app.user("ann").await;
    let mut stream = anyone.with_token(&token).stream("").await;
    let mut sent = Vec::new();
    for number in 0..3 {
        sent.push(send(&anyone, &token, &json!({"message": format!("m{number}")})).await);
        stream.next("notification").await;
    }
    let path = format!("/message/{}", sent[1]["id"]);
    let deleted = ask(&anyone, Method::DELETE, &path, &token).await;
    assert_eq!((deleted.status.as_u16(), &*deleted.text), (200, ""));
    assert_eq!(stream.next("update").await["receipt"]["archived"], true);
    let list = ask(&anyone, Method::GET, "/message", &token).await.json();
    assert_eq!(
        ids(&list),
        [&sent[2]["id"], &sent[0]["id"]].map(|id| id.as_u64().unwrap())
    );
    let all = format!("/application/{}/message", sent[0]["appid"]);
    let of_channel = ask(&anyone, Method::GET, &all, &token).await.json();
    assert_eq!(ids(&of_channel), ids(&list));
    assert_eq!(ask(&anyone, Method::DELETE, &all, &token).await.status, 200);
    send(&anyone, &token, &json!({"message": "later"})).await;
    let list = ask(&anyone, Method::GET, "/message", &token).await.json();
    assert_eq!(list["messages"].as_array().unwrap().len(), 1);
    assert_eq!(
        ask(&anyone, Method::DELETE, "/message", &token)
            .await
            .status,
        200
    );
    let list = ask(&anyone, Method::GET, "/message", &token).await.json();
    assert_eq!(list["messages"], json!([]));

    let hers = ann.get(INBOX).await.json();
    assert_eq!(hers["notifications"].as_array().unwrap().len(), 4);
    for (path, status) in [
        ("/message/0", 404),
        ("/message/x", 400),
        ("/message/99999", 404),
    ] {
        assert_eq!(
            refusal(&ask(&anyone, Method::DELETE, path, &token).await).0,
            status
        );
    }
}

#[tokio::test]
async fn any_number_of_messages_is_put_away_at_once() {
    let (_app, anyone, token) = server().await;
    let messages: Vec<_> = (0..450)
        .map(|number| json!({"message": format!("m{number}")}))
        .collect();
    let sent = messages
        .iter()
        .map(|message| send(&anyone, &token, message));
    futures::future::join_all(sent).await;
    let answer = ask(&anyone, Method::DELETE, "/message", &token).await;
    assert_eq!(answer.status, 200);
    let list = ask(&anyone, Method::GET, "/message", &token).await.json();
    assert_eq!(list["messages"], json!([]));
    let archived = format!("{INBOX}?state=archived&limit=200");
    let archived = anyone.with_token(&token).get(&archived).await.json();
    assert_eq!(archived["notifications"].as_array().unwrap().len(), 200);
    assert!(archived["next"].is_number());
}

#[tokio::test]
async fn rights_are_those_of_our_own_interface() {
    let (app, anyone, _) = server().await;
    app.user("ann").await;
    app.belfry(&["channel", "add", "secret", "--private"], "")
        .await;
    let grant = [
        "channel", "grant", "secret", "--user", "root", "--access", "both",
    ];
    app.belfry(&grant, "").await;
    let bind = ["--channel", "secret"];
    let writer = token(&app, "writer", "publish", &bind).await;
    let sent = send(&anyone, &writer, &json!({"message": "hushed"})).await;
    let ann = app.program("ann", "publish,subscribe").await;
    let number = &sent["id"];
    assert_eq!(ann.get("/message").await.json()["messages"], json!([]));
    assert_eq!(ann.get("/application").await.json(), json!([]));
    let of_secret = format!("/application/{}/message", sent["appid"]);
    assert_eq!(
        refusal(&ann.get(&of_secret).await),
        (404, "application does not exist".to_owned())
    );
    assert_eq!(ann.delete(&of_secret).await.status, 404);
    assert_eq!(ann.delete(&format!("/message/{number}")).await.status, 404);
    let into_secret = json!({"message": "m", "appid": sent["appid"]});
    assert_eq!(refusal(&ann.post("/message", &into_secret).await).0, 400);
    for path in [
        "/message",
        "/application",
        "/client",
        "/current/user",
        "/stream",
    ] {
        let refused = refusal(&ask(&anyone, Method::GET, path, &writer).await);
        assert_eq!(refused.0, 403, "{path}");
        assert_eq!(refusal(&anyone.get(path).await).0, 401, "{path}");
    }
    let path = format!("/message/{number}");
    let refused = ask(&anyone, Method::DELETE, &path, &writer).await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn the_android_app_signs_in_and_gets_a_token_that_reads() {
    let (app, anyone, _) = server().await;
    let version = anyone.get("/version").await;
    assert_eq!(version.header("access-control-allow-origin"), "*");
    let names: Vec<_> = version
        .json()
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(names, ["buildDate", "commit", "version"].map(str::to_owned));
    let health = anyone.get("/health").await.json();
    assert_eq!(health, json!({"health": "green", "database": "green"}));
    assert_eq!(anyone.get("/gotifyinfo").await.json()["register"], false);

    let add = ["channel", "add", "backups", "--title", "Nightly"];
    app.belfry(&add, "").await;
    let by_name = |method, path: &str| {
        let request = anyone.request(method, path);
        request.basic_auth("root", Some(PASSWORD))
    };
    let user = anyone
        .send(by_name(Method::GET, "/current/user"))
        .await
        .json();
    assert_eq!(
        (&user["name"], &user["admin"]),
        (&json!("root"), &json!(true))
    );
    let request = by_name(Method::POST, "/client").json(&json!({"name": "Pixel 9"}));
    let client = anyone.send(request).await.json();
    assert_eq!(client["name"], "Pixel 9");
    let phone = client["token"].as_str().unwrap();
    let user = ask(&anyone, Method::GET, "/current/user", phone).await;
    assert_eq!(user.json()["name"], "root");
    assert_eq!(
        ask(&anyone, Method::GET, "/message", phone).await.status,
        200
    );
    let clients = ask(&anyone, Method::GET, "/client", phone).await.json();
    let listed = clients.as_array().unwrap().last().unwrap();
    assert_eq!((&listed["id"], listed.get("token")), (&client["id"], None));
    let more = anyone.request(Method::POST, "/client");
    let more = more
        .header("x-gotify-key", phone)
        .json(&json!({"name": "more"}));
    assert_eq!(
        refusal(&anyone.send(more).await).0,
        403,
        "a token makes no tokens"
    );
    let nameless = by_name(Method::POST, "/client").json(&json!({}));
    let refused = anyone.send(nameless).await;
    assert_eq!(
        refusal(&refused),
        (400, "Field 'name' is required".to_owned())
    );

    let applications = ask(&anyone, Method::GET, "/application", phone)
        .await
        .json();
    assert_eq!(applications[0]["name"], "Nightly");
    assert_eq!(applications[0]["description"], "backups");
    let image = format!("/{}", applications[0]["image"].as_str().unwrap());
    assert!(anyone.get(&image).await.status.is_success(), "{image}");
}

#[tokio::test]
async fn a_browser_may_call_from_any_page_and_its_cookie_counts_for_nothing() {
    let (_app, anyone, token) = server().await;
    let preflight = anyone.request(Method::OPTIONS, "/message");
    let preflight = preflight
        .header("origin", "https://elsewhere.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "x-gotify-key");
    let answer = anyone.send(preflight).await;
    assert!(answer.status.is_success(), "{answer:?}");
    for name in [
        "access-control-allow-origin",
        "access-control-allow-headers",
    ] {
        assert_eq!(answer.header(name), "*");
    }
    let refused = ask(&anyone, Method::PUT, "/message", &token).await;
    assert_eq!(refusal(&refused), (404, "page not found".to_owned()));
}

#[tokio::test]
async fn a_number_stays_when_a_notification_comes_later_or_back_from_the_bin() {
    use std::time::Duration;
    let app =
        crate::support::TestApp::start_with(crate::support::app::Options::stop_the_clock).await;
    app.admin().await;
    let root = app.program("root", "publish,subscribe").await;
    let mut stream = root.stream("").await;
    let later = json!({"channel": "ci", "message": "later", "deliver_at": "+10m"});
    let later = root.publish(later).await;
    let now = root
        .publish(json!({"channel": "ci", "message": "now"}))
        .await;
    stream.next("notification").await;
    assert_eq!(
        ids(&root.get("/message").await.json()),
        [now["seq"].as_u64().unwrap()]
    );
    app.pass(Duration::from_secs(601));
    let delivered = loop {
        let (name, _, data) = stream.next_change().await;
        if name == "notification" {
            break data["seq"].as_u64().unwrap();
        }
    };
    assert!(delivered > now["seq"].as_u64().unwrap());
    let list = root.get("/message").await.json();
    assert_eq!(ids(&list), [delivered, now["seq"].as_u64().unwrap()]);
    let path = format!("{INBOX}/{}", later["id"].as_str().unwrap());
    assert_eq!(root.delete(&path).await.status, 204);
    assert_eq!(ids(&root.get("/message").await.json()).len(), 1);
    let back = root.post(&format!("{path}/restore"), &json!({})).await;
    assert_eq!(back.status, 200);
    assert_eq!(ids(&root.get("/message").await.json())[0], delivered);
    let app = app.restart().await;
    assert_eq!(ids(&root.get("/message").await.json())[0], delivered);
    drop(app);
}
