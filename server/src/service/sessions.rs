//! The sessions of browsers, kept for tower-sessions.

use super::Services;
use crate::live::writer::Operation;
use crate::store::sessions::{self, SessionRow};
use crate::store::{SecretHash, StoreError, Tx};
use async_trait::async_trait;
use domain::Timestamp;
use time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result, SessionStore};

/// A [`SessionStore`] on the gate (reads) and the writer (writes). Three rules the usual stores lack: ids are kept as
/// hashes only, saving never adds a session, and a deletion wins over whatever is on its way.
#[derive(Debug, Clone)]
pub(crate) struct Sessions(pub(crate) Services);

/// The key under which a session with this id is kept.
pub(crate) fn key(id: &Id) -> SecretHash {
    SecretHash::of(id.to_string())
}

fn row(record: &Record) -> Result<SessionRow> {
    let data =
        serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
    let millis = record.expiry_date.unix_timestamp_nanos() / 1_000_000;
    let expires_at = Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX));
    Ok(SessionRow {
        key: key(&record.id),
        data,
        expires_at,
    })
}

fn backend(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let row = row(record)?;
            if self
                .0
                .writer
                .write(Insert(row.clone()))
                .await
                .map_err(backend)?
            {
                self.0.live.gate.insert_session(row);
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let row = row(record)?;
        if self
            .0
            .writer
            .write(Update(row.clone()))
            .await
            .map_err(backend)?
        {
            self.0.live.gate.update_session(row);
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(row) = self.0.live.gate.session(&key(id), self.0.clock.now()) else {
            return Ok(None);
        };
        let data =
            serde_json::from_str(&row.data).map_err(|error| Error::Decode(error.to_string()))?;
        let nanos = i128::from(row.expires_at.millis()) * 1_000_000;
        let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(nanos)
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let key = key(id);
        self.0.live.gate.remove_session(&key);
        self.0.writer.write(Delete(key)).await.map_err(backend)
    }
}

struct Insert(SessionRow);

#[async_trait]
impl Operation for Insert {
    type Output = bool;
    async fn apply(&self, tx: &mut Tx<'_>) -> std::result::Result<bool, StoreError> {
        sessions::insert(tx, &self.0).await
    }
}

struct Update(SessionRow);

#[async_trait]
impl Operation for Update {
    type Output = bool;
    async fn apply(&self, tx: &mut Tx<'_>) -> std::result::Result<bool, StoreError> {
        sessions::update(tx, &self.0).await
    }
}

struct Delete(SecretHash);

#[async_trait]
impl Operation for Delete {
    type Output = ();
    async fn apply(&self, tx: &mut Tx<'_>) -> std::result::Result<(), StoreError> {
        sessions::delete(tx, &self.0).await
    }
}
