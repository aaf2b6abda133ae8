//! What the page says about its connection. A blip stays silent, a countdown is true, and what is missed is counted.

use crate::live::{LinkState, Millis};

/// How long a connection may be away before a word is said.
pub(super) const SILENT: Millis = 3_000;
/// How long the word about its return stays.
pub(super) const RESTORED: Millis = 4_000;

/// The banner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// Nothing to say.
    None,
    /// The connection is away, and the next attempt is made in so many seconds; 0 is now.
    Waiting(u64),
    /// It is back, with so many notifications that came meanwhile.
    Restored(usize),
    /// The browser has no network.
    Offline,
    /// The session is over.
    SignedOut,
    /// The stream was closed for good.
    Closed,
}

/// What is known about the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) state: LinkState,
    /// Since when it is away.
    pub(super) lost_at: Option<Millis>,
    /// When it came back after a notice.
    pub(super) restored_at: Option<Millis>,
    /// Notifications that came since it was lost.
    pub(super) missed: usize,
}

impl Known {
    /// The banner at `now`.
    pub(super) fn notice(self, now: Millis) -> Notice {
        let silent = self.lost_at.is_none_or(|lost| now < lost + SILENT);
        match self.state {
            LinkState::SignedOut => Notice::SignedOut,
            LinkState::Closed => Notice::Closed,
            LinkState::Open if self.restored_at.is_some_and(|back| now < back + RESTORED) => {
                Notice::Restored(self.missed)
            }
            LinkState::Open => Notice::None,
            LinkState::Offline | LinkState::Connecting | LinkState::Waiting { .. } if silent => {
                Notice::None
            }
            LinkState::Offline => Notice::Offline,
            LinkState::Connecting => Notice::Waiting(0),
            LinkState::Waiting { until } => {
                Notice::Waiting(until.saturating_sub(now).div_ceil(1000))
            }
        }
    }

    /// Takes a new state of the connection at `now`.
    pub(super) fn turn(self, state: LinkState, now: Millis) -> Self {
        let away = state != LinkState::Open;
        match (self.lost_at, away) {
            (None, true) => Self {
                state,
                lost_at: Some(now),
                restored_at: None,
                missed: 0,
            },
            (Some(lost), false) => {
                let noticed = now >= lost + SILENT;
                Self {
                    state,
                    lost_at: None,
                    restored_at: noticed.then_some(now),
                    ..self
                }
            }
            (Some(_), true) | (None, false) => Self { state, ..self },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_break_as_a_reader_sees_it() {
        let start = Known {
            state: LinkState::Open,
            lost_at: None,
            restored_at: None,
            missed: 0,
        };
        let lost = start.turn(LinkState::Waiting { until: 106_500 }, 100_000);
        assert_eq!(lost.notice(102_999), Notice::None, "a blip is silent");
        assert_eq!(lost.notice(103_000), Notice::Waiting(4));
        assert_eq!(lost.notice(106_000), Notice::Waiting(1));
        let trying = lost.turn(LinkState::Connecting, 106_500);
        assert_eq!(trying.notice(106_600), Notice::Waiting(0));
        let back = Known {
            missed: 4,
            ..trying.turn(LinkState::Open, 107_000)
        };
        assert_eq!(back.notice(107_500), Notice::Restored(4));
        assert_eq!(back.notice(111_000), Notice::None);
    }

    #[test]
    fn a_blip_leaves_no_word() {
        let start = Known {
            state: LinkState::Open,
            lost_at: None,
            restored_at: None,
            missed: 0,
        };
        let back = start
            .turn(LinkState::Connecting, 1_000)
            .turn(LinkState::Open, 2_000);
        assert_eq!(back.notice(2_100), Notice::None);
        assert_eq!(
            start.turn(LinkState::SignedOut, 1_000).notice(1_000),
            Notice::SignedOut
        );
    }
}
