-- Files that belong to notifications: what is known of them. Their bytes lie in the folder `files`, each under its id.
-- A file without a row here is no longer anybody's.
CREATE TABLE file (
    id              TEXT    NOT NULL PRIMARY KEY,
    notification_id TEXT    NOT NULL REFERENCES notification (id) ON DELETE CASCADE,
    name            TEXT    NOT NULL,
    type            TEXT    NOT NULL,
    size            INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX file_by_notification ON file (notification_id);
