//! The reducer against tables, and against a server in small.

mod local;
mod model;
mod server;

use super::*;
use domain::{
    Connected, Created, Epoch, Heartbeat, ReceiptPatch, Reset, ResetReason, Timestamp, Update,
};

const READ: Receipt = Receipt {
    seen: true,
    read: true,
    archived: false,
    snoozed_until: None,
};
const ARCHIVED: Receipt = Receipt {
    archived: true,
    ..READ
};
const UNREAD: Receipt = Receipt {
    seen: false,
    read: false,
    archived: false,
    snoozed_until: None,
};

fn id(number: u64) -> NotificationId {
    NotificationId::parse(format!("{number:012}")).unwrap()
}

fn notification(number: u64, seq: Seq) -> Notification {
    let json = serde_json::json!({
        "id": id(number), "seq": seq, "channel": "ci", "title": format!("{number} at {seq}"), "message": null,
        "priority": 3, "tags": [], "click": null, "icon": null, "markdown": false, "actions": [], "key": null,
        "progress": null, "state": null, "log": [], "to": null, "author": "ann",
        "created_at": "1970-01-01T00:00:00.001Z", "updated_at": "1970-01-01T00:00:00.001Z", "expires_at": null,
    });
    serde_json::from_value(json).unwrap()
}

fn created(seq: Seq, number: u64) -> FeedEvent {
    FeedEvent::Created(Box::new(Created {
        seq,
        notification: notification(number, seq),
    }))
}

fn updated(seq: Seq, number: u64) -> FeedEvent {
    FeedEvent::Update(Update {
        seq,
        change: Change::Updated {
            notification: Box::new(notification(number, seq)),
        },
    })
}

fn deleted(seq: Seq, number: u64) -> FeedEvent {
    FeedEvent::Update(Update {
        seq,
        change: Change::Deleted { id: id(number) },
    })
}

fn receipt(seq: Seq, number: u64, receipt: Receipt) -> FeedEvent {
    FeedEvent::Update(Update {
        seq,
        change: Change::Receipt {
            id: id(number),
            receipt,
        },
    })
}

fn epoch() -> Epoch {
    Epoch::parse("7f3a").unwrap()
}

fn item(number: u64, receipt: Receipt) -> InboxItem {
    InboxItem {
        notification: notification(number, number),
        receipt,
    }
}

/// A list whose notifications came at places equal to their numbers.
fn snapshot(at: Seq, items: &[(u64, Receipt)], count: u64) -> Snapshot {
    let items = items
        .iter()
        .map(|(number, receipt)| item(*number, *receipt))
        .collect();
    Snapshot {
        items,
        cursor: EventId {
            epoch: epoch(),
            seq: at,
        },
        unread: Unread { count, at },
        next: None,
    }
}

/// 3 unread, 2 read, 1 unread; at 10.
fn inbox() -> Feed {
    Feed::new(
        snapshot(10, &[(3, UNREAD), (2, READ), (1, UNREAD)], 2),
        ListState::Inbox,
    )
}

fn shown(feed: &Feed) -> Vec<u64> {
    feed.items()
        .iter()
        .map(|item| item.notification.id.as_str().parse().unwrap())
        .collect()
}

#[test]
fn each_event_does_what_it_says() {
    use Outcome::{Added, Changed, Recount, Reload};
    for (event, outcome, list, unread) in [
        (created(11, 11), Added, vec![11, 3, 2, 1], 3),
        (updated(11, 1), Changed, vec![3, 2, 1], 2),
        (updated(11, 9), Reload, vec![3, 2, 1], 2),
        (deleted(11, 3), Changed, vec![2, 1], 1),
        (deleted(11, 2), Changed, vec![3, 1], 2),
        (deleted(11, 9), Recount, vec![3, 2, 1], 2),
        (receipt(11, 3, READ), Changed, vec![3, 2, 1], 1),
        (receipt(11, 3, ARCHIVED), Changed, vec![2, 1], 1),
        (receipt(11, 2, UNREAD), Changed, vec![3, 2, 1], 3),
        (receipt(11, 9, ARCHIVED), Recount, vec![3, 2, 1], 2),
        (receipt(11, 9, READ), Reload, vec![3, 2, 1], 2),
    ] {
        let mut feed = inbox();
        assert_eq!(
            (feed.apply(&event), shown(&feed), feed.unread()),
            (outcome, list.clone(), unread),
            "{event:?}"
        );
        assert_eq!(
            feed.apply(&event),
            Outcome::Nothing,
            "a repeat of {event:?}"
        );
        assert_eq!(
            (shown(&feed), feed.unread()),
            (list, unread),
            "a repeat of {event:?}"
        );
    }
}

#[test]
fn an_event_from_before_the_list_was_read_changes_nothing() {
    let mut feed = inbox();
    assert_eq!(feed.apply(&deleted(10, 3)), Outcome::Nothing);
    assert_eq!(shown(&feed), [3, 2, 1]);
}

#[test]
fn an_update_stays_in_its_place_and_an_old_one_is_not_shown() {
    let mut feed = inbox();
    let _ = feed.apply(&updated(12, 1));
    assert_eq!(feed.items()[2].notification.seq, 12);
    assert_eq!(feed.cursor().to_string(), "7f3a-12");
}

#[test]
fn a_list_shows_what_its_state_holds() {
    for (list, states) in [
        (ListState::Inbox, [true, true, false]),
        (ListState::Unread, [true, false, false]),
        (ListState::Archived, [false, false, true]),
        (ListState::All, [true, true, true]),
        (ListState::Snoozed, [false, false, false]),
        (ListState::Bin, [false, false, false]),
    ] {
        let mut feed = Feed::new(snapshot(10, &[], 0), list);
        let steps = [
            created(11, 11),
            receipt(12, 11, READ),
            receipt(13, 11, ARCHIVED),
        ];
        let seen = steps.map(|event| {
            let _ = feed.apply(&event);
            !shown(&feed).is_empty()
        });
        assert_eq!((seen, feed.unread()), (states, 0), "{list:?}");
    }
}

#[test]
fn what_was_archived_returns_by_its_update_and_its_receipt_in_either_order() {
    for events in [
        [updated(13, 3), receipt(14, 3, UNREAD)],
        [receipt(13, 3, UNREAD), updated(14, 3)],
    ] {
        let mut feed = inbox();
        let _ = feed.apply(&created(11, 11));
        let _ = feed.apply(&receipt(12, 3, ARCHIVED));
        for event in &events {
            assert_eq!(feed.apply(event), Outcome::Changed, "{event:?}");
        }
        assert_eq!((feed.items().len(), feed.unread()), (4, 3));
        assert!(
            feed.items()
                .iter()
                .any(|item| item.notification.id == id(3) && item.receipt == UNREAD)
        );
    }
}

#[test]
fn what_was_deleted_is_restored_with_its_receipt() {
    let mut feed = inbox();
    let _ = feed.apply(&deleted(11, 2));
    let _ = feed.apply(&deleted(12, 3));
    assert_eq!(feed.unread(), 1);
    let _ = feed.apply(&updated(13, 2));
    let _ = feed.apply(&updated(14, 3));
    assert_eq!((shown(&feed), feed.unread()), (vec![3, 2, 1], 2));
    assert_eq!(feed.items()[1].receipt, READ);
}

#[test]
fn a_card_elsewhere_that_moves_all_the_time_is_asked_for_once() {
    let mut feed = inbox();
    assert_eq!(feed.apply(&updated(11, 9)), Outcome::Reload);
    // It is archived: the list does not have it.
    assert_eq!(
        feed.reload(snapshot(11, &[(3, UNREAD), (2, READ), (1, UNREAD)], 2)),
        Outcome::Changed
    );
    for seq in 12..20 {
        assert_eq!(feed.apply(&updated(seq, 9)), Outcome::Nothing);
    }
    // And when it leaves the archive, what it says is known.
    assert_eq!(feed.apply(&receipt(20, 9, UNREAD)), Outcome::Recount);
    assert_eq!(feed.items()[0].notification, notification(9, 19));
}

#[test]
fn a_count_is_right_whether_it_is_older_or_newer_than_the_events() {
    let mut feed = inbox();
    let _ = feed.apply(&created(11, 11));
    let _ = feed.apply(&created(12, 12));
    assert_eq!(feed.unread(), 4);
    // Taken at 11, when somebody else's notification 9 had been counted too.
    assert_eq!(
        feed.apply_unread(Unread { count: 4, at: 11 }),
        Outcome::Changed
    );
    assert_eq!(feed.unread(), 5);
    // Taken at 14, ahead of the events.
    let _ = feed.apply_unread(Unread { count: 7, at: 14 });
    let _ = feed.apply(&created(13, 13));
    let _ = feed.apply(&created(14, 14));
    assert_eq!(feed.unread(), 7);
    // Overtaken.
    assert_eq!(
        feed.apply_unread(Unread { count: 1, at: 12 }),
        Outcome::Nothing
    );
    let _ = feed.apply(&created(15, 15));
    assert_eq!(feed.unread(), 8);
}

#[test]
fn a_count_that_is_too_old_for_what_is_unknown_is_asked_for_again() {
    let mut feed = inbox();
    assert_eq!(feed.apply(&deleted(12, 9)), Outcome::Recount);
    assert_eq!(
        feed.apply_unread(Unread { count: 5, at: 11 }),
        Outcome::Recount
    );
    assert_eq!(
        feed.apply_unread(Unread { count: 4, at: 12 }),
        Outcome::Changed
    );
    assert_eq!(feed.unread(), 4);
}

#[test]
fn after_a_reset_the_list_is_loaded_and_events_in_between_count() {
    let mut feed = inbox();
    let reset = FeedEvent::Reset(Reset {
        head: 50,
        reason: ResetReason::Pruned,
    });
    assert_eq!(feed.apply(&reset), Outcome::Reload);
    assert_eq!(feed.cursor().seq, 50);
    let _ = feed.apply(&created(51, 51));
    let _ = feed.apply(&receipt(52, 40, READ));
    // Asked for before the reset: too old.
    assert_eq!(
        feed.reload(snapshot(49, &[(3, UNREAD)], 1)),
        Outcome::Reload
    );
    assert_eq!(
        feed.reload(snapshot(50, &[(40, UNREAD), (2, READ)], 1)),
        Outcome::Changed
    );
    assert_eq!((shown(&feed), feed.unread()), (vec![51, 40, 2], 1));
    assert_eq!(feed.items()[1].receipt, READ);
}

#[test]
fn another_epoch_is_another_log() {
    let connected = |epoch: &str, head, resumed| {
        let (connection, epoch) = ("c_1".to_owned(), Epoch::parse(epoch).unwrap());
        FeedEvent::Connected(Connected {
            connection,
            epoch,
            head,
            resumed,
        })
    };
    let mut feed = inbox();
    assert_eq!(feed.apply(&connected("7f3a", 90, true)), Outcome::Nothing);
    assert_eq!(feed.apply(&connected("beef", 4, false)), Outcome::Reload);
    assert_eq!(
        feed.apply(&FeedEvent::Reset(Reset {
            head: 4,
            reason: ResetReason::Unknown
        })),
        Outcome::Reload
    );
    let _ = feed.apply(&created(5, 5));
    assert_eq!(
        feed.reload(snapshot(90, &[(3, UNREAD)], 1)),
        Outcome::Reload
    );
    let mut fresh = snapshot(4, &[(3, READ)], 0);
    fresh.cursor.epoch = Epoch::parse("beef").unwrap();
    assert_eq!(feed.reload(fresh), Outcome::Changed);
    assert_eq!(
        (shown(&feed), feed.unread(), feed.cursor().to_string()),
        (vec![5, 3], 1, "beef-5".to_owned())
    );
}

#[test]
fn a_list_that_is_newer_than_the_events_does_not_go_backwards() {
    let mut feed = inbox();
    // Up to 13: 3 was read, then archived, then returned; 12 was created.
    assert_eq!(
        feed.reload(snapshot(
            14,
            &[(14, READ), (3, READ), (2, READ), (1, UNREAD)],
            1
        )),
        Outcome::Changed
    );
    for event in [
        receipt(11, 3, ARCHIVED),
        receipt(12, 3, READ),
        deleted(13, 2),
        created(14, 14),
    ] {
        let _ = feed.apply(&event);
        assert_eq!(
            (shown(&feed), feed.unread()),
            (vec![14, 3, 2, 1], 1),
            "{event:?}"
        );
    }
    assert_eq!(feed.items()[0].receipt, READ);
}

#[test]
fn older_pages_join_below_and_stay_through_a_reload() {
    let mut first = snapshot(10, &[(9, UNREAD), (8, READ)], 3);
    first.next = Some(8);
    let mut feed = Feed::new(first.clone(), ListState::Inbox);
    let _ = feed.apply(&receipt(11, 5, READ));
    // The page was read before the receipt.
    assert_eq!(
        feed.extend(8, snapshot(10, &[(5, UNREAD), (4, UNREAD)], 3)),
        Outcome::Recount
    );
    assert_eq!(
        (shown(&feed), feed.next(), feed.items()[2].receipt),
        (vec![9, 8, 5, 4], None, READ)
    );
    first.cursor.seq = 11;
    first.unread = Unread { count: 2, at: 11 };
    assert_eq!(feed.reload(first), Outcome::Changed);
    assert_eq!(
        (shown(&feed), feed.next(), feed.unread()),
        (vec![9, 8, 5, 4], None, 2)
    );
}

#[test]
fn another_list_begins_where_the_events_are() {
    let mut feed = inbox();
    let _ = feed.apply(&created(11, 11));
    let _ = feed.apply(&receipt(12, 3, ARCHIVED));
    assert_eq!(
        feed.switch(ListState::Archived, snapshot(10, &[(7, ARCHIVED)], 2)),
        Outcome::Reload
    );
    assert_eq!(
        feed.reload(snapshot(12, &[(7, ARCHIVED), (3, ARCHIVED)], 2)),
        Outcome::Changed
    );
    assert_eq!(
        (shown(&feed), feed.list(), feed.unread()),
        (vec![7, 3], ListState::Archived, 2)
    );
    assert_eq!(
        feed.switch(
            ListState::Inbox,
            snapshot(12, &[(11, UNREAD), (2, READ), (1, UNREAD)], 2)
        ),
        Outcome::Changed
    );
    assert_eq!(shown(&feed), [11, 2, 1]);
}

#[test]
fn the_oldest_are_dropped() {
    let mut feed = inbox();
    for seq in 11..=310 {
        let _ = feed.apply(&created(seq, seq));
    }
    assert_eq!(
        (feed.items().len(), feed.next(), feed.unread()),
        (MOST_ITEMS, Some(11), 302)
    );
    assert!(feed.cards.len() <= 600);
}

#[test]
fn memory_is_bounded_whatever_comes() {
    let mut feed = inbox();
    for seq in 11..5_000 {
        let _ = feed.apply(&receipt(seq, 100_000 + seq, ARCHIVED));
    }
    assert!(feed.cards.len() <= 303, "{}", feed.cards.len());
}
