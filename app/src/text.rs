//! Every word that the page shows, in one place, so that other languages can follow: constants, and functions where a
//! number or a name goes in. Sentence case, verbs on buttons, no exclamation marks.

#[cfg(feature = "ssr")]
mod plain;

use domain::{CardState, Priority};
#[cfg(feature = "ssr")]
pub(crate) use plain::*;

pub(crate) const BRAND: &str = "Belfry";
pub(crate) const SKIP: &str = "Skip to the list";

// navigation
pub(crate) const NAVIGATION: &str = "Main";
pub(crate) const INBOX: &str = "Inbox";
pub(crate) const ARCHIVE: &str = "Archive";
pub(crate) const CHANNELS: &str = "Channels";
pub(crate) const NO_CHANNELS: &str = "None yet. The first notification makes one.";
pub(crate) const PRIVATE: &str = "private";
pub(crate) const SIGN_OUT: &str = "Sign out";

// connection
pub(crate) const LIVE: &str = "Live";
pub(crate) const CONNECTING: &str = "Connecting";
pub(crate) const RECONNECTING: &str = "Reconnecting";
pub(crate) const OFFLINE: &str = "Offline";
pub(crate) const SIGNED_OUT: &str = "Signed out";
pub(crate) const CLOSED: &str = "Not live";
pub(crate) const RETRY_NOW: &str = "Retry now";
pub(crate) const RECONNECT: &str = "Reconnect";
pub(crate) const LOST: &str = "Connection lost.";
pub(crate) const LOST_SPOKEN: &str = "Connection lost. Reconnecting.";
pub(crate) const RECONNECTING_NOW: &str = "Reconnecting…";
pub(crate) const YOU_ARE_OFFLINE: &str = "You are offline. The list shows what arrived before.";
pub(crate) const YOU_ARE_SIGNED_OUT: &str =
    "You are signed out. Sign in again to go on where you were.";
pub(crate) const SIGN_IN_AGAIN: &str = "Sign in again";
pub(crate) const STREAM_CLOSED: &str = "Live updates are off.";
pub(crate) const NO_SCRIPT: &str =
    "Live updates need WebAssembly. This page shows how things were when it was loaded.";
pub(crate) const REFRESH: &str = "Refresh";

// list
pub(crate) const FEED: &str = "Notifications";
pub(crate) const MARK_READ: &str = "Mark as read";
pub(crate) const MARK_UNREAD: &str = "Mark as unread";
pub(crate) const TO_ARCHIVE: &str = "Archive";
pub(crate) const TO_INBOX: &str = "Move to inbox";
pub(crate) const LOAD_OLDER: &str = "Load older";
pub(crate) const TO_NEWEST: &str = "Back to the newest";
pub(crate) const LOADING: &str = "Loading…";
pub(crate) const RETRY: &str = "Retry";
pub(crate) const UNREAD: &str = "Unread";
pub(crate) const PROGRESS: &str = "Progress";
pub(crate) const LOG: &str = "Log, last lines";
pub(crate) const JUST_NOW: &str = "now";
pub(crate) const CAUGHT_UP: &str = "All caught up";
pub(crate) const CAUGHT_UP_MORE: &str = "New notifications appear here the moment they are sent.";
pub(crate) const ARCHIVE_EMPTY: &str = "Nothing archived";
pub(crate) const ARCHIVE_EMPTY_MORE: &str = "What you archive leaves the inbox and is kept here.";
pub(crate) const NEVER_USED: &str = "Send your first notification";
pub(crate) const NEVER_USED_MORE: &str =
    "Use the form above, or any program that can send a web request:";
pub(crate) const NEVER_USED_TOKEN: &str = "Make a token on the server with";
pub(crate) const LISTENING: &str = "Listening…";
pub(crate) const COPY: &str = "Copy";
pub(crate) const COPIED: &str = "Copied";

// composer
pub(crate) const COMPOSE: &str = "New notification";
pub(crate) const CHANNEL: &str = "Channel";
pub(crate) const TITLE: &str = "Title";
pub(crate) const MESSAGE: &str = "Message";
pub(crate) const PRIORITY: &str = "Priority";
pub(crate) const OPTIONAL: &str = "optional";
pub(crate) const SEND: &str = "Send";
pub(crate) const SENDING: &str = "Sending…";
pub(crate) const SENT: &str = "Sent";

// fields of sign-in and set-up
pub(crate) const USER_NAME: &str = "User name";
pub(crate) const PASSWORD: &str = "Password";
pub(crate) const SET_UP_CODE: &str = "Set-up code";
pub(crate) const FORM_INVALID: &str = "Some fields need another value.";

/// Names of the priorities, in their order.
pub(crate) const PRIORITIES: [(u8, &str); 5] = [
    (5, "Urgent"),
    (4, "High"),
    (3, "Default"),
    (2, "Low"),
    (1, "Min"),
];
/// Names of the months.
pub(crate) const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
/// Names of the days, from Thursday: 1970 began with one.
pub(crate) const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// The sign of a priority in a list, empty for the default.
pub(crate) fn glyph(priority: Priority) -> &'static str {
    match priority {
        Priority::Min => "⇊",
        Priority::Low => "↓",
        Priority::Default => "",
        Priority::High => "!",
        Priority::Urgent => "!!",
    }
}

/// The word for a priority, empty for the default.
pub(crate) fn spoken(priority: Priority) -> &'static str {
    match priority {
        Priority::Min => "lowest priority",
        Priority::Low => "low priority",
        Priority::Default => "",
        Priority::High => "high priority",
        Priority::Urgent => "urgent",
    }
}

/// The word on a card's state.
pub(crate) fn state(state: CardState) -> &'static str {
    match state {
        CardState::Running => "Running",
        CardState::Success => "Done",
        CardState::Warning => "Warning",
        CardState::Failure => "Failed",
    }
}

/// The page's title.
pub(crate) fn page_title(unread: u64, place: &str) -> String {
    if unread == 0 {
        format!("{place} · {BRAND}")
    } else {
        format!("({unread}) {place} · {BRAND}")
    }
}

/// The number beside the heading.
pub(crate) fn unread(count: u64) -> String {
    if count == 0 {
        String::new()
    } else {
        format!("{count} unread")
    }
}

/// The pill that shows what arrived meanwhile.
pub(crate) fn new_above(count: usize) -> String {
    format!("↑ {count} new")
}

/// What the status region says of arrivals.
pub(crate) fn arrived(count: usize, urgent: usize) -> String {
    if urgent == 0 {
        format!("{count} new")
    } else {
        format!("{count} new, {urgent} urgent")
    }
}

/// The countdown of the banner.
pub(crate) fn reconnecting_in(seconds: u64) -> String {
    format!("Reconnecting in {seconds} s")
}

/// After a connection came back.
pub(crate) fn back_online(count: usize) -> String {
    if count == 0 {
        "Back online, nothing missed".into()
    } else {
        format!("Back online, {count} new while away")
    }
}

/// A field and what is wrong with it.
pub(crate) fn field_error(field: &str, message: &str) -> String {
    let label = match field {
        "channel" => CHANNEL,
        "title" => TITLE,
        "message" => MESSAGE,
        "priority" => PRIORITY,
        "code" => SET_UP_CODE,
        "username" => USER_NAME,
        "password" => PASSWORD,
        other => other,
    };
    format!("{label} {message}.")
}

/// How to send a notification from a terminal.
pub(crate) fn curl(origin: &str, channel: &str) -> String {
    format!(
        "curl {origin}/api/v1/notifications \\\n  -H 'Authorization: Bearer bf_…' \\\n  --json '{{\"channel\": \"{channel}\", \
         \"message\": \"Hello\"}}'"
    )
}

/// How to make a token.
pub(crate) fn token_command(user: &str) -> String {
    format!("belfry token create --user {user} --label first --scope publish")
}

/// Minutes ago.
pub(crate) fn minutes(count: i64) -> String {
    format!("{count} m")
}

/// Hours ago.
pub(crate) fn hours(count: i64) -> String {
    format!("{count} h")
}
