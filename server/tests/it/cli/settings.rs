//! Settings, and what is made from the command line.

use super::{complaint, printed};
use crate::support::command::{finish, program};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// The program in `dir`, where a `belfry.toml` may be.
fn belfry(dir: &Path, args: &[&str]) -> Command {
    let mut command = program();
    command.current_dir(dir).args(args);
    command
}

#[tokio::test]
async fn config_shows_each_value_with_its_origin() {
    let dir = tempfile::tempdir().unwrap();
    let file = "listen = \"127.0.0.1:4000\"\nlog = \"debug\"\nlog-format = \"json\"\ntoken = \"bf_secret\"\n";
    std::fs::write(dir.path().join("belfry.toml"), file).unwrap();
    let mut command = belfry(
        dir.path(),
        &["config", "show", "--json", "--listen", "127.0.0.1:5000"],
    );
    command.env("BELFRY_LOG", "trace");
    let text = printed(finish(command, "").await);
    let rows: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |key: &str| {
        let row = rows.iter().find(|row| row["key"] == key).unwrap();
        [&row["value"], &row["origin"], &row["source"]]
            .map(|value| value.as_str().unwrap_or("null"))
    };
    assert_eq!(of("listen"), ["127.0.0.1:5000", "flag", "null"]);
    assert_eq!(of("log"), ["trace", "environment", "BELFRY_LOG"]);
    assert_eq!(of("log-format"), ["json", "file", "belfry.toml"]);
    assert_eq!(of("streams-per-user"), ["32", "default", "null"]);
    assert_eq!(of("token"), ["(hidden)", "file", "belfry.toml"]);

    // Every flag of the server is there, and in the file that has everything.
    let help = printed(finish(belfry(dir.path(), &["serve", "--help"]), "").await);
    let default = printed(finish(belfry(dir.path(), &["config", "default"]), "").await);
    let flags = help
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--"));
    let keys: Vec<_> = flags.map(|line| line.split(' ').next().unwrap()).collect();
    assert!(keys.len() > 8, "{help}");
    for key in keys.into_iter().filter(|key| *key != "config") {
        assert!(rows.iter().any(|row| row["key"] == key), "{key}");
        assert!(default.contains(&format!("\n#{key} = ")), "{key}");
    }

    let table = printed(finish(belfry(dir.path(), &["config", "show"]), "").await);
    let first = table.lines().next().unwrap();
    assert!(
        first.starts_with("SETTING ") && first.contains(" VALUE ") && first.ends_with(" FROM"),
        "{table}"
    );
    assert!(!table.contains("bf_secret"), "{table}");
}

#[tokio::test]
async fn a_file_that_is_wrong_is_refused_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("belfry.toml"), "\nlissten = 1\n").unwrap();
    let line = "belfry: belfry.toml:2: unknown key \"lissten\": did you mean \"listen\"?";
    for args in [
        &["serve"][..],
        &["config", "check"],
        &["user", "list"],
        &["healthcheck"],
    ] {
        let output = finish(belfry(dir.path(), args), "").await;
        assert_eq!(complaint(&output), (Some(1), line), "{args:?}");
    }
    // What needs no settings is not kept from those whose settings are wrong.
    printed(finish(belfry(dir.path(), &["config", "default"]), "").await);

    std::fs::write(
        dir.path().join("good.toml"),
        printed(finish(belfry(dir.path(), &["config", "default"]), "").await),
    )
    .unwrap();
    let good = finish(belfry(dir.path(), &["config", "check", "good.toml"]), "").await;
    assert_eq!(printed(good), "good.toml is good\n");
    std::fs::write(dir.path().join("tls.toml"), "tls-key = \"k\"").unwrap();
    let output = finish(belfry(dir.path(), &["config", "check", "tls.toml"]), "").await;
    assert_eq!(
        complaint(&output),
        (
            Some(1),
            "belfry: tls-cert and tls-key must be given together"
        )
    );
    let output = finish(belfry(dir.path(), &["config", "check", "none.toml"]), "").await;
    assert!(
        complaint(&output)
            .1
            .starts_with("belfry: none.toml cannot be read: ")
    );
}

#[tokio::test]
async fn a_key_of_the_file_is_used_where_no_flag_and_no_variable_is() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("belfry.toml"), "data-dir = \"of-the-file\"").unwrap();
    printed(finish(belfry(dir.path(), &["channel", "add", "ci"]), "").await);
    assert!(dir.path().join("of-the-file/belfry.db").exists());
    let mut command = belfry(dir.path(), &["channel", "add", "ci"]);
    command.env("BELFRY_DATA_DIR", "of-the-variable");
    printed(finish(command, "").await);
    assert!(dir.path().join("of-the-variable/belfry.db").exists());
}

#[tokio::test]
async fn completions_and_manual_pages_are_of_the_whole_command_line() {
    let dir = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = printed(finish(belfry(dir.path(), &["completions", shell]), "").await);
        for word in ["publish", "healthcheck", "streams-per-user"] {
            assert!(script.contains(word), "{shell} {word}");
        }
    }
    let page = printed(finish(belfry(dir.path(), &["man"]), "").await);
    assert!(
        page.contains(".TH belfry 1") && page.contains("publish"),
        "{page}"
    );
    printed(finish(belfry(dir.path(), &["man", "--dir", "man1"]), "").await);
    let written = std::fs::read_to_string(dir.path().join("man1/belfry-token-create.1")).unwrap();
    assert!(written.contains("backup\\-cron"), "{written}");
}

#[tokio::test]
async fn the_program_alone_shows_its_help_and_wrong_usage_is_status_2() {
    let dir = tempfile::tempdir().unwrap();
    let help = printed(finish(belfry(dir.path(), &[]), "").await);
    for word in [
        "serve",
        "publish",
        "tail",
        "backup",
        "restore",
        "check",
        "completions",
    ] {
        assert!(help.contains(word), "{word}");
    }
    for usage in [
        &["wibble"][..],
        &["serve", "--listen", "x"],
        &["token", "create"],
        &["completions", "tcsh"],
    ] {
        assert_eq!(
            finish(belfry(dir.path(), usage), "").await.status.code(),
            Some(2),
            "{usage:?}"
        );
    }
}
