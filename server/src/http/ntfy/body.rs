//! What the body of a publish is: text, or a file.

use super::error::Refusal;
use super::params::{Params, names};
use super::template;
use crate::http::json::BODY_BYTES;
use crate::service::Services;
use crate::service::files::{Kept, Upload};
use axum::body::{Body, BodyDataStream, Bytes};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use domain::limits::MESSAGE_BYTES;
use futures::StreamExt;

/// Bytes that are read of a body that is refused.
const PASSED_OVER: usize = 64 << 20;

/// What the body of a publish is.
#[derive(Debug)]
pub(super) enum Content {
    /// There is none.
    Nothing,
    /// The message.
    Text(String),
    /// A message that is no text, as base64.
    Bytes(String),
    /// The data for the templates in title and message.
    Data(serde_json::Value),
    /// A file, kept.
    File(Kept),
}

/// Reads a body by ntfy's rule; the first that fits decides: what it is pushed for (UnifiedPush), a file that lies
/// elsewhere, a file name, a template, and else what it looks like. `length` is how long its sender says that it is.
///
/// # Errors
/// When it is too large, or not what it should be.
pub(super) async fn read(
    services: &Services,
    params: &Params,
    body: Body,
    length: Option<u64>,
) -> Result<Content, Refusal> {
    let mut body = body.into_data_stream();
    let name = params.text(names::FILENAME);
    if is_push(params) {
        let bytes = whole(&mut body, MESSAGE_BYTES, Refusal::TOO_LARGE).await?;
        return pushed(bytes);
    }
    if params.text(names::ATTACH).is_some() {
        let bytes = whole(&mut body, MESSAGE_BYTES, Refusal::TOO_LARGE).await?;
        let text = String::from_utf8(bytes).map_err(|_| Refusal::NOT_UTF8)?;
        return Ok(message(&text));
    }
    if name.is_some() {
        return keep(services, name, Vec::new(), body, length).await;
    }
    if let Some(template) = params.text(names::TEMPLATE).filter(|word| !is_off(word)) {
        if !super::params::is_true(&template) {
            return Err(Refusal::TEMPLATE_UNKNOWN);
        }
        let bytes = whole(&mut body, BODY_BYTES, Refusal::JSON_TOO_LARGE).await?;
        let data = serde_json::from_slice(&bytes).map_err(|_| Refusal::TEMPLATE_NOT_JSON)?;
        return Ok(Content::Data(data));
    }
    match first(&mut body, MESSAGE_BYTES).await? {
        (bytes, true) => keep(services, None, bytes, body, length).await,
        (bytes, false) => match String::from_utf8(bytes) {
            Ok(text) => Ok(message(&text)),
            Err(error) => keep(services, None, error.into_bytes(), body, length).await,
        },
    }
}

/// Reads a body whole, up to `most` bytes.
///
/// # Errors
/// `refusal` when it is larger.
pub(super) async fn whole(
    body: &mut BodyDataStream,
    most: usize,
    refusal: Refusal,
) -> Result<Vec<u8>, Refusal> {
    match first(body, most).await? {
        (bytes, false) => Ok(bytes),
        (_, true) => Err(refusal),
    }
}

/// Fills the templates of a title or a message.
pub(super) fn fill(text: Option<String>, content: &Content) -> Result<Option<String>, Refusal> {
    match (content, text) {
        (Content::Data(data), Some(text)) => template::fill(&text, data).map(Some),
        (_, text) => Ok(text),
    }
}

fn is_push(params: &Params) -> bool {
    let encrypted = params.text(names::CONTENT_ENCODING);
    params.is_on(names::PUSH) || encrypted.as_deref() == Some("aes128gcm")
}

fn is_off(word: &str) -> bool {
    ["0", "no", "false"]
        .iter()
        .any(|off| off.eq_ignore_ascii_case(word))
}

/// A message as it came. What is no text is written as base64.
fn pushed(bytes: Vec<u8>) -> Result<Content, Refusal> {
    let text = match String::from_utf8(bytes) {
        Ok(text) if text.is_empty() => return Ok(Content::Nothing),
        Ok(text) => return Ok(Content::Text(text)),
        Err(error) => BASE64_STANDARD.encode(error.as_bytes()),
    };
    if text.len() > MESSAGE_BYTES {
        return Err(Refusal::TOO_LARGE);
    }
    Ok(Content::Bytes(text))
}

fn message(text: &str) -> Content {
    match text.trim() {
        "" => Content::Nothing,
        text => Content::Text(text.to_owned()),
    }
}

/// Reads until the end or until there are more than `most` bytes; answers whether there are.
async fn first(body: &mut BodyDataStream, most: usize) -> Result<(Vec<u8>, bool), Refusal> {
    let mut bytes = Vec::new();
    while let Some(chunk) = next(body).await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > most {
            return Ok((bytes, true));
        }
    }
    Ok((bytes, false))
}

async fn next(body: &mut BodyDataStream) -> Result<Option<Bytes>, Refusal> {
    body.next()
        .await
        .transpose()
        .map_err(|_| Refusal::INCOMPLETE)
}

/// Keeps a body as a file: what was read of it already, and the rest as it comes.
async fn keep(
    services: &Services,
    name: Option<String>,
    read: Vec<u8>,
    mut rest: BodyDataStream,
    length: Option<u64>,
) -> Result<Content, Refusal> {
    match receive(services, read, &mut rest, length).await {
        Ok(upload) => Ok(Content::File(upload.finish(name).await?)),
        Err(refusal) => {
            pass_over(&mut rest).await;
            Err(refusal)
        }
    }
}

async fn receive(
    services: &Services,
    read: Vec<u8>,
    rest: &mut BodyDataStream,
    length: Option<u64>,
) -> Result<Upload, Refusal> {
    let mut upload = services.receive(length).await?;
    upload.write(&read).await?;
    while let Some(chunk) = next(rest).await? {
        upload.write(&chunk).await?;
    }
    Ok(upload)
}

/// Reads what is not wanted, within reason: many clients hear no answer before they have sent everything.
async fn pass_over(body: &mut BodyDataStream) {
    let mut left = PASSED_OVER;
    while let Ok(Some(chunk)) = next(body).await {
        left = left.saturating_sub(chunk.len());
        if left == 0 {
            return;
        }
    }
}
