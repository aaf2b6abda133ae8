//! Who gets a stream, what it shows them, and when it ends because they may no longer.

use super::{NOTIFICATIONS, post, read};
use crate::support::app::PASSWORD;
use crate::support::people::Person;
use crate::support::{TestApp, wire::Stream};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_cookie_a_bearer_and_an_access_token_open_a_stream_and_nothing_else_does() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let reader = app.program("root", "subscribe").await;
    let sender = app.program("root", "publish").await;
    let by_query = |token: &str| format!("/events?access_token={token}");

    for (person, path, status) in [
        (&admin, "/events".to_owned(), 200),
        (&reader, "/events".to_owned(), 200),
        (&app.anyone(), by_query(reader.token()), 200),
        (&app.anyone(), "/events".to_owned(), 401),
        (&app.anyone(), by_query("bf_wrong"), 401),
        (&app.anyone(), by_query(""), 401),
        (
            &app.anyone().with_token("bf_wrong"),
            "/events".to_owned(),
            401,
        ),
        (
            &app.anyone().with_cookie("belfry=wrong"),
            "/events".to_owned(),
            401,
        ),
        (&sender, "/events".to_owned(), 403),
        (&app.anyone(), by_query(sender.token()), 403),
    ] {
        let mut answer = person.open(&path, &[]).await;
        assert_eq!(answer.head.status, status, "{path}");
        if status != 200 {
            assert_eq!(
                answer.head.header("content-type"),
                "application/problem+json"
            );
            let problem: Value = serde_json::from_str(&answer.refusal().await).unwrap();
            assert_eq!(problem["status"], status);
        }
    }
    // In an address a token is good for the stream alone.
    let path = format!("{NOTIFICATIONS}?access_token={}", reader.token());
    assert_eq!(app.anyone().get(&path).await.status, 401);
}

#[tokio::test]
async fn what_is_for_some_is_seen_by_them_alone_live_and_later() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let (mut to_ann, mut to_bob) = (ann.stream("").await, bob.stream("").await);
    let secret = json!({"channel": "ci", "message": "for ann", "to": ["ann"], "key": "k"});
    let posted = admin.publish(secret).await;
    let id = posted["id"].as_str().unwrap();
    admin
        .publish(json!({"channel": "ci", "message": "more", "key": "k", "progress": 9}))
        .await;
    let card = format!("{NOTIFICATIONS}/{id}");
    // Not even whoever posted it: the administrator is not among `to`.
    assert_eq!(admin.delete(&card).await.status, 404);
    assert_eq!(
        ann.put(&format!("{card}/receipt"), &json!({"seen": true}))
            .await
            .status,
        200
    );
    assert_eq!(ann.delete(&card).await.status, 204);
    let after = post(&admin, "ci", 1).await;

    let mut again = bob.stream("last_event_id=earliest").await;
    for stream in [&mut to_bob, &mut again] {
        assert_eq!(read(stream, 1).await, after);
        assert!(!String::from_utf8_lossy(&stream.body).contains(id));
    }
    let mut again = ann.stream("last_event_id=earliest").await;
    for stream in [&mut to_ann, &mut again] {
        assert_eq!(stream.next("notification").await["notification"], posted);
        for change in ["updated", "receipt", "deleted"] {
            assert_eq!(stream.next("update").await["change"], change);
        }
        assert_eq!(read(stream, 1).await, after);
    }
}

#[tokio::test]
async fn a_receipt_goes_to_the_screens_of_the_one_whose_it_is() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let ann = app.user("ann").await;
    let phone = app.program("ann", "subscribe").await;
    let posted = admin
        .publish(json!({"channel": "ci", "message": "x"}))
        .await;
    let id = posted["id"].as_str().unwrap();
    let (mut screen, mut other) = (ann.stream("").await, phone.stream("").await);
    let mut stranger = admin.stream("").await;

    let path = format!("{NOTIFICATIONS}/{id}/receipt");
    let changed = ann
        .put(&path, &json!({"read": true, "archived": true}))
        .await
        .json();
    assert_eq!(
        changed,
        json!({"seen": true, "read": true, "archived": true, "snoozed_until": null})
    );
    for stream in [&mut screen, &mut other] {
        let expect = json!({"seq": 2, "change": "receipt", "id": id, "receipt": changed});
        assert_eq!(stream.next("update").await, expect);
    }
    let after = post(&admin, "ci", 1).await;
    assert_eq!(read(&mut stranger, 1).await, after);
}

#[tokio::test]
async fn a_private_channel_is_for_those_who_were_granted_it() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let options = ["--channel", "ci"];
    let bound = app.program_with("ann", "publish,subscribe", &options).await;
    app.belfry(&["channel", "add", "vault", "--private"], "")
        .await;
    grant(&app, &ann, "ann", "both").await;

    let mut to_ann = ann.stream("channels=vault,ci").await;
    let mut others = [
        bob.stream("channels=vault,ci").await,
        admin.stream("").await,
        bound.stream("").await,
    ];
    let hidden = post(&ann, "vault", 1).await;
    let public = post(&bob, "ci", 1).await;
    assert_eq!(
        read(&mut to_ann, 2).await,
        [hidden, public.clone()].concat()
    );
    for stream in &mut others {
        assert_eq!(read(stream, 1).await, public);
    }
    for person in [&bob, &bound] {
        let body = json!({"channel": "vault", "message": "x"});
        assert_eq!(person.post(NOTIFICATIONS, &body).await.status, 403);
        let mut again = person.stream("last_event_id=earliest").await;
        assert_eq!(read(&mut again, 1).await, public);
    }
}

/// Changes what `name` may do in `vault`. An open stream tells when the server knows.
async fn grant(app: &TestApp, person: &Person, name: &str, access: &str) {
    let mut open = person.stream("").await;
    let since = Instant::now();
    let args = ["channel", "grant", "vault", "--user", name];
    app.belfry(&[&args[..], &["--access", access]].concat(), "")
        .await;
    ends_soon(&mut open, since).await;
}

/// The stream ends well, and within the 5 s of the contract, section 2.
async fn ends_soon(stream: &mut Stream, since: Instant) {
    assert_eq!(stream.rest().await, []);
    let took = since.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn a_stream_ends_when_its_credential_does_and_no_other_does() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let ann = app.user("ann").await;
    let laptop = app.sign_in("ann").await;
    let (lost, kept) = (
        app.program("ann", "subscribe").await,
        app.program("ann", "subscribe").await,
    );
    let mut by_cookie = ann.stream("").await;
    let mut by_laptop = laptop.stream("").await;
    let mut by_lost = lost.stream("").await;
    let mut by_kept = kept.stream("").await;
    let refused = async |person: &Person| person.open("/events", &[]).await.head.status;

    let since = Instant::now();
    let signed_out = ann.post("/logout", &Value::Null).await;
    assert!(signed_out.status.is_redirection(), "{signed_out:?}");
    ends_soon(&mut by_cookie, since).await;
    assert_eq!(refused(&ann).await, 401);

    let listed = app.belfry(&["token", "list", "--json"], "").await;
    let row: Value = serde_json::from_str(listed.lines().next().unwrap()).unwrap();
    let owner = if lost.token().ends_with(row["ends_with"].as_str().unwrap()) {
        &lost
    } else {
        &kept
    };
    assert_eq!(
        owner.token(),
        lost.token(),
        "the list is in the order of making"
    );
    let since = Instant::now();
    app.belfry(&["token", "revoke", &row["id"].to_string()], "")
        .await;
    ends_soon(&mut by_lost, since).await;
    assert_eq!(refused(&lost).await, 401);

    let seqs = post(&admin, "ci", 1).await;
    assert_eq!(read(&mut by_laptop, 1).await, seqs);
    let since = Instant::now();
    app.belfry(
        &["user", "passwd", "ann", "--password-stdin"],
        &format!("{PASSWORD} 2"),
    )
    .await;
    ends_soon(&mut by_laptop, since).await;
    assert_eq!(refused(&laptop).await, 401);
    assert_eq!(read(&mut by_kept, 1).await, seqs);
}

#[tokio::test]
async fn a_stream_ends_when_a_grant_changes_and_the_next_one_shows_what_is_allowed_then() {
    let app = TestApp::start().await;
    app.admin().await;
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    app.belfry(&["channel", "add", "vault", "--private"], "")
        .await;
    grant(&app, &bob, "bob", "both").await;
    let start = ann.stream("").await.last_id;
    let mut to_bob = bob.stream("").await;

    grant(&app, &ann, "ann", "read").await;
    let mut to_ann = ann.stream_after("", Some(&start)).await;
    let seqs = post(&bob, "vault", 1).await;
    assert_eq!(read(&mut to_ann, 1).await, seqs);
    assert_eq!(
        read(&mut to_bob, 1).await,
        seqs,
        "whom it does not concern goes on"
    );

    grant(&app, &ann, "ann", "write").await;
    assert_eq!(to_ann.rest().await, []);
    let mut to_ann = ann.stream_after("", Some(&start)).await;
    assert_eq!(to_ann.connected["resumed"], true);
    post(&bob, "vault", 1).await;
    let public = post(&bob, "ci", 1).await;
    assert_eq!(read(&mut to_ann, 1).await, public);
}
