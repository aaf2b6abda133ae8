//! How a time is written: the server writes UTC in a form that never changes, the browser then says how long ago.

use crate::text;
use domain::Timestamp;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The parts of a date as they are written. `minutes` is how far the reader's clock is ahead of UTC.
struct Parts {
    year: String,
    month: &'static str,
    day: String,
    weekday: &'static str,
    time: String,
}

impl Parts {
    fn of(time: Timestamp, minutes: i64) -> Self {
        let local = time.plus_millis(minutes * MINUTE);
        let written = local.to_string();
        let part = |range: std::ops::Range<usize>| written.get(range).unwrap_or_default();
        let month = part(5..7).parse::<usize>().unwrap_or(1).saturating_sub(1);
        let weekday =
            usize::try_from(local.millis().div_euclid(DAY).rem_euclid(7)).unwrap_or_default();
        Self {
            year: part(0..4).to_owned(),
            month: text::MONTHS.get(month).copied().unwrap_or_default(),
            day: part(8..10).trim_start_matches('0').to_owned(),
            weekday: text::DAYS.get(weekday).copied().unwrap_or_default(),
            time: part(11..16).to_owned(),
        }
    }
}

/// The time in a list. Without `now` (on the server, and until the browser has taken over) it is absolute.
pub(crate) fn short(time: Timestamp, now: Option<Timestamp>, minutes: i64) -> String {
    let Parts {
        year,
        month,
        day,
        weekday,
        time: clock,
    } = Parts::of(time, minutes);
    let Some(now) = now else {
        return format!("{day} {month} {clock}");
    };
    let ago = now.millis() - time.millis();
    match ago {
        ..MINUTE => text::JUST_NOW.to_owned(),
        MINUTE..HOUR => text::minutes(ago / MINUTE),
        HOUR..DAY => text::hours(ago / HOUR),
        _ if ago < 6 * DAY => format!("{weekday} {clock}"),
        _ if Parts::of(now, minutes).year == year => format!("{day} {month}"),
        _ => format!("{day} {month} {year}"),
    }
}

/// The time in full, for the tooltip.
pub(crate) fn long(time: Timestamp, minutes: i64) -> String {
    let Parts {
        year,
        month,
        day,
        weekday,
        time,
    } = Parts::of(time, minutes);
    format!("{weekday} {day} {month} {year}, {time}")
}

/// How far the reader's clock is ahead of UTC at `time`, in minutes.
#[cfg(not(feature = "ssr"))]
pub(crate) fn offset(time: Timestamp) -> i64 {
    -js_sys::Date::new(&(time.millis() as f64).into()).get_timezone_offset() as i64
}

/// The server knows no zone.
#[cfg(feature = "ssr")]
pub(crate) fn offset(_time: Timestamp) -> i64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn short_times() {
        let now = at("2026-11-20T10:00:00Z");
        let check =
            |time: &str, expect: &str| assert_eq!(short(at(time), Some(now), 0), expect, "{time}");
        check("2026-11-20T10:00:03Z", "now");
        check("2026-11-20T09:59:01Z", "now");
        check("2026-11-20T09:58:00Z", "2 m");
        check("2026-11-20T09:00:00Z", "1 h");
        check("2026-11-19T10:01:00Z", "23 h");
        check("2026-11-19T03:12:00Z", "Thu 03:12");
        check("2026-11-12T03:12:00Z", "12 Nov");
        check("2025-11-02T03:12:00Z", "2 Nov 2025");
    }

    #[test]
    fn without_a_clock_it_is_absolute_and_the_zone_moves_the_day() {
        let time = at("2026-11-20T23:30:00Z");
        assert_eq!(short(time, None, 0), "20 Nov 23:30");
        assert_eq!(long(time, 60), "Sat 21 Nov 2026, 00:30");
        assert_eq!(long(time, -120), "Fri 20 Nov 2026, 21:30");
    }
}
