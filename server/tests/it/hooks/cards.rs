//! Each sender's delivery and its card.

use super::{Hook, fields, fixture};
use serde_json::{Value, json};

const URGENCY: [&str; 4] = ["title", "priority", "state", "key"];

#[tokio::test]
async fn an_alert_gets_a_card_and_its_end_changes_that_card() {
    let hook = Hook::start().await;
    let cards = hook.cards(&[], fixture("alertmanager.json")).await;
    assert_eq!(cards.len(), 2);
    assert_eq!(
        fields(&cards[0], &URGENCY),
        [
            &json!("Disk of db-1 is nearly full"),
            &json!(5),
            &json!("failure"),
            &json!("alert-1a30ba71cca2921f")
        ]
    );
    assert_eq!(
        fields(&cards[0], &["markdown", "tags", "actions"]),
        [
            &json!(true),
            &json!(["alertmanager", "DiskFull", "critical", "node"]),
            &json!([{"label": "Runbook", "url": "https://runbooks.example.org/disk-full"}])
        ]
    );
    let message = "/var on db-1 has 2 % left.\n\n- `instance`: `db-1:9100`\n- `job`: `node`\n- `mountpoint`: `/var`";
    assert_eq!(cards[0]["message"], message);
    let prometheus = cards[0]["click"].as_str().unwrap();
    assert!(prometheus.starts_with("http://prometheus.example.org:9090/graph"));
    assert_eq!(
        fields(&cards[1], &URGENCY[..3]),
        [
            &json!("Resolved: Disk of db-2 is nearly full"),
            &json!(3),
            &json!("success")
        ]
    );

    let mut over: Value = serde_json::from_str(&fixture("alertmanager.json")).unwrap();
    over["alerts"][0]["status"] = json!("resolved");
    let again = hook.cards(&[], over.to_string()).await;
    assert_eq!(again[0]["id"], cards[0]["id"]);
    assert_eq!(
        fields(&again[0], &URGENCY[..3]),
        [
            &json!("Resolved: Disk of db-1 is nearly full"),
            &json!(3),
            &json!("success")
        ]
    );
    let list = hook.sender.get("/api/v1/notifications").await.json();
    assert_eq!(list["notifications"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn many_alerts_are_bounded_and_the_rest_is_counted() {
    let hook = Hook::start().await;
    let alerts: Vec<_> = (0..60)
        .map(|number| json!({"status": "firing", "labels": {"alertname": "A", "n": number.to_string()}}))
        .collect();
    let delivery = json!({"version": "4", "groupKey": "g", "truncatedAlerts": 5, "alerts": alerts});
    let cards = hook.cards(&[], delivery.to_string()).await;
    assert_eq!(cards.len(), 51);
    assert_eq!(cards[50]["title"], "15 more alerts");
    let mut keys: Vec<_> = cards.iter().map(|card| card["key"].to_string()).collect();
    keys.dedup();
    assert_eq!(
        keys.len(),
        51,
        "alerts without a fingerprint are told apart by their labels"
    );
    assert_eq!(fields(&cards[0], &URGENCY[..2]), [&json!("A"), &json!(4)]);
}

#[tokio::test]
async fn grafana_s_alerts_lead_to_its_panel() {
    let hook = Hook::start().await;
    let cards = hook.cards(&[], fixture("grafana.json")).await;
    assert_eq!(cards.len(), 1);
    assert_eq!(
        fields(&cards[0], &URGENCY),
        [
            &json!("Memory in zone us-1"),
            &json!(4),
            &json!("failure"),
            &json!("alert-c6eadffa33fcdf37")
        ]
    );
    assert_eq!(
        cards[0]["click"],
        "https://grafana.example.org/d/abc?viewPanel=2"
    );
    assert_eq!(cards[0]["tags"], json!(["grafana", "High memory usage"]));
    let labels: Vec<_> = cards[0]["actions"].as_array().unwrap().iter().collect();
    assert_eq!(labels.len(), 2);
    assert_eq!(labels[1]["label"], "Silence");
    assert!(
        cards[0]["message"]
            .as_str()
            .unwrap()
            .contains("- `B`: `44.23`")
    );

    let rule = hook.cards(&[], fixture("grafana-rule.json")).await;
    assert_eq!(
        fields(&rule[0], &URGENCY),
        [
            &json!("[Alerting] CPU alert"),
            &json!(4),
            &json!("failure"),
            &json!("rule-7")
        ]
    );
}

#[tokio::test]
async fn github_s_events_become_cards_that_later_events_change() {
    let hook = Hook::start().await;
    let push = hook.github("push").await;
    assert_eq!(
        push["title"],
        "octo-org/octo-repo: octocat pushed 2 commits to main"
    );
    let url = "https://github.com/octo-org/octo-repo/commit";
    assert_eq!(
        push["message"],
        format!(
            "- [`1481a2d`](<{url}/1481a2de7b2a7d02428ad93446ab166be7793fbb>) store: Keep \\*all\\* of it\n\
             - [`3484a3f`](<{url}/3484a3fb816e0859fd6e1cea078d76385ff50625>) docs: Say so"
        )
    );
    assert_eq!(push["tags"], json!(["github", "push"]));

    let opened = hook.github("pull_request").await;
    assert_eq!(
        fields(&opened, &URGENCY),
        [
            &json!(
                "octo-org/octo-repo: pull request #2 opened: Update the README with new information."
            ),
            &json!(3),
            &json!("running"),
            &json!("pr-300029405-2")
        ]
    );
    assert_eq!(
        opened["message"],
        "octocat, `changes` into `main`\n\nThis is a **pretty** simple change."
    );
    let mut merged: Value = serde_json::from_str(&fixture("github-pull_request.json")).unwrap();
    merged["action"] = json!("closed");
    merged["pull_request"]["merged"] = json!(true);
    let merged = hook.github_with("pull_request", merged.to_string()).await;
    assert_eq!(
        (&merged["id"], &merged["state"]),
        (&opened["id"], &json!("success"))
    );

    let failed = hook.github("workflow_run").await;
    assert_eq!(
        fields(&failed, &URGENCY),
        [
            &json!("octo-org/octo-repo: test #42 failure"),
            &json!(4),
            &json!("failure"),
            &json!("run-300029405-289782451")
        ]
    );
    assert_eq!(failed["message"], "push on `main`\n\ndocs: Say so");
    let mut running: Value = serde_json::from_str(&fixture("github-workflow_run.json")).unwrap();
    running["action"] = json!("in_progress");
    running["workflow_run"]["status"] = json!("in_progress");
    running["workflow_run"]["conclusion"] = json!(null);
    let running = hook.github_with("workflow_run", running.to_string()).await;
    assert_eq!(
        (&running["id"], &running["state"]),
        (&failed["id"], &json!("running"))
    );

    let issue = hook.github("issues").await;
    assert_eq!(
        fields(&issue, &["state", "key"]),
        [&json!("success"), &json!("issue-300029405-1")]
    );
    let comment = hook.github("issue_comment").await;
    assert_eq!(
        comment["title"],
        "octo-org/octo-repo: comment on #1: Spelling error in the README file"
    );
    assert_eq!(
        comment["message"],
        "monalisa:\n\nYou are totally right! I'll get this fixed right away."
    );
    let release = hook.github("release").await;
    assert_eq!(
        release["title"],
        "octo-org/octo-repo: release First light published"
    );
    let ping = hook.github("ping").await;
    assert_eq!(ping["title"], "octo-org/octo-repo: the webhook works");
    let star = hook.github("star").await;
    assert_eq!(star["title"], "octo-org/octo-repo: star created");
    assert_eq!(star["click"], "https://github.com/octo-org/octo-repo");
}

#[tokio::test]
async fn github_s_form_and_a_forced_kind_are_understood() {
    let hook = Hook::start().await;
    let form = [("payload", fixture("github-push.json"))];
    let path = format!("/hooks/ops?token={}", hook.token);
    let anyone = hook.app.anyone();
    let request = anyone.request(reqwest::Method::POST, &path).form(&form);
    let answer = anyone.send(request.header("x-github-event", "push")).await;
    let title = "octo-org/octo-repo: octocat pushed 2 commits to main";
    assert_eq!(answer.json()["notifications"][0]["title"], title);

    let forced = hook
        .deliver("&kind=github", &[], fixture("github-push.json"))
        .await;
    assert_eq!(forced.json()["notifications"][0]["title"], title);
    let as_json = hook.deliver(
        "&kind=json",
        &[],
        r#"{"alerts":[],"version":"4","name":"n","text":"t"}"#,
    );
    assert_eq!(as_json.await.json()["notifications"][0]["message"], "t");
    let as_text = hook.deliver("&kind=text", &[], r#"{"title":"t"}"#).await;
    assert_eq!(
        as_text.json()["notifications"][0]["message"],
        r#"{"title":"t"}"#
    );
    let wrong = hook.deliver("&kind=jira", &[], "x").await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.json()["errors"][0]["field"], "kind");
}

#[tokio::test]
async fn any_json_and_any_text_make_a_card() {
    let hook = Hook::start().await;
    for (body, title, message, priority, click) in [
        (
            r#"{"subject":"s","body":"b","severity":"critical","link":"https://a.example/"}"#,
            json!("s"),
            json!("b"),
            5,
            json!("https://a.example/"),
        ),
        (
            r#"{"Title":"t","Message":"m","priority":2,"url":"no address"}"#,
            json!("t"),
            json!("m"),
            2,
            json!(null),
        ),
        (
            r#"{"text":"only"}"#,
            json!(null),
            json!("only"),
            3,
            json!(null),
        ),
        (
            r#"{"name":"n","x":1}"#,
            json!("n"),
            json!("```\n{\n  \"name\": \"n\",\n  \"x\": 1\n}\n```"),
            3,
            json!(null),
        ),
        (
            "[1]",
            json!("Webhook"),
            json!("```\n[\n  1\n]\n```"),
            3,
            json!(null),
        ),
        (
            "backup done\n",
            json!(null),
            json!("backup done"),
            3,
            json!(null),
        ),
        ("", json!("Webhook"), json!(null), 3, json!(null)),
    ] {
        let card = hook.cards(&[], body).await.remove(0);
        assert_eq!(
            fields(&card, &["title", "message", "priority", "click"]),
            [&title, &message, &json!(priority), &click],
            "{body}"
        );
    }
    let form = hook.app.anyone();
    let path = format!("/hooks/ops?token={}", hook.token);
    let form = form
        .request(reqwest::Method::POST, &path)
        .form(&[("title", "t"), ("text", "x")]);
    let answer = hook.sender.send(form).await;
    assert_eq!(answer.json()["notifications"][0]["message"], "x");
    let curl = [("content-type", "application/x-www-form-urlencoded")];
    let answer = hook.deliver("", &curl, "backup done").await;
    assert_eq!(answer.json()["notifications"][0]["message"], "backup done");
}
