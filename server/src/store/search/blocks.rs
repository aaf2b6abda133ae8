//! Where to look: the blocks of the log in which a list may have something (migration 0003 says what is tallied). A
//! reader who archived a million notifications and left ten is not made to wait for the million.

use super::Readable;
use crate::store::{AccountId, StoreError};
use domain::search::ReceiptState;
use domain::{Seq, Timestamp};
use sqlx::{QueryBuilder, SqliteConnection};
use std::ops::RangeInclusive;

/// Places of a block, as a power of two.
const BITS: u32 = 10;

/// Blocks that are looked at together at first, and how many times more the next time.
const FIRST: Seq = 64;
const GROWTH: Seq = 16;

/// What all notifications of a list have in common, as far as it is tallied.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Traits {
    /// What their reader did with them.
    pub(super) state: Option<ReceiptState>,
    /// Their newest change was then or later.
    pub(super) after: Option<Timestamp>,
    /// Their newest change was earlier.
    pub(super) before: Option<Timestamp>,
}

/// A walk from new to old, over the parts of the log that may have something.
#[derive(Debug)]
pub(in crate::store) struct Walk {
    account: AccountId,
    channels: (String, bool),
    /// What must be more than nothing in a block, with the rest of what is tallied; `None` when every block may have
    /// something.
    wanted: Option<(&'static str, Traits)>,
    /// The newest place that was not looked at; `None` at the end.
    next: Option<Seq>,
    window: Seq,
    /// Found and not handed out yet, the newest last.
    found: Vec<RangeInclusive<Seq>>,
}

impl Walk {
    /// A walk over the places up to `newest`.
    pub(super) fn new(
        account: AccountId,
        readable: &Readable,
        traits: Traits,
        newest: Seq,
    ) -> Self {
        let timed = traits.after.is_some() || traits.before.is_some();
        let wanted = match traits.state {
            Some(ReceiptState::Inbox) => Some("sum(shown) - sum(archived) - sum(snoozed)"),
            Some(ReceiptState::Unread) => Some(UNREAD),
            Some(ReceiptState::Archived) => Some("sum(archived)"),
            Some(ReceiptState::Snoozed) => Some("sum(snoozed)"),
            Some(ReceiptState::Read | ReceiptState::Seen | ReceiptState::Bin) | None => {
                timed.then_some("sum(shown)")
            }
        };
        Self {
            account,
            channels: readable.tallied(),
            wanted: wanted.map(|count| (count, traits)),
            next: Some(newest),
            window: FIRST,
            found: Vec::new(),
        }
    }

    /// The places to look at next, all older than those before.
    pub(in crate::store) async fn next(
        &mut self,
        connection: &mut SqliteConnection,
    ) -> Result<Option<RangeInclusive<Seq>>, StoreError> {
        let Some((count, traits)) = self.wanted else {
            return Ok(self.next.take().map(|newest| 0..=newest));
        };
        loop {
            if let Some(range) = self.found.pop() {
                return Ok(Some(range));
            }
            let Some(newest) = self.next else {
                return Ok(None);
            };
            // Beyond the newest notification there is nothing: the log may go on for long with other events.
            let Some(newest) = last_place(connection, newest).await? else {
                self.next = None;
                continue;
            };
            let last = newest >> BITS;
            let first = (last + 1).saturating_sub(self.window);
            let blocks = self.look(connection, count, traits, first..=last).await?;
            self.found = joined(&blocks, newest);
            self.next = (first << BITS).checked_sub(1);
            self.window *= GROWTH;
        }
    }

    /// The blocks of `range` that may have something, ascending.
    async fn look(
        &self,
        connection: &mut SqliteConnection,
        count: &'static str,
        traits: Traits,
        range: RangeInclusive<Seq>,
    ) -> Result<Vec<Seq>, StoreError> {
        let (first, last) = (range.start().cast_signed(), range.end().cast_signed());
        let (channels, less) = &self.channels;
        let mut sql = QueryBuilder::new("WITH part AS MATERIALIZED (SELECT value AS channel_id, ");
        sql.push(sign(*less))
            .push(" AS sign FROM json_each(")
            .push_bind(channels);
        sql.push(")) SELECT block FROM (SELECT block, sign * shown AS shown, 0 AS archived, 0 AS snoozed, 0 AS read, newest >= ")
            .push_bind(traits.after.map_or(i64::MIN, Timestamp::millis));
        sql.push(" AND oldest < ")
            .push_bind(traits.before.map_or(i64::MAX, Timestamp::millis));
        sql.push(" AND sign > 0 AS timely FROM part CROSS JOIN tally USING (channel_id) WHERE block BETWEEN ")
            .push_bind(first);
        sql.push(" AND ").push_bind(last);
        sql.push(
            " UNION ALL SELECT block, sign * own, sign * archived, sign * snoozed, sign * read, own > 0 AND sign > 0 \
             FROM part CROSS JOIN account_tally USING (channel_id) WHERE account_id = ",
        );
        sql.push_bind(self.account.0)
            .push(" AND block BETWEEN ")
            .push_bind(first);
        sql.push(" AND ").push_bind(last);
        sql.push(") GROUP BY block HAVING max(timely) AND ")
            .push(count);
        sql.push(" > 0 ORDER BY block");
        let blocks: Vec<i64> = sql.build_query_scalar().fetch_all(connection).await?;
        Ok(blocks.into_iter().map(i64::cast_unsigned).collect())
    }
}

const UNREAD: &str = "sum(shown) - sum(archived) - sum(snoozed) - sum(read)";

/// How a row counts: see [`Readable::tallied`].
fn sign(less: bool) -> &'static str {
    if less { "iif(value = 0, 1, -1)" } else { "1" }
}

/// Blocks that lie side by side as one range each.
fn joined(blocks: &[Seq], newest: Seq) -> Vec<RangeInclusive<Seq>> {
    let side_by_side = blocks.chunk_by(|a, b| a + 1 == *b);
    let range = |run: &[Seq]| {
        let (first, last) = (run.first()?, run.last()?);
        Some(first << BITS..=(((last + 1) << BITS) - 1).min(newest))
    };
    side_by_side.filter_map(range).collect()
}

/// The place of the newest notification that is not beyond `newest`.
async fn last_place(
    connection: &mut SqliteConnection,
    newest: Seq,
) -> Result<Option<Seq>, StoreError> {
    let place: Option<i64> =
        sqlx::query_scalar("SELECT max(seq) FROM notification WHERE seq <= ?1")
            .bind(newest.cast_signed())
            .fetch_one(connection)
            .await?;
    Ok(place.map(i64::cast_unsigned))
}

/// How many notifications are unread in the inbox.
pub(in crate::store) async fn unread(
    connection: &mut SqliteConnection,
    account: AccountId,
    readable: &Readable,
) -> Result<u64, StoreError> {
    let (channels, less) = readable.tallied();
    let mut sql = QueryBuilder::new("WITH part AS MATERIALIZED (SELECT value AS channel_id, ");
    sql.push(sign(less))
        .push(" AS sign FROM json_each(")
        .push_bind(channels);
    sql.push(
        ")) SELECT (SELECT ifnull(sum(sign * shown), 0) FROM part CROSS JOIN tally USING (channel_id)) \
         + (SELECT ifnull(sum(sign * (own - archived - snoozed - read)), 0) \
            FROM part CROSS JOIN account_tally USING (channel_id) WHERE account_id = ",
    );
    sql.push_bind(account.0).push(")");
    let count: i64 = sql.build_query_scalar().fetch_one(connection).await?;
    Ok(count.max(0).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn blocks_side_by_side_are_one_range() {
        assert_eq!(joined(&[], 9), []);
        assert_eq!(joined(&[0, 1, 3], 4000), [0..=2047, 3072..=4000]);
    }
}
