//! `belfry healthcheck`: for containers, whose image needs no other program.

use super::CliError;
use crate::config::ClientArgs;
use std::time::Duration;

pub(super) async fn run(args: &ClientArgs) -> Result<(), CliError> {
    let url = format!("{}/readyz", args.url.trim_end_matches('/'));
    let refusal = |detail: String| CliError::Input(format!("{url} is not ready: {detail}"));
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(5))
        .build();
    let answer = client
        .map_err(|error| refusal(error.to_string()))?
        .get(&url)
        .send()
        .await;
    let answer = answer.map_err(|error| refusal(error.to_string()))?;
    if answer.status().is_success() {
        Ok(())
    } else {
        Err(refusal(answer.status().to_string()))
    }
}
