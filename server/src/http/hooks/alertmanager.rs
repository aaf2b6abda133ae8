//! Prometheus Alertmanager, `webhook_config`, version 4: a card for each alert, which the same alert resolved updates.

use super::markdown::{code, key};
use super::severity::priority;
use domain::{Action, Draft};
use serde_json::Value;
use std::fmt::Write;

/// The most alerts of one delivery that get a card of their own. One more card counts the rest.
pub(super) const MOST_CARDS: usize = 50;

/// Of an alert that says nothing about it.
const UNSAID: i64 = 4;

/// The most that something good is urgent.
const RESOLVED: i64 = 3;

/// The cards of a delivery; `None` when it holds no alerts.
pub(super) fn cards(json: &Value) -> Option<Vec<Draft>> {
    alerts(json, "alertmanager")
}

/// As [`cards`], where `sender` goes to the tags. Grafana's deliveries have the same shape and more.
pub(super) fn alerts(json: &Value, sender: &str) -> Option<Vec<Draft>> {
    let alerts = json.get("alerts")?.as_array()?;
    let mut cards: Vec<_> = alerts
        .iter()
        .take(MOST_CARDS)
        .map(|alert| card(alert, json, sender))
        .collect();
    let left_out = json.get("truncatedAlerts").and_then(Value::as_u64);
    let more = (alerts.len() - cards.len()) as u64 + left_out.unwrap_or(0);
    if more > 0 && !cards.is_empty() {
        cards.push(rest(more, json, sender));
    }
    Some(cards).filter(|cards| !cards.is_empty())
}

fn card(alert: &Value, json: &Value, sender: &str) -> Draft {
    let says = |path| text(alert, path);
    let resolved = says("/status").or(text(json, "/status")) == Some("resolved");
    let name = says("/labels/alertname");
    let title = says("/annotations/summary").or(says("/annotations/title"));
    let title = title.or(name).or(text(json, "/title")).unwrap_or("Alert");
    let urgency = alert
        .pointer("/labels/severity")
        .or(alert.pointer("/labels/priority"));
    let urgency = urgency.and_then(priority).unwrap_or(UNSAID);
    let tags = [
        Some(sender),
        name,
        says("/labels/severity"),
        says("/labels/job"),
    ];
    let click = ["/panelURL", "/dashboardURL", "/generatorURL"];
    let click = click
        .into_iter()
        .find_map(says)
        .or(text(json, "/externalURL"));
    let action = |label: &str, url: Option<&str>| {
        url.map(|url| Action {
            label: label.to_owned(),
            url: url.to_owned(),
        })
    };
    let actions = [
        action("Runbook", says("/annotations/runbook_url")),
        action("Dashboard", says("/dashboardURL")),
        action("Silence", says("/silenceURL")),
    ];
    Draft {
        title: Some(if resolved {
            format!("Resolved: {title}")
        } else {
            title.to_owned()
        }),
        message: Some(message(alert)),
        markdown: Some(true),
        priority: Some(if resolved {
            urgency.min(RESOLVED)
        } else {
            urgency
        }),
        state: Some(if resolved { "success" } else { "failure" }.to_owned()),
        tags: Some(tags.into_iter().flatten().map(str::to_owned).collect()),
        key: Some(identity(alert)),
        click: click.map(str::to_owned),
        actions: Some(actions.into_iter().flatten().collect()),
        ..Draft::default()
    }
}

/// What the alert says of itself, and its labels.
fn message(alert: &Value) -> String {
    let mut message = String::new();
    let said = ["/annotations/description", "/annotations/message"];
    for text in said.into_iter().filter_map(|path| text(alert, path)) {
        let _never_fails = write!(message, "{text}\n\n");
    }
    let values = alert.get("values").and_then(Value::as_object);
    let labels = alert.get("labels").and_then(Value::as_object);
    let labels = labels.into_iter().flatten();
    let labels = labels.filter(|(name, _)| !matches!(name.as_str(), "alertname" | "severity"));
    for (name, value) in values.into_iter().flatten().chain(labels) {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let _never_fails = writeln!(message, "- {}: {}", code(name), code(&value));
    }
    message
}

/// What the alert is known by: its fingerprint, which is one of its labels; without it, its labels.
fn identity(alert: &Value) -> String {
    match text(alert, "/fingerprint") {
        Some(fingerprint) => key("alert", fingerprint),
        None => {
            let labels = alert.get("labels").unwrap_or(alert);
            key("alert", &labels.to_string())
        }
    }
}

/// Those that got no card.
fn rest(more: u64, json: &Value, sender: &str) -> Draft {
    let group = text(json, "/groupKey").unwrap_or_default();
    Draft {
        title: Some(format!("{more} more alerts")),
        message: Some("One delivery held more alerts than are shown as cards.".to_owned()),
        priority: Some(UNSAID),
        tags: Some(vec![sender.to_owned()]),
        key: Some(key("alerts", group)),
        click: text(json, "/externalURL").map(str::to_owned),
        ..Draft::default()
    }
}

/// The text at `path`, unless it is empty.
pub(super) fn text<'a>(json: &'a Value, path: &str) -> Option<&'a str> {
    let text = json.pointer(path)?.as_str()?;
    Some(text).filter(|text| !text.trim().is_empty())
}
