//! Parameters in all the places and forms in which they may come.

use super::{newest, publish, refused, send, server};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn every_name_of_a_parameter_works_in_header_and_query() {
    let (_app, program) = server().await;
    let names: [(&str, &[&str], &str, serde_json::Value); 6] = [
        ("title", &["X-Title", "Title", "t"], "T", json!("T")),
        (
            "message",
            &["X-Message", "Message", "m"],
            "a\\nb",
            json!("a\nb"),
        ),
        (
            "priority",
            &["X-Priority", "Priority", "prio", "p"],
            "max",
            json!(5),
        ),
        (
            "tags",
            &["X-Tags", "Tags", "Tag", "ta"],
            "a, b",
            json!(["a", "b"]),
        ),
        (
            "click",
            &["X-Click", "Click"],
            "https://ex.com",
            json!("https://ex.com"),
        ),
        (
            "icon",
            &["X-Icon", "Icon"],
            "https://ex.com/i",
            json!("https://ex.com/i"),
        ),
    ];
    for (field, names, value, expect) in names {
        for name in names {
            let message = publish(&program, "/t", &[(name, value)], "").await;
            assert_eq!(message[field], expect, "header {name}");
            let query: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
            let path = format!("/t/publish?{}={query}", name.to_lowercase());
            let answer = program.get(&path).await;
            assert_eq!(
                (answer.status.as_u16(), &answer.json()[field]),
                (200, &expect),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn get_publishes_by_any_of_its_words() {
    let (_app, program) = server().await;
    for word in ["publish", "send", "trigger"] {
        let answer = program.get(&format!("/t/{word}?m=hello+there&p=5")).await;
        assert_eq!(answer.status, 200);
        let message = answer.json();
        assert_eq!(
            (&message["message"], &message["priority"]),
            (&json!("hello there"), &json!(5))
        );
    }
    assert_eq!(
        program.get("/t/trigger").await.json()["message"],
        "triggered"
    );
    assert_eq!(
        publish(&program, "/t", &[("title", "only")], " \n ").await["message"],
        "triggered"
    );
}

#[tokio::test]
async fn titles_may_be_encoded_words_or_plain_bytes() {
    let (_app, program) = server().await;
    for title in [
        "=?UTF-8?B?w5xiZXI=?=",
        "=?utf-8?q?=C3=9Cber?=",
        "=?ISO-8859-1?Q?=DCber?=",
        "Über",
    ] {
        let message = publish(&program, "/t", &[("Title", title)], "x").await;
        assert_eq!(message["title"], "Über", "{title}");
    }
}

#[tokio::test]
async fn priorities_come_as_numbers_digits_and_words() {
    let (_app, program) = server().await;
    for (priority, expect) in [
        (json!(1), Some(1)),
        (json!("2"), Some(2)),
        (json!("high"), Some(4)),
        (json!("urgent"), Some(5)),
        (json!(3), None),
        (json!(0), None),
    ] {
        let body = json!({"topic": "t", "message": "x", "priority": priority}).to_string();
        let message = publish(&program, "/", &[], &body).await;
        assert_eq!(
            message.get("priority").and_then(serde_json::Value::as_u64),
            expect,
            "{priority}"
        );
    }
    // A browser's own header (RFC 9218).
    let message = publish(&program, "/t", &[("Priority", "u=1, i")], "x").await;
    assert_eq!(message.get("priority"), None);
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_in_ntfy_s_words() {
    let (_app, program) = server().await;
    for (header, code) in [
        (("Priority", "loud"), 40007),
        (("Delay", "soon"), 40004),
        (("Delay", "5s"), 40005),
        (("In", "4 days"), 40006),
        (("Icon", "ftp://ex.com"), 40021),
        (("Attach", "javascript:alert(1)"), 40013),
        (("X-Sequence-ID", "a b"), 40049),
        (("Template", "github"), 40047),
        (("Template", "yes"), 40042),
    ] {
        let answer = send(&program, Method::PUT, "/t", &[header], "x").await;
        refused(&answer, code);
    }
    let both = [("Delay", "30m"), ("Cache", "no")];
    refused(&send(&program, Method::PUT, "/t", &both, "x").await, 40002);
    for (body, code) in [
        ("{", 40017),
        ("[]", 40017),
        ("{\"message\":\"x\"}", 40009),
        ("{\"topic\":\"a b\",\"message\":\"x\"}", 40009),
        ("{\"topic\":\"app\",\"message\":\"x\"}", 40010),
    ] {
        refused(&send(&program, Method::POST, "/", &[], body).await, code);
    }
    assert_eq!(
        newest(&program).await,
        serde_json::Value::Null,
        "nothing was kept"
    );
}

#[tokio::test]
async fn more_than_a_card_can_hold_is_cut_and_delivered() {
    let (_app, program) = server().await;
    let tags: Vec<_> = (0..20).map(|number| format!("tag{number}")).collect();
    let body = json!({
        "topic": "t",
        "title": format!("{}\nend", "x".repeat(300)),
        "message": "bell \u{7} and \u{1b}[31mred",
        "tags": tags,
        "click": "geo:48.2,16.3",
        "actions": "view, A, https://a.ex; view, B, javascript:alert(1); view, C, https://c.ex",
    });
    let message = publish(&program, "/", &[], &body.to_string()).await;
    assert_eq!(message["title"].as_str().unwrap().chars().count(), 250);
    assert_eq!(message["message"], "bell \u{fffd} and \u{fffd}[31mred");
    assert_eq!(message["tags"].as_array().unwrap().len(), 16);
    assert_eq!(message.get("click"), None);
    let labels: Vec<_> = message["actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["label"])
        .collect();
    assert_eq!(labels, ["A", "C"]);
}

#[tokio::test]
async fn long_messages_are_not_lost() {
    let (_app, program) = server().await;
    let text = "é".repeat(7_800);
    let body = json!({"topic": "t", "message": text}).to_string();
    assert_eq!(publish(&program, "/", &[], &body).await["message"], text);
    let most = "x".repeat(32_768);
    assert_eq!(publish(&program, "/t", &[], &most).await["message"], most);
    let more = format!("{most}y");
    for (path, body) in [
        ("/t", more.clone()),
        ("/", json!({"topic": "t", "message": more}).to_string()),
    ] {
        let message = publish(&program, path, &[], &body).await;
        assert_eq!(message["attachment"]["name"], "attachment.txt", "{path}");
        assert_eq!(message["attachment"]["size"], 32_769);
        assert_eq!(message["message"], "You received a file: attachment.txt");
    }
    let huge = format!(
        "{{\"topic\":\"t\",\"message\":\"{}\"}}",
        "x".repeat(600 << 10)
    );
    refused(&send(&program, Method::POST, "/", &[], huge).await, 41303);
}

#[tokio::test]
async fn templates_are_filled_from_the_body() {
    let (_app, program) = server().await;
    let headers = [
        ("Template", "yes"),
        ("Title", "{{.alert.name}}"),
        ("Message", "{{ .alert.value }} at {{.host}}"),
    ];
    let body = r#"{"alert": {"name": "Disk", "value": 93.5}, "host": null}"#;
    let message = publish(&program, "/t", &headers, body).await;
    assert_eq!(
        (&message["title"], &message["message"]),
        (&json!("Disk"), &json!("93.5 at <no value>"))
    );
    let headers = [("Template", "1"), ("Message", "{{range .a}}")];
    refused(
        &send(&program, Method::PUT, "/t", &headers, "{}").await,
        40043,
    );
}

#[tokio::test]
async fn markdown_is_said_in_two_ways() {
    let (_app, program) = server().await;
    for header in [("Markdown", "yes"), ("Content-Type", "text/markdown")] {
        let message = publish(&program, "/t", &[header], "**x**").await;
        assert_eq!(message["content_type"], "text/markdown");
        assert_eq!(newest(&program).await["markdown"], true);
    }
}

#[tokio::test]
async fn push_messages_come_as_they_are() {
    let (_app, program) = server().await;
    let asked = program.get("/upTopic?up=1").await;
    assert_eq!(asked.json(), json!({"unifiedpush": {"version": 1}}));
    let message = publish(&program, "/upTopic?up=1", &[], " raw \n").await;
    assert_eq!(
        (&message["message"], message.get("encoding")),
        (&json!(" raw \n"), None)
    );
    let answer = send(
        &program,
        Method::POST,
        "/upTopic?up=1",
        &[],
        vec![0xff, 0, 1],
    )
    .await;
    let message = answer.json();
    assert_eq!(
        (&message["message"], &message["encoding"]),
        (&json!("/wAB"), &json!("base64"))
    );
    let polled = super::poll(&program, "upTopic", "since=latest").await;
    assert_eq!(polled[0]["encoding"], "base64");
    let headers = [("Content-Encoding", "aes128gcm")];
    let answer = send(&program, Method::POST, "/upTopic", &headers, vec![0xfe]).await;
    assert_eq!(answer.json()["message"], "/g==");
}

#[tokio::test]
async fn a_poll_request_is_answered_and_not_kept() {
    let (_app, program) = server().await;
    let message = publish(&program, "/t", &[("X-Poll-ID", "abc")], "ignored").await;
    assert_eq!(
        (&message["event"], &message["poll_id"]),
        (&json!("poll_request"), &json!("abc"))
    );
    assert_eq!(newest(&program).await, serde_json::Value::Null);
}
