//! Ways into what is for others that do not lead through the door.

use super::NOTIFICATIONS;
use crate::support::{TestApp, command};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_private_channel_is_closed_from_the_moment_it_is_made() {
    // The server does not look by itself for what the command line wrote, and nobody asks it to: it must not need to.
    let app = TestApp::start_with(|options| {
        options.overrides.tuning.foreign_writes = Duration::from_secs(3600);
    })
    .await;
    app.admin().await;
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let add = ["channel", "add", "vault", "--private"];
    command::belfry(app.data_dir(), &add, "").await;
    let grant = [
        "channel", "grant", "vault", "--user", "ann", "--access", "both",
    ];
    command::belfry(app.data_dir(), &grant, "").await;

    let body = json!({"channel": "vault", "message": "x"});
    for door in [NOTIFICATIONS, "/notify"] {
        assert_eq!(bob.post(door, &body).await.status, 403);
    }
    let posted = ann.publish(body).await;
    assert_eq!(
        posted["seq"], 1,
        "nothing of what was refused is in the log"
    );
}

#[tokio::test]
async fn a_key_neither_shows_nor_changes_a_card_that_is_for_others() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let mut to_ann = ann.stream("").await;
    let card =
        json!({"channel": "ci", "key": "k", "title": "for ann", "message": "1", "to": ["ann"]});
    let posted = admin.publish(card).await;
    assert_eq!(to_ann.next("notification").await["notification"], posted);

    for body in [
        json!({"channel": "ci", "key": "k", "message": "2"}),
        json!({"channel": "ci", "key": "k", "message": "2", "to": ["bob"]}),
    ] {
        let answer = bob.post(NOTIFICATIONS, &body).await;
        assert_eq!(answer.status, 403, "{answer:?}");
        assert!(!answer.text.contains("for ann"), "{answer:?}");
    }
    // Whoever posted it and whom it is for go on with it.
    for person in [&admin, &ann] {
        let changed = person
            .publish(json!({"channel": "ci", "key": "k", "message": "3"}))
            .await;
        assert_eq!(changed["id"], posted["id"]);
        assert_eq!(to_ann.next("update").await["notification"], changed);
    }
}
