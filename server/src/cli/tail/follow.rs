//! Follows the stream across connections. The cursor is the id of the newest event: whoever comes back with it gets
//! everything since, so nothing is left out; what was printed already is not printed again, whatever the server sends.

use super::parser::{Event, Parser};
use super::{Shape, TailArgs, card};
use crate::cli::client::{Client, Refusal, pause};
use crate::cli::output::complain;
use crate::cli::{CliError, harmless};
use domain::EventId;
use reqwest::{Method, Response};
use serde_json::{Map, Value};
use std::io::Write;
use std::time::Duration;
use tokio::time::timeout;

/// With a connection through which nothing comes. The server sends something every 15 s (contract, section 4).
const SILENCE: Duration = Duration::from_secs(45);

/// With a server that has not answered yet.
const ANSWER: Duration = Duration::from_secs(30);

/// Before a reconnect, until the stream has said how long.
const RETRY: Duration = Duration::from_secs(3);

/// Before a reconnect that failed often.
const LONGEST_RETRY: Duration = Duration::from_secs(60);

/// A reader of the stream.
pub(super) struct Follower {
    client: Client,
    shape: Shape,
    query: Vec<(&'static str, String)>,
    /// Asked for on the first connection alone.
    recent: Option<u8>,
    /// What was asked to begin with, until there is a cursor.
    since: Option<String>,
    cursor: Option<EventId>,
    /// The newest event that was printed.
    printed: Option<EventId>,
    retry: Duration,
    /// Attempts in a row through which nothing came.
    failures: u32,
    /// Something came through the newest connection.
    alive: bool,
    /// The reader of the terminal was told that the connection is lost.
    told: bool,
    silence: Duration,
}

/// Why a connection ended.
enum End {
    /// There may be another one: what happened, and when to come back, if the server says so.
    Lost(String, Option<Duration>),
    /// There will be none.
    Final(CliError),
}

impl From<CliError> for End {
    fn from(error: CliError) -> Self {
        Self::Final(error)
    }
}

impl Follower {
    pub(super) fn new(client: Client, args: &TailArgs, shape: Shape) -> Self {
        let channels = args.channels.join(",");
        let channels = Some(("channels", channels)).filter(|(_, names)| !names.is_empty());
        let priority = args.min_priority;
        let priority = priority.map(|number| ("min_priority", number.to_string()));
        Self {
            client,
            shape,
            query: channels.into_iter().chain(priority).collect(),
            recent: args.recent,
            since: args.since.clone(),
            cursor: None,
            printed: None,
            retry: RETRY,
            failures: 0,
            alive: false,
            told: false,
            silence: SILENCE,
        }
    }

    /// Follows until the server refuses for good, or nobody reads what is printed.
    ///
    /// # Errors
    /// The refusal, or the failure to print.
    pub(super) async fn run(&mut self) -> Result<(), CliError> {
        loop {
            let (why, asked) = match self.connection().await {
                End::Final(error) => return Err(error),
                End::Lost(why, asked) => (why, asked),
            };
            // A stream that ends is a server that starts anew: a reason to say something only if it does not.
            let lived = std::mem::take(&mut self.alive);
            if !lived && !std::mem::replace(&mut self.told, true) {
                complain(&format!("{why}; it is tried again"));
            }
            self.failures += 1;
            let wait = pause(self.failures, self.retry, LONGEST_RETRY.max(self.retry));
            tokio::time::sleep(wait.max(asked.unwrap_or_default())).await;
        }
    }

    async fn connection(&mut self) -> End {
        match self.follow().await {
            Ok(never) => match never {},
            Err(end) => end,
        }
    }

    async fn follow(&mut self) -> Result<std::convert::Infallible, End> {
        let mut response = self.open().await?;
        let mut parser = Parser::default();
        loop {
            let chunk = match timeout(self.silence, response.chunk()).await {
                Err(_) => Err("nothing came for too long".to_owned()),
                Ok(Err(error)) => Err(self.client.unreachable(&error)),
                Ok(Ok(None)) => Err("the server ended the stream".to_owned()),
                Ok(Ok(Some(chunk))) => Ok(chunk),
            };
            self.retry = parser.retry.unwrap_or(self.retry);
            let chunk = chunk.map_err(|why| End::Lost(why, None))?;
            for event in parser.feed(&chunk) {
                self.take(&event)?;
            }
            self.retry = parser.retry.unwrap_or(self.retry);
        }
    }

    async fn open(&mut self) -> Result<Response, End> {
        let mut request = self.client.request(Method::GET, "/events");
        request = request
            .query(&self.query)
            .header(reqwest::header::ACCEPT, "text/event-stream");
        let cursor = self.cursor.as_ref().map(ToString::to_string);
        if let Some(id) = cursor.or_else(|| self.since.clone()) {
            request = request.header("last-event-id", id);
        } else if let Some(count) = self.recent {
            request = request.query(&[("recent", count)]);
        }
        let response = match timeout(ANSWER, request.send()).await {
            Err(_) => Err("the server does not answer".to_owned()),
            Ok(Err(error)) => Err(self.client.unreachable(&error)),
            Ok(Ok(response)) => Ok(response),
        };
        let response = response.map_err(|why| End::Lost(why, None))?;
        if response.status() != reqwest::StatusCode::OK {
            let refusal = Refusal::read(response).await;
            return Err(if refusal.is_passing() {
                End::Lost(refusal.text, refusal.retry_after)
            } else {
                End::Final(CliError::Input(refusal.text))
            });
        }
        let kind = response.headers().get(reqwest::header::CONTENT_TYPE);
        if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
            let wrong = format!("{} is no Belfry: it sends no stream", self.client.base());
            return Err(End::Final(CliError::Input(wrong)));
        }
        Ok(response)
    }

    /// Takes note of an event, and prints it when it is news.
    fn take(&mut self, event: &Event) -> Result<(), CliError> {
        // Only now: what accepts everything and passes nothing on must not be tried faster and faster.
        self.failures = 0;
        self.alive = true;
        if std::mem::take(&mut self.told) {
            complain("connected again");
        }
        let id = EventId::parse(&event.id).ok();
        match event.name.as_str() {
            "notification" | "update" => {
                if let Some(id) = &id
                    && self.printed.as_ref().is_some_and(|last| is_upto(id, last))
                {
                    return Ok(());
                }
                self.print(event)?;
                self.printed = id.clone();
            }
            "reset" => {
                self.print(event)?;
                self.cursor = None;
                self.printed = None;
            }
            _ => {}
        }
        // Notifications of before the stream began carry places before the cursor that it began with.
        if let Some(id) = id
            && !self.cursor.as_ref().is_some_and(|last| is_upto(&id, last))
        {
            self.cursor = Some(id);
        }
        Ok(())
    }

    fn print(&self, event: &Event) -> Result<(), CliError> {
        let text = match self.shape {
            Shape::Json => json(event),
            Shape::Cards => card::text(event),
        };
        let Some(text) = text else { return Ok(()) };
        // It leaves out the colours where there is no terminal, or NO_COLOR is set.
        let mut out = anstream::stdout().lock();
        writeln!(out, "{text}")?;
        Ok(out.flush()?)
    }
}

/// Whether `id` is in the same log as `last`, and not after it.
fn is_upto(id: &EventId, last: &EventId) -> bool {
    id.epoch == last.epoch && id.seq <= last.seq
}

/// The event's data, with its name and id: one object in one line.
fn json(event: &Event) -> Option<String> {
    let mut object: Map<String, Value> = serde_json::from_str(&event.data).ok()?;
    object.insert("event".to_owned(), event.name.clone().into());
    object.insert("event_id".to_owned(), event.id.clone().into());
    Some(harmless::json(&Value::Object(object).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    #[derive(Parser)]
    struct Tail {
        #[command(flatten)]
        args: TailArgs,
    }

    async fn request(listener: &TcpListener) -> (String, TcpStream) {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            socket.read_buf(&mut bytes).await.unwrap();
        }
        (String::from_utf8(bytes).unwrap(), socket)
    }

    #[tokio::test]
    async fn a_connection_that_fell_silent_is_left_for_another() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let Tail { args } = Tail::parse_from(["tail", "--url", &url, "--token", "bf_x"]);
        let client = Client::new(&args.client).unwrap();
        let mut follower = Follower::new(client, &args, Shape::Json);
        assert_eq!(follower.silence, Duration::from_secs(45));
        follower.silence = Duration::from_millis(50);
        let following = tokio::spawn(async move { follower.run().await });
        let (_, mut open) = request(&listener).await;
        let opening = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n\
                       retry: 10\nevent: connected\nid: 7f3a-9\ndata: {}\n\n";
        open.write_all(opening.as_bytes()).await.unwrap();
        // It is still open, and nothing more is said.
        let (again, _) = request(&listener).await;
        assert!(again.contains("last-event-id: 7f3a-9\r\n"), "{again}");
        following.abort();
    }
}
