//! `GET /metrics` tells what happened, to those whom it concerns (contract, section 6).

use crate::support::people::Person;
use crate::support::{PATIENCE, TestApp};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

/// A figure of the text.
fn figure(text: &str, name: &str) -> f64 {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in\n{text}"))
        .parse()
        .unwrap()
}

#[tokio::test]
async fn what_happened_is_counted_where_it_happened() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (mut one, mut two) = (admin.stream("").await, admin.stream("channels=ci").await);
    for message in ["first", "second"] {
        admin
            .publish(json!({"channel": "ci", "message": message}))
            .await;
        one.next("notification").await;
        two.next("notification").await;
    }
    let text = app.anyone().get("/metrics").await.text;
    assert_eq!(figure(&text, "belfry_streams"), 2.0);
    assert_eq!(figure(&text, "belfry_events_total"), 2.0);
    assert_eq!(figure(&text, "belfry_deliveries_total"), 4.0);
    assert_eq!(figure(&text, "belfry_publish_seconds_count"), 2.0);
    assert_eq!(figure(&text, "belfry_delivery_seconds_count"), 4.0);
    assert!(figure(&text, "belfry_delivery_seconds_sum") < PATIENCE.as_secs_f64());
    assert_eq!(figure(&text, "belfry_log_head"), 2.0);
    assert_eq!(figure(&text, "belfry_slow_readers_closed_total"), 0.0);
    assert!(figure(&text, "belfry_db_bytes") > 4096.0);
    let posts = "belfry_http_requests_total{method=\"POST\",status=\"201\"}";
    assert_eq!(figure(&text, posts), 2.0);

    drop((one, two));
    loop {
        let text = app.anyone().get("/metrics").await.text;
        if figure(&text, "belfry_streams") == 0.0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn metrics_are_for_this_machine_and_for_administrators() {
    let app = TestApp::start().await;
    app.admin().await;
    app.user("ann").await;
    // A proxy on this machine speaks for somebody else.
    let get = |person: Person| async move {
        let request = person.request(Method::GET, "/metrics");
        let answer = person.send(request.header("x-forwarded-for", "192.0.2.1"));
        answer.await.status
    };
    assert_eq!(app.anyone().get("/metrics").await.status, 200);
    assert_eq!(get(app.anyone()).await, 403);
    assert_eq!(get(app.program("root", "subscribe").await).await, 403);
    assert_eq!(get(app.program("ann", "manage").await).await, 403);
    assert_eq!(get(app.program("root", "manage").await).await, 200);
}
