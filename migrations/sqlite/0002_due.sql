-- What is due at a time, what is kept for how long, and answers that may be asked for again.

-- What a notification that is not delivered yet (`deliver_at`) will do to the card with its key, should one live by
-- then: the fields that its publisher named (JSON).
ALTER TABLE notification ADD COLUMN pending TEXT;

-- One living card for each key. Those that are not delivered yet are no cards.
DROP INDEX notification_by_key;
CREATE UNIQUE INDEX notification_by_key ON notification (channel_id, key)
    WHERE key IS NOT NULL AND deleted_at IS NULL AND deliver_at IS NULL;

CREATE INDEX notification_by_delivery ON notification (deliver_at) WHERE deliver_at IS NOT NULL;
CREATE INDEX notification_by_expiry ON notification (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX notification_by_deletion ON notification (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX receipt_by_snooze ON receipt (snoozed_until) WHERE snoozed_until IS NOT NULL;

-- Days for which the channel's notifications are kept after their newest change; NULL is for ever.
ALTER TABLE channel ADD COLUMN retention_days INTEGER CHECK (retention_days > 0);
ALTER TABLE notification ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
UPDATE notification SET updated_at = created_at;
CREATE INDEX notification_by_age ON notification (channel_id, updated_at, restricted)
    WHERE deleted_at IS NULL AND deliver_at IS NULL;

-- What a publish with an `Idempotency-Key` was answered. `credential` is the hash of the credential, `body` that of the
-- request's body.
CREATE TABLE answer (
    credential   BLOB    NOT NULL,
    key          TEXT    NOT NULL,
    body         BLOB    NOT NULL,
    notification TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (credential, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX answer_by_time ON answer (at);
