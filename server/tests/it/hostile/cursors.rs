//! Cursors that nobody was given. None of them fails the request: the reader is told that it was reset, and goes on.

use super::encode;
use crate::support::people::Person;
use crate::support::{TestApp, wire::Stream};
use serde_json::{Value, json};

/// Cursors that cannot be continued. `E` stands for the epoch of the log, whose head is at most 999.
const CURSORS: [&str; 48] = [
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
    "E-1000",
    "E-9223372036854775807",
    "E-9223372036854775808",
    "E-18446744073709551616",
    "E-99999999999999999999999",
    "00000000000000000-1",
    "00000000-1",
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

/// A stream that was reset, and that shows a post made after it.
async fn is_reset_and_live(stream: &mut Stream, by: &Person, cursor: &str) {
    assert_eq!(stream.connected["resumed"], false, "{cursor:?}");
    let reset = stream.next_event().await;
    assert_eq!(reset.name, "reset", "{cursor:?}");
    let data: Value = serde_json::from_str(&reset.data).unwrap();
    let reason = data["reason"].as_str().unwrap();
    assert!(
        ["unknown", "future", "malformed"].contains(&reason),
        "{cursor:?} {reason}"
    );
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
    for cursor in CURSORS.into_iter().chain([long.as_str()]) {
        let cursor = cursor.replace('E', &epoch);
        let mut by_header = admin.stream_after("", Some(&cursor)).await;
        is_reset_and_live(&mut by_header, &admin, &cursor).await;
        let mut by_query = admin
            .stream(&format!("last_event_id={}", encode(&cursor)))
            .await;
        is_reset_and_live(&mut by_query, &admin, &cursor).await;
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
        let mut stream = admin
            .stream(&format!("last_event_id={}", encode(&cursor)))
            .await;
        is_reset_and_live(&mut stream, &admin, &cursor).await;
    }
    // Bytes that are no text at all.
    let mut stream = admin.stream("last_event_id=%ff%fe").await;
    is_reset_and_live(&mut stream, &admin, "bytes").await;
}
