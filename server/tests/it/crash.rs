//! The real server, ended as power cuts and operators end it: nothing that was acknowledged is lost, and no reader sees a
//! gap, a repeat or another order (ARCHITECTURE.md, promises 1 to 3).

use crate::support::command::{self, Server};
use crate::support::{PATIENCE, wire::Stream};
use serde_json::{Value, json};
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

const PUBLISHERS: usize = 8;
const SUBSCRIBERS: usize = 500;
const KILLS: usize = 20;

/// The last post: whoever has read it has read everything.
const END: &str = "end";

/// What publishers and subscribers know of the server.
struct World {
    address: SocketAddr,
    token: String,
    /// How often it was started; it can be reached since the last change.
    starts: watch::Sender<usize>,
    /// How many posts were acknowledged.
    acknowledged: watch::Sender<usize>,
    /// The newest place that anybody was shown.
    newest: watch::Sender<u64>,
    /// How many subscribers have an open stream.
    present: watch::Sender<usize>,
    /// Whether publishers should stop.
    over: watch::Sender<bool>,
}

impl World {
    fn new(address: SocketAddr, token: String) -> Arc<Self> {
        Arc::new(Self {
            address,
            token,
            starts: watch::Sender::new(1),
            acknowledged: watch::Sender::default(),
            newest: watch::Sender::default(),
            present: watch::Sender::default(),
            over: watch::Sender::default(),
        })
    }

    /// Waits for the start after `seen`, the one in which the connection was lost.
    async fn next_start(&self, seen: &mut usize) {
        let mut starts = self.starts.subscribe();
        *seen = *starts.wait_for(|starts| starts > seen).await.unwrap();
    }

    /// Publishes on a connection of its own. `None` when the answer did not come: then nobody knows whether it was done.
    async fn publish(&self, client: &reqwest::Client, message: &str) -> Option<u64> {
        let request = client
            .post(format!("http://{}/api/v1/notifications", self.address))
            .bearer_auth(&self.token)
            .json(&json!({"channel": "ci", "message": message}));
        let response = request.send().await.ok()?;
        if response.status() == 503 {
            return None; // It is stopping.
        }
        assert_eq!(response.status(), 201, "{message}");
        let answer: Value = response.json().await.ok()?;
        Some(answer["seq"].as_u64().unwrap())
    }
}

/// No connection is used twice, so no post is sent twice behind our back.
fn client() -> reqwest::Client {
    let client = reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0);
    client.build().unwrap()
}

/// Posts until it is over. Answers what was acknowledged, and how many posts were left without an answer.
async fn publish(world: Arc<World>, number: usize) -> (HashMap<u64, String>, usize) {
    let (client, mut acknowledged, mut unanswered) = (client(), HashMap::new(), 0);
    let mut start = *world.starts.borrow();
    for post in 0.. {
        if *world.over.borrow() {
            break;
        }
        let message = format!("{number}-{post}");
        match world.publish(&client, &message).await {
            Some(seq) => {
                assert_eq!(
                    acknowledged.insert(seq, message),
                    None,
                    "one place for two posts"
                );
                world.acknowledged.send_modify(|count| *count += 1);
            }
            None => {
                unanswered += 1;
                world.next_start(&mut start).await;
            }
        }
    }
    (acknowledged, unanswered)
}

/// Reads until the end, coming back with its last id whenever the connection is lost. Answers what it was shown, and how
/// often it came back.
async fn subscribe(world: Arc<World>) -> (Vec<(u64, String)>, usize) {
    let (mut shown, mut last, mut returns) = (Vec::new(), "earliest".to_owned(), 0);
    let mut start = *world.starts.borrow();
    let bearer = format!("Bearer {}", world.token);
    loop {
        let headers = [
            ("authorization", bearer.as_str()),
            ("last-event-id", last.as_str()),
        ];
        if let Ok(mut stream) = Stream::open(world.address, "/events", &headers).await {
            assert_eq!(stream.head.status, 200);
            let mut present = false;
            let lost = loop {
                let event = match stream.try_next().await {
                    Ok(event) => event.expect("a killed server ends no stream well"),
                    Err(error) => break error,
                };
                let data: Value = serde_json::from_str(&event.data).unwrap();
                match event.name.as_str() {
                    "connected" => {
                        assert_eq!(data["resumed"], true);
                        world.present.send_modify(|count| *count += 1);
                        present = true;
                    }
                    "notification" => {
                        last = event.id;
                        let message = data["notification"]["message"].as_str().unwrap();
                        let seq = data["seq"].as_u64().unwrap();
                        shown.push((seq, message.to_owned()));
                        world.newest.send_if_modified(|newest| {
                            seq > std::mem::replace(newest, seq.max(*newest))
                        });
                        if message == END {
                            return (shown, returns);
                        }
                    }
                    name => assert_eq!(name, "heartbeat"),
                }
            };
            if present {
                world.present.send_modify(|count| *count -= 1);
            }
            assert!(
                matches!(
                    lost.kind(),
                    ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset
                ),
                "{lost}"
            );
        }
        world.next_start(&mut start).await;
        returns += 1;
    }
}

/// A free port that the system gives to nobody else while the server is down: below those that it hands out.
fn own_port() -> SocketAddr {
    let first = 20_000 + std::process::id() % 10_000;
    let mut addresses = (first..first + 1000)
        .map(|port| SocketAddr::from(([127, 0, 0, 1], u16::try_from(port).unwrap())));
    addresses
        .find(|address| TcpListener::bind(address).is_ok())
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_in_a_row_lose_repeat_and_reorder_nothing() {
    timeout(4 * PATIENCE, survive())
        .await
        .expect("it is over within two minutes");
}

#[expect(clippy::print_stdout, reason = "the counts are the result")]
async fn survive() {
    let began = Instant::now();
    let dir = tempfile::tempdir().unwrap();
    let world = World::new(
        own_port(),
        command::token(dir.path(), "publish,subscribe").await,
    );
    let mut server = Server::start(dir.path(), world.address).await;
    let (mut publishers, mut subscribers) = (JoinSet::new(), JoinSet::new());
    (0..SUBSCRIBERS).for_each(|_| drop(subscribers.spawn(subscribe(Arc::clone(&world)))));
    (0..PUBLISHERS).for_each(|number| drop(publishers.spawn(publish(Arc::clone(&world), number))));

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
            server = Server::start(dir.path(), world.address).await;
            world.starts.send_modify(|starts| *starts += 1);
        }
    }
    world.over.send_replace(true);
    let (mut posted, mut unanswered) = (HashMap::new(), 0);
    for (by_one, without) in publishers.join_all().await {
        let before = posted.len();
        unanswered += without;
        let count = by_one.len();
        posted.extend(by_one);
        assert_eq!(posted.len(), before + count, "one place for two posts");
    }
    let end = world.publish(&client(), END).await.unwrap();
    posted.insert(end, END.to_owned());
    let shown = subscribers.join_all().await;

    let (mut lost, mut repeated, mut reordered, mut holes, mut returns) = (0, 0, 0, 0, 0);
    for (events, came_back) in &shown {
        returns += came_back;
        let places: HashMap<_, _> = events.iter().cloned().collect();
        lost += posted
            .iter()
            .filter(|(seq, message)| places.get(seq) != Some(message))
            .count();
        let texts: std::collections::HashSet<_> =
            events.iter().map(|(_, message)| message).collect();
        repeated += 2 * events.len() - places.len() - texts.len();
        reordered += events
            .windows(2)
            .filter(|pair| pair[0].0 >= pair[1].0)
            .count();
        holes += usize::try_from(end).unwrap() - places.len();
        assert!(
            *events == shown[0].0,
            "two readers of one log were shown different things"
        );
    }
    println!(
        "{} acknowledged, {unanswered} unanswered, {end} in the log; {KILLS} kills, {SUBSCRIBERS} readers came back {returns} \
         times: {lost} lost, {repeated} repeated, {reordered} reordered, {holes} holes, in {:.1?}",
        posted.len(),
        began.elapsed(),
    );
    assert_eq!((lost, repeated, reordered, holes), (0, 0, 0, 0));
    assert!(posted.len() >= 1_000);
    server.kill();
    assert_eq!(integrity(dir.path()).await, "ok");
    assert!(
        returns >= KILLS / 2 * SUBSCRIBERS,
        "readers were there to be cut off"
    );
}

/// What SQLite finds when it looks through the whole database.
async fn integrity(dir: &Path) -> String {
    let options = SqliteConnectOptions::new().filename(dir.join("belfry.db"));
    let mut connection = options.connect().await.unwrap();
    let check = sqlx::query_scalar("PRAGMA integrity_check");
    check.fetch_one(&mut connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_answers_what_was_accepted_ends_every_stream_well_and_exits_in_time() {
    let dir = tempfile::tempdir().unwrap();
    let token = command::token(dir.path(), "publish,subscribe").await;
    let server = Server::start(dir.path(), SocketAddr::from(([127, 0, 0, 1], 0))).await;
    let world = World::new(server.address, token);
    let bearer = format!("Bearer {}", world.token);
    let mut streams = Vec::new();
    for _ in 0..500 {
        let headers = [("authorization", bearer.as_str())];
        streams.push(
            Stream::open(world.address, "/events", &headers)
                .await
                .unwrap(),
        );
    }
    let mut publishers = JoinSet::new();
    for number in 0..PUBLISHERS {
        let world = Arc::clone(&world);
        publishers.spawn(async move {
            let (client, mut acknowledged) = (client(), HashMap::new());
            for post in 0.. {
                let message = format!("{number}-{post}");
                let Some(seq) = world.publish(&client, &message).await else {
                    break;
                };
                acknowledged.insert(seq, message);
                world.acknowledged.send_modify(|count| *count += 1);
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

    let server = Server::start(dir.path(), SocketAddr::from(([127, 0, 0, 1], 0))).await;
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
