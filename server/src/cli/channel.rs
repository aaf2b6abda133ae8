//! `belfry channel`.

use super::CliError;
use super::data::Data;
use super::output::list;
use crate::config::{DataArgs, user_name};
use crate::service::{Access, ChannelEntry};
use domain::{ChannelName, UserName};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add a channel
    #[command(after_help = "\
Examples:
  belfry channel add backups --title \"Nightly backups\"
  belfry channel add payroll --private")]
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
    #[command(after_help = "\
Examples:
  belfry channel list
  belfry channel list --json")]
    List {
        /// As JSON, one object a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Remove a channel, with its notifications and grants
    #[command(after_help = "\
Examples:
  belfry channel remove backups")]
    Remove {
        /// Its name
        #[arg(value_parser = channel_name)]
        name: ChannelName,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Let a user read or write a channel
    #[command(after_help = "\
Examples:
  belfry channel grant payroll --user ada --access both")]
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

pub(super) async fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Add {
            name,
            title,
            private,
            data,
        } => {
            let data = Data::open(data).await?;
            let done = data.services.add_channel(name, title, private).await;
            data.close(done).await
        }
        Command::Grant {
            name,
            user,
            access,
            data,
        } => {
            let data = Data::open(data).await?;
            let done = data.services.grant(&name, &user, access.into()).await;
            data.close(done).await
        }
        Command::Remove { name, data } => {
            let data = Data::open(data).await?;
            let done = data.services.remove_channel(&name).await;
            data.close(done).await
        }
        Command::List { json, data } => {
            let data = Data::open(data).await?;
            let directory = data.services.directory();
            data.close(Ok(())).await?;
            let object = |channel: &&ChannelEntry| {
                let (name, title, private) = (&channel.name, &channel.title, channel.private);
                serde_json::json!({"name": name, "title": title, "private": private})
            };
            let cells = |channel: &&ChannelEntry| {
                let access = if channel.private { "private" } else { "public" };
                let title = channel.title.clone().unwrap_or_default();
                [channel.name.to_string(), access.to_owned(), title]
            };
            let heads = ["CHANNEL", "ACCESS", "TITLE"];
            list(directory.channels(), json, object, heads, cells)
        }
    }
}
