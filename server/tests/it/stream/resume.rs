//! Where a stream begins: no gap, no repeat, no reordering, and an honest `reset` where that cannot be had.

use super::{epoch, post, read};
use crate::support::{PATIENCE, TestApp, database};
use futures::StreamExt;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_reader_who_comes_back_gets_everything_since_and_then_what_is_new() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut stream = admin.stream("").await;
    let before = post(&admin, "ci", 3).await;
    assert_eq!(read(&mut stream, 2).await, before[..2]);
    let last = stream.last_id.clone();
    drop(stream);
    let missed = post(&admin, "ci", 4).await;

    for (query, header) in [
        (String::new(), Some(last.as_str())),
        (format!("last_event_id={last}"), None),
        // The header wins: it is the newer one, since an EventSource cannot change its address.
        ("last_event_id=garbage".to_owned(), Some(last.as_str())),
        // An empty header is what a reader sends that has no id yet.
        (format!("last_event_id={last}"), Some("")),
    ] {
        let mut stream = admin.stream_after(&query, header).await;
        assert_eq!(stream.connected["resumed"], true, "{query}");
        assert_eq!(read(&mut stream, 1).await, before[2..], "{query}");
        assert_eq!(read(&mut stream, 4).await, missed, "{query}");
    }
    let mut stream = admin.stream_after("", Some(&last)).await;
    let new = post(&admin, "ci", 2).await;
    let all = [&before[2..], &missed, &new].concat();
    assert_eq!(read(&mut stream, all.len()).await, all);
}

#[tokio::test]
async fn a_reader_that_got_no_event_yet_comes_back_to_where_it_was() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    post(&admin, "ci", 2).await;
    let stream = admin.stream("").await;
    let cursor = stream.last_id.clone();
    assert_eq!(cursor, format!("{}-2", epoch(&stream)));
    drop(stream);
    let missed = post(&admin, "ci", 1).await;
    let mut stream = admin.stream_after("", Some(&cursor)).await;
    assert_eq!(read(&mut stream, 1).await, missed);
}

#[tokio::test]
async fn earliest_begins_at_the_oldest_and_recent_with_the_newest() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let seqs = post(&admin, "ci", 5).await;
    let mut stream = admin.stream("last_event_id=earliest").await;
    assert_eq!(read(&mut stream, 5).await, seqs);

    let mut stream = admin.stream("recent=2").await;
    assert_eq!(read(&mut stream, 2).await, seqs[3..]);
    let new = post(&admin, "ci", 1).await;
    assert_eq!(read(&mut stream, 1).await, new);
    let mut stream = admin.stream("recent=100&channels=ops").await;
    let other = post(&admin, "ops", 1).await;
    assert_eq!(read(&mut stream, 1).await, other);
}

#[tokio::test]
async fn a_long_absence_is_made_up_in_order_from_store_and_memory_while_more_comes_in() {
    // Little memory: nearly everything comes from the store, in several pages, and the rest from the tail.
    let app = TestApp::start_with(|options| options.overrides.tuning.tail_frames = 16).await;
    let admin = app.admin().await;
    let start = admin.stream("").await.last_id;
    // Every hundredth goes elsewhere: whoever reads only that passes over whole pages.
    let write = async |count: usize| {
        let post = async |number: usize| {
            let channel = if number.is_multiple_of(100) {
                "rare"
            } else {
                "ci"
            };
            let body = json!({"channel": channel, "message": number.to_string()});
            admin.publish(body).await
        };
        let posts = futures::stream::iter((0..count).map(post)).buffer_unordered(32);
        posts.collect::<Vec<_>>().await
    };
    let mut posted = write(1100).await;
    let mut all = admin.stream_after("", Some(&start)).await;
    let mut rare = admin.stream_after("channels=rare", Some(&start)).await;
    let (more, all, rare) = tokio::join!(write(200), read(&mut all, 1300), read(&mut rare, 13));
    assert_eq!(all, (1..=1300).collect::<Vec<_>>());
    posted.extend(more);
    posted.retain(|post| post["channel"] == "rare");
    let mut seqs: Vec<_> = posted
        .iter()
        .map(|post| post["seq"].as_u64().unwrap())
        .collect();
    seqs.sort_unstable();
    assert_eq!(rare, seqs);
}

#[tokio::test]
async fn a_cursor_survives_a_restart() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut stream = admin.stream("").await;
    let before = post(&admin, "ci", 3).await;
    assert_eq!(read(&mut stream, 1).await, before[..1]);
    let last = stream.last_id.clone();

    let app = app.restart().await;
    assert_eq!(app.setup_link, None, "there is an account");
    let mut again = admin.stream_after("", Some(&last)).await;
    assert_eq!(again.connected["resumed"], true);
    assert_eq!(epoch(&again), epoch(&stream));
    let after = post(&admin, "ci", 2).await;
    assert_eq!(read(&mut again, 4).await, [&before[1..], &after].concat());
}

#[tokio::test]
async fn a_cursor_of_another_log_or_of_the_future_is_reset_to_the_head() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    post(&admin, "ci", 3).await;
    let epoch = epoch(&admin.stream("").await).to_owned();
    for (cursor, reason) in [
        ("00000000-1".to_owned(), "unknown"),
        (format!("{epoch}0-1"), "unknown"),
        (format!("{epoch}-4"), "future"),
        (format!("{epoch}-9223372036854775807"), "future"),
        (format!("{epoch}-03"), "malformed"),
    ] {
        let mut stream = admin.stream_after("", Some(&cursor)).await;
        assert_eq!(stream.connected["resumed"], false, "{cursor}");
        let reset = stream.next_event().await;
        assert_eq!(
            (reset.name.as_str(), reset.id),
            ("reset", format!("{epoch}-3"))
        );
        let data: serde_json::Value = serde_json::from_str(&reset.data).unwrap();
        assert_eq!(data, json!({"head": 3, "reason": reason}), "{cursor}");
    }
    let mut stream = admin.stream_after("", Some(&format!("{epoch}-9"))).await;
    assert_eq!(stream.next("reset").await["reason"], "future");
    let new = post(&admin, "ci", 1).await;
    assert_eq!(read(&mut stream, 1).await, new);
}

#[tokio::test]
async fn a_cursor_among_what_is_no_longer_kept_is_reset_and_the_last_one_before_it_goes_on() {
    let app = TestApp::start_with(crate::support::app::Options::stop_the_clock).await;
    app.admin().await;
    let ci = app.program("root", "publish,subscribe").await;
    let old = post(&ci, "ci", 3).await;
    let epoch = epoch(&ci.stream("").await).to_owned();
    // The log is kept for 30 days, and tidied when the server starts.
    app.pass(Duration::from_secs(31 * 24 * 3600));
    let kept = post(&ci, "ci", 2).await;
    let app = app.restart().await;
    wait_until_pruned(&app, old[2]).await;

    for cursor in [0, 1, 2] {
        let mut stream = ci
            .stream_after("", Some(&format!("{epoch}-{cursor}")))
            .await;
        assert_eq!(stream.connected["resumed"], false);
        assert_eq!(
            stream.next("reset").await,
            json!({"head": 5, "reason": "pruned"})
        );
        assert_eq!(stream.last_id, format!("{epoch}-5"));
    }
    let mut stream = ci.stream_after("", Some(&format!("{epoch}-3"))).await;
    assert_eq!(stream.connected["resumed"], true);
    assert_eq!(read(&mut stream, 2).await, kept);
    let mut stream = ci.stream("last_event_id=earliest").await;
    assert_eq!(read(&mut stream, 2).await, kept);
}

/// Pruning runs behind the requests and tells nobody but the database.
pub(super) async fn wait_until_pruned(app: &TestApp, seq: u64) {
    let mut database = database::open(app.data_dir()).await;
    let pruned = async {
        loop {
            let text: Option<String> =
                sqlx::query_scalar("SELECT value FROM meta WHERE name = 'pruned_to'")
                    .fetch_optional(&mut database)
                    .await
                    .unwrap();
            if text == Some(seq.to_string()) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, pruned).await.unwrap();
}

#[tokio::test]
async fn what_was_removed_for_good_is_not_told_to_whoever_comes_back() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut there = admin.stream("").await;
    let secret = json!({"channel": "ci", "message": "a password"});
    let posted = admin.publish(secret).await;
    let path = format!("/api/v1/notifications/{}", posted["id"].as_str().unwrap());
    assert_eq!(
        admin.delete(&format!("{path}?purge=true")).await.status,
        204
    );
    there.next("notification").await;
    let gone = there.next("update").await;
    assert_eq!(gone["change"], "deleted");
    let mut back = admin.stream("last_event_id=earliest").await;
    assert_eq!(back.next("update").await, gone, "from memory");
    let _app = app.restart().await;
    let mut back = admin.stream("last_event_id=earliest").await;
    assert_eq!(back.next("update").await, gone, "from the store");
}
