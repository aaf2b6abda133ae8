//! Readers behind a bad line. Each comes back with its last id and is shown exactly the server's list, whatever the line
//! did.

use crate::support::people::Person;
use crate::support::proxy::{Fault, FaultProxy};
use crate::support::verdict::{Posts, Shown};
use crate::support::{PATIENCE, TestApp, world::World};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

const READERS: usize = 4;
const HEARTBEAT: Duration = Duration::from_millis(100);
const DELAY: Fault = Fault::Delay(Duration::from_millis(20));

/// A server, posts that go on, and readers behind a line.
struct Scene {
    app: TestApp,
    ci: Person,
    proxy: FaultProxy,
    world: Arc<World>,
    publishers: JoinSet<Posts>,
    subscribers: JoinSet<Shown>,
}

impl Scene {
    async fn open() -> Self {
        let app = TestApp::start_with(|options| {
            options.overrides.tuning.heartbeat = HEARTBEAT;
            options.overrides.tuning.stalled = 5 * HEARTBEAT;
            options.config.streams_per_user = 0;
        })
        .await;
        app.admin().await;
        let ci = app.program("root", "publish,subscribe").await;
        let proxy = FaultProxy::to(app.address).await;
        let world = World::new(app.address, ci.token().to_owned());
        let world = Arc::new(world.behind(proxy.address, 10 * HEARTBEAT, HEARTBEAT / 5));
        let scene = Self {
            publishers: world.publishers(2),
            subscribers: world.subscribers(READERS),
            app,
            ci,
            proxy,
            world,
        };
        scene.is_whole().await;
        scene
    }

    /// Waits until all readers are there and shown what is posted from now on.
    async fn is_whole(&self) {
        let mut present = self.world.present.subscribe();
        let all = present.wait_for(|count| *count == READERS);
        drop(timeout(PATIENCE, all).await.unwrap().unwrap());
        self.shows_more().await;
    }

    /// Waits until somebody is shown what is posted from now on.
    async fn shows_more(&self) {
        let now = self.acknowledge(1).await as u64;
        let mut newest = self.world.newest.subscribe();
        let more = newest.wait_for(|newest| *newest > now);
        drop(timeout(PATIENCE, more).await.unwrap().unwrap());
    }

    /// Waits until so many more posts are acknowledged. Answers how many there are then.
    async fn acknowledge(&self, count: usize) -> usize {
        let mut acknowledged = self.world.acknowledged.subscribe();
        let enough = *acknowledged.borrow() + count;
        let enough = acknowledged.wait_for(|count| *count >= enough);
        *timeout(PATIENCE, enough).await.unwrap().unwrap()
    }

    /// Waits until every reader has been cut off so often again.
    async fn is_cut(&self, times: usize) {
        let mut cuts = self.world.cuts.subscribe();
        let enough = *cuts.borrow() + times * READERS;
        let enough = cuts.wait_for(|cuts| *cuts >= enough);
        drop(timeout(PATIENCE, enough).await.unwrap().unwrap());
    }

    /// Ends it: readers were shown what the server lists.
    async fn close(self) {
        self.proxy.set(Fault::None);
        let verdict = self.world.judge(self.publishers, self.subscribers).await;
        assert_eq!(verdict.refused + verdict.unanswered, 0);
        assert!(verdict.cuts >= READERS, "the line did cut readers off");
        let (mut listed, mut before) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/notifications?limit=200{before}");
            let page = self.ci.get(&path).await.json();
            for item in page["notifications"].as_array().unwrap() {
                let message = item["message"].as_str().unwrap().to_owned();
                listed.push((item["seq"].as_u64().unwrap(), message));
            }
            match page["next"].as_u64() {
                Some(next) => before = format!("&before={next}"),
                None => break,
            }
        }
        listed.reverse();
        assert_eq!(verdict.shown, listed);
        drop(self.app);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_behind_each_fault_is_shown_the_server_s_list() {
    let scene = Scene::open().await;
    for fault in [DELAY, Fault::Slices] {
        scene.proxy.set(fault);
        scene.shows_more().await;
        scene.acknowledge(200).await;
        scene.proxy.set(Fault::None);
        scene.is_whole().await;
    }
    for fault in [Fault::Reset, Fault::BadGateway, Fault::BlackHole] {
        scene.proxy.set(fault);
        // Also those who come back meanwhile.
        scene.is_cut(3).await;
        scene.proxy.set(Fault::None);
        scene.is_whole().await;
    }
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_behind_any_mixture_of_faults_is_shown_the_server_s_list() {
    for seed in 0..3 {
        println!("seed {seed}");
        let mut random = StdRng::seed_from_u64(seed);
        let scene = Scene::open().await;
        for step in 0..60 {
            let faults = [
                Fault::None,
                DELAY,
                Fault::Slices,
                Fault::Reset,
                Fault::BlackHole,
                Fault::BadGateway,
            ];
            scene.proxy.set(*faults.choose(&mut random).unwrap());
            scene.acknowledge(random.random_range(1..60)).await;
            if step % 10 == 9 {
                scene.proxy.set(Fault::None);
                scene.is_whole().await;
            }
        }
        scene.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_black_hole_is_noticed_on_both_sides() {
    let scene = Scene::open().await;
    let anybody = scene.app.anyone();
    let streams = async || anybody.get("/metrics").await.figure("belfry_streams");
    assert_eq!(streams().await, READERS as f64);
    scene.proxy.set(Fault::BlackHole);
    let began = Instant::now();
    // The reader hears no heartbeat; the server can write no more.
    scene.is_cut(1).await;
    let readers_noticed = began.elapsed();
    let server_notices = async {
        while streams().await > 0.0 {
            sleep(HEARTBEAT / 5).await;
        }
    };
    timeout(PATIENCE / 3, server_notices).await.unwrap();
    println!(
        "readers after {readers_noticed:.1?}, the server after {:.1?}",
        began.elapsed()
    );
    assert!(
        anybody
            .get("/metrics")
            .await
            .figure("belfry_slow_readers_closed_total")
            >= READERS as f64
    );
    scene.proxy.set(Fault::None);
    scene.is_whole().await;
    assert_eq!(streams().await, READERS as f64);
    scene.close().await;
}
