//! `kill -9` under load, again and again.

use crate::support::command::{self, Server, own_port};
use crate::support::{PATIENCE, database, world::World};
use std::sync::Arc;
use tokio::time::timeout;

const PUBLISHERS: usize = 8;
const SUBSCRIBERS: usize = 500;
const KILLS: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_in_a_row_lose_repeat_and_reorder_nothing() {
    timeout(4 * PATIENCE, survive())
        .await
        .expect("it is over within two minutes");
}

async fn survive() {
    let dir = tempfile::tempdir().unwrap();
    let token = command::token(dir.path(), "publish,subscribe").await;
    let world = Arc::new(World::new(own_port(), token));
    let mut server = Server::start(dir.path(), world.server).await;
    let (publishers, subscribers) = (world.publishers(PUBLISHERS), world.subscribers(SUBSCRIBERS));

    let mut acknowledged = world.acknowledged.subscribe();
    let mut present = world.present.subscribe();
    for kill in 0..=KILLS {
        // Every other one lives until everybody is back; the rest die while readers are still catching up.
        if kill % 2 == 0 {
            let all = present.wait_for(|count| *count == SUBSCRIBERS).await;
            drop(all.unwrap());
        }
        let enough = *acknowledged.borrow() + [100, 10, 50, 3, 200][kill % 5];
        acknowledged
            .wait_for(|count| *count >= enough)
            .await
            .unwrap();
        if kill < KILLS {
            // At the moment when something is shown for the first time: by then it must be there for ever.
            world.newest.subscribe().changed().await.unwrap();
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
