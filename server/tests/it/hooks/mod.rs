//! Webhooks in: what known senders send becomes good cards, and what anybody sends becomes some.

mod cards;
mod hostile;

use crate::support::TestApp;
use crate::support::people::{Answer, Person};
use reqwest::Method;
use serde_json::Value;

/// What `name` sends, in the shape that its sender's documentation gives.
fn fixture(name: &str) -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("tests/fixtures/hooks").join(name);
    std::fs::read_to_string(path).unwrap()
}

struct Hook {
    app: TestApp,
    sender: Person,
    token: String,
}

impl Hook {
    async fn start() -> Self {
        let app = TestApp::start().await;
        app.admin().await;
        let sender = app.program("root", "publish,subscribe").await;
        Self {
            token: sender.token().to_owned(),
            sender,
            app,
        }
    }

    /// Delivers `body` as a program without a header for its credential does.
    async fn deliver(
        &self,
        query: &str,
        headers: &[(&str, &str)],
        body: impl Into<String>,
    ) -> Answer {
        let path = format!("/hooks/ops?token={}{query}", self.token);
        let anyone = self.app.anyone();
        let request = anyone.request(Method::POST, &path).body(body.into());
        let headers = headers.iter();
        let request = headers.fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        anyone.send(request).await
    }

    /// Delivers JSON, which must be taken; answers its cards.
    async fn cards(&self, headers: &[(&str, &str)], body: impl Into<String>) -> Vec<Value> {
        let json = [("content-type", "application/json")];
        let answer = self.deliver("", &[&json, headers].concat(), body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let cards = answer.json()["notifications"].clone();
        cards.as_array().unwrap().clone()
    }

    /// The one card of an event of GitHub's.
    async fn github(&self, event: &str) -> Value {
        let body = fixture(&format!("github-{event}.json"));
        self.github_with(event, body).await
    }

    async fn github_with(&self, event: &str, body: String) -> Value {
        let mut cards = self.cards(&[("x-github-event", event)], body).await;
        assert_eq!(cards.len(), 1);
        cards.remove(0)
    }
}

/// Some fields of a card.
fn fields<'a>(card: &'a Value, names: &[&str]) -> Vec<&'a Value> {
    names.iter().map(|name| &card[*name]).collect()
}
