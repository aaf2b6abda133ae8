//! When a message is to be delivered, in the many ways in which people write it. Words such as `tomorrow` are of UTC.

use super::error::Refusal;
use domain::Timestamp;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How far away a delivery must be at least, and may be at most.
const LEAST: i64 = 10 * SECOND;
const MOST: i64 = 3 * DAY;

/// Reads a time of delivery: seconds since 1970, a span such as `30m` or `2 days`, RFC 3339, or words such as
/// `tomorrow, 10am`.
///
/// # Errors
/// When it is none of them, or too near or too far.
pub(super) fn parse(text: &str, now: Timestamp) -> Result<Timestamp, Refusal> {
    let text = text.trim().to_ascii_lowercase();
    let unix = || {
        let seconds: i64 = text.parse().ok()?;
        let time = Timestamp::from_millis(seconds.checked_mul(SECOND)?);
        (time.millis() >= now.millis() / SECOND * SECOND).then_some(time)
    };
    let from_now =
        || span(text.strip_prefix("in ").unwrap_or(&text)).map(|millis| now.plus_millis(millis));
    let rfc3339 = || Timestamp::parse(&text.to_ascii_uppercase()).ok();
    let time = unix()
        .or_else(from_now)
        .or_else(rfc3339)
        .or_else(|| words(&text, now))
        .ok_or(Refusal::DELAY_UNREADABLE)?;
    let away = time.millis() / SECOND - now.millis() / SECOND;
    if away < LEAST / SECOND {
        Err(Refusal::DELAY_TOO_SMALL)
    } else if away > MOST / SECOND {
        Err(Refusal::DELAY_TOO_LARGE)
    } else {
        Ok(time)
    }
}

/// Reads a span such as `1h30m`, `90s`, `2 days` or `1.5h`, in milliseconds.
pub(super) fn span(text: &str) -> Option<i64> {
    let mut rest = text.trim();
    let mut millis = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let unit = match &rest[..letters] {
            "ms" => 1,
            "s" | "sec" | "secs" | "second" | "seconds" => SECOND,
            "m" | "min" | "mins" | "minute" | "minutes" => MINUTE,
            "h" | "hour" | "hours" => HOUR,
            "d" | "day" | "days" => DAY,
            _ => return None,
        };
        millis += number * unit as f64;
        rest = rest[letters..].trim_start();
    }
    // Beyond a century there is nothing to wait for.
    (millis < 3.2e12).then_some(millis as i64)
}

/// Reads a day, a time of the day, or both.
fn words(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.replace(" am", "am").replace(" pm", "pm");
    let today = now.millis() / DAY;
    let (mut day, mut time) = (None, None);
    for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
        let slot = if let Some(found) = day_named(word, today) {
            day.replace(found)
        } else if let Some(found) = time_of_day(word) {
            time.replace(found)
        } else if ["at", "on", "next", "this"].contains(&word) {
            None
        } else {
            return None;
        };
        if slot.is_some() {
            return None;
        }
    }
    let time_now = now.millis() % DAY;
    let millis = match (day, time) {
        (None, None) => return None,
        (Some(day), time) => day * DAY + time.unwrap_or(time_now),
        (None, Some(time)) if time > time_now => today * DAY + time,
        (None, Some(time)) => (today + 1) * DAY + time,
    };
    (millis > now.millis()).then(|| Timestamp::from_millis(millis))
}

/// The day that a word names, in days since 1970.
fn day_named(word: &str, today: i64) -> Option<i64> {
    // 1970 began on a Thursday.
    const WEEK: [&str; 7] = [
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "monday",
        "tuesday",
        "wednesday",
    ];
    match word {
        "today" => return Some(today),
        "tomorrow" => return Some(today + 1),
        _ => {}
    }
    let named = |name: &&str| **name == *word || (word.len() == 3 && name.starts_with(word));
    let index = i64::try_from(WEEK.iter().position(named)?).ok()?;
    let ahead = (index - today).rem_euclid(7);
    Some(today + if ahead == 0 { 7 } else { ahead })
}

/// The time that a word names, in milliseconds of the day: `10am`, `9:30pm`, `22:15`.
fn time_of_day(word: &str) -> Option<i64> {
    let (clock, half) = match (word.strip_suffix("am"), word.strip_suffix("pm")) {
        (Some(clock), _) => (clock, Some(0)),
        (_, Some(clock)) => (clock, Some(12)),
        (None, None) => (word, None),
    };
    let (hour, minute) = match clock.split_once(':') {
        Some((hour, minute)) if minute.len() == 2 => (hour, minute),
        None if half.is_some() => (clock, "00"),
        _ => return None,
    };
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        None if (0..24).contains(&hour) => hour,
        _ => return None,
    };
    (0..60)
        .contains(&minute)
        .then_some(hour * HOUR + minute * MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_all_their_forms() {
        // A Thursday.
        let now = Timestamp::parse("2025-11-20T10:00:00.5Z").unwrap();
        let check = |text: &str, expect: &str| {
            let time = parse(text, now).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            assert_eq!(time, Timestamp::parse(expect).unwrap(), "{text}");
        };
        check("1763632860", "2025-11-20T10:01:00Z");
        check("30m", "2025-11-20T10:30:00.5Z");
        check("1800s", "2025-11-20T10:30:00.5Z");
        check("1h30m", "2025-11-20T11:30:00.5Z");
        check("2 days", "2025-11-22T10:00:00.5Z");
        check("in 90 Minutes", "2025-11-20T11:30:00.5Z");
        check("2025-11-21T09:00:00+01:00", "2025-11-21T08:00:00Z");
        check("tomorrow", "2025-11-21T10:00:00.5Z");
        check("tomorrow, 10am", "2025-11-21T10:00:00Z");
        check("9:30pm tomorrow", "2025-11-21T21:30:00Z");
        check("Saturday, 7am", "2025-11-22T07:00:00Z");
        check("next sun at 7:15 am", "2025-11-23T07:15:00Z");
        check("10:30", "2025-11-20T10:30:00Z");
        check("9am", "2025-11-21T09:00:00Z");
        check("12am", "2025-11-21T00:00:00Z");
        check("12pm", "2025-11-20T12:00:00Z");
    }

    #[test]
    fn what_is_no_time_or_no_time_for_us() {
        let now = Timestamp::parse("2025-11-20T10:00:00Z").unwrap();
        let code = |text: &str| {
            serde_json::to_value(parse(text, now).unwrap_err()).unwrap()["code"].clone()
        };
        for text in [
            "soon",
            "",
            "1763632799",
            "10",
            "today, 9am",
            "25:00",
            "13pm",
            "1x",
            "m",
            "tomorrow tomorrow",
            "1e9h",
            "-5m",
        ] {
            assert_eq!(code(text), 40004, "{text}");
        }
        for text in ["9s", "0m", "1763632809"] {
            assert_eq!(code(text), 40005, "{text}");
        }
        for text in [
            "4 days",
            "73h",
            "1863632809",
            "2026-11-20T10:00:00Z",
            "wednesday",
        ] {
            assert_eq!(code(text), 40006, "{text}");
        }
        assert!(parse("10s", now).is_ok() && parse("3d", now).is_ok());
    }
}
