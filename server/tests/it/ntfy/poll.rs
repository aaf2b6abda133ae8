//! `poll=1`, `since` in all its forms, and filters.

use super::{poll, publish, refused, server, texts};
use crate::support::TestApp;
use serde_json::Value;
use std::time::Duration;

fn id(message: &Value) -> &str {
    message["id"].as_str().unwrap()
}

#[tokio::test]
async fn since_is_a_word_an_id_a_time_or_a_span() {
    let app = TestApp::start_with(|options| options.stop_the_clock()).await;
    app.admin().await;
    let program = app.program("root", "publish,subscribe").await;
    let one = publish(&program, "/t", &[], "one").await;
    publish(&program, "/other", &[], "elsewhere").await;
    app.pass(Duration::from_secs(600));
    let two = publish(&program, "/t", &[], "two").await;
    let again = publish(&program, "/t/two", &[], "three").await;
    let check = |since: String, expect: &'static [&'static str]| {
        let program = program.clone();
        async move {
            let messages = poll(&program, "t", &format!("since={since}")).await;
            assert_eq!(texts(&messages), expect, "{since}");
        }
    };
    check(String::new(), &["one", "two", "three"]).await;
    check("all".into(), &["one", "two", "three"]).await;
    check("none".into(), &[]).await;
    check("latest".into(), &["three"]).await;
    check(id(&one).into(), &["two", "three"]).await;
    check(id(&two).into(), &["three"]).await;
    check(id(&again).into(), &[]).await;
    check("abcdefghijkl".into(), &["one", "two", "three"]).await;
    check(two["time"].to_string(), &["two", "three"]).await;
    check((two["time"].as_i64().unwrap() + 1).to_string(), &[]).await;
    check("5m".into(), &["two", "three"]).await;
    check("1h".into(), &["one", "two", "three"]).await;
    refused(&program.get("/t/json?poll=1&since=yesterday").await, 40008);
    let both = poll(&program, "t,other", "").await;
    assert_eq!(texts(&both), ["one", "elsewhere", "two", "three"]);
    let latest = poll(&program, "t,other", "since=latest").await;
    assert_eq!(texts(&latest), ["elsewhere", "three"]);
}

#[tokio::test]
async fn an_update_can_be_named_and_hides_nothing() {
    let (_app, program) = server().await;
    publish(&program, "/t/job", &[], "10 %").await;
    publish(&program, "/t", &[], "between").await;
    let update = publish(&program, "/t/job", &[], "20 %").await;
    publish(&program, "/t", &[], "after").await;
    let all = poll(&program, "t", "").await;
    assert_eq!(texts(&all), ["10 %", "between", "20 %", "after"]);
    assert_eq!(
        all[2]["id"], update["id"],
        "the same in the answer and in the stream"
    );
    let since_first = poll(&program, "t", &format!("since={}", id(&all[0]))).await;
    assert_eq!(texts(&since_first), ["between", "20 %", "after"]);
    let since_update = poll(&program, "t", &format!("since={}", id(&all[2]))).await;
    assert_eq!(texts(&since_update), ["after"]);
}

#[tokio::test]
async fn filters_all_must_fit() {
    let (_app, program) = server().await;
    publish(
        &program,
        "/t",
        &[("Title", "A"), ("Tags", "x,y"), ("Priority", "4")],
        "one",
    )
    .await;
    let two = publish(&program, "/t", &[("Tags", "x")], "two").await;
    for (filter, expect) in [
        ("priority=4,5".to_owned(), &["one"][..]),
        ("p=default".to_owned(), &["two"]),
        ("tags=x".to_owned(), &["one", "two"]),
        ("tags=x,y".to_owned(), &["one"]),
        ("title=A".to_owned(), &["one"]),
        ("message=two".to_owned(), &["two"]),
        (format!("id={}", id(&two)), &["two"]),
        ("title=A&message=two".to_owned(), &[]),
    ] {
        assert_eq!(
            texts(&poll(&program, "t", &filter).await),
            expect,
            "{filter}"
        );
    }
    refused(&program.get("/t/json?poll=1&priority=9").await, 40007);
}

#[tokio::test]
async fn every_form_can_be_polled() {
    let (_app, program) = server().await;
    publish(&program, "/t", &[], "two\nlines").await;
    let raw = program.get("/t/raw?poll=1").await;
    assert_eq!(raw.text, "two lines\n");
    assert_eq!(raw.header("content-type"), "text/plain; charset=utf-8");
    let sse = program.get("/t/sse?poll=1").await;
    assert_eq!(
        sse.header("content-type"),
        "text/event-stream; charset=utf-8"
    );
    assert!(
        sse.text.starts_with("id: ") && sse.text.contains("\ndata: {\"id\":"),
        "{}",
        sse.text
    );
    let json = program.get("/t/json?poll=1").await;
    assert_eq!(
        json.header("content-type"),
        "application/x-ndjson; charset=utf-8"
    );
}
