//! `belfry.toml`: read, checked key by key, and laid under flags and environment.

use super::{is_secret, key, settings};
use clap::builder::ValueRange;
use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where the file is looked for when nobody says where it is.
const USUAL: [&str; 2] = ["belfry.toml", "/etc/belfry/belfry.toml"];

/// Names that are more alike than this are taken for slips of one another.
const ALIKE: f64 = 0.8;

/// The settings of a file, each checked by itself.
#[derive(Debug, Clone, Default)]
pub struct SettingsFile {
    path: PathBuf,
    values: Values,
}

/// What was written for each key: one text, or several for a setting that takes several.
type Values = BTreeMap<String, Vec<String>>;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is there and cannot be read.
    #[error("{} cannot be read: {_1}", _0.display())]
    Unreadable(PathBuf, std::io::Error),
    /// The file is not TOML, or has keys or values that do not exist: one line each, with its place.
    #[error("{}", .0.join("\n"))]
    Invalid(Vec<String>),
    /// Two settings do not go together.
    #[error(transparent)]
    Tls(#[from] super::TlsFilesMissing),
    /// A client has nothing to show.
    #[error(
        "there is no access token: set BELFRY_TOKEN, or BELFRY_TOKEN_FILE to a file that holds it"
    )]
    NoToken,
    /// A client has two things to show.
    #[error("token and token-file are both set: set one of them")]
    TwoTokens,
}

impl SettingsFile {
    /// The file at `told`, or else `./belfry.toml`, or `/etc/belfry/belfry.toml`; `None` when there is none.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn find(told: Option<&Path>) -> Result<Option<Self>, ConfigError> {
        let usual = USUAL.into_iter().map(Path::new);
        let path = told.or_else(|| usual.into_iter().find(|path| path.exists()));
        path.map(Self::read).transpose()
    }

    fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::Unreadable(path.to_owned(), error))?;
        let values = values(&text).map_err(|found| {
            let line = |(at, what): (usize, String)| {
                let line = text[..at.min(text.len())].matches('\n').count() + 1;
                format!("{}:{line}: {what}", path.display())
            };
            ConfigError::Invalid(found.into_iter().map(line).collect())
        })?;
        Ok(Self {
            path: path.to_owned(),
            values,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the subcommand that `matches` were made by has any setting.
    #[must_use]
    pub fn matters_to(command: &Command, matches: &ArgMatches) -> bool {
        if let Some((name, matches)) = matches.subcommand() {
            let found = command.find_subcommand(name);
            return found.is_some_and(|command| Self::matters_to(command, matches));
        }
        let settings = settings();
        let known = |argument: &Arg| {
            settings
                .get_arguments()
                .any(|one| key(one) == key(argument))
        };
        command.get_arguments().any(known)
    }

    /// `command` with the file's values in place of its defaults, in the subcommand that `matches` were made by. What
    /// cannot stand beside something that was given is left out.
    #[must_use]
    pub fn under(&self, command: Command, matches: &ArgMatches) -> Command {
        if let Some((name, matches)) = matches.subcommand() {
            return command.mut_subcommand(name, |command| self.under(command, matches));
        }
        let keys = self.applied(&command, matches);
        keys.into_iter().fold(command, |command, (id, values)| {
            command.mut_arg(id, |argument| argument.default_values(values))
        })
    }

    /// The arguments of `command` that get their values from the file, unless they are given.
    pub(super) fn applied(&self, command: &Command, matches: &ArgMatches) -> Values {
        let is_given = |argument: &&Arg| {
            let source = matches.value_source(argument.get_id().as_str());
            source.is_some_and(|source| source != ValueSource::DefaultValue)
        };
        let mut applied = BTreeMap::new();
        for argument in command.get_arguments() {
            let values = key(argument).and_then(|key| self.values.get(key));
            let mut others = command.get_arg_conflicts_with(argument).into_iter();
            if let Some(values) = values
                && !others.any(|other| is_given(&other))
            {
                applied.insert(argument.get_id().to_string(), values.clone());
            }
        }
        applied
    }
}

/// The values by key, or what is wrong and at which byte.
fn values(text: &str) -> Result<Values, Vec<(usize, String)>> {
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        vec![(at, error.message().to_owned())]
    })?;
    let settings = settings();
    let (mut values, mut wrong) = (BTreeMap::new(), Vec::new());
    for (name, value) in table.get_ref() {
        match read(&settings, name.get_ref(), value) {
            Ok(read) => drop(values.insert(name.get_ref().to_string(), read)),
            Err(what) => wrong.push((name.span().start, what)),
        }
    }
    wrong.sort();
    if wrong.is_empty() {
        Ok(values)
    } else {
        Err(wrong)
    }
}

fn read(
    settings: &Command,
    name: &str,
    value: &Spanned<DeValue<'_>>,
) -> Result<Vec<String>, String> {
    let setting = settings
        .get_arguments()
        .find(|setting| key(setting) == Some(name))
        .ok_or_else(|| unknown(settings, name))?;
    let texts = match value.get_ref().as_array() {
        Some(_) if !takes_many(setting) => None,
        Some(list) => list.iter().map(|value| scalar(value.get_ref())).collect(),
        None => scalar(value.get_ref()).map(|text| vec![text]),
    };
    let texts = texts.ok_or_else(|| {
        let many = if takes_many(setting) {
            " or a list of those"
        } else {
            ""
        };
        format!("{name}: must be a text or a number{many}")
    })?;
    check(settings, setting, name, &texts)?;
    Ok(texts)
}

fn takes_many(setting: &Arg) -> bool {
    matches!(setting.get_action(), ArgAction::Append)
        || setting.get_num_args().unwrap_or(ValueRange::SINGLE) != ValueRange::SINGLE
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(yes) => Some(yes.to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// Has the flag's own rule judge the values.
fn check(settings: &Command, setting: &Arg, name: &str, texts: &[String]) -> Result<(), String> {
    for text in texts {
        let flag = format!("--{name}={text}");
        let Err(error) = settings.clone().try_get_matches_from([flag]) else {
            continue;
        };
        let shown = if is_secret(setting) {
            String::new()
        } else {
            format!(" \"{text}\"")
        };
        let possible = match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(words)) => {
                Some(format!("must be one of {}", words.join(", ")))
            }
            _ => None,
        };
        let rule = error.source().map(ToString::to_string).or(possible);
        let rule = rule.unwrap_or_else(|| "is no value of this setting".to_owned());
        return Err(format!("{name}:{shown} {rule}"));
    }
    Ok(())
}

fn unknown(settings: &Command, name: &str) -> String {
    let alike = |known: &&str| strsim::jaro_winkler(known, name);
    let known = settings.get_arguments().filter_map(key);
    let nearest = known.max_by(|a, b| alike(a).total_cmp(&alike(b)));
    match nearest.filter(|known| alike(known) > ALIKE) {
        Some(known) => format!("unknown key \"{name}\": did you mean \"{known}\"?"),
        None => format!("unknown key \"{name}\": belfry config default lists those that there are"),
    }
}
