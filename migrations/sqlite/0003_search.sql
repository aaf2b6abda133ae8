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
