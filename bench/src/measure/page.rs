//! How long the inbox takes to its first byte, for somebody who is signed in.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;
use reqwest::{Client, header, redirect};

use super::{Note, Stage};
use crate::peer::{Peer, belfry};
use crate::report::Measure;

const REQUESTS: usize = 300;

/// Who fill the inbox.
const PUBLISHERS: usize = 64;

pub(super) fn measure(peer: &Peer, stored: u64, note: &mut Note<'_>) -> Result<()> {
    let stage = Stage::start(peer)?;
    stage.post(PUBLISHERS, stored, Duration::MAX)?;
    let latency = tokio::runtime::Runtime::new()?.block_on(look(&stage))?;
    note(
        Measure::PageP50,
        latency.value_at_quantile(0.5) as f64 / 1e6,
    );
    note(
        Measure::PageP95,
        latency.value_at_quantile(0.95) as f64 / 1e6,
    );
    Ok(())
}

/// Nanoseconds to the head of the answer. The rest is read before the next request.
async fn look(stage: &Stage) -> Result<Histogram<u64>> {
    let url = format!("http://{}", stage.server.address);
    let client = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .build()?;
    let cookie = sign_in(&client, &url).await?;
    let mut latency = Histogram::new_with_bounds(1_000, 120_000_000_000, 3)?;
    for _ in 0..REQUESTS {
        let request = client
            .get(format!("{url}/"))
            .header(header::COOKIE, &cookie)
            .header(header::ACCEPT_ENCODING, "gzip, br");
        let start = Instant::now();
        let answer = request.send().await?;
        latency.saturating_record(start.elapsed().as_nanos() as u64);
        ensure!(
            answer.status() == 200,
            "the page was refused: {}",
            answer.status()
        );
        answer.bytes().await?;
    }
    Ok(latency)
}

/// The cookie of a session.
async fn sign_in(client: &Client, url: &str) -> Result<String> {
    let form = format!(
        "username={}&password={}",
        belfry::USER,
        belfry::PASSWORD.replace(' ', "+")
    );
    let answer = client
        .post(format!("{url}/login"))
        .header(header::ORIGIN, url)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await?;
    let cookie = answer.headers().get(header::SET_COOKIE);
    let cookie = cookie.context("signing in made no cookie")?.to_str()?;
    let pair = cookie.split(';').next().unwrap_or_default();
    Ok(pair.to_owned())
}
