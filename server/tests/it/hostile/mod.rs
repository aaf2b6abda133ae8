//! What somebody sends who wishes us ill: characters that end lines or deceive, here; cursors; ways
//! into rooms of others; rows that we did not write.
//! A stream must stay what it is: nothing may forge an event, end it or keep others from getting theirs.

mod cursors;
mod logs;
mod rooms;
mod rows;

use crate::support::{TestApp, app::PASSWORD};
use reqwest::Method;
use serde_json::{Value, json};

const NOTIFICATIONS: &str = "/api/v1/notifications";

fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Text that ends a line for some reader, or makes what stands there read as something else.
const POISON: [&str; 16] = [
    "\r",
    "\n",
    "\r\n",
    "\n\nevent: reset\ndata: {\"head\":0}\n\n",
    "\r\rid: 0\rdata: x\r\r",
    "\0",
    "\u{b}",
    "\u{1b}[2J",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\u{202E}",
    "\u{2066}",
    "\u{FEFF}",
    "\u{FFFA}",
];

/// Whether a message may hold it: line ends are text in a message, and nothing else of this is.
fn is_text(poison: &str) -> bool {
    poison.chars().all(|c| matches!(c, '\r' | '\n' | ' '..='~'))
}

/// A valid notification in which one field holds `poison`.
fn poisoned(field: &str, poison: &str) -> Value {
    let text = format!("a{poison}b");
    let mut body = json!({"channel": "ci", "message": "m", "key": "k"});
    body[field] = match field {
        "tags" | "to" => json!([text]),
        "click" | "icon" => json!(format!("https://e.example/{text}")),
        "actions" => json!([{"label": text, "url": "https://e.example/"}]),
        _ => json!(text),
    };
    body
}

const FIELDS: [&str; 13] = [
    "channel",
    "message",
    "title",
    "tags",
    "click",
    "icon",
    "actions",
    "key",
    "state",
    "append",
    "to",
    "deliver_at",
    "expires_at",
];

#[tokio::test]
async fn no_field_of_a_notification_ends_a_line_of_the_stream() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut stream = admin.stream("").await;
    let (mut accepted, mut refused) = (0, 0);
    for door in [NOTIFICATIONS, "/notify"] {
        for (field, poison) in FIELDS
            .iter()
            .flat_map(|field| POISON.map(|poison| (*field, poison)))
        {
            let body = poisoned(field, poison);
            let answer = admin.post(door, &body).await;
            let harmless = matches!(field, "message" | "append") && is_text(poison);
            assert_eq!(
                answer.status.is_success(),
                harmless,
                "{door} {field} {poison:?} {answer:?}"
            );
            if !harmless {
                assert_eq!(answer.status, 422, "{door} {field} {poison:?}");
                assert_eq!(answer.json()["errors"][0]["field"], field);
                refused += 1;
                continue;
            }
            accepted += 1;
            let (_, id, data) = stream.next_change().await;
            assert_eq!(
                id,
                format!(
                    "{}-{}",
                    stream.connected["epoch"].as_str().unwrap(),
                    data["seq"]
                )
            );
            if field == "message" {
                assert_eq!(data["notification"]["message"], body["message"]);
            }
        }
    }
    println!("{accepted} accepted and shown as they were sent, {refused} refused");
    // Nothing of what was refused is in the stream: the next event is the next post.
    let last = admin
        .publish(json!({"channel": "ci", "message": "last"}))
        .await;
    assert_eq!(stream.next("notification").await["notification"], last);
}

#[tokio::test]
async fn no_field_of_the_page_s_form_ends_a_line_of_the_stream() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut stream = admin.stream("").await;
    let form = async |field: &str, poison: &str| {
        let text = format!("a{poison}b");
        let mut form = vec![
            ("channel", "ci"),
            ("message", "m"),
            ("title", ""),
            ("tags", ""),
        ];
        form.iter_mut().find(|(name, _)| *name == field).unwrap().1 = &text;
        let request = admin.request(Method::POST, "/api/ui/publish").form(&form);
        (admin.send(request).await, text)
    };
    for (field, poison) in ["channel", "message", "title", "tags"]
        .iter()
        .flat_map(|f| POISON.map(|p| (*f, p)))
    {
        let (answer, text) = form(field, poison).await;
        assert!(
            !answer.status.is_server_error(),
            "{field} {poison:?} {answer:?}"
        );
        let marker = admin
            .publish(json!({"channel": "ci", "message": "marker"}))
            .await;
        let next = stream.next("notification").await;
        if field == "message" && is_text(poison) {
            assert_eq!(next["notification"]["message"], text);
            assert_eq!(stream.next("notification").await["notification"], marker);
        } else {
            assert_eq!(
                next["notification"], marker,
                "{field} {poison:?} {answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_body_that_is_no_text_or_no_json_is_refused() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut stream = admin.stream("").await;
    let bodies: [&[u8]; 9] = [
        b"",
        b"null",
        b"[]",
        b"{\"channel\":\"ci\",\"message\":\"\xff\"}",
        br#"{"channel":"ci","message":"\ud800"}"#,
        b"{\"channel\":\"ci\",\"message\":\"a\nb\"}",
        br#"{"channel":"ci","message":"x"}{}"#,
        b"\xEF\xBB\xBF{\"channel\":\"ci\",\"message\":\"x\"}",
        br#"{"channel":"ci","message":"x""#,
    ];
    for (door, body) in [NOTIFICATIONS, "/notify"]
        .iter()
        .flat_map(|door| bodies.map(|body| (door, body)))
    {
        let request = admin
            .request(Method::POST, door)
            .header("content-type", "application/json")
            .body(body.to_vec());
        let answer = admin.send(request).await;
        assert!(
            matches!(answer.status.as_u16(), 400 | 422),
            "{body:?} {answer:?}"
        );
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    let nested = format!("{{\"channel\":\"ci\",\"message\":{}1", "[".repeat(100_000));
    let request = admin
        .request(Method::POST, NOTIFICATIONS)
        .header("content-type", "application/json")
        .body(nested);
    assert_eq!(admin.send(request).await.status.as_u16() / 100, 4);
    let last = admin
        .publish(json!({"channel": "ci", "message": "last"}))
        .await;
    assert_eq!(stream.next("notification").await["notification"], last);
}

#[tokio::test]
async fn no_value_of_a_query_reaches_a_header_or_breaks_the_server() {
    let app = TestApp::start_with(|options| options.config.streams_per_user = 0).await;
    let admin = app.admin().await;
    for poison in POISON {
        let value = encode(&format!("a{poison}b"));
        for path in [
            "/events?channels=",
            "/events?min_priority=",
            "/events?recent=",
        ] {
            let answer = admin.open(&format!("{path}{value}"), &[]).await;
            assert_eq!(answer.head.status, 422, "{path}{value}");
        }
        for name in ["channel", "state", "before", "limit", "min_priority", "tag"] {
            let answer = admin.get(&format!("{NOTIFICATIONS}?{name}={value}")).await;
            let expect = if name == "tag" { 200 } else { 422 };
            assert_eq!(answer.status, expect, "{name} {poison:?} {answer:?}");
        }
        let form = [
            ("username", "root"),
            ("password", PASSWORD),
            ("next", &format!("/a{poison}b")),
        ];
        let request = app.anyone().request(Method::POST, "/login").form(&form);
        let answer = admin.send(request).await;
        assert_eq!(answer.header("location"), "/", "{poison:?} {answer:?}");
    }
}
