//! A reader who comes back after a restart, before anything is posted: what he missed is there at once. A server that
//! only looks at its log when something is posted would leave him waiting.

use crate::support::command::{self, Server, own_port};
use crate::support::people::Person;
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

/// How long what was missed may take, of the whole notifications of an absence.
const AT_ONCE: Duration = Duration::from_secs(2);

/// How many were read, and how many missed: more than one page of the store.
const READ: usize = 4;
const POSTED: usize = 300;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_missed_is_there_at_once_after_kill_9() {
    comes_back(async |server: Server| server.kill()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_missed_is_there_at_once_after_sigterm() {
    comes_back(async |server: Server| {
        assert_eq!(server.terminate().await.code(), Some(0));
    })
    .await;
}

async fn comes_back(end: impl AsyncFnOnce(Server)) {
    let dir = tempfile::tempdir().unwrap();
    let token = command::token(dir.path(), "publish,subscribe").await;
    let address = own_port();
    let server = Server::start(dir.path(), address).await;
    let ci = Person::new(address).with_token(&token);
    // One goes away, the other is there to the end but reads no further.
    let (mut away, mut there) = (ci.stream("").await, ci.stream("").await);
    let mut posted = Vec::new();
    for number in 0..POSTED {
        posted.push(
            ci.publish(json!({"channel": "ci", "message": number.to_string()}))
                .await,
        );
        if number < READ {
            away.next("notification").await;
            there.next("notification").await;
        }
    }
    let (gone_at, cut_at) = (away.last_id.clone(), there.last_id.clone());
    assert_eq!(gone_at, cut_at);
    drop(away);
    end(server).await;

    let _server = Server::start(dir.path(), address).await;
    let by_query = format!("last_event_id={gone_at}");
    let mut streams = Vec::new();
    for (query, header) in [("", Some(cut_at.as_str())), (by_query.as_str(), None)] {
        let back = async {
            let mut stream = ci.stream_after(query, header).await;
            assert_eq!(stream.connected["resumed"], true);
            assert_eq!(stream.connected["head"], POSTED);
            for (seq, missed) in (1..).zip(&posted).skip(READ) {
                let shown = stream.next("notification").await;
                assert_eq!(shown, json!({"seq": seq, "notification": missed}));
            }
            stream
        };
        streams.push(timeout(AT_ONCE, back).await.expect("at once"));
    }
    // Behind it is nothing but what is new.
    let new = ci.publish(json!({"channel": "ci", "message": "new"})).await;
    for mut stream in streams {
        let (name, _, shown) = stream.next_change().await;
        assert_eq!(
            (name.as_str(), &shown["notification"]),
            ("notification", &new)
        );
    }
}
