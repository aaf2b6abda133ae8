-- The index of searches. Its rows are the notifications that were delivered, in the form of `domain::search::Subject`,
-- under the place of their newest change: it answers newest first by itself, and stops when it has answered enough.
-- `facets` tells besides whether the notification is in the bin (`is:bin`) or not (`is:shown`). The words come in a normal
-- form, so the tokenizer has nothing to do but to cut at blanks.
CREATE VIRTUAL TABLE search USING fts5(
    title, message, log, names, facets,
    tokenize = 'ascii tokenchars '':%''',
    content = '', contentless_delete = 1
);

-- Whoever writes a notification writes its row of the index. Rows of places that are no more go by themselves, however the
-- notification goes or moves.
CREATE TRIGGER notification_moves_in_search AFTER UPDATE OF seq ON notification WHEN old.seq <> new.seq BEGIN
    DELETE FROM search WHERE rowid = old.seq;
END;
CREATE TRIGGER notification_leaves_search AFTER DELETE ON notification BEGIN
    DELETE FROM search WHERE rowid = old.seq;
END;

-- How much there is where: lists skip the blocks of the log in which an account has nothing left to see, and unread
-- notifications are counted without looking at each. A block is 1024 places.

-- The place and the channel of the notification that a row is about, so that an account's rows lie in the order of the log.
-- `place` is NULL while the notification is not shown: in the bin, or not delivered yet.
ALTER TABLE receipt ADD COLUMN place INTEGER;
ALTER TABLE receipt ADD COLUMN channel_id INTEGER;
ALTER TABLE recipient ADD COLUMN place INTEGER;
ALTER TABLE recipient ADD COLUMN channel_id INTEGER;
UPDATE receipt SET (place, channel_id) = (
    SELECT iif(deleted_at IS NULL AND deliver_at IS NULL, seq, NULL), channel_id FROM notification WHERE id = notification_id);
UPDATE recipient SET (place, channel_id) = (
    SELECT iif(deleted_at IS NULL AND deliver_at IS NULL, seq, NULL), channel_id FROM notification WHERE id = notification_id);
CREATE INDEX receipt_by_place ON receipt (account_id, place, archived, snoozed_until, read, seen) WHERE place IS NOT NULL;
CREATE INDEX notification_shown ON notification (seq, channel_id, restricted, updated_at)
    WHERE deleted_at IS NULL AND deliver_at IS NULL;

-- What every reader of a channel is shown in a block, and within which times its newest changes lie. Channel 0 is the sum
-- of all: whoever may read most of many channels is counted by it, less the others.
CREATE TABLE tally (
    channel_id INTEGER NOT NULL,
    block      INTEGER NOT NULL,
    shown      INTEGER NOT NULL,
    oldest     INTEGER NOT NULL,
    newest     INTEGER NOT NULL,
    PRIMARY KEY (channel_id, block)
) STRICT, WITHOUT ROWID;

-- What an account is shown alone (`own`), and how many of all that it is shown it archived, snoozed, or only read.
CREATE TABLE account_tally (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    channel_id INTEGER NOT NULL,
    block      INTEGER NOT NULL,
    own        INTEGER NOT NULL DEFAULT 0,
    archived   INTEGER NOT NULL DEFAULT 0,
    snoozed    INTEGER NOT NULL DEFAULT 0,
    read       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, channel_id, block)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tally_begins AFTER INSERT ON tally WHEN new.channel_id <> 0 BEGIN
    INSERT INTO tally (channel_id, block, shown, oldest, newest) VALUES (0, new.block, new.shown, new.oldest, new.newest)
        ON CONFLICT DO UPDATE SET shown = shown + excluded.shown, oldest = min(oldest, excluded.oldest),
            newest = max(newest, excluded.newest);
END;
CREATE TRIGGER tally_changes AFTER UPDATE ON tally WHEN new.channel_id <> 0 BEGIN
    UPDATE tally SET shown = shown + new.shown - old.shown, oldest = min(oldest, new.oldest), newest = max(newest, new.newest)
        WHERE channel_id = 0 AND block = new.block;
END;
CREATE TRIGGER account_tally_begins AFTER INSERT ON account_tally WHEN new.channel_id <> 0 BEGIN
    INSERT INTO account_tally (account_id, channel_id, block, own, archived, snoozed, read)
        VALUES (new.account_id, 0, new.block, new.own, new.archived, new.snoozed, new.read)
        ON CONFLICT DO UPDATE SET own = own + excluded.own, archived = archived + excluded.archived,
            snoozed = snoozed + excluded.snoozed, read = read + excluded.read;
END;
CREATE TRIGGER account_tally_changes AFTER UPDATE ON account_tally WHEN new.channel_id <> 0 BEGIN
    UPDATE account_tally SET own = own + new.own - old.own, archived = archived + new.archived - old.archived,
            snoozed = snoozed + new.snoozed - old.snoozed, read = read + new.read - old.read
        WHERE account_id = new.account_id AND channel_id = 0 AND block = new.block;
END;
-- After the notifications, which go with the channel: their rows of the tally are at nothing by then.
CREATE TRIGGER channel_leaves_tally AFTER DELETE ON channel BEGIN
    DELETE FROM tally WHERE channel_id = old.id;
    DELETE FROM account_tally WHERE channel_id = old.id;
END;

INSERT INTO tally (channel_id, block, shown, oldest, newest)
    SELECT channel_id, seq >> 10, count(*), min(updated_at), max(updated_at) FROM notification
    WHERE restricted = 0 AND deleted_at IS NULL AND deliver_at IS NULL GROUP BY 1, 2;
INSERT INTO account_tally (account_id, block, channel_id, own)
    SELECT account_id, place >> 10, channel_id, count(*) FROM recipient WHERE place IS NOT NULL GROUP BY 1, 2, 3;
INSERT INTO account_tally (account_id, block, channel_id, archived, snoozed, read)
    SELECT account_id, place >> 10, channel_id, sum(archived), sum(NOT archived AND snoozed_until IS NOT NULL),
        sum(NOT archived AND snoozed_until IS NULL AND read)
    FROM receipt WHERE place IS NOT NULL GROUP BY 1, 2, 3
    ON CONFLICT DO UPDATE SET archived = excluded.archived, snoozed = excluded.snoozed, read = excluded.read;

CREATE TRIGGER notification_enters_tally AFTER INSERT ON notification
WHEN new.restricted = 0 AND new.deleted_at IS NULL AND new.deliver_at IS NULL BEGIN
    INSERT INTO tally (block, channel_id, shown, oldest, newest)
        VALUES (new.seq >> 10, new.channel_id, 1, new.updated_at, new.updated_at)
        ON CONFLICT DO UPDATE SET shown = shown + 1, oldest = min(oldest, excluded.oldest),
            newest = max(newest, excluded.newest);
END;

CREATE TRIGGER notification_moves_in_tally AFTER UPDATE OF seq, deleted_at, deliver_at ON notification BEGIN
    UPDATE tally SET shown = shown - 1
        WHERE block = old.seq >> 10 AND channel_id = old.channel_id
            AND old.restricted = 0 AND old.deleted_at IS NULL AND old.deliver_at IS NULL;
    INSERT INTO tally (block, channel_id, shown, oldest, newest)
        SELECT new.seq >> 10, new.channel_id, 1, new.updated_at, new.updated_at
        WHERE new.restricted = 0 AND new.deleted_at IS NULL AND new.deliver_at IS NULL
        ON CONFLICT DO UPDATE SET shown = shown + 1, oldest = min(oldest, excluded.oldest),
            newest = max(newest, excluded.newest);
    UPDATE receipt SET place = iif(new.deleted_at IS NULL AND new.deliver_at IS NULL, new.seq, NULL)
        WHERE notification_id = new.id;
    UPDATE recipient SET place = iif(new.deleted_at IS NULL AND new.deliver_at IS NULL, new.seq, NULL)
        WHERE notification_id = new.id;
END;

-- Before: the rows that go with it must still find what they count in.
CREATE TRIGGER notification_leaves_tally BEFORE DELETE ON notification BEGIN
    UPDATE tally SET shown = shown - 1
        WHERE block = old.seq >> 10 AND channel_id = old.channel_id
            AND old.restricted = 0 AND old.deleted_at IS NULL AND old.deliver_at IS NULL;
    UPDATE receipt SET place = NULL WHERE notification_id = old.id;
    UPDATE recipient SET place = NULL WHERE notification_id = old.id;
END;

CREATE TRIGGER receipt_enters_tally AFTER INSERT ON receipt WHEN new.place IS NOT NULL BEGIN
    INSERT INTO account_tally (account_id, block, channel_id, archived, snoozed, read)
        VALUES (new.account_id, new.place >> 10, new.channel_id, new.archived,
            NOT new.archived AND new.snoozed_until IS NOT NULL,
            NOT new.archived AND new.snoozed_until IS NULL AND new.read)
        ON CONFLICT DO UPDATE SET archived = archived + excluded.archived, snoozed = snoozed + excluded.snoozed,
            read = read + excluded.read;
END;

CREATE TRIGGER receipt_moves_in_tally AFTER UPDATE ON receipt BEGIN
    UPDATE account_tally SET archived = archived - old.archived,
            snoozed = snoozed - (NOT old.archived AND old.snoozed_until IS NOT NULL),
            read = read - (NOT old.archived AND old.snoozed_until IS NULL AND old.read)
        WHERE account_id = old.account_id AND block = old.place >> 10 AND channel_id = old.channel_id;
    INSERT INTO account_tally (account_id, block, channel_id, archived, snoozed, read)
        SELECT new.account_id, new.place >> 10, new.channel_id, new.archived,
            NOT new.archived AND new.snoozed_until IS NOT NULL,
            NOT new.archived AND new.snoozed_until IS NULL AND new.read
        WHERE new.place IS NOT NULL
        ON CONFLICT DO UPDATE SET archived = archived + excluded.archived, snoozed = snoozed + excluded.snoozed,
            read = read + excluded.read;
END;

CREATE TRIGGER receipt_leaves_tally AFTER DELETE ON receipt WHEN old.place IS NOT NULL BEGIN
    UPDATE account_tally SET archived = archived - old.archived,
            snoozed = snoozed - (NOT old.archived AND old.snoozed_until IS NOT NULL),
            read = read - (NOT old.archived AND old.snoozed_until IS NULL AND old.read)
        WHERE account_id = old.account_id AND block = old.place >> 10 AND channel_id = old.channel_id;
END;

CREATE TRIGGER recipient_enters_tally AFTER INSERT ON recipient WHEN new.place IS NOT NULL BEGIN
    INSERT INTO account_tally (account_id, block, channel_id, own)
        VALUES (new.account_id, new.place >> 10, new.channel_id, 1)
        ON CONFLICT DO UPDATE SET own = own + 1;
END;

CREATE TRIGGER recipient_moves_in_tally AFTER UPDATE OF place ON recipient BEGIN
    UPDATE account_tally SET own = own - 1
        WHERE account_id = old.account_id AND block = old.place >> 10 AND channel_id = old.channel_id;
    INSERT INTO account_tally (account_id, block, channel_id, own)
        SELECT new.account_id, new.place >> 10, new.channel_id, 1 WHERE new.place IS NOT NULL
        ON CONFLICT DO UPDATE SET own = own + 1;
END;

CREATE TRIGGER recipient_leaves_tally AFTER DELETE ON recipient WHEN old.place IS NOT NULL BEGIN
    UPDATE account_tally SET own = own - 1
        WHERE account_id = old.account_id AND block = old.place >> 10 AND channel_id = old.channel_id;
END;
