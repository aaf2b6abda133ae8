//! How long lists and searches take when a million notifications are stored: for a reader who has touched nothing, for
//! one who archived nearly everything, and for one who may read a single channel of many.

mod client;
mod server;
mod words;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hdrhistogram::Histogram;
use serde_json::Value;

use client::Client;
use server::Server;
use words::Dice;

/// Channels that the notifications are spread over.
const CHANNELS: u64 = 200;
/// Who fill the database, and archive, at once.
const WORKERS: u64 = 64;
/// The reader who archives leaves one of so many.
const LEFT: u64 = 20_000;
/// Notifications in the bin.
const BINNED: usize = 1_000;
/// Requests of each kind.
const REQUESTS: usize = 100;

const DOOR: &str = "/api/v1/notifications";

/// Who asks.
#[derive(Debug, Clone, Copy)]
enum Reader {
    /// Who has touched nothing.
    Fresh,
    /// Who archived nearly everything.
    Tidy,
    /// Who may read one channel.
    Narrow,
}

/// Fills a database with `count` notifications and measures.
pub(crate) fn run(belfry: &Path, count: u64) -> Result<()> {
    let server = Server::start(belfry)?;
    fill(&server, count)?;
    archive(&server, count)?;
    bin(&server)?;
    println!("\n| {count} notifications | found | p50 ms | p95 ms |\n|---|---|---|---|");
    for (name, reader, ask) in questions() {
        let (found, times) = measure(&server, reader, &ask)?;
        let millis = |quantile| times.value_at_quantile(quantile) as f64 / 1e6;
        println!(
            "| {name} | {found} | {:.2} | {:.2} |",
            millis(0.5),
            millis(0.95)
        );
    }
    for (name, user) in [
        ("page", server::FRESH),
        ("page, archived nearly all", server::TIDY),
    ] {
        let times = page(&server, user)?;
        let millis = |quantile| times.value_at_quantile(quantile) as f64 / 1e6;
        println!("| {name} | | {:.2} | {:.2} |", millis(0.5), millis(0.95));
    }
    Ok(())
}

/// Runs `work` for all of `0..count` on connections of [`WORKERS`] threads, and says how fast.
fn share(
    server: &Server,
    token: &str,
    what: &str,
    count: u64,
    work: impl Fn(&mut Client, u64) -> Result<()> + Sync,
) -> Result<()> {
    let (next, start) = (AtomicU64::new(0), Instant::now());
    let worker = || -> Result<()> {
        let mut client = Client::connect(server.address, token)?;
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return Ok(());
            }
            work(&mut client, number)?;
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(worker)).collect();
        let joined = workers.into_iter().map(|thread| {
            let ended = thread.join();
            ended.map_err(|_| anyhow::anyhow!("a thread ended badly"))?
        });
        joined.collect::<Result<Vec<()>>>()
    })?;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{count} {what} in {seconds:.0} s, {:.0}/s",
        count as f64 / seconds
    );
    Ok(())
}

fn fill(server: &Server, count: u64) -> Result<()> {
    share(
        server,
        &server.fresh,
        "published",
        count,
        |client, number| {
            let mut dice = Dice::new(number);
            let channel = dice.below(CHANNELS);
            let priority = [3, 3, 3, 3, 3, 3, 2, 4, 1, 5][dice.below(10) as usize];
            let card = serde_json::json!({
                "channel": format!("ch{channel}"), "title": dice.text(4), "message": dice.text(14),
                "priority": priority, "tags": [format!("tag{}", dice.below(50))],
            });
            client.call("POST", DOOR, Some(&card)).map(drop)
        },
    )
}

/// Archives for [`Reader::Tidy`] all but one of [`LEFT`].
fn archive(server: &Server, count: u64) -> Result<()> {
    let mut client = Client::connect(server.address, &server.tidy)?;
    let (mut ids, mut before) = (Vec::new(), String::new());
    while ids.len() < count as usize {
        let list = client.call("GET", &format!("{DOOR}?state=all&limit=200{before}"), None)?;
        let rows = list["notifications"].as_array().context("a list")?;
        ids.extend(
            rows.iter()
                .filter_map(|row| row["id"].as_str().map(str::to_owned)),
        );
        match list["next"].as_u64() {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    let archived = serde_json::json!({"archived": true, "read": true});
    share(
        server,
        &server.tidy,
        "archived",
        ids.len() as u64,
        |client, number| {
            if number % LEFT == LEFT / 2 {
                return Ok(());
            }
            let path = format!("{DOOR}/{}/receipt", ids[number as usize]);
            client.call("PUT", &path, Some(&archived)).map(drop)
        },
    )
}

fn bin(server: &Server) -> Result<()> {
    let mut client = Client::connect(server.address, &server.fresh)?;
    for _ in 0..BINNED / 200 {
        let list = client.call("GET", &format!("{DOOR}?limit=200&q=tag:tag7"), None)?;
        for row in list["notifications"].as_array().into_iter().flatten() {
            let id = row["id"].as_str().context("an id")?;
            client.call("DELETE", &format!("{DOOR}/{id}"), None)?;
        }
    }
    Ok(())
}

type Ask = Box<dyn Fn(&mut Dice) -> String>;

fn questions() -> Vec<(&'static str, Reader, Ask)> {
    use Reader::{Fresh, Narrow, Tidy};
    fn list(
        name: &'static str,
        reader: Reader,
        query: &'static str,
    ) -> (&'static str, Reader, Ask) {
        (name, reader, Box::new(move |_| query.to_owned()))
    }
    fn search(
        name: &'static str,
        reader: Reader,
        query: impl Fn(&mut Dice) -> String + 'static,
    ) -> (&'static str, Reader, Ask) {
        (
            name,
            reader,
            Box::new(move |dice| format!("q={}", query(dice))),
        )
    }
    let two = |dice: &mut Dice| format!("{}+{}", dice.common(), dice.common());
    let rare = |dice: &mut Dice| format!("{}+{}", dice.rare(), dice.common());
    vec![
        list("inbox", Fresh, ""),
        list("unread", Fresh, "state=unread"),
        list("archived, none is", Fresh, "state=archived"),
        list("bin", Fresh, "state=bin"),
        list("inbox, one channel of 200", Fresh, "channel=ch7"),
        list("urgent ones", Fresh, "min_priority=5"),
        list("inbox, archived nearly all", Tidy, ""),
        list("unread, archived nearly all", Tidy, "state=unread"),
        list("archived, nearly all are", Tidy, "state=archived"),
        list("inbox, may read 1 of 200", Narrow, ""),
        search("two common words", Fresh, two),
        search("a rare and a common word", Fresh, rare),
        search("two rare words", Fresh, |dice| {
            format!("{}+{}", dice.rare(), dice.rare())
        }),
        search("exact words", Fresh, |dice| {
            format!("%22{}+{}%22", dice.common(), dice.common())
        }),
        search("beginnings of words", Fresh, |dice| {
            let (one, two) = (dice.common(), dice.common());
            format!("{}*+{}*", &one[..3], &two[..3])
        }),
        search("a common word without another", Fresh, |dice| {
            format!("{}+-{}", dice.common(), dice.common())
        }),
        search("either of two, and a tag", Fresh, |dice| {
            format!("({}+OR+{})+tag:tag9", dice.rare(), dice.common())
        }),
        search("a channel, a priority, a word", Fresh, |dice| {
            format!("channel:ch9+priority:%3E%3D4+{}", dice.common())
        }),
        search("a word, before the first", Fresh, |dice| {
            format!("{}+before:1h", dice.common())
        }),
        search("archived words, none is", Fresh, |dice| {
            format!("{}+is:archived", dice.common())
        }),
        search("two common words, archived nearly all", Tidy, two),
        search("two common words, unread, the same", Tidy, |dice| {
            format!("{}+{}+is:unread", dice.common(), dice.common())
        }),
        search("two common words, may read 1 of 200", Narrow, two),
        search("a rare and a common word, the same", Narrow, rare),
    ]
}

/// How many were found at most, and nanoseconds of each answer.
fn measure(server: &Server, reader: Reader, ask: &Ask) -> Result<(usize, Histogram<u64>)> {
    let token = match reader {
        Reader::Fresh => &server.fresh,
        Reader::Tidy => &server.tidy,
        Reader::Narrow => &server.narrow,
    };
    let mut client = Client::connect(server.address, token)?;
    let mut times = histogram()?;
    let (mut most, mut dice) = (0, Dice::new(u64::MAX));
    for _ in 0..REQUESTS {
        let path = format!("{DOOR}?{}", ask(&mut dice));
        let start = Instant::now();
        let list = client.call("GET", &path, None)?;
        note(&mut times, start.elapsed());
        let found = list["notifications"].as_array().map_or(0, Vec::len);
        most = most.max(found);
    }
    Ok((most, times))
}

/// Nanoseconds of the inbox as a page.
fn page(server: &Server, user: &str) -> Result<Histogram<u64>> {
    let mut client = Client::sign_in(server.address, user, server::PASSWORD)?;
    let mut times = histogram()?;
    for _ in 0..REQUESTS {
        let start = Instant::now();
        let page = client.get("/")?;
        note(&mut times, start.elapsed());
        anyhow::ensure!(page.contains("<html"), "no page was answered");
    }
    Ok(times)
}

fn histogram() -> Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1_000, 120_000_000_000, 3)?)
}

fn note(times: &mut Histogram<u64>, took: Duration) {
    times.saturating_record(took.as_nanos() as u64);
}

/// The answer's JSON; null when it has none.
fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}
