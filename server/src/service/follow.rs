//! Following channels in other words than ours: where to begin, and what an event tells.

use super::{ServiceError, Services, inbox as reading};
use crate::live::frame::Frame;
use crate::live::gate::Actor;
use crate::store::inbox::{self, ListQuery};
use crate::store::{StoreError, log, notifications};
use domain::search::Query;
use domain::{
    Change, ChannelName, FeedEvent, ListState, Notification, NotificationId, Resume, Seq,
    Timestamp, Update,
};

/// Since when somebody wants to know what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Since {
    /// From now on.
    Now,
    /// Everything that is kept.
    Always,
    /// From a time on.
    Time(Timestamp),
    /// After a place in the log.
    Place(Seq),
    /// After a notification was shown.
    Notification(NotificationId),
}

/// An event with what it takes to tell it without the log.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) seq: Seq,
    pub(crate) at: Timestamp,
    pub(crate) channel: ChannelName,
    pub(crate) event: FeedEvent,
    /// The key of the card that it is about.
    pub(crate) key: Option<String>,
}

impl Services {
    /// Whether `actor` may follow all of `channels`. Those that do not exist yet are nobody's secret.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub(crate) fn may_follow(
        &self,
        actor: &Actor,
        channels: &[ChannelName],
    ) -> Result<(), ServiceError> {
        reading::may_read(actor)?;
        let directory = self.directory();
        let bound = actor.reader.channels.as_ref();
        let readable = |name: &ChannelName| {
            let channel = directory.channel_named(name);
            bound.is_none_or(|names| names.contains(name))
                && channel.is_none_or(|one| directory.access(&actor.reader, one.id).read)
        };
        if channels.iter().all(readable) {
            Ok(())
        } else {
            Err(ServiceError::Forbidden("you may not read this channel"))
        }
    }

    /// Where in the log `since` is. What is not known, or not kept any more, is everything that is kept.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) async fn place(&self, since: Since) -> Result<Resume, ServiceError> {
        let mut connection = self
            .live
            .store
            .readers()
            .acquire()
            .await
            .map_err(StoreError::from)?;
        let seq = match since {
            Since::Now => return Ok(Resume::Head),
            Since::Always => return Ok(Resume::Earliest),
            Since::Place(seq) => Some(seq),
            Since::Time(time) => Some(log::newest_before(&mut connection, time).await?),
            Since::Notification(id) => log::created(&mut connection, &id).await?,
        };
        let kept = seq.filter(|seq| *seq > self.live.pruned_to());
        Ok(kept.map_or(Resume::Earliest, |seq| Resume::After(self.live.id(seq))))
    }

    /// The newest notification of each channel that `actor` may see, as of the place `upto` of the log, oldest first.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub(crate) async fn newest_of_each(
        &self,
        actor: &Actor,
        channels: &[ChannelName],
        upto: Seq,
    ) -> Result<Vec<Notification>, ServiceError> {
        reading::may_read(actor)?;
        let directory = self.directory();
        let mut newest = Vec::new();
        for channel in channels {
            let query = ListQuery {
                account: actor.reader.account,
                readable: directory.view(&actor.reader, |name| name == channel),
                state: Some(ListState::All),
                query: Query::default(),
                before: Some(upto + 1),
                limit: 1,
            };
            let items = inbox::list(self.live.store.readers(), &query).await?;
            newest.extend(items.into_iter().map(|item| item.notification));
        }
        newest.sort_by_key(|notification| notification.seq);
        Ok(newest)
    }

    /// What a frame tells. `None` for what cannot be read, or is of a channel that is gone.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) async fn tell(&self, frame: &Frame) -> Result<Option<Told>, ServiceError> {
        let directory = self.directory();
        let channel = directory.channel_name(frame.event.channel);
        let (Some(event), Some(channel)) = (frame.told(), channel.cloned()) else {
            return Ok(None);
        };
        let key = match &event {
            FeedEvent::Created(created) => created.notification.key.clone(),
            FeedEvent::Update(Update {
                change: Change::Updated { notification },
                ..
            }) => notification.key.clone(),
            FeedEvent::Update(_)
            | FeedEvent::Connected(_)
            | FeedEvent::Reset(_)
            | FeedEvent::Heartbeat(_) => self.key(&frame.event.notification).await?,
        };
        Ok(Some(Told {
            seq: frame.seq,
            at: frame.at,
            channel,
            event,
            key,
        }))
    }

    async fn key(&self, id: &NotificationId) -> Result<Option<String>, ServiceError> {
        let mut connection = self
            .live
            .store
            .readers()
            .acquire()
            .await
            .map_err(StoreError::from)?;
        let stored = notifications::get(&mut connection, id).await?;
        Ok(stored.and_then(|stored| stored.notification.key))
    }
}
