//! The vocabulary of Belfry and its rules, shared by the server and the page.
//!
//! Nothing here reads a clock, a file or a socket: whatever a rule needs is an argument. Untrusted input becomes a
//! value of these types once, at the door ([`Draft::parse`], [`ChannelName::parse`], …), and is never checked again.

#[cfg(feature = "attachments")]
mod attachment;
mod channel;
mod draft;
mod event;
mod feed_event;
mod inbox;
mod notification;
mod object;
mod patch;
mod priority;
mod receipt;
pub mod search;
mod text;
mod time;
mod token;
mod user;

#[cfg(feature = "attachments")]
pub use attachment::{Attachment, Encoding};
pub use channel::{ChannelName, ChannelNameError, RESERVED_CHANNELS};
pub use draft::{Draft, FieldError, NewNotification, limits};
pub use event::{Epoch, EventId, EventIdError, Resume, Seq};
pub use feed_event::{
    Change, Connected, Created, FeedEvent, Heartbeat, Reset, ResetReason, Update,
};
pub use inbox::{ChannelSummary, InboxItem, ListState, Snapshot, Unread, Viewer};
pub use notification::{Action, CardState, Notification, NotificationId, NotificationIdError};
pub use object::Object;
pub use patch::{Edit, News, Patch, named};
pub use priority::{Priority, PriorityError};
pub use receipt::{Receipt, ReceiptPatch};
pub use text::{TextError, check_line, check_text};
pub use time::{MomentError, Timestamp, TimestampError};
pub use token::{Scope, ScopeError, Scopes};
pub use user::{Password, PasswordError, UserName, UserNameError};
