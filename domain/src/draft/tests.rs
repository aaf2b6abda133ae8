use super::*;
use crate::News;

use proptest::prelude::*;

const NOW: Timestamp = Timestamp::EPOCH;

fn draft(json: &str) -> Draft {
    serde_json::from_str(json).unwrap()
}

/// The fields that are refused in `json`, laid over a draft that is good.
fn refused(json: &str) -> Vec<String> {
    let mut object: serde_json::Value = serde_json::json!({"channel": "ci", "message": "m"});
    let over: serde_json::Value = serde_json::from_str(json).unwrap();
    object
        .as_object_mut()
        .unwrap()
        .extend(over.as_object().unwrap().clone());
    let parsed = serde_json::from_value::<Draft>(object).unwrap().parse(NOW);
    parsed
        .err()
        .unwrap_or_default()
        .into_iter()
        .map(|error| error.field)
        .collect()
}

#[test]
fn each_rule_at_its_edge() {
    let check = |json: String, expect: &[&str]| {
        assert_eq!(refused(&json), expect, "{}", &json[..json.len().min(80)])
    };
    let list = |item: &str, n: usize| vec![item; n].join(",");
    check(r#"{"message":null}"#.into(), &["message"]);
    check(r#"{"message":""}"#.into(), &["message"]);
    check(r#"{"message":null,"title":"t"}"#.into(), &[]);
    check(r#"{"message":null,"title":"  "}"#.into(), &["message"]);
    check(format!(r#"{{"message":"{}"}}"#, "ä".repeat(16_384)), &[]);
    check(
        format!(r#"{{"message":"{}x"}}"#, "ä".repeat(16_384)),
        &["message"],
    );
    check(format!(r#"{{"title":"{}"}}"#, "ä".repeat(250)), &[]);
    check(format!(r#"{{"title":"{}"}}"#, "ä".repeat(251)), &["title"]);
    check(r#"{"title":"a\nb"}"#.into(), &["title"]);
    check(r#"{"message":"a\u0000b"}"#.into(), &["message"]);
    check(r#"{"priority":0}"#.into(), &["priority"]);
    check(r#"{"priority":5}"#.into(), &[]);
    check(r#"{"priority":6}"#.into(), &["priority"]);
    check(format!(r#"{{"tags":[{}]}}"#, list(r#""t""#, 16)), &[]);
    check(format!(r#"{{"tags":[{}]}}"#, list(r#""t""#, 17)), &["tags"]);
    check(format!(r#"{{"tags":["{}"]}}"#, "ä".repeat(64)), &[]);
    check(format!(r#"{{"tags":["{}"]}}"#, "ä".repeat(65)), &["tags"]);
    check(format!(r#"{{"key":"{}"}}"#, "k".repeat(64)), &[]);
    check(format!(r#"{{"key":"{}"}}"#, "k".repeat(65)), &["key"]);
    check(r#"{"key":""}"#.into(), &["key"]);
    check(r#"{"progress":100}"#.into(), &[]);
    check(r#"{"progress":101}"#.into(), &["progress"]);
    check(r#"{"progress":-1}"#.into(), &["progress"]);
    check(r#"{"state":"running"}"#.into(), &[]);
    check(r#"{"state":"done"}"#.into(), &["state"]);
    check(r#"{"append":"line"}"#.into(), &["append"]);
    check(r#"{"append":"line","key":"k","message":null}"#.into(), &[]);
    check(r#"{"deliver_at":"+90s","expires_at":"+2m"}"#.into(), &[]);
    check(r#"{"deliver_at":"soon"}"#.into(), &["deliver_at"]);
    check(
        r#"{"deliver_at":"+2m","expires_at":"+2m"}"#.into(),
        &["expires_at"],
    );
    check(
        r#"{"expires_at":"1970-01-01T00:00:00Z"}"#.into(),
        &["expires_at"],
    );
    check(
        r#"{"append":"","key":"k","message":null}"#.into(),
        &["message"],
    );
    check(r#"{"to":[]}"#.into(), &["to"]);
    check(r#"{"to":["ada","no such name"]}"#.into(), &["to"]);
    check(
        r#"{"channel":"inbox","priority":9,"state":"x"}"#.into(),
        &["channel", "priority", "state"],
    );
}

#[test]
fn addresses() {
    for good in [
        "https://example.org/a?b=c#d",
        "http://[::1]:3000",
        "mailto:a@example.org",
        "HTTPS://EXAMPLE.ORG",
    ] {
        assert!(
            refused(&serde_json::json!({ "click": good }).to_string()).is_empty(),
            "{good}"
        );
    }
    for bad in [
        "javascript:alert(1)",
        "java\tscript:alert(1)",
        " https://a",
        "//a",
        "/a",
        "data:text/html,x",
        "ftp://a",
    ] {
        assert_eq!(
            refused(&serde_json::json!({ "click": bad }).to_string()),
            ["click"],
            "{bad:?}"
        );
        let action = serde_json::json!({ "actions": [{"label": "Open", "url": bad}] });
        assert_eq!(refused(&action.to_string()), ["actions"], "{bad:?}");
    }
    assert_eq!(refused(r#"{"icon":"mailto:a@example.org"}"#), ["icon"]);
}

#[test]
fn an_update_changes_what_it_names_and_keeps_the_last_lines() {
    let now = Timestamp::from_millis(0);
    let id = NotificationId::parse("k3JxT0aQ9fLm").unwrap();
    let new = draft(r#"{"channel":"ci","key":"k","title":"Build","priority":4,"append":"a\r\nb"}"#)
        .parse(NOW)
        .unwrap();
    let mut card = new.into_notification(id, 1, "ada".parse().unwrap(), now);
    assert_eq!(card.log, ["a", "b"]);

    let lines = (0..199)
        .map(|n| n.to_string())
        .collect::<Vec<_>>()
        .join("\n");
    let json = serde_json::json!({"channel": "ci", "key": "k", "progress": 40, "append": lines});
    let only_progress = serde_json::from_value::<Draft>(json)
        .unwrap()
        .parse(NOW)
        .unwrap();
    let news = card.update(only_progress.patch().clone(), 2, now.plus_millis(5));
    assert_eq!(news, News::Quiet);
    assert_eq!(
        (card.seq, card.progress, card.title.as_deref()),
        (2, Some(40), Some("Build"))
    );
    assert_eq!((card.log.len(), card.log[0].as_str()), (200, "b"));

    let failed = draft(r#"{"channel":"ci","key":"k","message":"broken","state":"failure"}"#)
        .parse(NOW)
        .unwrap();
    assert_eq!(card.update(failed.patch().clone(), 3, now), News::Loud);
}

#[test]
fn what_is_due_already_is_shown_at_once() {
    let late = Timestamp::from_millis(10_000);
    let due = |text: &str| {
        let json = serde_json::json!({"channel": "ci", "message": "m", "deliver_at": text});
        let draft: Draft = serde_json::from_value(json).unwrap();
        draft.parse(late).unwrap().deliver_at()
    };
    assert_eq!(due("1970-01-01T00:00:09Z"), None);
    assert_eq!(due("+0s"), None);
    assert_eq!(due("+1s"), Some(late.plus_millis(1_000)));
}

proptest! {
    #[test]
    fn parsing_never_panics_and_what_passes_keeps_its_text(title in "\\PC{0,300}", message in any::<String>()) {
        let input = Draft {
            channel: Some("ci".into()),
            title: Some(title.clone()),
            message: Some(message.clone()),
            ..Draft::default()
        };
        if let Ok(new) = input.parse(NOW) {
            if let Some(Some(kept)) = &new.patch().message {
                prop_assert_eq!(kept, &message);
                prop_assert!(crate::check_text(kept).is_ok());
            }
            if let Some(Some(kept)) = &new.patch().title {
                prop_assert_eq!(kept, &title);
            }
        }
    }
}
