//! The measurements, one file each. Every one starts its own server, so that each can be run alone.

mod burst;
mod growth;
mod idle;
mod ingest;
mod level;
mod paced;
mod page;
mod replay;
mod storm;
mod tls;
mod unpaced;

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::load::{Load, Posted};
use crate::peer::{Baseline, Peer, Server};
use crate::report::{Measure, Report};
use crate::swarm::Swarm;

/// How large.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// Streams that are open at once.
    pub(crate) streams: usize,
    /// Streams of a crowd: as many as one machine can well hold.
    pub(crate) crowd: usize,
    /// How long a crowd is idle.
    pub(crate) idle: Duration,
    /// Notifications behind the page.
    pub(crate) stored: u64,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Part {
    /// One message at a time to all: processor time and latency
    Paced,
    /// Messages as fast as they are acknowledged: processor time and deliveries a second
    Unpaced,
    /// A burst of messages to some streams: how far behind they are
    Burst,
    /// Streams that come back, all of them behind
    Replay,
    /// A crowd that opens at once: time, memory, and memory once it has left
    Storm,
    /// Acknowledgements from 1, 16 and 64 publishers, beside a bare SQLite writer
    Ingest,
    /// A post to a few readers while a crowd follows another channel
    Growth,
    /// A crowd that gets nothing but heartbeats
    Idle,
    /// Memory for a stream behind TLS, over HTTP/1.1 and HTTP/2
    Tls,
    /// The inbox with many notifications
    Page,
    /// Streams that come back far behind while posts go on
    Level,
}

impl Part {
    /// Whether the peer has what is measured.
    fn concerns(self, peer: &Peer) -> bool {
        match self {
            Self::Paced | Self::Unpaced | Self::Storm | Self::Replay => true,
            // Those that acknowledge before they deliver, and can take it all at once.
            Self::Burst => matches!(
                peer,
                Peer::Belfry(_) | Peer::Baseline(Baseline::Axum) | Peer::Nchan(_)
            ),
            // Those that store.
            Self::Ingest => matches!(
                peer,
                Peer::Belfry(_) | Peer::Mercure(_) | Peer::Ntfy(_) | Peer::Gotify(_)
            ),
            Self::Growth | Self::Idle | Self::Tls | Self::Page | Self::Level => {
                matches!(peer, Peer::Belfry(_))
            }
        }
    }

    /// Whether one round is enough: it takes long, and is no comparison.
    pub(crate) fn is_once(self) -> bool {
        matches!(self, Self::Idle | Self::Tls | Self::Page | Self::Level)
    }

    /// Measures every peer that it concerns. Answers who could not be measured, and why.
    pub(crate) fn run(
        self,
        peers: &[Peer],
        scale: Scale,
        report: &mut Report,
    ) -> Vec<(String, anyhow::Error)> {
        let mut failed = Vec::new();
        if self == Self::Ingest
            && let Err(error) = ingest::bare_writer(report)
        {
            failed.push((crate::bare::NAME.to_owned(), error));
        }
        for peer in peers.iter().filter(|peer| self.concerns(peer)) {
            let mut values = Vec::new();
            let measured = self.measure(peer, scale, &mut |measure, value| {
                values.push((measure, value));
            });
            match measured {
                // Of a measurement that broke off nothing is told.
                Err(error) => failed.push((peer.name(), error)),
                Ok(()) => {
                    for (measure, value) in values {
                        report.note(&peer.name(), measure, value);
                    }
                }
            }
        }
        failed
    }

    fn measure(self, peer: &Peer, scale: Scale, note: &mut Note<'_>) -> Result<()> {
        match self {
            Self::Paced => paced::measure(peer, scale.streams, note),
            Self::Unpaced => unpaced::measure(peer, scale.streams, note),
            Self::Burst => burst::measure(peer, note),
            Self::Replay => replay::measure(peer, scale.streams, note),
            Self::Storm => storm::measure(peer, scale.crowd, note),
            Self::Ingest => ingest::measure(peer, note),
            Self::Growth => growth::measure(peer, scale.crowd, note),
            Self::Idle => idle::measure(peer, scale.crowd, scale.idle, note),
            Self::Tls => tls::measure(peer, note),
            Self::Page => page::measure(peer, scale.stored, note),
            Self::Level => level::measure(peer, note),
        }
    }
}

/// Where values go.
type Note<'a> = dyn FnMut(Measure, f64) + 'a;

/// A server with nobody connected.
struct Stage {
    server: Server,
    /// The zero of the marks.
    began: Instant,
}

impl Stage {
    fn start(peer: &Peer) -> Result<Self> {
        Ok(Self {
            server: peer.start()?,
            began: Instant::now(),
        })
    }

    fn open(&self, streams: usize) -> Result<Swarm> {
        self.open_with(&self.server.door.follow, streams)
    }

    /// Streams that are ready for messages: nchan answers before all its workers know them.
    fn audience(&self, streams: usize) -> Result<Swarm> {
        let swarm = self.open(streams)?;
        self.server.running.settle()?;
        Ok(swarm)
    }

    fn open_with(&self, request: &[u8], streams: usize) -> Result<Swarm> {
        Swarm::open(self.server.address, request, streams, self.began)
    }

    fn post(&self, publishers: usize, most: u64, within: Duration) -> Result<Posted> {
        let load = Load {
            publishers,
            most,
            within,
        };
        load.post(&self.server.door.post, self.began)
    }

    /// Posts while `swarm` reads, and returns when everything acknowledged was read.
    fn post_to(&self, swarm: &mut Swarm, streams: usize, load: Load) -> Result<Posted> {
        std::thread::scope(|scope| {
            let posting = scope.spawn(|| load.post(&self.server.door.post, self.began));
            swarm.read_while(|_| !posting.is_finished())?;
            let posted = crate::load::joined(posting)?;
            swarm.wait_for(posted.count * streams as u64)?;
            Ok(posted)
        })
    }

    /// Processor time that the server took so far.
    fn cpu(&self) -> Result<Duration> {
        self.server.running.cpu()
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// What a server grew, in kilobytes for each stream.
fn kilobytes(before: u64, after: u64, streams: usize) -> f64 {
    after.saturating_sub(before) as f64 / 1024.0 / streams as f64
}
