//! Cursors that nobody was given. None of them fails the request: the reader is told that it was reset, and goes on.

use super::encode;
use crate::support::people::Person;
use crate::support::{TestApp, wire::Stream};
use serde_json::{Value, json};

/// Texts that are no cursor. `E` stands for the epoch of the log.
const MALFORMED: [&str; 45] = [
    "1043",
    "-1",
    "E",
    "E-",
    "-",
    "E--1",
    "E-+1",
    "E-01",
    "E-1 x",
    "E -1",
    "XE-1",
    "7F3A-1",
    "7f3-1",
    "E-1e3",
    "E-0x1",
    "E-1_0",
    "E-1.0",
    "E-\u{661}",
    "E\u{2013}1",
    "E-1-1",
    "E-1,E-2",
    "E-1;",
    "E-1\tE-2",
    "E-1%0d%0aX: y",
    "E-9223372036854775808",
    "E-18446744073709551616",
    "E-99999999999999999999999",
    "00000000000000000-1",
    "EARLIEST",
    "earliest,",
    "null",
    "undefined",
    "NaN",
    "true",
    "{}",
    "[]",
    "' OR 1=1 --",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "${jndi:ldap://x}",
    "\u{1F514}",
    "\u{FEFF}E-1",
    "\u{202E}E-1",
    "E-1\u{2028}",
    "%00",
];

/// Cursors that cannot be continued, and why. The head of the log is at most 999.
const IMPOSSIBLE: [(&str, &str); 5] = [
    ("E-1000", "future"),
    ("E-9223372036854775807", "future"),
    ("00000000-1", "unknown"),
    ("E0-1", "unknown"),
    ("0000-0", "unknown"),
];

/// A stream that was reset, and that shows a post made after it.
async fn is_reset_and_live(stream: &mut Stream, by: &Person, cursor: &str, reason: &str) {
    assert_eq!(stream.head.header("content-type"), "text/event-stream");
    assert_eq!(stream.connected["resumed"], false, "{cursor:?}");
    let reset = stream.next_event().await;
    assert_eq!(reset.name, "reset", "{cursor:?}");
    let data: Value = serde_json::from_str(&reset.data).unwrap();
    assert_eq!(data["reason"], reason, "{cursor:?}");
    let epoch = stream.connected["epoch"].as_str().unwrap();
    assert_eq!(reset.id, format!("{epoch}-{}", data["head"]), "{cursor:?}");
    let posted = by
        .publish(json!({"channel": "ci", "message": cursor_text(cursor)}))
        .await;
    assert_eq!(
        stream.next("notification").await["notification"],
        posted,
        "{cursor:?}"
    );
}

/// The cursor as a message, without what no message may hold.
fn cursor_text(cursor: &str) -> String {
    format!("{:?}", cursor.escape_unicode().to_string())
}

#[tokio::test]
async fn a_hostile_cursor_never_fails_the_request() {
    let app = TestApp::start_with(|options| options.config.streams_per_user = 0).await;
    let admin = app.admin().await;
    for number in 0..3 {
        admin
            .publish(json!({"channel": "ci", "message": number.to_string()}))
            .await;
    }
    let epoch = admin.stream("").await.connected["epoch"]
        .as_str()
        .unwrap()
        .to_owned();
    let long = format!("{epoch}-{}", "1".repeat(4000));
    let malformed = MALFORMED.into_iter().chain([long.as_str()]);
    let all = malformed.map(|cursor| (cursor, "malformed"));
    for (cursor, reason) in all.chain(IMPOSSIBLE) {
        let cursor = cursor.replace('E', &epoch);
        let mut by_header = admin.stream_after("", Some(&cursor)).await;
        is_reset_and_live(&mut by_header, &admin, &cursor, reason).await;
        let query = format!("last_event_id={}", encode(&cursor));
        let mut by_query = admin.stream(&query).await;
        is_reset_and_live(&mut by_query, &admin, &cursor, reason).await;
        // The header wins, whatever it holds.
        let good = format!("last_event_id={epoch}-1");
        let mut by_both = admin.stream_after(&good, Some(&cursor)).await;
        is_reset_and_live(&mut by_both, &admin, &cursor, reason).await;
    }
    // What no header can hold.
    for cursor in [
        "\0",
        "E-1\r\n",
        "E-1\nid: 9",
        "\u{85}",
        " ",
        "E-1 ",
        " earliest",
    ] {
        let cursor = cursor.replace('E', &epoch);
        let query = format!("last_event_id={}", encode(&cursor));
        let mut stream = admin.stream(&query).await;
        is_reset_and_live(&mut stream, &admin, &cursor, "malformed").await;
    }
    // Bytes that are no text at all.
    let mut stream = admin.stream("last_event_id=%ff%fe").await;
    is_reset_and_live(&mut stream, &admin, "bytes", "malformed").await;
    // One that only looks like them.
    for (query, header) in [("", Some("E-0")), ("last_event_id=E-0", None)] {
        let header = header.map(|cursor| cursor.replace('E', &epoch));
        let query = query.replace('E', &epoch);
        let mut stream = admin.stream_after(&query, header.as_deref()).await;
        assert_eq!(stream.connected["resumed"], true);
        assert_eq!(stream.next("notification").await["seq"], 1);
    }
}
