//! Requests as real programs send them, byte by byte: Apprise, Home Assistant (aiontfy) and Uptime Kuma.

use super::{newest, server};
use crate::support::people::Person;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends a request as it is written here, with the credential and the length put in; answers status and body.
async fn raw(person: &Person, head: &str, body: &[u8]) -> (u16, Value) {
    let mut socket = TcpStream::connect(person.address).await.unwrap();
    let request = format!(
        "{}\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        head.trim().replace('\n', "\r\n"),
        person.address,
        person.token(),
        body.len(),
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    socket.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (
        status,
        serde_json::from_str(body).unwrap_or(Value::String(body.to_owned())),
    )
}

#[tokio::test]
async fn apprise_sends_its_text_as_json_and_the_rest_as_headers() {
    let (_app, program) = server().await;
    let head = "POST / HTTP/1.1
Content-Type: application/json
X-Icon: https://github.com/caronc/apprise/raw/master/apprise/assets/themes/default/apprise-info-256x256.png
X-Priority: high
X-Click: https://ex.com/a?b=1
X-Email: a@b.c
X-Tags: skull,warning
X-Actions: view,Open";
    let body = br#"{"topic": "mytopic", "title": "Disk low \u00e9", "message": "line1\nline2"}"#;
    let (status, message) = raw(&program, head, body).await;
    assert_eq!(status, 200, "{message}");
    assert_eq!(message["event"], "message");
    assert_eq!(message["topic"], "mytopic");
    assert_eq!(message["title"], "Disk low é");
    assert_eq!(message["message"], "line1\nline2");
    assert_eq!(message["priority"], 4);
    assert_eq!(message["tags"], json!(["skull", "warning"]));
    assert_eq!(message["click"], "https://ex.com/a?b=1");
    assert_eq!(
        message.get("actions"),
        None,
        "one that cannot be read is passed over"
    );
    let id = message["id"].as_str().unwrap();
    assert_eq!(id.len(), 12);
    let card = newest(&program).await;
    assert_eq!(
        (&card["id"], &card["channel"]),
        (&message["id"], &json!("mytopic"))
    );
    assert_eq!(card["priority"], 4);
}

#[tokio::test]
async fn apprise_sends_a_delay_and_an_address_for_mail() {
    let (_app, program) = server().await;
    let head = "POST / HTTP/1.1\nContent-Type: application/json\nX-Delay: 30m\nX-Email: a@b.c";
    let (status, message) = raw(&program, head, br#"{"topic": "t", "message": "later"}"#).await;
    assert_eq!(status, 200, "{message}");
    let path = format!("/api/v1/notifications/{}", message["id"].as_str().unwrap());
    let own = program.get(&path).await.json();
    let created = own["created_at"].clone();
    let created = unix_seconds(created.as_str().unwrap());
    let time = message["time"].as_i64().unwrap();
    assert!(
        (1_799..=1_801).contains(&(time - created)),
        "{time} {created}"
    );
}

/// Seconds since 1970 of `2026-11-20T10:00:00.123Z`.
fn unix_seconds(text: &str) -> i64 {
    let format = time::format_description::well_known::Rfc3339;
    time::OffsetDateTime::parse(text, &format)
        .unwrap()
        .unix_timestamp()
}

#[tokio::test]
async fn apprise_sends_a_file() {
    let (app, program) = server().await;
    let head = "POST /mytopic?filename=pic.png&title=Pic&message=see HTTP/1.1\nX-Icon: https://ex.com/i.png";
    let (status, message) = raw(&program, head, b"\x89PNG\r\n\x1a\n1234").await;
    assert_eq!(status, 200, "{message}");
    assert_eq!(
        (&message["title"], &message["message"]),
        (&json!("Pic"), &json!("see"))
    );
    let attachment = &message["attachment"];
    assert_eq!(attachment["name"], "pic.png");
    assert_eq!(attachment["type"], "image/png");
    assert_eq!(attachment["size"], 12);
    let url = attachment["url"].as_str().unwrap();
    let begins = format!("http://{}/file/", app.address);
    assert!(url.starts_with(&begins) && url.ends_with(".png"), "{url}");
}

#[tokio::test]
async fn home_assistant_sends_nulls_and_empty_lists() {
    let (_app, program) = server().await;
    let head = "POST / HTTP/1.1\nContent-Type: application/json";
    let body = br#"{"topic":"mytopic","message":"hi","title":"T","tags":[],"priority":null,"actions":[],"click":null,
        "attach":null,"markdown":false,"icon":null,"filename":null,"delay":null,"email":null,"call":null,
        "sequence_id":null}"#;
    let (status, message) = raw(&program, head, body).await;
    assert_eq!(status, 200, "{message}");
    assert_eq!(
        (&message["title"], &message["message"]),
        (&json!("T"), &json!("hi"))
    );
    for absent in [
        "tags",
        "priority",
        "actions",
        "click",
        "attachment",
        "icon",
        "sequence_id",
        "content_type",
    ] {
        assert_eq!(message.get(absent), None, "{absent}: {message}");
    }
}

#[tokio::test]
async fn home_assistant_sends_actions_and_a_sequence_id() {
    let (_app, program) = server().await;
    let head = "POST / HTTP/1.1\nContent-Type: application/json";
    let body = br#"{"topic":"mytopic","message":"**hi**","tags":["a","b"],"priority":4,"markdown":true,"sequence_id":"job-1",
        "actions":[{"action":"view","label":"Open","url":"https://ex.com","clear":false},
                   {"action":"http","label":"Off","url":"https://ex.com/off","headers":{"A":"b"},"body":null,"clear":false}]}"#;
    let (status, message) = raw(&program, head, body).await;
    assert_eq!(status, 200, "{message}");
    assert_eq!(message["content_type"], "text/markdown");
    assert_eq!(message["sequence_id"], "job-1");
    let actions = message["actions"].as_array().unwrap();
    assert_eq!(
        actions.len(),
        1,
        "requests are not sent from cards: {message}"
    );
    assert_eq!(actions[0]["action"], "view");
    assert_eq!(actions[0]["url"], "https://ex.com");
    assert_eq!(newest(&program).await["key"], "job-1");
}

#[tokio::test]
async fn home_assistant_sends_a_file_with_headers() {
    let (_app, program) = server().await;
    let head = "PUT /mytopic HTTP/1.1
X-Message: two\\nlines
X-Actions: action='http', label=\"It's\", url='https://ex.com/x', method='POST', headers.A='b', clear=0
X-Markdown: 0
X-Filename: p.png
Content-Type: application/octet-stream";
    let (status, message) = raw(&program, head, b"\x89PNG\r\n\x1a\n").await;
    assert_eq!(status, 200, "{message}");
    assert_eq!(message["message"], "two\nlines");
    assert_eq!(message["attachment"]["name"], "p.png");
}

#[tokio::test]
async fn home_assistant_clears_and_deletes() {
    let (_app, program) = server().await;
    super::publish(&program, "/mytopic/job-1", &[], "running").await;
    let (status, message) = raw(&program, "PUT /mytopic/job-1/clear HTTP/1.1", b"").await;
    assert_eq!(
        (status, &message["event"]),
        (200, &json!("message_clear")),
        "{message}"
    );
    assert_eq!(newest(&program).await["receipt"]["read"], true);
    let (status, message) = raw(&program, "DELETE /mytopic/job-1 HTTP/1.1", b"").await;
    assert_eq!(
        (status, &message["event"]),
        (200, &json!("message_delete")),
        "{message}"
    );
    assert_eq!(message["sequence_id"], "job-1");
    assert_eq!(newest(&program).await, Value::Null);
}

#[tokio::test]
async fn uptime_kuma_sends_tags_with_spaces() {
    let (_app, program) = server().await;
    let head = "POST / HTTP/1.1\nContent-Type: application/json";
    let body = br#"{"topic":"kuma","message":"down","priority":5,"title":"Web [Down]","tags":["red_circle","env: prod"],
        "actions":[{"action":"view","label":"Open Web","url":"https://ex.com"}],"icon":"https://ex.com/i.png"}"#;
    let (status, message) = raw(&program, head, body).await;
    assert_eq!(status, 200, "{message}");
    assert_eq!(message["tags"], json!(["red_circle", "env: prod"]));
    assert_eq!(message["priority"], 5);
    assert_eq!(message["icon"], "https://ex.com/i.png");
}
