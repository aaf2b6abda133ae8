//! Publishers who post without pause, and subscribers who come back with their last id whenever they are cut off. What
//! was acknowledged is compared with what each subscriber was shown.

use super::verdict::{Posts, Shown, Verdict};
use super::{PATIENCE, wire::Stream};
use serde_json::{Value, json};
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// The last post: whoever has read it has read everything.
const END: &str = "end";

/// When a subscriber who was cut off tries again.
#[derive(Debug, Clone, Copy)]
enum Comeback {
    /// When the server has started anew: before that there is nobody to be had.
    AtStart,
    /// After this time, again and again, as a browser does.
    After(Duration),
}

/// What publishers and subscribers know of the server.
pub(crate) struct World {
    /// Where publishers find the server.
    pub(crate) server: SocketAddr,
    /// Where subscribers do: at what stands before it, if anything does.
    entrance: SocketAddr,
    comeback: Comeback,
    /// For how long a subscriber hears nothing, not even a heartbeat, before it takes the line for dead.
    silence: Duration,
    token: String,
    /// How often the server was started; it can be reached since the last change.
    pub(crate) starts: watch::Sender<usize>,
    /// How many posts were acknowledged.
    pub(crate) acknowledged: watch::Sender<usize>,
    /// How many posts were refused because the server could not keep them.
    pub(crate) refused: watch::Sender<usize>,
    /// The newest place that anybody was shown.
    pub(crate) newest: watch::Sender<u64>,
    /// How many subscribers have an open stream.
    pub(crate) present: watch::Sender<usize>,
    /// How often a subscriber was cut off.
    pub(crate) cuts: watch::Sender<usize>,
    over: watch::Sender<bool>,
}

/// What became of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Posted {
    /// It is at this place.
    Kept(u64),
    /// It is not kept.
    Refused,
    /// The answer did not come: nobody knows.
    Unanswered,
}

impl World {
    /// A world in which everybody goes to the server itself and comes back when it has started anew.
    pub(crate) fn new(server: SocketAddr, token: String) -> Self {
        Self {
            server,
            entrance: server,
            comeback: Comeback::AtStart,
            silence: PATIENCE,
            token,
            starts: watch::Sender::new(1),
            acknowledged: watch::Sender::default(),
            refused: watch::Sender::default(),
            newest: watch::Sender::default(),
            present: watch::Sender::default(),
            cuts: watch::Sender::default(),
            over: watch::Sender::default(),
        }
    }

    /// The world with subscribers who go to `entrance`, take the line for dead after `silence`, and try again after
    /// `pause`.
    pub(crate) fn behind(self, entrance: SocketAddr, silence: Duration, pause: Duration) -> Self {
        Self {
            entrance,
            silence,
            comeback: Comeback::After(pause),
            ..self
        }
    }

    /// Says that the server has started anew.
    pub(crate) fn has_started(&self) {
        self.starts.send_modify(|starts| *starts += 1);
    }

    /// The credential of everybody here, as a header.
    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// Waits for the start after `seen`, the one in which the connection was lost.
    async fn next_start(&self, seen: &mut usize) {
        let mut starts = self.starts.subscribe();
        *seen = *starts.wait_for(|starts| starts > seen).await.unwrap();
    }

    async fn come_back(&self, seen: &mut usize) {
        match self.comeback {
            Comeback::AtStart => self.next_start(seen).await,
            Comeback::After(pause) => sleep(pause).await,
        }
    }

    /// Publishes on a connection of its own, and counts what became of it. Posts with a key take another way through the
    /// database than those without: both are taken.
    pub(crate) async fn publish(&self, client: &reqwest::Client, message: &str) -> Posted {
        let mut body = json!({"channel": "ci", "message": message});
        if message.len().is_multiple_of(2) {
            body["key"] = json!(message);
        }
        let request = client
            .post(format!("http://{}/api/v1/notifications", self.server))
            .bearer_auth(&self.token)
            .json(&body);
        let Ok(response) = request.send().await else {
            return Posted::Unanswered;
        };
        let status = response.status();
        let Ok(answer) = response.json::<Value>().await else {
            return Posted::Unanswered;
        };
        if status == 503 {
            assert_eq!(answer["status"], 503, "{answer}");
            self.refused.send_modify(|count| *count += 1);
            return Posted::Refused;
        }
        assert_eq!(status, 201, "{message}");
        self.acknowledged.send_modify(|count| *count += 1);
        Posted::Kept(answer["seq"].as_u64().unwrap())
    }

    /// Posts until it is over.
    async fn keep_publishing(self: Arc<Self>, number: usize) -> Posts {
        let (client, mut posts) = (client(), Posts::default());
        let mut start = *self.starts.borrow();
        for post in 0.. {
            if *self.over.borrow() {
                break;
            }
            let message = format!("{number}-{post}");
            match self.publish(&client, &message).await {
                Posted::Kept(seq) => posts.keep(seq, message),
                Posted::Refused => drop(posts.refused.insert(message)),
                Posted::Unanswered => {
                    posts.unanswered += 1;
                    self.next_start(&mut start).await;
                }
            }
        }
        posts
    }

    /// Starts publishers.
    pub(crate) fn publishers(self: &Arc<Self>, count: usize) -> JoinSet<Posts> {
        let publisher = |number| Arc::clone(self).keep_publishing(number);
        (0..count).map(publisher).collect()
    }

    /// Starts subscribers, who follow from the first notification to the last.
    pub(crate) fn subscribers(self: &Arc<Self>, count: usize) -> JoinSet<Shown> {
        let subscriber = |_| Arc::clone(self).keep_following();
        (0..count).map(subscriber).collect()
    }

    async fn keep_following(self: Arc<Self>) -> Shown {
        let (mut shown, mut last) = (Vec::new(), "earliest".to_owned());
        let mut start = *self.starts.borrow();
        while let Err(lost) = self.follow(&mut shown, &mut last).await {
            let cut = [
                ErrorKind::UnexpectedEof,
                ErrorKind::ConnectionReset,
                ErrorKind::ConnectionRefused,
                ErrorKind::NotConnected,
                ErrorKind::BrokenPipe,
                ErrorKind::TimedOut,
            ];
            assert!(cut.contains(&lost.kind()), "{lost}");
            self.cuts.send_modify(|count| *count += 1);
            self.come_back(&mut start).await;
        }
        shown
    }

    /// Follows one stream to the end.
    ///
    /// # Errors
    /// When the stream is lost before.
    async fn follow(&self, shown: &mut Shown, last: &mut String) -> Result<(), Error> {
        let bearer = self.bearer();
        let headers = [
            ("authorization", bearer.as_str()),
            ("last-event-id", last.as_str()),
        ];
        let opened = Stream::open(self.entrance, "/events", &headers);
        let mut stream = timeout(self.silence, opened).await??;
        if stream.head.status == 502 {
            return Err(ErrorKind::ConnectionRefused.into());
        }
        assert_eq!(stream.head.status, 200);
        let mut presence = None;
        loop {
            let event = timeout(self.silence, stream.try_next()).await??;
            let event = event.expect("nobody here ends a stream well");
            let data: Value = serde_json::from_str(&event.data).unwrap();
            match event.name.as_str() {
                "connected" => {
                    assert_eq!(data["resumed"], true, "{last}");
                    presence = Some(Presence::new(&self.present));
                }
                "notification" => {
                    assert!(presence.is_some(), "`connected` comes first");
                    *last = event.id;
                    let message = data["notification"]["message"].as_str().unwrap();
                    let seq = data["seq"].as_u64().unwrap();
                    shown.push((seq, message.to_owned()));
                    let is_newer =
                        |newest: &mut u64| seq > std::mem::replace(newest, seq.max(*newest));
                    self.newest.send_if_modified(is_newer);
                    if message == END {
                        return Ok(());
                    }
                }
                name => assert_eq!(name, "heartbeat"),
            }
        }
    }

    /// Ends it: publishers stop, one last post tells subscribers that it was the last. Nothing may be lost, repeated,
    /// shown in another order or shown although it was refused, and nobody may be shown anything else than the others.
    #[expect(clippy::print_stdout, reason = "the counts are the result")]
    pub(crate) async fn judge(
        &self,
        publishers: JoinSet<Posts>,
        subscribers: JoinSet<Shown>,
    ) -> Verdict {
        self.over.send_replace(true);
        let mut posts = Posts::default();
        for by_one in publishers.join_all().await {
            posts.add(by_one);
        }
        let Posted::Kept(end) = self.publish(&client(), END).await else {
            panic!("the server is there at the end");
        };
        posts.keep(end, END.to_owned());
        let shown = subscribers.join_all().await;
        let mut verdict = Verdict::new(&posts, end, *self.cuts.borrow());
        for events in shown {
            verdict.count(&posts, events);
        }
        println!("{verdict}");
        assert_eq!(verdict.faults(), [0; 5]);
        verdict
    }
}

/// A subscriber's open stream, counted for as long as it is there.
struct Presence<'w>(&'w watch::Sender<usize>);

impl<'w> Presence<'w> {
    fn new(present: &'w watch::Sender<usize>) -> Self {
        present.send_modify(|count| *count += 1);
        Self(present)
    }
}

impl Drop for Presence<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// No connection is used twice, so no post is sent twice behind our back.
pub(crate) fn client() -> reqwest::Client {
    let client = reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0);
    client.build().unwrap()
}
