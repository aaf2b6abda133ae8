//! `POST /api/v1/notifications` and `POST /notify`: every rule of the contract's section 3 at its edge.

use crate::support::TestApp;
use crate::support::people::{Answer, Person};
use reqwest::Method;
use serde_json::{Value, json};

const DOOR: &str = "/api/v1/notifications";

async fn program(app: &TestApp) -> Person {
    app.admin().await;
    app.program("root", "publish,subscribe").await
}

/// How many notifications there are.
async fn stored(person: &Person) -> usize {
    let list = person.get(&format!("{DOOR}?limit=200")).await.json();
    list["notifications"].as_array().map_or(0, Vec::len)
}

/// The problem of a refusal: its status, its code and the fields that it names.
fn problem(answer: &Answer) -> (u16, String, Vec<String>) {
    assert_eq!(
        answer.header("content-type"),
        "application/problem+json",
        "{answer:?}"
    );
    let problem = answer.json();
    assert_eq!(problem["status"], answer.status.as_u16(), "{answer:?}");
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    let fields = errors
        .iter()
        .map(|error| error["field"].as_str().unwrap().to_owned());
    let code = problem["code"].as_str().unwrap().to_owned();
    (answer.status.as_u16(), code, fields.collect())
}

#[tokio::test]
async fn the_largest_value_of_each_field_is_stored_and_the_next_is_refused() {
    let app = TestApp::start().await;
    let ci = program(&app).await;
    let (long, url) = (
        |count: usize| "x".repeat(count),
        |count: usize| format!("https://e.example/{}", "x".repeat(count)),
    );
    let action = json!({"label": "Open", "url": "https://e.example/"});
    let cases: Vec<(&str, Value, Value)> = vec![
        ("channel", json!(long(64)), json!(long(65))),
        ("channel", json!("A-z_09"), json!("a b")),
        ("message", json!(long(32_768)), json!(long(32_769))),
        (
            "message",
            json!("é".repeat(16_384)),
            json!("é".repeat(16_385)),
        ),
        ("title", json!("é".repeat(250)), json!("é".repeat(251))),
        ("title", json!("one line"), json!("two\nlines")),
        ("priority", json!(1), json!(0)),
        ("priority", json!(5), json!(6)),
        ("priority", json!(3), json!("3")),
        ("tags", json!(vec!["x"; 16]), json!(vec!["x"; 17])),
        ("tags", json!([long(64)]), json!([long(65)])),
        (
            "click",
            json!("mailto:ops@example.org"),
            json!("javascript:alert(1)"),
        ),
        ("click", json!(url(100)), json!("no address")),
        (
            "icon",
            json!("http://e.example/i.png"),
            json!("mailto:ops@example.org"),
        ),
        ("markdown", json!(true), json!("yes")),
        (
            "actions",
            json!([action, action, action]),
            json!([action, action, action, action]),
        ),
        ("key", json!(long(64)), json!(long(65))),
        ("key", json!("k"), json!("")),
        ("progress", json!(0), json!(-1)),
        ("progress", json!(100), json!(101)),
        ("state", json!("failure"), json!("broken")),
    ];
    for (field, good, bad) in cases {
        let draft = |value: &Value| {
            let mut draft = json!({"channel": "ci", "message": "m"});
            draft[field] = value.clone();
            draft
        };
        let answer = ci.post(DOOR, &draft(&good)).await;
        assert_eq!(answer.status, 201, "{field} {good} {answer:?}");
        let before = stored(&ci).await;
        for door in [DOOR, "/notify"] {
            let (status, code, fields) = problem(&ci.post(door, &draft(&bad)).await);
            assert_eq!((status, &*code), (422, "invalid"), "{field} {bad}");
            assert!(
                fields.iter().any(|name| name.starts_with(field)),
                "{field} {bad}: {fields:?}"
            );
        }
        assert_eq!(stored(&ci).await, before, "{field} {bad}");
    }
}

#[tokio::test]
async fn what_is_not_a_notification_is_refused_and_not_stored() {
    let app = TestApp::start().await;
    let ci = program(&app).await;
    let raw = |content_type: &'static str, body: Vec<u8>| {
        ci.send(
            ci.request(Method::POST, DOOR)
                .header("content-type", content_type)
                .body(body),
        )
    };
    let large = format!(
        r#"{{"channel":"ci","message":"{}"}}"#,
        "x".repeat(600 * 1024)
    );
    for (content_type, body, status) in [
        ("application/json", "{".to_owned(), 400),
        ("application/json", String::new(), 400),
        (
            "application/json",
            r#"{"channel":"ci","message":"m"} x"#.to_owned(),
            400,
        ),
        ("application/json", "[]".to_owned(), 422),
        ("application/json", "null".to_owned(), 422),
        ("application/json", r#"{"channel":"ci"}"#.to_owned(), 422),
        ("application/json", r#"{"message":"m"}"#.to_owned(), 422),
        (
            "application/json",
            r#"{"channel":"api","message":"m"}"#.to_owned(),
            422,
        ),
        (
            "application/json",
            r#"{"channel":"ci","append":"needs a key"}"#.to_owned(),
            422,
        ),
        (
            "text/plain",
            r#"{"channel":"ci","message":"m"}"#.to_owned(),
            415,
        ),
        ("application/json", large, 413),
    ] {
        let shown = body.chars().take(60).collect::<String>();
        let answer = raw(content_type, body.into_bytes()).await;
        assert_eq!(problem(&answer).0, status, "{content_type} {shown}");
    }
    let answer = raw(
        "application/json",
        b"{\"channel\":\"ci\",\"message\":\"\xff\"}".to_vec(),
    )
    .await;
    assert_eq!(problem(&answer).0, 400);
    assert_eq!(stored(&ci).await, 0);
}

#[tokio::test]
async fn the_answer_is_the_notification_as_everybody_gets_it() {
    let app = TestApp::start().await;
    let ci = program(&app).await;
    let mut stream = ci.stream("").await;
    let posted = ci
        .publish(json!({"channel": "deploys", "title": "t", "message": "m", "tags": ["a"]}))
        .await;
    assert_eq!(stream.next("notification").await["notification"], posted);
    assert_eq!(
        (&posted["priority"], &posted["author"]),
        (&json!(3), &json!("root"))
    );
    let id = posted["id"].as_str().unwrap();
    let mut one = ci.get(&format!("{DOOR}/{id}")).await.json();
    let receipt = one.as_object_mut().unwrap().remove("receipt").unwrap();
    assert_eq!(one, posted);
    assert_eq!(receipt["read"], json!(false));

    let sent = ci
        .post("/notify", &json!({"channel": "deploys", "message": "n"}))
        .await;
    assert_eq!(sent.status, 200);
    let sent = sent.json();
    assert_eq!((&sent["sent"], &sent["clients"]), (&json!(true), &json!(1)));
    assert_eq!(stream.next("notification").await["seq"], sent["seq"]);
}

#[tokio::test]
async fn a_key_updates_its_card_in_place() {
    let app = TestApp::start().await;
    let ci = program(&app).await;
    let mut stream = ci.stream("").await;
    let first = ci
        .publish(
            json!({"channel": "ci", "title": "Build", "key": "b", "progress": 10, "append": "one"}),
        )
        .await;
    stream.next("notification").await;
    let again = ci
        .post(
            DOOR,
            &json!({"channel": "ci", "key": "b", "progress": 90, "append": "two\nthree"}),
        )
        .await;
    assert_eq!(again.status, 200);
    let again = again.json();
    assert_eq!(
        (&again["id"], &again["title"]),
        (&first["id"], &json!("Build"))
    );
    assert_eq!(
        (&again["progress"], &again["log"]),
        (&json!(90), &json!(["one", "two", "three"]))
    );
    let update = stream.next("update").await;
    assert_eq!(
        (&update["change"], &update["notification"]),
        (&json!("updated"), &again)
    );
    let elsewhere = ci
        .publish(json!({"channel": "other", "title": "Build", "key": "b"}))
        .await;
    assert_ne!(elsewhere["id"], first["id"]);
    assert_eq!(stored(&ci).await, 2);
}

#[tokio::test]
async fn who_may_publish_may_delete_and_every_list_forgets_it() {
    let app = TestApp::start().await;
    let ci = program(&app).await;
    let ann = app.user("ann").await;
    let mut stream = ann.stream("").await;
    let posted = ci.publish(json!({"channel": "ci", "message": "m"})).await;
    let path = format!("{DOOR}/{}", posted["id"].as_str().unwrap());
    stream.next("notification").await;
    let reader = app.program("ann", "subscribe").await;
    assert_eq!(reader.delete(&path).await.status, 403);
    assert_eq!(ci.delete(&path).await.status, 204);
    let update = stream.next("update").await;
    assert_eq!(
        (&update["change"], &update["id"]),
        (&json!("deleted"), &posted["id"])
    );
    assert_eq!(stored(&ann).await, 0);
    assert_eq!(ci.delete(&format!("{DOOR}/aaaaaaaaaaaa")).await.status, 404);
}

#[tokio::test]
async fn nobody_publishes_without_the_right_to() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    app.user("ann").await;
    app.belfry(&["channel", "add", "secret", "--private"], "")
        .await;
    let body = json!({"channel": "ci", "message": "m"});
    let anyone = app.anyone();
    assert_eq!(problem(&anyone.post(DOOR, &body).await).0, 401);
    let forged = anyone.with_token("bf_0000000000000000000000000000000000000000000");
    assert_eq!(problem(&forged.post(DOOR, &body).await).0, 401);
    let reader = app.program("root", "subscribe").await;
    assert_eq!(problem(&reader.post(DOOR, &body).await).0, 403);
    let bound = app
        .program_with("root", "publish", &["--channel", "other"])
        .await;
    assert_eq!(problem(&bound.post(DOOR, &body).await).0, 403);
    let ann = app.program("ann", "publish").await;
    let secret = json!({"channel": "secret", "message": "m"});
    assert_eq!(problem(&ann.post(DOOR, &secret).await).0, 403);

    let foreign = anyone
        .request(Method::POST, DOOR)
        .header("cookie", root.cookie());
    let foreign = foreign.header("sec-fetch-site", "cross-site").json(&body);
    assert_eq!(problem(&anyone.send(foreign).await).0, 403);
    assert_eq!(stored(&root).await, 0);
    root.publish(body).await;
}

#[tokio::test]
async fn who_is_named_alone_sees_it() {
    let app = TestApp::start().await;
    let ci = program(&app).await;
    let (ann, ben) = (app.user("ann").await, app.user("ben").await);
    let (mut for_ann, mut for_ben) = (ann.stream("").await, ben.stream("").await);
    let private = ci
        .publish(json!({"channel": "ci", "message": "only ann", "to": ["ann"]}))
        .await;
    let public = ci.publish(json!({"channel": "ci", "message": "all"})).await;
    assert_eq!(for_ann.next("notification").await["seq"], private["seq"]);
    assert_eq!(for_ann.next("notification").await["seq"], public["seq"]);
    assert_eq!(for_ben.next("notification").await["seq"], public["seq"]);
    let path = format!("{DOOR}/{}", private["id"].as_str().unwrap());
    assert_eq!(ann.get(&path).await.status, 200);
    assert_eq!(ben.get(&path).await.status, 404);
    assert_eq!(stored(&ben).await, 1);
    let unknown = ci
        .post(
            DOOR,
            &json!({"channel": "ci", "message": "m", "to": ["nobody"]}),
        )
        .await;
    assert_eq!(problem(&unknown).0, 422);
}
