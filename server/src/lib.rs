//! Belfry: live notifications in one file. The store is a log, a subscriber is a cursor in it, and everything else only
//! wakes cursors.
//!
//! `listen` knows connections, `http` requests, `service` the use cases, `live` the stream, `store` the SQL; see ARCHITECTURE.md.

// Leptos' views nest deeper than the default.
#![recursion_limit = "256"]

pub mod cli;
pub mod clock;
pub mod config;
mod fault;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod http;
mod listen;
mod live;
mod metrics;
#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod micro;
mod private;
pub mod serve;
mod service;
mod store;

pub use listen::TlsFiles;
pub use live::Tuning;
