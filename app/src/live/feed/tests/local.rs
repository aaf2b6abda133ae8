//! What this browser changed and the server has not confirmed yet.

use super::*;

fn patch(read: Option<bool>, archived: Option<bool>) -> ReceiptPatch {
    ReceiptPatch {
        read,
        archived,
        ..ReceiptPatch::default()
    }
}

#[test]
fn a_local_change_is_shown_at_once_and_undone_to_what_the_server_last_said() {
    let mut feed = inbox();
    let change = feed
        .set_receipt_locally(&id(3), patch(None, Some(true)))
        .unwrap();
    assert_eq!(
        (shown(&feed), feed.unread(), change.previous),
        (vec![2, 1], 1, UNREAD)
    );
    let _ = feed.apply(&receipt(11, 3, READ));
    assert_eq!((shown(&feed), feed.unread()), (vec![2, 1], 1));
    feed.undo(&change);
    assert_eq!(
        (shown(&feed), feed.items()[0].receipt, feed.unread()),
        (vec![3, 2, 1], READ, 1)
    );
    assert_eq!(
        feed.set_receipt_locally(&id(99), patch(Some(true), None)),
        None
    );
}

#[test]
fn a_local_change_ends_with_its_event_or_with_the_heartbeats_after_the_answer() {
    let heartbeat = FeedEvent::Heartbeat(Heartbeat { head: 10 });
    let mut feed = inbox();
    let read = feed
        .set_receipt_locally(&id(3), patch(Some(true), None))
        .unwrap();
    feed.confirm(&read);
    assert_eq!(
        (feed.unread(), feed.apply(&heartbeat)),
        (1, Outcome::Nothing)
    );
    let _ = feed.apply(&receipt(11, 3, READ));
    assert_eq!(feed.unread(), 1);
    // Marked as unread somewhere else: nothing holds on to the local change.
    let _ = feed.apply(&receipt(12, 3, UNREAD));
    assert_eq!((feed.unread(), feed.items()[0].receipt), (2, UNREAD));

    let archived = feed
        .set_receipt_locally(&id(1), patch(None, Some(true)))
        .unwrap();
    assert_eq!(feed.apply(&heartbeat), Outcome::Nothing);
    feed.confirm(&archived);
    assert_eq!(feed.apply(&heartbeat), Outcome::Nothing);
    assert_eq!(
        (feed.apply(&heartbeat), shown(&feed)),
        (Outcome::Changed, vec![3, 2, 1])
    );
}

#[test]
fn two_local_changes_end_each_with_its_own_event() {
    let mut feed = inbox();
    let read = feed
        .set_receipt_locally(&id(3), patch(Some(true), None))
        .unwrap();
    let unread = feed
        .set_receipt_locally(&id(3), patch(Some(false), None))
        .unwrap();
    assert!(!feed.items()[0].receipt.read);
    let _ = feed.apply(&receipt(11, 3, READ));
    assert_eq!((feed.items()[0].receipt.read, feed.unread()), (false, 2));
    feed.confirm(&read);
    feed.undo(&unread);
    assert_eq!((feed.items()[0].receipt.read, feed.unread()), (true, 1));
}
