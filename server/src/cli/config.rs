//! `belfry config`.

use super::output::{list, print};
use super::{CliError, harmless};
use crate::config::{self, ClientArgs, Config, ConfigError, SettingsFile, Shown};
use clap::{ArgMatches, FromArgMatches};
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Show every setting that is in force, and where it comes from
    #[command(after_help = "\
Takes the flags of the other commands too, to show what they would change. Secrets are not shown.

Examples:
  belfry config show
  belfry config show --listen 0.0.0.0:3000 --json")]
    Show {
        /// As JSON, one object a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        server: Box<Config>,
        #[command(flatten)]
        client: ClientArgs,
    },
    /// Look whether a file of settings is good
    #[command(after_help = "\
Prints a line for each thing that is wrong, with its place; exit status 1 when there is one.

Examples:
  belfry config check
  belfry config check /etc/belfry/belfry.toml")]
    Check {
        /// The file [default: the one that would be used]
        file: Option<PathBuf>,
    },
    /// Print a complete belfry.toml, in which every setting is a comment with its default
    #[command(after_help = "\
Examples:
  belfry config default > belfry.toml")]
    Default,
}

pub(super) fn run(
    command: Command,
    matches: &ArgMatches,
    file: Option<&SettingsFile>,
) -> Result<(), CliError> {
    match command {
        Command::Show {
            json,
            server,
            client: _,
        } => {
            show(config::shown(innermost(matches), file), json)?;
            server.tls().map_err(ConfigError::from)?;
            Ok(())
        }
        Command::Check { file } => {
            let told = matches.get_one::<PathBuf>("config").cloned();
            check(file.or(told))
        }
        Command::Default => print([config::default_file().trim_end().to_owned()]),
    }
}

/// What was given to the subcommand itself.
fn innermost(matches: &ArgMatches) -> &ArgMatches {
    matches
        .subcommand()
        .map_or(matches, |(_, matches)| innermost(matches))
}

fn show(settings: Vec<Shown>, json: bool) -> Result<(), CliError> {
    let object = |setting: &Shown| serde_json::json!(setting);
    let cells = |setting: &Shown| {
        let value = setting.value.as_deref().unwrap_or("-");
        [
            setting.key.clone(),
            harmless::line(value),
            setting.origin.to_string(),
        ]
    };
    list(settings, json, object, ["SETTING", "VALUE", "FROM"], cells)
}

fn check(path: Option<PathBuf>) -> Result<(), CliError> {
    let Some(file) = SettingsFile::find(path.as_deref())? else {
        return print(["there is no file: every setting is a default".to_owned()]);
    };
    let bare = || config::settings().mut_args(|argument| argument.env(None::<&str>));
    let wrong = |error: clap::Error| CliError::Input(error.to_string());
    let none = bare().try_get_matches_from([""; 0]).map_err(wrong)?;
    let command = file.under(bare(), &none);
    let matches = command.try_get_matches_from([""; 0]).map_err(wrong)?;
    let config = Config::from_arg_matches(&matches).map_err(wrong)?;
    config.tls().map_err(ConfigError::from)?;
    print([format!("{} is good", file.path().display())])
}
