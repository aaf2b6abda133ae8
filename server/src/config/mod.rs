//! Settings: flags win over the environment, the environment over `belfry.toml`, the file over defaults (contract,
//! section 1). Nothing else reads the environment.

use crate::listen::TlsFiles;
use clap::Args;
use domain::UserName;
use ipnet::IpNet;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Where the data is: what every command that works on it needs.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct DataArgs {
    /// Folder of the database [default: ./data]
    #[arg(long, env = "BELFRY_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

/// Settings of `belfry serve`.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServeArgs {
    /// Address to listen on; port 0 takes a free one [default: 127.0.0.1:3000]
    #[arg(long, env = "BELFRY_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Folder of the database [default: ./data]
    #[arg(long, env = "BELFRY_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Address under which browsers reach the server [default: http://LISTEN]
    #[arg(long, env = "BELFRY_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Address or network of a proxy whose X-Forwarded-For counts; may be given more than once
    #[arg(long = "trusted-proxy", env = "BELFRY_TRUSTED_PROXY", value_name = "NETWORK", value_delimiter = ',', value_parser = network)]
    #[serde(deserialize_with = "networks")]
    pub trusted_proxy: Vec<IpNet>,
    /// Streams that one account may have open, 0 for any number [default: 32]
    #[arg(long, env = "BELFRY_STREAMS_PER_USER", value_name = "N")]
    pub streams_per_user: Option<usize>,
    /// Posts that one credential may send in a minute [default: as many as are written in time]
    #[arg(long, env = "BELFRY_PUBLISH_LIMIT", value_name = "N")]
    pub publish_limit: Option<u32>,
    /// Connections in all [default: nine tenths of the open files that the system allows]
    #[arg(long, env = "BELFRY_CONNECTIONS", value_name = "N")]
    pub connections: Option<usize>,
    /// Connections from one address, 0 for any number; this machine and trusted proxies may have any number [default: 2048]
    #[arg(long, env = "BELFRY_CONNECTIONS_PER_ADDRESS", value_name = "N")]
    pub connections_per_address: Option<usize>,
    /// Certificate for TLS and HTTP/2, with those that lead to its root, as PEM
    #[arg(
        long,
        env = "BELFRY_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key"
    )]
    pub tls_cert: Option<PathBuf>,
    /// Its private key, as PEM
    #[arg(
        long,
        env = "BELFRY_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    pub tls_key: Option<PathBuf>,
    /// How the log is written [default: text]
    #[arg(long, env = "BELFRY_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// What is logged, such as info or server=debug [default: info]
    #[arg(long, env = "BELFRY_LOG", value_name = "FILTER")]
    pub log: Option<String>,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs: one object a line.
    Json,
}

/// Where a command of the client finds its server.
#[derive(Debug, Clone, Args)]
pub struct ClientArgs {
    /// Address of the server
    #[arg(long, env = "BELFRY_URL", default_value = "http://127.0.0.1:3000")]
    pub url: String,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is there and cannot be read.
    #[error("{0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// The file is not TOML, or has a key or a value that does not exist.
    #[error("{0}: {1}")]
    Invalid(PathBuf, String),
    /// The public address is no address.
    #[error("public-url must be an address such as https://bell.example.org, not {0:?}")]
    PublicUrl(String),
    /// One of the two files that TLS needs is missing.
    #[error("tls-cert and tls-key must be given together")]
    Tls,
}

/// The settings of the server, complete.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Folder of the database.
    pub data_dir: PathBuf,
    /// Scheme, host and port under which browsers reach the server, when it was set.
    pub public_origin: Option<String>,
    /// Proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpNet>,
    /// See [`ServeArgs::streams_per_user`].
    pub streams_per_user: usize,
    /// See [`ServeArgs::publish_limit`].
    pub publish_limit: Option<u32>,
    /// See [`ServeArgs::connections`].
    pub connections: Option<usize>,
    /// See [`ServeArgs::connections_per_address`].
    pub connections_per_address: usize,
    /// What TLS needs, when it is spoken.
    pub tls: Option<TlsFiles>,
    /// See [`LogFormat`].
    pub log_format: LogFormat,
    /// See [`ServeArgs::log`].
    pub log: String,
}

impl Config {
    /// The settings of `args`, completed from `file` (or `./belfry.toml`, or `/etc/belfry/belfry.toml`).
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn load(args: ServeArgs, file: Option<&Path>) -> Result<Self, ConfigError> {
        let file = read_file(file)?;
        let public_url = args.public_url.or(file.public_url);
        let proxies = if args.trusted_proxy.is_empty() {
            file.trusted_proxy
        } else {
            args.trusted_proxy
        };
        let tls = match (
            args.tls_cert.or(file.tls_cert),
            args.tls_key.or(file.tls_key),
        ) {
            (Some(cert), Some(key)) => Some(TlsFiles { cert, key }),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(ConfigError::Tls),
        };
        Ok(Self {
            listen: args
                .listen
                .or(file.listen)
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 3000))),
            data_dir: args
                .data_dir
                .or(file.data_dir)
                .unwrap_or_else(|| PathBuf::from("data")),
            public_origin: public_url.map(|url| origin(&url)).transpose()?,
            trusted_proxies: proxies,
            streams_per_user: args
                .streams_per_user
                .or(file.streams_per_user)
                .unwrap_or(32),
            publish_limit: args.publish_limit.or(file.publish_limit),
            connections: args.connections.or(file.connections),
            connections_per_address: args
                .connections_per_address
                .or(file.connections_per_address)
                .unwrap_or(2048),
            tls,
            log_format: args.log_format.or(file.log_format).unwrap_or_default(),
            log: args.log.or(file.log).unwrap_or_else(|| "info".to_owned()),
        })
    }
}

/// The folder of the database for commands other than `serve`: the same order of flag, environment, file, default.
///
/// # Errors
/// See [`ConfigError`].
pub fn data_dir(args: DataArgs, file: Option<&Path>) -> Result<PathBuf, ConfigError> {
    match args.data_dir {
        Some(dir) => Ok(dir),
        None => Ok(read_file(file)?
            .data_dir
            .unwrap_or_else(|| PathBuf::from("data"))),
    }
}

fn read_file(file: Option<&Path>) -> Result<ServeArgs, ConfigError> {
    let usual = [
        Path::new("belfry.toml"),
        Path::new("/etc/belfry/belfry.toml"),
    ];
    let Some(path) = file.or_else(|| usual.into_iter().find(|path| path.exists())) else {
        return Ok(ServeArgs::default());
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError::Unreadable(path.to_owned(), error))?;
    toml::from_str(&text).map_err(|error| ConfigError::Invalid(path.to_owned(), error.to_string()))
}

/// Scheme, host and port of an address. It has no path: the page is at the root of its host.
fn origin(url: &str) -> Result<String, ConfigError> {
    let wrong = || ConfigError::PublicUrl(url.to_owned());
    let trimmed = url.trim_end_matches('/');
    let host = trimmed
        .strip_prefix("https://")
        .or_else(|| trimmed.strip_prefix("http://"))
        .ok_or_else(wrong)?;
    let plain = !host.is_empty()
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
    if plain {
        Ok(trimmed.to_ascii_lowercase())
    } else {
        Err(wrong())
    }
}

/// A network, or one address.
fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.parse::<std::net::IpAddr>().map(IpNet::from);
    text.parse()
        .or_else(|_| address())
        .map_err(|_| "must be an address or a network such as 10.0.0.0/8".to_owned())
}

fn networks<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts
        .iter()
        .map(|text| network(text).map_err(serde::de::Error::custom))
        .collect()
}

/// The folder of the built site for a server without one inside. `cargo leptos` says where it puts it.
#[must_use]
pub fn site_folder() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    let told = std::env::var("LEPTOS_SITE_ROOT");
    told.map_or_else(|_| PathBuf::from("target/site"), PathBuf::from)
}

/// A secret for the command line: the file that `BELFRY_PASSWORD_FILE` names, for set-ups without a terminal.
///
/// # Errors
/// When the file cannot be read.
pub fn password_file() -> std::io::Result<Option<String>> {
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    let path = std::env::var("BELFRY_PASSWORD_FILE");
    let Ok(path) = path else { return Ok(None) };
    std::fs::read_to_string(path).map(|text| Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Checks a name on the command line.
///
/// # Errors
/// What is wrong with it.
pub fn user_name(text: &str) -> Result<UserName, String> {
    UserName::parse(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_file_and_unknown_keys_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("belfry.toml");
        std::fs::write(
            &file,
            "listen = \"127.0.0.1:4000\"\nstreams-per-user = 5\ntrusted-proxy = [\"10.0.0.1\"]\n",
        )
        .unwrap();
        let args = ServeArgs {
            streams_per_user: Some(7),
            ..ServeArgs::default()
        };
        let config = Config::load(args, Some(&file)).unwrap();
        assert_eq!((config.listen.port(), config.streams_per_user), (4000, 7));
        assert_eq!(
            config.trusted_proxies,
            ["10.0.0.1/32".parse::<IpNet>().unwrap()]
        );

        std::fs::write(&file, "lissten = 1").unwrap();
        let error = Config::load(ServeArgs::default(), Some(&file))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("lissten") && error.contains("listen"),
            "{error}"
        );
    }

    #[test]
    fn the_public_address_is_an_origin() {
        assert_eq!(
            origin("https://Bell.example.org/").unwrap(),
            "https://bell.example.org"
        );
        for bad in ["bell.example.org", "https://", "https://a/b", "ftp://a"] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }
}
