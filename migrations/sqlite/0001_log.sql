-- The log, what it is about, and who may read it. Times are milliseconds since 1970.

-- `epoch` names this log; `pruned_to` is the last event that is no longer kept; `setup_code` is the hash of the code
-- that makes the first account.
CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    name               TEXT    NOT NULL COLLATE NOCASE UNIQUE,
    password_hash      TEXT    NOT NULL,
    admin              INTEGER NOT NULL CHECK (admin IN (0, 1)),
    -- Rises with every change of the password: a session made under an older one is over.
    credential_version INTEGER NOT NULL DEFAULT 1,
    created_at         INTEGER NOT NULL,
    disabled_at        INTEGER
) STRICT;

-- `key` is the SHA-256 of the id in the cookie: a stolen copy of the database signs nobody in.
CREATE TABLE session (
    key        BLOB    NOT NULL PRIMARY KEY,
    data       TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_expiry ON session (expires_at);

-- `hash` is the SHA-256 of the token, `hint` its last four characters. `channels` is a JSON list of names, or NULL for
-- all that the account may use.
CREATE TABLE token (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id   INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    label        TEXT    NOT NULL,
    hash         BLOB    NOT NULL UNIQUE,
    hint         TEXT    NOT NULL,
    scopes       TEXT    NOT NULL,
    channels     TEXT,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER
) STRICT;

CREATE TABLE channel (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL UNIQUE,
    title      TEXT,
    private    INTEGER NOT NULL CHECK (private IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE channel_grant (
    channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    can_read   INTEGER NOT NULL CHECK (can_read IN (0, 1)),
    can_write  INTEGER NOT NULL CHECK (can_write IN (0, 1)),
    PRIMARY KEY (channel_id, account_id)
) STRICT, WITHOUT ROWID;

-- The state of every notification. `doc` is the notification as everybody gets it (JSON); the columns beside it are
-- what lists are made by. `seq` is the place of its newest change in the log.
CREATE TABLE notification (
    id         TEXT    NOT NULL PRIMARY KEY,
    seq        INTEGER NOT NULL UNIQUE,
    channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
    key        TEXT,
    priority   INTEGER NOT NULL,
    restricted INTEGER NOT NULL CHECK (restricted IN (0, 1)),
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    deliver_at INTEGER,
    expires_at INTEGER,
    doc        TEXT    NOT NULL
) STRICT;
-- One living card for each key.
CREATE UNIQUE INDEX notification_by_key ON notification (channel_id, key) WHERE key IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX notification_by_channel ON notification (channel_id, seq);

-- Who alone may see a restricted notification.
CREATE TABLE recipient (
    notification_id TEXT    NOT NULL REFERENCES notification (id) ON DELETE CASCADE,
    account_id      INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    PRIMARY KEY (notification_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE receipt (
    account_id      INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    notification_id TEXT    NOT NULL REFERENCES notification (id) ON DELETE CASCADE,
    seen            INTEGER NOT NULL CHECK (seen IN (0, 1)),
    read            INTEGER NOT NULL CHECK (read IN (0, 1)),
    archived        INTEGER NOT NULL CHECK (archived IN (0, 1)),
    snoozed_until   INTEGER,
    PRIMARY KEY (account_id, notification_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX receipt_by_notification ON receipt (notification_id);

-- The log. AUTOINCREMENT, because a number that was given once must never be given again, even after its row is gone.
-- `kind`: 1 created, 2 updated, 3 deleted, 4 receipt. `audience` is a JSON list of accounts, or NULL for every reader of
-- the channel. `payload` is what a subscriber gets (JSON), or NULL once the notification was purged.
-- No foreign keys: the log tells of things that are gone.
CREATE TABLE event (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    at              INTEGER NOT NULL,
    kind            INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 4),
    channel_id      INTEGER NOT NULL,
    notification_id TEXT    NOT NULL,
    priority        INTEGER NOT NULL,
    audience        TEXT,
    payload         TEXT
) STRICT;
CREATE INDEX event_by_notification ON event (notification_id);
