//! Settings: flags win over the environment, the environment over `belfry.toml`, the file over defaults (contract,
//! section 1). Nothing else reads the environment.
//!
//! A setting is one field of [`Config`] or [`ClientArgs`]: its name, help, variable, default and rule stand there and
//! nowhere else. The file, `belfry config` and the documents are made from the arguments that clap has of them.

mod client;
mod file;
mod origin;
mod server;

pub use client::{ClientArgs, UrlArgs};
pub use file::{ConfigError, SettingsFile};
pub use origin::{Origin, Shown, default_file, shown};
pub use server::{Config, DataArgs, LogFormat, TlsFilesMissing};

use clap::{Arg, Args, Command};
use domain::UserName;
use std::path::PathBuf;

/// Every setting as an argument; its key in the file is its flag without the dashes.
#[must_use]
pub fn settings() -> Command {
    let command = Command::new("settings").no_binary_name(true);
    ClientArgs::augment_args(Config::augment_args(command))
}

/// The key of an argument that is a setting.
fn key(argument: &Arg) -> Option<&str> {
    argument.get_long()
}

/// Whether a setting is a secret: nothing shows its value.
fn is_secret(setting: &Arg) -> bool {
    setting.is_hide_env_values_set()
}

/// The folder of the built site for a server without one inside. `cargo leptos` says where it puts it.
#[must_use]
pub fn site_folder() -> PathBuf {
    variable("LEPTOS_SITE_ROOT").map_or_else(|| PathBuf::from("target/site"), PathBuf::from)
}

/// A secret for the command line: the file that `BELFRY_PASSWORD_FILE` names, for set-ups without a terminal.
///
/// # Errors
/// When the file cannot be read.
pub fn password_file() -> Result<Option<String>, ConfigError> {
    let path = variable("BELFRY_PASSWORD_FILE").map(PathBuf::from);
    path.map(|path| secret(&path)).transpose()
}

fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    std::env::var(name).ok()
}

/// The secret in a file: its text without the line end that editors add.
fn secret(path: &std::path::Path) -> Result<String, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError::Unreadable(path.to_owned(), error))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Checks a name on the command line.
///
/// # Errors
/// What is wrong with it.
pub fn user_name(text: &str) -> Result<UserName, String> {
    UserName::parse(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
