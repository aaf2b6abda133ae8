//! `belfry token`.

use super::CliError;
use super::channel::channel_name;
use super::data::Data;
use super::output::{list, print};
use crate::config::{DataArgs, user_name};
use crate::service::tokens::TokenRequest;
use crate::service::{TokenId, TokenRow};
use domain::{ChannelName, Scopes, UserName};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a token and print it, alone and once
    #[command(after_help = "\
Examples:
  belfry token create --user ada --label backup-cron --scope publish --channel backups
  belfry token create --user ada --label reader --scope publish,subscribe --expires 30d")]
    Create {
        /// In whose name it acts
        #[arg(long, value_parser = user_name)]
        user: UserName,
        /// What it is for, such as backup-cron
        #[arg(long)]
        label: String,
        /// What it may do: publish, subscribe, manage, separated by commas
        #[arg(long)]
        scope: Scopes,
        /// The only channel that it may use; may be given more than once
        #[arg(long = "channel", value_name = "NAME", value_parser = channel_name)]
        channels: Vec<ChannelName>,
        /// When it ends, such as 30d, 12h or 90m
        #[arg(long, value_parser = duration)]
        expires: Option<i64>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List the tokens, without their secrets
    #[command(after_help = "\
Examples:
  belfry token list
  belfry token list --json")]
    List {
        /// As JSON, one object a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// End a token and the streams that use it
    #[command(after_help = "\
Examples:
  belfry token revoke 3")]
    Revoke {
        /// Its number in the list
        id: i64,
        #[command(flatten)]
        data: DataArgs,
    },
}

/// A duration such as `30d`, in milliseconds.
fn duration(text: &str) -> Result<i64, String> {
    let wrong = || "must be a number with s, m, h or d, such as 30d".to_owned();
    let split = text
        .len()
        .checked_sub(1)
        .filter(|at| text.is_char_boundary(*at))
        .ok_or_else(wrong)?;
    let (number, unit) = text.split_at(split);
    let unit = match unit {
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(wrong()),
    };
    let number = number.parse::<u32>().map_err(|_| wrong())?;
    i64::from(number)
        .checked_mul(unit)
        .filter(|millis| *millis > 0)
        .ok_or_else(wrong)
}

pub(super) async fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Create {
            user,
            label,
            scope,
            channels,
            expires,
            data,
        } => {
            let data = Data::open(data).await?;
            let expires_at = expires.map(|millis| data.services.clock.now().plus_millis(millis));
            let channels = if channels.is_empty() {
                None
            } else {
                Some(channels)
            };
            let request = TokenRequest {
                user,
                label,
                scopes: scope,
                channels,
                expires_at,
            };
            let made = data.services.create_token(request).await;
            print([data.close(made).await?.secret])
        }
        Command::Revoke { id, data } => {
            let data = Data::open(data).await?;
            let done = data.services.revoke_token(TokenId(id)).await;
            data.close(done).await
        }
        Command::List { json, data } => {
            let data = Data::open(data).await?;
            let rows = data.services.list_tokens(None).await;
            let rows = data.close(rows).await?;
            let heads = [
                "ID", "TOKEN", "USER", "SCOPES", "CHANNELS", "EXPIRES", "LABEL",
            ];
            list(rows, json, object, heads, cells)
        }
    }
}

/// The channels that a token is bound to.
fn channels(row: &TokenRow) -> Option<Vec<String>> {
    let list = row.channels.as_ref()?;
    serde_json::from_str(list).ok()
}

fn object(row: &TokenRow) -> serde_json::Value {
    serde_json::json!({
        "id": row.id.0, "user": row.user, "label": row.label, "ends_with": row.hint, "scopes": row.scopes,
        "channels": channels(row), "created_at": row.created_at, "expires_at": row.expires_at,
    })
}

fn cells(row: &TokenRow) -> [String; 7] {
    let expires = row.expires_at.map(|time| time.to_string());
    [
        row.id.0.to_string(),
        format!("…{}", row.hint),
        row.user.clone(),
        row.scopes.clone(),
        channels(row).map_or_else(|| "all".to_owned(), |names| names.join(",")),
        expires.unwrap_or_else(|| "never".to_owned()),
        row.label.clone(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("30d"), Ok(2_592_000_000));
        assert_eq!(duration("90m"), Ok(5_400_000));
        for bad in ["", "d", "0d", "-1d", "30", "3w", "9999999999d", "3ä"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
