//! The bodies of the JSON doors: `POST /api/v1/notifications`, `POST /notify`, `PUT …/receipt`.

use super::Refusal;
use crate::http::{BODY_BYTES, JsonBody, Problem};
use crate::service::ServiceError;
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use domain::{
    Draft, Edit, NewNotification, Notification, NotificationId, Patch, RESERVED_CHANNELS, Receipt,
    ReceiptPatch, Timestamp, UserName,
};
use futures::FutureExt;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::collections::BTreeMap;

/// The fields of a draft (contract, section 3).
const DRAFT: [&str; 16] = [
    "channel",
    "message",
    "title",
    "priority",
    "tags",
    "click",
    "icon",
    "markdown",
    "actions",
    "key",
    "progress",
    "state",
    "append",
    "to",
    "deliver_at",
    "expires_at",
];

/// The fields of a receipt.
const RECEIPT: [&str; 4] = ["seen", "read", "archived", "snoozed_until"];

/// Stands for a repetition of the byte before it. JSON never holds this one raw.
const REPEAT: u8 = 1;

/// The bytes are a body; `REPEAT` and a byte `n` after it double what stands before them `n` times, so that a small
/// input can be deep and large. What is accepted keeps the contract's limits, and what is refused names its field.
pub fn bodies(data: &[u8]) {
    let body = unfolded(data);
    match read::<Draft>(&body) {
        Ok(draft) => match draft.clone().parse(Timestamp::EPOCH) {
            Ok(new) => {
                assert!(is_object(&body) && serde_json::from_slice::<Actions>(&body).is_ok());
                keeps_the_limits(&draft, new);
            }
            Err(fields) => {
                let problem = Problem::from(ServiceError::Invalid { fields });
                let refusal = Refusal::read(problem);
                assert_eq!((refusal.status, refusal.code.as_str()), (422, "invalid"));
                let field = |error: &domain::FieldError| DRAFT.contains(&error.field.as_str());
                assert!(refusal.errors.iter().all(field), "{refusal:?}");
            }
        },
        Err(problem) => is_of_the_contract(problem, &body, &DRAFT),
    }
    match read::<Edit>(&body) {
        Ok(edit) => match edit.parse(Timestamp::EPOCH) {
            Ok(patch) => {
                assert!(is_object(&body));
                let json = serde_json::to_string(&patch).expect("a patch is JSON");
                assert_eq!(serde_json::from_str::<Patch>(&json).ok(), Some(patch));
            }
            Err(fields) => {
                let field = |error: &domain::FieldError| DRAFT.contains(&error.field.as_str());
                assert!(fields.iter().all(field), "{fields:?}");
            }
        },
        Err(problem) => is_of_the_contract(problem, &body, &DRAFT),
    }
    match read::<ReceiptPatch>(&body) {
        Ok(patch) => {
            assert!(is_object(&body));
            let receipt = Receipt::default().patched(patch);
            assert!(receipt.seen || !receipt.read, "whatever is read was seen");
            let json = serde_json::to_string(&receipt).expect("a receipt is JSON");
            assert_eq!(serde_json::from_str::<Receipt>(&json).ok(), Some(receipt));
        }
        Err(problem) => is_of_the_contract(problem, &body, &RECEIPT),
    }
}

type Fields = BTreeMap<String, IgnoredAny>;

/// The objects inside of a draft.
#[derive(Deserialize)]
struct Actions {
    #[serde(rename = "actions")]
    _actions: Option<Vec<Fields>>,
}

fn is_object(body: &[u8]) -> bool {
    serde_json::from_slice::<Fields>(body).is_ok()
}

/// Through the door itself.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let request = Request::post("/")
        .header("content-type", "application/json")
        .body(Body::from(body.to_vec()))
        .expect("a request");
    let read = JsonBody::from_request(request, &()).now_or_never();
    read.expect("the body is there at once")
        .map(|JsonBody(value)| value)
}

fn unfolded(data: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(data.len());
    let mut bytes = data.iter();
    while let Some(byte) = bytes.next() {
        match (byte, body.last().copied()) {
            (&REPEAT, Some(last)) => {
                let times = 1_usize << (bytes.next().copied().unwrap_or(0) % 20);
                // One byte too many is as wrong as a thousand.
                let room = (BODY_BYTES + 1).saturating_sub(body.len());
                body.extend(std::iter::repeat_n(last, (times - 1).min(room)));
            }
            _ => body.push(*byte),
        }
    }
    body
}

fn is_of_the_contract(problem: Problem, body: &[u8], fields: &[&str]) {
    let refusal = Refusal::read(problem);
    match (refusal.status, refusal.code.as_str()) {
        (413, "too_large") => assert!(body.len() > BODY_BYTES),
        (400, "invalid_json") => {}
        (422, "invalid") => {}
        _ => panic!("not of the contract: {refusal:?}"),
    }
    assert_eq!(refusal.status == 413, body.len() > BODY_BYTES);
    for error in &refusal.errors {
        if error.message.starts_with("is unknown: must be one of ") {
            // Named as the sender wrote it.
            continue;
        }
        let field = error.field.split(['.', '[']).next().unwrap_or_default();
        assert!(field.is_empty() || fields.contains(&field), "{refusal:?}");
        for jargon in ["struct", "expected", "line 1 column"] {
            assert!(
                refusal.status == 400 || !error.message.contains(jargon),
                "{refusal:?}"
            );
        }
    }
}

/// The rules of the contract, section 3, written anew.
fn keeps_the_limits(draft: &Draft, new: NewNotification) {
    let patch = new.patch().clone();
    let id = NotificationId::parse("k3JxT0aQ9fLm").expect("an id");
    let author = UserName::parse("ada").expect("a name");
    let now = Timestamp::from_millis(1);
    let mut card = new.into_notification(id, 1, author, now);
    let is_line = |text: &str| !text.contains(char::is_control);
    let fits = |text: &str, most: usize| is_line(text) && text.chars().count() <= most;
    let is_url = |text: &str, schemes: &[&str]| {
        let (scheme, _) = text.split_once(':').unwrap_or_default();
        let known = schemes
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known));
        known && is_line(text) && !text.contains(char::is_whitespace)
    };
    let (web, link) = (["http", "https"], ["http", "https", "mailto"]);

    let channel = card.channel.as_str();
    let in_grammar = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    assert!((1..=64).contains(&channel.len()) && channel.chars().all(in_grammar));
    assert!(!RESERVED_CHANNELS.contains(&channel.to_ascii_lowercase().as_str()));
    let said = card.message.is_some() || card.title.is_some() || !card.log.is_empty();
    assert!(said, "a card that says nothing: {draft:?}");
    assert!(
        card.message
            .as_ref()
            .is_none_or(|text| text.len() <= 32_768)
    );
    assert!(card.title.as_ref().is_none_or(|title| fits(title, 250)));
    assert_eq!(
        card.message,
        draft.message.clone().filter(|text| !text.is_empty())
    );
    assert!(
        draft
            .priority
            .is_none_or(|number| number == i64::from(u8::from(card.priority)))
    );
    assert!(card.tags.len() <= 16 && card.tags.iter().all(|tag| fits(tag, 64)));
    assert!(card.click.as_ref().is_none_or(|url| is_url(url, &link)));
    assert!(card.icon.as_ref().is_none_or(|url| is_url(url, &web)));
    let actions = &card.actions;
    assert!(actions.len() <= 3 && actions.iter().all(|action| is_url(&action.url, &link)));
    let key = card.key.as_ref();
    assert!(key.is_none_or(|key| !key.is_empty() && fits(key, 64)));
    assert!(card.progress.is_none_or(|percent| percent <= 100));
    assert!(card.log.len() <= 200 && (card.log.is_empty() || key.is_some()));
    assert!(!card.log.iter().any(|line| line.contains('\n')));
    assert!(card.to.as_ref().is_none_or(|names| !names.is_empty()));
    let lines = [&card.message].into_iter().flatten().chain(&card.log);
    let odd = |c: char| c.is_control() && !"\t\r\n".contains(c);
    assert!(!lines.into_iter().any(|text| text.contains(odd)));

    let json = serde_json::to_string(&card).expect("a notification is JSON");
    assert!(!json.contains(char::is_control));
    assert_eq!(
        serde_json::from_str::<Notification>(&json).ok().as_ref(),
        Some(&card)
    );
    card.update(patch, 2, now);
    assert!(card.log.len() <= 200);
}
