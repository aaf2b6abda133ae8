//! The measurements. Each starts where the one before left the server, so their order is part of them.

use std::time::Instant;

use anyhow::Result;

use crate::peer::Server;
use crate::publish::Publisher;
use crate::report::{Measure, Report};
use crate::swarm::{Swarm, mark};

/// How large.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// Streams that are open at once.
    pub(crate) streams: usize,
}

/// Messages that are sent one at a time.
const PACED: usize = 200;
/// Messages that are sent as fast as they are acknowledged.
const UNPACED: usize = 2_000;
/// Who send them.
const PUBLISHERS: usize = 16;
/// How many messages everybody is behind in the end: as far back as nchan can be asked to begin.
const BEHIND: usize = 32;
/// Messages without a reader, and who send them.
const INGESTED: usize = 8_000;
const INGESTERS: usize = 64;

/// Everything, with one server.
pub(crate) fn all(server: &Server, scale: Scale, report: &mut Report) -> Result<()> {
    let mut note = |measure, value| report.note(&server.name, measure, value);
    note(Measure::Ingest, ingest(server)?);

    let before = server.running.settled_memory()?;
    let began = Instant::now();
    let mut swarm = Swarm::open(server.address, &server.follow, scale.streams, began)?;
    note(Measure::Storm, began.elapsed().as_secs_f64() * 1e3);
    let grown = server.running.settled_memory()?.saturating_sub(before);
    note(
        Measure::Memory,
        grown as f64 / 1024.0 / scale.streams as f64,
    );

    paced(server, &mut swarm, scale, began, &mut note)?;
    unpaced(server, &mut swarm, scale, began, &mut note)?;

    drop(swarm);
    let after = server.running.settled_memory()?;
    note(Measure::Left, after as f64 / before as f64);
    replay(server, scale, began, &mut note)
}

/// One message at a time, to all.
fn paced(
    server: &Server,
    swarm: &mut Swarm,
    scale: Scale,
    began: Instant,
    note: &mut impl FnMut(Measure, f64),
) -> Result<()> {
    let mut publisher = Publisher::connect(server.post.clone())?;
    let cpu = server.running.cpu()?;
    swarm.take()?;
    for sent in 1..=PACED {
        publisher.send(&mark(began))?;
        swarm.wait_for((sent * scale.streams) as u64)?;
        publisher.acknowledged()?;
    }
    let cpu = server.running.cpu()?.saturating_sub(cpu);
    let seen = swarm.take()?;
    note(
        Measure::PacedCpu,
        cpu.as_secs_f64() * 1e6 / seen.deliveries as f64,
    );
    note(
        Measure::PacedP50,
        seen.latency.value_at_quantile(0.5) as f64 / 1e6,
    );
    note(
        Measure::PacedP99,
        seen.latency.value_at_quantile(0.99) as f64 / 1e6,
    );
    Ok(())
}

/// As fast as it is acknowledged.
fn unpaced(
    server: &Server,
    swarm: &mut Swarm,
    scale: Scale,
    began: Instant,
    note: &mut impl FnMut(Measure, f64),
) -> Result<()> {
    let cpu = server.running.cpu()?;
    swarm.take()?;
    let start = Instant::now();
    let acknowledged = std::thread::scope(|scope| {
        let publishers: Vec<_> = (0..PUBLISHERS)
            .map(|_| scope.spawn(|| publish(server, UNPACED / PUBLISHERS, began)))
            .collect();
        swarm.wait_for((UNPACED * scale.streams) as u64)?;
        let ends = publishers.into_iter().map(joined);
        ends.collect::<Result<Vec<_>>>()
    })?;
    let cpu = server.running.cpu()?.saturating_sub(cpu);
    let seen = swarm.take()?;
    let took = seen.last.duration_since(start);
    note(
        Measure::Deliveries,
        seen.deliveries as f64 / took.as_secs_f64(),
    );
    note(
        Measure::UnpacedCpu,
        cpu.as_secs_f64() * 1e6 / seen.deliveries as f64,
    );
    if let Some(last) = acknowledged.into_iter().max() {
        let behind = seen.last.saturating_duration_since(last);
        note(Measure::Lag, behind.as_secs_f64() * 1e3);
    }
    Ok(())
}

/// Everybody comes back at once, the same number of messages behind.
fn replay(
    server: &Server,
    scale: Scale,
    began: Instant,
    note: &mut impl FnMut(Measure, f64),
) -> Result<()> {
    let Some(request) = server.resume(BEHIND)? else {
        return Ok(());
    };
    let start = Instant::now();
    let mut swarm = Swarm::open(server.address, &request, scale.streams, began)?;
    swarm.wait_for((BEHIND * scale.streams) as u64)?;
    let seen = swarm.take()?;
    note(
        Measure::Replay,
        seen.deliveries as f64 / seen.last.duration_since(start).as_secs_f64(),
    );
    Ok(())
}

/// Acknowledgements a second, with nobody listening.
fn ingest(server: &Server) -> Result<f64> {
    let start = Instant::now();
    std::thread::scope(|scope| {
        let publishers: Vec<_> = (0..INGESTERS)
            .map(|_| scope.spawn(|| publish(server, INGESTED / INGESTERS, start)))
            .collect();
        publishers
            .into_iter()
            .try_for_each(|publisher| joined(publisher).map(drop))
    })?;
    Ok(INGESTED as f64 / start.elapsed().as_secs_f64())
}

/// Answers when the last one was acknowledged.
fn publish(server: &Server, count: usize, began: Instant) -> Result<Instant> {
    let mut publisher = Publisher::connect(server.post.clone())?;
    for _ in 0..count {
        publisher.send(&mark(began))?;
        publisher.acknowledged()?;
    }
    Ok(Instant::now())
}

fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    thread
        .join()
        .unwrap_or_else(|_| anyhow::bail!("a publisher panicked"))
}
