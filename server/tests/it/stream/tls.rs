//! Behind TLS, where connections are shared and bytes cannot be: the same stream, over HTTP/1.1 and HTTP/2.

use crate::support::sse::{Event, Parser};
use crate::support::{PATIENCE, TestApp, app::PASSWORD};
use reqwest::{Certificate, Client, ClientBuilder, Response, Version};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::timeout;

/// A stream over whatever the client agreed on.
struct Follower {
    response: Response,
    parser: Parser,
    events: VecDeque<Event>,
}

impl Follower {
    async fn open(client: &Client, url: &str, token: &str, last: Option<&str>) -> Self {
        let request = client.get(format!("{url}/events")).bearer_auth(token);
        let request = last
            .into_iter()
            .fold(request, |request, id| request.header("last-event-id", id));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut follower = Self {
            response,
            parser: Parser::default(),
            events: VecDeque::new(),
        };
        assert_eq!(follower.next().await.unwrap().name, "connected");
        follower
    }

    /// The next event; `None` at the end.
    async fn next(&mut self) -> Option<Event> {
        while self.events.is_empty() {
            let chunk = timeout(PATIENCE, self.response.chunk()).await.unwrap();
            self.events.extend(self.parser.feed(&chunk.unwrap()?));
        }
        self.events.pop_front()
    }
}

async fn follows(version: Version, configure: impl Fn(ClientBuilder) -> ClientBuilder) {
    let (app, certificate) = TestApp::start_tls().await;
    let add = ["user", "add", "root", "--admin", "--password-stdin"];
    app.belfry(&add, PASSWORD).await;
    let ci = app.program("root", "publish,subscribe").await;

    let root = Certificate::from_pem(certificate.as_bytes()).unwrap();
    let client = Client::builder().no_proxy().add_root_certificate(root);
    let client = configure(client).build().unwrap();
    let url = format!("https://{}", app.address);
    let publish = |message: &'static str| {
        let request = client
            .post(format!("{url}/api/v1/notifications"))
            .bearer_auth(ci.token());
        let request = request.json(&json!({"channel": "ci", "message": message}));
        async move { request.send().await.unwrap() }
    };

    let mut stream = Follower::open(&client, &url, ci.token(), None).await;
    assert_eq!(stream.response.version(), version);
    assert_eq!(publish("one").await.status(), 201);
    let one = stream.next().await.unwrap();
    drop(stream);
    assert_eq!(publish("two").await.status(), 201);
    let mut stream = Follower::open(&client, &url, ci.token(), Some(&one.id)).await;
    let two: Value = serde_json::from_str(&stream.next().await.unwrap().data).unwrap();
    assert_eq!(two["notification"]["message"], "two");

    let listed = app.belfry(&["token", "list", "--json"], "").await;
    let first: Value = serde_json::from_str(listed.lines().next().unwrap()).unwrap();
    let id = first["id"].to_string();
    app.belfry(&["token", "revoke", &id], "").await;
    let end = timeout(Duration::from_secs(5), stream.next()).await;
    assert_eq!(end.expect("it ends within 5 s"), None);
}

#[tokio::test]
async fn a_stream_goes_over_http_1_behind_tls() {
    follows(Version::HTTP_11, ClientBuilder::http1_only).await;
}

#[tokio::test]
async fn a_stream_goes_over_http_2() {
    follows(Version::HTTP_2, |client| client).await;
}
