//! Every kind of place in a log that is longer than the memory holds, after a restart: the exact set, or a `reset`.

use super::resume::wait_until_pruned;
use super::{epoch, post, read};
use crate::support::TestApp;
use futures::StreamExt;
use serde_json::json;
use std::time::Duration;

/// Events that are no longer kept, and those that are. The newest 4,096 of them are in memory.
const PRUNED: u64 = 3;
const KEPT: u64 = 12_001;
const IN_MEMORY: u64 = 4096;
const HEAD: u64 = PRUNED + KEPT;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_place_in_a_long_log_begins_exactly_or_is_reset() {
    let app = TestApp::start_with(|options| {
        options.stop_the_clock();
        assert_eq!(options.overrides.tuning.tail_frames as u64, IN_MEMORY);
    })
    .await;
    app.admin().await;
    let ci = app.program("root", "publish,subscribe").await;
    post(&ci, "ci", PRUNED as usize).await;
    // The log is kept for 30 days, and tidied when the server starts.
    app.pass(Duration::from_secs(31 * 24 * 3600));
    let post_one = async |number| {
        ci.publish(json!({"channel": "ci", "message": format!("{number}")}))
            .await
    };
    let posts = futures::stream::iter((0..KEPT).map(post_one)).buffer_unordered(64);
    assert_eq!(posts.count().await as u64, KEPT);
    let app = app.restart().await;
    wait_until_pruned(&app, PRUNED).await;

    let epoch = epoch(&ci.stream("").await).to_owned();
    let places = [
        (
            "before the oldest kept",
            format!("{epoch}-{}", PRUNED - 1),
            Err("pruned"),
        ),
        (
            "at the oldest kept",
            format!("{epoch}-{PRUNED}"),
            Ok(PRUNED),
        ),
        ("in the store alone", format!("{epoch}-4000"), Ok(4000)),
        (
            "at the first in memory",
            format!("{epoch}-{}", HEAD - IN_MEMORY),
            Ok(HEAD - IN_MEMORY),
        ),
        (
            "one before it",
            format!("{epoch}-{}", HEAD - IN_MEMORY - 1),
            Ok(HEAD - IN_MEMORY - 1),
        ),
        ("at the head", format!("{epoch}-{HEAD}"), Ok(HEAD)),
        (
            "beyond the head",
            format!("{epoch}-{}", HEAD + 1),
            Err("future"),
        ),
        ("in another log", format!("{epoch}0-4000"), Err("unknown")),
    ];
    let mut streams = Vec::new();
    for (name, cursor, begins) in places {
        let mut stream = ci.stream_after("", Some(&cursor)).await;
        assert_eq!(stream.connected["resumed"], begins.is_ok(), "{name}");
        match begins {
            Ok(after) => {
                let missed: Vec<_> = (after + 1..=HEAD).collect();
                assert_eq!(read(&mut stream, missed.len()).await, missed, "{name}");
            }
            Err(reason) => {
                let reset = stream.next("reset").await;
                assert_eq!(reset, json!({"head": HEAD, "reason": reason}), "{name}");
                assert_eq!(stream.last_id, format!("{epoch}-{HEAD}"), "{name}");
            }
        }
        streams.push((name, stream));
    }
    // And nothing else: the next is what is new.
    assert_eq!(post(&ci, "ci", 1).await, [HEAD + 1]);
    for (name, stream) in &mut streams {
        assert_eq!(read(stream, 1).await, [HEAD + 1], "{name}");
    }
}
