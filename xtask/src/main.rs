//! The commands of the README: this file only reads the command line, every concern has a file of its own.
#![expect(
    clippy::print_stdout,
    reason = "telling what happens is what this program is for"
)]

mod apt;
mod bindgen;
mod compress;
mod debian;
mod dev;
mod fuzz;
mod node;
mod peers;
mod process;
mod release;
mod site;
mod size;
mod stamp;
mod test;
mod toolchain;
mod workspace;

use std::process::ExitCode;

use workspace::Workspace;

/// What `cargo xtask` alone prints.
const HELP: &str = "\
Usage: cargo xtask <command>

  run [-- ARGS]              build the release and serve it on http://127.0.0.1:3000; ARGS go to `belfry serve`
  test [lint|unit|browser]   everything that CI checks, or one part of it
  dev [-- ARGS]              build for debugging, serve, rebuild on every change
  bench [-- ARGS]            measure the release beside its peers; `--help` as ARGS says more
  bench --micro [ARGS]       measure the steps of a notification's way by themselves
  fuzz [TARGET] [--minutes N]
                             let libFuzzer look for inputs that break a promise, 10 minutes for each target
  peers                      install what the benchmark compares with, as far as it can be
  size [FUNCTIONS]           weigh the page and say where its bytes are: by crate, and the largest functions
  release                    make target/release/belfry, the one file to install

Whatever is missing on this machine is installed first (but for `fuzz`, which names it), and nothing is done twice.";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match args.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", [].as_slice()),
    };
    // `cargo xtask run -- --listen …` and `cargo xtask run --listen …` are the same.
    let rest = rest.strip_prefix(&["--".to_owned()]).unwrap_or(rest);

    let workspace = Workspace::find();
    let native = toolchain::native;
    let done = match (command, rest) {
        ("run", args) => native().and_then(|()| release::run(&workspace, args)),
        ("bench", [micro, args @ ..]) if micro == "--micro" => {
            native().and_then(|()| release::micro(&workspace, args))
        }
        ("bench", args) => native().and_then(|()| release::bench(&workspace, args)),
        ("dev", args) => native().and_then(|()| dev::run(&workspace, args)),
        ("peers", []) => peers::install(&workspace),
        ("size", [] | [_]) => match size::Request::parse(rest) {
            Some(request) => size::report(&workspace, request),
            None => return usage(),
        },
        ("release", []) => native().and_then(|()| release::build(&workspace).map(drop)),
        ("fuzz", args) => match fuzz::Request::parse(args) {
            Some(request) => native().and_then(|()| fuzz::fuzz(&workspace, &request)),
            None => return usage(),
        },
        ("test", parts) => match test::Parts::parse(parts) {
            Some(parts) => native().and_then(|()| test::run(&workspace, parts)),
            None => return usage(),
        },
        ("help" | "--help" | "-h", _) => {
            println!("{HELP}");
            Ok(())
        }
        _ => return usage(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Exit status 2, as every command line tool answers to a call it does not understand.
fn usage() -> ExitCode {
    eprintln!("{HELP}");
    ExitCode::from(2)
}
