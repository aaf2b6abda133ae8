//! What a notification carries beside its text.

use serde::{Deserialize, Serialize};

/// A file that belongs to a notification: one that we keep, or one that lies elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attachment {
    /// What its sender calls it.
    pub name: String,
    /// Media type, by its content. Unknown for a file that lies elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Bytes. Unknown for a file that lies elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Where it is: a path of this server, or an address elsewhere.
    pub url: String,
}

impl Attachment {
    /// Where the files are that we keep.
    pub const FOLDER: &str = "/file/";

    /// The name under which we keep it; `None` for a file that lies elsewhere.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        let name = self.url.strip_prefix(Self::FOLDER)?;
        Some(name.split_once('.').map_or(name, |(id, _extension)| id))
    }
}

/// How a message that is no text is written as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Encoding {
    /// RFC 4648, section 4, with padding.
    Base64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_files_have_a_name_here() {
        let check = |url: &str, expect: Option<&str>| {
            let attachment = Attachment {
                name: "a".into(),
                r#type: None,
                size: None,
                url: url.into(),
            };
            assert_eq!(attachment.file(), expect, "{url}");
        };
        check("/file/k3JxT0aQ9fLm.png", Some("k3JxT0aQ9fLm"));
        check("/file/k3JxT0aQ9fLm", Some("k3JxT0aQ9fLm"));
        check("https://example.org/file/k3JxT0aQ9fLm.png", None);
    }
}
