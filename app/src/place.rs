//! The addresses of the signed-in page. Each is one list.

use crate::text;
use domain::ListState;
use serde::{Deserialize, Serialize};

/// Which list is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Place {
    /// `/`
    Inbox,
    /// `/archive`
    Archive,
}

impl Place {
    /// All, in the order of the navigation.
    pub(crate) const ALL: [Self; 2] = [Self::Inbox, Self::Archive];

    /// The place at a path.
    pub(crate) fn at(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.path() == path)
    }

    /// Its path.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Inbox => "/",
            Self::Archive => "/archive",
        }
    }

    /// Which notifications it shows.
    pub(crate) fn list(self) -> ListState {
        match self {
            Self::Inbox => ListState::Inbox,
            Self::Archive => ListState::Archived,
        }
    }

    /// Its name in the navigation and its heading.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Inbox => text::INBOX,
            Self::Archive => text::ARCHIVE,
        }
    }

    /// Its symbol in the sprite.
    pub(crate) fn icon(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Archive => "archive",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_found_at_its_path() {
        for place in Place::ALL {
            assert_eq!(Place::at(place.path()), Some(place));
        }
        assert_eq!(Place::at("/login"), None);
    }
}
