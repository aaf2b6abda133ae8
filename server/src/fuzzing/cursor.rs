//! What a reader brings to `GET /events`, and where that begins.

use super::Refusal;
use super::sse::Parser;
use crate::http::{self, Query};
use crate::live::cursor::{Extent, Start};
use crate::live::stream;
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use domain::{Connected, Epoch, EventId, FeedEvent, Reset, ResetReason, Resume, Seq};
use futures::FutureExt;

/// The log that is asked. Its newest event is committed and not yet announced.
const EPOCH: &str = "7f3a";
const PRUNED_TO: Seq = 10;
const HEAD: Seq = 1042;
const NEWEST: Seq = 1043;

/// What the contract says of a cursor (section 4), found without the code that reads one.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Head,
    Resumed(Seq),
    Reset(ResetReason),
}

/// The bytes are the header `Last-Event-ID`, a line end and the query of the address; without a line end there is no
/// header. Whatever they are, the answer is one of the contract's, and the id that it leaves the reader with leads on.
pub fn cursor(data: &[u8]) {
    let (header, query) = match data.iter().position(|byte| *byte == b'\n') {
        Some(end) => (Some(&data[..end]), &data[end + 1..]),
        None => (None, data),
    };
    // What is no header or no address does not get past the HTTP library.
    let header = header.map(HeaderValue::from_bytes);
    let uri = Uri::try_from([b"/events?", query].concat());
    let (Ok(header), Ok(uri)) = (header.transpose(), uri) else {
        return;
    };
    let mut headers = HeaderMap::new();
    headers.extend(header.map(|value| (HeaderName::from_static("last-event-id"), value)));
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.uri = uri;
    let query = Query::from_request_parts(&mut parts, &()).now_or_never();
    let Ok(query) = query.expect("a query is there at once");

    let request = match http::request(&headers, &query, domain::Timestamp::EPOCH) {
        Ok(request) => request,
        Err(problem) => {
            let refusal = Refusal::read(problem);
            assert_eq!((refusal.status, refusal.code.as_str()), (422, "invalid"));
            let [error] = &refusal.errors[..] else {
                panic!("one error: {refusal:?}");
            };
            let field = error.field.as_str();
            assert!(["channels", "min_priority", "recent"].contains(&field));
            return;
        }
    };
    assert!(request.recent <= 100);
    let from_query = || query.get("last_event_id").unwrap_or_default().as_bytes();
    let brought = headers.get("last-event-id").map(HeaderValue::as_bytes);
    let brought = brought
        .filter(|id| !id.is_empty())
        .unwrap_or_else(from_query);
    if let Resume::After(id) = &request.resume {
        assert_eq!(id.to_string().as_bytes(), brought);
    }
    let id = open(&request.resume, &expected(brought));
    let id = id.unwrap_or_else(|| String::from_utf8_lossy(brought).into_owned());
    // `earliest` leaves a reader without an id until its first event.
    if id != "earliest" {
        let EventId { seq, .. } = EventId::parse(&id).expect("what the reader has now is an id");
        assert_eq!(open(&Resume::parse(&id), &Answer::Resumed(seq)), None);
    }
}

/// Opens a stream, compares its first events with the contract and gives the id that they leave the reader with.
fn open(resume: &Resume, expected: &Answer) -> Option<String> {
    let epoch = Epoch::parse(EPOCH).expect("an epoch");
    let log = Extent {
        epoch: &epoch,
        pruned_to: PRUNED_TO,
        head: HEAD,
        newest: NEWEST,
    };
    let (position, start) = log.place(resume);
    let connected = Connected {
        connection: "c_1".to_owned(),
        epoch: epoch.clone(),
        head: HEAD.max(position),
        resumed: start == Start::Resumed,
    };
    let first = stream::first(&connected, position, start, &[]);
    let events = Parser::default().feed(&first);
    let resumed = matches!(expected, Answer::Resumed(_));
    assert_eq!(connected.resumed, resumed, "{resume:?}");
    let mut told = vec![FeedEvent::Connected(connected)];
    match expected {
        Answer::Resumed(seq) => assert_eq!(position, *seq),
        Answer::Head => assert_eq!(position, HEAD),
        Answer::Reset(reason) => told.push(FeedEvent::Reset(Reset {
            head: HEAD,
            reason: *reason,
        })),
    }
    let read = events.iter().map(|event| {
        let event = FeedEvent::parse(&event.name, &event.data);
        event
            .expect("data of its event")
            .expect("an event of the contract")
    });
    assert!(read.eq(told), "{resume:?}");
    let id = &events.last().expect("an event").id;
    assert_eq!(id.is_empty(), resumed);
    (!resumed).then(|| id.clone())
}

fn expected(brought: &[u8]) -> Answer {
    if brought.is_empty() {
        return Answer::Head;
    }
    if brought == b"earliest" {
        return Answer::Resumed(PRUNED_TO);
    }
    match well_formed(brought) {
        None => Answer::Reset(ResetReason::Malformed),
        Some((epoch, _)) if epoch != EPOCH => Answer::Reset(ResetReason::Unknown),
        Some((_, 0..PRUNED_TO)) => Answer::Reset(ResetReason::Pruned),
        Some((_, seq @ PRUNED_TO..=NEWEST)) => Answer::Resumed(seq),
        Some(_) => Answer::Reset(ResetReason::Future),
    }
}

/// `<epoch>-<seq>`: 4 to 16 hexadecimal digits, and a number of SQLite as it is written.
fn well_formed(text: &[u8]) -> Option<(&str, Seq)> {
    let (epoch, seq) = std::str::from_utf8(text).ok()?.split_once('-')?;
    let hexadecimal = epoch.chars().all(|c| "0123456789abcdef".contains(c));
    let number = seq.parse::<i64>().ok().filter(|number| *number >= 0)?;
    let canonical = number.to_string() == seq && (4..=16).contains(&epoch.len());
    (hexadecimal && canonical).then(|| (epoch, number.unsigned_abs()))
}
