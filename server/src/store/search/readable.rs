//! The channels that a list is made from.

use crate::store::{ChannelId, Directory, Reader};
use domain::ChannelName;
use domain::search::Filter;
use std::collections::HashSet;

/// Facets of channels that a search may name. Beyond it, reading notifications in vain costs less.
const MOST: usize = 64;

/// In the tallies: all channels.
const SUM: ChannelId = ChannelId(0);

/// The channels that somebody may read and asked for.
#[derive(Debug, Clone)]
pub(crate) struct Readable {
    pub(crate) ids: Vec<ChannelId>,
    others: Vec<ChannelId>,
    narrowing: Narrowing,
}

/// How the index is told of them, so that it does not answer with what must be passed over. It may leave too much: each
/// row is checked.
#[derive(Debug, Clone)]
enum Narrowing {
    None,
    Only(Vec<String>),
    Without(Vec<String>),
}

impl Directory {
    /// The channels of `wanted` that `reader` may read.
    pub(crate) fn view(&self, reader: &Reader, wanted: impl Fn(&ChannelName) -> bool) -> Readable {
        let readable = self.readable(reader);
        let (inside, outside): (Vec<_>, Vec<_>) =
            self.channels().into_iter().partition(|channel| {
                wanted(&channel.name) && readable.binary_search(&channel.id).is_ok()
            });
        let facet = |channel: &&crate::store::ChannelEntry| {
            Filter::channel(&channel.name).facets().unwrap_or_default()
        };
        let only: Vec<String> = inside.iter().flat_map(facet).collect();
        // Names that differ only in case have one facet: what is readable must not go with what is not.
        let kept: HashSet<&String> = only.iter().collect();
        let mut without: Vec<String> = outside.iter().flat_map(facet).collect();
        without.retain(|facet| !kept.contains(facet));
        let narrowing = match (only.len(), without.len()) {
            (_, 0) => Narrowing::None,
            (inside, outside) if inside <= outside && inside <= MOST => Narrowing::Only(only),
            (_, outside) if outside <= MOST => Narrowing::Without(without),
            _ => Narrowing::None,
        };
        Readable {
            ids: inside.iter().map(|channel| channel.id).collect(),
            others: outside.iter().map(|channel| channel.id).collect(),
            narrowing,
        }
    }
}

impl Readable {
    /// The channels as facets: of which one must be there, and of which none may be.
    pub(super) fn facets(&self) -> (&[String], &[String]) {
        match &self.narrowing {
            Narrowing::None => (&[], &[]),
            Narrowing::Only(facets) => (facets, &[]),
            Narrowing::Without(facets) => (&[], facets),
        }
    }

    /// Which rows of the tallies make their sum, as a JSON list of channels, and whether channel 0 counts for them and all
    /// others against them.
    pub(super) fn tallied(&self) -> (String, bool) {
        if self.others.len() < self.ids.len() {
            let all = std::iter::once(&SUM).chain(&self.others);
            (json_list(all), true)
        } else {
            (self.json(), false)
        }
    }

    /// The channels as a JSON list of their ids.
    pub(in crate::store) fn json(&self) -> String {
        json_list(&self.ids)
    }
}

fn json_list<'i>(ids: impl IntoIterator<Item = &'i ChannelId>) -> String {
    let ids = ids.into_iter().map(|id| id.0.to_string());
    format!("[{}]", ids.collect::<Vec<_>>().join(","))
}
