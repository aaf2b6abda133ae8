//! A disk of some megabytes that only a test sees: a tmpfs in a mount namespace of its own, which ends with it.

use super::command::program;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// How a namespace is made and entered: as root, or as a user who is root in it.
const WAYS: [(&[&str], &[&str]); 2] = [
    (&["--mount"], &["--mount"]),
    (
        &["--map-root-user", "--mount"],
        &["--user", "--preserve-credentials", "--mount"],
    ),
];

/// The disk. Whoever is not in its namespace sees an empty folder in its place.
pub(crate) struct SmallDisk {
    /// Holds the namespace until its input ends.
    holder: Child,
    enter: &'static [&'static str],
    place: TempDir,
}

impl SmallDisk {
    /// A disk for `bytes`.
    ///
    /// # Errors
    /// What the system says where it permits no namespaces.
    pub(crate) fn mount(bytes: u64) -> Result<Self, String> {
        let mut refusal = String::new();
        for (make, enter) in WAYS {
            let place = tempfile::tempdir().unwrap();
            let holder = Command::new("unshare")
                .args(make)
                .args(["sh", "-c"])
                .arg("mount -t tmpfs -o size=\"$1\",mode=700 tmpfs \"$0\" && echo mounted && exec cat")
                .arg(place.path())
                .arg(bytes.to_string())
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn();
            let mut holder = holder.map_err(|error| format!("unshare: {error}"))?;
            let mut said = String::new();
            let mut stdout = BufReader::new(holder.stdout.take().unwrap());
            stdout.read_line(&mut said).unwrap();
            if said == "mounted\n" {
                return Ok(Self {
                    holder,
                    enter,
                    place,
                });
            }
            refusal.clear();
            let mut stderr = holder.stderr.take().unwrap();
            stderr.read_to_string(&mut refusal).unwrap();
            holder.wait().unwrap();
        }
        Err(refusal.trim().to_owned())
    }

    /// Where it is, for a program in its namespace.
    pub(crate) fn path(&self) -> &Path {
        self.place.path()
    }

    /// The program, in this namespace.
    pub(crate) fn program(&self) -> Command {
        let mut command = Command::new("nsenter");
        let target = format!("--target={}", self.holder.id());
        command.env_clear().arg(target).args(self.enter);
        command.arg(program().get_program());
        command
    }

    /// Where it is, for the test.
    fn seen_from_outside(&self) -> PathBuf {
        let inside = self.path().strip_prefix("/").unwrap();
        let root = format!("/proc/{}/root", self.holder.id());
        Path::new(&root).join(inside)
    }

    /// Copies all files of a folder to the disk.
    pub(crate) fn put(&self, folder: &Path) {
        copy(folder, &self.seen_from_outside());
    }

    /// Copies all files of the disk to a folder.
    pub(crate) fn get(&self, folder: &Path) {
        copy(&self.seen_from_outside(), folder);
    }

    /// Fills the disk with a file of somebody else's, down to `left` bytes.
    pub(crate) fn fill(&self, left: usize) {
        let mut file = File::create(self.foreign()).unwrap();
        let block = [0; 4096];
        let full = loop {
            if let Err(error) = file.write_all(&block) {
                break error.kind();
            }
        };
        assert_eq!(full, ErrorKind::StorageFull);
        let length = file.metadata().unwrap().len();
        file.set_len(length - left as u64).unwrap();
    }

    /// Takes that file away.
    pub(crate) fn clear(&self) {
        fs::remove_file(self.foreign()).unwrap();
    }

    fn foreign(&self) -> PathBuf {
        self.seen_from_outside().join("foreign")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        let _ended = self.holder.wait();
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
