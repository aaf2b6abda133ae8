//! Measures Belfry and its peers on this machine, interleaved in one run, and prints tables with ratios. The peers that
//! are not installed are left out with a word. Everything is bounded and ends by itself.
#![expect(
    clippy::print_stdout,
    reason = "telling what it measured is what this program is for"
)]

mod bare;
mod load;
mod measure;
mod peer;
mod process;
mod publish;
mod report;
mod search;
mod swarm;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::{Parser, Subcommand, ValueEnum};

use measure::{Part, Scale};
use peer::Peer;
use report::{Report, Sizes};

/// Files that this program opens beside its streams.
const FILES: usize = 500;

/// Measures Belfry and its peers side by side.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure and print the tables
    Run(Run),
    /// Fill a database and measure lists and searches
    Search {
        /// The release binary
        #[arg(long, default_value = "target/release/belfry")]
        belfry: PathBuf,
        /// Notifications that are stored
        #[arg(long, default_value_t = 1_000_000)]
        stored: u64,
    },
    /// Be one of the baselines that are built in
    #[command(hide = true)]
    Serve { baseline: peer::Baseline },
}

#[derive(Debug, clap::Args)]
struct Run {
    /// The release binary
    #[arg(long, default_value = "target/release/belfry")]
    belfry: PathBuf,
    /// Where `cargo xtask peers` put the others
    #[arg(long, default_value = "target/peers")]
    peers: PathBuf,
    /// What is measured [default: everything]
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Streams that are open at once
    #[arg(long, default_value_t = 1_000)]
    streams: usize,
    /// Streams of a crowd, if the system allows so many open files
    #[arg(long, default_value_t = 10_000)]
    crowd: usize,
    /// Seconds for which a crowd is idle
    #[arg(long, default_value_t = 60)]
    idle: u64,
    /// Notifications behind the page
    #[arg(long, default_value_t = 100_000)]
    stored: u64,
    /// Rounds of each comparison, each with every peer; the tables show medians
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(options) => run(&options),
        Command::Search { belfry, stored } => search::run(&belfry, stored),
        Command::Serve { baseline } => baseline.serve(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Run) -> Result<()> {
    let scale = scale(options)?;
    let peers = Peer::present(options.belfry.clone(), &options.peers);
    let parts = match &options.only[..] {
        [] => Part::value_variants(),
        some => some,
    };
    let mut report = Report::default();
    let mut failed = Vec::new();
    for round in 1..=options.rounds {
        for part in parts.iter().filter(|part| round == 1 || !part.is_once()) {
            let start = Instant::now();
            for (server, error) in part.run(&peers, scale, &mut report) {
                eprintln!("{server} could not be measured: {error:#}");
                failed.push(server);
            }
            let took = start.elapsed().as_secs();
            println!("round {round} of {}: {part:?}, {took} s", options.rounds);
        }
    }
    let mut servers: Vec<_> = peers.iter().map(Peer::name).collect();
    servers.push(bare::NAME.to_owned());
    let sizes = Sizes {
        streams: scale.streams,
        crowd: scale.crowd,
        stored: scale.stored,
    };
    println!("\n{}", report.markdown(&servers, sizes));
    // A peer that breaks under the load says something about the peer.
    if failed.contains(&servers[0]) {
        bail!("Belfry itself could not be measured");
    }
    Ok(())
}

/// What was asked for, as far as the system allows it.
fn scale(options: &Run) -> Result<Scale> {
    let most = process::raise_open_files()?.saturating_sub(FILES);
    if options.streams > most {
        bail!("so many streams need more open files than the system allows (ulimit -Hn)");
    }
    if options.crowd > most {
        println!(
            "a crowd has {most} streams here: the system allows no more open files (ulimit -Hn)"
        );
    }
    Ok(Scale {
        streams: options.streams,
        crowd: options.crowd.min(most),
        idle: Duration::from_secs(options.idle),
        stored: options.stored,
    })
}
