//! `belfry user`.

use super::CliError;
use super::data::Data;
use super::output::list;
use crate::config::{DataArgs, password_file, user_name};
use crate::service::AccountEntry;
use domain::{Password, UserName};
use std::io::{IsTerminal, Read};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add an account
    #[command(after_help = "\
The password is typed twice, or comes from --password-stdin or from the file that BELFRY_PASSWORD_FILE names.

Examples:
  belfry user add ada --admin
  pass show belfry/ada | belfry user add ada --password-stdin")]
    Add {
        /// Its name
        #[arg(value_parser = user_name)]
        name: UserName,
        /// It administers the server
        #[arg(long)]
        admin: bool,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List the accounts
    #[command(after_help = "\
Examples:
  belfry user list
  belfry user list --json")]
    List {
        /// As JSON, one object a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Keep an account out: its sessions and streams end, and its tokens rest
    #[command(after_help = "\
Examples:
  belfry user disable ada")]
    Disable {
        /// Whose
        #[arg(value_parser = user_name)]
        name: UserName,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Let a disabled account in again
    #[command(after_help = "\
Examples:
  belfry user enable ada")]
    Enable {
        /// Whose
        #[arg(value_parser = user_name)]
        name: UserName,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Remove an account with its tokens and receipts; what it posted stays
    #[command(after_help = "\
Examples:
  belfry user remove ada")]
    Remove {
        /// Whose
        #[arg(value_parser = user_name)]
        name: UserName,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Change a password, which signs the account out everywhere
    #[command(after_help = "\
Examples:
  belfry user passwd ada
  pass show belfry/ada | belfry user passwd ada --password-stdin")]
    Passwd {
        /// Whose
        #[arg(value_parser = user_name)]
        name: UserName,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        data: DataArgs,
    },
}

pub(super) async fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Add {
            name,
            admin,
            password_stdin,
            data,
        } => {
            let password = password(password_stdin)?;
            let data = Data::open(data).await?;
            let done = data.services.add_user(name, password, admin).await;
            data.close(done).await
        }
        Command::Passwd {
            name,
            password_stdin,
            data,
        } => {
            let password = password(password_stdin)?;
            let data = Data::open(data).await?;
            let done = data.services.set_password(name, password).await;
            data.close(done).await
        }
        Command::Disable { name, data } => set_disabled(name, true, data).await,
        Command::Enable { name, data } => set_disabled(name, false, data).await,
        Command::Remove { name, data } => {
            let data = Data::open(data).await?;
            let done = data.services.remove_user(name).await;
            data.close(done).await
        }
        Command::List { json, data } => {
            let data = Data::open(data).await?;
            let directory = data.services.directory();
            data.close(Ok(())).await?;
            let object = |account: &&AccountEntry| {
                let (name, admin, disabled) = (&account.name, account.admin, account.disabled);
                serde_json::json!({"name": name, "admin": admin, "disabled": disabled})
            };
            let cells = |account: &&AccountEntry| {
                let role = if account.admin { "admin" } else { "user" };
                let state = if account.disabled {
                    "disabled"
                } else {
                    "active"
                };
                [account.name.to_string(), role.to_owned(), state.to_owned()]
            };
            let heads = ["USER", "ROLE", "STATE"];
            list(directory.accounts(), json, object, heads, cells)
        }
    }
}

async fn set_disabled(name: UserName, disabled: bool, data: DataArgs) -> Result<(), CliError> {
    let data = Data::open(data).await?;
    let done = data.services.set_disabled(name, disabled).await;
    data.close(done).await
}

/// The new password: from standard input, from the file that the environment names, or typed twice.
fn password(stdin: bool) -> Result<Password, CliError> {
    let text = if stdin {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        text.trim_end_matches(['\r', '\n']).to_owned()
    } else if let Some(text) = password_file()? {
        text
    } else if std::io::stdin().is_terminal() {
        let text = rpassword::prompt_password("Password: ")?;
        if rpassword::prompt_password("Again: ")? != text {
            return Err(CliError::Input("the two are not the same".to_owned()));
        }
        text
    } else {
        return Err(CliError::Input(
            "give the password with --password-stdin, or name its file in BELFRY_PASSWORD_FILE"
                .to_owned(),
        ));
    };
    Password::parse(text).map_err(|error| CliError::Input(format!("the password {error}")))
}
