//! `belfry user`.

use super::{CliError, Data, print};
use crate::config::{DataArgs, password_file, user_name};
use crate::service::AccountEntry;
use domain::{Password, UserName};
use std::io::{IsTerminal, Read};
use std::path::Path;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add an account
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
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Change a password, which signs the account out everywhere
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

pub(super) async fn run(command: Command, config: Option<&Path>) -> Result<(), CliError> {
    match command {
        Command::Add {
            name,
            admin,
            password_stdin,
            data,
        } => {
            let password = password(password_stdin)?;
            let data = Data::open(data, config).await?;
            let done = data.services.add_user(name, password, admin).await;
            data.close(done).await
        }
        Command::Passwd {
            name,
            password_stdin,
            data,
        } => {
            let password = password(password_stdin)?;
            let data = Data::open(data, config).await?;
            let done = data.services.set_password(name, password).await;
            data.close(done).await
        }
        Command::List { json, data } => {
            let data = Data::open(data, config).await?;
            let directory = data.services.directory();
            let row = |account: &AccountEntry| {
                let role = if account.admin { "admin" } else { "user" };
                let state = if account.disabled {
                    "disabled"
                } else {
                    "active"
                };
                if json {
                    let admin = account.admin;
                    serde_json::json!({"name": account.name, "admin": admin, "disabled": account.disabled}).to_string()
                } else {
                    format!("{:<32} {role:<6} {state}", account.name.as_str())
                }
            };
            let rows: Vec<_> = directory.accounts().into_iter().map(row).collect();
            data.close(Ok(())).await?;
            print(rows)
        }
    }
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
            "give the password with --password-stdin".to_owned(),
        ));
    };
    Password::parse(text).map_err(|error| CliError::Input(format!("the password {error}")))
}
