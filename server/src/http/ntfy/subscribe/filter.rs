//! Which messages a subscriber wants.

use super::super::error::Refusal;
use super::super::message::{MESSAGE, Message};
use super::super::params::{self, Params, names};
use domain::Priority;

/// Everything that is given must fit.
#[derive(Debug, Default)]
pub(super) struct Filter {
    id: Option<String>,
    message: Option<String>,
    title: Option<String>,
    /// Any of them.
    priorities: Vec<u8>,
    /// All of them.
    tags: Vec<String>,
}

impl Filter {
    /// Reads the parameters.
    ///
    /// # Errors
    /// When a priority is none.
    pub(super) fn read(params: &Params) -> Result<Self, Refusal> {
        let priorities = params.list(names::PRIORITY);
        let number = |text: &String| params::priority(text).map(u8::from);
        Ok(Self {
            id: params.text(names::ID),
            message: params.text(names::MESSAGE),
            title: params.text(names::TITLE),
            priorities: priorities.iter().map(number).collect::<Result<_, _>>()?,
            tags: params.list(names::TAGS),
        })
    }

    /// Whether a message is wanted. What is no message always is.
    pub(super) fn passes(&self, message: &Message) -> bool {
        fn is(wanted: Option<&String>, value: Option<&String>) -> bool {
            wanted.is_none_or(|wanted| value == Some(wanted))
        }
        let priority = message.priority.unwrap_or(Priority::Default.into());
        message.event != MESSAGE
            || (is(self.id.as_ref(), Some(&message.id))
                && is(self.message.as_ref(), message.message.as_ref())
                && is(self.title.as_ref(), message.title.as_ref())
                && (self.priorities.is_empty() || self.priorities.contains(&priority))
                && self.tags.iter().all(|tag| message.tags.contains(tag)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::message::OPEN;
    use super::*;

    #[test]
    fn everything_that_is_given_must_fit() {
        let message = Message {
            id: "k3JxT0aQ9fLm".into(),
            event: MESSAGE,
            title: Some("T".into()),
            message: Some("M".into()),
            tags: vec!["a".into(), "b".into()],
            ..Message::default()
        };
        let check = |pairs: &[(&'static [&'static str], &str)], expect: bool| {
            let mut params = Params::default();
            for (names, value) in pairs {
                params.give(names, (*value).to_owned());
            }
            let filter = Filter::read(&params).unwrap();
            assert_eq!(filter.passes(&message), expect, "{pairs:?}");
            let open = Message {
                event: OPEN,
                ..Message::default()
            };
            assert!(filter.passes(&open));
        };
        check(&[], true);
        check(
            &[
                (names::ID, "k3JxT0aQ9fLm"),
                (names::TITLE, "T"),
                (names::MESSAGE, "M"),
            ],
            true,
        );
        check(&[(names::MESSAGE, "m")], false);
        check(&[(names::PRIORITY, "4,default")], true);
        check(&[(names::PRIORITY, "4,5")], false);
        check(&[(names::TAGS, "b,a")], true);
        check(&[(names::TAGS, "a,c")], false);
        let mut params = Params::default();
        params.give(names::PRIORITY, "4,loud".into());
        assert!(Filter::read(&params).is_err());
    }
}
