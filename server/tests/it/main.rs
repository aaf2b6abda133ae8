//! Everything from outside: a real listener, a real database, and people in the roles of visitor, user and program.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod accounts;
mod cards;
mod cli;
mod clients;
mod connections;
mod crash;
mod disk;
mod due;
mod gotify;
mod hooks;
mod hostile;
mod inbox;
mod manage;
mod metrics;
mod ntfy;
mod openapi;
mod private;
mod publish;
mod search;
mod ssr;
mod stream;
mod support;
mod tidy;
