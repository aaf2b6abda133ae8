//! The command line, run as people and scripts run it: the real program, what it prints and how it ends.

mod backup;
mod check;
mod data;
mod files;
mod front;
mod lists;
mod process;
mod publish;
mod restore;
mod settings;
mod tail;
mod terminal;

use crate::support::command;
use crate::support::people::Person;
use std::net::SocketAddr;
use std::process::{Command, Output};

/// The program as a client of the server at `address`, with `person`'s token.
fn client_at(address: SocketAddr, person: &Person, args: &[&str]) -> Command {
    let mut command = command::program();
    command
        .env("BELFRY_URL", format!("http://{address}"))
        .env("BELFRY_TOKEN", person.token())
        .args(args);
    command
}

/// The program as a client of `person`'s server.
fn client(person: &Person, args: &[&str]) -> Command {
    client_at(person.address, person, args)
}

/// How a command ended, and the one line on standard error that says why.
fn complaint(output: &Output) -> (Option<i32>, &str) {
    let text = std::str::from_utf8(&output.stderr).unwrap();
    let line = text.strip_suffix('\n').unwrap_or(text);
    assert!(!line.contains('\n'), "more than a line: {text}");
    (output.status.code(), line)
}

/// What a command printed; it must have done its work without a word of complaint.
fn printed(output: Output) -> String {
    assert_eq!(complaint(&output), (Some(0), ""), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}
