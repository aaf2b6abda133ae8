//! What a signed-in page is rendered from, on the server and again in the browser: the document carries it as JSON.

use crate::{error::ApiError, place::Place};
use domain::{ChannelSummary, Seq, Snapshot, Timestamp, Viewer};
use serde::{Deserialize, Serialize};

/// The `id` of the element that carries the data.
pub(crate) const ELEMENT: &str = "page-data";

/// Everything a signed-in page shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PageData {
    /// Who looks.
    pub(crate) viewer: Viewer,
    /// The server's clock when the page was made.
    pub(crate) now: Timestamp,
    /// Which list.
    pub(crate) place: Place,
    /// The list, its cursor and the number of unread notifications.
    pub(crate) snapshot: Snapshot,
    /// The channels that the viewer may read.
    pub(crate) channels: Vec<ChannelSummary>,
    /// Why the form that led here (without scripts) was refused.
    pub(crate) refusal: Option<ApiError>,
    /// Where the list begins when it does not begin with the newest.
    pub(crate) before: Option<Seq>,
}

impl PageData {
    /// Where the composer posts unless told otherwise: the channel that the viewer posted to last, or the first one.
    pub(crate) fn default_channel(&self) -> String {
        let own = self
            .snapshot
            .items
            .iter()
            .find(|item| item.notification.author == self.viewer.name);
        let used = own.map(|item| item.notification.channel.to_string());
        let first = || {
            self.channels
                .iter()
                .find(|channel| channel.writable)
                .map(|channel| channel.name.to_string())
        };
        used.or_else(first).unwrap_or_default()
    }
}

#[cfg(feature = "ssr")]
impl PageData {
    /// Asks the server for everything that `place` shows.
    ///
    /// # Errors
    /// The first answer that is none.
    pub(crate) async fn load(place: Place) -> Result<Self, ApiError> {
        let backend = crate::backend::backend()?;
        let (viewer, now) = (backend.viewer()?, backend.now());
        let before = before();
        let snapshot = backend.list(place.list(), before).await?;
        let channels = backend.channels().await?;
        let refusal = crate::api::refusal();
        Ok(Self {
            viewer,
            now,
            place,
            snapshot,
            channels,
            refusal,
            before,
        })
    }

    /// The data as JSON that cannot end the element it stands in.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self)
            .unwrap_or_default()
            .replace('<', "\\u003c")
    }
}

/// The page of the list that the address asks for: the way to older ones without scripts.
#[cfg(feature = "ssr")]
fn before() -> Option<Seq> {
    let url = leptos::prelude::use_context::<leptos_router::location::RequestUrl>()?
        .parse()
        .ok()?;
    url.search_params().get_str("before")?.parse().ok()
}

#[cfg(not(feature = "ssr"))]
impl PageData {
    /// The data of the document that was loaded.
    pub(crate) fn embedded() -> Option<Self> {
        let element = leptos::prelude::document().get_element_by_id(ELEMENT)?;
        serde_json::from_slice(element.text_content()?.as_bytes()).ok()
    }
}
