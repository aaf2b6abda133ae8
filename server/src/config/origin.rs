//! What the settings are and where each comes from, for `belfry config`.

use super::{SettingsFile, is_secret, key, settings};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches};
use serde::Serialize;
use std::fmt::Write;
use std::path::PathBuf;

/// Where the value of a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "origin", content = "source", rename_all = "lowercase")]
pub enum Origin {
    /// The command line.
    Flag,
    /// This variable.
    Environment(String),
    /// This file.
    File(PathBuf),
    /// Nobody set it.
    Default,
}

/// A setting as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Its key in the file.
    pub key: String,
    /// Its value, with commas between several; `None` when it has none.
    pub value: Option<String>,
    #[expect(missing_docs, reason = "the type says it")]
    #[serde(flatten)]
    pub origin: Origin,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// Every setting as `matches` have it. They were made by a command that takes all of them, with `file` under it.
#[must_use]
pub fn shown(matches: &ArgMatches, file: Option<&SettingsFile>) -> Vec<Shown> {
    let settings = settings();
    let applied = file.map(|file| (file, file.applied(&settings, matches)));
    let show = |setting: &Arg| {
        let id = setting.get_id().as_str();
        let texts = |values: clap::parser::RawValues<'_>| {
            let texts: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
            texts.join(",")
        };
        let value = matches.get_raw(id).map(texts);
        let from_file = || {
            let (file, applied) = applied.as_ref()?;
            let found = applied.contains_key(id);
            found.then(|| Origin::File(file.path().to_owned()))
        };
        let origin = match matches.value_source(id) {
            Some(ValueSource::CommandLine) => Origin::Flag,
            Some(ValueSource::EnvVariable) => {
                let name = setting.get_env().unwrap_or_default();
                Origin::Environment(name.to_string_lossy().into_owned())
            }
            _ => from_file().unwrap_or(Origin::Default),
        };
        let value = if is_secret(setting) {
            value.map(|_| "(hidden)".to_owned())
        } else {
            value
        };
        Some(Shown {
            key: key(setting)?.to_owned(),
            value,
            origin,
        })
    };
    settings.get_arguments().filter_map(show).collect()
}

/// A complete `belfry.toml` in which every setting is a comment: its help, its variable and its default, or the kind of
/// value that it takes where it has none.
#[must_use]
pub fn default_file() -> String {
    let mut text = String::from(
        "# Settings of Belfry. A flag wins over an environment variable, a variable over this file, this file over the\n\
         # defaults, which are shown here. `belfry config show` tells what is in force and where it comes from.\n",
    );
    for setting in settings().get_arguments() {
        let Some(key) = key(setting) else { continue };
        let help = setting.get_help().map(ToString::to_string);
        let variable = setting.get_env().unwrap_or_default().to_string_lossy();
        // Writing to a string cannot fail.
        let _written = write!(
            text,
            "\n# {}.\n# Variable: {variable}\n#{key} = {}\n",
            help.unwrap_or_default(),
            example(setting),
        );
    }
    text
}

fn example(setting: &Arg) -> String {
    let default = setting.get_default_values().first();
    let text = default.map(|value| value.to_string_lossy().into_owned());
    let name = || setting.get_value_names().and_then(|names| names.first());
    let text = text.unwrap_or_else(|| name().map(ToString::to_string).unwrap_or_default());
    if text.parse::<u64>().is_ok() {
        text
    } else {
        format!("{text:?}")
    }
}
