//! The state machine of the connection.

use super::{Command, Generation, Input, LinkError, LinkState, Millis, Patience, Probe};

/// With the session endpoint.
const PROBE_MS: Millis = 10_000;

/// The longest `Retry-After` that is believed.
const LONGEST_RETRY_MS: Millis = 3_600_000;

/// What the link has in hand. With nothing in hand it is at rest, waits for its timer, or is [`Link::parked`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hand {
    Empty,
    Source,
    Question,
}

/// The connection's state.
#[derive(Debug, Clone)]
pub struct Link {
    patience: Patience,
    state: LinkState,
    error: Option<LinkError>,
    hand: Hand,
    generation: Generation,
    /// The page is not there to be shown anything. Every sign of life ends it.
    parked: bool,
    failures: u32,
    /// When the first of those failures happened.
    failing_since: Option<Millis>,
    opened: u32,
    opened_at: Option<Millis>,
    /// When the present connection, question or wait last moved.
    heard_at: Millis,
    /// The server asked not to be asked before.
    not_before: Millis,
}

impl Link {
    /// A link that does nothing before [`Input::Start`].
    #[must_use]
    pub fn new(patience: Patience) -> Self {
        Self {
            patience,
            state: LinkState::Connecting,
            error: None,
            hand: Hand::Empty,
            generation: 0,
            parked: true,
            failures: 0,
            failing_since: None,
            opened: 0,
            opened_at: None,
            heard_at: 0,
            not_before: 0,
        }
    }

    /// What it is doing.
    #[must_use]
    pub fn state(&self) -> LinkState {
        self.state
    }

    /// Why the last connection ended; `None` while one is open.
    #[must_use]
    pub fn error(&self) -> Option<LinkError> {
        self.error
    }

    /// When the open connection was opened.
    #[must_use]
    pub fn opened_at(&self) -> Option<Millis> {
        self.opened_at
    }

    /// How many connections were opened so far.
    #[must_use]
    pub fn opened(&self) -> u32 {
        self.opened
    }

    /// Takes `input` at the time `now` and answers what to do. `random` is in `0.0..1.0`.
    #[must_use]
    pub fn step(&mut self, input: Input, now: Millis, random: f64) -> Vec<Command> {
        let mut todo = Vec::new();
        match input {
            Input::Start => {
                self.forgive();
                self.connect(now, &mut todo);
            }
            Input::Opened(generation) | Input::Event(generation)
                if self.holds(Hand::Source, generation) =>
            {
                self.heard(now);
            }
            Input::Broken(generation) if self.holds(Hand::Source, generation) => {
                self.wait(LinkError::Network, None, now, random, &mut todo);
            }
            Input::Failed(generation) if self.holds(Hand::Source, generation) => {
                self.ask(now, &mut todo);
            }
            Input::Probed(generation, probe) if self.holds(Hand::Question, generation) => {
                self.judge(probe, now, random, &mut todo);
            }
            Input::Online | Input::Shown => self.wake(now, &mut todo),
            Input::Offline if !self.is_over() && !self.parked => {
                self.drop_all(LinkState::Offline, &mut todo);
            }
            Input::Hidden if !self.is_over() => {
                self.drop_all(LinkState::Connecting, &mut todo);
                self.parked = true;
            }
            Input::Tick => self.tick(now, random, &mut todo),
            Input::Close => self.drop_all(LinkState::Closed, &mut todo),
            // Told by a source or a question that was given up, or to a link that is over.
            Input::Opened(_)
            | Input::Event(_)
            | Input::Broken(_)
            | Input::Failed(_)
            | Input::Probed(..)
            | Input::Offline
            | Input::Hidden => {}
        }
        todo
    }

    fn holds(&self, hand: Hand, generation: Generation) -> bool {
        self.hand == hand && self.generation == generation
    }

    fn is_over(&self) -> bool {
        matches!(self.state, LinkState::SignedOut | LinkState::Closed)
    }

    /// Earlier failures are forgotten when something arrives that proves the connection a good one, not when it merely
    /// stands: a proxy that accepts everything and passes nothing on must not be tried faster and faster.
    fn heard(&mut self, now: Millis) {
        self.heard_at = now;
        if self.state != LinkState::Open {
            self.state = LinkState::Open;
            self.error = None;
            self.opened = self.opened.saturating_add(1);
        }
        let since = *self.opened_at.get_or_insert(now);
        if now.saturating_sub(since) >= self.patience.stable_ms {
            self.forgive();
        }
    }

    fn forgive(&mut self) {
        self.failures = 0;
        self.failing_since = None;
    }

    fn connect(&mut self, now: Millis, todo: &mut Vec<Command>) {
        self.drop_all(LinkState::Connecting, todo);
        self.hand = Hand::Source;
        self.heard_at = now;
        todo.push(Command::Open(self.generation));
        todo.push(Command::Wake(now.saturating_add(self.patience.silence_ms)));
    }

    /// Lets go of whatever is in hand. Ends in `state` with nothing that would call back: who needs that arranges it.
    fn drop_all(&mut self, state: LinkState, todo: &mut Vec<Command>) {
        match self.hand {
            Hand::Source => todo.extend([Command::Close, Command::Sleep]),
            Hand::Question => todo.push(Command::Sleep),
            Hand::Empty if matches!(self.state, LinkState::Waiting { .. }) => {
                todo.push(Command::Sleep)
            }
            Hand::Empty => {}
        }
        self.hand = Hand::Empty;
        self.generation = self.generation.wrapping_add(1);
        self.parked = false;
        self.opened_at = None;
        self.not_before = 0;
        self.state = state;
    }

    fn ask(&mut self, now: Millis, todo: &mut Vec<Command>) {
        self.drop_all(LinkState::Connecting, todo);
        self.hand = Hand::Question;
        self.heard_at = now;
        todo.push(Command::Probe(self.generation));
        todo.push(Command::Wake(now.saturating_add(PROBE_MS)));
    }

    fn judge(&mut self, probe: Probe, now: Millis, random: f64, todo: &mut Vec<Command>) {
        match probe {
            Probe::Answered(401, _) => {
                self.drop_all(LinkState::SignedOut, todo);
                self.error = Some(LinkError::Status(401));
            }
            Probe::Answered(status @ (429 | 503), retry_after) => {
                self.wait(LinkError::Status(status), retry_after, now, random, todo);
            }
            Probe::Answered(200..=299, _) => self.wait(LinkError::Refused, None, now, random, todo),
            Probe::Answered(status, _) => {
                self.wait(LinkError::Status(status), None, now, random, todo)
            }
            Probe::Unreachable => self.wait(LinkError::Network, None, now, random, todo),
        }
    }

    /// The attempt failed: waits for the next one, or gives up.
    fn wait(
        &mut self,
        error: LinkError,
        retry_after: Option<Millis>,
        now: Millis,
        random: f64,
        todo: &mut Vec<Command>,
    ) {
        self.error = Some(error);
        self.failures = self.failures.saturating_add(1);
        let trouble = now.saturating_sub(*self.failing_since.get_or_insert(now));
        let Some(delay) = self.patience.backoff.delay(self.failures, trouble, random) else {
            self.drop_all(LinkState::Closed, todo);
            return;
        };
        // The back-off on top of what the server asked for: not everybody it turned away comes back in one moment.
        let asked = retry_after.map_or(0, |ms| ms.min(LONGEST_RETRY_MS));
        let until = now.saturating_add(asked).saturating_add(delay);
        self.drop_all(LinkState::Waiting { until }, todo);
        self.heard_at = now;
        self.not_before = if asked > 0 { until } else { 0 };
        todo.push(Command::Wake(until));
    }

    fn wake(&mut self, now: Millis, todo: &mut Vec<Command>) {
        let started = self.generation > 0;
        let stale = now.saturating_sub(self.heard_at) >= self.patience.stale_ms;
        let renew = match self.state {
            LinkState::SignedOut | LinkState::Closed => false,
            LinkState::Waiting { .. } => now >= self.not_before,
            LinkState::Offline => true,
            LinkState::Connecting | LinkState::Open => {
                self.parked || (stale && self.hand == Hand::Source)
            }
        };
        if started && renew {
            self.connect(now, todo);
        }
    }

    /// Compares clocks rather than counting ticks: a hidden page gets them late, a sleeping machine not at all. A clock
    /// that was set back must not make a wait endless.
    fn tick(&mut self, now: Millis, random: f64, todo: &mut Vec<Command>) {
        let set_back = now < self.heard_at;
        match (self.hand, self.state) {
            (Hand::Source, _) => {
                self.heard_at = self.heard_at.min(now);
                let dead_at = self.heard_at.saturating_add(self.patience.silence_ms);
                if now >= dead_at {
                    self.wait(LinkError::Silence, None, now, random, todo);
                } else {
                    todo.push(Command::Wake(dead_at));
                }
            }
            (Hand::Question, _) => {
                let over_at = self.heard_at.saturating_add(PROBE_MS);
                if now >= over_at || set_back {
                    self.wait(LinkError::Network, None, now, random, todo);
                } else {
                    todo.push(Command::Wake(over_at));
                }
            }
            (Hand::Empty, LinkState::Waiting { until }) if now < until && !set_back => {
                todo.push(Command::Wake(until));
            }
            (Hand::Empty, LinkState::Waiting { .. }) => self.connect(now, todo),
            (
                Hand::Empty,
                LinkState::Connecting
                | LinkState::Open
                | LinkState::Offline
                | LinkState::SignedOut
                | LinkState::Closed,
            ) => {}
        }
    }
}
