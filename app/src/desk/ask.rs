//! What the feed asks of the server: the list or the count, each once at a time, again when it became due meanwhile,
//! and until it succeeds.

use super::Desk;
use crate::{api, error::ApiError, live::Outcome};
use leptos::{prelude::*, task::spawn_local};
use std::time::Duration;

/// How long a question waits after it failed for the first time; it doubles with every failure.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// How long it waits at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// A question's state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nobody needs the answer.
    #[default]
    No,
    /// It is under way.
    Once,
    /// It is under way and will come too late: it has to be asked again.
    Again,
}

#[derive(Debug, Clone, Copy)]
enum Question {
    List,
    Count,
}

impl Desk {
    /// Does what the feed wants done after a change.
    pub(super) fn heed(self, outcome: Outcome) {
        match outcome {
            Outcome::Nothing => {}
            Outcome::Changed | Outcome::Added => self.draw_soon(),
            Outcome::Recount => self.ask(Question::Count),
            Outcome::Reload => self.ask(Question::List),
        }
    }

    fn asked(self, question: Question) -> StoredValue<Asked> {
        match question {
            Question::List => self.asked_list,
            Question::Count => self.asked_count,
        }
    }

    fn ask(self, question: Question) {
        self.draw_soon();
        let asked = self.asked(question);
        if asked.get_value() == Asked::No {
            self.send(question, FIRST_PAUSE);
        } else {
            asked.set_value(Asked::Again);
        }
    }

    fn send(self, question: Question, pause: Duration) {
        let asked = self.asked(question);
        asked.set_value(Asked::Once);
        spawn_local(async move {
            match self.answer(question).await {
                Ok(outcome) => {
                    let due = asked.get_value() == Asked::Again;
                    asked.set_value(Asked::No);
                    self.heed(outcome);
                    if due {
                        self.ask(question);
                    }
                    self.draw_soon();
                }
                Err(_) => set_timeout(
                    move || self.send(question, (pause * 2).min(LONGEST_PAUSE)),
                    pause,
                ),
            }
        });
    }

    async fn answer(self, question: Question) -> Result<Outcome, ApiError> {
        let place = self.place.get_untracked();
        let outcome = match question {
            Question::List => {
                let snapshot = api::list(place.list(), None).await?;
                if self.place.get_untracked() != place {
                    return Ok(Outcome::Reload);
                }
                self.feed.try_update_value(|feed| feed.reload(snapshot))
            }
            Question::Count => {
                let unread = api::unread().await?;
                self.feed.try_update_value(|feed| feed.apply_unread(unread))
            }
        };
        Ok(outcome.unwrap_or(Outcome::Nothing))
    }
}
