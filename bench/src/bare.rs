//! The least that durable storage costs: one thread that writes what waits in one transaction, straight to SQLite, with
//! the rows that Belfry writes. No HTTP, no token, nobody to wake.

use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

use anyhow::{Context, Result};
use rusqlite::{Connection, params};
use tempfile::TempDir;

use crate::load::{Load, Posted};

/// Its name in the table.
pub(crate) const NAME: &str = "bare SQLite writer";

/// Belfry's own tables, so that the rows cost the same.
const SCHEMA: &str = include_str!("../../migrations/sqlite/0001_log.sql");

/// Most messages of one transaction, as in Belfry.
const GROUP: usize = 64;

/// A message: whoever posted it waits here for the commit.
type Message = SyncSender<()>;

/// Runs `load` against a writer with an empty database.
pub(crate) fn post(load: Load) -> Result<Posted> {
    let folder = tempfile::tempdir()?;
    let connection = open(&folder)?;
    let (queue, messages) = channel::<Message>();
    thread::scope(|scope| {
        let writer = scope.spawn(move || write(connection, &messages));
        let posted = load.run(|| {
            let (queue, (committed, answer)) = (queue.clone(), sync_channel(1));
            Ok(move || {
                queue.send(committed.clone())?;
                Ok(answer.recv()?)
            })
        });
        drop(queue);
        crate::load::joined(writer).and(posted)
    })
}

fn open(folder: &TempDir) -> Result<Connection> {
    let connection = Connection::open(folder.path().join("bare.db"))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.execute_batch(SCHEMA)?;
    connection.execute_batch(
        "INSERT INTO channel (id, name, private, created_at) VALUES (1, 'bench', 0, 0)",
    )?;
    Ok(connection)
}

/// Commits what waits until all publishers are gone.
fn write(mut connection: Connection, messages: &Receiver<Message>) -> Result<()> {
    let mut seq = 0;
    while let Ok(first) = messages.recv() {
        let group: Vec<_> = std::iter::once(first)
            .chain(messages.try_iter())
            .take(GROUP)
            .collect();
        let transaction = connection.transaction()?;
        {
            let mut notification = transaction.prepare_cached(
                "INSERT INTO notification (id, seq, channel_id, key, priority, restricted, created_at, doc)
                 VALUES (?1, ?2, 1, NULL, 3, 0, ?3, ?4)",
            )?;
            let mut event = transaction.prepare_cached(
                "INSERT INTO event (seq, at, kind, channel_id, notification_id, priority, audience, payload)
                 VALUES (?1, ?2, 1, 1, ?3, 3, NULL, ?4)",
            )?;
            for _ in &group {
                seq += 1;
                let (id, doc) = row(seq);
                notification.execute(params![id, seq, AT, doc])?;
                event.execute(params![seq, AT, id, doc])?;
            }
        }
        transaction.commit()?;
        for publisher in group {
            // It waits: it cannot be gone.
            publisher.send(()).context("a publisher is gone")?;
        }
    }
    Ok(())
}

/// Some time, in milliseconds.
const AT: i64 = 1_700_000_000_000;

/// An id as random as Belfry's (the index pays for it), and a notification as Belfry stores it.
fn row(seq: i64) -> (String, String) {
    // By the golden ratio: numbers that follow each other are far apart, in the first 48 bits too.
    let scattered = (seq as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let id = format!("{scattered:016x}")[..12].to_owned();
    let doc = format!(
        "{{\"id\":\"{id}\",\"seq\":{seq},\"channel\":\"bench\",\"title\":\"@@{seq:016x}\",\"message\":null,\"priority\":3,\
         \"tags\":[],\"click\":null,\"icon\":null,\"markdown\":false,\"actions\":[],\"key\":null,\"progress\":null,\
         \"state\":null,\"log\":[],\"to\":null,\"author\":\"bench\",\"created_at\":\"2026-11-20T10:00:00.123Z\",\
         \"updated_at\":\"2026-11-20T10:00:00.123Z\",\"expires_at\":null}}"
    );
    (id, doc)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn every_message_is_a_notification_and_an_event() {
        let folder = tempfile::tempdir().unwrap();
        let (queue, messages) = channel::<Message>();
        let (committed, answers) = sync_channel(200);
        for _ in 0..200 {
            queue.send(committed.clone()).unwrap();
        }
        drop(queue);
        write(open(&folder).unwrap(), &messages).unwrap();
        assert_eq!(answers.try_iter().count(), 200);
        let reader = Connection::open(folder.path().join("bare.db")).unwrap();
        let both = "SELECT count(*) FROM notification JOIN event ON event.notification_id = notification.id";
        let count: i64 = reader.query_row(both, [], |row| row.get(0)).unwrap();
        assert_eq!(count, 200);
    }

    #[test]
    fn it_commits_for_publishers() {
        let load = Load {
            publishers: 3,
            most: 30,
            within: Duration::MAX,
        };
        assert_eq!(post(load).unwrap().count, 30);
    }
}
