//! The real command line, run as an operator runs it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The program, in an environment without settings.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_belfry"));
    command.env_clear();
    command
}

/// Runs a command on the data in `dir` with `input` to read. It must succeed; answers what it printed.
pub(crate) async fn belfry(dir: &Path, args: &[&str], input: &str) -> String {
    let output = run(dir, args, input).await;
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "belfry {args:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that may fail.
pub(crate) async fn run(dir: &Path, args: &[&str], input: &str) -> Output {
    let (dir, args, input) = (
        PathBuf::from(dir),
        args.iter().map(|&arg| arg.to_owned()).collect::<Vec<_>>(),
        input.to_owned(),
    );
    // On a thread of its own: the server of the test has to go on meanwhile.
    let waiting = tokio::task::spawn_blocking(move || {
        let mut child = program()
            .args(args)
            .arg("--data-dir")
            .arg(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A command that does not read its input may have ended already.
        let _ended = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().unwrap()
    });
    waiting.await.unwrap()
}
