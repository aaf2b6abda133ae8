//! Topics, which are our channels, and sequence ids, which are our keys.

use super::error::Refusal;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::{ChannelName, ChannelNameError, limits};

/// The one topic of a path.
pub(super) struct Topic(pub(super) ChannelName);

/// The topics of a path, `a,b`, and how they were written.
pub(super) struct Topics(pub(super) Vec<ChannelName>, pub(super) String);

/// The topic and the sequence id of a path.
pub(super) struct Keyed(pub(super) ChannelName, pub(super) String);

/// Reads one topic.
///
/// # Errors
/// Why it is none.
pub(super) fn topic(text: &str) -> Result<ChannelName, Refusal> {
    ChannelName::parse(text).map_err(|error| match error {
        ChannelNameError::Reserved(_) => Refusal::TOPIC_RESERVED,
        ChannelNameError::Length | ChannelNameError::Character => Refusal::TOPIC,
    })
}

/// Reads a list of topics.
///
/// # Errors
/// Why one of them is none.
pub(super) fn list(text: &str) -> Result<Vec<ChannelName>, Refusal> {
    text.split(',').map(topic).collect()
}

/// Reads a sequence id: as long as a key may be, of what a topic is made of.
///
/// # Errors
/// When it is none.
pub(super) fn key(text: &str) -> Result<String, Refusal> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if (1..=limits::KEY_CHARS).contains(&text.len()) && text.bytes().all(plain) {
        Ok(text.to_owned())
    } else {
        Err(Refusal::SEQUENCE_ID)
    }
}

/// A part of the path. What needs an escape is neither a topic nor a sequence id.
fn part(parts: &Parts, index: usize) -> &str {
    let path = parts.uri.path().trim_start_matches('/');
    path.split('/').nth(index).unwrap_or_default()
}

impl<S: Sync> FromRequestParts<S> for Topic {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        topic(part(parts, 0)).map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Topics {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        let written = part(parts, 0);
        Ok(Self(list(written)?, written.to_owned()))
    }
}

impl<S: Sync> FromRequestParts<S> for Keyed {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        Ok(Self(topic(part(parts, 0))?, key(part(parts, 1))?))
    }
}
