//! The answers of publishing.

use super::{newest, publish, server};
use serde_json::json;

#[tokio::test]
async fn an_answer_leaves_out_what_is_empty() {
    let (_app, program) = server().await;
    let message = publish(&program, "/t", &[], "M").await;
    let keys: Vec<_> = message.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["event", "id", "message", "time", "topic"]);
    let card = newest(&program).await;
    assert_eq!(
        (&message["id"], &message["message"]),
        (&card["id"], &card["message"])
    );
    assert_eq!(card.get("attachment"), None);
}

#[tokio::test]
async fn a_file_elsewhere_is_a_link() {
    let (_app, program) = server().await;
    let headers = [("Attach", "https://ex.com/a/pic.jpg?x=1")];
    let message = publish(&program, "/t", &headers, "look").await;
    assert_eq!(message["message"], "look");
    assert_eq!(
        message["attachment"],
        json!({"name": "pic.jpg", "url": "https://ex.com/a/pic.jpg?x=1"})
    );
    assert_eq!(message.get("actions"), None, "the link is the attachment");
    let card = newest(&program).await;
    assert_eq!(
        card["actions"],
        json!([{"label": "pic.jpg", "url": "https://ex.com/a/pic.jpg?x=1"}])
    );
    assert_eq!(card["attachment"]["name"], "pic.jpg");
    let message = publish(&program, "/t", &[headers[0], ("Filename", "b.jpg")], "").await;
    assert_eq!(message["message"], "You received a file: b.jpg");
}

#[tokio::test]
async fn what_is_published_here_is_an_event_like_others() {
    let (_app, program) = server().await;
    let mut stream = program.stream("").await;
    let message = publish(&program, "/t", &[("Title", "T"), ("Tags", "a")], "M").await;
    let event = stream.next("notification").await;
    let card = &event["notification"];
    assert_eq!(
        (&card["id"], &card["title"], &card["tags"]),
        (&message["id"], &json!("T"), &json!(["a"]))
    );
}
