//! Who may pass, now. Streams ask it for every event, so everything it needs is in memory.

use crate::store::sessions::{self, SessionRow};
use crate::store::{Access, AccountId, ChannelId, Directory, Reader, SecretHash, StoreError};
use arc_swap::{ArcSwap, Guard};
use domain::{Scope, Scopes, Timestamp};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;

/// The credential that somebody showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Credential {
    /// A browser's cookie.
    Session(SecretHash),
    /// An access token.
    Token(SecretHash),
    /// A name and a password, sent with every request.
    Password(SignedIn),
}

/// Somebody whose credential was good when it was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Actor {
    pub(crate) reader: Reader,
    pub(crate) credential: Credential,
    pub(crate) scopes: Scopes,
}

impl Actor {
    /// Whether the credential carries `scope`.
    pub(crate) fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(scope)
    }
}

/// What a session holds: whose it is, and the version of the password under which it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct SignedIn {
    pub(crate) account: AccountId,
    pub(crate) version: i64,
}

/// The key of [`SignedIn`] in a session's data.
pub(crate) const SIGNED_IN: &str = "signed_in";

#[derive(Debug, Clone)]
struct Session {
    row: SessionRow,
    signed_in: Option<SignedIn>,
}

/// The directory and the sessions as they are now.
#[derive(Debug)]
pub(crate) struct Gate {
    directory: ArcSwap<Directory>,
    sessions: RwLock<HashMap<SecretHash, Session>>,
    /// Rises with every change, so that a stream which saw this one need not look again.
    generation: AtomicU64,
    changed: watch::Sender<()>,
}

/// What somebody could do when a stream of theirs began, and until when that need not be looked at again.
#[derive(Debug)]
pub(crate) struct Standing {
    granted: Vec<(ChannelId, Access)>,
    generation: u64,
    /// When the credential ends by itself.
    until: Option<Timestamp>,
}

impl Gate {
    /// Reads both from the database.
    pub(crate) async fn open(
        connection: &mut SqliteConnection,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let gate = Self {
            directory: ArcSwap::from_pointee(Directory::default()),
            sessions: RwLock::default(),
            generation: AtomicU64::new(1),
            changed: watch::Sender::new(()),
        };
        gate.reload(connection, now).await?;
        Ok(gate)
    }

    /// Reads both anew, after another process wrote.
    pub(crate) async fn reload(
        &self,
        connection: &mut SqliteConnection,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let rows = sessions::all(&mut *connection, now).await?;
        *self.sessions.write() = rows
            .into_iter()
            .map(|row| (row.key, Session::new(row)))
            .collect();
        self.reload_directory(connection).await
    }

    /// Reads the directory anew and has every stream ask again whether it may go on.
    pub(crate) async fn reload_directory(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<(), StoreError> {
        let directory = Arc::new(Directory::load(connection).await?);
        let before = self.directory.swap(Arc::clone(&directory));
        directory.remember_uses(&before);
        self.note_change();
        Ok(())
    }

    /// After the change: who sees the new generation sees the change.
    fn note_change(&self) {
        self.generation.fetch_add(1, Ordering::Release);
        self.changed.send_replace(());
    }

    /// The directory as it is now.
    pub(crate) fn directory(&self) -> Arc<Directory> {
        self.directory.load_full()
    }

    /// The directory as it is now, for a moment: it costs no count that all streams would share.
    pub(crate) fn glance(&self) -> Guard<Arc<Directory>> {
        self.directory.load()
    }

    /// Changes whenever somebody may have lost a right.
    pub(crate) fn changed(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Whose session this is, while it lasts.
    pub(crate) fn session_actor(&self, key: SecretHash, now: Timestamp) -> Option<Actor> {
        let signed_in = self
            .sessions
            .read()
            .get(&key)
            .filter(|session| now < session.row.expires_at)?
            .signed_in?;
        self.account_actor(signed_in, Credential::Session(key))
    }

    /// Whose password was checked, while it is the same.
    pub(crate) fn password_actor(&self, signed_in: SignedIn) -> Option<Actor> {
        self.account_actor(signed_in, Credential::Password(signed_in))
    }

    fn account_actor(&self, signed_in: SignedIn, credential: Credential) -> Option<Actor> {
        let directory = self.directory.load();
        let account = directory.account(signed_in.account)?;
        let current = account.credential_version == signed_in.version;
        let reader = Reader {
            account: account.id,
            channels: None,
        };
        current.then_some(Actor {
            reader,
            credential,
            scopes: Scopes::ALL,
        })
    }

    /// Whose token this is, as it was sent, while it lasts.
    pub(crate) fn bearer(&self, token: &str, now: Timestamp) -> Option<Actor> {
        self.token_actor(SecretHash::of(token), now)
    }

    /// Whose token this is, while it lasts.
    fn token_actor(&self, hash: SecretHash, now: Timestamp) -> Option<Actor> {
        let directory = self.directory.load();
        let token = directory.token(&hash, now)?;
        token.note_use(now);
        let reader = Reader {
            account: token.account,
            channels: token.channels.clone(),
        };
        Some(Actor {
            reader,
            credential: Credential::Token(hash),
            scopes: token.scopes,
        })
    }

    /// What `actor` can do now. It is looked at once more before anything is sent: the credential may have ended since it
    /// was shown.
    pub(crate) fn standing(&self, actor: &Actor) -> Standing {
        Standing {
            granted: self.directory.load().granted(&actor.reader),
            generation: 0,
            until: None,
        }
    }

    /// Whether the credential is as good as it was, and the account's grants are the same. Looks only when something
    /// changed or the credential ended by itself.
    pub(crate) fn stands(&self, standing: &mut Standing, actor: &Actor, now: Timestamp) -> bool {
        // Before the rest: a change in between is looked at the next time.
        let generation = self.generation.load(Ordering::Acquire);
        if standing.generation == generation && standing.until.is_none_or(|until| now < until) {
            return true;
        }
        standing.generation = generation;
        standing.until = self.ends_at(actor);
        self.still(actor, now) && standing.granted == self.directory.load().granted(&actor.reader)
    }

    /// When the credential ends by itself.
    fn ends_at(&self, actor: &Actor) -> Option<Timestamp> {
        match actor.credential {
            Credential::Session(key) => {
                let sessions = self.sessions.read();
                sessions.get(&key).map(|session| session.row.expires_at)
            }
            Credential::Token(hash) => self.directory.load().token_ends_at(&hash),
            Credential::Password(_) => None,
        }
    }

    /// Whether the credential is still good for what it was.
    fn still(&self, actor: &Actor, now: Timestamp) -> bool {
        let current = match actor.credential {
            Credential::Session(key) => self.session_actor(key, now),
            Credential::Token(hash) => self.token_actor(hash, now),
            Credential::Password(signed_in) => self.password_actor(signed_in),
        };
        current.is_some_and(|current| current == *actor)
    }

    /// The session as it is kept, while it lasts.
    pub(crate) fn session(&self, key: &SecretHash, now: Timestamp) -> Option<SessionRow> {
        self.sessions
            .read()
            .get(key)
            .map(|session| session.row.clone())
            .filter(|row| now < row.expires_at)
    }

    /// Remembers a new session.
    pub(crate) fn insert_session(&self, row: SessionRow) {
        self.sessions.write().insert(row.key, Session::new(row));
    }

    /// Remembers a changed session, unless it has ended meanwhile.
    pub(crate) fn update_session(&self, row: SessionRow) {
        if let Some(session) = self.sessions.write().get_mut(&row.key) {
            *session = Session::new(row);
        }
    }

    /// Ends a session and its streams.
    pub(crate) fn remove_session(&self, key: &SecretHash) {
        if self.sessions.write().remove(key).is_some() {
            self.note_change();
        }
    }

    /// Forgets sessions that have expired.
    pub(crate) fn expire_sessions(&self, now: Timestamp) {
        self.sessions
            .write()
            .retain(|_, session| now < session.row.expires_at);
        self.note_change();
    }
}

impl Session {
    fn new(row: SessionRow) -> Self {
        let data: HashMap<String, serde_json::Value> =
            serde_json::from_str(&row.data).unwrap_or_default();
        let signed_in = data
            .get(SIGNED_IN)
            .and_then(|value| SignedIn::deserialize(value).ok());
        Self { row, signed_in }
    }
}
