-- Names for readers whose protocol knows a message by a whole number, and what senders said in their own terms.

-- `number` is the place in the log of the event that showed the notification first: it never changes, and rises with
-- time. Until it is delivered, it is the place that it took when it was posted.
-- `origin` is what the sender's protocol said beyond our fields (JSON), for those who read by that protocol.
ALTER TABLE notification ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notification ADD COLUMN origin TEXT;
UPDATE notification SET number = ifnull(
    (SELECT max(e.seq) FROM event AS e WHERE e.notification_id = notification.id AND e.kind = 1), seq);
CREATE UNIQUE INDEX notification_by_number ON notification (number);
