//! `belfry channel`.

use super::{CliError, Data, print};
use crate::config::{DataArgs, user_name};
use crate::service::{Access, ChannelEntry};
use domain::{ChannelName, UserName};
use std::path::Path;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add a channel
    Add {
        /// Its name
        #[arg(value_parser = channel_name)]
        name: ChannelName,
        /// Its name for people
        #[arg(long)]
        title: Option<String>,
        /// Only those who are granted it read or write it
        #[arg(long)]
        private: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List the channels
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Let a user read or write a channel
    Grant {
        /// The channel
        #[arg(value_parser = channel_name)]
        name: ChannelName,
        /// The user
        #[arg(long, value_parser = user_name)]
        user: UserName,
        /// What the user may do
        #[arg(long)]
        access: AccessArg,
        #[command(flatten)]
        data: DataArgs,
    },
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum AccessArg {
    Read,
    Write,
    Both,
}

impl From<AccessArg> for Access {
    fn from(arg: AccessArg) -> Self {
        Self {
            read: !matches!(arg, AccessArg::Write),
            write: !matches!(arg, AccessArg::Read),
        }
    }
}

pub(super) fn channel_name(text: &str) -> Result<ChannelName, String> {
    ChannelName::parse(text).map_err(|error| error.to_string())
}

pub(super) async fn run(command: Command, config: Option<&Path>) -> Result<(), CliError> {
    match command {
        Command::Add {
            name,
            title,
            private,
            data,
        } => {
            let data = Data::open(data, config).await?;
            let done = data.services.add_channel(name, title, private).await;
            data.close(done).await
        }
        Command::Grant {
            name,
            user,
            access,
            data,
        } => {
            let data = Data::open(data, config).await?;
            let done = data.services.grant(&name, &user, access.into()).await;
            data.close(done).await
        }
        Command::List { json, data } => {
            let data = Data::open(data, config).await?;
            let directory = data.services.directory();
            let row = |channel: &ChannelEntry| {
                let (name, title, private) = (&channel.name, &channel.title, channel.private);
                if json {
                    serde_json::json!({"name": name, "title": title, "private": private})
                        .to_string()
                } else {
                    let access = if private { "private" } else { "public" };
                    format!(
                        "{:<32} {access:<8} {}",
                        name.as_str(),
                        title.as_deref().unwrap_or_default()
                    )
                }
            };
            let rows: Vec<_> = directory.channels().into_iter().map(row).collect();
            data.close(Ok(())).await?;
            print(rows)
        }
    }
}
