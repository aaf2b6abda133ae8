//! The steps of a notification's way, each by itself: `cargo xtask bench --micro`.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use server::micro::{Memory, Server};
use std::hint::black_box;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// How far behind a reader is.
const BEHIND: [u64; 3] = [1, 64, 500];

/// How many publishers share a commit.
const GROUPS: [usize; 3] = [1, 16, 64];

/// A server with some events, on a runtime of one thread.
struct World {
    runtime: Runtime,
    server: Server,
    _folder: TempDir,
}

impl World {
    fn create() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let server = runtime.block_on(async {
            let server = Server::open(folder.path()).await.expect("a server");
            for _ in 0..10 {
                server.commit(64).await.expect("a commit");
            }
            server
        });
        Self {
            runtime,
            server,
            _folder: folder,
        }
    }

    fn finish(self) {
        self.runtime.block_on(self.server.finish());
    }
}

/// One event to its frame.
fn encode(criterion: &mut Criterion) {
    let world = World::create();
    let event = world.runtime.block_on(world.server.event());
    let event = event.expect("an event");
    let bytes = event.encode().expect("a frame");
    let mut group = criterion.benchmark_group("encode");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("event", |bencher| {
        bencher.iter(|| black_box(&event).encode())
    });
    group.finish();
    world.finish();
}

/// The newest part of the log in memory, full.
fn tail(criterion: &mut Criterion) {
    let world = World::create();
    let event = world.runtime.block_on(world.server.event());
    let memory = Memory::full(event.expect("an event")).expect("frames");
    let mut group = criterion.benchmark_group("tail");
    group.bench_function("append", |bencher| {
        // One at a time: a frame is made for the place that comes next.
        let make = || memory.next().expect("a frame");
        bencher.iter_batched_ref(make, |next| memory.append(next), BatchSize::PerIteration);
    });
    for behind in BEHIND {
        assert_eq!(memory.after(behind), behind as usize);
        group.throughput(Throughput::Elements(behind));
        group.bench_function(format!("after, {behind} behind"), |bencher| {
            bencher.iter(|| memory.after(black_box(behind)));
        });
    }
    group.finish();
    world.finish();
}

/// Everything that waits for a reader, with its rights looked at.
fn cursor(criterion: &mut Criterion) {
    let World {
        runtime, server, ..
    } = &World::create();
    let mut group = criterion.benchmark_group("cursor");
    for behind in BEHIND {
        let read = || runtime.block_on(server.read(black_box(behind)));
        assert!(read().expect("a page") > 100 * behind as usize);
        group.throughput(Throughput::Elements(behind));
        group.bench_function(format!("{behind} behind"), |bencher| bencher.iter(read));
    }
    group.finish();
}

/// A group of publishers in one durable commit.
fn commit(criterion: &mut Criterion) {
    let World {
        runtime, server, ..
    } = &World::create();
    let mut group = criterion.benchmark_group("commit");
    for drafts in GROUPS {
        group.throughput(Throughput::Elements(drafts as u64));
        group.bench_function(format!("{drafts} drafts"), |bencher| {
            bencher.iter(|| runtime.block_on(server.commit(drafts)).expect("a commit"));
        });
    }
    group.finish();
}

criterion_group!(benches, encode, tail, cursor, commit);
criterion_main!(benches);
