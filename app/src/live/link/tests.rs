//! Every transition that matters, and that no sequence of inputs ends in silence.

use super::*;
use proptest::prelude::*;

const PATIENCE: Patience = Patience {
    backoff: Backoff {
        base_ms: 1_000,
        cap_ms: 30_000,
        max_attempts: None,
    },
    silence_ms: 40_000,
    stable_ms: 30_000,
    stale_ms: 20_000,
};

/// A link with the largest jitter, told what happens at which second.
struct Story(Link, Vec<Command>);

impl Story {
    fn new() -> Self {
        let mut story = Self(Link::new(PATIENCE), Vec::new());
        story.at(0, Input::Start);
        story
    }

    fn at(&mut self, second: Millis, input: Input) -> LinkState {
        self.1 = self.0.step(input, second * 1_000, 1.0);
        self.0.state()
    }

    /// The generation of the newest command that carries one.
    fn generation(&self) -> Generation {
        let carried = self.1.iter().rev().find_map(|command| match command {
            Command::Open(generation) | Command::Probe(generation) => Some(*generation),
            Command::Close | Command::Wake(_) | Command::Sleep => None,
        });
        carried.unwrap()
    }

    fn opens(&self) -> bool {
        self.1
            .iter()
            .any(|command| matches!(command, Command::Open(_)))
    }

    fn open() -> (Self, Generation) {
        let mut story = Self::new();
        let generation = story.generation();
        story.at(0, Input::Opened(generation));
        (story, generation)
    }

    /// Refused at second 1: the session endpoint is being asked.
    fn refused() -> (Self, Generation) {
        let (mut story, source) = Self::open();
        story.at(1, Input::Failed(source));
        let question = story.generation();
        (story, question)
    }
}

fn waiting(second: Millis) -> LinkState {
    LinkState::Waiting {
        until: second * 1_000,
    }
}

#[test]
fn opens_and_tells_since_when() {
    let (story, _) = Story::open();
    assert_eq!(story.0.state(), LinkState::Open);
    assert_eq!(
        (story.0.opened_at(), story.0.opened(), story.0.error()),
        (Some(0), 1, None)
    );
}

#[test]
fn a_broken_source_is_closed_and_never_left_to_the_browser() {
    let (mut story, source) = Story::open();
    assert_eq!(story.at(5, Input::Broken(source)), waiting(6));
    assert_eq!(
        story.1,
        [Command::Close, Command::Sleep, Command::Wake(6_000)]
    );
    assert_eq!(story.0.error(), Some(LinkError::Network));
    assert_eq!(story.at(6, Input::Tick), LinkState::Connecting);
    assert!(story.opens());
}

#[test]
fn waits_double_up_to_the_cap_and_are_a_random_part_of_it() {
    const LONG: Millis = 600_000;
    let delays = (1..=8)
        .map(|failures| PATIENCE.backoff.delay(failures, LONG, 1.0).unwrap())
        .collect::<Vec<_>>();
    assert_eq!(
        delays,
        [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]
    );
    assert_eq!(PATIENCE.backoff.delay(3, LONG, 0.25), Some(1_000));
    assert_eq!(PATIENCE.backoff.delay(u32::MAX, LONG, 0.0), Some(0));
}

#[test]
fn no_wait_is_longer_than_the_trouble_has_lasted_and_a_moment() {
    let (mut story, mut source) = Story::open();
    for second in [5, 5, 5, 6] {
        let longest = second + (second - 5) + 1;
        assert_eq!(story.at(second, Input::Broken(source)), waiting(longest));
        story.at(second, Input::Shown);
        source = story.generation();
    }
}

#[test]
fn failures_are_forgotten_only_after_a_connection_that_lasted() {
    let mut story = Story::new();
    for (second, wait) in [(0, 1), (10, 2), (20, 4)] {
        let source = story.generation();
        story.at(second, Input::Opened(source));
        assert_eq!(
            story.at(second, Input::Broken(source)),
            waiting(second + wait),
            "at {second}"
        );
        story.at(second + wait, Input::Tick);
    }
    let source = story.generation();
    story.at(30, Input::Opened(source));
    story.at(60, Input::Event(source));
    assert_eq!(story.at(61, Input::Broken(source)), waiting(62));
}

#[test]
fn gives_up_after_the_maximum_and_starts_again_when_asked() {
    let backoff = Backoff {
        max_attempts: Some(2),
        ..PATIENCE.backoff
    };
    let mut story = Story(
        Link::new(Patience {
            backoff,
            ..PATIENCE
        }),
        Vec::new(),
    );
    story.at(0, Input::Start);
    let first = story.generation();
    assert_eq!(story.at(0, Input::Broken(first)), waiting(1));
    story.at(1, Input::Tick);
    let second = story.generation();
    assert_eq!(story.at(1, Input::Broken(second)), LinkState::Closed);
    assert_eq!(story.0.error(), Some(LinkError::Network));
    assert_eq!(story.at(2, Input::Shown), LinkState::Closed);
    assert_eq!(story.at(3, Input::Start), LinkState::Connecting);
    assert!(story.opens());
}

#[test]
fn what_the_session_endpoint_says_decides() {
    use {LinkError as E, Probe::Answered};
    // Failed at second 1, asked, answered at second 1; the first back-off is 1 s.
    for (answer, state, error) in [
        (Answered(401, None), LinkState::SignedOut, E::Status(401)),
        (Answered(503, None), waiting(2), E::Status(503)),
        (Answered(503, Some(20_000)), waiting(22), E::Status(503)),
        (Answered(429, Some(5_000)), waiting(7), E::Status(429)),
        (
            Answered(429, Some(Millis::MAX)),
            waiting(3_602),
            E::Status(429),
        ),
        (Answered(500, Some(5_000)), waiting(2), E::Status(500)),
        (Answered(502, None), waiting(2), E::Status(502)),
        (Answered(200, None), waiting(2), E::Refused),
        (Probe::Unreachable, waiting(2), E::Network),
    ] {
        let (mut story, question) = Story::refused();
        assert_eq!(
            story.at(1, Input::Probed(question, answer)),
            state,
            "{answer:?}"
        );
        assert_eq!(story.0.error(), Some(error), "{answer:?}");
    }
}

#[test]
fn a_question_without_an_answer_is_a_failure() {
    let (mut story, question) = Story::refused();
    assert_eq!(story.at(5, Input::Tick), LinkState::Connecting);
    assert_eq!(story.1, [Command::Wake(11_000)]);
    assert_eq!(story.at(11, Input::Tick), waiting(12));
    assert_eq!(
        story.at(11, Input::Probed(question, Probe::Answered(401, None))),
        waiting(12)
    );
}

#[test]
fn retry_after_holds_against_a_glance_but_not_against_a_person() {
    let (mut story, question) = Story::refused();
    story.at(
        1,
        Input::Probed(question, Probe::Answered(429, Some(20_000))),
    );
    assert_eq!(story.at(2, Input::Shown), waiting(22));
    assert_eq!(story.at(2, Input::Online), waiting(22));
    assert_eq!(story.at(3, Input::Start), LinkState::Connecting);
}

#[test]
fn silence_is_measured_by_the_clock() {
    let (mut story, source) = Story::open();
    story.at(15, Input::Event(source));
    assert_eq!(story.at(40, Input::Tick), LinkState::Open);
    assert_eq!(story.1, [Command::Wake(55_000)]);
    assert_eq!(story.at(55, Input::Tick), waiting(56));
    assert_eq!(story.0.error(), Some(LinkError::Silence));
}

#[test]
fn a_source_that_never_opens_is_given_up() {
    let mut story = Story::new();
    assert_eq!(story.at(40, Input::Tick), waiting(41));
}

#[test]
fn a_clock_that_is_set_back_delays_nothing_for_long() {
    let (mut story, source) = Story::open();
    story.at(1_000, Input::Event(source));
    assert_eq!(story.at(100, Input::Tick), LinkState::Open);
    assert_eq!(story.1, [Command::Wake(140_000)]);
    story.at(1_000, Input::Broken(source));
    assert_eq!(story.at(500, Input::Tick), LinkState::Connecting);
}

#[test]
fn coming_back_renews_only_what_is_stale_or_waits() {
    for input in [Input::Online, Input::Shown] {
        let (mut story, _) = Story::open();
        assert_eq!(story.at(19, input), LinkState::Open, "{input:?}");
        assert_eq!(story.at(20, input), LinkState::Connecting, "{input:?}");
        assert!(story.1.starts_with(&[Command::Close]) && story.opens());

        let source = story.generation();
        story.at(21, Input::Broken(source));
        assert_eq!(story.at(21, input), LinkState::Connecting, "{input:?}");
    }
}

#[test]
fn offline_waits_for_the_network_or_a_glance() {
    for input in [Input::Online, Input::Shown, Input::Start] {
        let (mut story, _) = Story::open();
        assert_eq!(story.at(1, Input::Offline), LinkState::Offline);
        assert_eq!(story.1, [Command::Close, Command::Sleep]);
        assert_eq!(story.at(90, Input::Tick), LinkState::Offline);
        assert_eq!(story.at(91, input), LinkState::Connecting);
        assert!(story.opens());
    }
}

#[test]
fn a_page_that_is_left_closes_quietly_and_comes_back() {
    let (mut story, source) = Story::open();
    assert_eq!(story.at(1, Input::Hidden), LinkState::Connecting);
    assert_eq!(story.1, [Command::Close, Command::Sleep]);
    assert_eq!(story.0.error(), None);
    story.at(1, Input::Broken(source));
    assert!(story.1.is_empty());
    story.at(2, Input::Shown);
    assert!(story.opens());
}

#[test]
fn what_a_superseded_source_says_is_ignored() {
    let (mut story, old) = Story::open();
    story.at(1, Input::Start);
    for input in [
        Input::Opened(old),
        Input::Event(old),
        Input::Broken(old),
        Input::Failed(old),
    ] {
        assert_eq!(story.at(2, input), LinkState::Connecting, "{input:?}");
        assert!(story.1.is_empty(), "{input:?}");
    }
}

#[test]
fn the_end_is_the_end_until_somebody_asks() {
    let (mut story, source) = Story::open();
    assert_eq!(story.at(1, Input::Close), LinkState::Closed);
    for input in [
        Input::Shown,
        Input::Online,
        Input::Offline,
        Input::Hidden,
        Input::Tick,
        Input::Event(source),
    ] {
        assert_eq!(story.at(2, input), LinkState::Closed, "{input:?}");
    }
    assert_eq!(story.at(3, Input::Start), LinkState::Connecting);
}

/// What the browser has in hand for a link.
#[derive(Default)]
struct Browser {
    source: Option<Generation>,
    question: Option<Generation>,
    timer: Option<Millis>,
}

fn inputs() -> impl Strategy<Value = Input> {
    let answer = prop_oneof![
        Just(Probe::Unreachable),
        (
            prop_oneof![Just(200u16), Just(401), Just(429), Just(503), any::<u16>()],
            any::<Option<Millis>>()
        )
            .prop_map(|(status, retry)| Probe::Answered(status, retry)),
    ];
    // A generation counts back from the present one: 0 is the present one.
    prop_oneof![
        Just(Input::Start),
        (0..3u32).prop_map(Input::Opened),
        (0..3u32).prop_map(Input::Event),
        (0..3u32).prop_map(Input::Broken),
        (0..3u32).prop_map(Input::Failed),
        (0..3u32, answer).prop_map(|(generation, probe)| Input::Probed(generation, probe)),
        Just(Input::Online),
        Just(Input::Offline),
        Just(Input::Shown),
        Just(Input::Hidden),
        Just(Input::Tick),
        Just(Input::Close),
    ]
}

fn aged(input: Input, newest: Generation) -> Input {
    let generation = |age: u32| newest.wrapping_sub(age);
    match input {
        Input::Opened(age) => Input::Opened(generation(age)),
        Input::Event(age) => Input::Event(generation(age)),
        Input::Broken(age) => Input::Broken(generation(age)),
        Input::Failed(age) => Input::Failed(generation(age)),
        Input::Probed(age, probe) => Input::Probed(generation(age), probe),
        Input::Start
        | Input::Online
        | Input::Offline
        | Input::Shown
        | Input::Hidden
        | Input::Tick
        | Input::Close => input,
    }
}

proptest! {
    #[test]
    fn nothing_panics_doubles_or_dies_silently(
        steps in prop::collection::vec((inputs(), any::<u32>(), any::<bool>(), 0.0..1.0), 0..80),
        max_attempts in prop_oneof![Just(None), (1..4u32).prop_map(Some)],
    ) {
        let backoff = Backoff { max_attempts, ..PATIENCE.backoff };
        let mut link = Link::new(Patience { backoff, ..PATIENCE });
        let (mut browser, mut newest, mut hidden, mut now) = (Browser::default(), 0, false, 1_000_000_000u64);
        let first = (Input::Start, 0, false, 0.5);
        for (input, passed, back, random) in std::iter::once(first).chain(steps) {
            let passed = u64::from(passed % 90_000);
            now = if back { now - passed } else { now + passed };
            let input = aged(input, newest);
            hidden = input == Input::Hidden
                || (hidden && !matches!(input, Input::Shown | Input::Online | Input::Start));
            if input == Input::Tick {
                browser.timer = None;
            }
            if let Input::Probed(generation, _) = input && browser.question == Some(generation) {
                browser.question = None;
            }
            for command in link.step(input, now, random) {
                match command {
                    Command::Close => prop_assert!(browser.source.take().is_some()),
                    Command::Open(generation) => {
                        prop_assert_eq!(browser.source.replace(generation), None);
                        newest = generation;
                    }
                    Command::Probe(generation) => {
                        browser.question = Some(generation);
                        newest = generation;
                    }
                    Command::Wake(at) => {
                        prop_assert!(at <= now + LONGEST_MS, "{:?}", link);
                        browser.timer = Some(at);
                    }
                    Command::Sleep => browser.timer = None,
                }
            }
            let over = matches!(link.state(), LinkState::SignedOut | LinkState::Closed);
            let rests = over || hidden || link.state() == LinkState::Offline;
            if rests {
                prop_assert_eq!(browser.source, None);
                prop_assert!(browser.timer.is_none() || hidden, "a timer at rest");
            } else {
                // Whatever else is in hand, a timer guards it.
                prop_assert!(browser.timer.is_some(), "{:?}", link);
            }
            if link.state() == LinkState::Open {
                prop_assert!(browser.source.is_some());
            }
            prop_assert_eq!(link.opened_at().is_some(), link.state() == LinkState::Open);
        }
    }
}

/// The longest `Retry-After` that is believed and the longest back-off.
const LONGEST_MS: Millis = 3_630_000;
