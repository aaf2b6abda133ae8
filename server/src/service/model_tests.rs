//! Random interleavings of publishing, subscribing at any place, reading, pruning and restarting, against a model: the
//! list of what was acknowledged. Publishers and readers run at the same time on a real database; the steps of each
//! interleaving come from its seed, which a failure names.

use super::Services;
use crate::clock::Clock;
use crate::live::Tuning;
use crate::live::audience::{Audience, Interest};
use crate::live::chunk::Chunk;
use crate::live::cursor::{Cursor, CursorError, Start};
use crate::live::gate::{Actor, Credential};
use crate::service::Running;
use crate::store::{Reader, SecretHash};
use domain::{ChannelName, Draft, EventId, Password, ResetReason, Resume, Scopes, Seq, UserName};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How many, and after how many of them a new database is begun.
const INTERLEAVINGS: u64 = 10_000;
const EACH_DATABASE: u64 = 500;

/// The channels that are published to. A reader follows all of them or the first.
const CHANNELS: [&str; 2] = ["first", "second"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_interleaving_delivers_each_event_once_and_in_order() {
    let mut total = Tally::default();
    for first in (0..INTERLEAVINGS).step_by(EACH_DATABASE as usize) {
        let mut world = World::create().await;
        for seed in first..first + EACH_DATABASE {
            world.play(seed).await;
        }
        total.add(&world.tally);
        world.server.stop().await;
    }
    println!("{INTERLEAVINGS} interleavings: {total:?}; 0 gaps, 0 repeats, 0 reorderings");
    // A test that never came to the hard places would prove nothing.
    let Tally {
        events,
        resets,
        pruned_while_reading,
        restarts,
    } = total;
    assert!(
        events > INTERLEAVINGS && resets > 500 && restarts > 200,
        "{total:?}"
    );
    assert!(pruned_while_reading > 10, "{total:?}");
}

/// What happened.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    events: u64,
    resets: u64,
    pruned_while_reading: u64,
    restarts: u64,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.resets += other.resets;
        self.pruned_while_reading += other.pruned_while_reading;
        self.restarts += other.restarts;
    }
}

/// A server on a database.
struct Server {
    services: Services,
    running: Running,
    shutdown: CancellationToken,
}

impl Server {
    async fn open(dir: &Path) -> Self {
        let shutdown = CancellationToken::new();
        let tuning = Tuning {
            // Small, so that cursors fall out of the memory all the time.
            tail_frames: 4,
            ..Tuning::default()
        };
        let (services, running) = Services::open(dir, Clock::System, tuning, shutdown.clone())
            .await
            .expect("a server");
        Self {
            services,
            running,
            shutdown,
        }
    }

    async fn stop(self) {
        self.shutdown.cancel();
        self.running.finish().await;
    }
}

/// A server, its readers, and the model.
struct World {
    server: Server,
    dir: tempfile::TempDir,
    actor: Actor,
    readers: Vec<Follower>,
    publishing: JoinSet<(Seq, usize)>,
    /// Every event that was acknowledged, and the channel it is in.
    log: BTreeMap<Seq, usize>,
    tally: Tally,
}

/// A reader, with what it has got since it began or was reset.
struct Follower {
    cursor: Cursor,
    only_first: bool,
    began: Seq,
    got: Vec<Seq>,
}

impl World {
    async fn create() -> Self {
        // In memory where there is such a folder: what is tested is order, not the disk.
        let memory = PathBuf::from("/dev/shm");
        let dir = if memory.is_dir() {
            tempfile::tempdir_in(memory)
        } else {
            tempfile::tempdir()
        };
        let dir = dir.expect("a folder");
        let server = Server::open(dir.path()).await;
        let name = UserName::parse("ada").expect("a name");
        let password = Password::parse("correct horse".to_owned()).expect("a password");
        server
            .services
            .add_user(name.clone(), password, true)
            .await
            .expect("an account");
        let directory = server.services.directory();
        let account = directory.account_named(&name).expect("the account").id;
        let reader = Reader {
            account,
            channels: None,
        };
        let credential = Credential::Session(SecretHash::of("not looked at here"));
        Self {
            server,
            dir,
            actor: Actor {
                reader,
                credential,
                scopes: Scopes::ALL,
            },
            readers: Vec::new(),
            publishing: JoinSet::new(),
            log: BTreeMap::new(),
            tally: Tally::default(),
        }
    }

    async fn play(&mut self, seed: u64) {
        let mut random = StdRng::seed_from_u64(seed);
        for _ in 0..random.random_range(4..16) {
            match random.random_range(0..100) {
                0..40 => self.publish(&mut random),
                40..60 => self.subscribe(&mut random, seed).await,
                60..88 => self.read(&mut random, seed).await,
                88..98 => self.prune(&mut random).await,
                _ => self.restart(seed).await,
            }
        }
        self.settle().await;
        while let Some(reader) = self.readers.pop() {
            self.finish(reader, seed).await;
        }
    }

    /// Begins to publish, without waiting for the answer.
    fn publish(&mut self, random: &mut StdRng) {
        for _ in 0..random.random_range(1..4) {
            let channel = random.random_range(0..CHANNELS.len());
            let (services, actor) = (self.server.services.clone(), self.actor.clone());
            let draft = Draft {
                channel: Some(CHANNELS[channel].to_owned()),
                message: Some("m".to_owned()),
                ..Draft::default()
            };
            self.publishing.spawn(async move {
                let published = services
                    .publish(&actor, draft, None)
                    .await
                    .expect("an acknowledgement");
                (published.notification.seq, channel)
            });
        }
    }

    /// Waits for every answer.
    async fn settle(&mut self) {
        while let Some(acknowledged) = self.publishing.join_next().await {
            let (seq, channel) = acknowledged.expect("no panic");
            assert_eq!(self.log.insert(seq, channel), None, "{seq} was given twice");
            self.tally.events += 1;
        }
    }

    async fn subscribe(&mut self, random: &mut StdRng, seed: u64) {
        let live = &self.server.services.live;
        let (head, pruned) = (live.head(), live.pruned_to());
        let at = random.random_range(pruned.saturating_sub(3)..head + 3);
        let resume = match random.random_range(0..8) {
            0 => Resume::Head,
            1 => Resume::Earliest,
            2 => Resume::Malformed,
            _ => Resume::After(live.id(at)),
        };
        let only_first = random.random_bool(0.3);
        let settled = self.publishing.is_empty();
        let reader = self.open(&resume, only_first, seed).await;
        // While something is being published the head may have moved since it was asked.
        if settled && let Resume::After(EventId { seq, .. }) = resume {
            let expect = if (pruned..=head).contains(&seq) {
                seq
            } else {
                head
            };
            assert_eq!(reader.began, expect, "seed {seed}");
        }
        self.readers.push(reader);
    }

    async fn open(&mut self, resume: &Resume, only_first: bool, seed: u64) -> Follower {
        let live = &self.server.services.live;
        let name = ChannelName::parse(CHANNELS[0].to_owned()).expect("a name");
        let interest = Interest {
            channels: only_first.then(|| [name].into()),
            min_priority: None,
            query: None,
        };
        let audience = Audience {
            actor: self.actor.clone(),
            interest,
        };
        let opened = Cursor::open(live, resume, audience).await;
        let (cursor, start) = opened.expect("a cursor");
        if let Start::Reset(reason) = start {
            self.tally.resets += 1;
            let right = match (reason, resume) {
                (ResetReason::Malformed, Resume::Malformed) => true,
                (ResetReason::Pruned, Resume::After(id)) => id.seq < live.pruned_to(),
                (ResetReason::Future, Resume::After(id)) => id.seq > cursor.position,
                _ => false,
            };
            assert!(right, "seed {seed}: {reason:?} for {resume:?}");
        }
        Follower {
            began: cursor.position,
            cursor,
            only_first,
            got: Vec::new(),
        }
    }

    /// One reader takes what is there now.
    async fn read(&mut self, random: &mut StdRng, seed: u64) {
        if self.readers.is_empty() {
            return;
        }
        let index = random.random_range(0..self.readers.len());
        let mut reader = self.readers.swap_remove(index);
        match reader.cursor.next(&self.server.services.live).await {
            Ok(Some(chunk)) => {
                reader.got.extend(seqs(&chunk));
                self.readers.push(reader);
            }
            Ok(None) => self.readers.push(reader),
            Err(error) => self.lost(reader, &error, seed).await,
        }
    }

    /// A reader whose place was pruned comes back where it was, is reset, and goes on.
    async fn lost(&mut self, reader: Follower, error: &CursorError, seed: u64) {
        let live = &self.server.services.live;
        let position = reader.cursor.position;
        assert!(matches!(error, CursorError::Pruned), "seed {seed}: {error}");
        assert!(
            position < live.pruned_to(),
            "seed {seed}: {position} is still kept"
        );
        self.tally.pruned_while_reading += 1;
        let back = Resume::After(live.id(position));
        let fresh = self.open(&back, reader.only_first, seed).await;
        self.settle().await;
        self.check(&reader, position, seed);
        self.readers.push(fresh);
    }

    async fn prune(&mut self, random: &mut StdRng) {
        let live = &self.server.services.live;
        let upto = random.random_range(live.pruned_to()..=live.head());
        self.server.services.prune(upto).await.expect("pruned");
    }

    /// Every reader comes back with the place where it was. The old server ends after the new one has begun, as under a
    /// hasty supervisor.
    async fn restart(&mut self, seed: u64) {
        self.settle().await;
        self.tally.restarts += 1;
        let fresh = Server::open(self.dir.path()).await;
        let old = std::mem::replace(&mut self.server, fresh);
        old.stop().await;
        for mut reader in std::mem::take(&mut self.readers) {
            let position = reader.cursor.position;
            let back = Resume::After(self.server.services.live.id(position));
            let fresh = self.open(&back, reader.only_first, seed).await;
            if fresh.began == position {
                reader.cursor = fresh.cursor;
                self.readers.push(reader);
            } else {
                self.check(&reader, position, seed);
                self.readers.push(fresh);
            }
        }
    }

    /// Reads to the head and compares all that it got.
    async fn finish(&mut self, mut reader: Follower, seed: u64) {
        loop {
            match reader.cursor.next(&self.server.services.live).await {
                Ok(Some(chunk)) => reader.got.extend(seqs(&chunk)),
                Ok(None) => break,
                Err(error) => return Box::pin(self.lost_at_the_end(reader, &error, seed)).await,
            }
        }
        let head = self.server.services.live.head();
        assert_eq!(reader.cursor.position, head, "seed {seed}");
        self.check(&reader, head, seed);
    }

    async fn lost_at_the_end(&mut self, reader: Follower, error: &CursorError, seed: u64) {
        self.lost(reader, error, seed).await;
        if let Some(reader) = self.readers.pop() {
            self.finish(reader, seed).await;
        }
    }

    /// From where it began up to `upto`: every event that it follows, each once, in order.
    fn check(&self, reader: &Follower, upto: Seq, seed: u64) {
        if reader.began >= upto {
            assert!(reader.got.is_empty(), "seed {seed}");
            return;
        }
        let expect: Vec<_> = self
            .log
            .range(reader.began + 1..=upto)
            .filter(|(_, channel)| !reader.only_first || **channel == 0)
            .map(|(seq, _)| *seq)
            .collect();
        assert_eq!(reader.got, expect, "seed {seed}, began at {}", reader.began);
    }
}

/// The places in the log that the frames of a chunk name.
fn seqs(chunk: &Chunk) -> Vec<Seq> {
    let bytes = chunk.join().expect("no chunk is empty");
    let text = std::str::from_utf8(&bytes).expect("text");
    text.lines()
        .filter_map(|line| line.strip_prefix("id: "))
        .map(|id| {
            id.rsplit('-')
                .next()
                .and_then(|seq| seq.parse().ok())
                .expect("an id")
        })
        .collect()
}
