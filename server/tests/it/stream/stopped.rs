//! Many readers that stop reading among many that go on: what they cost, and whom they hold up. Two servers have the same
//! readers and the same posts, each post in turn; at one of them readers stop. Whatever else the machine does, it does to
//! both.

use crate::support::command::{ANYWHERE, Server, token};
use crate::support::{people::Person, wire::Stream};
use serde_json::json;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpSocket;
use tokio::time::sleep;

/// Readers that go on, and those that stop.
const BRISK: usize = 450;
const STOPPED: usize = 50;

/// What the latter have missed when they come: more than the system keeps for a socket, at 16 kB each.
const MISSED: usize = 80;

/// Rounds, and each round's posts to each server.
const ROUNDS: usize = 5;
const POSTS: usize = 40;

/// What each of those that stop may cost, in the process and in the system together.
const COST: f64 = 256.0 * 1024.0;

/// How long the median and the slowest hundredth may take, by what they take where nobody stops, in the middle one of the
/// rounds. A reader that is waited for costs many times as much; the exact figure is the benchmark's.
const HELD_UP: f64 = 1.5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenth_of_five_hundred_that_stop_reading_cost_little_and_hold_up_nobody() {
    let (mut usual, mut tried) = (Crowded::start().await, Crowded::start().await);
    round(&mut usual, &mut tried).await;
    let before = [usual.server.settled().await, tried.server.settled().await];
    let mut rounds = Vec::new();
    for _ in 1..ROUNDS {
        let stopped = tried.stopped_readers().await;
        rounds.push(round(&mut usual, &mut tried).await);
        assert_eq!(tried.streams().await, BRISK + STOPPED, "they were there");
        drop(stopped);
        tried.has_streams(BRISK).await;
    }
    let since = Instant::now();
    let _stopped = tried.stopped_readers().await;
    rounds.push(round(&mut usual, &mut tried).await);
    let after = [usual.server.settled().await, tried.server.settled().await];
    assert_eq!(tried.streams().await, BRISK + STOPPED, "they are there");

    let grown = |at: usize| after[at].memory as f64 - before[at].memory as f64;
    let in_process = (grown(1) - grown(0)) / STOPPED as f64;
    let unsent = unsent(tried.server.address);
    assert_eq!(unsent.len(), STOPPED, "nobody else is behind");
    let in_system = unsent.into_iter().max().unwrap() as f64;
    println!(
        "{:.0} kB in the process and {:.0} kB in the system for each that stopped",
        in_process / 1024.0,
        in_system / 1024.0,
    );
    assert!(in_process + in_system <= COST);
    for percent in [50, 99] {
        let mut ratios: Vec<_> = rounds.iter().map(|round| round.ratio(percent)).collect();
        ratios.sort_by(f64::total_cmp);
        println!("p{percent} {ratios:.2?} of the usual");
        assert!(ratios[ROUNDS / 2] <= HELD_UP, "others wait for them");
    }

    tried.has_streams(BRISK).await;
    let closed = since.elapsed();
    assert!(closed < Duration::from_secs(30), "closed after {closed:?}");
}

/// How long each reader waited for each post.
struct Round {
    without: Vec<Duration>,
    with: Vec<Duration>,
}

impl Round {
    /// A percentile where readers stop, by the same where nobody does.
    fn ratio(&self, percent: usize) -> f64 {
        let [with, without] = [&self.with, &self.without]
            .map(|times| times[times.len() * percent / 100].as_secs_f64());
        with / without
    }
}

/// Posts to both in turn.
async fn round(usual: &mut Crowded, tried: &mut Crowded) -> Round {
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for post in 0..POSTS {
        // Neither has always the first turn.
        if post % 2 == 0 {
            usual.post(&mut without).await;
            tried.post(&mut with).await;
        } else {
            tried.post(&mut with).await;
            usual.post(&mut without).await;
        }
    }
    without.sort_unstable();
    with.sort_unstable();
    Round { without, with }
}

/// A server with readers who go on.
struct Crowded {
    server: Server,
    ci: Person,
    epoch: String,
    readers: Vec<Stream>,
    _dir: TempDir,
}

impl Crowded {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let token = token(dir.path(), "publish,subscribe").await;
        let server = Server::start(dir.path(), ANYWHERE).await;
        let ci = Person::new(server.address).with_token(&token);
        let mut crowded = Self {
            epoch: super::epoch(&ci.stream("").await).to_owned(),
            server,
            ci,
            readers: Vec::new(),
            _dir: dir,
        };
        for _ in 0..MISSED {
            crowded.publish(16_000).await;
        }
        for _ in 0..BRISK {
            crowded.readers.push(crowded.ci.stream("").await);
        }
        crowded.has_streams(BRISK).await;
        crowded
    }

    async fn publish(&self, bytes: usize) {
        let message = "x".repeat(bytes);
        self.ci
            .publish(json!({"channel": "ci", "message": message}))
            .await;
    }

    /// Posts, and notes for each reader how long it took until it was there.
    async fn post(&mut self, times: &mut Vec<Duration>) {
        let began = Instant::now();
        self.publish(1_000).await;
        for reader in &mut self.readers {
            let event = reader.next_event().await;
            assert_eq!(event.name, "notification");
            times.push(began.elapsed());
        }
    }

    /// Readers who come back, ask for what they missed, and read nothing of it. No two are at the same place.
    async fn stopped_readers(&self) -> Vec<Stream> {
        let bearer = format!("Bearer {}", self.ci.token());
        let mut stopped = Vec::new();
        for number in 0..STOPPED {
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_recv_buffer_size(4096).unwrap();
            let socket = socket.connect(self.server.address).await.unwrap();
            let last = format!("{}-{}", self.epoch, number % (MISSED / 2));
            let headers = [("authorization", bearer.as_str()), ("last-event-id", &last)];
            let stream = Stream::open_on(socket, "/events", &headers).await;
            stopped.push(stream.unwrap());
        }
        stopped
    }

    async fn streams(&self) -> usize {
        self.ci.get("/metrics").await.figure("belfry_streams") as usize
    }

    /// Waits until so many streams are open.
    async fn has_streams(&self, count: usize) {
        let began = Instant::now();
        while self.streams().await != count {
            assert!(began.elapsed() < 2 * crate::support::PATIENCE);
            sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Bytes that the system keeps for each connection of a server whose peer does not take them (`/proc/net/tcp`).
fn unsent(server: SocketAddr) -> Vec<usize> {
    let port = format!("{:04X}", server.port());
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let waiting = |line: &str| {
        let mut columns = line.split_whitespace().skip(1);
        let (local, _peer, _state) = (columns.next()?, columns.next()?, columns.next()?);
        let (queue, _received) = columns.next()?.split_once(':')?;
        let (_address, of_server) = local.split_once(':')?;
        let bytes = usize::from_str_radix(queue, 16).ok()?;
        (of_server == port && bytes > 0).then_some(bytes)
    };
    table.lines().skip(1).filter_map(waiting).collect()
}
