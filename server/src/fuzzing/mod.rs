//! What the fuzz targets run: each function takes whatever bytes a fuzzer found and panics when a promise does not hold.
//! The builds that ship have none of this; the unit tests feed it the corpus of `fuzz/corpus`, so it cannot rot.

mod bodies;
mod cursor;
mod frames;
#[path = "../../tests/it/support/sse.rs"]
mod sse;

pub use bodies::bodies;
pub use cursor::cursor;
pub use frames::frames;

use crate::http::Problem;
use axum::body::to_bytes;
use axum::response::IntoResponse;
use futures::FutureExt;
use serde::Deserialize;

/// An error answer as a client reads it (contract, section 3).
#[derive(Debug, Deserialize)]
struct Refusal {
    r#type: String,
    title: String,
    status: u16,
    detail: String,
    code: String,
    #[serde(default)]
    errors: Vec<domain::FieldError>,
}

impl Refusal {
    /// Sends a problem and reads the answer.
    fn read(problem: Problem) -> Self {
        let response = problem.into_response();
        let status = response.status();
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
        let body = to_bytes(response.into_body(), usize::MAX)
            .now_or_never()
            .expect("a problem is there at once")
            .expect("a problem is whole");
        let refusal: Self = serde_json::from_slice(&body).expect("a problem is JSON");
        assert_eq!(refusal.status, status.as_u16());
        assert!(refusal.r#type.ends_with(&refusal.code));
        assert!(!refusal.title.is_empty() && !refusal.detail.is_empty());
        // An error names its field, or the body as a whole.
        assert_eq!(
            refusal.errors.is_empty(),
            !matches!(status.as_u16(), 400 | 422)
        );
        assert!(refusal.errors.iter().all(|error| !error.message.is_empty()));
        refusal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::{Path, PathBuf};

    type Target = fn(&[u8]);

    const TARGETS: [(&str, Target); 3] =
        [("bodies", bodies), ("cursor", cursor), ("frames", frames)];

    /// What the corpus of one target may grow to.
    const MOST_FILES: usize = 40;
    const MOST_BYTES: usize = 40 << 10;

    fn folder(path: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../fuzz")
            .join(path)
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<_> = entries
            .map(|entry| name(entry).to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn every_file_of_the_corpus_holds_and_the_corpus_is_small() {
        for (target, run) in TARGETS {
            let corpus = folder("corpus").join(target);
            let (files, mut bytes) = (names(&corpus), 0);
            for file in &files {
                println!("{target}/{file}");
                let data = std::fs::read(corpus.join(file)).unwrap();
                bytes += data.len();
                run(&data);
            }
            assert!(
                (1..=MOST_FILES).contains(&files.len()),
                "{target}: {files:?}"
            );
            assert!(bytes <= MOST_BYTES, "{target}: {bytes} bytes");
        }
    }

    /// The nightly half is not compiled by the tests: what it calls is compared with what there is.
    #[test]
    fn every_function_has_its_target_and_its_corpus() {
        let expect = TARGETS.map(|(target, _)| target);
        assert_eq!(names(&folder("corpus")), expect);
        assert_eq!(
            names(&folder("fuzz_targets")),
            expect.map(|target| format!("{target}.rs"))
        );
        let manifest = std::fs::read_to_string(folder("Cargo.toml")).unwrap();
        for target in expect {
            let path = format!("fuzz_targets/{target}.rs");
            let source = std::fs::read_to_string(folder(&path)).unwrap();
            assert!(source.contains(&format!("server::fuzzing::{target}(data)")));
            assert!(manifest.contains(&format!("path = \"{path}\"")), "{target}");
        }
    }
}
