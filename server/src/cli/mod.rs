//! The command line: one file a subcommand. Exit status 0 done, 1 refused or failed, 2 wrong usage (contract, section 1).

mod channel;
mod client;
mod config;
mod data;
mod documents;
mod harmless;
mod healthcheck;
mod openapi;
mod output;
mod publish;
mod serve;
mod tail;
#[cfg(test)]
mod tests;
mod token;
mod upkeep;
mod user;

use crate::config::{Config, ConfigError, DataArgs, SettingsFile, UrlArgs};
use crate::serve::ServeError;
use crate::service::ServiceError;
use crate::service::upkeep::StoreError;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::ExitCode;

/// Live notifications for everything you run.
#[derive(Debug, Parser)]
#[command(
    name = "belfry",
    version,
    propagate_version = true,
    after_help = "\
Every setting is a flag, an environment variable (BELFRY_LISTEN for --listen) and a key of belfry.toml (listen): a flag \
wins over the environment, the environment over the file."
)]
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
    #[command(after_help = "\
Examples:
  belfry serve
  belfry serve --data-dir /var/lib/belfry --public-url https://bell.example.org")]
    Serve(Box<Config>),
    /// Accounts: add, list, disable, remove, change a password
    #[command(subcommand)]
    User(user::Command),
    /// Channels: add, list, grant, remove
    #[command(subcommand)]
    Channel(channel::Command),
    /// Access tokens for programs: create, list, revoke
    #[command(subcommand)]
    Token(token::Command),
    /// Post a notification to any Belfry
    Publish(Box<publish::PublishArgs>),
    /// Follow the notifications of any Belfry
    Tail(tail::TailArgs),
    /// Copy the data to a file, also beside a running server
    Backup(upkeep::BackupArgs),
    /// Put a copy back in the place of the data
    Restore(upkeep::RestoreArgs),
    /// Look whether the data is whole
    #[command(after_help = "\
Prints a line for each thing that is wrong; exit status 1 when there is one.

Examples:
  belfry check --data-dir /var/lib/belfry")]
    Check(DataArgs),
    /// The settings: show, check, list them all
    #[command(subcommand)]
    Config(config::Command),
    /// Exit 0 when the server is ready
    #[command(after_help = "\
Examples:
  belfry healthcheck
  belfry healthcheck --url https://bell.example.org")]
    Healthcheck(UrlArgs),
    /// Print the OpenAPI 3.1 document
    #[command(after_help = "\
Examples:
  belfry openapi > belfry.json")]
    Openapi,
    /// Print what completes this command line in a shell
    Completions(documents::CompletionsArgs),
    /// Print the manual page, or write one for each command
    Man(documents::ManArgs),
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
    #[error(transparent)]
    Upkeep(#[from] StoreError),
    #[error("the data in {} cannot be used: {_1}", _0.display())]
    Data(PathBuf, String),
    #[error("{0}")]
    Input(String),
    #[error("cannot write the answer: {0}")]
    Output(#[from] std::io::Error),
}

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let given = Cli::command().get_matches();
    crate::fault::arm();
    match start(given) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the output has read enough.
        Err(CliError::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            error.to_string().lines().for_each(output::complain);
            ExitCode::FAILURE
        }
    }
}

/// Completes what was given from the file of settings, and runs the command.
fn start(given: ArgMatches) -> Result<(), CliError> {
    let told = given.get_one::<PathBuf>("config").cloned();
    let file = if SettingsFile::matters_to(&Cli::command(), &given) {
        SettingsFile::find(told.as_deref())?
    } else {
        None
    };
    let matches = match &file {
        Some(file) => file.under(Cli::command(), &given).get_matches(),
        None => given,
    };
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::Input(format!("cannot start: {error}")))?;
    match cli.command {
        Some(command) => runtime.block_on(run(command, &matches, file.as_ref())),
        // `belfry` alone asks what there is.
        None => Ok(Cli::command().print_help()?),
    }
}

async fn run(
    command: Command,
    matches: &ArgMatches,
    file: Option<&SettingsFile>,
) -> Result<(), CliError> {
    match command {
        Command::Serve(config) => serve::run(*config).await,
        Command::User(command) => user::run(command).await,
        Command::Channel(command) => channel::run(command).await,
        Command::Token(command) => token::run(command).await,
        Command::Publish(args) => publish::run(*args).await,
        Command::Tail(args) => tail::run(args).await,
        Command::Backup(args) => upkeep::backup(args).await,
        Command::Restore(args) => upkeep::restore(args).await,
        Command::Check(args) => upkeep::check(args).await,
        Command::Config(command) => config::run(command, matches, file),
        Command::Healthcheck(args) => healthcheck::run(&args).await,
        Command::Openapi => openapi::run(),
        Command::Completions(args) => documents::completions(&args),
        Command::Man(args) => documents::man(&args),
    }
}
