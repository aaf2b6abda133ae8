//! `GET /metrics` tells what happened, to those whom it concerns (contract, section 6).

use crate::support::people::Person;
use crate::support::{PATIENCE, TestApp};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

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
    let figures = app.anyone().get("/metrics").await;
    assert_eq!(figures.figure("belfry_streams"), 2.0);
    assert_eq!(figures.figure("belfry_events_total"), 2.0);
    assert_eq!(figures.figure("belfry_deliveries_total"), 4.0);
    assert_eq!(figures.figure("belfry_publish_seconds_count"), 2.0);
    assert_eq!(figures.figure("belfry_delivery_seconds_count"), 4.0);
    assert!(figures.figure("belfry_delivery_seconds_sum") < PATIENCE.as_secs_f64());
    assert_eq!(figures.figure("belfry_log_head"), 2.0);
    assert_eq!(figures.figure("belfry_slow_readers_closed_total"), 0.0);
    assert!(figures.figure("belfry_db_bytes") > 4096.0);
    let posts = "belfry_http_requests_total{method=\"POST\",status=\"201\"}";
    assert_eq!(figures.figure(posts), 2.0);

    drop((one, two));
    loop {
        let figures = app.anyone().get("/metrics").await;
        if figures.figure("belfry_streams") == 0.0 {
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
