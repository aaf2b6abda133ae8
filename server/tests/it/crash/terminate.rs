//! SIGTERM under load (contract, section 1).

use crate::support::a_turn;
use crate::support::command::{self, ANYWHERE, Server};
use crate::support::wire::Stream;
use crate::support::world::{Posted, World, client};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const PUBLISHERS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_answers_what_was_accepted_ends_every_stream_well_and_exits_in_time() {
    let _turn = a_turn().await;
    let dir = tempfile::tempdir().unwrap();
    let token = command::token(dir.path(), "publish,subscribe").await;
    let server = Server::start(dir.path(), ANYWHERE).await;
    let world = Arc::new(World::new(server.address, token));
    let bearer = world.bearer();
    let mut streams = Vec::new();
    for _ in 0..500 {
        let headers = [("authorization", bearer.as_str())];
        let stream = Stream::open(world.server, "/events", &headers).await;
        streams.push(stream.unwrap());
    }
    let mut publishers = JoinSet::new();
    for number in 0..PUBLISHERS {
        let world = Arc::clone(&world);
        publishers.spawn(async move {
            let (client, mut acknowledged) = (client(), HashMap::new());
            for post in 0.. {
                let message = format!("{number}-{post}");
                let Posted::Kept(seq) = world.publish(&client, &message).await else {
                    break;
                };
                acknowledged.insert(seq, message);
            }
            acknowledged
        });
    }
    let mut acknowledged = world.acknowledged.subscribe();
    acknowledged.wait_for(|count| *count >= 100).await.unwrap();
    let since = Instant::now();
    let status = server.terminate().await;
    let took = since.elapsed();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
    for stream in &mut streams {
        stream.rest().await;
        assert!((500..3500).contains(&stream.retry().unwrap()));
    }
    let posted: Vec<_> = publishers.join_all().await.into_iter().flatten().collect();

    let server = Server::start(dir.path(), ANYWHERE).await;
    let headers = [
        ("authorization", bearer.as_str()),
        ("last-event-id", "earliest"),
    ];
    let mut stream = Stream::open(server.address, "/events", &headers)
        .await
        .unwrap();
    let head = stream.next("connected").await["head"].as_u64().unwrap();
    let mut kept = HashMap::new();
    while kept.len() < usize::try_from(head).unwrap() {
        let data = stream.next("notification").await;
        let message = data["notification"]["message"].as_str().unwrap().to_owned();
        kept.insert(data["seq"].as_u64().unwrap(), message);
    }
    println!(
        "{} acknowledged, {head} kept, exit 0 after {took:.1?}",
        posted.len()
    );
    assert!(
        posted
            .iter()
            .all(|(seq, message)| kept.get(seq) == Some(message))
    );
}
