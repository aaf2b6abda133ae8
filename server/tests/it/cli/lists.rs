//! Accounts, tokens and channels, beside a running server.

use super::{complaint, printed};
use crate::support::TestApp;
use crate::support::command::run;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

/// What the contract allows between a change of rights and the end of the streams that it concerns (section 2).
const AT_ONCE: Duration = Duration::from_secs(5);

async fn rows(app: &TestApp, args: &[&str]) -> Vec<Value> {
    let text = app.belfry(&[args, &["--json"]].concat(), "").await;
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn a_disabled_account_is_out_until_it_is_enabled_and_its_sessions_for_good() {
    let app = TestApp::start().await;
    app.admin().await;
    let ann = app.user("ann").await;
    let program = app.program("ann", "publish,subscribe").await;
    let mut streams = [ann.stream("").await, program.stream("").await];
    app.belfry(&["user", "disable", "ann"], "").await;
    for stream in &mut streams {
        timeout(AT_ONCE, stream.rest())
            .await
            .expect("it ends within 5 s");
    }
    assert_eq!(ann.get("/api/v1/session").await.status, 401);
    assert_eq!(program.get("/api/v1/notifications").await.status, 401);
    let account = json!({"name": "ann", "admin": false, "disabled": true});
    assert!(rows(&app, &["user", "list"]).await.contains(&account));

    app.belfry(&["user", "enable", "ann"], "").await;
    app.sign_in("ann").await;
    assert_eq!(program.get("/api/v1/notifications").await.status, 200);
    assert_eq!(
        ann.get("/api/v1/session").await.status,
        401,
        "a session that ended stays ended"
    );
}

#[tokio::test]
async fn a_removed_account_leaves_what_it_posted_and_nothing_else() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let ann = app.user("ann").await;
    let program = app.program("ann", "publish,subscribe").await;
    let posted = program
        .publish(json!({"channel": "ci", "message": "kept"}))
        .await;
    let mut stream = ann.stream("").await;
    app.belfry(&["user", "remove", "ann"], "").await;
    timeout(AT_ONCE, stream.rest())
        .await
        .expect("it ends within 5 s");
    assert_eq!(program.get("/api/v1/notifications").await.status, 401);
    assert!(rows(&app, &["token", "list"]).await.is_empty());
    assert_eq!(rows(&app, &["user", "list"]).await.len(), 1);
    let path = format!("/api/v1/notifications/{}", posted["id"].as_str().unwrap());
    assert_eq!(admin.get(&path).await.json()["author"], "ann");
    app.belfry(&["check"], "").await;

    // Somebody new of that name gets nothing that was hers.
    let other = app.user("ann").await;
    assert_eq!(ann.get("/api/v1/session").await.status, 401);
    assert_eq!(other.get("/api/v1/session").await.status, 200);
}

#[tokio::test]
async fn readers_hear_that_a_removed_channel_took_its_notifications_with_it() {
    let app = TestApp::start().await;
    app.admin().await;
    app.belfry(&["channel", "add", "payroll", "--private"], "")
        .await;
    app.belfry(
        &[
            "channel", "grant", "payroll", "--user", "root", "--access", "both",
        ],
        "",
    )
    .await;
    let ci = app.program("root", "publish,subscribe").await;
    let bob = app.user("bob").await;
    let posted = ci
        .publish(json!({"channel": "payroll", "message": "secret"}))
        .await;
    let open = ci
        .publish(json!({"channel": "ci", "message": "open"}))
        .await;
    let mut bobs = bob.stream("").await;
    let mut page = ci.stream_after("", Some("")).await;
    app.belfry(&["channel", "remove", "ci"], "").await;
    for stream in [&mut page, &mut bobs] {
        let (name, _, data) = stream.next_change().await;
        assert_eq!(
            (name.as_str(), &data["change"], &data["id"]),
            ("update", &json!("deleted"), &open["id"])
        );
    }
    app.belfry(&["channel", "remove", "payroll"], "").await;
    // Its grants are gone, so the stream of who was granted it ends, and comes back to the news.
    let before = page.rest().await;
    let last = page.last_id.clone();
    let data: Value = match before.iter().find(|event| event.name == "update") {
        Some(event) => serde_json::from_str(&event.data).unwrap(),
        None => ci.stream_after("", Some(&last)).await.next_change().await.2,
    };
    assert_eq!(
        (&data["change"], &data["id"]),
        (&json!("deleted"), &posted["id"])
    );
    // Who could not read it hears nothing of it: the next thing is what everybody may see.
    let next = ci
        .publish(json!({"channel": "ci", "message": "next"}))
        .await;
    let (_, _, data) = bobs.next_change().await;
    assert_eq!(data["seq"], next["seq"]);
    assert_eq!(
        rows(&app, &["channel", "list"]).await,
        [json!({"name": "ci", "title": null, "private": false})]
    );
    app.belfry(&["check"], "").await;
}

#[tokio::test]
async fn lists_are_tables_for_people_and_objects_for_programs() {
    let app = TestApp::start().await;
    app.admin().await;
    app.belfry(
        &["channel", "add", "ci", "--title", "Continuous integration"],
        "",
    )
    .await;
    app.program_with("root", "publish", &["--channel", "ci", "--expires", "30d"])
        .await;
    app.program("root", "subscribe,publish").await;
    assert_eq!(
        app.belfry(&["user", "list"], "").await,
        "USER  ROLE   STATE\nroot  admin  active\n"
    );
    let channels = "CHANNEL  ACCESS  TITLE\nci       public  Continuous integration\n";
    assert_eq!(app.belfry(&["channel", "list"], "").await, channels);
    let tokens = app.belfry(&["token", "list"], "").await;
    let lines: Vec<_> = tokens.lines().collect();
    let column = lines[0].find("LABEL").unwrap();
    // The hint begins with one character of three bytes.
    assert!(
        lines[1..]
            .iter()
            .all(|line| line.chars().skip(column).collect::<String>() == "test"),
        "{tokens}"
    );
    let rows = rows(&app, &["token", "list"]).await;
    let scopes: Vec<_> = rows.iter().map(|row| &row["scopes"]).collect();
    assert_eq!(scopes, ["publish", "publish,subscribe"]);
    assert_eq!(
        (&rows[0]["channels"], &rows[1]["channels"]),
        (&json!(["ci"]), &Value::Null)
    );
    app.belfry(&["token", "revoke", &rows[0]["id"].to_string()], "")
        .await;
    assert_eq!(
        app.belfry(&["token", "list", "--json"], "")
            .await
            .lines()
            .count(),
        1
    );
}

#[tokio::test]
async fn what_is_not_there_is_refused() {
    let app = TestApp::start().await;
    for args in [
        &["user", "disable", "nobody"][..],
        &["user", "remove", "nobody"],
        &["token", "revoke", "7"],
        &["channel", "remove", "nowhere"],
        &[
            "token", "create", "--user", "nobody", "--label", "x", "--scope", "publish",
        ],
    ] {
        let output = run(app.data_dir(), args, "").await;
        let (status, line) = complaint(&output);
        assert_eq!(status, Some(1));
        assert!(line.starts_with("belfry: there is no "), "{args:?} {line}");
    }
}

#[tokio::test]
async fn a_password_may_come_from_a_file() {
    let app = TestApp::start().await;
    let file = app.data_dir().join("password");
    std::fs::write(&file, format!("{}\n", crate::support::app::PASSWORD)).unwrap();
    let mut add = crate::support::command::program();
    add.args(["user", "add", "ann", "--data-dir"])
        .arg(app.data_dir());
    add.env("BELFRY_PASSWORD_FILE", &file);
    printed(crate::support::command::finish(add, "").await);
    app.sign_in("ann").await;
}
