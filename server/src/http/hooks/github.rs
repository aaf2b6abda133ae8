//! GitHub: one card for each run, pull request, issue, comment and release, which later events of it update.
//! The fields are those of its "Webhook events and payloads".

use super::alertmanager::text;
use super::markdown::{code, code_link, key, plain};
use domain::Draft;
use serde_json::Value;
use std::fmt::Write;

/// The most commits of a push that are listed.
const MOST_COMMITS: usize = 10;

/// Characters of a commit's name that people use.
const SHORT: usize = 7;

/// The card of an event; `None` when nothing says that it is one of GitHub's.
pub(super) fn card(event: Option<&str>, json: &Value) -> Option<Draft> {
    let event = event.or_else(|| guess(json))?;
    let payload = Payload { event, json };
    let draft = match event {
        "ping" => payload.ping(),
        "push" => payload.push(),
        "pull_request" => payload.pull_request(),
        "issues" => payload.issue(),
        "issue_comment" => payload.comment(),
        "workflow_run" => payload.run(),
        "release" => payload.release(),
        _ => payload.other(),
    };
    Some(Draft {
        tags: Some(vec!["github".to_owned(), event.to_owned()]),
        ..draft
    })
}

/// A proxy may have dropped the header: what an event is about is named like the event.
fn guess(json: &Value) -> Option<&'static str> {
    json.get("repository")?;
    let has = |name| json.get(name).is_some();
    Some(match () {
        () if has("commits") && has("ref") => "push",
        () if has("pull_request") => "pull_request",
        () if has("comment") && has("issue") => "issue_comment",
        () if has("issue") => "issues",
        () if has("workflow_run") => "workflow_run",
        () if has("release") => "release",
        () if has("zen") => "ping",
        () => "event",
    })
}

struct Payload<'a> {
    event: &'a str,
    json: &'a Value,
}

impl<'a> Payload<'a> {
    fn text(&self, path: &str) -> Option<&'a str> {
        text(self.json, path)
    }

    fn owned(&self, path: &str) -> Option<String> {
        self.text(path).map(str::to_owned)
    }

    /// The number at `path`, as text: empty when there is none.
    fn number(&self, path: &str) -> String {
        let number = self.json.pointer(path).filter(|value| value.is_number());
        number.map(Value::to_string).unwrap_or_default()
    }

    fn is(&self, path: &str) -> bool {
        self.json.pointer(path).and_then(Value::as_bool) == Some(true)
    }

    fn repository(&self) -> &'a str {
        let organization = || self.text("/organization/login");
        self.text("/repository/full_name")
            .or_else(organization)
            .unwrap_or("GitHub")
    }

    fn sender(&self) -> &'a str {
        self.text("/sender/login").unwrap_or("somebody")
    }

    fn action(&self) -> String {
        self.text("/action").unwrap_or_default().replace('_', " ")
    }

    /// A key of something with a number in this repository, which keeps its id when it is renamed.
    fn key(&self, kind: &str, number: &str) -> Option<String> {
        let repository = self.number("/repository/id");
        (!number.is_empty()).then(|| key(kind, &format!("{repository}-{number}")))
    }

    fn ping(&self) -> Draft {
        Draft {
            title: Some(format!("{}: the webhook works", self.repository())),
            message: self.owned("/zen"),
            priority: Some(2),
            click: self.owned("/repository/html_url"),
            ..Draft::default()
        }
    }

    fn push(&self) -> Draft {
        let reference = self.text("/ref").unwrap_or_default();
        let branch = reference
            .strip_prefix("refs/heads/")
            .or_else(|| reference.strip_prefix("refs/tags/"))
            .unwrap_or(reference);
        let commits = self.json.get("commits").and_then(Value::as_array);
        let commits = commits.map_or(&[][..], Vec::as_slice);
        let who = self.text("/pusher/name").unwrap_or(self.sender());
        let did = match commits.len() {
            _ if self.is("/deleted") => format!("deleted {branch}"),
            0 if self.is("/created") => format!("created {branch}"),
            _ if self.is("/forced") => format!("forced {branch}"),
            1 => format!("pushed 1 commit to {branch}"),
            count => format!("pushed {count} commits to {branch}"),
        };
        let mut message = String::new();
        for commit in commits.iter().take(MOST_COMMITS) {
            let id: String = text(commit, "/id")
                .unwrap_or_default()
                .chars()
                .take(SHORT)
                .collect();
            let subject = text(commit, "/message").and_then(|message| message.lines().next());
            let link = code_link(&id, text(commit, "/url"));
            let _never_fails = writeln!(message, "- {link} {}", plain(subject.unwrap_or_default()));
        }
        if let Some(more) = commits.len().checked_sub(MOST_COMMITS).filter(|n| *n > 0) {
            let _never_fails = writeln!(message, "- and {more} more");
        }
        Draft {
            title: Some(format!("{}: {who} {did}", self.repository())),
            message: Some(message),
            markdown: Some(true),
            click: self.owned("/compare"),
            ..Draft::default()
        }
    }

    fn pull_request(&self) -> Draft {
        let merged = self.is("/pull_request/merged");
        let action = self.action();
        let (did, state) = match action.as_str() {
            "closed" if merged => ("merged", "success"),
            "closed" => ("closed", "warning"),
            "synchronize" => ("updated", "running"),
            action => (action, "running"),
        };
        let loud = matches!(
            action.as_str(),
            "opened" | "closed" | "reopened" | "ready for review" | "review requested"
        );
        let number = self.number("/number");
        let subject = self.text("/pull_request/title").unwrap_or_default();
        let head = self.text("/pull_request/head/ref").unwrap_or_default();
        let base = self.text("/pull_request/base/ref").unwrap_or_default();
        let lead = format!(
            "{}, {} into {}",
            plain(self.sender()),
            code(head),
            code(base)
        );
        Draft {
            title: Some(format!(
                "{}: pull request #{number} {did}: {subject}",
                self.repository()
            )),
            priority: Some(if loud { 3 } else { 2 }),
            state: Some(state.to_owned()),
            key: self.key("pr", &number),
            ..self.written(&lead, "/pull_request")
        }
    }

    fn issue(&self) -> Draft {
        let action = self.action();
        let planned = self.text("/issue/state_reason") != Some("not_planned");
        let closed = self.text("/issue/state") == Some("closed");
        let loud = matches!(action.as_str(), "opened" | "closed" | "reopened");
        let number = self.number("/issue/number");
        let subject = self.text("/issue/title").unwrap_or_default();
        let lead = format!("{}:", plain(self.sender()));
        Draft {
            title: Some(format!(
                "{}: issue #{number} {action}: {subject}",
                self.repository()
            )),
            priority: Some(if loud { 3 } else { 2 }),
            state: Some(
                if closed && planned {
                    "success"
                } else {
                    "warning"
                }
                .to_owned(),
            ),
            key: self.key("issue", &number),
            ..self.written(&lead, "/issue")
        }
    }

    fn comment(&self) -> Draft {
        let number = self.number("/issue/number");
        let subject = self.text("/issue/title").unwrap_or_default();
        let did = match self.action().as_str() {
            "created" | "" => String::new(),
            action => format!(" {action}"),
        };
        let lead = format!("{}:", plain(self.sender()));
        Draft {
            title: Some(format!(
                "{}: comment{did} on #{number}: {subject}",
                self.repository()
            )),
            key: self.key("comment", &self.number("/comment/id")),
            ..self.written(&lead, "/comment")
        }
    }

    fn run(&self) -> Draft {
        let conclusion = self.text("/workflow_run/conclusion").unwrap_or_default();
        let done = self.text("/workflow_run/status") == Some("completed")
            || self.text("/action") == Some("completed");
        let (did, state, priority) = match conclusion {
            _ if !done => (self.action(), "running", 2),
            "success" => ("succeeded".to_owned(), "success", 3),
            "failure" | "timed_out" | "startup_failure" | "action_required" => {
                (conclusion.replace('_', " "), "failure", 4)
            }
            other => (other.replace('_', " "), "warning", 3),
        };
        let name = self
            .text("/workflow_run/name")
            .or(self.text("/workflow/name"));
        let number = self.number("/workflow_run/run_number");
        let branch = self.text("/workflow_run/head_branch").unwrap_or_default();
        let commit = self.text("/workflow_run/head_commit/message");
        let subject = commit.and_then(|message| message.lines().next());
        Draft {
            title: Some(format!(
                "{}: {} #{number} {did}",
                self.repository(),
                name.unwrap_or("workflow")
            )),
            message: Some(format!(
                "{} on {}\n\n{}",
                self.text("/workflow_run/event").unwrap_or_default(),
                code(branch),
                plain(subject.unwrap_or_default())
            )),
            markdown: Some(true),
            priority: Some(priority),
            state: Some(state.to_owned()),
            key: self.key("run", &self.number("/workflow_run/id")),
            click: self.owned("/workflow_run/html_url"),
            ..Draft::default()
        }
    }

    fn release(&self) -> Draft {
        let tag = self.text("/release/tag_name").unwrap_or_default();
        let name = self.text("/release/name").unwrap_or(tag);
        let loud = matches!(self.text("/action"), Some("published" | "released"));
        let lead = format!("{} by {}", code(tag), plain(self.sender()));
        Draft {
            title: Some(format!(
                "{}: release {name} {}",
                self.repository(),
                self.action()
            )),
            priority: Some(if loud { 3 } else { 2 }),
            key: self.key("release", &self.number("/release/id")),
            ..self.written(&lead, "/release")
        }
    }

    /// Any other event: what it is called and where it happened.
    fn other(&self) -> Draft {
        let event = self.event.replace('_', " ");
        let page = self.text(&format!("/{}/html_url", self.event));
        Draft {
            title: Some(format!("{}: {event} {}", self.repository(), self.action())),
            message: Some(format!("By {}", self.sender())),
            priority: Some(2),
            click: page
                .or(self.text("/repository/html_url"))
                .map(str::to_owned),
            ..Draft::default()
        }
    }

    /// The draft of something that somebody wrote in Markdown, with a line before it.
    fn written(&self, lead: &str, path: &str) -> Draft {
        let body = self.text(&format!("{path}/body")).unwrap_or_default();
        Draft {
            message: Some(format!("{lead}\n\n{body}")),
            markdown: Some(true),
            click: self.owned(&format!("{path}/html_url")),
            ..Draft::default()
        }
    }
}
