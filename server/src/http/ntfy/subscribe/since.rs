//! Where a subscriber begins.

use super::super::delay;
use super::super::error::Refusal;
use super::super::message;
use super::super::params::{Params, names};
use crate::service::follow::Since;
use domain::{NotificationId, Resume, Timestamp};

/// What of the past a subscriber gets.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Past {
    /// What happened since then.
    Since(Since),
    /// The newest message of each topic.
    Latest,
    /// What followed the event that an `EventSource` got last.
    After(Resume),
}

/// Reads `since`, or the `Last-Event-ID` with which an `EventSource` comes back. Who polls and says nothing gets all.
///
/// # Errors
/// When it is neither a word, an id, a time nor a span.
pub(super) fn read(
    params: &Params,
    last_event_id: Option<&str>,
    poll: bool,
    now: Timestamp,
) -> Result<Past, Refusal> {
    if let Some(id) = last_event_id.filter(|id| !id.is_empty()) {
        return Ok(Past::After(Resume::parse(id)));
    }
    let Some(text) = params.text(names::SINCE) else {
        let since = if poll { Since::Always } else { Since::Now };
        return Ok(Past::Since(since));
    };
    Ok(Past::Since(match text.as_str() {
        "all" => Since::Always,
        "none" => Since::Now,
        "latest" => return Ok(Past::Latest),
        text => moment(text, now)?,
    }))
}

fn moment(text: &str, now: Timestamp) -> Result<Since, Refusal> {
    if let Some(seq) = message::place(text) {
        return Ok(Since::Place(seq));
    }
    if let Ok(id) = NotificationId::parse(text) {
        return Ok(Since::Notification(id));
    }
    let seconds = || text.parse::<i64>().ok();
    let time = |seconds: i64| Timestamp::from_millis(seconds.saturating_mul(1_000));
    let ago = || Some(now.plus_millis(-delay::span(text)?));
    let since = seconds().map(time).or_else(ago);
    since.map(Since::Time).ok_or(Refusal::SINCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn since(text: &str, poll: bool) -> Result<Past, Refusal> {
        let mut params = Params::default();
        params.give(names::SINCE, text.to_owned());
        read(&params, None, poll, Timestamp::from_millis(600_000))
    }

    #[test]
    fn the_forms_of_since() {
        let check = |text: &str, expect: Since| {
            assert_eq!(since(text, false).unwrap(), Past::Since(expect), "{text}");
        };
        check("", Since::Now);
        check("none", Since::Now);
        check("all", Since::Always);
        check("u00000000042", Since::Place(42));
        check(
            "k3JxT0aQ9fLm",
            Since::Notification(NotificationId::parse("k3JxT0aQ9fLm").unwrap()),
        );
        check("59", Since::Time(Timestamp::from_millis(59_000)));
        check("5m", Since::Time(Timestamp::from_millis(300_000)));
        assert_eq!(since("", true).unwrap(), Past::Since(Since::Always));
        assert_eq!(since("latest", true).unwrap(), Past::Latest);
        for bad in ["yesterday", "5 apples", "k3JxT0aQ9fL!"] {
            assert!(since(bad, false).is_err(), "{bad}");
        }
    }

    #[test]
    fn who_comes_back_goes_on() {
        let params = Params::default();
        let after = read(&params, Some("7f3a-9"), false, Timestamp::EPOCH).unwrap();
        assert_eq!(after, Past::After(Resume::parse("7f3a-9")));
    }
}
