//! Notifications: publish one, list them.
#![expect(
    missing_docs,
    reason = "each struct is the arguments of the function beside it"
)]

use crate::error::ApiError;
use domain::{ListState, Seq, Snapshot};
use leptos::server;
#[cfg(feature = "ssr")]
use {super::answer, crate::backend::backend, domain::Draft};

/// Publishes a notification. `tags` is a comma list; empty fields are as good as absent.
#[server(name = Publish, prefix = "/api/ui", endpoint = "publish")]
pub async fn publish(
    channel: String,
    #[server(default)] title: Option<String>,
    #[server(default)] message: Option<String>,
    #[server(default)] priority: Option<i64>,
    #[server(default)] tags: Option<String>,
) -> Result<(), ApiError> {
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let list = |text: String| {
        text.split(',')
            .map(|tag| tag.trim().to_owned())
            .filter(|tag| !tag.is_empty())
            .collect()
    };
    let (title, message, tags) = (filled(title), filled(message), tags.map(list));
    let draft = Draft {
        channel: Some(channel),
        title,
        message,
        priority,
        tags,
        ..Draft::default()
    };
    answer(async { backend()?.publish(draft).await.map(drop) }.await)
}

/// One page of a list: the notifications before `before`, or the newest.
#[server(name = List, prefix = "/api/ui", endpoint = "list")]
pub async fn list(
    state: ListState,
    #[server(default)] before: Option<Seq>,
) -> Result<Snapshot, ApiError> {
    answer(async { backend()?.list(state, before).await }.await)
}
