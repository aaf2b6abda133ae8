//! Publishing.

use super::auth::Caller;
use super::body::{self, Content};
use super::compose;
use super::error::Refusal;
use super::json::{self, Posted};
use super::message::{Message, POLL_REQUEST, seconds};
use super::params::{Params, names};
use super::topic::{self, Keyed, Topic};
use crate::http::json::BODY_BYTES;
use crate::http::state::AppState;
use crate::service::Actor;
use crate::service::publish::Published;
use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use domain::{ChannelName, Draft};

/// `POST|PUT /`: everything is in a JSON object.
pub(super) async fn json(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Base(base): Base,
    mut params: Params,
    request: Request,
) -> Result<Json<Message>, Refusal> {
    let mut body = request.into_body().into_data_stream();
    let bytes = body::whole(&mut body, BODY_BYTES, Refusal::JSON_TOO_LARGE).await?;
    let Posted { topic, message } = json::read(&bytes, &mut params)?;
    let length = Some(message.len() as u64);
    let post = Post {
        topic: topic::topic(&topic)?,
        key: None,
        params,
        body: Body::from(message),
        length,
        base,
    };
    post.publish(&state, actor).await
}

/// `POST|PUT /{topic}`: the body is the message, or a file.
pub(super) async fn body(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Topic(topic): Topic,
    Base(base): Base,
    params: Params,
    request: Request,
) -> Result<Json<Message>, Refusal> {
    let post = Post::new(topic, None, params, request, base);
    post.publish(&state, actor).await
}

/// `POST|PUT /{topic}/{key}`: the same for a card that may be there already.
pub(super) async fn keyed(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Keyed(topic, key): Keyed,
    Base(base): Base,
    params: Params,
    request: Request,
) -> Result<Json<Message>, Refusal> {
    let post = Post::new(topic, Some(key), params, request, base);
    post.publish(&state, actor).await
}

/// `GET /{topic}/publish`: for those who can only open an address.
pub(super) async fn query(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Topic(topic): Topic,
    Base(base): Base,
    params: Params,
) -> Result<Json<Message>, Refusal> {
    let post = Post {
        topic,
        key: None,
        params,
        body: Body::empty(),
        length: None,
        base,
    };
    post.publish(&state, actor).await
}

/// The address of this server: the public one, or by which it was asked.
pub(super) struct Base(pub(super) String);

impl axum::extract::FromRequestParts<AppState> for Base {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        if let Some(origin) = &state.public_origin {
            return Ok(Self(origin.to_string()));
        }
        let host = parts.headers.get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok());
        let host = host.or_else(|| parts.uri.authority().map(|authority| authority.as_str()));
        let scheme = if state.secure { "https" } else { "http" };
        Ok(Self(format!("{scheme}://{}", host.unwrap_or("localhost"))))
    }
}

/// A request to publish.
struct Post {
    topic: ChannelName,
    key: Option<String>,
    params: Params,
    body: Body,
    /// How long its sender says that the body is.
    length: Option<u64>,
    base: String,
}

impl Post {
    fn new(
        topic: ChannelName,
        key: Option<String>,
        params: Params,
        request: Request,
        base: String,
    ) -> Self {
        Self {
            topic,
            key,
            params,
            length: content_length(request.headers()),
            body: request.into_body(),
            base,
        }
    }

    async fn publish(self, state: &AppState, actor: Actor) -> Result<Json<Message>, Refusal> {
        let Self {
            topic,
            key,
            params,
            body,
            length,
            base,
        } = self;
        // Before the body: nobody fills the disk who may not post.
        state.services.may_publish(&actor, &topic).await?;
        let key = match (key, params.text(names::SEQUENCE_ID)) {
            (Some(key), _) => Some(key),
            (None, Some(text)) => Some(topic::key(&text)?),
            (None, None) => None,
        };
        let now = state.services.clock.now();
        if let Some(id) = params.text(names::POLL_ID) {
            return Ok(Json(poll_request(state, &topic, id)));
        }
        let envelope = compose::envelope(&topic, key, &params, now)?;
        let content = body::read(&state.services, &params, body, length).await?;
        let deliver_at = envelope.deliver_at;
        let draft = envelope.sealed(&params, &content, &base, now)?;
        let published = publish(state, actor, draft, content).await?;
        let message = if published.created {
            Message::created(&published.notification, &base)
        } else {
            Message::updated(&published.notification, &base)
        };
        Ok(Json(Message {
            time: deliver_at.map_or(message.time, seconds),
            ..message
        }))
    }
}

/// Publishes, also when whoever sent it goes away meanwhile: a file must not go before it is known whether it is needed.
async fn publish(
    state: &AppState,
    actor: Actor,
    draft: Draft,
    content: Content,
) -> Result<Published, Refusal> {
    let services = state.services.clone();
    let publishing = async move {
        let published = services.publish(&actor, draft, None).await;
        drop(content);
        published
    };
    let published = tokio::spawn(publishing).await;
    Ok(published.map_err(|_| Refusal::INTERNAL)??)
}

/// Asks a phone to fetch a message from another server. There is no message in it: nothing is kept, and none of our
/// readers has anything to fetch.
fn poll_request(state: &AppState, topic: &ChannelName, id: String) -> Message {
    let (head, now) = (state.services.live.head(), state.services.clock.now());
    Message {
        message: Some("New message".to_owned()),
        poll_id: Some(id),
        ..Message::bare(POLL_REQUEST, head, now, topic.to_string())
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}
