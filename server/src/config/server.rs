//! Settings of `belfry serve`.

use crate::listen::TlsFiles;
use clap::{Args, FromArgMatches};
use ipnet::IpNet;
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// Where the data is: what every command that works on it needs.
#[derive(Debug, Clone, Args)]
pub struct DataArgs {
    /// Folder of the database
    #[arg(
        long,
        env = "BELFRY_DATA_DIR",
        value_name = "DIR",
        default_value = "data"
    )]
    pub data_dir: PathBuf,
}

/// The settings of the server, complete.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Address to listen on; port 0 takes a free one
    #[arg(
        long,
        env = "BELFRY_LISTEN",
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:3000"
    )]
    pub listen: SocketAddr,
    #[expect(
        missing_docs,
        reason = "the doc comment would be the help of the group"
    )]
    #[command(flatten)]
    pub data: DataArgs,
    /// Address under which browsers reach the server, such as https://bell.example.org [default: where it listens]
    #[arg(
        long = "public-url",
        env = "BELFRY_PUBLIC_URL",
        value_name = "URL",
        value_parser = origin
    )]
    pub public_origin: Option<String>,
    /// Address or network of a proxy whose X-Forwarded-For counts; may be given more than once
    #[arg(
        long = "trusted-proxy",
        env = "BELFRY_TRUSTED_PROXY",
        value_name = "NETWORK",
        value_delimiter = ',',
        value_parser = network
    )]
    pub trusted_proxies: Vec<IpNet>,
    /// Streams that one account may have open, 0 for any number
    #[arg(
        long,
        env = "BELFRY_STREAMS_PER_USER",
        value_name = "N",
        default_value = "32"
    )]
    pub streams_per_user: usize,
    /// Posts that one credential may send in a minute [default: as many as are written in time]
    #[arg(long, env = "BELFRY_PUBLISH_LIMIT", value_name = "N")]
    pub publish_limit: Option<u32>,
    /// Largest file of a notification, such as 500K, 15M or 1G
    #[arg(
        long,
        env = "BELFRY_FILE_LIMIT",
        value_name = "SIZE",
        default_value = "15M"
    )]
    pub file_limit: Size,
    /// All files of notifications together
    #[arg(
        long,
        env = "BELFRY_FILE_TOTAL_LIMIT",
        value_name = "SIZE",
        default_value = "5G"
    )]
    pub file_total_limit: Size,
    /// Connections in all [default: nine tenths of the open files that the system allows]
    #[arg(long, env = "BELFRY_CONNECTIONS", value_name = "N")]
    pub connections: Option<usize>,
    /// Connections from one address, 0 for any number; this machine and trusted proxies may have any number
    #[arg(
        long,
        env = "BELFRY_CONNECTIONS_PER_ADDRESS",
        value_name = "N",
        default_value = "2048"
    )]
    pub connections_per_address: usize,
    /// Certificate for TLS and HTTP/2, with those that lead to its root, as PEM
    #[arg(long, env = "BELFRY_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// Its private key, as PEM
    #[arg(long, env = "BELFRY_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// How the log is written
    #[arg(
        long,
        env = "BELFRY_LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "text"
    )]
    pub log_format: LogFormat,
    /// What is logged, such as info or server=debug
    #[arg(
        long,
        env = "BELFRY_LOG",
        value_name = "FILTER",
        default_value = "info"
    )]
    pub log: String,
}

/// A number of bytes, written with K, M or G for 1024, 1024² or 1024³ of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u64);

impl std::str::FromStr for Size {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "must be a size such as 500K, 15M or 1G";
        let (digits, unit) = match text.as_bytes().last() {
            Some(b'K' | b'k') => (&text[..text.len() - 1], 1 << 10),
            Some(b'M' | b'm') => (&text[..text.len() - 1], 1 << 20),
            Some(b'G' | b'g') => (&text[..text.len() - 1], 1 << 30),
            _ => (text, 1),
        };
        let count: u64 = digits.parse().map_err(|_| wrong)?;
        count.checked_mul(unit).map(Self).ok_or(wrong)
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people
    Text,
    /// For programs: one object a line
    Json,
}

/// One of the two files that TLS needs is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("tls-cert and tls-key must be given together")]
pub struct TlsFilesMissing;

impl Config {
    /// Every setting at its default, but for the folder of the database. Neither file nor environment is read.
    ///
    /// # Errors
    /// When a default breaks its setting's own rule.
    pub fn defaults(data_dir: &Path) -> Result<Self, clap::Error> {
        let command = super::settings().mut_args(|argument| argument.env(None::<&str>));
        let mut config = Self::from_arg_matches(&command.try_get_matches_from([""; 0])?)?;
        data_dir.clone_into(&mut config.data.data_dir);
        Ok(config)
    }

    /// What TLS needs, when it is to be spoken.
    ///
    /// # Errors
    /// See [`TlsFilesMissing`].
    pub fn tls(&self) -> Result<Option<TlsFiles>, TlsFilesMissing> {
        match (self.tls_cert.clone(), self.tls_key.clone()) {
            (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert, key })),
            (None, None) => Ok(None),
            (Some(_), None) | (None, Some(_)) => Err(TlsFilesMissing),
        }
    }
}

/// Scheme, host and port of an address. It has no path: the page is at the root of its host.
pub(super) fn origin(url: &str) -> Result<String, String> {
    let wrong = || "must be an address such as https://bell.example.org".to_owned();
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
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse()
        .or_else(|_| address())
        .map_err(|_| "must be an address or a network such as 10.0.0.0/8".to_owned())
}
