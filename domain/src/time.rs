//! Points in time.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z. On the wire it is RFC 3339 in UTC with three decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime, examples("2026-11-20T10:00:00.123Z")))]
pub struct Timestamp(i64);

/// A text that is no RFC 3339 time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be a time such as 2026-11-20T10:00:00Z")]
pub struct TimestampError;

/// The last millisecond of the year 9999, the largest that RFC 3339 can write.
const MAX_MILLIS: i64 = 253_402_300_799_999;

impl Timestamp {
    /// 1970-01-01T00:00:00Z, the first that there is.
    pub const EPOCH: Self = Self(0);

    /// The time `millis` milliseconds after 1970, bounded to the years 1970 to 9999.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(0, MAX_MILLIS))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0
    }

    /// This time plus `millis` milliseconds (minus, when negative).
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// Reads RFC 3339, any offset.
    ///
    /// # Errors
    /// When the text is something else or lies before 1970.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let time = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| TimestampError)?;
        let millis =
            i64::try_from(time.unix_timestamp_nanos() / 1_000_000).map_err(|_| TimestampError)?;
        if (0..=MAX_MILLIS).contains(&millis) {
            Ok(Self(millis))
        } else {
            Err(TimestampError)
        }
    }
}

/// A text that is neither a time nor a time from now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be a time such as 2026-11-20T10:00:00Z, or from now: +90s, +10m, +2h, +3d")]
pub struct MomentError;

impl Timestamp {
    /// Reads a time as publishers write it (contract, section 3): RFC 3339, or `+` with a number and `s`, `m`, `h` or
    /// `d`, counted from `now`.
    ///
    /// # Errors
    /// When the text is something else, or lies beyond the year 9999.
    pub fn parse_moment(text: &str, now: Self) -> Result<Self, MomentError> {
        let Some(span) = text.strip_prefix('+') else {
            return Self::parse(text).map_err(|_| MomentError);
        };
        let unit = match span.bytes().last() {
            Some(b's') => 1_000,
            Some(b'm') => 60_000,
            Some(b'h') => 3_600_000,
            Some(b'd') => 86_400_000,
            _ => return Err(MomentError),
        };
        let digits = &span[..span.len() - 1];
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(MomentError);
        }
        let count: i64 = digits.parse().map_err(|_| MomentError)?;
        let millis = count
            .checked_mul(unit)
            .and_then(|span| span.checked_add(now.0));
        millis
            .filter(|millis| *millis <= MAX_MILLIS)
            .map(Self)
            .ok_or(MomentError)
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0.div_euclid(1000);
        let millis = self.0.rem_euclid(1000);
        let t = OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| std::fmt::Error)?;
        let (month, day) = (u8::from(t.month()), t.day());
        let (hour, minute, second) = t.to_hms();
        write!(
            f,
            "{:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z",
            t.year()
        )
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_offsets_and_writes_utc() {
        let time = Timestamp::parse("2026-11-20T11:00:00.1235+01:00").unwrap();
        assert_eq!(time.to_string(), "2026-11-20T10:00:00.123Z");
        for bad in [
            "",
            "2026-11-20",
            "2026-11-20 10:00",
            "2026-13-01T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "+90s",
        ] {
            assert!(Timestamp::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_moment_is_a_time_or_a_span_from_now() {
        let now = Timestamp::from_millis(1_000);
        for (text, millis) in [
            ("+0s", 1_000),
            ("+90s", 91_000),
            ("+10m", 601_000),
            ("+2h", 7_201_000),
            ("+3d", 259_201_000),
            ("1970-01-01T00:00:05Z", 5_000),
        ] {
            let moment = Timestamp::from_millis(millis);
            assert_eq!(Timestamp::parse_moment(text, now), Ok(moment), "{text}");
        }
        for bad in [
            "",
            "+",
            "+s",
            "90s",
            "+90",
            "+1w",
            "+-1s",
            "++1s",
            "+1.5h",
            "+ 1s",
            "+1 s",
            "+1S",
            "+١s",
            "+99999999999999999999d",
            "+9999999999d",
            "tomorrow",
            "1763632800",
        ] {
            assert_eq!(Timestamp::parse_moment(bad, now), Err(MomentError), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn survives_its_own_text(millis in 0..=MAX_MILLIS) {
            let time = Timestamp::from_millis(millis);
            prop_assert_eq!(Timestamp::parse(&time.to_string()), Ok(time));
        }
    }
}
