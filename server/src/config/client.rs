//! Settings of the commands that are clients of a Belfry.

use super::{ConfigError, secret};
use clap::Args;
use std::path::PathBuf;

/// Where a client finds its server.
#[derive(Debug, Clone, Args)]
pub struct UrlArgs {
    /// Address of the server
    #[arg(
        long,
        env = "BELFRY_URL",
        value_name = "URL",
        default_value = "http://127.0.0.1:3000"
    )]
    pub url: String,
}

/// Where a client finds its server, and what it shows there.
#[derive(Debug, Clone, Args)]
pub struct ClientArgs {
    #[expect(
        missing_docs,
        reason = "the doc comment would be the help of the group"
    )]
    #[command(flatten)]
    pub server: UrlArgs,
    /// Access token; better in the environment or a file, because everybody on the machine sees flags
    #[arg(
        long,
        env = "BELFRY_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true,
        conflicts_with = "token_file"
    )]
    pub token: Option<String>,
    /// File that holds the access token
    #[arg(
        long,
        env = "BELFRY_TOKEN_FILE",
        value_name = "FILE",
        conflicts_with = "token"
    )]
    pub token_file: Option<PathBuf>,
}

impl ClientArgs {
    /// The access token.
    ///
    /// # Errors
    /// When there is none, there are two, or its file cannot be read.
    pub fn token(&self) -> Result<String, ConfigError> {
        match (&self.token, &self.token_file) {
            (Some(token), None) => Ok(token.clone()),
            (None, Some(path)) => secret(path),
            (Some(_), Some(_)) => Err(ConfigError::TwoTokens),
            (None, None) => Err(ConfigError::NoToken),
        }
    }
}
