//! Who sends requests: nobody in particular, a browser with its cookie, or a program with its token.

use super::wire::Stream;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;
use std::net::SocketAddr;

/// Somebody who knows where the server is. Clones share the credential.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) address: SocketAddr,
    /// The credential as headers; a browser's come with `Sec-Fetch-Site`, as browsers send it.
    headers: Vec<(&'static str, String)>,
    client: reqwest::Client,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The body, which must be JSON.
    pub(crate) fn json(&self) -> Value {
        let json = serde_json::from_str(&self.text);
        json.unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A header, empty when it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// A figure of `/metrics`.
    pub(crate) fn figure(&self, name: &str) -> f64 {
        let mut lines = self.text.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value
            .unwrap_or_else(|| panic!("no {name} in {self:?}"))
            .parse()
            .unwrap()
    }
}

impl Person {
    /// Nobody in particular.
    pub(crate) fn new(address: SocketAddr) -> Self {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none());
        Self {
            address,
            headers: Vec::new(),
            client: client.build().unwrap(),
        }
    }

    /// This person with an access token instead.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        self.with_headers(vec![("authorization", format!("Bearer {token}"))])
    }

    /// This person with a browser's cookie instead.
    pub(crate) fn with_cookie(&self, cookie: &str) -> Self {
        let cookie = ("cookie", cookie.to_owned());
        self.with_headers(vec![cookie, ("sec-fetch-site", "same-origin".to_owned())])
    }

    fn with_headers(&self, headers: Vec<(&'static str, String)>) -> Self {
        Self {
            headers,
            ..self.clone()
        }
    }

    /// The token, of a program.
    pub(crate) fn token(&self) -> &str {
        let bearer = self
            .headers
            .iter()
            .find(|(name, _)| *name == "authorization");
        bearer
            .and_then(|(_, value)| value.strip_prefix("Bearer "))
            .unwrap()
    }

    /// The cookie, of a browser.
    pub(crate) fn cookie(&self) -> &str {
        let cookie = self.headers.iter().find(|(name, _)| *name == "cookie");
        &cookie.unwrap().1
    }

    /// Sends a form that answers with a session, and goes on with its cookie.
    pub(crate) async fn enter(&self, path: &str, form: &[(&str, &str)]) -> Self {
        let answer = self.send(self.request(Method::POST, path).form(form)).await;
        assert!(answer.status.is_redirection(), "{answer:?}");
        let (cookie, _attributes) = answer.header("set-cookie").split_once(';').unwrap();
        self.with_cookie(cookie)
    }

    /// A request with the credential, to be completed.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("http://{}{path}", self.address);
        let request = self.client.request(method, url);
        self.headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, HeaderValue::from_str(value).unwrap())
        })
    }

    /// Sends a request and reads the answer.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        Answer {
            status: response.status(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    /// Publishes, which must succeed; answers the notification.
    pub(crate) async fn publish(&self, body: Value) -> Value {
        let answer = self.post("/api/v1/notifications", &body).await;
        assert!(answer.status.is_success(), "{body} {answer:?}");
        answer.json()
    }

    /// Opens `/events?query`, which must succeed, and reads as far as `connected`.
    pub(crate) async fn stream(&self, query: &str) -> Stream {
        self.stream_after(query, None).await
    }

    /// As [`stream`](Self::stream), with a `Last-Event-ID`.
    pub(crate) async fn stream_after(&self, query: &str, last: Option<&str>) -> Stream {
        let last = last.map(|id| ("last-event-id", id));
        let mut stream = self
            .open(&format!("/events?{query}"), last.as_slice())
            .await;
        assert_eq!(stream.head.status, 200, "{stream:?}");
        stream.connected = stream.next("connected").await;
        stream
    }

    /// Sends a GET byte by byte as written, and reads the answer's head: of a stream or of a refusal.
    pub(crate) async fn open(&self, path: &str, more: &[(&str, &str)]) -> Stream {
        let own = self
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let headers: Vec<_> = own.chain(more.iter().copied()).collect();
        Stream::open(self.address, path, &headers).await.unwrap()
    }
}
