//! `belfry healthcheck`: for containers, whose image needs no other program.

use super::{CliError, client};
use crate::config::UrlArgs;
use std::time::Duration;

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn run(args: &UrlArgs) -> Result<(), CliError> {
    let url = format!("{}/readyz", client::base(&args.url)?);
    let refusal = |detail: String| CliError::Input(format!("{url} is not ready: {detail}"));
    let asked = client::http()?.get(&url).timeout(PATIENCE).send().await;
    let answer = asked.map_err(|error| refusal(client::cause(&error)))?;
    if answer.status().is_success() {
        Ok(())
    } else {
        Err(refusal(answer.status().to_string()))
    }
}
