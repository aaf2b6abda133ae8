//! Set-up, sign-in, sessions, tokens and the command line (contract, sections 1 and 2).

use crate::support::TestApp;
use crate::support::app::PASSWORD;
use crate::support::command;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

const SESSION: &str = "/api/v1/session";

fn form<'a>(name: &'a str, password: &'a str) -> [(&'static str, &'a str); 2] {
    [("username", name), ("password", password)]
}

#[tokio::test]
async fn the_set_up_code_makes_one_administrator_and_no_second() {
    let app = TestApp::start().await;
    let link = app.setup_link.clone().unwrap();
    let file = std::fs::read_to_string(app.data_dir().join("setup-link")).unwrap();
    assert_eq!(file.trim(), link);
    let (_, code) = link.split_once("#k=").unwrap();
    let claim = |code: &str, password: &str| {
        let anyone = app.anyone();
        let form = [("code", code), ("username", "root"), ("password", password)];
        let request = anyone.request(Method::POST, "/setup").form(&form);
        async move { anyone.send(request).await }
    };
    assert_eq!(claim("wrong", PASSWORD).await.status, 403);
    assert_eq!(claim(code, "short").await.status, 422);
    let (first, second) = tokio::join!(claim(code, PASSWORD), claim(code, PASSWORD));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 410]);
    assert_eq!(claim(code, PASSWORD).await.status, 410);
    assert!(!app.data_dir().join("setup-link").exists());
    let app = app.restart().await;
    assert_eq!(app.setup_link, None);
    let root = app.sign_in("root").await.get(SESSION).await.json();
    assert_eq!(
        (&root["name"], &root["admin"]),
        (&json!("root"), &json!(true))
    );
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let app = TestApp::start().await;
    app.admin().await;
    let anyone = app.anyone();
    let attempt = |name: &'static str| {
        let request = anyone
            .request(Method::POST, "/login")
            .form(&form(name, "wrong password"));
        anyone.send(request)
    };
    let (known, unknown) = (attempt("root").await, attempt("toor").await);
    assert_eq!(
        (known.status, unknown.status),
        (401.try_into().unwrap(), 401.try_into().unwrap())
    );
    // The page has a nonce of its own each time, and the name that was typed.
    let plain = |text: &str| {
        let text = text.replace("toor", "root");
        text.split('"')
            .filter(|part| part.len() != 22)
            .collect::<String>()
    };
    assert_eq!(plain(&known.text), plain(&unknown.text));
    assert!(known.header("set-cookie").is_empty());
}

#[tokio::test]
async fn failed_sign_ins_are_limited_and_good_ones_are_not() {
    let app = TestApp::start_with(|options| options.stop_the_clock()).await;
    app.admin().await;
    for _ in 0..15 {
        app.sign_in("root").await;
    }
    let anyone = app.anyone();
    let mut statuses = Vec::new();
    for _ in 0..12 {
        let request = anyone
            .request(Method::POST, "/login")
            .form(&form("root", "wrong password"));
        let answer = anyone.send(request).await;
        if answer.status == 429 {
            let wait: u64 = answer.header("retry-after").parse().unwrap();
            assert!((1..=60).contains(&wait), "{wait}");
        }
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[10..], [429; 2]);
    app.pass(Duration::from_secs(61));
    app.sign_in("root").await;
}

#[tokio::test]
async fn the_cookie_is_for_this_site_and_no_script_and_a_new_one_each_time() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let request = root.request(Method::POST, "/login");
    let answer = root.send(request.form(&form("root", PASSWORD))).await;
    let cookie = answer.header("set-cookie");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(
        cookie.starts_with("belfry=") && !cookie.contains("Secure"),
        "{cookie}"
    );
    assert!(
        !cookie.contains(root.cookie()),
        "the id that the browser came with is not used again"
    );
    assert_eq!(root.get(SESSION).await.status, 401, "and is no longer good");
}

/// Session fixation: a neighbouring site plants a cookie whose id it knows, and waits until somebody signs in with it.
#[tokio::test]
async fn an_id_that_somebody_planted_in_the_browser_becomes_no_session() {
    let app = TestApp::start().await;
    app.admin().await;
    let planted = format!("belfry={}", "A".repeat(22));
    let victim = app.anyone().with_cookie(&planted);
    let signed_in = victim.enter("/login", &form("root", PASSWORD)).await;
    assert_ne!(signed_in.cookie(), planted);
    assert_eq!(signed_in.get(SESSION).await.status, 200);
    assert_eq!(victim.get(SESSION).await.status, 401);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_its_streams_at_once() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let other = app.sign_in("root").await;
    let (mut mine, mut others) = (root.stream("").await, other.stream("").await);
    let answer = root.send(root.request(Method::POST, "/logout")).await;
    assert_eq!(answer.status, 303);
    mine.rest().await;
    assert_eq!(root.get(SESSION).await.status, 401);
    other
        .publish(json!({"channel": "ci", "message": "m"}))
        .await;
    others.next("notification").await;
}

#[tokio::test]
async fn another_password_ends_every_session_but_no_token() {
    let app = TestApp::start().await;
    app.admin().await;
    let ann = app.user("ann").await;
    let program = app.program("ann", "subscribe").await;
    let mut stream = ann.stream("").await;
    let mut kept = program.stream("").await;
    app.belfry(
        &["user", "passwd", "ann", "--password-stdin"],
        "another good one",
    )
    .await;
    stream.rest().await;
    assert_eq!(ann.get(SESSION).await.status, 401);
    let root = app.sign_in("root").await;
    root.publish(json!({"channel": "ci", "message": "m"})).await;
    kept.next("notification").await;
}

#[tokio::test]
async fn a_token_is_good_at_once_and_bad_at_once() {
    let app = TestApp::start_with(|options| options.stop_the_clock()).await;
    app.admin().await;
    let program = app.program("root", "subscribe").await;
    assert_eq!(
        program.get(SESSION).await.json()["scopes"],
        json!(["subscribe"])
    );
    let mut stream = program.stream("").await;
    app.belfry(&["token", "revoke", "1"], "").await;
    stream.rest().await;
    assert_eq!(program.get(SESSION).await.status, 401);

    let short = app
        .program_with("root", "subscribe", &["--expires", "1h"])
        .await;
    assert_eq!(short.get(SESSION).await.status, 200);
    // The command line, which made it, has a clock of its own.
    app.pass(Duration::from_secs(2 * 3_600));
    assert_eq!(short.get(SESSION).await.status, 401);
}

#[tokio::test]
async fn a_new_token_is_good_for_many_at_once() {
    let app = TestApp::start().await;
    app.admin().await;
    let ci = app.program("root", "publish,subscribe").await;
    let asking = (0..300).map(|_| ci.get("/api/v1/session"));
    let answers = futures::future::join_all(asking).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
}

#[tokio::test]
async fn secrets_are_not_in_the_database() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let program = app.program("root", "publish").await;
    let token = program.token().to_owned();
    let cookie = root.cookie().split_once('=').unwrap().1.to_owned();
    let stopped = app.stop().await;
    let mut read = 0;
    for entry in std::fs::read_dir(stopped.data_dir()).unwrap() {
        // SQLite's files beside the database may go while we look, and files of notifications have a folder.
        let Ok(bytes) = std::fs::read(entry.unwrap().path()) else {
            continue;
        };
        read += bytes.len();
        for secret in [PASSWORD, &token, &token[3..], &cookie] {
            let found = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!found, "{secret}");
        }
    }
    assert!(read > 4096, "the database is there");
}

#[tokio::test]
async fn the_command_line_says_what_is_wrong_and_ends_with_1() {
    let app = TestApp::start().await;
    app.admin().await;
    for (args, input, word) in [
        (
            vec!["user", "add", "root", "--password-stdin"],
            PASSWORD,
            "taken",
        ),
        (vec!["user", "add", "ann", "--password-stdin"], "short", "8"),
        (
            vec!["user", "passwd", "nobody", "--password-stdin"],
            PASSWORD,
            "no user",
        ),
        (
            vec![
                "token", "create", "--user", "nobody", "--label", "l", "--scope", "publish",
            ],
            "",
            "no user",
        ),
        (vec!["token", "revoke", "77"], "", "no token"),
        (
            vec![
                "channel", "grant", "none", "--user", "root", "--access", "read",
            ],
            "",
            "no channel",
        ),
    ] {
        let output = command::run(app.data_dir(), &args, input).await;
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?} {complaint}");
        assert!(
            complaint.contains(word) && complaint.lines().count() == 1,
            "{args:?} {complaint}"
        );
        assert!(output.stdout.is_empty(), "{args:?}");
    }
    let usage = command::run(app.data_dir(), &["user", "add"], "").await;
    assert_eq!(usage.status.code(), Some(2));
    let users = app.belfry(&["user", "list", "--json"], "").await;
    let users: Vec<serde_json::Value> = users
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        users,
        [json!({"name": "root", "admin": true, "disabled": false})]
    );
}

#[tokio::test]
async fn grants_open_a_private_channel_and_taking_them_closes_its_streams() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let ann = app.user("ann").await;
    app.belfry(&["channel", "add", "secret", "--private"], "")
        .await;
    app.belfry(
        &[
            "channel", "grant", "secret", "--user", "root", "--access", "both",
        ],
        "",
    )
    .await;
    let secret = root
        .publish(json!({"channel": "secret", "message": "s"}))
        .await;
    let path = format!("/api/v1/notifications/{}", secret["id"].as_str().unwrap());
    assert_eq!(ann.get(&path).await.status, 404);
    let mut before = ann.stream("").await;
    app.belfry(
        &[
            "channel", "grant", "secret", "--user", "ann", "--access", "read",
        ],
        "",
    )
    .await;
    before.rest().await;
    assert_eq!(ann.get(&path).await.status, 200);
    let mut after = ann.stream("").await;
    let next = root
        .publish(json!({"channel": "secret", "message": "t"}))
        .await;
    assert_eq!(after.next("notification").await["seq"], next["seq"]);
    let refused = ann
        .post(
            "/api/v1/notifications",
            &json!({"channel": "secret", "message": "m"}),
        )
        .await;
    assert_eq!(refused.status, 403);
}
