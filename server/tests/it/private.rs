//! What the server and its commands write is nobody else's to read, on a machine where everything is everybody's.

use crate::support::command::{self, ANYWHERE, Server, program};
use crate::support::people::Person;
use reqwest::Method;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The modes of a folder and of all that is in it, by the path in it.
fn modes(root: &Path) -> BTreeMap<PathBuf, u32> {
    let mut found = BTreeMap::new();
    let mut left = vec![root.to_owned()];
    while let Some(path) = left.pop() {
        let about = path.metadata().unwrap();
        if about.is_dir() {
            left.extend(
                std::fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        }
        let name = path.strip_prefix(root).unwrap().to_owned();
        found.insert(name, about.permissions().mode() & 0o777);
    }
    found
}

#[tokio::test]
async fn what_is_written_is_its_owners_alone() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("var/data");
    let open_handed = || {
        let mut shell = Command::new("sh");
        shell
            .env_clear()
            .args(["-c", "umask 0; exec \"$0\" \"$@\""])
            .arg(program().get_program());
        shell
    };
    let server = Server::start_by(&mut open_handed(), &data, ANYWHERE).await;
    let link = data.join("setup-link").metadata().unwrap();
    assert_eq!(link.permissions().mode() & 0o777, 0o600);
    let token = command::token(&data, "publish").await;
    let program = Person::new(server.address).with_token(&token);
    let request = program.request(Method::PUT, "/t?f=a.txt").body("x");
    assert_eq!(program.send(request).await.status, 200);
    let mut backup = open_handed();
    backup.arg("backup").arg(data.join("copy.db"));
    backup.arg("--data-dir").arg(&data);
    let copied = command::finish(backup, "").await;
    assert!(copied.status.success(), "{copied:?}");

    let modes = modes(&data);
    for name in [
        "belfry.db",
        "belfry.db-wal",
        "belfry.db-shm",
        "copy.db",
        "files",
    ] {
        assert!(modes.contains_key(Path::new(name)), "{name}: {modes:?}");
    }
    for (name, mode) in &modes {
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", name.display());
    }
    server.kill();
}

#[tokio::test]
async fn a_folder_that_is_there_keeps_its_mode() {
    let dir = tempfile::tempdir().unwrap();
    let shared = std::fs::Permissions::from_mode(0o750);
    std::fs::set_permissions(dir.path(), shared).unwrap();
    command::belfry(dir.path(), &["channel", "add", "ci"], "").await;
    let modes = modes(dir.path());
    assert_eq!(modes[Path::new("")], 0o750);
    assert_eq!(modes[Path::new("belfry.db")], 0o600);
}
