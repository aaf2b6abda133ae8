//! Whatever the order in which events, repeats, counts, lists and answers arrive, the page ends up with what the server
//! has.

use super::server::{Deed, Server};
use super::*;
use proptest::prelude::*;

#[derive(Debug, Clone, Copy)]
enum Step {
    Act(usize, Deed),
    /// So many events arrive.
    Deliver(usize),
    /// The last so many arrive again.
    Repeat(usize),
    /// A question that waits is answered, read somewhere between when it was asked and now.
    Answer(usize, [usize; 2]),
    /// A count that nobody asked for, taken anywhere.
    Count(usize),
    /// A list that nobody asked for is asked for.
    Refresh,
    Older,
    /// The stream breaks off and goes on at the head.
    Reset,
    /// A change is shown before it is asked for.
    Local(usize, ReceiptPatch),
    /// The server does what was asked, or refuses; the answer arrives.
    Settle(bool),
}

fn patches() -> impl Strategy<Value = ReceiptPatch> {
    let later = Just(Some(Timestamp::from_millis(9)));
    (
        any::<Option<bool>>(),
        any::<Option<bool>>(),
        prop_oneof![4 => Just(None), 1 => later.prop_map(Some), 1 => Just(Some(None))],
    )
        .prop_map(|(read, archived, snoozed_until)| ReceiptPatch {
            seen: None,
            read,
            archived,
            snoozed_until,
        })
}

fn deeds() -> impl Strategy<Value = Deed> {
    prop_oneof![
        3 => Just(Deed::Create),
        2 => any::<bool>().prop_map(Deed::Update),
        1 => Just(Deed::Delete),
        1 => Just(Deed::Restore),
        4 => patches().prop_map(Deed::Receipt),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        12 => (any::<usize>(), deeds()).prop_map(|(pick, deed)| Step::Act(pick, deed)),
        5 => (1..6usize).prop_map(Step::Deliver),
        2 => (1..9usize).prop_map(Step::Repeat),
        4 => (any::<usize>(), any::<[usize; 2]>()).prop_map(|(pick, delays)| Step::Answer(pick, delays)),
        1 => any::<usize>().prop_map(Step::Count),
        1 => Just(Step::Refresh),
        1 => Just(Step::Older),
        1 => Just(Step::Reset),
        2 => (any::<usize>(), patches()).prop_map(|(pick, patch)| Step::Local(pick, patch)),
        2 => any::<bool>().prop_map(Step::Settle),
    ];
    prop::collection::vec(step, 0..120)
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Question {
    Count,
    List,
    Older(Seq),
}

struct Page {
    server: Server,
    feed: Feed,
    delivered: Seq,
    /// With the head at which they were asked.
    questions: Vec<(Question, Seq)>,
    locals: Vec<(LocalChange, ReceiptPatch)>,
}

impl Page {
    fn new(list: ListState, page: usize, before: &[(usize, Deed)], reads: [usize; 2]) -> Self {
        let mut server = Server::new(page);
        for (pick, deed) in before {
            server.act(*pick, *deed);
        }
        let places = places(0, server.head(), reads);
        let feed = Feed::new(server.snapshot(list, None, places), list);
        Self {
            server,
            feed,
            delivered: places[0],
            questions: Vec::new(),
            locals: Vec::new(),
        }
    }

    fn heed(&mut self, outcome: Outcome) {
        let question = match outcome {
            Outcome::Nothing | Outcome::Changed | Outcome::Added => return,
            Outcome::Recount => Question::Count,
            Outcome::Reload => Question::List,
        };
        self.questions.push((question, self.server.head()));
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Act(pick, deed) => drop(self.server.act(pick, deed)),
            Step::Deliver(count) => (0..count).for_each(|_| self.deliver()),
            Step::Repeat(count) => {
                let end = usize::try_from(self.delivered).unwrap();
                for event in &self.server.log[end.saturating_sub(count)..end] {
                    assert_eq!(self.feed.apply(event), Outcome::Nothing);
                }
            }
            Step::Answer(pick, delays) if !self.questions.is_empty() => {
                let (question, asked) = self.questions.remove(pick % self.questions.len());
                self.answer(question, places(asked, self.server.head(), delays));
            }
            Step::Count(at) => {
                let outcome = self
                    .feed
                    .apply_unread(self.server.unread(at as u64 % (self.server.head() + 1)));
                self.heed(outcome);
            }
            Step::Refresh => self.questions.push((Question::List, self.server.head())),
            Step::Older => {
                let older = self
                    .feed
                    .next()
                    .map(|next| (Question::Older(next), self.server.head()));
                self.questions.extend(older);
            }
            Step::Reset => {
                self.delivered = self.server.head();
                let outcome = self.feed.apply(&FeedEvent::Reset(Reset {
                    head: self.delivered,
                    reason: ResetReason::Pruned,
                }));
                self.heed(outcome);
            }
            Step::Local(pick, patch) if !self.feed.items().is_empty() => {
                let id = self.feed.items()[pick % self.feed.items().len()]
                    .notification
                    .id
                    .clone();
                let change = self.feed.set_receipt_locally(&id, patch).unwrap();
                let receipt = self
                    .feed
                    .items()
                    .iter()
                    .find(|item| item.notification.id == id)
                    .map(|item| item.receipt);
                assert!(receipt.is_none_or(|receipt| receipt == change.previous.patched(patch)));
                self.locals.push((change, patch));
            }
            Step::Settle(done) if !self.locals.is_empty() => self.settle(done),
            Step::Answer(..) | Step::Local(..) | Step::Settle(_) => {}
        }
    }

    fn deliver(&mut self) {
        if let Some(event) = self
            .server
            .log
            .get(usize::try_from(self.delivered).unwrap())
            .cloned()
        {
            self.delivered += 1;
            let outcome = self.feed.apply(&event);
            self.heed(outcome);
        }
    }

    fn answer(&mut self, question: Question, places: [Seq; 3]) {
        let list = self.feed.list();
        let outcome = match question {
            Question::Count => self.feed.apply_unread(self.server.unread(places[0])),
            Question::List => self.feed.reload(self.server.snapshot(list, None, places)),
            Question::Older(next) => self
                .feed
                .extend(next, self.server.snapshot(list, Some(next), places)),
        };
        self.heed(outcome);
    }

    fn settle(&mut self, done: bool) {
        let (change, patch) = self.locals.remove(0);
        if done {
            let state = self.server.list(ListState::All, self.server.head());
            let bin = self.server.list(ListState::Bin, self.server.head());
            let all = state
                .iter()
                .chain(&bin)
                .map(|item| item.notification.id.clone());
            let mut numbers = all.collect::<Vec<_>>();
            numbers.sort();
            if let Some(pick) = numbers.iter().position(|id| *id == change.id) {
                self.server.act(pick, Deed::Receipt(patch));
            }
            self.feed.confirm(&change);
        } else {
            self.feed.undo(&change);
        }
    }

    /// Holds at every moment.
    fn check(&self) {
        let feed = &self.feed;
        let places = feed
            .items()
            .iter()
            .map(|item| feed.place(&item.notification.id))
            .collect::<Vec<_>>();
        assert!(places.is_sorted_by(|a, b| a > b), "{places:?}");
        assert!(feed.items().len() <= feed.limit);
        let settled = feed.whole
            && !feed.tally.is_open()
            && feed.cards.iter().all(|card| card.local.is_empty());
        if settled
            && self
                .questions
                .iter()
                .all(|(question, _)| *question == Question::Count)
        {
            // Behind the count until its place is reached.
            let counted = self.server.unread(feed.tally.at().max(self.delivered));
            assert_eq!(feed.unread(), counted.count);
        }
    }

    /// Everything arrives.
    fn finish(&mut self) {
        while !self.locals.is_empty() {
            self.settle(true);
        }
        while self.delivered < self.server.head() {
            self.deliver();
        }
        let head = self.server.head();
        let mut rounds = 0;
        while let Some((question, _)) = self.questions.pop() {
            self.answer(question, [head; 3]);
            rounds += 1;
            assert!(rounds < 1_000, "questions without end");
        }
        for _ in 0..2 {
            let _ = self.feed.apply(&FeedEvent::Heartbeat(Heartbeat { head }));
        }
    }
}

/// Where cursor, rows and count are read, in that order, between `from` and `to`.
fn places(from: Seq, to: Seq, delays: [usize; 2]) -> [Seq; 3] {
    let later = |place: Seq, delay: usize| place + delay as u64 % (to - place + 1);
    let rows = later(from, delays[0]);
    [from, rows, later(rows, delays[1])]
}

fn by_id(mut items: Vec<InboxItem>) -> Vec<InboxItem> {
    items.sort_by(|a, b| a.notification.id.cmp(&b.notification.id));
    items
}

fn lists() -> impl Strategy<Value = ListState> {
    prop_oneof![
        3 => Just(ListState::Inbox),
        1 => Just(ListState::Unread),
        1 => Just(ListState::Archived),
        1 => Just(ListState::Snoozed),
        1 => Just(ListState::All),
    ]
}

fn before() -> impl Strategy<Value = Vec<(usize, Deed)>> {
    prop::collection::vec((any::<usize>(), deeds()), 0..30)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn list_and_count_end_up_as_the_server_has_them(
        list in lists(), before in before(), reads: [usize; 2], steps in steps(),
    ) {
        let mut page = Page::new(list, 1_000, &before, reads);
        for step in steps {
            page.take(step);
            page.check();
        }
        page.finish();
        let head = page.server.head();
        prop_assert_eq!(by_id(page.feed.items().to_vec()), by_id(page.server.list(list, head)));
        prop_assert_eq!(page.feed.unread(), page.server.unread(head).count);
    }

    #[test]
    fn short_pages_show_nothing_wrong_and_lack_nothing_new(
        list in lists(), before in before(), reads: [usize; 2], steps in steps(),
    ) {
        let mut page = Page::new(list, 3, &before, reads);
        for step in steps {
            page.take(step);
            page.check();
        }
        page.finish();
        let head = page.server.head();
        let all = page.server.list(list, head);
        for item in page.feed.items() {
            prop_assert!(all.contains(item), "{:?}", item);
        }
        // What is older than the last page is not lacked: the reader may ask for it.
        let next = page.feed.next().unwrap_or(0);
        for item in all.iter().filter(|item| item.notification.seq >= next) {
            prop_assert!(page.feed.items().contains(item), "{:?}", item);
        }
        prop_assert_eq!(page.feed.unread(), page.server.unread(head).count);
    }

    #[test]
    fn repeats_do_what_one_delivery_does(before in before(), after in before(), repeats in prop::collection::vec(0..30usize, 0..60)) {
        let mut page = Page::new(ListState::Inbox, 1_000, &before, [0, 0]);
        let mut feed = page.feed.clone();
        for (pick, deed) in after {
            page.server.act(pick, deed);
        }
        // Every event once, in order; between them any that was there before.
        let (log, mut repeats) = (page.server.log.clone(), repeats.into_iter());
        for (index, event) in log.iter().enumerate() {
            let _ = feed.apply(event);
            for again in repeats.by_ref().take(2) {
                prop_assert_eq!(feed.apply(&log[again.min(index)]), Outcome::Nothing);
            }
        }
        page.finish();
        for event in &log {
            let _ = page.feed.apply(event);
        }
        prop_assert_eq!(feed.items(), page.feed.items());
        prop_assert_eq!(feed.unread(), page.feed.unread());
    }
}
