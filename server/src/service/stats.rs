//! Figures about what an account may see, and about the server's work.

use super::{ServiceError, Services};
use crate::live::gate::Actor;
use crate::service::inbox::may_read;
use crate::store::{StoreError, stats};
use domain::{ChannelName, Seq, Timestamp};

/// Hours that are counted.
const HOURS: usize = 7 * 24;

const HOUR: i64 = 3600 * 1000;

/// Figures of the last seven days.
#[derive(Debug, Clone)]
pub(crate) struct Stats {
    /// Open streams, on this node.
    pub(crate) streams: usize,
    /// The newest event.
    pub(crate) head: Seq,
    pub(crate) unread: u64,
    /// When the first of [`hours`](Self::hours) began.
    pub(crate) since: Timestamp,
    /// Notifications by the hour of their newest change, oldest first, the last one under way.
    pub(crate) hours: Vec<u64>,
    /// Channels with something in these days, by name: how many, and when the newest was.
    pub(crate) channels: Vec<(ChannelName, u64, Timestamp)>,
}

impl Services {
    /// Figures about what `actor` may see.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`] when the token may not read.
    pub(crate) async fn stats(&self, actor: &Actor) -> Result<Stats, ServiceError> {
        may_read(actor)?;
        let hours = i64::try_from(HOURS).unwrap_or(i64::MAX);
        let now = self.clock.now().millis();
        let since = Timestamp::from_millis((now / HOUR + 1 - hours) * HOUR);
        let directory = self.directory();
        let readable = directory.readable(&actor.reader);
        let account = actor.reader.account;
        let unread = self.unread(actor).await?.count;
        let mut connection = self
            .live
            .store
            .readers()
            .acquire()
            .await
            .map_err(StoreError::from)?;
        let counts = stats::by_channel(&mut connection, account, &readable, since).await?;
        let mut by_hour = vec![0; HOURS];
        for (hour, count) in stats::by_hour(&mut connection, account, &readable, since).await? {
            // A clock that was set back leaves hours that are yet to come.
            if let Some(sum) = by_hour.get_mut(hour) {
                *sum = count;
            }
        }
        let named = |count: stats::ChannelCount| {
            let name = directory.channel_name(count.channel)?.clone();
            Some((name, count.count, count.newest))
        };
        let mut channels: Vec<_> = counts.into_iter().filter_map(named).collect();
        channels.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(Stats {
            streams: self.live.hub.streams(),
            head: self.live.head(),
            unread,
            since,
            hours: by_hour,
            channels,
        })
    }
}
