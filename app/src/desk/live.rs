//! The stream as the page uses it: events into the feed, at most one drawing a frame, one timer for everything that
//! the time changes.

use super::{
    Desk,
    notice::{Known, Notice},
};
use crate::{
    live::{
        EventSourceOptions, LinkState, Millis, Outcome, StreamEvent, UseEventSource,
        use_event_source,
    },
    text,
};
use domain::{ChannelName, ChannelSummary, EventId, FeedEvent, Priority, Timestamp};
use leptos::prelude::*;
use std::time::Duration;

/// How seldom arrivals are told to a screen reader.
const SPOKEN_EVERY: Millis = 10_000;

/// The connection, for those who show it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Live {
    pub(crate) source: UseEventSource,
    pub(crate) notice: Memo<Notice>,
}

/// What arrived and was not told yet.
#[derive(Debug, Clone, Copy, Default)]
struct Arrivals {
    count: usize,
    urgent: usize,
    told_at: Millis,
}

impl Desk {
    /// Opens the stream behind the page's rows. On the server it does nothing.
    pub(crate) fn go_live(self, cursor: &EventId, server_now: Timestamp) -> Live {
        let known = RwSignal::new(Known {
            state: LinkState::Connecting,
            lost_at: None,
            restored_at: None,
            missed: 0,
        });
        let arrivals = StoredValue::new(Arrivals::default());
        let second = RwSignal::new(0);
        let options = EventSourceOptions {
            last_event_id: Some(cursor.to_string()),
            ..EventSourceOptions::default()
        };
        let source = use_event_source(String::from("/events"), options, move |event| {
            if let Some(urgent) = self.receive(&event) {
                known.update(|known| known.missed += 1);
                arrivals.update_value(|told| *told = told.with(urgent));
            }
        });
        let notice = Memo::new(move |_| known.get().notice(second.get()));
        Effect::new(move |_| {
            let state = source.state.get();
            known.update(|known| *known = known.turn(state, wall_clock()));
        });
        Effect::new(move |before: Option<bool>| {
            let away = matches!(notice.get(), Notice::Waiting(_));
            if away && before == Some(false) {
                self.said.set(text::LOST_SPOKEN.to_owned());
            }
            away
        });
        Effect::new(move |_| {
            let title = text::page_title(self.unread.get(), self.place.get().title());
            document().set_title(&title);
        });
        Effect::new(move |_| {
            let ahead = server_now.millis() - wall_clock() as i64;
            let tick = move || {
                let now = wall_clock();
                second.set(now);
                self.turn_clock(now as i64 + ahead);
                if let Some(words) = arrivals.try_update_value(|told| told.tell(now)).flatten() {
                    self.said.set(words);
                }
            };
            tick();
            if let Ok(timer) = set_interval_with_handle(tick, Duration::from_secs(1)) {
                on_cleanup(move || timer.clear());
            }
            self.heed_history();
        });
        Live { source, notice }
    }

    /// Applies an event. Answers, of one that brought a new row, whether it is urgent.
    fn receive(self, event: &StreamEvent) -> Option<bool> {
        let event = FeedEvent::parse(&event.name, &event.data).ok()??;
        let outcome = self.feed.try_update_value(|feed| feed.apply(&event))?;
        self.heed(outcome);
        let FeedEvent::Created(created) = &event else {
            return None;
        };
        self.learn(&created.notification.channel);
        (outcome == Outcome::Added).then_some(created.notification.priority == Priority::Urgent)
    }

    /// A channel that did not exist when the page was made.
    fn learn(self, name: &ChannelName) {
        if self
            .channels
            .with_untracked(|channels| channels.iter().all(|channel| channel.name != *name))
        {
            let new = ChannelSummary {
                name: name.clone(),
                title: None,
                private: false,
                writable: true,
            };
            self.channels.update(|channels| {
                channels.push(new);
                channels.sort_by(|a, b| a.name.cmp(&b.name));
            });
        }
    }

    /// Moves the clock of the list, in steps of a minute.
    fn turn_clock(self, now: i64) {
        let now = Timestamp::from_millis(now);
        let shown = self.now.get_untracked();
        if shown.is_none_or(|shown| shown.millis() / 60_000 != now.millis() / 60_000) {
            self.now.set(Some(now));
        }
    }
}

impl Arrivals {
    fn with(self, urgent: bool) -> Self {
        Self {
            count: self.count + 1,
            urgent: self.urgent + usize::from(urgent),
            ..self
        }
    }

    fn tell(&mut self, now: Millis) -> Option<String> {
        if self.count == 0 || now < self.told_at + SPOKEN_EVERY {
            return None;
        }
        let words = text::arrived(self.count, self.urgent);
        *self = Self {
            told_at: now,
            ..Self::default()
        };
        Some(words)
    }
}

/// Milliseconds since 1970 by the browser's clock.
fn wall_clock() -> Millis {
    js_sys::Date::now() as Millis
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_are_told_together_and_not_too_often() {
        let mut arrivals = Arrivals::default().with(false).with(true);
        assert_eq!(arrivals.tell(20_000).as_deref(), Some("2 new, 1 urgent"));
        arrivals = arrivals.with(false);
        assert_eq!(arrivals.tell(29_999), None);
        assert_eq!(arrivals.tell(30_000).as_deref(), Some("1 new"));
        assert_eq!(arrivals.tell(60_000), None);
    }
}
