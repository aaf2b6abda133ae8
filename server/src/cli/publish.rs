//! `belfry publish`.

use super::client::{Client, Refusal, pause};
use super::output::{complain, print};
use super::{CliError, harmless};
use crate::config::ClientArgs;
use crate::service::tokens::random_text;
use clap::Args;
use reqwest::Method;
use serde_json::{Value, json};
use std::io::{IsTerminal, Read};
use std::time::Duration;
use tokio::time::Instant;

/// How much of standard input is read: more than the server takes (contract, section 3), so that it says so.
const MOST_INPUT: u64 = 256 << 10;

/// How long one attempt may take, at least and at most. The next one carries the same key, so nothing is posted twice.
const SHORTEST_ATTEMPT: Duration = Duration::from_secs(2);
const LONGEST_ATTEMPT: Duration = Duration::from_secs(10);

/// Between attempts.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
#[command(after_help = "\
Prints the notification's id. A server that cannot be reached or is busy is tried again until --timeout; however often \
that is, the notification is posted once.

Examples:
  belfry publish backups \"182 GB in 14 min\" --title \"Nightly backup\" --tag nas
  df -h | belfry publish disks --title \"Disks\" --priority high
  belfry publish ci --key build-7 --title \"Build 7\" --state running --progress 40 \"compiling\"
  belfry publish home \"Cake!\" --deliver-at +40m --action \"Recipe=https://example.org/cake\"")]
pub(super) struct PublishArgs {
    /// Where it goes
    channel: String,
    /// What it says; standard input when it is missing or -
    message: Option<String>,
    /// Title
    #[arg(long)]
    title: Option<String>,
    /// 1 to 5, or min, low, default, high, urgent
    #[arg(long, value_parser = priority)]
    priority: Option<u8>,
    /// Tag; may be given more than once
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Address that a click opens
    #[arg(long, value_name = "URL")]
    click: Option<String>,
    /// Address of a picture
    #[arg(long, value_name = "URL")]
    icon: Option<String>,
    /// The message is CommonMark
    #[arg(long)]
    markdown: bool,
    /// Button that opens an address; may be given up to three times
    #[arg(long = "action", value_name = "LABEL=URL", value_parser = action)]
    actions: Vec<(String, String)>,
    /// Name of the card: a later post with the same channel and key updates it
    #[arg(long)]
    key: Option<String>,
    /// How far it is, 0 to 100
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=100), value_name = "PERCENT")]
    progress: Option<u8>,
    /// How it goes
    #[arg(long, value_parser = ["running", "success", "warning", "failure"])]
    state: Option<String>,
    /// Lines for the card's log; needs --key
    #[arg(long, value_name = "LINES", requires = "key")]
    append: Option<String>,
    /// User who alone sees it; may be given more than once
    #[arg(long, value_name = "USER", value_delimiter = ',')]
    to: Vec<String>,
    /// When it is shown: +10m, +2h, +3d or a time such as 2027-01-01T08:00:00Z
    #[arg(long, value_name = "TIME")]
    deliver_at: Option<String>,
    /// When it is removed, in the same forms
    #[arg(long, value_name = "TIME")]
    expires_at: Option<String>,
    /// Name of this post: a repeat with the same key within a day adds nothing [default: a random one]
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// For how many seconds to try; 0 tries once
    #[arg(long, value_name = "SECONDS", default_value = "30")]
    timeout: u64,
    /// Print the notification as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    client: ClientArgs,
}

fn priority(text: &str) -> Result<u8, String> {
    let words = ["min", "low", "default", "high", "urgent"];
    let word = (1..).zip(words).find(|(_, word)| *word == text);
    let number = word.map_or_else(|| text.parse().ok(), |(number, _)| Some(number));
    number
        .filter(|number| (1..=5).contains(number))
        .ok_or_else(|| format!("must be 1 to 5, or {}", words.join(", ")))
}

fn action(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((label, url)) => Ok((label.to_owned(), url.to_owned())),
        None => Err("must be a label and an address, such as Open=https://example.org".to_owned()),
    }
}

pub(super) async fn run(mut args: PublishArgs) -> Result<(), CliError> {
    let client = Client::new(&args.client)?;
    args.message = message(&args)?;
    let answer = post(&client, &args).await?;
    let line = if args.json {
        harmless::json(&answer.to_string())
    } else {
        harmless::line(answer["id"].as_str().unwrap_or_default())
    };
    print([line])
}

/// The message: as it was given, or what there is to read.
fn message(args: &PublishArgs) -> Result<Option<String>, CliError> {
    let given = args.message.as_ref().filter(|text| *text != "-");
    if given.is_some() {
        return Ok(given.cloned());
    }
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        if args.message.is_none() && (args.title.is_some() || args.append.is_some()) {
            return Ok(None);
        }
        complain("type the message, and end it with Ctrl-D");
    }
    let mut bytes = Vec::new();
    stdin.lock().take(MOST_INPUT).read_to_end(&mut bytes)?;
    // A byte that is no text is no reason to keep the rest from its readers.
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_end_matches(['\r', '\n']);
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// The body of the request. What was not given is null: a card that is there keeps what it has.
fn body(args: &PublishArgs) -> Value {
    let given = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    let button = |(label, url): &(String, String)| json!({"label": label, "url": url});
    let buttons: Vec<_> = args.actions.iter().map(button).collect();
    json!({
        "channel": args.channel,
        "message": args.message,
        "title": args.title,
        "priority": args.priority,
        "tags": given(&args.tags),
        "click": args.click,
        "icon": args.icon,
        "markdown": args.markdown.then_some(true),
        "actions": Some(buttons).filter(|buttons| !buttons.is_empty()),
        "key": args.key,
        "progress": args.progress,
        "state": args.state,
        "append": args.append,
        "to": given(&args.to),
        "deliver_at": args.deliver_at,
        "expires_at": args.expires_at,
    })
}

/// Posts once, however often it has to be tried: every attempt carries the same bytes and the same key.
async fn post(client: &Client, args: &PublishArgs) -> Result<Value, CliError> {
    let key = args.idempotency_key.clone();
    let key = key.unwrap_or_else(|| random_text(32));
    let body = body(args).to_string();
    let end = Instant::now() + Duration::from_secs(args.timeout);
    let mut failures = 0;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let patience = left.clamp(SHORTEST_ATTEMPT, LONGEST_ATTEMPT);
        let (why, asked) = match attempt(client, &key, &body, patience).await {
            Ok(answer) => return Ok(answer),
            Err(Failure::Unreachable(why)) => (why, None),
            Err(Failure::Refused(refusal)) if refusal.is_passing() => {
                (refusal.text, refusal.retry_after)
            }
            Err(Failure::Refused(refusal)) => return Err(CliError::Input(refusal.text)),
        };
        failures += 1;
        let pause = pause(failures, FIRST_PAUSE, LONGEST_PAUSE).max(asked.unwrap_or_default());
        if Instant::now() + pause >= end {
            return Err(CliError::Input(why));
        }
        tokio::time::sleep(pause).await;
    }
}

/// Why an attempt brought no notification.
enum Failure {
    /// Nobody knows whether it was done.
    Unreachable(String),
    /// It was not done.
    Refused(Refusal),
}

async fn attempt(
    client: &Client,
    key: &str,
    body: &str,
    patience: Duration,
) -> Result<Value, Failure> {
    let request = client
        .request(Method::POST, "/api/v1/notifications")
        .header("idempotency-key", key)
        .header(reqwest::header::CONTENT_TYPE, "application/json")
        .body(body.to_owned())
        .timeout(patience);
    let lost = |error: reqwest::Error| Failure::Unreachable(client.unreachable(&error));
    let response = request.send().await.map_err(lost)?;
    if response.status().is_success() {
        response.json().await.map_err(lost)
    } else {
        Err(Failure::Refused(Refusal::read(response).await))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_are_numbers_or_words() {
        assert_eq!(priority("urgent"), Ok(5));
        assert_eq!(priority("1"), Ok(1));
        for bad in ["0", "6", "loud", "", "256"] {
            assert!(priority(bad).is_err(), "{bad}");
        }
    }
}
