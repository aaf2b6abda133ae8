//! `GET /events`, byte by byte (contract, section 4).

use super::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn a_stream_begins_at_the_head_and_goes_on_live() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let ann = app.user("ann").await;
    let ci = app.program("ann", "publish,subscribe").await;
    admin
        .publish(json!({"channel": "ci", "message": "before"}))
        .await;

    let mut stream = ann.stream("channels=ci").await;
    assert_eq!(stream.connected["head"], 1);
    let posted = ci
        .publish(json!({"channel": "ci", "message": "done"}))
        .await;
    assert_eq!(stream.next("notification").await["notification"], posted);

    let app = app.restart().await;
    assert_eq!(stream.rest().await, []);
    let mut stream = ann.stream_after("", Some(&stream.last_id)).await;
    assert_eq!(stream.connected["resumed"], true);
    let posted = ci
        .publish(json!({"channel": "ci", "message": "more"}))
        .await;
    assert_eq!(stream.next("notification").await["notification"], posted);
    assert_eq!(app.anyone().get("/api/v1/session").await.status, 401);
}
