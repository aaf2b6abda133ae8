//! Other processes: what they cost, as the kernel counts it.

use std::fs;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// How long memory has to settle.
const SETTLE: Duration = Duration::from_millis(1500);

/// How long a server is quiet that has settled, and how long it may take to be.
const QUIET: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(3);

/// A child that ends with its owner.
#[derive(Debug)]
pub(crate) struct Running(pub(crate) Vec<Child>);

impl Running {
    /// Processor time that it took so far, user and system, with its own children.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let mut ticks = 0;
        for id in self.ids()? {
            let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
            // The name may hold anything, also spaces: count from its closing bracket.
            let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
            let numbers: Vec<u64> = rest
                .split_whitespace()
                .skip(11)
                .take(2)
                .map(|word| word.parse().unwrap_or(0))
                .collect();
            ticks += numbers.iter().sum::<u64>();
        }
        Ok(Duration::from_secs_f64(
            ticks as f64 / rustix::param::clock_ticks_per_second() as f64,
        ))
    }

    /// Returns when it took no processor time for a while, or has been busy for too long to wait for: an answer may be
    /// there before everything behind it is.
    pub(crate) fn settle(&self) -> Result<()> {
        let (mut before, limit) = (self.cpu()?, Instant::now() + PATIENCE);
        loop {
            // Nobody says when a server has nothing more to do.
            thread::park_timeout(QUIET);
            let now = self.cpu()?;
            if now == before || Instant::now() > limit {
                return Ok(());
            }
            before = now;
        }
    }

    /// Whether one of them ended by itself.
    pub(crate) fn has_ended(&mut self) -> Result<bool> {
        for child in &mut self.0 {
            if child.try_wait()?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Bytes in memory, a while after the last event: what was needed only while connections opened or closed is given
    /// back by then, or never.
    #[expect(
        clippy::disallowed_methods,
        reason = "nobody says when memory is given back"
    )]
    pub(crate) fn settled_memory(&self) -> Result<u64> {
        std::thread::sleep(SETTLE);
        self.memory()
    }

    /// Bytes in memory now.
    fn memory(&self) -> Result<u64> {
        let mut pages = 0;
        for id in self.ids()? {
            let statm = fs::read_to_string(format!("/proc/{id}/statm"))?;
            let resident = statm.split_whitespace().nth(1).context("statm")?;
            pages += resident.parse::<u64>()?;
        }
        Ok(pages * rustix::param::page_size() as u64)
    }

    /// The processes and their children: a server may have workers.
    fn ids(&self) -> Result<Vec<u32>> {
        let mut ids = Vec::new();
        for child in &self.0 {
            let id = child.id();
            ids.push(id);
            let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
            ids.extend(
                children
                    .split_whitespace()
                    .filter_map(|id| id.parse::<u32>().ok()),
            );
        }
        Ok(ids)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // SIGTERM lets a master end its workers.
            if let Some(pid) = rustix::process::Pid::from_raw(child.id().cast_signed()) {
                let _gone = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
            }
            let _status = child.wait();
        }
    }
}

/// Lets this process and its children open as many files as the system allows, and answers how many.
pub(crate) fn raise_open_files() -> Result<usize> {
    let limit = getrlimit(Resource::Nofile);
    let Some(most) = limit.maximum else {
        return Ok(usize::MAX);
    };
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: Some(most),
            maximum: Some(most),
        },
    )?;
    Ok(most as usize)
}
