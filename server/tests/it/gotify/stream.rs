//! `GET /stream`: the WebSocket of Gotify's clients.

use super::{ask, refusal, send, server, token};
use crate::support::{PATIENCE, TestApp};
use futures::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

struct Phone(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Phone {
    async fn connect(address: SocketAddr, token: &str) -> Self {
        let url = format!("ws://{address}/stream?token={token}");
        let (socket, _answer) = connect_async(url).await.unwrap();
        Self(socket)
    }

    async fn next(&mut self) -> Option<Message> {
        let next = timeout(PATIENCE, self.0.next()).await.unwrap();
        next.map(Result::unwrap)
    }

    async fn message(&mut self) -> Value {
        let message = self.next().await.unwrap();
        serde_json::from_str(message.to_text().unwrap()).unwrap()
    }

    /// Reads to the end; answers the code with which the server closed.
    async fn close(&mut self) -> CloseCode {
        match self.next().await {
            Some(Message::Close(Some(frame))) => frame.code,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_phone_gets_every_new_message_once_and_in_order() {
    let (app, anyone, token) = server().await;
    let root = anyone.with_token(&token);
    let mut phone = Phone::connect(app.address, &token).await;
    let own = json!({"message": "one", "priority": 9, "extras": {"mine::own": 1}});
    let one = send(&anyone, &token, &own).await;
    let card = json!({"channel": "ci", "title": "two", "key": "k", "priority": 4});
    root.publish(card.clone()).await;
    root.publish(card).await;
    let three = send(&anyone, &token, &json!({"message": "three"})).await;
    assert_eq!(phone.message().await, one);
    let two = phone.message().await;
    assert_eq!(
        json!([two["title"], two["message"], two["priority"]]),
        json!(["two", "", 8])
    );
    assert_eq!(phone.message().await, three);
}

#[tokio::test]
async fn a_phone_sees_what_its_account_may_see() {
    let (app, anyone, root) = server().await;
    app.user("ann").await;
    app.belfry(&["channel", "add", "secret", "--private"], "")
        .await;
    let grant = [
        "channel", "grant", "secret", "--user", "root", "--access", "both",
    ];
    app.belfry(&grant, "").await;
    let ann = app.program("ann", "subscribe").await;
    let mut phone = Phone::connect(app.address, ann.token()).await;
    let secret = json!({"channel": "secret", "message": "hushed"});
    anyone.with_token(&root).publish(secret).await;
    let sent = send(&anyone, &root, &json!({"message": "public"})).await;
    assert_eq!(phone.message().await, sent);
}

#[tokio::test]
async fn the_server_closes_when_the_token_ends_and_when_it_stops() {
    let (app, _anyone, kept) = server().await;
    let lost = token(&app, "lost phone", "subscribe", &[]).await;
    let mut phone = Phone::connect(app.address, &lost).await;
    let mut other = Phone::connect(app.address, &kept).await;
    let listed = app.belfry(&["token", "list", "--json"], "").await;
    let lost: Value = serde_json::from_str(listed.lines().last().unwrap()).unwrap();
    app.belfry(&["token", "revoke", &lost["id"].to_string()], "")
        .await;
    assert_eq!(phone.close().await, CloseCode::Policy);
    let stopped = tokio::spawn(app.stop());
    assert_eq!(other.close().await, CloseCode::Away);
    timeout(PATIENCE, stopped).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_phone_is_asked_whether_it_is_there_and_let_go_when_it_is_not() {
    let app = TestApp::start_with(|options| {
        // Long enough for an answer to come back whatever else the machine does.
        options.overrides.tuning.ping = Duration::from_secs(2);
    })
    .await;
    app.admin().await;
    let token = token(&app, "phone", "publish,subscribe", &[]).await;
    let mut phone = Phone::connect(app.address, &token).await;
    // Who reads on answers, and only who answers is asked a second time.
    for _asked in 0..2 {
        assert!(matches!(phone.next().await, Some(Message::Ping(_))));
    }
    // What takes the bytes now answers nothing.
    let mut unanswered = Vec::new();
    let mut socket = phone.0.into_inner();
    let rest = timeout(PATIENCE, socket.read_to_end(&mut unanswered));
    let _closed_or_reset = rest.await.expect("the server lets it go");
}

#[tokio::test]
async fn who_speaks_out_of_turn_is_let_go() {
    let (app, _anyone, token) = server().await;
    let mut phone = Phone::connect(app.address, &token).await;
    let large = Message::text("x".repeat(100_000));
    // It may be told while it is still sending.
    let _sent = phone.0.send(large).await;
    let rest = timeout(PATIENCE, async {
        while let Some(Ok(_)) = phone.0.next().await {}
    });
    rest.await.unwrap();
}

#[tokio::test]
async fn only_a_websocket_of_a_reader_is_upgraded() {
    let (app, anyone, token) = server().await;
    let plain = ask(&anyone, Method::GET, "/stream", &token).await;
    assert_eq!(refusal(&plain).0, 400);
    let url = format!("ws://{}/stream?token=bf_forged", app.address);
    assert!(connect_async(url).await.is_err());
    let one = TestApp::start_with(|options| options.config.streams_per_user = 1).await;
    one.admin().await;
    let token = super::token(&one, "phone", "subscribe", &[]).await;
    let _phone = Phone::connect(one.address, &token).await;
    let url = format!("ws://{}/stream?token={token}", one.address);
    match connect_async(url).await {
        Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => {
            assert_eq!(answer.status(), 429);
        }
        other => panic!("{other:?}"),
    }
}
