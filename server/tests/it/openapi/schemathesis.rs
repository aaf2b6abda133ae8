//! Schemathesis makes thousands of requests from the document, good ones and broken ones: none finds a fault of ours or an
//! answer that the document does not tell of.

use crate::support::{PATIENCE, TestApp, a_turn, command, install};
use std::process::Command;
use tokio::time::timeout;

/// What is looked at in each answer. Which requests must be refused is not in the document alone.
const CHECKS: [&str; 5] = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
];

/// Generated requests for each call, beside those that try each limit of the document.
const EXAMPLES: &str = "60";

/// Answers that must have been among those that were looked at: a run that met a shut door would find nothing wrong.
const SEEN: [&str; 8] = ["200", "201", "204", "400", "404", "405", "409", "422"];

#[tokio::test]
async fn schemathesis_finds_no_fault_and_no_answer_outside_the_document() {
    let Some(programs) = install::python(&["schemathesis==4.32.5"]).await else {
        return;
    };
    let _turn = a_turn().await;
    let app = TestApp::start().await;
    // By cookie: a token would come upon the call that ends it.
    let root = app.admin().await;
    let folder = tempfile::tempdir().unwrap();
    let mut run = Command::new(programs.join("schemathesis"));
    run.current_dir(folder.path())
        .env("no_proxy", "*")
        .args(["--no-color", "run"])
        .arg(format!("http://{}/api/v1/openapi.json", app.address))
        .args(["--header", &format!("Cookie: {}", root.cookie())])
        .args(["--header", "Sec-Fetch-Site: same-origin"])
        // It never ends.
        .args(["--exclude-path", "/events"])
        .args(["--checks", &CHECKS.join(",")])
        // Requests with made-up credentials are soon refused as too many.
        .args(["--generation-with-security-parameters", "false"])
        .args(["--max-examples", EXAMPLES, "--seed", "1"])
        .args(["--generation-database", "none"])
        .args(["--suppress-health-check", "all", "--warnings", "off"])
        .args(["--workers", "2"]);
    let ended = timeout(4 * PATIENCE, command::finish(run, "")).await;
    let output = ended.expect("it ends");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");

    let figures = app.anyone().get("/metrics").await.text;
    let answered = figures
        .lines()
        .filter(|line| line.starts_with("belfry_http_requests_total"))
        .collect::<Vec<_>>();
    assert!(!answered.iter().any(|line| line.contains(r#"status="5"#)));
    for status in SEEN {
        let label = format!(r#"status="{status}""#);
        assert!(
            answered.iter().any(|line| line.contains(&label)),
            "{status}: {figures}"
        );
    }
}
