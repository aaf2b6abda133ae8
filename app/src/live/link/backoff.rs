//! How long the connection waits, and for what.

use super::Millis;

/// How long to wait between attempts: a random part of `base_ms`, doubled with each failure up to `cap_ms` ("full
/// jitter", so that the readers of a server that restarts do not all come back at once), and never longer than the
/// trouble has lasted already, plus `base_ms`: a few early attempts must not make a short break a long one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The longest first wait, in milliseconds.
    pub base_ms: Millis,
    /// The longest wait, in milliseconds.
    pub cap_ms: Millis,
    /// After how many failures in a row to give up. `None`: never.
    pub max_attempts: Option<u32>,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            base_ms: 1_000,
            cap_ms: 30_000,
            max_attempts: None,
        }
    }
}

impl Backoff {
    /// The wait after `failures` failures in a row since `trouble_ms`, with `random` in `0.0..1.0`. `None` when it is
    /// time to give up.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a wait is far below 2^52 ms, and a float is saturated, never wrapped"
    )]
    pub fn delay(&self, failures: u32, trouble_ms: Millis, random: f64) -> Option<Millis> {
        if self.max_attempts.is_some_and(|max| failures >= max) {
            return None;
        }
        let longest = self
            .base_ms
            .saturating_mul(1 << failures.saturating_sub(1).min(20))
            .min(self.cap_ms);
        let wait = (longest as f64 * random.clamp(0.0, 1.0)) as Millis;
        Some(wait.min(trouble_ms.saturating_add(self.base_ms)))
    }
}

/// How patient a [`Link`] is. In milliseconds, but for the back-off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Between attempts.
    pub backoff: Backoff,
    /// With a connection through which nothing comes. The server sends something every 15 s (contract, section 4).
    pub silence_ms: Millis,
    /// How long a connection lasts before earlier failures are forgotten.
    pub stable_ms: Millis,
    /// With a connection through which nothing came, when the page comes to the front.
    pub stale_ms: Millis,
}
