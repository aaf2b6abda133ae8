//! A server in small: a log, and the state after each of its events.

use super::*;

/// One thing that happens to one of a few notifications.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deed {
    Create,
    /// Whether readers should look again.
    Update(bool),
    Delete,
    Restore,
    Receipt(ReceiptPatch),
}

#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) item: InboxItem,
    deleted: bool,
}

/// Everything at one place of the log.
pub(super) type State = Vec<Row>;

pub(super) struct Server {
    /// `states[seq]` is the state after the event `seq`, which is `log[seq - 1]`.
    states: Vec<State>,
    pub(super) log: Vec<FeedEvent>,
    /// How many notifications a page has.
    pub(super) page: usize,
}

impl Server {
    pub(super) fn new(page: usize) -> Self {
        Self {
            states: vec![Vec::new()],
            log: Vec::new(),
            page,
        }
    }

    pub(super) fn head(&self) -> Seq {
        self.log.len() as Seq
    }

    fn state(&self, at: Seq) -> &State {
        &self.states[usize::try_from(at).unwrap()]
    }

    /// Does `deed` to the notification that `pick` falls on. Answers whether there was anything to do.
    pub(super) fn act(&mut self, pick: usize, deed: Deed) -> bool {
        let mut state = self.state(self.head()).clone();
        let seq = self.head() + 1;
        if let Deed::Create = deed {
            let item = item(seq, Receipt::default());
            state.push(Row {
                item,
                deleted: false,
            });
            self.commit(state, created(seq, seq));
            return true;
        }
        let count = state.len();
        let Some(row) = state.get_mut(pick % count.max(1)) else {
            return false;
        };
        let number = row.item.notification.id.as_str().parse().unwrap();
        let event = match deed {
            Deed::Update(_) if !row.deleted => {
                row.item.notification = notification(number, seq);
                updated(seq, number)
            }
            Deed::Restore if row.deleted => {
                row.deleted = false;
                row.item.notification = notification(number, seq);
                updated(seq, number)
            }
            Deed::Delete if !row.deleted => {
                row.deleted = true;
                deleted(seq, number)
            }
            Deed::Receipt(patch)
                if !row.deleted && row.item.receipt.patched(patch) != row.item.receipt =>
            {
                row.item.receipt = row.item.receipt.patched(patch);
                receipt(seq, number, row.item.receipt)
            }
            Deed::Create | Deed::Update(_) | Deed::Restore | Deed::Delete | Deed::Receipt(_) => {
                return false;
            }
        };
        let renewed = row.item.receipt.renewed();
        let renews = matches!(deed, Deed::Update(true)) && renewed != row.item.receipt;
        let mut after = state.clone();
        self.commit(state, event);
        if renews {
            after[pick % count].item.receipt = renewed;
            self.commit(after, receipt(seq + 1, number, renewed));
        }
        true
    }

    fn commit(&mut self, state: State, event: FeedEvent) {
        self.log.push(event);
        self.states.push(state);
    }

    /// The whole list at one place, newest first.
    pub(super) fn list(&self, list: ListState, at: Seq) -> Vec<InboxItem> {
        let holds = |row: &&Row| {
            if row.deleted {
                list == ListState::Bin
            } else {
                list.holds(&row.item.receipt)
            }
        };
        let mut items = self
            .state(at)
            .iter()
            .filter(holds)
            .map(|row| row.item.clone())
            .collect::<Vec<_>>();
        items.sort_by_key(|item| std::cmp::Reverse(item.notification.seq));
        items
    }

    pub(super) fn unread(&self, at: Seq) -> Unread {
        Unread {
            count: self.list(ListState::Unread, at).len() as u64,
            at,
        }
    }

    /// A page whose cursor, rows and count were read one after the other.
    pub(super) fn snapshot(
        &self,
        list: ListState,
        before: Option<Seq>,
        [cursor, rows, count]: [Seq; 3],
    ) -> Snapshot {
        let mut items = self.list(list, rows);
        items.retain(|item| before.is_none_or(|before| item.notification.seq < before));
        let more = items.len() > self.page;
        items.truncate(self.page);
        let next = items
            .last()
            .filter(|_| more)
            .map(|item| item.notification.seq);
        Snapshot {
            items,
            cursor: EventId {
                epoch: epoch(),
                seq: cursor,
            },
            unread: self.unread(count),
            next,
        }
    }
}
