//! Measures Belfry and its peers on this machine, interleaved in one run, and prints a table with ratios. The peers that
//! are not installed are left out with a word. Everything is bounded and ends by itself.
#![expect(
    clippy::print_stdout,
    reason = "telling what it measured is what this program is for"
)]

mod measure;
mod peer;
mod process;
mod publish;
mod report;
mod search;
mod swarm;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use measure::Scale;
use peer::Peer;
use report::Report;

/// Measures Belfry and its peers side by side.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure and print the table
    Run {
        /// The release binary
        #[arg(long, default_value = "target/release/belfry")]
        belfry: PathBuf,
        /// Streams that are open at once
        #[arg(long, default_value_t = 1000)]
        streams: usize,
        /// Rounds of each measurement, each with every peer; the table shows medians
        #[arg(long, default_value_t = 3)]
        rounds: usize,
    },
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

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run {
            belfry,
            streams,
            rounds,
        } => run(belfry, Scale { streams }, rounds),
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

fn run(belfry: PathBuf, scale: Scale, rounds: usize) -> Result<()> {
    process::raise_open_files(scale.streams + 200)?;
    let peers = Peer::present(belfry);
    let mut report = Report::default();
    for round in 1..=rounds {
        for peer in &peers {
            println!("round {round} of {rounds}: {}", peer.name());
            let server = peer.start()?;
            measure::all(&server, scale, &mut report)?;
        }
    }
    println!("\n{}", report.table(&peers, scale.streams));
    Ok(())
}
