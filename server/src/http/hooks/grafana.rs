//! Grafana: the webhook of its alerting, which is Alertmanager's and more, and that of its alerting before version 9,
//! which told of one rule at a time.

use super::alertmanager::{alerts, text};
use super::markdown::key;
use domain::Draft;
use serde_json::Value;

/// The cards of a delivery; `None` when it is neither.
pub(super) fn cards(json: &Value) -> Option<Vec<Draft>> {
    alerts(json, "grafana").or_else(|| rule(json).map(|card| vec![card]))
}

fn rule(json: &Value) -> Option<Draft> {
    let name = text(json, "/ruleName")?;
    let (state, urgency) = match text(json, "/state")? {
        "ok" => ("success", 3),
        "alerting" => ("failure", 4),
        "pending" => ("running", 2),
        _ => ("warning", 3),
    };
    let id = json.get("ruleId").map(Value::to_string);
    Some(Draft {
        title: text(json, "/title").or(Some(name)).map(str::to_owned),
        message: text(json, "/message").map(str::to_owned),
        priority: Some(urgency),
        state: Some(state.to_owned()),
        tags: Some(vec!["grafana".to_owned(), name.to_owned()]),
        key: Some(key("rule", id.as_deref().unwrap_or(name))),
        click: text(json, "/ruleUrl").map(str::to_owned),
        ..Draft::default()
    })
}
