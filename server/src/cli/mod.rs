//! The command line: one file a subcommand. Exit status 0 done, 1 refused or failed, 2 wrong usage (contract, section 1).

mod channel;
mod healthcheck;
mod openapi;
mod serve;
mod token;
mod user;

use crate::clock::Clock;
use crate::config::{ConfigError, DataArgs, data_dir};
use crate::live::Tuning;
use crate::serve::ServeError;
use crate::service::{Running, ServiceError, Services};
use clap::{CommandFactory, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use tokio_util::sync::CancellationToken;

/// Live notifications for everything you run.
#[derive(Debug, Parser)]
#[command(name = "belfry", version, propagate_version = true)]
pub struct Cli {
    /// File with settings [default: ./belfry.toml, then /etc/belfry/belfry.toml]
    #[arg(long, env = "BELFRY_CONFIG", value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server
    Serve(crate::config::ServeArgs),
    /// Accounts: add, list, change a password
    #[command(subcommand)]
    User(user::Command),
    /// Channels: add, list, grant
    #[command(subcommand)]
    Channel(channel::Command),
    /// Access tokens for programs: create, list, revoke
    #[command(subcommand)]
    Token(token::Command),
    /// Exit 0 when the server is ready
    Healthcheck(crate::config::ClientArgs),
    /// Print the OpenAPI 3.1 document
    Openapi,
}

/// Why a command was not done: one line, which says what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error("the data in {0} cannot be used: {1}")]
    Data(PathBuf, String),
    #[error("{0}")]
    Input(String),
    #[error("cannot write the answer: {0}")]
    Output(#[from] std::io::Error),
}

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    crate::fault::arm();
    let Some(command) = cli.command else {
        let shown = Cli::command().print_help();
        return if shown.is_ok() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    match runtime.block_on(run(command, cli.config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

#[expect(
    clippy::print_stderr,
    reason = "this is where errors of commands are shown"
)]
fn fail(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("belfry: {error}");
    ExitCode::FAILURE
}

async fn run(command: Command, config: Option<PathBuf>) -> Result<(), CliError> {
    let config = config.as_deref();
    match command {
        Command::Serve(args) => serve::run(args, config).await,
        Command::User(command) => user::run(command, config).await,
        Command::Channel(command) => channel::run(command, config).await,
        Command::Token(command) => token::run(command, config).await,
        Command::Healthcheck(args) => healthcheck::run(&args).await,
        Command::Openapi => openapi::run(),
    }
}

/// The data of a server, which may be running: another process's writes and ours take turns, and it notices ours.
struct Data {
    services: Services,
    running: Running,
}

impl Data {
    async fn open(args: DataArgs, config: Option<&std::path::Path>) -> Result<Self, CliError> {
        let dir = data_dir(args, config)?;
        let opened = Services::open(
            &dir,
            Clock::System,
            Tuning::default(),
            CancellationToken::new(),
        )
        .await;
        let (services, running) = opened.map_err(|error| CliError::Data(dir, error.to_string()))?;
        Ok(Self { services, running })
    }

    /// Closes the data and passes on what was done.
    async fn close<T>(self, result: Result<T, ServiceError>) -> Result<T, CliError> {
        drop(self.services);
        self.running.finish().await;
        Ok(result?)
    }
}

/// Writes lines to standard output.
fn print(lines: impl IntoIterator<Item = String>) -> Result<(), CliError> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
