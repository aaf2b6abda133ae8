//! Which channel a message goes to, and what the application is called that sends it.

use super::refusal::Refusal;
use crate::service::{Actor, ChannelEntry, Credential, Directory};
use domain::ChannelName;

/// Where messages go whose sender's name makes no channel name.
const FALLBACK: &str = "gotify";

/// Where a message goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) channel: ChannelName,
    /// What Gotify calls the application: the title of messages without one.
    pub(super) application: String,
}

impl Target {
    /// A token that is bound to one channel is that channel's application token, and `appid` counts for nothing, as
    /// there. Any other credential may name a channel by `appid`; without it, a token's label names the channel.
    ///
    /// # Errors
    /// 400 when nothing names one.
    pub(super) fn of(
        directory: &Directory,
        actor: &Actor,
        appid: Option<u64>,
    ) -> Result<Self, Refusal> {
        let bound = actor.reader.channels.as_ref();
        let only = bound.filter(|names| names.len() == 1);
        if let Some(name) = only.and_then(|names| names.iter().next()) {
            return Ok(Self::named(directory, name.clone(), None));
        }
        if let Some(appid) = appid {
            let entry = application(directory, actor, appid)
                .ok_or_else(|| Refusal::bad("appid not found"))?;
            return Ok(Self::named(directory, entry.name.clone(), None));
        }
        let label = match &actor.credential {
            Credential::Token(hash) => directory.token_label(hash),
            Credential::Session(_) | Credential::Password(_) => None,
        };
        let allowed = |name: &ChannelName| bound.is_none_or(|names| names.contains(name));
        label
            .and_then(|label| Some((channel_name(label)?, label)))
            .filter(|(name, _)| allowed(name))
            .map(|(name, label)| Self::named(directory, name, Some(label)))
            .ok_or_else(|| {
                Refusal::bad("appid is required when not authenticating with an application token")
            })
    }

    fn named(directory: &Directory, channel: ChannelName, label: Option<&str>) -> Self {
        let title = directory
            .channel_named(&channel)
            .and_then(|entry| entry.title.as_deref());
        let application = title.or(label).unwrap_or(channel.as_str()).to_owned();
        Self {
            channel,
            application,
        }
    }
}

/// The channel with this number, which `actor` may use.
pub(super) fn application<'a>(
    directory: &'a Directory,
    actor: &Actor,
    id: u64,
) -> Option<&'a ChannelEntry> {
    let id = i64::try_from(id).ok()?;
    let mut channels = directory.channels().into_iter();
    let entry = channels.find(|entry| entry.id.0 == id)?;
    let access = directory.access(&actor.reader, entry.id);
    (access.read || access.write).then_some(entry)
}

/// The label as a channel name: its letters and digits in lower case, with `-` between words.
fn channel_name(label: &str) -> Option<ChannelName> {
    let words = label.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let mut slug = words.join("-").to_ascii_lowercase();
    slug.truncate(64);
    ChannelName::parse(slug.trim_end_matches('-'))
        .or_else(|_| ChannelName::parse(FALLBACK))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_makes_a_channel_name() {
        for (label, name) in [
            ("Uptime Kuma", "uptime-kuma"),
            ("  NAS (attic) #2 ", "nas-attic-2"),
            ("snake_case", "snake-case"),
            ("Ärger", "rger"),
            ("日本", "gotify"),
            ("", "gotify"),
            ("Events", "gotify"),
        ] {
            assert_eq!(channel_name(label).unwrap().as_str(), name, "{label}");
        }
        let long = format!("{} x", "y".repeat(63));
        assert_eq!(channel_name(&long).unwrap().as_str(), "y".repeat(63));
    }
}
