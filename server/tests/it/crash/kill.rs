//! `kill -9` under load, again and again.

use crate::support::command::{self, Server, own_port};
use crate::support::{PATIENCE, a_turn, database, world::World};
use std::sync::Arc;
use tokio::time::timeout;

const PUBLISHERS: usize = 8;
const SUBSCRIBERS: usize = 500;
const KILLS: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_in_a_row_lose_repeat_and_reorder_nothing() {
    let _turn = a_turn().await;
    let dir = tempfile::tempdir().unwrap();
    let token = command::token(dir.path(), "publish,subscribe").await;
    let world = Arc::new(World::new(own_port(), token));
    let mut server = Server::start(dir.path(), world.server).await;
    let (publishers, subscribers) = (world.publishers(PUBLISHERS), world.subscribers(SUBSCRIBERS));

    for kill in 0..=KILLS {
        let life = timeout(PATIENCE, live(&world, kill)).await;
        life.unwrap_or_else(|_| panic!("life {kill} goes on"));
        if kill < KILLS {
            server.kill();
            server = Server::start(dir.path(), world.server).await;
            world.has_started();
        }
    }
    let verdict = world.judge(publishers, subscribers).await;
    assert!(verdict.acknowledged >= 1_000);
    assert!(
        verdict.cuts >= KILLS / 2 * SUBSCRIBERS,
        "readers were there to be cut off"
    );
    server.kill();
    assert_eq!(database::integrity(dir.path()).await, "ok");
}

/// One life of the server, to the moment at which something is shown for the first time: by then it must be there for
/// ever.
async fn live(world: &World, number: usize) {
    // Every other one lives until everybody is back; the rest die while readers are still catching up.
    if number.is_multiple_of(2) {
        let mut present = world.present.subscribe();
        let all = present.wait_for(|count| *count == SUBSCRIBERS).await;
        drop(all.unwrap());
    }
    let mut acknowledged = world.acknowledged.subscribe();
    let enough = *acknowledged.borrow() + [100, 10, 50, 3, 200][number % 5];
    let reached = acknowledged.wait_for(|count| *count >= enough).await;
    drop(reached.unwrap());
    if number < KILLS {
        world.newest.subscribe().changed().await.unwrap();
    }
}
