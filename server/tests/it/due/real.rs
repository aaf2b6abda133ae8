//! On the system's clock, with the real program: what is due is done within a second, and once, also by a server that was
//! not there when its time came. When something was done is what the log says of it, not when this test heard of it.

use crate::support::command::{self, Server, own_port};
use crate::support::people::Person;
use crate::support::wire::Stream;
use crate::support::{a_turn, database};
use domain::Timestamp;
use serde_json::{Value, json};
use server::clock::Clock;
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

/// How late anything may be, in milliseconds.
const SOON: i64 = 1_000;

/// When things are due, in milliseconds from the beginning. The server is killed after the first two were delivered, and
/// comes back when the time of the next two is over.
const DUE: [i64; 6] = [2_003, 2_500, 5_001, 5_750, 9_502, 9_833];

/// How many of them were due before the server came back.
const MISSED: usize = 4;

/// What is due: its title and its end, by what the stream says of it.
const DELIVERED: &str = "delivered";
const ENDED: &str = "deleted";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_due_is_done_within_a_second_and_once_also_after_kill_9() {
    let _turn = a_turn().await;
    let dir = tempfile::tempdir().unwrap();
    let token = command::token(dir.path(), "publish,subscribe").await;
    let address = own_port();
    let server = Server::start(dir.path(), address).await;
    let ci = Person::new(address).with_token(&token);
    let mut stream = ci.stream("last_event_id=earliest").await;
    let begun = Clock::System.now();
    let mut due = HashMap::new();
    for after in DUE {
        let time = begun.plus_millis(after);
        let later = json!({"channel": "ci", "title": "later", "deliver_at": time});
        due.insert((id(&ci.publish(later).await), DELIVERED), time);
        let brief = json!({"channel": "ci", "title": "brief", "expires_at": time});
        due.insert((id(&ci.publish(brief).await), ENDED), time);
    }

    // Two are delivered, two are gone: four of the changes that were due.
    let mut done = Vec::new();
    read(&mut stream, &mut done, 4).await;
    let (killed, last) = (Clock::System.now(), stream.last_id.clone());
    server.kill();
    until(begun.plus_millis(DUE[MISSED - 1] + SOON)).await;
    let _server = Server::start(dir.path(), address).await;
    let back = Clock::System.now();

    let mut stream = ci.stream_after("", Some(&last)).await;
    assert_eq!(stream.connected["resumed"], true);
    read(&mut stream, &mut done, due.len()).await;
    // Behind it is nothing but what is new: each was done once.
    let new = ci.publish(json!({"channel": "ci", "title": "new"})).await;
    let (_, _, shown) = stream.next_change().await;
    assert_eq!(shown["notification"], new);

    for (seq, what) in done {
        let time = due
            .remove(&what)
            .unwrap_or_else(|| panic!("{what:?} twice"));
        let at = at(dir.path(), seq).await;
        let there = time.plus_millis(SOON) < killed;
        let owed = if there { time } else { time.max(back) };
        let late = at.millis() - owed.millis();
        assert!(time <= at, "{what:?} is early: {at:?} and not {time:?}");
        assert!(late <= SOON, "{what:?} is {late} ms late");
    }
    assert_eq!(due, HashMap::new());
}

fn id(card: &Value) -> String {
    card["id"].as_str().unwrap().to_owned()
}

/// Reads until `count` things that were due are among `done`: the place of each in the log, and what it was.
async fn read(stream: &mut Stream, done: &mut Vec<(i64, (String, &'static str))>, count: usize) {
    while done.len() < count {
        let (name, _, data) = stream.next_change().await;
        let seq = data["seq"].as_i64().unwrap();
        match name.as_str() {
            "notification" if data["notification"]["title"] == "later" => {
                done.push((seq, (id(&data["notification"]), DELIVERED)));
            }
            "notification" => assert_eq!(data["notification"]["title"], "brief"),
            _ => {
                assert_eq!(data["change"], ENDED, "{data}");
                done.push((seq, (id(&data), ENDED)));
            }
        }
    }
}

/// When the log says that the event at `seq` happened.
async fn at(dir: &Path, seq: i64) -> Timestamp {
    let query = sqlx::query_scalar("SELECT at FROM event WHERE seq = ?").bind(seq);
    let millis = query.fetch_one(&mut database::open(dir).await).await;
    Timestamp::from_millis(millis.unwrap())
}

/// Waits until it is that late. Nothing but the clock tells: there is no server.
async fn until(time: Timestamp) {
    let wait = time.millis() - Clock::System.now().millis();
    let wait = Duration::from_millis(u64::try_from(wait).unwrap_or(0));
    tokio::time::sleep(wait).await;
}
