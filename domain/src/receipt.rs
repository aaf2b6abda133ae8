//! What one user did with one notification.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// What one user did with one notification. The default is that of a notification nobody has touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// It was on a screen.
    pub seen: bool,
    /// It was opened or marked. Whatever is read was seen.
    pub read: bool,
    /// It left the inbox.
    pub archived: bool,
    /// It stays out of the inbox until then.
    pub snoozed_until: Option<Timestamp>,
}

/// A change of a receipt: what is `None` stays as it is. For `snoozed_until`, `Some(None)` ends the snooze.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceiptPatch {
    /// See [`Receipt::seen`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<bool>,
    /// See [`Receipt::read`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<bool>,
    /// See [`Receipt::archived`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// See [`Receipt::snoozed_until`].
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::named"
    )]
    pub snoozed_until: Option<Option<Timestamp>>,
}

impl Receipt {
    /// The receipt when its snooze is over: back in the inbox, and unread, as it was asked for.
    #[must_use]
    pub fn awoken(self) -> Self {
        Self {
            snoozed_until: None,
            ..self.renewed()
        }
    }

    /// The receipt after `patch`. Reading implies having seen.
    #[must_use]
    pub fn patched(self, patch: ReceiptPatch) -> Self {
        let read = patch.read.unwrap_or(self.read);
        Self {
            seen: patch.seen.unwrap_or(self.seen) || read,
            read,
            archived: patch.archived.unwrap_or(self.archived),
            snoozed_until: patch.snoozed_until.unwrap_or(self.snoozed_until),
        }
    }

    /// The receipt after the notification it belongs to changed in a way that its reader should know of: back in the
    /// inbox and unread.
    #[must_use]
    pub fn renewed(self) -> Self {
        Self {
            seen: false,
            read: false,
            archived: false,
            snoozed_until: self.snoozed_until,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_changes_what_it_names() {
        let read = Receipt::default().patched(ReceiptPatch {
            read: Some(true),
            ..ReceiptPatch::default()
        });
        assert_eq!(
            read,
            Receipt {
                seen: true,
                read: true,
                ..Receipt::default()
            }
        );
        let unread = read.patched(ReceiptPatch {
            read: Some(false),
            ..ReceiptPatch::default()
        });
        assert_eq!(
            unread,
            Receipt {
                seen: true,
                ..Receipt::default()
            }
        );
    }

    #[test]
    fn null_ends_a_snooze_and_absence_keeps_it() {
        let until = Timestamp::from_millis(5);
        let snoozed = Receipt {
            snoozed_until: Some(until),
            ..Receipt::default()
        };
        let patch = |json: &str| serde_json::from_str::<ReceiptPatch>(json).unwrap();
        assert_eq!(snoozed.patched(patch("{}")).snoozed_until, Some(until));
        assert_eq!(
            snoozed
                .patched(patch(r#"{"snoozed_until":null}"#))
                .snoozed_until,
            None
        );
        assert!(serde_json::from_str::<ReceiptPatch>(r#"{"reed":true}"#).is_err());
    }
}
