//! What a stream takes behind TLS, where each has a connection of its own: over HTTP/1.1, and over HTTP/2 as a browser
//! opens it.

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use futures::stream::{self, TryStreamExt};
use reqwest::{Certificate, Client, ClientBuilder, Response, Version};

use super::{Note, kilobytes};
use crate::peer::{Peer, Server, belfry};
use crate::report::Measure;

const STREAMS: usize = 1_000;

/// Handshakes at once.
const ABREAST: usize = 32;

/// Connections beforehand: what the first handshakes take is not a stream's.
const BEFORE: usize = 50;

pub(super) fn measure(peer: &Peer, note: &mut Note<'_>) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    for (measure, version) in [
        (Measure::Tls, Version::HTTP_11),
        (Measure::Http2, Version::HTTP_2),
    ] {
        let (server, root) = start(peer)?;
        let client = |builder: ClientBuilder| {
            let builder = builder.no_proxy().add_root_certificate(root.clone());
            match version {
                Version::HTTP_11 => builder.http1_only(),
                _ => builder.http2_prior_knowledge(),
            }
        };
        drop(runtime.block_on(open(&server, BEFORE, version, &client))?);
        let before = server.running.settled_memory()?;
        let streams = runtime.block_on(open(&server, STREAMS, version, &client))?;
        let after = server.running.settled_memory()?;
        note(measure, kilobytes(before, after, streams.len()));
    }
    Ok(())
}

/// Starts the server with a certificate that it signed itself, and answers what clients have to trust.
fn start(peer: &Peer) -> Result<(Server, Certificate)> {
    let Peer::Belfry(binary) = peer else {
        anyhow::bail!("only Belfry is told where its certificate is");
    };
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    let data = tempfile::tempdir()?;
    let (cert, key) = (data.path().join("cert.pem"), data.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem())?;
    std::fs::write(&key, made.signing_key.serialize_pem())?;
    let flags = [
        "--tls-cert".as_ref(),
        cert.as_os_str(),
        "--tls-key".as_ref(),
        key.as_os_str(),
    ];
    let server = belfry::start(binary, data, &flags)?;
    Ok((server, Certificate::from_pem(made.cert.pem().as_bytes())?))
}

/// Opens streams, each with a client and so a connection of its own.
async fn open(
    server: &Server,
    count: usize,
    version: Version,
    configure: &impl Fn(ClientBuilder) -> ClientBuilder,
) -> Result<Vec<(Client, Response)>> {
    let url = format!("https://{}/events", server.address);
    let token = belfry::token(server)?;
    let one = async || {
        let client = configure(Client::builder()).build()?;
        let mut response = client.get(&url).bearer_auth(token).send().await?;
        ensure!(
            response.status() == 200,
            "a stream was refused: {}",
            response.status()
        );
        ensure!(
            response.version() == version,
            "not the version that was asked for"
        );
        response.chunk().await?.context("a stream ended")?;
        Ok((client, response))
    };
    stream::iter(0..count)
        .map(|_| one())
        .buffer_unordered(ABREAST)
        .try_collect()
        .await
}
