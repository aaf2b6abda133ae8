//! `belfry tail`: a reader of the stream that comes back by itself.

mod card;
mod follow;
mod parser;

use super::CliError;
use super::client::Client;
use crate::config::ClientArgs;
use clap::Args;
use domain::{EventId, Resume};
use follow::Follower;
use std::io::IsTerminal;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Debug, Args)]
#[command(after_help = "\
Goes on where it was when the connection or the server comes back: nothing is left out and nothing comes twice. On a \
terminal it prints cards, elsewhere one JSON object a line: an event of the stream with its name and its id.

Examples:
  belfry tail
  belfry tail ci deploys --min-priority 4
  belfry tail ci --recent 10
  belfry tail --json --since earliest > everything.jsonl")]
pub(super) struct TailArgs {
    /// Channels to follow [default: all that the token may read]
    #[arg(value_name = "CHANNEL")]
    channels: Vec<String>,
    /// Print one JSON object a line, as in a pipe
    #[arg(long)]
    json: bool,
    /// Begin with the oldest event that is kept, or after the event with this id
    #[arg(long, value_name = "earliest|ID", value_parser = since)]
    since: Option<String>,
    /// Print so many of the newest notifications first
    #[arg(
        long,
        value_name = "N",
        conflicts_with = "since",
        value_parser = clap::value_parser!(u8).range(1..=100)
    )]
    recent: Option<u8>,
    /// Only notifications of this priority and above, 1 to 5
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=5))]
    min_priority: Option<u8>,
    #[command(flatten)]
    client: ClientArgs,
}

fn since(text: &str) -> Result<String, String> {
    match Resume::parse(text) {
        Resume::Earliest | Resume::After(EventId { .. }) => Ok(text.to_owned()),
        Resume::Head | Resume::Malformed => {
            Err("must be earliest, or an event's id such as 7f3a-1043".to_owned())
        }
    }
}

/// How events are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// For programs: one object a line.
    Json,
    /// For people.
    Cards,
}

pub(super) async fn run(args: TailArgs) -> Result<(), CliError> {
    let client = Client::new(&args.client)?;
    let shape = if args.json || !std::io::stdout().is_terminal() {
        Shape::Json
    } else {
        Shape::Cards
    };
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut follower = Follower::new(client, &args, shape);
    tokio::select! {
        ended = follower.run() => ended,
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    }
}
